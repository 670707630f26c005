//! Our SMO against libsvm (its Rust port) on data that neither was tuned on.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use libsvm_rs::predict::predict_values;
use libsvm_rs::{KernelType, SvmNode, SvmParameter, SvmProblem, SvmType};
use model_core::model::svm::{Gamma, Kernel, SvmMachine, SvmParams};
use model_core::model::{ClassWeight, TrainingRows};
use model_core::rng::SplitMix64;

/// `n` points around `k` centres that overlap.
fn blobs(n: usize, p: usize, k: u32, spread: f64, seed: u64) -> (Vec<f64>, Vec<u32>) {
    let mut rng = SplitMix64::new(seed);
    let centres: Vec<f64> = (0..p * k as usize).map(|_| 4.0 * rng.unit() - 2.0).collect();
    // The sum of twelve uniform numbers is close to normal.
    let mut normal = || (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0;
    let labels: Vec<u32> = (0..n as u32).map(|i| i % k).collect();
    let value = |label: u32, j: usize, noise: f64| centres[label as usize * p + j] + spread * noise;
    let mut values = Vec::new();
    for &label in &labels {
        values.extend((0..p).map(|j| value(label, j, normal())));
    }
    (values, labels)
}

fn nodes(row: &[f64]) -> Vec<SvmNode> {
    row.iter().zip(1..).map(|(&value, index)| SvmNode { index, value }).collect()
}

fn check(n: usize, p: usize, k: u32, spread: f64, c: f64, gamma: f64) {
    let gamma = Gamma::Value(gamma);
    check_params(n, p, k, spread, &SvmParams { c, gamma, ..SvmParams::default() });
}

fn check_params(n: usize, p: usize, k: u32, spread: f64, params: &SvmParams) {
    let (values, labels) = blobs(n, p, k, spread, 11 + n as u64);
    let rows =
        TrainingRows { values: &values, labels: &labels, n_features: p, n_classes: k as usize };
    let ours = SvmMachine::fit(rows, params).unwrap();
    let problem = SvmProblem {
        labels: labels.iter().map(|&label| f64::from(label)).collect(),
        instances: values.chunks_exact(p).map(nodes).collect(),
    };
    let (kernel_type, degree, coef0) = match params.kernel {
        Kernel::Rbf => (KernelType::Rbf, 0, 0.0),
        Kernel::Linear => (KernelType::Linear, 0, 0.0),
        Kernel::Poly { degree, coef0 } => (KernelType::Polynomial, degree as i32, coef0),
    };
    let Gamma::Value(gamma) = params.gamma else { panic!("the oracle needs gamma as a number") };
    let weight = match &params.class_weight {
        ClassWeight::Values(weights) => (0..).zip(weights.iter().copied()).collect(),
        _ => Vec::new(),
    };
    let parameter = SvmParameter {
        svm_type: SvmType::CSvc,
        kernel_type,
        degree,
        coef0,
        c: params.c,
        gamma,
        weight,
        ..SvmParameter::default()
    };
    let theirs = libsvm_rs::train::svm_train(&problem, &parameter);
    let n_pairs = (k * (k - 1) / 2) as usize;
    let (mut a, mut b) = (vec![0.0; n_pairs], vec![0.0; n_pairs]);
    let mut most = 0.0_f64;
    for row in values.chunks_exact(p) {
        ours.decide_into(row, &mut a);
        predict_values(&theirs, &nodes(row), &mut b);
        for (a, b) in a.iter().zip(&b) {
            most = most.max((a - b).abs());
        }
    }
    // Both stop at a violation of 1e-3.
    assert!(most < 5e-3, "n={n} p={p} k={k}: decision values differ by {most}");
    let (ours, theirs) = (ours.vectors().len() / p, theirs.sv.len());
    assert!(ours.abs_diff(theirs) <= 1 + theirs / 50, "{ours} support vectors, libsvm {theirs}");
}

#[test]
fn decision_values_are_libsvms() {
    check(60, 2, 2, 0.5, 1.0, 0.5);
    check(150, 4, 3, 1.0, 1.0, 0.25);
    check(150, 4, 3, 1.0, 100.0, 0.25);
    check(400, 5, 4, 1.5, 1.0, 0.2);
}

#[test]
fn decision_values_are_libsvms_where_rows_are_shrunk() {
    // Above 1,000 rows a pair, shrinking begins in earnest.
    check(2400, 3, 2, 2.0, 10.0, 0.3);
}

#[test]
fn decision_values_of_other_kernels_are_libsvms() {
    let with = |kernel| SvmParams { kernel, gamma: Gamma::Value(0.25), ..SvmParams::default() };
    check_params(150, 4, 3, 1.0, &with(Kernel::Linear));
    check_params(150, 4, 3, 1.0, &with(Kernel::Poly { degree: 3, coef0: 1.0 }));
    check_params(400, 5, 4, 1.5, &with(Kernel::Poly { degree: 2, coef0: 0.0 }));
}

#[test]
fn decision_values_of_weighted_classes_are_libsvms() {
    let class_weight = ClassWeight::Values(vec![0.5, 4.0, 1.0]);
    let gamma = Gamma::Value(0.25);
    check_params(300, 4, 3, 1.5, &SvmParams { gamma, class_weight, ..SvmParams::default() });
}
