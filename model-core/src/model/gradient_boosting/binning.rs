//! Columns as bins: a value becomes the number of the interval that it lies in, once for all trees.
//!
//! With at most `max_bins` distinct values each has its own bin, bounded halfway to its neighbours;
//! with more, the bounds are quantiles, so that bins hold about as many rows each. Source:
//! scikit-learn's `_BinMapper`, without its bin for missing values; its rows count alike here
//! whatever their class weighs.

use crate::model::{FitError, TrainingRows};
use crate::order::halfway;

/// Training columns as bin numbers, column by column.
#[derive(Debug, Default)]
pub(super) struct BinnedColumns {
    bins: Vec<u8>,
    n_samples: usize,
    /// Bin `b` of a feature holds the values in `(thresholds[b - 1], thresholds[b]]`.
    thresholds: Vec<Vec<f32>>,
}

impl BinnedColumns {
    /// For columns of `n_samples` rows, which are to be added.
    pub(super) fn of_rows(n_samples: usize) -> Self {
        Self { n_samples, ..Self::default() }
    }

    /// Bins the next column of `rows`.
    ///
    /// # Errors
    /// [`FitError::TooLarge`] for a value that single precision cannot hold.
    pub(super) fn add(&mut self, rows: TrainingRows<'_>, max_bins: u8) -> Result<(), FitError> {
        let feature = self.n_features();
        let values = rows.values.iter().skip(feature).step_by(rows.n_features);
        // Adding 0 turns -0 into 0, which sorts with it.
        let column: Vec<f32> = values.map(|&value| value as f32 + 0.0).collect();
        if column.iter().any(|value| !value.is_finite()) {
            return Err(FitError::TooLarge { feature });
        }
        let mut sorted = column.clone();
        crate::order::sort_singles(&mut sorted);
        let bounds = bounds(&sorted, usize::from(max_bins));
        // At most 254 bounds: the number of those below a value fits a byte.
        let bin = |value: &f32| bounds.partition_point(|bound| bound < value) as u8;
        self.bins.extend(column.iter().map(bin));
        self.thresholds.push(bounds);
        Ok(())
    }

    pub(super) fn n_samples(&self) -> usize {
        self.n_samples
    }

    pub(super) fn n_features(&self) -> usize {
        self.thresholds.len()
    }

    /// The bin of each row.
    pub(super) fn column(&self, feature: usize) -> &[u8] {
        &self.bins[feature * self.n_samples..(feature + 1) * self.n_samples]
    }

    pub(super) fn n_bins(&self, feature: usize) -> usize {
        self.thresholds[feature].len() + 1
    }

    /// The greatest value that goes into `bin` or a lower one.
    pub(super) fn threshold(&self, feature: usize, bin: u8) -> f32 {
        self.thresholds[feature][usize::from(bin)]
    }
}

/// Ascending bounds between at most `max_bins` bins; none reaches the greatest value.
fn bounds(sorted: &[f32], max_bins: usize) -> Vec<f32> {
    let mut bounds = Vec::new();
    for pair in sorted.windows(2).filter(|pair| pair[0] < pair[1]) {
        bounds.push(halfway(pair[0], pair[1]));
        if bounds.len() == max_bins {
            return quantiles(sorted, max_bins);
        }
    }
    bounds
}

/// The values below which lie 1, 2, .. of `max_bins` equal parts of the rows: numpy's percentiles
/// by "averaged_inverted_cdf".
fn quantiles(sorted: &[f32], max_bins: usize) -> Vec<f32> {
    let n = sorted.len() as u64;
    let quantile = |part: usize| {
        let share = part as u64 * n;
        let place = (share / max_bins as u64) as usize;
        // Between two rows it is their midpoint.
        let lower = if share.is_multiple_of(max_bins as u64) { place - 1 } else { place };
        halfway(sorted[lower], sorted[place])
    };
    let greatest = sorted.last().copied().unwrap_or_default();
    let mut bounds: Vec<f32> = (1..max_bins).map(quantile).collect();
    bounds.retain(|bound| *bound < greatest);
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_have_a_bin_each() {
        let values = [3.0, -0.0, 1.0, 0.0, 1.0, 3.0];
        let rows = TrainingRows { values: &values, labels: &[0; 6], n_features: 1, n_classes: 1 };
        let mut columns = BinnedColumns::of_rows(6);
        columns.add(rows, 3).unwrap();
        assert_eq!(columns.column(0), [2, 0, 1, 0, 1, 2]);
        assert_eq!(columns.thresholds, [[0.5, 2.0]]);
    }

    #[test]
    fn many_values_are_binned_by_quantiles() {
        // _find_binning_thresholds(np.arange(10.), 5), and with 4 bins.
        let sorted: Vec<f32> = (0..10).map(|value| value as f32).collect();
        assert_eq!(bounds(&sorted, 5), [1.5, 3.5, 5.5, 7.5]);
        assert_eq!(bounds(&sorted, 4), [2.0, 4.5, 7.0]);
        // _find_binning_thresholds(np.array([0.] * 7 + [1., 2., 3.]), 3) is [0, 0].
        let skewed = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0];
        assert_eq!(bounds(&skewed, 3), [0.0]);
    }

    #[test]
    fn no_bin_is_beyond_the_last_value() {
        let sorted = [0.0, 1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0];
        assert!(bounds(&sorted, 4).iter().all(|&bound| bound < 4.0));
        assert!(bounds(&[7.0; 5], 255).is_empty());
    }
}
