//! What was found, as text.

use std::fmt::Write;

use model_core::drift::{DriftReport, DriftTest, FeatureDrift, Outcome};

use super::options::Options;

/// Tests and columns at this p-value or less differ by more than chance.
const ALPHA: f64 = 0.05;
/// New categories that are listed.
const MOST_NEW: usize = 5;

/// A word on each column whose values are told apart though they hardly moved.
pub(crate) fn trifles(report: &DriftReport, options: &Options) -> Vec<String> {
    let jump = if options.evidently {
        "tied values that all move at once make the test, PSI and JS jump"
    } else {
        "tied values that all move at once make the test jump, as they would PSI and JS, which take \
         them on the steps of the reference"
    };
    let found = report.features.iter().filter(|feature| feature.is_a_trifle(ALPHA));
    let word = |feature: &FeatureDrift| {
        format!(
            "column {:?} moved by less than a thousandth of its standard deviation: {jump}; look at \
             moved/sd before you call it drift",
            feature.name
        )
    };
    found.map(word).collect()
}

pub(crate) fn as_text(
    report: &DriftReport,
    notes: &[String],
    missing: &[String],
    options: &Options,
) -> String {
    let mut text = verdict(report, missing, options);
    text.push('\n');
    // Evidently's verdict has no p-value of its own, and no test of all columns.
    if let Some(p_value) = report.p_value {
        text += &format!("p-value of all tests together: {p_value:.3e}\n");
        if let Some(joint) = report.joint {
            text += &format!("p-value of all columns at once: {:.3e}\n", joint.p_value);
        }
    }
    text += &named_columns(report);
    let width = report.features.iter().map(|feature| feature.name.chars().count());
    let width = width.max().unwrap_or(0).max("column".len());
    let test = report.features.iter().map(|feature| feature.test.as_str().len());
    let widths = (width, test.max().unwrap_or(0).max(14));
    let (width, test_width) = widths;
    text += &format!(
        "\n{:width$}  {:test_width$}  {:>9}  {:>9}  {:>9}  {:>8}  {:>8}  {:>7}\n",
        "column", "test", "statistic", "p", "adjusted", "PSI", "moved/sd", "JS"
    );
    for feature in &report.features {
        text += &line(feature, widths);
    }
    text += if options.evidently {
        "\nA column drifted by Evidently's rule at a p of 0.05 or less, or, where the test is a distance, at a\n\
         statistic of 0.1 or more.\n"
    } else {
        "\nA small p says that the samples differ, not that it matters; moved/sd says by how many standard\n\
         deviations a column moved. docs/guide/drift.md explains each number.\n"
    };
    for note in notes {
        text += &format!("\nnote: {note}");
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    text
}

fn verdict(report: &DriftReport, missing: &[String], options: &Options) -> String {
    let (n, m) = (report.n_reference, report.n_current);
    // A verdict on some of the columns is none on the others.
    let lacking = match missing.len() {
        0 => String::new(),
        _ => format!(", in the {} that both have", counted(report.features.len(), "column")),
    };
    match report.outcome {
        Outcome::Drift => {
            let m = counted(m, "row");
            format!("drift: the window of {m} is not like the reference of {n}{lacking}")
        }
        Outcome::NoDrift => {
            let m = counted(m, "row");
            format!("no drift found: a window of {m} against a reference of {n}{lacking}")
        }
        Outcome::InsufficientData { needed, .. } => {
            let short = [(n, &options.reference), (m, &options.current)]
                .into_iter()
                .filter(|(rows, _)| *rows < needed)
                .map(|(rows, file)| format!("{} in {}", counted(rows, "row"), file.display()));
            let short: Vec<String> = short.collect();
            format!("insufficient data: {}, {needed} needed for a verdict", short.join(" and "))
        }
    }
}

/// What the verdict rests on, where the lines of the columns do not show it.
fn named_columns(report: &DriftReport) -> String {
    let n_drifted = report.features.iter().filter(|feature| feature.drifted).count();
    let columns = counted(report.features.len(), "column");
    match report.outcome {
        Outcome::Drift if n_drifted == 0 => {
            "no column alone can be named: how they belong together, \
             or many of them by a little, has changed\n"
                .to_owned()
        }
        Outcome::NoDrift if n_drifted > 0 => {
            format!(
                "{n_drifted} of {columns} drifted, which is less than the half that is asked for\n"
            )
        }
        _ => String::new(),
    }
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Whether a test compares a statistic with a threshold, and no p-value.
fn is_distance(test: DriftTest) -> bool {
    use DriftTest as T;
    matches!(
        test,
        T::PopulationStabilityIndex | T::Wasserstein | T::JensenShannon | T::KullbackLeibler
    )
}

fn line(feature: &FeatureDrift, (width, test_width): (usize, usize)) -> String {
    let missing = feature.missing;
    // A distance to nothing would read as no distance.
    let is_compared = missing.reference < 1.0 && missing.current < 1.0;
    let distance = |value: Option<f64>| match value {
        Some(value) if is_compared => format!("{value:.3}"),
        _ => "-".to_owned(),
    };
    let p_value = |p: f64| if is_distance(feature.test) { "-".into() } else { format!("{p:.2e}") };
    // A category that the reference does not have makes a statistic as great as a number can be.
    let statistic = match feature.statistic {
        great if great > 1e9 => "great".to_owned(),
        statistic => format!("{statistic:.3}"),
    };
    let mut line = format!(
        "{:width$}  {:test_width$}  {statistic:>9}  {:>9}  {:>9}  {:>8}  {:>8}  {:>7}",
        feature.name,
        feature.test.as_str(),
        p_value(feature.p_value),
        p_value(feature.p_value_adjusted),
        distance(Some(feature.psi)),
        distance(feature.wasserstein_normed),
        distance(Some(feature.jensen_shannon)),
    );
    if feature.drifted {
        line += "  drifted";
    }
    if missing.p_value.is_some() {
        let (before, now) = (100.0 * missing.reference, 100.0 * missing.current);
        let _ = write!(line, "  missing {before:.1} % -> {now:.1} %");
    }
    let new = &feature.new_categories;
    if !new.is_empty() {
        let shown = new.get(..MOST_NEW).unwrap_or(new);
        let _ = write!(line, "  new: {}", shown.join(", "));
        if new.len() > shown.len() {
            let _ = write!(line, " and {} more", new.len() - shown.len());
        }
    }
    line + "\n"
}
