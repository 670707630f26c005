//! Explanations beside those of shap and scikit-learn, of the same models.
//!
//! `fixtures/make_explanations.py` had the libraries explain models that this crate trained. They are
//! trained again here, and the digest of their answers proves that they are the same.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::ops::ControlFlow;

use model_core::explanation::{
    Background, Dependence, DependenceParams, ExplanationProgress, FeatureValue, Importance,
    ImportanceParams, Shapley, ShapleyMethod, ShapleyParams, weighted_ridge,
};
use model_core::{Artifact, CsvOptions, Dataset, Family, TrainParams};
use serde_json::Value;
use tepal_tests::{answers_digest, fixture, numbers, root};

/// Sums run in another order than the libraries': what rounding leaves.
const ROUNDING: f64 = 1e-12;
/// shap's TreeExplainer weighs leaves in single precision: it differs from shap's own Exact by up to
/// 8.3e-9 here.
const TREE_SHAP: f64 = 1e-8;

fn go_on(_: ExplanationProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn recorded(part: &str) -> Vec<Value> {
    fixture("explanations.json")[part].as_array().unwrap().clone()
}

/// The model that a record is about, trained again.
fn model_of(record: &Value) -> Artifact {
    let file = match record["data"].as_str().unwrap() {
        "iris" => "model-core/data/iris.csv",
        _ => "model-core/data/wine.csv",
    };
    let csv = std::fs::read(root().join(file)).unwrap();
    let dataset = Dataset::from_csv(&csv, &CsvOptions::default()).unwrap();
    let family: Family = record["family"].as_str().unwrap().parse().unwrap();
    let params = TrainParams { cv_folds: 0, ..TrainParams::new(family) };
    let model = params.train(&dataset).unwrap();
    let digest = answers_digest(&model, &dataset);
    assert_eq!(digest, record["answers_digest"], "not the model that was explained");
    model
}

/// Numbers of a nested list, in their order.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn check_close(got: &[f64], want: &[f64], bound: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (at, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= bound, "{what}, number {at}: {got} is not {want}");
    }
}

fn shapley(model: &Artifact, row: &Value, params: ShapleyParams) -> Shapley {
    let background = Background::of(model, 42).unwrap();
    let row = model.schema().row(&numbers(&row["row"])).unwrap();
    Shapley::of(model, &background, &row, params, &mut go_on).unwrap()
}

fn values(shapley: &Shapley) -> Vec<f64> {
    shapley.attributions.iter().flat_map(|of| of.values.clone()).collect()
}

fn check_additive(of: &Shapley) {
    for (class, probability) in of.probabilities.iter().enumerate() {
        let sum: f64 = of.attributions.iter().map(|attribution| attribution.values[class]).sum();
        assert!((of.base[class] + sum - probability).abs() < 1e-9);
    }
}

#[test]
fn enumerated_values_are_those_of_shap() {
    let records = recorded("exact");
    assert_eq!(records.len(), 6, "a record a family");
    for record in records {
        let model = model_of(&record);
        for row in record["rows"].as_array().unwrap() {
            let of = shapley(&model, row, ShapleyParams::default());
            assert_eq!(of.method, ShapleyMethod::Enumeration);
            check_close(&of.base, &numbers(&row["base"]), ROUNDING, "base");
            check_close(&values(&of), &flat(&row["values"]), ROUNDING, "values");
            check_additive(&of);
        }
    }
}

#[test]
fn values_of_a_forest_are_those_of_tree_shap() {
    for record in recorded("trees") {
        let model = model_of(&record);
        for row in record["rows"].as_array().unwrap() {
            let of = shapley(&model, row, ShapleyParams::default());
            let walked = record["data"] == "wine";
            assert_eq!(of.method == ShapleyMethod::Trees, walked);
            check_close(&of.base, &numbers(&row["base"]), ROUNDING, "base");
            check_close(&values(&of), &flat(&row["values"]), ROUNDING, "values");
            check_close(
                &values(&of),
                &flat(&row["by_trees"]),
                TREE_SHAP,
                "values of TreeExplainer",
            );
            check_additive(&of);
        }
    }
}

