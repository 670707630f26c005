//! Drift: does live data still look like the data that the model was trained on?
//!
//! [`detect`] compares a reference sample with a current window, column by column and all columns
//! at once, and says whether they differ by more than chance. It stands behind the log of
//! predictions: rows come in as [`SampleColumn`]s, a [`DriftReport`] goes out; [`is_lasting`] looks
//! at several windows in a row. Where no reference rows are kept, a [`ReferenceSketch`] stands for
//! them. Labels are not looked at: what a model's answers should have been, it cannot know.
//!
//! **Invariants.** No result is NaN or infinite, whatever the samples hold; each is a function of
//! its arguments alone. Under the default rule a window without drift raises an alarm with a
//! probability of at most `alpha`, however many columns there are.
//!
//! The statistics agree with SciPy 1.17, the bins with Evidently 0.7 (`tests/rust/drift.rs`).

mod binning;
mod chi_square;
mod column;
mod csv;
mod detection;
mod divergence;
mod error;
mod evidently;
mod fisher;
mod gamma;
mod holm;
mod joint;
mod kolmogorov;
mod kolmogorov_smirnov;
mod of_model;
mod persistence;
mod predictions;
mod report;
mod sketch;
mod wasserstein;

pub use self::binning::BinShares;
pub use self::chi_square::{CountTest, Homogeneity, homogeneity};
pub use self::column::SampleColumn;
pub use self::csv::CsvSample;
pub use self::detection::{DriftParams, Rule, detect};
pub use self::error::DriftError;
pub use self::evidently::EvidentlyMethod;
pub use self::fisher::fisher_exact;
pub use self::gamma::chi_square_tail;
pub use self::holm::holm;
pub use self::joint::JointShift;
pub use self::kolmogorov_smirnov::{KolmogorovSmirnov, kolmogorov_smirnov};
pub use self::of_model::detect_for_model;
pub use self::persistence::{DEFAULT_WINDOWS, alarm_level, is_lasting, windows_in_a_row};
pub use self::predictions::{confidence_drift, prediction_drift};
pub use self::report::{DriftReport, DriftTest, FeatureDrift, MissingShares, Outcome};
pub use self::sketch::{
    ColumnSketch, QuantileSketch, ReferenceSketch, SketchedValues, detect_against_sketch,
};
pub use self::wasserstein::{wasserstein, wasserstein_normed};
pub use crate::dataset::{OddCells, Oddity};
