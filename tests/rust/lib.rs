//! What the cross-crate tests share: fixtures and trained models.

use std::path::{Path, PathBuf};

use model_core::model::svm::SvmMachine;
use model_core::model::{Model, TrainingRows};
use model_core::{Artifact, CsvOptions, Dataset, Family};
use serde_json::Value;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// scikit-learn's figures on Iris; see `fixtures/README.md`.
///
/// # Panics
/// If the fixture is missing or no JSON.
#[must_use]
pub fn sklearn_iris() -> Value {
    fixture("sklearn_iris.json")["split_stratified_rs42"].clone()
}

/// A JSON file of `fixtures/`.
///
/// # Panics
/// If it is missing or no JSON.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its fixture")]
pub fn fixture(name: &str) -> Value {
    let path = root().join("tests/fixtures").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Palmer Penguins without the year: two categorical columns, 19 cells without a value.
///
/// # Panics
/// If the fixture is missing or no data set.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its fixture")]
pub fn penguins() -> Dataset {
    let csv = std::fs::read(root().join("tests/fixtures/penguins.csv")).unwrap();
    let options = CsvOptions {
        name: Some("penguins".into()),
        target: Some("species".into()),
        drop: vec!["year".into()],
        ..CsvOptions::default()
    };
    Dataset::from_csv(&csv, &options).unwrap()
}

/// The numbers of a JSON array.
///
/// # Panics
/// If it is none.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its fixture")]
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The row indices of a JSON array.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn indices(value: &Value) -> Vec<usize> {
    numbers(value).into_iter().map(|number| number as usize).collect()
}

/// The default model of `family` on Iris, trained with `seed`.
///
/// # Panics
/// If training fails.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its model")]
pub fn trained(family: Family, seed: u64) -> Artifact {
    tepal_parity::train_on_iris(family, seed).unwrap()
}

/// Standardised values of `rows`, by the artifact's own preprocessing, with their labels.
///
/// # Panics
/// If the model has no scaler.
#[must_use]
pub fn scaled_rows(model: &Artifact, dataset: &Dataset, rows: &[usize]) -> (Vec<f64>, Vec<u32>) {
    let preprocessor = &model.pipeline().preprocessor;
    assert!(preprocessor.scaler().is_some(), "only for models that scale");
    let values = preprocessor.transform(dataset, rows);
    (values, rows.iter().map(|&row| dataset.label(row)).collect())
}

/// A view of scaled rows for a solver.
#[must_use]
pub fn training_rows<'a>(
    dataset: &Dataset,
    values: &'a [f64],
    labels: &'a [u32],
) -> TrainingRows<'a> {
    let (n_features, n_classes) = (dataset.n_features(), dataset.n_classes());
    TrainingRows { values, labels, n_features, n_classes }
}

/// The machine of an SVM artifact.
///
/// # Panics
/// If the model is of another family.
#[must_use]
#[expect(clippy::panic, reason = "a test that asks for the wrong family is wrong")]
pub fn machine(model: &Artifact) -> &SvmMachine {
    match &model.pipeline().model {
        Model::Svm(svm) => svm.machine(),
        other => panic!("not an SVM: {:?}", other.family()),
    }
}
