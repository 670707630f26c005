//! Times of the functions that people wait for: `cargo bench -p model-core`.
//!
//! Comparisons with scikit-learn and of wasm are `cargo xtask bench training`.

#![allow(clippy::expect_used, reason = "a benchmark, like a test, stops at what cannot be")]

use divan::Bencher;
use model_core::{Artifact, CsvOptions, Dataset, Family, Stage, TrainParams, Training};

const VALID: &str = "the embedded data trains every family";

fn main() {
    divan::main();
}

/// All rows of Iris and none held out, with the family's defaults.
fn on_all_rows(family: Family) -> TrainParams {
    let defaults = TrainParams::new(family);
    TrainParams { test_size: 0.0, cv_folds: 0, ..defaults }
}

/// Fit, and calibration where the family has one; not the evaluation that follows.
fn fit(training: &mut Training<'_>) {
    while matches!(training.next_stage(), Some(Stage::Fit | Stage::Calibrate)) {
        training.step().expect(VALID);
    }
}

fn trained(iris: &Dataset, family: Family) -> Artifact {
    let mut training = Training::new(iris, on_all_rows(family)).expect(VALID);
    while training.next_stage().is_some() {
        training.step().expect(VALID);
    }
    training.finish().expect(VALID)
}

#[divan::bench(args = Family::ALL)]
fn fit_iris(bencher: Bencher<'_, '_>, family: Family) {
    let iris = Dataset::iris();
    bencher.with_inputs(|| Training::new(&iris, on_all_rows(family)).expect(VALID)).bench_refs(fit);
}

#[divan::bench(args = Family::ALL)]
fn predict_iris(bencher: Bencher<'_, '_>, family: Family) {
    let model = trained(&Dataset::iris(), family);
    let mut probabilities = [0.0; 3];
    bencher.bench_local(|| {
        model.predict_proba_into(divan::black_box(&[5.9, 3.0, 4.8, 1.7]), &mut probabilities);
        divan::black_box(probabilities[0])
    });
}

#[divan::bench(args = Family::ALL)]
fn read_artifact(bencher: Bencher<'_, '_>, family: Family) {
    let bytes = trained(&Dataset::iris(), family).to_bytes();
    bencher.bench(|| Artifact::from_bytes(divan::black_box(&bytes)));
}

#[divan::bench(sample_count = 20)]
fn parse_csv_of_10_000_rows(bencher: Bencher<'_, '_>) {
    let mut csv = String::from("a,b,c,d,class\n");
    for row in 0..10_000_u32 {
        // Values of two decimals that differ by row; what they mean does not matter here.
        let value = |step: u32| f64::from((row * step) % 1009) / 100.0;
        let class = ["first", "second", "third"][row as usize % 3];
        csv += &format!("{},{},{},{},{class}\n", value(7), value(11), value(13), value(17));
    }
    let options = CsvOptions::default();
    bencher.bench(|| Dataset::from_csv(divan::black_box(csv.as_bytes()), &options).expect(VALID));
}
