//! A support vector machine in standard operations on doubles: kernel values, decision values,
//! Platt's sigmoids, and the coupling of pairs.
//!
//! `SVMClassifier` of `ai.onnx.ml` is not used: it computes in single precision, couples pairs by
//! libsvm's iteration, and labels by votes.

use super::OnnxError;
use super::coupling::couple;
use super::graph::{Graph, Value};
use super::linear::transposed;
use crate::model::MAX_PARAMETER;
use crate::model::svm::{LEAST_PROBABILITY, MachineKernel, Svm, SvmMachine, pairs};

/// Entries of the coefficients' matrix at most, 1 GB: a protobuf file ends at 2 GB.
const MAX_COEFFICIENTS: usize = 1 << 27;

/// The probabilities of `svm` for standardised `columns`.
///
/// # Errors
/// [`OnnxError::TooLarge`] if support vectors times pairs of classes are too many.
pub(super) fn probabilities(
    graph: &mut Graph,
    columns: &Value,
    svm: &Svm,
) -> Result<Value, OnnxError> {
    let n_classes = svm.machine().n_classes();
    let decisions = decisions(graph, columns, svm.machine())?;
    let pairwise = sigmoids(graph, &decisions, svm);
    Ok(couple(graph, &pairwise, n_classes))
}

/// The decision value of each pair.
fn decisions(graph: &mut Graph, columns: &Value, machine: &SvmMachine) -> Result<Value, OnnxError> {
    let (m, n_pairs) = (machine.class_counts().iter().sum::<usize>(), machine.intercepts().len());
    let entries = m.saturating_mul(n_pairs);
    if entries > MAX_COEFFICIENTS {
        return Err(OnnxError::TooLarge { numbers: entries, most: MAX_COEFFICIENTS });
    }
    let coefficients = pair_coefficients(machine);
    let sums = match machine.kernel() {
        // Without a kernel the vectors sum up to a normal of each pair's plane.
        MachineKernel::Linear => {
            let normals = normals(machine, &coefficients);
            let normals = graph.doubles("normals", &[machine.n_features(), n_pairs], &normals);
            graph.op("MatMul", &[columns, &normals])
        }
        MachineKernel::Rbf { gamma } => {
            let likenesses = rbf(graph, columns, machine, gamma);
            weighed(graph, &likenesses, &coefficients, n_pairs)
        }
        MachineKernel::Poly { gamma, degree, coef0 } => {
            let likenesses = poly(graph, columns, machine, (gamma, degree, coef0));
            weighed(graph, &likenesses, &coefficients, n_pairs)
        }
    };
    let intercepts = graph.doubles("intercepts", &[n_pairs], machine.intercepts());
    Ok(graph.op("Add", &[&sums, &intercepts]))
}

fn weighed(graph: &mut Graph, likenesses: &Value, coefficients: &[f64], n_pairs: usize) -> Value {
    let dims = [coefficients.len() / n_pairs.max(1), n_pairs];
    let coefficients = graph.doubles("coefficients", &dims, coefficients);
    graph.op("MatMul", &[likenesses, &coefficients])
}

/// What each support vector adds to each pair, row by row: 0 where it has no part in the pair.
fn pair_coefficients(machine: &SvmMachine) -> Vec<f64> {
    let k = machine.n_classes();
    let counts = machine.class_counts().iter().enumerate();
    let classes = counts.flat_map(|(class, &count)| std::iter::repeat_n(class, count));
    let rows = machine.coefficients().chunks_exact((k - 1).max(1));
    let of_pair = |class: usize, row: &[f64], (first, second): (usize, usize)| {
        // The coefficients of a vector stand in the order of the other classes.
        let slot = match class {
            _ if class == first => second - 1,
            _ if class == second => first,
            _ => return 0.0,
        };
        row.get(slot).copied().unwrap_or_default()
    };
    classes
        .zip(rows)
        .flat_map(|(class, row)| pairs(k).map(move |pair| of_pair(class, row, pair)))
        .collect()
}

