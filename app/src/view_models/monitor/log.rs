//! A row of the prediction log, what is asked of the log, and its rows over time.

use model_core::rng::SplitMix64;
use model_core::{
    Artifact, ColumnSummary, FeatureRow, ReferenceSummary, RowError, RowErrors, Schema, Value,
};
use tepal_api::FeatureValue;

use super::{report, when};
use crate::i18n::{key, t};
use crate::query;
use crate::view_models::file_text::csv;
use crate::view_models::format;

/// A prediction that was logged.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Row {
    /// Its id.
    pub(crate) id: String,
    /// When it was answered, as the wire has it.
    pub(crate) at: String,
    /// Version of the model that answered.
    pub(crate) version: u64,
    /// Id of that model.
    pub(crate) model_id: String,
    /// The features as they were sent.
    pub(crate) features: Vec<(String, FeatureValue)>,
    /// The class that was answered.
    pub(crate) prediction: String,
    /// Probability of every class.
    pub(crate) probabilities: Vec<(String, f64)>,
    /// What a challenger said in the shadow: its version, and the class.
    pub(crate) shadow: Option<(u64, String)>,
    /// Codes of the warnings that went with the answer.
    pub(crate) warnings: Vec<String>,
    /// Pseudonym of whom it is about.
    pub(crate) subject: Option<String>,
    /// The true class, if somebody said so.
    pub(crate) label: Option<String>,
}

impl Row {
    /// Probability of the class that was answered.
    pub(crate) fn confidence(&self) -> f64 {
        let found = self.probabilities.iter().find(|(class, _)| *class == self.prediction);
        found.map_or(0.0, |(_, probability)| *probability)
    }

    /// What is true of it, in a cell.
    pub(crate) fn label_words(&self) -> String {
        match &self.label {
            None => "–".to_owned(),
            Some(label) if *label == self.prediction => t!("{label}, right", label),
            Some(label) => t!("{label}, wrong", label),
        }
    }

    /// Its warnings in a cell.
    pub(crate) fn warning_words(&self) -> String {
        let words: Vec<String> = self.warnings.iter().map(|code| report::warning(code)).collect();
        if words.is_empty() { "–".to_owned() } else { words.join(", ") }
    }

    /// Its features as they are read.
    pub(crate) fn feature_words(&self) -> Vec<(String, String)> {
        let words = |(name, value): &(String, FeatureValue)| {
            (
                format::words(name),
                value_text(value).map_or_else(|| "–".to_owned(), |it| format::told(&it)),
            )
        };
        self.features.iter().map(words).collect()
    }

    /// The row as a model of this schema takes it.
    ///
    /// # Errors
    /// What does not fit the schema.
    pub(crate) fn row_of(&self, schema: &Schema) -> Result<FeatureRow, RowErrors> {
        let named = self.features.iter().map(|(name, value)| (name.as_str(), value_of(value)));
        schema.row_of_named(named)
    }

    /// The number that stands for the feature `at` of `schema`; none if it does not fit.
    ///
    /// # Errors
    /// What does not fit.
    pub(crate) fn value(&self, schema: &Schema, at: usize) -> Result<f64, RowError> {
        let name = schema.features.get(at).map_or("", |feature| feature.name.as_str());
        schema.encode(at, self.sent(at, name).map_or(Value::Missing, value_of))
    }

    /// What was sent as the feature of this `name`, which most callers send `at` its place.
    pub(crate) fn sent(&self, at: usize, name: &str) -> Option<&FeatureValue> {
        let is_it = |(of, _): &&(String, FeatureValue)| of == name;
        let found =
            self.features.get(at).filter(is_it).or_else(|| self.features.iter().find(is_it));
        found.map(|(_, value)| value)
    }

