//! Cross-validation on the folds that scikit-learn was measured on: Iris, Wine and Penguins.
//!
//! `fixtures/README.md` says where the data and the figures come from. Penguins lacks 19 cells and
//! has two categorical columns, so that imputing and encoding are compared as well.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use model_core::evaluation::Fold;
use model_core::split::{Folds, Split};
use model_core::{CsvOptions, Dataset, Family, TrainParams, Training};
use serde_json::Value;
use tepal_tests::{fixture, indices, numbers, penguins, root};

const NAMES: [&str; 3] = ["iris", "wine", "penguins"];

fn dataset(name: &str) -> Dataset {
    match name {
        "iris" => Dataset::iris(),
        "penguins" => penguins(),
        _ => {
            let csv = std::fs::read(root().join(format!("model-core/data/{name}.csv"))).unwrap();
            Dataset::from_csv(&csv, &CsvOptions::default()).unwrap()
        }
    }
}

/// The recorded folds and figures of a data set.
fn recorded(name: &str) -> Value {
    fixture(&format!("folds_{name}.json"))
}

/// What `family`, with its defaults, reaches in each recorded fold.
fn folds(name: &str, family: Family, seed: u64) -> Vec<Fold> {
    let dataset = dataset(name);
    let lists = recorded(name)["folds"].as_array().unwrap().iter().map(indices).collect();
    let train: Vec<usize> = (0..dataset.n_samples()).collect();
    let folds = Folds::from_lists(&dataset, &train, lists).unwrap();
    let split = Split { train, test: Vec::new(), folds };
    let params = TrainParams { test_size: 0.0, seed, ..TrainParams::new(family) };
    let mut training = Training::with_split(&dataset, params, split).unwrap();
    while training.next_stage().is_some() {
        training.step().unwrap();
    }
    training.finish().unwrap().evaluation().cv.clone().unwrap().folds
}

/// Rows right and rows, fold by fold.
fn counts(name: &str, family: Family) -> Vec<(u32, u32)> {
    folds(name, family, 42).iter().map(|fold| (fold.n_correct, fold.n_samples)).collect()
}

fn mean_accuracy(folds: &[Fold]) -> f64 {
    let accuracy = |fold: &Fold| f64::from(fold.n_correct) / f64::from(fold.n_samples);
    folds.iter().map(accuracy).sum::<f64>() / folds.len() as f64
}

#[test]
fn the_data_are_the_recorded_ones() {
    let penguins = dataset("penguins");
    let n_missing = (0..penguins.n_samples())
        .flat_map(|row| penguins.row(row))
        .filter(|value| value.is_nan())
        .count();
    assert_eq!((penguins.n_samples(), n_missing), (344, 19));
    assert_eq!(penguins.schema().left_out, ["year"]);
    for name in NAMES {
        let (dataset, recorded) = (dataset(name), recorded(name));
        let features = dataset.schema().features.iter();
        let categorical: Vec<&str> = features
            .filter(|feature| feature.categories().is_some())
            .map(|feature| feature.name.as_str())
            .collect();
        assert_eq!(serde_json::json!(categorical), recorded["categorical"], "{name}");
        let n_features = recorded["features"].as_array().unwrap().len();
        assert_eq!(dataset.n_features(), n_features, "{name}");
    }
}

#[test]
fn logistic_regression_and_svm_are_scikit_learns_fold_by_fold() {
    for name in NAMES {
        for family in [Family::LogisticRegression, Family::Svm] {
            let want = numbers(&recorded(name)["accuracy"][family.as_str()]["folds"]);
            let got = counts(name, family);
            assert_eq!(got.len(), want.len());
            for ((n_correct, n_samples), want) in got.into_iter().zip(want) {
                let want = (want * f64::from(n_samples)).round() as u32;
                // One sample: an SVM labels by its probabilities, scikit-learn's by votes.
                assert!(n_correct.abs_diff(want) <= 1, "{name}, {family}: {n_correct} not {want}");
            }
        }
    }
}

#[test]
fn forests_of_ten_seeds_are_as_good_as_scikit_learns() {
    for name in NAMES {
        let of_seed = |seed| mean_accuracy(&folds(name, Family::RandomForest, seed));
        let got = (0..10).map(of_seed).sum::<f64>() / 10.0;
        let recorded = recorded(name)["accuracy"]["random_forest"].clone();
        let want = recorded["mean_over_10_seeds"].as_f64().unwrap();
        // Three standard deviations of a seed's mean, and at least 0.4 points: with some hundred
        // rows a single one weighs as much.
        let tolerance = (3.0 * recorded["std_of_seed_means"].as_f64().unwrap()).max(0.004);
        assert!((got - want).abs() <= tolerance, "{name}: {got} is not {want} ± {tolerance}");
    }
}

#[test]
fn nearest_neighbours_and_bayes_are_scikit_learns() {
    // KNeighborsClassifier() and GaussianNB() behind the recorded pipeline, scikit-learn 1.9.1.
    let check = |name, family, right: [u32; 5]| {
        let got: Vec<u32> = counts(name, family).into_iter().map(|(right, _)| right).collect();
        assert_eq!(got, right, "{name}, {family}");
    };
    check("wine", Family::KNearestNeighbors, [35, 35, 36, 33, 34]);
    // Mean accuracies of 0.99130 and 0.71799.
    check("penguins", Family::KNearestNeighbors, [69, 68, 69, 67, 68]);
    check("penguins", Family::GaussianNb, [47, 51, 51, 50, 48]);
}
