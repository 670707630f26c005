//! What the cross-crate tests share: fixtures and trained models.

pub mod allocator;
pub mod properties;

use std::path::{Path, PathBuf};

use model_core::digest::Digest;
use model_core::model::svm::{Kernel, SvmMachine, SvmParams};
use model_core::model::{Model, TrainingRows};
use model_core::pipeline::{DerivedFeatures, PreprocessingParams};
use model_core::{Artifact, CsvOptions, Dataset, Family, FamilyParams, Quantisation, TrainParams};
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
    let csv = std::fs::read(root().join("model-core/data/penguins.csv")).unwrap();
    let options = CsvOptions {
        name: Some("penguins".into()),
        target: Some("species".into()),
        drop: vec!["year".into()],
        ..CsvOptions::default()
    };
    Dataset::from_csv(&csv, &options).unwrap()
}

/// SHA-256 of the bits of a model's probabilities for every row of a data set: what names its answers
/// whatever else is in its file.
#[must_use]
pub fn answers_digest(model: &Artifact, dataset: &Dataset) -> String {
    let rows: Vec<usize> = (0..dataset.n_samples()).collect();
    let probabilities = model.pipeline().predict_proba(dataset, &rows);
    let bytes: Vec<u8> = probabilities.iter().flat_map(|p| p.to_le_bytes()).collect();
    Digest::of(&bytes).to_string()
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

/// Trains on all rows of `dataset`, without cross-validation.
///
/// # Panics
/// If training fails.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its model")]
pub fn trained_on(dataset: &Dataset, params: TrainParams) -> Artifact {
    let params = TrainParams { test_size: 0.0, cv_folds: 0, ..params };
    params.train(dataset).unwrap()
}

/// A model of all that a preprocessing can do: missing values, categories, columns made of others,
/// and a selection of the columns.
///
/// # Panics
/// If training fails.
#[must_use]
pub fn of_penguins() -> Artifact {
    let derived = DerivedFeatures::RatiosAndProducts;
    let preprocessing = PreprocessingParams { derived, select: Some(12) };
    trained_on(
        &penguins(),
        TrainParams { preprocessing, ..TrainParams::new(Family::LogisticRegression) },
    )
}

/// A model of more rows than it keeps the scores of.
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its model")]
fn with_many_scores() -> Artifact {
    let csv: String =
        (0..900).map(|i| format!("{},{}\n", i * 37 % 101, i * 37 % 101 / 40)).collect();
    let csv = format!("x,y\n{csv}");
    let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::with_target("y")).unwrap();
    let params = TrainParams { coverage: 0.777, ..TrainParams::new(Family::GaussianNb) };
    params.train(&data).unwrap()
}

/// Model files of every kind: each family on Iris and on Penguins, quantised, with other kernels,
/// with prediction sets of other coverages, without rows, and of past formats.
///
/// # Panics
/// If training or reading one fails.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test cannot go on without its models")]
pub fn model_files() -> Vec<Vec<u8>> {
    let (iris, penguins) = (Dataset::iris(), penguins());
    let mut models: Vec<Artifact> = Family::ALL.map(|family| trained(family, 42)).into();
    models.push(of_penguins());
    let of = |family: Family| TrainParams::new(family);
    models.push(trained_on(&penguins, of(Family::KNearestNeighbors)));
    models.push(trained_on(&penguins, of(Family::GaussianNb)));
    for quantisation in Quantisation::ALL {
        let quantisation = Some(quantisation);
        models.push(trained_on(&iris, TrainParams { quantisation, ..of(Family::Svm) }));
    }
    let kernel = Kernel::Poly { degree: 3, coef0: 1.0 };
    let family = FamilyParams::Svm(SvmParams { kernel, ..SvmParams::default() });
    models.push(trained_on(&iris, TrainParams::new(family)));
    models.push(with_many_scores());
    for model in [trained(Family::LogisticRegression, 42), of_penguins()] {
        models.push(model.without_rows().unwrap());
    }
    let mut files: Vec<Vec<u8>> = models.iter().map(Artifact::to_bytes).collect();
    for old in [
        "v1_logistic_regression",
        "v1_random_forest",
        "v1_svm",
        "v2_svm",
        "v2_gaussian_nb",
        "v3_svm",
    ] {
        let path = root().join(format!("tests/fixtures/golden/iris_{old}.tepal"));
        files.push(std::fs::read(path).unwrap());
    }
    files
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