    /// The query of a link that opens it on Classify, answered by the model that answered it.
    pub(crate) fn link(&self) -> String {
        let value = |(name, value): &(String, FeatureValue)| {
            Some((name.clone(), value_text(value).unwrap_or_default()))
        };
        let values: Vec<(String, String)> = self.features.iter().filter_map(value).collect();
        query::shared_query(&self.model_id, &values)
    }
}

fn value_of(value: &FeatureValue) -> Value<'_> {
    match value {
        FeatureValue::Number(number) => Value::Number(*number),
        FeatureValue::Category(name) => Value::Text(name),
        FeatureValue::Missing => Value::Missing,
    }
}

fn value_text(value: &FeatureValue) -> Option<String> {
    match value {
        FeatureValue::Number(number) => Some(number.to_string()),
        FeatureValue::Category(name) => Some(name.clone()),
        FeatureValue::Missing => None,
    }
}

/// Which rows are asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Filter {
    /// Of this version; empty is any.
    pub(crate) version: String,
    /// Of this class; empty is any.
    pub(crate) class: String,
    /// One of [`LABELS`]; empty is any.
    pub(crate) label: String,
    /// With this id; empty is any.
    pub(crate) id: String,
}

/// What can be asked about labels: what the query says, and in words.
pub(crate) const LABELS: [(&str, &str); 5] = [
    ("", key!("with or without a label")),
    ("labelled=true", key!("with a label")),
    ("labelled=false", key!("without a label")),
    ("outcome=right", key!("answered right")),
    ("outcome=wrong", key!("answered wrong")),
];

impl Filter {
    /// What follows `limit` in the query; none if the id is none.
    pub(crate) fn query(&self) -> Option<String> {
        let mut query = String::new();
        for (name, value) in [("version", &self.version), ("class", &self.class)] {
            if !value.is_empty() {
                let pair = query::of(&[(name.to_owned(), value.clone())]);
                query += &pair.replacen('?', "&", 1);
            }
        }
        if !self.label.is_empty() {
            query = format!("{query}&{}", self.label);
        }
        if !self.id.trim().is_empty() {
            // The API finds rows by time, and an id says its own.
            let at = when::of_id(&self.id)?;
            let (from, to) = (when::rfc3339(at), when::rfc3339(at + 1));
            query = format!("{query}&from={from}&to={to}");
        }
        Some(query)
    }

    /// Whether `row` is asked for, of those that the edge gave.
    pub(crate) fn takes(&self, row: &Row) -> bool {
        self.id.trim().is_empty() || row.id == self.id.trim().to_ascii_lowercase()
    }
}

/// The rows of a list after its first page was read anew: what comes behind that page stays. Of a page that has
/// nothing to do with the list, the page alone, and false.
pub(crate) fn merged(page: Vec<Row>, known: &[Row]) -> (Vec<Row>, bool) {
    let last = page.last().and_then(|last| known.iter().position(|row| row.id == last.id));
    let rest = last.and_then(|last| known.get(last + 1..));
    let is_joined = rest.is_some();
    let mut rows = page;
    rows.extend_from_slice(rest.unwrap_or_default());
    (rows, is_joined)
}

/// The rows that a model carries, as they are sent to be answered: those that it has not seen, again from the
/// start if they are fewer than `n`. Of a model without rows, rows whose columns have each the values that it knows,
/// as often as it knows them; which of them stand together, such a file does not say.
pub(crate) fn test_rows(artifact: &Artifact, n: usize) -> Vec<Vec<(String, FeatureValue)>> {
    let (schema, sample) = (artifact.schema(), artifact.reference());
    let carried = if sample.held_out.is_empty() { &sample.train } else { &sample.held_out };
    let summary = artifact.reference_summary().map(ReferenceSummary::columns).unwrap_or_default();
    let summary = if carried.is_empty() { summary } else { &[] };
    let drawn: Vec<Vec<f64>> = (0..).zip(summary).map(|(at, it)| values_of(it, at, n)).collect();
    let there = carried.len().max(1);
    let value = |row: usize, column: usize| {
        // A file is often in the order of its classes: rows from all over it, and not its first.
        let carried = carried.row(if there > n { row * there / n } else { row % there });
        let drawn = drawn.get(column).map(Vec::as_slice);
        let known = drawn.map_or(carried.get(column), |values| values.get(row));
        known.copied().unwrap_or(f64::NAN)
    };
    let sent = |row: usize| {
        let features = schema.features.iter().enumerate();
        let sent = features.map(|(column, feature)| {
            (feature.name.clone(), FeatureValue::of(value(row, column), feature.categories()))
        });
        sent.collect()
    };
    (0..n).map(sent).collect()
}

