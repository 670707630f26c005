//! A model's answers on the rows that were held out: what a training sends along with the model.

use serde::{Deserialize, Serialize};

/// Rows that did not train the model, with what it says of them: `n` rows, `p` features, `k` classes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TestRows {
    /// Name of the file on the page Data that they stand in; none for a built-in data set.
    pub file: Option<String>,
    /// Where each row stands in its file, from 1 below the line of names: `n`, or empty if nobody knows.
    pub file_rows: Vec<u32>,
    /// Each row's true class: `n`.
    pub labels: Vec<u32>,
    /// Each row's raw values in the order of the schema's features, NaN for none: `n` x `p`, row-major.
    pub values: Vec<f64>,
    /// The model's probability of each class for each row: `n` x `k`, row-major.
    pub probabilities: Vec<f64>,
}
