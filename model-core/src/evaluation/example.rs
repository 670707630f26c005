//! Twelve rows with ties that the metrics' tests share; figures in those tests come from
//! scikit-learn 1.9.1 on them, as `P` and `y`.

pub(super) const N_CLASSES: usize = 3;

pub(super) const LABELS: [u32; 12] = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];

#[rustfmt::skip]
pub(super) const PROBABILITIES: [f64; 36] = [
    0.70, 0.20, 0.10,
    0.50, 0.30, 0.20,
    0.40, 0.40, 0.20,
    0.90, 0.05, 0.05,
    0.20, 0.60, 0.20,
    0.30, 0.30, 0.40,
    0.10, 0.80, 0.10,
    0.25, 0.50, 0.25,
    0.10, 0.20, 0.70,
    0.20, 0.40, 0.40,
    0.05, 0.05, 0.90,
    0.50, 0.10, 0.40,
];
