//! `--continue` and `--merge`: models that learn on, and one of several.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use model_core::model::logistic_regression::OnlineParams;
use model_core::update::{Continued, UpdateError, continue_training, evaluate_held_out, merge};
use model_core::{Artifact, ContinueParams, Origin, Receipt, SplitEvaluation};
use serde_json::{Value, json};

use crate::clock;
use crate::csv_file::{self, named};
use crate::model_file;
use crate::options::Options;
use crate::program::{Failure, print};

/// What the options are, for a help text.
pub(crate) const HELP: &str = "\
learning on (logistic regression only)
  --continue MODEL      takes a model file on by the rows of FILE.csv, in their order: each is answered
                        before it is learned from. Columns and scaling stay as they are; a row that
                        cannot be read is named and passed over (exit code 1)
  --learning-rate R     rate of the first step, which falls with the rows seen (default: 0.5)
  --passes N            passes over the rows (default: 1)
  --merge MODEL...      makes one model of several that were continued from the same one, by the rows
                        that each learned from since; takes no FILE.csv
";

/// Options that say something beside `--continue` or `--merge`.
const ALLOWED: [&str; 12] = [
    "continue",
    "merge",
    "learning-rate",
    "passes",
    "seed",
    "out",
    "without-rows",
    "json",
    "separator",
    "decimal",
    "header",
    "missing",
];
/// Rows that are named one by one.
const MAX_NAMED: usize = 5;

/// What is to be done instead of a training.
pub(crate) enum Update {
    Continue(PathBuf),
    Merge(Vec<PathBuf>),
}

/// What the command line says of it, once it is read.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) model: Option<PathBuf>,
    pub(crate) models: Vec<PathBuf>,
    pub(crate) learning_rate: Option<f64>,
    pub(crate) passes: Option<u32>,
}

impl Asked {
    /// What is to be done, if not a training. `given` are the names of the options, `has_file` says
    /// whether there is a CSV file.
    ///
    /// # Errors
    /// A sentence that says what contradicts what.
    pub(crate) fn update(
        &mut self,
        given: &[String],
        has_file: bool,
    ) -> Result<Option<Update>, Failure> {
        let update = match (self.model.take(), std::mem::take(&mut self.models)) {
            (None, models) if models.is_empty() => {
                let stray = self.learning_rate.map(|_| "learning-rate");
                return match stray.or(self.passes.map(|_| "passes")) {
                    Some(name) => {
                        Err(format!("--{name} says how to learn on: give --continue").into())
                    }
                    None => Ok(None),
                };
            }
            (None, models) => Update::Merge(models),
            (Some(model), models) if models.is_empty() => Update::Continue(model),
            _ => return Err("--continue and --merge are two steps: give one of them".into()),
        };
        let option = if matches!(update, Update::Merge(_)) { "merge" } else { "continue" };
        if let Some(other) = given.iter().find(|name| !ALLOWED.contains(&name.as_str())) {
            return Err(
                format!("--{other} is for a training: leave it out beside --{option}").into()
            );
        }
        match (&update, has_file) {
            (Update::Merge(_), true) => {
                Err("--merge takes models and no rows: leave the CSV file out".into())
            }
            (Update::Continue(_), false) => {
                Err("which CSV file? usage: train_csv FILE.csv --continue MODEL".into())
            }
            _ => Ok(Some(update)),
        }
    }
}

/// Does it; whether every row was learned from.
pub(crate) fn run(update: &Update, options: &Options) -> Result<bool, Failure> {
    match update {
        Update::Continue(model) => continued(model, options),
        Update::Merge(models) => merged(models, options).map(|()| true),
    }
}

fn receipt(fit_millis: f64) -> Receipt {
    let created_at_millis = clock::wall_clock_millis();
    Receipt { created_at_millis, fit_millis, host: "native".into(), ..Receipt::default() }
}

