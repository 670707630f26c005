//! A window of live rows against what a model carries of those that trained it.

use super::{
    DriftError, DriftParams, DriftReport, ReferenceSketch, Rule, SampleColumn, detect,
    detect_against_sketch,
};
use crate::artifact::Artifact;

/// Compares the columns of `current`, one for each feature of `model`'s schema, with the rows that travel with the
/// model: the training rows, else those that were held out; of a model without rows, with its summary.
///
/// The rule is [`DriftParams::default`]'s: a family-wise error of 0.05, at least 50 rows on both sides.
///
/// ```
/// use model_core::drift::{SampleColumn, detect_for_model};
/// use model_core::{Dataset, Family, TrainParams};
///
/// let iris = Dataset::iris();
/// let model = TrainParams::new(Family::GaussianNb).train(&iris)?;
/// let rows: Vec<usize> = (0..iris.n_samples()).collect();
/// let window = SampleColumn::of_dataset(&iris, &rows);
/// assert!(!detect_for_model(&model, &window)?.drifted);
/// assert!(!detect_for_model(&model.without_rows()?, &window)?.drifted);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`detect`].
pub fn detect_for_model(
    model: &Artifact,
    current: &[SampleColumn],
) -> Result<DriftReport, DriftError> {
    let params = DriftParams::default();
    let sample = model.reference();
    let carried = if sample.train.is_empty() { &sample.held_out } else { &sample.train };
    match (model.reference_summary(), params.rule) {
        (Some(summary), Rule::Calibrated { alpha, min_rows }) if carried.is_empty() => {
            let sketch = ReferenceSketch::of_summary(model.schema(), summary);
            detect_against_sketch(&sketch, current, alpha, min_rows)
        }
        _ => detect(&SampleColumn::of_reference(model.schema(), carried), current, params),
    }
}
