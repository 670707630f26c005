//! The card as a Markdown document.

use std::fmt::{self, Write};

use super::performance::{CardPredictionSets, HeldOut, ShareWithInterval};
use super::{CardData, CardLineage, CardModel, CardPerformance, ModelCard, percent};
use crate::artifact::Origin;
use crate::model::Family;
use crate::recipe::ContinueParams;
use crate::schema::{Feature, FeatureKind, Range};

/// More columns or classes than this are counted and not listed.
const MAX_LISTED: usize = 40;

impl ModelCard {
    /// The card as a Markdown document; every name of the data is escaped.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        // A `String` takes whatever is written.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        writeln!(out, "# Model card: {}, {}", text(&self.data.name), self.model.family.label())?;
        write_model(out, &self.model, &self.data)?;
        write_data(out, &self.data, &self.lineage.origin)?;
        write_performance(out, &self.performance, &self.data, &self.lineage.origin)?;
        writeln!(out, "\n## Limits\n")?;
        for limit in &self.limits {
            writeln!(out, "- {}", text(limit))?;
        }
        write_lineage(out, &self.lineage, &self.data, self.model.model_id)
    }
}

fn write_model(out: &mut String, model: &CardModel, data: &CardData) -> fmt::Result {
    writeln!(out, "\n## What it is\n")?;
    let classes: Vec<String> = listed(data.classes.iter().map(|class| text(&class.name)));
    writeln!(
        out,
        "{} that tells **{}** ({}) from {} columns.\n",
        with_article(model.family),
        text(&data.target),
        classes.join(", "),
        data.features.len()
    )?;
    writeln!(out, "- Model id: `{}`", model.model_id)?;
    if let Some(trained_at) = &model.trained_at {
        writeln!(out, "- Trained: {trained_at}")?;
    }
    if let Some(host) = &model.host {
        writeln!(out, "- Where: {}", text(host))?;
    }
    if let Some(millis) = model.fit_millis {
        writeln!(out, "- Fit: {millis:.1} ms")?;
    }
    writeln!(out, "- File: {} bytes", model.file_bytes)
}

/// A family as it stands at the head of a sentence.
fn with_article(family: Family) -> &'static str {
    match family {
        Family::LogisticRegression => "A logistic regression",
        Family::RandomForest => "A random forest",
        Family::Svm => "An SVM",
        Family::KNearestNeighbors => "A vote of nearest neighbours",
        Family::GaussianNb => "A naive Bayes classifier",
        Family::GradientBoosting => "A gradient boosting",
    }
}

/// The rows that a model's training part is measured on.
fn training_rows(origin: &Origin) -> &'static str {
    match origin {
        Origin::Trained => "training rows",
        Origin::Continued { .. } => "rows learned from last",
        Origin::Merged { .. } => "carried training rows",
    }
}

fn write_data(out: &mut String, data: &CardData, origin: &Origin) -> fmt::Result {
    writeln!(out, "\n## Data\n")?;
    let (name, n_train, n_test) = (text(&data.name), data.n_train, data.n_test);
    write!(out, "{name}: {n_train} rows trained it, {n_test} were held out. ")?;
    if data.without_rows {
        writeln!(
            out,
            "It carries none of them: how the values of each column are distributed stands for them.\n"
        )?;
    } else {
        let (n_train, n_held_out) = data.n_reference;
        writeln!(out, "It carries {n_train} and {n_held_out} rows as a reference.\n")?;
    }
    let training_rows = training_rows(origin);
    writeln!(out, "| class | {training_rows} | held-out rows |\n| --- | ---: | ---: |")?;
    for class in data.classes.iter().take(MAX_LISTED) {
        writeln!(out, "| {} | {} | {} |", text(&class.name), class.n_train, class.n_test)?;
    }
    write_rest(out, data.classes.len(), "classes")?;
    writeln!(out, "\n| column | type | in training | accepted | missing |")?;
    writeln!(out, "| --- | --- | --- | --- | ---: |")?;
    for feature in data.features.iter().take(MAX_LISTED) {
        write_feature(out, feature)?;
    }
    write_rest(out, data.features.len(), "columns")?;
    if !data.left_out.is_empty() {
        let names = listed(data.left_out.iter().map(|name| text(name)));
        writeln!(out, "\nLeft out of the data: {}.", names.join(", "))?;
    }
    Ok(())
}

fn write_feature(out: &mut String, feature: &Feature) -> fmt::Result {
    let name = text(&feature.name);
    let missing = match feature.nullable {
        true => percent(feature.missing_share),
        false => "refused".to_owned(),
    };
    match &feature.kind {
        FeatureKind::Numeric(range) => {
            let unit = feature.unit.as_deref().map_or("number".to_owned(), text);
            let (training, hard) = (interval(range.training), interval(range.hard));
            writeln!(out, "| {name} | {unit} | {training} | {hard} | {missing} |")
        }
        FeatureKind::Categorical(names) => {
            let categories = listed(names.iter().map(|name| text(name))).join(", ");
            writeln!(out, "| {name} | category | {categories} | the same | {missing} |")
        }
    }
}