fn continued(path: &Path, options: &Options) -> Result<bool, Failure> {
    let file = &options.file;
    let model = model_file::read(path)?;
    let csv = csv_file::read(file)?;
    let rows = model
        .schema()
        .rows_from_csv_as(&csv, &options.reading)
        .map_err(|error| named(&error, file))?;
    let (mut labelled, mut faults, mut n_outside) = (Vec::new(), Vec::new(), 0);
    for (index, row) in rows.rows().enumerate() {
        let Some(label) = rows.label(index) else {
            let target = &model.schema().target;
            return Err(named(
                &format!("no column {target:?}: rows without it teach nothing"),
                file,
            )
            .into());
        };
        match (row, label) {
            (Err(of_row), _) => faults.extend(of_row.first().map(ToString::to_string)),
            (_, Err(error)) => faults.push(error.to_string()),
            (Ok(row), Ok(label)) => {
                n_outside += usize::from(row.outside_training(model.schema()).next().is_some());
                labelled.push((row, label));
            }
        }
    }
    rows.notes().iter().for_each(|note| eprintln!("note: {note}"));
    faults.iter().take(MAX_NAMED).for_each(|fault| eprintln!("not learned from: {fault}"));
    if faults.len() > MAX_NAMED {
        eprintln!("not learned from: and others, {} rows in all", faults.len());
    }
    if n_outside > 0 {
        eprintln!(
            "note: rows with a value outside the range of the training: {n_outside}; the model keeps \
             that range, and warns of such rows"
        );
    }
    let labels: Vec<u32> = labelled.iter().map(|(_, label)| *label).collect();
    if is_sorted_by_class(&labels) {
        eprintln!(
            "note: the rows stand class by class, which makes the model lean to the last class: shuffle \
             the file, or give --passes 5"
        );
    }
    let params = ContinueParams {
        online: OnlineParams {
            learning_rate: options.learning_rate.unwrap_or(OnlineParams::default().learning_rate),
            ..OnlineParams::default()
        },
        n_passes: options.passes.unwrap_or(1),
        seed: options.seed,
    };
    let began = clock::now();
    let result = continue_training(&model, &labelled, &params).map_err(|error| match error {
        UpdateError::Family { .. } => named(&error, path),
        error => named(&error, file),
    })?;
    let fit_millis = began.elapsed().as_secs_f64() * 1e3;
    let continued = result.model.with_receipt(receipt(fit_millis));
    let result = Continued { model: without_rows(continued, options)?, ..result };
    if result.n_held_out > 0 {
        eprintln!(
            "note: rows that were not learned from: {}; the model holds them out, to be measured on \
             them",
            result.n_held_out
        );
    }
    let written = write(&result.model, "continued.tepal", options)?;
    if options.json {
        let mut json = described(&result.model, written.as_deref());
        json["parent"] = json!(model.id());
        json["n_rows"] = json!(result.n_rows);
        json["n_held_out"] = json!(result.n_held_out);
        json["n_refused"] = json!(faults.len());
        json["prequential_accuracy"] = json!(result.prequential_accuracy);
        // On the rows that `test` is of: the model's own evaluation may be of more than it carries.
        json["test_before"] = figures(evaluate_held_out(&model).as_ref());
        print(serde_json::to_string_pretty(&json)? + "\n")?;
    } else {
        let mut out = String::new();
        let (n_rows, share) = (result.n_rows, 100.0 * result.prequential_accuracy);
        writeln!(
            out,
            "learned from {n_rows} rows; right before it learned from each: {share:.1} %"
        )?;
        let before = evaluate_held_out(&model);
        head(&mut out, 8)?;
        line(&mut out, "before", 8, before.as_ref())?;
        line(&mut out, "after", 8, result.model.evaluation().test.as_ref())?;
        writeln!(out, "model {}, from {}", result.model.id(), model.id())?;
        writeln!(out, "{}", saved(written.as_deref()))?;
        print(out)?;
    }
    Ok(faults.is_empty())
}