/// `n` values from all over a column that is known by its counts, in an order of the column's own.
fn values_of(column: &ColumnSummary, at: u64, n: usize) -> Vec<f64> {
    let counts = column.counts.iter().map(|rows| u64::from(*rows));
    let missing = u64::from(column.n_missing);
    let total = missing + counts.clone().sum::<u64>();
    let value = |nth: usize| {
        let mut left = (2 * nth as u64 + 1) * total / (2 * n as u64);
        for (value, rows) in column.values.iter().zip(counts.clone()) {
            if left < rows {
                return *value;
            }
            left -= rows;
        }
        f64::NAN
    };
    let mut values: Vec<f64> = (0..n).map(value).collect();
    SplitMix64::new(at).shuffle(&mut values);
    values
}

/// What became of a label, in words.
pub(crate) fn label_status(status: &str) -> &'static str {
    match status {
        "recorded" => t!("The label is recorded."),
        "unchanged" => t!("It has this label already."),
        "conflict" => t!("It has another label, which stays: the first one counts."),
        "unknown_class" => t!("The model that answered knows no such class."),
        _ => t!(
            "The log does not have this prediction (any more). Try again in a second if it is new."
        ),
    }
}

/// What was erased, in words.
pub(crate) fn erased_words(n: u64, remaining: u64) -> String {
    let done = match n {
        1 => t!("1 prediction is erased for good.").to_owned(),
        n => t!("{n} predictions are erased for good.", n),
    };
    if remaining == 0 {
        return done;
    }
    let rest = t!(
        "The edge goes on by itself: {n} segments of the log are still to be looked through or written anew.",
        n = remaining
    );
    format!("{done} {rest}")
}

/// What came of sending `n` rows, in words; `failure` is why no more were.
pub(crate) fn sent_words(n: usize, failure: Option<String>) -> String {
    let done = t!(
        "{n} rows were sent and answered. They carry the subject “tepal-test-rows”, by which they can be erased where SUBJECT_SECRET is set.",
        n
    );
    match failure {
        Some(failure) => format!("{done} {failure}"),
        None => done,
    }
}

/// Rows in one stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bucket {
    /// Where it begins, as it is read.
    pub(crate) from: String,
    /// Rows in it.
    pub(crate) n: usize,
    /// Its rows against the fullest one, in percent.
    pub(crate) height: f64,
    /// Mean probability of their answers.
    pub(crate) confidence: Option<f64>,
}

/// Stretches that are tried, in seconds, with what they are called.
const STEPS: [(u64, &str); 9] = [
    (10, key!("10 seconds")),
    (60, key!("one minute")),
    (300, key!("5 minutes")),
    (900, key!("15 minutes")),
    (3_600, key!("one hour")),
    (21_600, key!("6 hours")),
    (86_400, key!("one day")),
    (604_800, key!("one week")),
    (2_592_000, key!("30 days")),
];
/// Most stretches that are drawn.
const MOST_BUCKETS: u64 = 30;

