//! What was made of the file: rows, classes, columns, and everything that was dropped, changed or
//! guessed.

use std::fmt::Write;

use model_core::dataset::DecimalMark;
use model_core::schema::{DateOrder, Feature, FeatureKind, SourceKind};
use model_core::{Dataset, Schema};

/// Columns and classes that are listed; of more, the rest is counted.
const MOST_LISTED: usize = 40;

/// The summary, line by line, and the notes below it.
pub(crate) fn of(dataset: &Dataset) -> String {
    let schema = dataset.schema();
    let mut out = String::new();
    let n_columns = schema.features.len() - in_sources(schema) + schema.sources.len();
    let columns = if n_columns == 1 { "column" } else { "columns" };
    let _ = writeln!(
        out,
        "{} rows, {n_columns} {columns} to learn from{}",
        dataset.n_samples(),
        how_read(dataset)
    );
    let counts = dataset.class_counts();
    let classes = schema.classes.iter().zip(&counts).map(|(class, n)| format!("{class} ({n})"));
    let _ = writeln!(
        out,
        "target {:?}, {} classes: {}",
        schema.target,
        counts.len(),
        listed(classes.collect(), MOST_LISTED)
    );
    let lines = columns_of(schema);
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(30);
    for (name, what) in lines.iter().take(MOST_LISTED) {
        let _ = writeln!(out, "  {name:<width$}  {what}");
    }
    if lines.len() > MOST_LISTED {
        let _ =
            writeln!(out, "  and {} columns more: --profile shows all", lines.len() - MOST_LISTED);
    }
    if !schema.left_out.is_empty() {
        let _ = writeln!(out, "left out: {}", listed(schema.left_out.clone(), MOST_LISTED));
    }
    out + &notes(dataset)
}

/// The notes, a line each.
pub(crate) fn notes(dataset: &Dataset) -> String {
    dataset.notes().iter().map(|note| format!("note: {note}\n")).collect()
}

fn how_read(dataset: &Dataset) -> String {
    let Some(reading) = dataset.reading() else { return String::new() };
    let separator = match reading.separator {
        Some(b',') => "commas",
        Some(b';') => "semicolons",
        Some(b'\t') => "tabs",
        Some(b'|') => "|",
        _ => "the stated separator",
    };
    let decimal = match reading.decimal {
        Some(DecimalMark::Point) => ", decimal points",
        Some(DecimalMark::Comma) => ", decimal commas",
        None => "",
    };
    format!(" (cells separated by {separator}{decimal})")
}

fn in_sources(schema: &Schema) -> usize {
    schema.sources.iter().map(|source| source.features().len()).sum()
}

/// Name and description of each column, in the file's order.
fn columns_of(schema: &Schema) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (at, feature) in schema.features.iter().enumerate() {
        match schema.source_of(at) {
            None => lines.push((feature.name.clone(), described(feature))),
            Some(source) if source.first_feature == at => {
                let features = schema.features.get(source.features()).unwrap_or_default();
                let what = match &source.kind {
                    SourceKind::DateTime { order, .. } => {
                        let parts: Vec<String> = features.iter().map(part).collect();
                        let what = if *order == DateOrder::Clock { "times" } else { "dates" };
                        format!("{what}: {}", parts.join(", "))
                    }
                    SourceKind::Text { .. } => {
                        format!("free text: length and words, {} features", features.len())
                    }
                };
                lines.push((source.name.clone(), what));
            }
            Some(_) => {}
        }
    }
    lines
}

fn part(feature: &Feature) -> String {
    let name = feature.name.rsplit('.').next().unwrap_or_default().replace('_', " ");
    format!("{name} {}", described(feature).trim_start_matches("number from "))
}

fn described(feature: &Feature) -> String {
    let missing = if feature.missing_share > 0.0 {
        let share = 100.0 * feature.missing_share;
        if share < 0.1 {
            ", less than 0.1 % missing".into()
        } else {
            format!(", {share:.1} % missing")
        }
    } else {
        String::new()
    };
    let what = match &feature.kind {
        FeatureKind::Numeric(range) => {
            let (min, max) = (range.training.min, range.training.max);
            format!("number from {} to {}", short(min), short(max))
        }
        FeatureKind::Categorical(names) => {
            format!("{} categories: {}", names.len(), listed(names.clone(), 8))
        }
    };
    what + &missing
}

/// A number as it is, or to four decimals if it has more.
fn short(number: f64) -> String {
    let rounded = format!("{number:.4}");
    let exact = number.to_string();
    let is_long = exact.len() > rounded.len() && number.abs() >= 1.0;
    if is_long { rounded.trim_end_matches('0').trim_end_matches('.').to_owned() } else { exact }
}

fn listed(mut items: Vec<String>, most: usize) -> String {
    let more = items.len().saturating_sub(most);
    items.truncate(most);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    items.join(", ") + &more
}
