//! Rows whose class is known and that the model did not train on: where its charts and the cells of its
//! confusion matrix come from.
//!
//! A training sends all of its test rows along. A model file carries 128 of them at most: they stand in
//! for all in a model that was read from a file, and are said to.

use model_core::sort_items;
use std::sync::Arc;

use model_core::{Artifact, Schema, argmax};

use super::comparison::{Samples, in_full};
use super::format;
use super::measurement::{Field, FieldKind};
use super::true_class;
use crate::i18n::t;
use crate::query;
use crate::test_rows::TestRows;

/// The rows.
#[derive(Debug, Clone)]
pub(crate) struct KnownRows {
    rows: Arc<TestRows>,
    n_classes: usize,
    n_features: usize,
    /// How many were held out.
    n_test: usize,
    samples: Samples,
}

/// One row of a cell of the confusion matrix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CellRow {
    /// Where it stands in its file, from 1.
    pub(crate) number: Option<u32>,
    /// Probability of the answer.
    pub(crate) confidence: f64,
    /// Probability of the true class.
    pub(crate) of_truth: f64,
    /// Its values, in words.
    pub(crate) values: String,
    /// Query of an address that fills the fields with its values, and says what is true.
    pub(crate) query: String,
}

impl KnownRows {
    /// Those of `artifact`: `test_rows` if they fit it, else those that it carries; none if it carries
    /// none either.
    pub(crate) fn of(artifact: &Artifact, test_rows: Option<&Arc<TestRows>>) -> Option<Self> {
        let schema = artifact.schema();
        let (n_classes, n_features) = (schema.classes.len(), schema.features.len());
        let fits = |rows: &TestRows| {
            let n = rows.labels.len();
            n > 0
                && rows.values.len() == n * n_features
                && rows.probabilities.len() == n * n_classes
        };
        let rows = match test_rows.filter(|rows| fits(rows)) {
            Some(rows) => Arc::clone(rows),
            None => Arc::new(carried(artifact)?),
        };
        let n_test = artifact.evaluation().test.as_ref().map_or(0, |test| test.confusion.total());
        let samples = Samples::of(artifact);
        Some(Self { rows, n_classes, n_features, n_test: n_test as usize, samples })
    }

    /// Probabilities, row by row.
    pub(crate) fn probabilities(&self) -> &[f64] {
        &self.rows.probabilities
    }

    /// Class of each row.
    pub(crate) fn labels(&self) -> &[u32] {
        &self.rows.labels
    }

    /// Name of the file on Data that the rows stand in.
    pub(crate) fn file(&self) -> Option<&str> {
        self.rows.file.as_deref()
    }

    /// Which rows these are, in words.
    pub(crate) fn words(&self) -> String {
        let n = self.rows.labels.len();
        if n >= self.n_test {
            t!("the {samples} of the test part", samples = self.samples.count(n))
        } else {
            t!(
                "{n} of the {samples} of the test part: those that the model file carries",
                n = format::thousands(n),
                samples = self.samples.count(self.n_test)
            )
        }
    }

    /// Whether the rows are all that were held out.
    pub(crate) fn is_whole(&self) -> bool {
        self.rows.labels.len() >= self.n_test
    }

    /// The rows of class `actual` that were answered with `predicted`, the surest first.
    pub(crate) fn cell(&self, schema: &Schema, actual: usize, predicted: usize) -> Vec<CellRow> {
        let fields = Field::all(schema);
        let answers = self.rows.probabilities.chunks_exact(self.n_classes.max(1));
        let mut found: Vec<CellRow> = answers
            .zip(&self.rows.labels)
            .enumerate()
            .filter(|(_, (answer, label))| {
                **label as usize == actual && argmax(answer) == predicted
            })
            .map(|(at, (answer, _))| {
                let values = self.rows.values.get(at * self.n_features..).unwrap_or_default();
                CellRow {
                    number: self.rows.file_rows.get(at).copied(),
                    confidence: answer.get(predicted).copied().unwrap_or_default(),
                    of_truth: answer.get(actual).copied().unwrap_or_default(),
                    values: words_of(&fields, values),
                    query: query_of(&fields, values, true_class::parameter(schema, actual)),
                }
            })
            .collect();
        sort_items(&mut found, &mut |a, b| b.confidence.total_cmp(&a.confidence));
        found
    }
}

impl PartialEq for KnownRows {
    /// The same rows, not equal ones: they are many.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows)
    }
}

/// Whether a row of `schema` can be given in whole: of dates and texts a row holds only what was made of
/// them.
pub(crate) fn is_whole_row(schema: &Schema) -> bool {
    !Field::all(schema).iter().any(|field| matches!(field.kind, FieldKind::Text { .. }))
}

/// The held-out rows in the file, answered here.
fn carried(artifact: &Artifact) -> Option<TestRows> {
    let held_out = &artifact.reference().held_out;
    let k = artifact.schema().classes.len();
    let mut probabilities = vec![0.0; held_out.len() * k];
    for ((values, _), out) in held_out.rows().zip(probabilities.chunks_exact_mut(k.max(1))) {
        artifact.predict_proba_into(values, out);
    }
    (!held_out.is_empty()).then(|| TestRows {
        labels: held_out.labels().to_vec(),
        values: held_out.rows().flat_map(|(values, _)| values).copied().collect(),
        probabilities,
        ..TestRows::default()
    })
}

