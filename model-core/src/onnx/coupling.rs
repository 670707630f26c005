//! From the probabilities of pairs to those of classes: the linear system of
//! [`svm`](crate::model::svm), solved for all rows at once.
//!
//! The matrix of a row is `Q + eeᵀ` with `Q_ij = -r_ij r_ji` and `Q_ii = Σ_j r_ji²`, where `r_ij` is
//! the probability of class i within the pair of i and j. It is positive definite, so elimination
//! needs no pivoting; Gauss's and Jordan's takes seven operations a class, whatever the row.

use super::graph::{Graph, Value, int, ints};
use crate::model::svm::pairs;

/// The probabilities of `n_classes` classes that fit `pairwise` best.
pub(super) fn couple(graph: &mut Graph, pairwise: &Value, n_classes: usize) -> Value {
    let one = graph.doubles("one", &[], &[1.0]);
    let others = graph.op("Sub", &[&one, pairwise]);
    if n_classes == 2 {
        return graph.concat(&[pairwise.clone(), others]);
    }
    let unit = unit(graph, n_classes);
    let table = within_pairs(graph, pairwise, &others, n_classes);
    let system = system(graph, &table, &unit);
    let solved =
        (0..n_classes).fold(system, |system, pivot| eliminated(graph, &system, pivot, n_classes));
    let solution = solution(graph, &solved, &unit, n_classes);
    // Rounding may leave a vanishing probability slightly negative.
    let zero = graph.doubles("zero", &[], &[0.0]);
    let kept = graph.op("Max", &[&solution, &zero]);
    let sum = graph.sum(&kept, 1);
    let sum = graph.unsqueeze(&sum, &[1]);
    graph.op("Div", &[&kept, &sum])
}

/// The matrix of each row beside the right-hand side of ones: `N x k x (k + 1)`.
fn system(graph: &mut Graph, table: &Value, unit: &Value) -> Value {
    let flipped = graph.op_with("Transpose", &[table], vec![ints("perm", vec![0, 2, 1])]);
    let products = graph.op("Mul", &[table, &flipped]);
    let squares = graph.op("Mul", &[&flipped, &flipped]);
    let on_diagonal = graph.sum(&squares, 2);
    let on_diagonal = graph.unsqueeze(&on_diagonal, &[2]);
    let on_diagonal = graph.op("Mul", &[&on_diagonal, unit]);
    let one = graph.doubles("one", &[], &[1.0]);
    let matrix = graph.op("Sub", &[&one, &products]);
    let matrix = graph.op("Add", &[&matrix, &on_diagonal]);
    // Ones for as many rows as there are, from the zeros on the diagonals.
    let zeros = diagonal(graph, table, unit);
    let zeros = graph.unsqueeze(&zeros, &[2]);
    let ones = graph.op("Add", &[&zeros, &one]);
    graph.op_with("Concat", &[&matrix, &ones], vec![int("axis", 2)])
}

/// 1 on the diagonal, 0 elsewhere.
fn unit(graph: &mut Graph, k: usize) -> Value {
    let is_diagonal = |place: usize| f64::from(u8::from(place.is_multiple_of(k + 1)));
    let numbers: Vec<f64> = (0..k * k).map(is_diagonal).collect();
    graph.doubles("unit", &[1, k, k], &numbers)
}

/// `r_ij` at row i and column j of each table, 0 on the diagonal.
fn within_pairs(graph: &mut Graph, pairwise: &Value, others: &Value, k: usize) -> Value {
    let zero = graph.doubles("zero", &[], &[0.0]);
    let zeros = graph.op("Mul", &[pairwise, &zero]);
    let all = graph.concat(&[pairwise.clone(), others.clone(), zeros]);
    let n_pairs = k * (k - 1) / 2;
    // The diagonal reads the first of the zeros.
    let mut places = vec![2 * n_pairs as i64; k * k];
    for (pair, (first, second)) in pairs(k).enumerate() {
        places[first * k + second] = pair as i64;
        places[second * k + first] = (n_pairs + pair) as i64;
    }
    let table = graph.columns(&all, &places);
    graph.reshape(&table, &[-1, k as i64, k as i64])
}

/// The diagonal of each square matrix, as a row.
fn diagonal(graph: &mut Graph, matrix: &Value, unit: &Value) -> Value {
    let masked = graph.op("Mul", &[matrix, unit]);
    graph.sum(&masked, 2)
}

/// The system with column `pivot` cleared in all rows but its own.
fn eliminated(graph: &mut Graph, system: &Value, pivot: usize, k: usize) -> Value {
    let at = graph.ints("pivot", &[1], &[pivot as i64]);
    let row = graph.op_with("Gather", &[system, &at], vec![int("axis", 1)]);
    let column = graph.op_with("Gather", &[system, &at], vec![int("axis", 2)]);
    let own = graph.op_with("Gather", &[&row, &at], vec![int("axis", 2)]);
    let others: Vec<f64> = (0..k).map(|row| f64::from(u8::from(row != pivot))).collect();
    let others = graph.doubles("other_rows", &[1, k, 1], &others);
    let column = graph.op("Mul", &[&column, &others]);
    let ratios = graph.op("Div", &[&column, &own]);
    let taken = graph.op("Mul", &[&ratios, &row]);
    graph.op("Sub", &[system, &taken])
}

/// Right-hand sides over diagonals.
fn solution(graph: &mut Graph, system: &Value, unit: &Value, k: usize) -> Value {
    let places: Vec<i64> = (0..k as i64).collect();
    let places = graph.ints("matrix_columns", &[k], &places);
    let matrix = graph.op_with("Gather", &[system, &places], vec![int("axis", 2)]);
    let last = graph.ints("right_side", &[], &[k as i64]);
    let right = graph.op_with("Gather", &[system, &last], vec![int("axis", 2)]);
    let diagonal = diagonal(graph, &matrix, unit);
    graph.op("Div", &[&right, &diagonal])
}