fn write_performance(
    out: &mut String,
    performance: &CardPerformance,
    data: &CardData,
    origin: &Origin,
) -> fmt::Result {
    writeln!(out, "\n## How good\n")?;
    match &performance.held_out {
        Some(held_out) => write_held_out(out, held_out, data)?,
        None => writeln!(out, "No rows were held out.\n")?,
    }
    if let Some(cv) = performance.cross_validation {
        let repeats = match cv.n_repeats {
            1 => String::new(),
            n => format!(", {n} times"),
        };
        writeln!(
            out,
            "- {}-fold cross-validation of the training rows{repeats}: {} ± {:.1} points, log loss {:.4}",
            cv.n_folds,
            percent(cv.mean_accuracy),
            100.0 * cv.std_accuracy,
            cv.mean_log_loss
        )?;
    }
    if let Some(sets) = &performance.prediction_sets {
        write_prediction_sets(out, sets)?;
    }
    if let Some(accuracy) = performance.out_of_bag_accuracy {
        writeln!(out, "- Out of bag: {}", percent(accuracy))?;
    }
    let remembered = percent(performance.train_accuracy);
    writeln!(out, "- On the {} themselves: {remembered}", training_rows(origin))?;
    if let Some(agreement) = &performance.quantisation {
        writeln!(
            out,
            "- Kept in fewer bits: {} of {} rows answered as before, probabilities within {:.1e}",
            agreement.n_equal_labels, agreement.n_rows, agreement.max_abs_difference
        )?;
    }
    if let Some(importances) = &performance.feature_importances {
        let shares =
            importances.iter().map(|(name, share)| format!("{} {}", text(name), percent(*share)));
        writeln!(out, "- What the trees split on: {}", listed(shares).join(", "))?;
    }
    Ok(())
}

fn write_held_out(out: &mut String, held_out: &HeldOut, data: &CardData) -> fmt::Result {
    let HeldOut { accuracy, baseline_accuracy, .. } = held_out;
    writeln!(
        out,
        "On {} held-out rows it is right for **{}**. Always answering the most frequent class would \
         be right for {}. Ranges are 95 % Wilson intervals.\n",
        accuracy.n_rows,
        share(accuracy),
        percent(*baseline_accuracy)
    )?;
    writeln!(out, "| class | precision | recall | F1 | ROC AUC |")?;
    writeln!(out, "| --- | --- | --- | ---: | ---: |")?;
    for class in held_out.classes.iter().take(MAX_LISTED) {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            text(&class.name),
            share(&class.precision),
            share(&class.recall),
            // Without a row of the class there is no recall to take a mean with.
            if class.recall.n_rows == 0 { "no rows".into() } else { format!("{:.3}", class.f1) },
            optional(class.roc_auc)
        )?;
    }
    write_rest(out, held_out.classes.len(), "classes")?;
    if data.classes.len() <= MAX_LISTED {
        let names: Vec<String> = data.classes.iter().map(|class| text(&class.name)).collect();
        writeln!(out, "\n| is \\ answered | {} |", names.join(" | "))?;
        writeln!(out, "| --- |{}", " ---: |".repeat(names.len()))?;
        for (name, counts) in names.iter().zip(&held_out.confusion) {
            let counts: Vec<String> = counts.iter().map(u32::to_string).collect();
            writeln!(out, "| {name} | {} |", counts.join(" | "))?;
        }
    }
    writeln!(
        out,
        "\n- Probabilities: log loss {:.4}, Brier score {}, calibration error {}, macro ROC AUC {}",
        held_out.log_loss,
        optional(held_out.brier),
        optional(held_out.expected_calibration_error),
        optional(held_out.macro_roc_auc)
    )
}

fn write_prediction_sets(out: &mut String, sets: &CardPredictionSets) -> fmt::Result {
    let asked = percent(sets.asked_coverage);
    write!(out, "- Prediction sets that should hold the truth in {asked} of cases")?;
    if sets.threshold.is_none() {
        let n_scores = sets.n_scores;
        write!(out, ": hold every class, as {n_scores} cross-validated rows are too few")?;
    }
    if let (Some(coverage), Some(mean_size)) = (&sets.coverage, sets.mean_size) {
        write!(out, ": held it in {}, with {mean_size:.2} classes on average", share(coverage))?;
    }
    writeln!(out)
}