fn merged(paths: &[PathBuf], options: &Options) -> Result<(), Failure> {
    let models =
        paths.iter().map(|path| model_file::read(path)).collect::<Result<Vec<Artifact>, _>>()?;
    let merged = without_rows(merge(&models)?.with_receipt(receipt(0.0)), options)?;
    let written = write(&merged, "merged.tepal", options)?;
    if options.json {
        return print(
            serde_json::to_string_pretty(&described(&merged, written.as_deref()))? + "\n",
        );
    }
    let mut out = String::new();
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(8);
    head(&mut out, width)?;
    let Origin::Merged { parents } = &merged.lineage().origin else {
        return Err("a merge that is none".into());
    };
    for ((model, name), (_, n_rows)) in models.iter().zip(&names).zip(parents) {
        line(&mut out, name, width, evaluate_held_out(model).as_ref())?;
        // Behind the line that was just ended.
        out.pop();
        writeln!(out, "   counts for {n_rows} rows")?;
    }
    line(&mut out, "merged", width, merged.evaluation().test.as_ref())?;
    writeln!(out, "model {}", merged.id())?;
    writeln!(out, "{}", saved(written.as_deref()))?;
    print(out)
}

/// Whether each class has its rows in one piece, in a file that is long enough to matter.
fn is_sorted_by_class(labels: &[u32]) -> bool {
    let n_changes = labels.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let n_classes = labels.iter().collect::<std::collections::BTreeSet<_>>().len();
    n_classes > 1 && labels.len() >= 10 * n_classes && n_changes + 1 == n_classes
}

fn head(out: &mut String, width: usize) -> Result<(), Failure> {
    Ok(writeln!(out, "{:<width$} {:>8} {:>9}   rows right", "held out", "right %", "log loss")?)
}

fn line(
    out: &mut String,
    name: &str,
    width: usize,
    evaluation: Option<&SplitEvaluation>,
) -> Result<(), Failure> {
    let Some(evaluation) = evaluation else {
        writeln!(out, "{name:<width$} the model carries no held-out rows")?;
        return Ok(());
    };
    let (right, n) = (evaluation.confusion.n_correct(), evaluation.confusion.total());
    let share = 100.0 * f64::from(right) / f64::from(n.max(1));
    writeln!(out, "{name:<width$} {share:>8.2} {:>9.4}   {right} of {n}", evaluation.log_loss)?;
    Ok(())
}

fn figures(evaluation: Option<&SplitEvaluation>) -> Value {
    evaluation.map_or(Value::Null, |it| {
        json!({ "accuracy": it.confusion.accuracy(), "log_loss": it.log_loss, "n_rows": it.confusion.total() })
    })
}

fn described(model: &Artifact, written: Option<&Path>) -> Value {
    json!({
        "model_id": model.id(),
        "file": written,
        "parents": model.lineage().parents(),
        "n_train": model.lineage().n_train,
        "test": figures(model.evaluation().test.as_ref()),
    })
}

/// The model as it is to be written.
fn without_rows(model: Artifact, options: &Options) -> Result<Artifact, Failure> {
    if options.without_rows { Ok(model.without_rows()?) } else { Ok(model) }
}

/// Writes the model into the folder that was named, if one was.
fn write(model: &Artifact, name: &str, options: &Options) -> Result<Option<PathBuf>, Failure> {
    let Some(directory) = &options.out else { return Ok(None) };
    fs::create_dir_all(directory).map_err(|error| named(&error, directory))?;
    let path = directory.join(name);
    fs::write(&path, model.to_bytes()).map_err(|error| named(&error, &path))?;
    Ok(Some(path))
}

fn saved(written: Option<&Path>) -> String {
    match written {
        Some(path) => format!("written to {}", path.display()),
        None => "not written: --out DIR keeps it".to_owned(),
    }
}