/// Values that are told of a row.
const MAX_TOLD: usize = 8;

/// The text that stands for what `field` holds in a row of `values`; none where only what was made of it is
/// known.
fn text_of(field: &Field, values: &[f64]) -> Option<String> {
    let value = *values.get(field.first_feature)?;
    match &field.kind {
        FieldKind::Text { .. } => None,
        _ if value.is_nan() => Some(String::new()),
        FieldKind::Number(_) => Some(value.to_string()),
        FieldKind::Choice { names, .. } => names.get(value as usize).cloned(),
    }
}

/// What is in the row, field by field.
fn words_of(fields: &[Field], values: &[f64]) -> String {
    let told = fields.iter().filter_map(|field| {
        let (label, value) = (&field.label, *values.get(field.first_feature)?);
        let text = match &field.kind {
            FieldKind::Number(_) => in_full(value),
            FieldKind::Choice { .. } | FieldKind::Text { .. } => text_of(field, values)?,
        };
        Some(if value.is_nan() { t!("no {label}", label) } else { format!("{label} {text}") })
    });
    let mut told: Vec<String> = told.collect();
    if told.len() > MAX_TOLD {
        told.truncate(MAX_TOLD);
        told.push("…".to_owned());
    }
    told.join(", ")
}

/// The query that fills `fields` with `values`, as far as these say what was in them.
fn query_of(fields: &[Field], values: &[f64], more: Option<(String, String)>) -> String {
    let parameters = fields
        .iter()
        .filter(|field| field.name != query::MODEL)
        .filter_map(|field| Some((field.name.clone(), text_of(field, values)?)))
        .chain(more);
    query::of(&parameters.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, journal, mixed};

    fn known(artifact: &Artifact) -> KnownRows {
        KnownRows::of(artifact, None).unwrap()
    }

    #[test]
    fn the_rows_in_the_file_give_the_confusion_matrix_of_the_file() {
        let artifact = built_in();
        let (known, confusion) =
            (known(&artifact), &artifact.evaluation().test.as_ref().unwrap().confusion);
        for actual in 0..3 {
            for predicted in 0..3 {
                let rows = known.cell(artifact.schema(), actual, predicted);
                assert_eq!(rows.len(), confusion.get(actual, predicted) as usize);
                assert!(rows.is_sorted_by(|a, b| a.confidence >= b.confidence));
                assert!(rows.iter().all(|row| row.of_truth <= row.confidence));
            }
        }
        assert_eq!(known.words(), "the 30 flowers of the test part");
    }

    #[test]
    fn what_a_training_sent_counts_if_it_fits() {
        let artifact = built_in();
        let sent = TestRows {
            file: Some("meadow".to_owned()),
            file_rows: vec![7],
            labels: vec![2],
            values: vec![5.0, 3.5, f64::NAN, 0.2],
            probabilities: vec![0.7, 0.1, 0.2],
        };
        let one = KnownRows::of(&artifact, Some(&Arc::new(sent.clone()))).unwrap();
        let cell = one.cell(artifact.schema(), 2, 0);
        assert_eq!((cell[0].number, cell[0].of_truth, one.file()), (Some(7), 0.2, Some("meadow")));
        let query =
            "?sepal_length=5&sepal_width=3.5&petal_length=&petal_width=0.2&species=virginica";
        assert_eq!(cell[0].query, query);
        assert_eq!(
            cell[0].values,
            "Sepal length 5, Sepal width 3.5, no Petal length, Petal width 0.2"
        );
        assert!(!one.is_whole() && one.words().starts_with("1 of the 30 flowers"));
        let torn = TestRows { values: vec![1.0], ..sent };
        assert_eq!(KnownRows::of(&artifact, Some(&Arc::new(torn))).unwrap().labels().len(), 30);
    }

    #[test]
    fn a_model_without_held_out_rows_has_none() {
        assert!(KnownRows::of(&mixed(), None).is_none());
    }

    #[test]
    fn categories_go_by_their_names_and_what_was_made_of_a_text_by_none() {
        let check = |artifact: Artifact, values: &[f64], query: &str| {
            assert_eq!(query_of(&Field::all(artifact.schema()), values, None), query);
        };
        check(mixed(), &[3.0, 1.0, 4.5, f64::NAN], "?weight=3&colour=red&width=4.5&shape=");
        let journal = journal();
        assert!(!is_whole_row(journal.schema()) && is_whole_row(mixed().schema()));
        let n = journal.schema().features.len();
        let sky = journal.schema().features.iter().position(|f| f.name == "sky").unwrap();
        let mut values = vec![0.0; n];
        values[sky] = 1.0;
        let query = query_of(&Field::all(journal.schema()), &values, None);
        assert_eq!(query, "?depth=0&sky=grey");
    }
}