/// `vectorsᵀ · coefficients`: a column a pair.
fn normals(machine: &SvmMachine, coefficients: &[f64]) -> Vec<f64> {
    let (p, n_pairs) = (machine.n_features(), machine.intercepts().len());
    let mut normals = vec![0.0; p * n_pairs];
    let rows = machine.vectors().chunks_exact(p).zip(coefficients.chunks_exact(n_pairs));
    for (vector, coefficients) in rows {
        for (normals, value) in normals.chunks_exact_mut(n_pairs).zip(vector) {
            normals.iter_mut().zip(coefficients).for_each(|(sum, c)| *sum += value * c);
        }
    }
    normals
}

/// `columns · vectorsᵀ`: a column a support vector.
fn products(graph: &mut Graph, columns: &Value, machine: &SvmMachine) -> Value {
    let p = machine.n_features();
    let vectors = transposed(machine.vectors(), p);
    let dims = [p, machine.vectors().len() / p.max(1)];
    let vectors = graph.doubles("support_vectors", &dims, &vectors);
    graph.op("MatMul", &[columns, &vectors])
}

/// `exp(-gamma · ‖a − b‖²)`, the squared distance as `a·a − 2 a·b + b·b`: a row a time a support
/// vector a time a column would be too much memory. In doubles the difference is 1e-15 or so.
fn rbf(graph: &mut Graph, columns: &Value, machine: &SvmMachine, gamma: f64) -> Value {
    let squares: Vec<f64> = machine
        .vectors()
        .chunks_exact(machine.n_features())
        .map(|vector| vector.iter().map(|value| value * value).sum())
        .collect();
    let dots = products(graph, columns, machine);
    let of_vectors = graph.doubles("squared_lengths", &[squares.len()], &squares);
    let minus_two = graph.doubles("minus_two", &[], &[-2.0]);
    let zero = graph.doubles("zero", &[], &[0.0]);
    let minus_gamma = graph.doubles("minus_gamma", &[], &[-gamma]);
    let of_columns = graph.op("Mul", &[columns, columns]);
    let of_columns = graph.sum(&of_columns, 1);
    let of_columns = graph.unsqueeze(&of_columns, &[1]);
    let dots = graph.op("Mul", &[&dots, &minus_two]);
    let lengths = graph.op("Add", &[&of_columns, &of_vectors]);
    let distances = graph.op("Add", &[&lengths, &dots]);
    // Rounding may leave a vanishing distance slightly negative.
    let distances = graph.op("Max", &[&distances, &zero]);
    let exponents = graph.op("Mul", &[&distances, &minus_gamma]);
    graph.op("Exp", &[&exponents])
}

/// `(gamma · a·b + coef0)^degree`, one factor after the other.
fn poly(
    graph: &mut Graph,
    columns: &Value,
    machine: &SvmMachine,
    (gamma, degree, coef0): (f64, u32, f64),
) -> Value {
    let dots = products(graph, columns, machine);
    let gamma = graph.doubles("gamma", &[], &[gamma]);
    let coef0 = graph.doubles("coef0", &[], &[coef0]);
    let dots = graph.op("Mul", &[&dots, &gamma]);
    let base = graph.op("Add", &[&dots, &coef0]);
    let power = (1..degree).fold(base.clone(), |power, _| graph.op("Mul", &[&power, &base]));
    graph.clip(&power, -MAX_PARAMETER, MAX_PARAMETER)
}

/// The probability of each pair's first class: `1 / (1 + exp(slope · decision + offset))`.
fn sigmoids(graph: &mut Graph, decisions: &Value, svm: &Svm) -> Value {
    let slopes: Vec<f64> = svm.sigmoids().iter().map(|sigmoid| sigmoid.slope).collect();
    let offsets: Vec<f64> = svm.sigmoids().iter().map(|sigmoid| sigmoid.offset).collect();
    let slopes = graph.doubles("slopes", &[slopes.len()], &slopes);
    let offsets = graph.doubles("offsets", &[offsets.len()], &offsets);
    let one = graph.doubles("one", &[], &[1.0]);
    let exponents = graph.op("Mul", &[decisions, &slopes]);
    let exponents = graph.op("Add", &[&exponents, &offsets]);
    let odds = graph.op("Exp", &[&exponents]);
    let below = graph.op("Add", &[&odds, &one]);
    // An exponential that overflows to infinity gives 0 here, as it should.
    let probabilities = graph.op("Div", &[&one, &below]);
    graph.clip(&probabilities, LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY)
}
