//! The figures of `docs/adr/0001-engines.md`, measured anew:
//!
//! ```text
//! cargo run --release -p tepal-tests --example engine_figures
//! ```

#![allow(clippy::print_stdout, reason = "the figures are the result")]
#![allow(clippy::disallowed_methods, reason = "the platform's exp and clock are what is measured")]

use std::time::Instant;

use libsvm_rs::{KernelType, SvmNode, SvmParameter, SvmProblem, SvmType};
use model_core::model::TrainingRows;
use model_core::model::forest::{Forest, RandomForestParams};
use model_core::model::logistic_regression::{
    LogisticRegression, LogisticRegressionParams, Solver,
};
use model_core::model::svm::{Gamma, SvmMachine, SvmParams};
use model_core::rng::SplitMix64;
use smartcore::ensemble::random_forest_classifier::{
    RandomForestClassifier, RandomForestClassifierParameters,
};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::tree::decision_tree_classifier::{
    DecisionTreeClassifier, DecisionTreeClassifierParameters,
};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    exponentials();
    ties()?;
    forests()?;
    logistic_regressions()?;
    support_vector_machines()
}

/// Median milliseconds of five runs.
fn millis(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[2]
}

/// How often the platform's `exp` and libm's differ in their last bit.
fn exponentials() {
    let mut rng = SplitMix64::new(1);
    let n = 1_000_000;
    let differ = (0..n)
        .filter(|_| {
            let x = -20.0 * rng.unit();
            x.exp().to_bits() != libm::exp(x).to_bits()
        })
        .count();
    println!(
        "exp: platform and libm differ on {:.1} % of inputs",
        100.0 * differ as f64 / n as f64
    );
}

/// A lone binary feature that tells two classes apart better than chance: is it split?
fn ties() -> Result<(), Failure> {
    let (mut theirs, mut ours) = (0, 0);
    for seed in 0..500 {
        let mut rng = SplitMix64::new(seed);
        let values: Vec<f64> = (0..40).map(|_| f64::from(rng.below(2))).collect();
        let labels: Vec<u32> = values
            .iter()
            .map(|&v| if rng.below(10) < 9 { v as u32 } else { rng.below(2) })
            .collect();
        let x = DenseMatrix::new(40, 1, values.clone(), false)?;
        let parameters =
            DecisionTreeClassifierParameters { seed: Some(seed), ..Default::default() };
        let tree = DecisionTreeClassifier::fit(&x, &labels, parameters)?;
        let both = DenseMatrix::new(2, 1, vec![0.0, 1.0], false)?;
        let answers: Vec<u32> = tree.predict(&both)?;
        theirs += usize::from(answers[0] == answers[1]);
        let rows = TrainingRows { values: &values, labels: &labels, n_features: 1, n_classes: 2 };
        let params = RandomForestParams { n_trees: 1, ..Default::default() };
        let forest = Forest::fit(rows, &params, seed)?.forest;
        ours += usize::from(forest.trees()[0].nodes().len() == 1);
    }
    println!("lone binary feature left unsplit: smartcore {theirs} of 500, ours {ours} of 500");
    Ok(())
}

/// Two noisy classes in 20 columns.
fn data(n: usize, p: usize) -> (Vec<f64>, Vec<u32>) {
    let mut rng = SplitMix64::new(n as u64);
    let mut values = Vec::with_capacity(n * p);
    let mut labels = Vec::with_capacity(n);
    for _ in 0..n {
        let row: Vec<f64> =
            (0..p).map(|_| (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0).collect();
        let score = row[0] + row[1] * row[2] + 0.5 * (rng.unit() - 0.5);
        labels.push(u32::from(score > 0.0));
        values.extend(row);
    }
    (values, labels)
}

fn rows<'a>(values: &'a [f64], labels: &'a [u32], p: usize) -> TrainingRows<'a> {
    TrainingRows { values, labels, n_features: p, n_classes: 2 }
}

fn forests() -> Result<(), Failure> {
    for n in [500, 1000, 2000, 4000] {
        let (values, labels) = data(n, 20);
        let x = DenseMatrix::new(n, 20, values.clone(), false)?;
        let theirs = millis(|| {
            let parameters = RandomForestClassifierParameters::default().with_n_trees(20).with_m(4);
            let _ = std::hint::black_box(RandomForestClassifier::fit(&x, &labels, parameters));
        });
        let params = RandomForestParams { n_trees: 20, ..Default::default() };
        let ours = millis(|| {
            let _ = std::hint::black_box(Forest::fit(rows(&values, &labels, 20), &params, 1));
        });
        println!("forest, 20 trees, {n} x 20: smartcore {theirs:.1} ms, ours {ours:.1} ms");
    }
    Ok(())
}

fn logistic_regressions() -> Result<(), Failure> {
    for n in [150, 1000, 10_000] {
        let (values, labels) = data(n, 20);
        let time = |solver| {
            let params = LogisticRegressionParams { solver, ..Default::default() };
            millis(|| {
                let rows = rows(&values, &labels, 20);
                let _ = std::hint::black_box(LogisticRegression::fit(rows, &params));
            })
        };
        let (theirs, ours) = (time(Solver::Smartcore), time(Solver::Lbfgs));
        println!("logistic regression, {n} x 20: smartcore {theirs:.1} ms, ours {ours:.1} ms");
    }
    Ok(())
}

fn support_vector_machines() -> Result<(), Failure> {
    for n in [150, 1000, 4000] {
        let (values, labels) = data(n, 20);
        let gamma = 0.05;
        let nodes = |row: &[f64]| {
            row.iter().zip(1..).map(|(&value, index)| SvmNode { index, value }).collect()
        };
        let problem = SvmProblem {
            labels: labels.iter().map(|&label| f64::from(label)).collect(),
            instances: values.chunks_exact(20).map(nodes).collect(),
        };
        let parameter = SvmParameter {
            svm_type: SvmType::CSvc,
            kernel_type: KernelType::Rbf,
            gamma,
            ..Default::default()
        };
        let theirs = millis(|| {
            std::hint::black_box(libsvm_rs::train::svm_train(&problem, &parameter));
        });
        let params = SvmParams { gamma: Gamma::Value(gamma), ..Default::default() };
        let ours = millis(|| {
            let _ = std::hint::black_box(SvmMachine::fit(rows(&values, &labels, 20), &params));
        });
        println!("SVM, {n} x 20: libsvm-rs {theirs:.1} ms, ours {ours:.1} ms");
    }
    Ok(())
}