/// The rows in up to 30 equal stretches of time up to `now` (milliseconds since 1970), the oldest first, and how
/// long one is.
pub(crate) fn over_time(rows: &[Row], now: u64) -> (&'static str, Vec<Bucket>) {
    let at = |row: &Row| when::of_id(&row.id);
    let oldest = rows.iter().filter_map(at).min().unwrap_or(now).min(now);
    let fits = |(seconds, _): &&(u64, &str)| (now - oldest) / (seconds * 1000) < MOST_BUCKETS - 1;
    let (seconds, name) = STEPS.iter().find(fits).copied().unwrap_or(STEPS[STEPS.len() - 1]);
    let step = seconds * 1000;
    let last = now / step;
    let first = (oldest / step).max(last.saturating_sub(MOST_BUCKETS - 1));
    let mut sums = vec![(0_usize, 0.0); (last - first + 1) as usize];
    for row in rows {
        // A clock that is ahead of ours counts as now.
        let slot = at(row).map(|at| (at / step).min(last));
        let sum =
            slot.filter(|slot| *slot >= first).and_then(|it| sums.get_mut((it - first) as usize));
        if let Some((n, confidence)) = sum {
            *n += 1;
            *confidence += row.confidence();
        }
    }
    let most = sums.iter().map(|(n, _)| *n).max().unwrap_or(0).max(1);
    let bucket = |(slot, (n, confidence)): (u64, (usize, f64))| Bucket {
        from: when::second(&when::rfc3339(slot * step)),
        n,
        height: 100.0 * n as f64 / most as f64,
        confidence: (n > 0).then(|| confidence / n as f64),
    };
    (name, (first..).zip(sums).map(bucket).collect())
}

/// The typical and the slow ones of these durations, in words; none without any.
pub(crate) fn durations(millis: &[f64]) -> Option<(String, String)> {
    let mut sorted = millis.to_vec();
    model_core::sort_items(&mut sorted, &mut |a, b| a.total_cmp(b));
    let at = |share: f64| sorted.get((share * sorted.len() as f64) as usize).copied();
    Some((format::millis(at(0.5)?), format::millis(at(0.95)?)))
}

