//! Training columns, ranked once for the whole forest.

use crate::model::{FitError, TrainingRows};

/// One column as the places of its rows in ascending order, and the values in that order.
///
/// No two rows share a place, so that sorted places tell which rows they are of.
#[derive(Debug)]
pub(super) struct RankedColumn {
    places: Vec<u32>,
    values: Vec<f32>,
}

impl RankedColumn {
    /// Every column of `rows`.
    ///
    /// # Errors
    /// [`FitError::TooLarge`] for a value that single precision cannot hold.
    pub(super) fn all(rows: TrainingRows<'_>) -> Result<Vec<Self>, FitError> {
        (0..rows.n_features).map(|feature| Self::new(rows, feature)).collect()
    }

    fn new(rows: TrainingRows<'_>, feature: usize) -> Result<Self, FitError> {
        let column = rows.values.iter().skip(feature).step_by(rows.n_features);
        let mut pairs: Vec<(f32, u32)> = column.map(|&value| value as f32).zip(0..).collect();
        if pairs.iter().any(|(value, _)| !value.is_finite()) {
            return Err(FitError::TooLarge { feature });
        }
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut places = vec![0; pairs.len()];
        for (&(_, row), place) in pairs.iter().zip(0..) {
            places[row as usize] = place;
        }
        Ok(Self { places, values: pairs.into_iter().map(|(value, _)| value).collect() })
    }

    /// Where `row` stands in ascending order.
    #[inline]
    pub(super) fn place(&self, row: u32) -> u32 {
        self.places[row as usize]
    }

    /// The value at a place, in single precision.
    #[inline]
    pub(super) fn value(&self, place: u32) -> f32 {
        self.values[place as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_neighbouring_places() {
        let values = [2.0, 1.0, 2.0, -0.0, 0.0];
        let rows = TrainingRows { values: &values, labels: &[0; 5], n_features: 1, n_classes: 1 };
        let column = RankedColumn::new(rows, 0).unwrap();
        assert_eq!(column.places, [3, 2, 4, 0, 1]);
        assert_eq!(column.values, [0.0, 0.0, 1.0, 2.0, 2.0]);
    }
}
