//! Values that a family cannot compute with, found before it tries.

use super::TrainError;
use crate::dataset::Dataset;
use crate::model::Family;

/// Squares of values up to this have sums that do not overflow.
const MOST_SQUARED: f64 = 1e150;

/// Refuses values that a family cannot compute with, by the column's name.
pub(super) fn check_magnitudes(dataset: &Dataset, family: Family) -> Result<(), TrainError> {
    let most = match family {
        // A tree compares in single precision.
        Family::RandomForest | Family::GradientBoosting => f64::from(f32::MAX),
        _ => MOST_SQUARED,
    };
    for (at, column) in dataset.columns().iter().enumerate() {
        if let Some(value) = dataset.column(at).find(|value| value.abs() > most) {
            let column = column.name.clone();
            return Err(TrainError::TooLarge { family, column, value, most });
        }
    }
    Ok(())
}
