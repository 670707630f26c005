//! Logistic regression and naive Bayes: a score a class, as doubles, of which the softmax is the
//! probabilities.

use super::graph::{Graph, Value};
use crate::model::MAX_PARAMETER;
use crate::model::gaussian_nb::GaussianNb;
use crate::model::logistic_regression::LogisticRegression;

/// `columns · coefficients + intercepts`.
pub(super) fn logistic_regression(
    graph: &mut Graph,
    columns: &Value,
    model: &LogisticRegression,
) -> Value {
    let (p, k) = (model.n_features(), model.n_classes());
    let coefficients = transposed(model.coefficients(), p);
    let coefficients = graph.doubles("coefficients", &[p, k], &coefficients);
    let intercepts = graph.doubles("intercepts", &[k], model.intercepts());
    let products = graph.op("MatMul", &[columns, &coefficients]);
    graph.op("Add", &[&products, &intercepts])
}

/// The logarithm of prior times likelihood of each class.
///
/// Squared distances are taken from each mean, not expanded: variances may be tiny.
pub(super) fn gaussian_nb(graph: &mut Graph, columns: &Value, model: &GaussianNb) -> Value {
    let (p, k) = (model.n_features(), model.n_classes());
    let means = graph.doubles("means", &[1, k, p], model.means());
    let variances = graph.doubles("variances", &[1, k, p], model.variances());
    let constants = graph.doubles("constants", &[k], model.constants());
    let half = graph.doubles("half", &[], &[0.5]);
    let kept = graph.clip(columns, -MAX_PARAMETER, MAX_PARAMETER);
    let kept = graph.unsqueeze(&kept, &[1]);
    let off = graph.op("Sub", &[&kept, &means]);
    let squares = graph.op("Mul", &[&off, &off]);
    let shares = graph.op("Div", &[&squares, &variances]);
    let sums = graph.sum(&shares, 2);
    let halves = graph.op("Mul", &[&sums, &half]);
    graph.op("Sub", &[&constants, &halves])
}

/// A row-major matrix of rows of `width` with rows and columns swapped.
pub(super) fn transposed(matrix: &[f64], width: usize) -> Vec<f64> {
    (0..width).flat_map(|column| matrix.iter().skip(column).step_by(width)).copied().collect()
}