#[test]
fn drawn_orders_are_within_their_errors_of_the_exact_values() {
    for record in recorded("permutations") {
        let model = model_of(&record);
        for row in record["rows"].as_array().unwrap() {
            let of = shapley(&model, row, ShapleyParams::default());
            assert!(matches!(of.method, ShapleyMethod::Permutations { n_permutations: 16 }));
            check_close(&of.base, &numbers(&row["base"]), ROUNDING, "base");
            check_additive(&of);
            let errors = of.attributions.iter().flat_map(|of| of.standard_errors.clone().unwrap());
            let errors: Vec<f64> = errors.collect();
            let (exact, got) = (flat(&row["values"]), values(&of));
            let drawn = flat(&row["drawn_mean"]).into_iter().zip(flat(&row["drawn_error"]));
            let mut squares = 0.0;
            for (((got, exact), error), (theirs, their_error)) in
                got.iter().zip(&exact).zip(&errors).zip(drawn)
            {
                assert!((got - exact).abs() <= 4.0 * error, "{got} is not {exact} ± {error}");
                let both = (error * error + their_error * their_error).sqrt();
                assert!((got - theirs).abs() <= 4.5 * both, "{got} is not {theirs} ± {both}");
                squares += (got - exact) * (got - exact) / (error * error);
            }
            // The errors are neither too small nor too large: squares average to about 1.
            let mean = squares / got.len() as f64;
            assert!((0.3..2.0).contains(&mean), "mean squared error in its own units: {mean}");
            assert!(errors.iter().all(|error| *error < 4e-3), "a third of a percent: {errors:?}");
        }
    }
}

#[test]
fn importances_are_within_their_errors_of_scikit_learns() {
    for record in recorded("importance") {
        let model = model_of(&record);
        let theirs_n = record["n_repeats"].as_f64().unwrap();
        let params = ImportanceParams { n_repeats: 2000, ..ImportanceParams::default() };
        let of = Importance::of(&model, &model.reference().held_out, params, &mut go_on).unwrap();
        assert_eq!(of.accuracy, record["accuracy"].as_f64().unwrap());
        let theirs = numbers(&record["mean"]).into_iter().zip(numbers(&record["std"]));
        let theirs = theirs.zip(numbers(&record["variance_error"]));
        for (ours, ((mean, std), variance_error)) in of.features.iter().zip(theirs) {
            let drop = ours.accuracy_drop;
            let error = (drop.std * drop.std / 2000.0 + std * std / theirs_n).sqrt();
            let what = &ours.feature;
            assert!((drop.mean - mean).abs() <= 4.0 * error + 1e-12, "{what}: {drop:?}, {mean}");
            // Both sides' variances err by as much.
            let difference = (drop.std * drop.std - std * std).abs();
            let bound = 4.0 * 2.0_f64.sqrt() * variance_error + 1e-12;
            assert!(difference <= bound, "{what}: {drop:?}, {std}");
        }
    }
}

#[test]
fn partial_dependence_is_scikit_learns() {
    for record in recorded("dependence") {
        let model = model_of(&record);
        let feature = record["feature"].as_u64().unwrap() as usize;
        let grid_resolution = record["grid_resolution"].as_u64().unwrap() as usize;
        let params = DependenceParams { grid_resolution, ..DependenceParams::default() };
        let of = Dependence::of(&model, &model.reference().train, feature, params).unwrap();
        let number = |value: &FeatureValue| match value {
            FeatureValue::Number(number) => *number,
            other => panic!("{other:?} is no number"),
        };
        let grid: Vec<f64> = of.grid.iter().map(number).collect();
        check_close(&grid, &numbers(&record["grid"]), 1e-12, "grid");
        let by_class = |points: &[Vec<f64>]| -> Vec<f64> {
            let classes = 0..points[0].len();
            classes.flat_map(|class| points.iter().map(move |point| point[class])).collect()
        };
        check_close(&by_class(&of.mean), &flat(&record["average"]), ROUNDING, "average");
        check_close(&by_class(&of.individual[0]), &flat(&record["first"]), ROUNDING, "first row");
    }
}

#[test]
fn weighted_ridge_is_scikit_learns() {
    let record = &fixture("explanations.json")["ridge"];
    let (x, y, weights) = (flat(&record["x"]), flat(&record["y"]), numbers(&record["weights"]));
    for fit in record["fits"].as_array().unwrap() {
        let alpha = fit["alpha"].as_f64().unwrap();
        let ours = weighted_ridge(&x, &y, &weights, 4, 3, alpha).unwrap();
        check_close(&ours.coefficients.concat(), &flat(&fit["coefficients"]), ROUNDING, "ridge");
        check_close(&ours.intercepts, &numbers(&fit["intercepts"]), ROUNDING, "intercepts");
    }
}