fn write_lineage(
    out: &mut String,
    lineage: &CardLineage,
    data: &CardData,
    model_id: crate::ModelId,
) -> fmt::Result {
    let params = serde_json::to_string_pretty(&lineage.params).unwrap_or_default();
    writeln!(out, "\n## Lineage, and how to make it again\n")?;
    writeln!(out, "- Data: `{}`", lineage.data_hash)?;
    if let Some(split) = lineage.split_hash {
        writeln!(out, "- Split: `{split}`")?;
    }
    writeln!(out, "- Algorithm version: {}", lineage.algorithm_version)?;
    if lineage.origin != Origin::Trained {
        return write_update(out, &lineage.origin, model_id);
    }
    writeln!(out, "\nWith the parameters in `params.json`:\n\n```json\n{params}\n```\n")?;
    let command = command(data);
    let fence = fence(&command);
    writeln!(out, "{fence}sh\n{command}\n{fence}\n")?;
    writeln!(
        out,
        "The same data, its sidecar and split beside it, gives the model `{model_id}`; another \
         algorithm version or another split gives another. The options that say how the file is read \
         (`--separator`, `--decimal`, `--header`, `--missing`, `--also-missing`, `--encoding`, \
         `--numeric`, `--dates`, `--rare-classes`) are not known here: state them again."
    )
}

/// How a model that has parents is made again.
fn write_update(out: &mut String, origin: &Origin, model_id: crate::ModelId) -> fmt::Result {
    let arguments = match origin {
        Origin::Trained => return Ok(()),
        Origin::Continued { parent, n_rows, params, .. } => {
            writeln!(out, "- Learned on from {n_rows} rows, after: `{parent}`")?;
            let ContinueParams { online, n_passes, seed } = params;
            format!(
                "ROWS.csv --continue PARENT.tepal --learning-rate {} --passes {n_passes} --seed {seed} \
                 --out models",
                online.learning_rate
            )
        }
        Origin::Merged { parents } => {
            for (parent, n_rows) in parents {
                writeln!(out, "- Merged, by {n_rows} rows: `{parent}`")?;
            }
            "--merge PARENT.tepal … --out models".to_owned()
        }
    };
    writeln!(out, "\n```sh")?;
    writeln!(out, "cargo run --release -p model-core --example train_csv -- {arguments}")?;
    writeln!(out, "```\n")?;
    writeln!(
        out,
        "The same models and rows, in the same order, give the model `{model_id}`; how each of the \
         models above was made is in its own card."
    )
}

/// The command that trains it again.
fn command(data: &CardData) -> String {
    let mut command =
        "cargo run --release -p model-core --example train_csv -- DATA.csv".to_owned();
    let mut option = |name: &str, value: &str| {
        // A name is data: quoted, so that a shell takes it as one word.
        command += &format!(" {name} '{}'", value.replace('\'', r"'\''"));
    };
    option("--target", &data.target);
    for name in &data.left_out {
        option("--drop", name);
    }
    for feature in data.features.iter().filter(|feature| feature.categories().is_some()) {
        option("--categorical", &feature.name);
    }
    let features = || data.features.iter();
    if features().any(|feature| feature.other.is_some()) {
        command += " --unknown other";
    }
    // Without the option only columns with gaps may lack a value.
    if features().all(|feature| feature.nullable)
        && features().any(|feature| feature.missing_share == 0.0)
    {
        command += " --allow-missing";
    }
    command + " --params params.json --out models"
}

fn write_rest(out: &mut String, n: usize, what: &str) -> fmt::Result {
    match n.checked_sub(MAX_LISTED) {
        Some(rest) if rest > 0 => writeln!(out, "\nand {rest} more {what}; the JSON form has all"),
        _ => Ok(()),
    }
}

/// The first items, and how many more there are.
fn listed(items: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let rest = items.len().saturating_sub(MAX_LISTED);
    let more = (rest > 0).then(|| format!("{rest} more"));
    items.take(MAX_LISTED).chain(more).collect()
}

/// Backticks that no run of them in `text` ends.
fn fence(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// Text of the data as Markdown shows it, in one line.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut before = ' ';
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // An underscore within a word stands for itself.
            '_' if before.is_alphanumeric()
                && characters.peek().is_some_and(|next| next.is_alphanumeric()) =>
            {
                out.push('_');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '!' | '~' => {
                out.push('\\');
                out.push(character);
            }
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
        before = character;
    }
    out
}

fn share(share: &ShareWithInterval) -> String {
    if share.n_rows == 0 {
        return "no rows".to_owned();
    }
    format!("{} ({:.0} to {:.0})", percent(share.value), 100.0 * share.low, 100.0 * share.high)
}

fn interval(range: Range) -> String {
    format!("{} to {}", range.min, range.max)
}

fn optional(number: Option<f64>) -> String {
    number.map_or_else(|| "not measured".to_owned(), |number| format!("{number:.4}"))
}