/// Those of `rows` that have a label as a file to train on, the oldest first and their class under `target`; none if none has.
pub(crate) fn labelled_csv(rows: &[Row], target: &str) -> Option<String> {
    let labelled = rows.iter().rev().filter_map(|row| Some((row, row.label.clone()?)));
    // Versions may take other columns: those of the newest row are meant.
    let newest = rows.iter().find(|row| row.label.is_some())?;
    let columns = newest.features.iter().map(|(name, _)| name);
    let head = columns.clone().cloned().chain([target.to_owned()]).collect();
    let line = |(row, label): (&Row, String)| {
        let cell = |name: &String| {
            let found = row.features.iter().find(|(it, _)| it == name);
            found.and_then(|(_, value)| value_text(value)).unwrap_or_default()
        };
        columns.clone().map(cell).chain([label]).collect()
    };
    let lines: Vec<Vec<String>> = [head].into_iter().chain(labelled.map(line)).collect();
    Some(csv(&lines))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};

    /// A row of the log that was made so many milliseconds after 1970.
    pub(crate) fn row(at: u64, features: &[(&str, FeatureValue)]) -> Row {
        let hex = format!("{at:012x}");
        Row {
            id: format!("{}-{}-7000-8000-000000000000", &hex[..8], &hex[8..]),
            features: features.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect(),
            prediction: "a".into(),
            probabilities: vec![("a".into(), 0.75), ("b".into(), 0.25)],
            ..Row::default()
        }
    }

    #[test]
    fn labelled_rows_are_a_file_to_train_on() {
        let cells = |x: f64, colour: &str| {
            row(
                1,
                &[("x", FeatureValue::Number(x)), ("a, b", FeatureValue::Category(colour.into()))],
            )
        };
        let labelled = |row: Row, label: &str| Row { label: Some(label.into()), ..row };
        let missing = row(1, &[("x", FeatureValue::Missing)]);
        let rows =
            [cells(1.5, "red"), labelled(cells(2.0, "a \"b\""), "yes"), labelled(missing, "no")];
        let csv = labelled_csv(&rows, "kind").unwrap();
        assert_eq!(csv, "x,\"a, b\",kind\r\n,,no\r\n2,\"a \"\"b\"\"\",yes\r\n");
        assert_eq!(labelled_csv(&rows[..1], "kind"), None);
    }

    #[test]
    fn a_filter_asks_the_edge_for_no_more_than_it_says() {
        let filter = Filter::default();
        assert_eq!(filter.query().unwrap(), "");
        let filter = Filter {
            version: "2".into(),
            class: "grün & blau".into(),
            label: "outcome=wrong".into(),
            id: " 01A2078E-34B3-76FA-A5FB-8EA0E8894B00 ".into(),
        };
        let query = filter.query().unwrap();
        assert!(query.starts_with("&version=2&class=gr%C3%BCn%20%26%20blau&outcome=wrong&from="));
        assert!(query.ends_with("Z") && query.contains("&to="), "{query}");
        let mut found = row(1, &[]);
        assert!(!filter.takes(&found) && Filter::default().takes(&found));
        found.id = "01a2078e-34b3-76fa-a5fb-8ea0e8894b00".into();
        assert!(filter.takes(&found));
        assert_eq!(Filter { id: "no id".into(), ..Filter::default() }.query(), None);
    }

    #[test]
    fn a_row_goes_to_its_model_and_to_classify() {
        let number = |value| FeatureValue::Number(value);
        let features = [
            ("weight", number(3.0)),
            ("colour", FeatureValue::Category("red".into())),
            ("width", FeatureValue::Missing),
            ("shape", FeatureValue::Category("long".into())),
        ];
        let model = mixed();
        let mut asked = row(1, &features);
        let values = asked.row_of(model.schema()).unwrap();
        assert_eq!((values.values()[0], values.values()[1]), (3.0, 1.0));
        assert!(values.values()[2].is_nan());
        assert_eq!(asked.value(model.schema(), 1).unwrap(), 1.0);
        asked.model_id = "ab".into();
        assert_eq!(asked.link(), "?model=ab&weight=3&colour=red&shape=long");
        assert_eq!(asked.feature_words()[2], ("width".to_owned(), "–".to_owned()));
        assert!(asked.row_of(built_in().schema()).is_err());
    }

    #[test]
    fn a_label_is_right_or_wrong() {
        let mut labelled = row(1, &[]);
        assert_eq!(labelled.label_words(), "–");
        labelled.label = Some("a".into());
        assert_eq!(labelled.label_words(), "a, right");
        labelled.label = Some("b".into());
        labelled.warnings = vec!["outside_training_range".into()];
        assert_eq!(labelled.label_words(), "b, wrong");
        assert_eq!(labelled.warning_words(), "outside the training range");
        assert_eq!(labelled.confidence(), 0.75);
    }

    #[test]
    fn time_is_cut_so_that_all_rows_fit() {
        let minute = 60_000;
        let now = 1_767_225_600_000;
        let rows = [row(now - 1, &[]), row(now - 9 * minute, &[]), row(now - 9 * minute, &[])];
        let (name, buckets) = over_time(&rows, now);
        assert_eq!(name, "one minute");
        assert_eq!(buckets.len(), 10);
        let first = &buckets[0];
        assert_eq!((first.n, first.height, first.confidence), (2, 100.0, Some(0.75)));
        assert_eq!(first.from, "2025-12-31 23:51:00");
        assert_eq!(buckets.iter().map(|it| it.n).sum::<usize>(), 3);
        // A clock ahead of ours, and years of rows.
        assert_eq!(over_time(&[row(now + minute, &[])], now).1.len(), 1);
        let (name, buckets) = over_time(&[row(1, &[]), row(now, &[])], now);
        assert_eq!((name, buckets.len()), ("30 days", 30));
        assert_eq!(over_time(&[], now).1.len(), 1);
    }

    #[test]
    fn a_page_is_read_anew_and_the_rest_stays() {
        let rows = |ids: &[u64]| ids.iter().map(|at| row(*at, &[])).collect::<Vec<_>>();
        let known = rows(&[8, 7, 6, 5]);
        assert_eq!(merged(rows(&[9, 8, 7]), &known), (rows(&[9, 8, 7, 6, 5]), true));
        assert_eq!(merged(rows(&[9, 7]), &known), (rows(&[9, 7, 6, 5]), true), "8 was erased");
        assert_eq!(merged(rows(&[20, 19]), &known), (rows(&[20, 19]), false));
        assert_eq!(merged(Vec::new(), &known), (Vec::new(), false));
    }

    #[test]
    fn what_was_done_is_counted() {
        assert_eq!(erased_words(1, 0), "1 prediction is erased for good.");
        assert!(
            erased_words(3, 2).starts_with("3 predictions are erased for good. The edge goes on")
        );
        assert!(sent_words(50, None).starts_with("50 rows were sent"));
        assert!(sent_words(3, Some("Offline.".into())).ends_with("is set. Offline."));
        assert_eq!(label_status("recorded"), "The label is recorded.");
        assert!(label_status("conflict").contains("stays"));
    }

    #[test]
    fn rows_to_try_are_those_that_the_model_has_not_seen() {
        let model = built_in();
        let rows = test_rows(&model, 50);
        let held_out = &model.reference().held_out;
        assert_eq!((rows.len(), held_out.len()), (50, 30));
        assert_eq!(rows[0][0].1, FeatureValue::Number(held_out.row(0)[0]));
        assert_eq!(rows[0], rows[30]);
        let named = test_rows(&mixed(), 2);
        assert!(matches!(&named[0][1].1, FeatureValue::Category(name) if name == "blue"));
        let iris = model_core::Dataset::iris();
        let params = model_core::TrainParams::new(model_core::Family::GaussianNb);
        let without = params.train(&iris).unwrap().without_rows().unwrap();
        let rows = test_rows(&without, 50);
        let schema = without.schema();
        for features in &rows {
            let sent = Row { features: features.clone(), ..row(1, &[]) };
            assert!(sent.row_of(schema).is_ok(), "{sent:?}");
        }
        // They look like those that trained it, column by column.
        let summary = without.reference_summary().unwrap();
        for (at, column) in summary.columns().iter().enumerate() {
            let sent = rows.iter().map(|row| match row[at].1 {
                FeatureValue::Number(value) => value / 50.0,
                _ => f64::NAN,
            });
            let known = column.values.iter().zip(&column.counts);
            let (sum, n) = known.fold((0.0, 0.0), |(sum, rows), (value, n)| {
                (sum + value * f64::from(*n), rows + f64::from(*n))
            });
            assert!((sent.sum::<f64>() - sum / n).abs() < 0.05, "{at}");
        }
    }

    #[test]
    fn values_come_as_often_as_they_are_known() {
        let column = ColumnSummary {
            n_missing: 20,
            values: vec![1.0, 2.0, 7.0],
            counts: vec![10, 60, 10],
            rank_error: 0,
        };
        let values = values_of(&column, 3, 50);
        let count = |of: f64| values.iter().filter(|it| **it == of).count();
        assert_eq!((count(1.0), count(2.0), count(7.0)), (5, 30, 5));
        assert_eq!(values.iter().filter(|it| it.is_nan()).count(), 10);
        assert_ne!(values, values_of(&column, 4, 50), "each column has an order of its own");
    }

    #[test]
    fn the_slow_ones_are_told_beside_the_typical_one() {
        assert_eq!(durations(&[]), None);
        let millis: Vec<f64> = (1..=20).rev().map(|it| f64::from(it) * 10.0).collect();
        let (half, most) = durations(&millis).unwrap();
        assert_eq!((half.as_str(), most.as_str()), ("110\u{a0}ms", "200\u{a0}ms"));
    }
}
