//! Training columns, ranked once for the whole forest.

use crate::model::{FitError, TrainingRows};
use crate::order::{key_of, sort_keys};

/// One column as the places of its rows in ascending order, and the values in that order.
///
/// No two rows share a place, so that sorted places tell which rows they are of.
#[derive(Debug)]
pub(super) struct RankedColumn {
    places: Vec<u32>,
    values: Vec<f32>,
}

impl RankedColumn {
    /// One column of `rows`.
    ///
    /// # Errors
    /// [`FitError::TooLarge`] for a value that single precision cannot hold.
    pub(super) fn new(rows: TrainingRows<'_>, feature: usize) -> Result<Self, FitError> {
        let column = rows.values.iter().skip(feature).step_by(rows.n_features);
        let of_rows: Vec<f32> = column.map(|&value| value as f32).collect();
        if of_rows.iter().any(|value| !value.is_finite()) {
            return Err(FitError::TooLarge { feature });
        }
        let mut keys: Vec<u64> =
            of_rows.iter().zip(0..).map(|(&value, row)| key_of(value, row)).collect();
        sort_keys(&mut keys);
        let mut places = vec![0; keys.len()];
        let mut values = Vec::with_capacity(keys.len());
        for (key, place) in keys.into_iter().zip(0..) {
            let row = key as u32 as usize;
            places[row] = place;
            values.push(of_rows[row]);
        }
        Ok(Self { places, values })
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
