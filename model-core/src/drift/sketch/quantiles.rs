//! A long column of numbers in a few kilobytes, with a bound on every rank read from it.
//!
//! Values lie in levels; one of level `h` stands for `2^h` rows. A level that is full is sorted and
//! every other value goes up, the first and the second of a pair by turns. That moves any rank by
//! at most `2^h`, and these errors are added up as they happen: the bound is known, not estimated.
//! Over `n` rows it stays below `(log2(n / 1024) + 1) / 1024`. Nothing is random.
//!
//! Source: Manku, Rajagopalan & Lindsay, "Approximate medians and other quantiles in one pass and
//! with limited memory", SIGMOD 1998.

use serde::{Deserialize, Serialize};

/// Values of a level at which it is thinned out.
const LEVEL_SIZE: usize = 1024;
/// Levels of a stored summary: `2^43` rows, and every sum of ranks fits.
const MAX_LEVELS: usize = 34;

/// A summary of numbers that can be merged with others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
pub struct QuantileSketch {
    levels: Vec<Vec<f64>>,
    /// Rows by which a rank may be off.
    error: u64,
    /// Thinnings so far: which value of a pair goes up.
    n_thinned: u64,
}

/// A summary as it was stored, not looked at yet.
#[derive(Deserialize)]
struct Wire {
    levels: Vec<Vec<f64>>,
    error: u64,
    n_thinned: u64,
}

impl TryFrom<Wire> for QuantileSketch {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let Wire { levels, error, n_thinned } = wire;
        let is_sound = levels.len() <= MAX_LEVELS
            && levels.iter().flatten().all(|value| value.is_finite())
            && levels.iter().all(|values| values.len() < LEVEL_SIZE);
        // What stands for more than one row came about by a thinning.
        let is_thinned = levels.iter().skip(1).any(|values| !values.is_empty());
        if is_sound && (!is_thinned || (error > 0 && n_thinned > 0)) {
            Ok(Self { levels, error, n_thinned })
        } else {
            Err(
                "a quantile sketch of too many levels, of values that are not finite, or without its error",
            )
        }
    }
}

impl QuantileSketch {
    /// The summary of these numbers; NaN is passed over.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut sketch = Self::default();
        for &value in values.iter().filter(|value| !value.is_nan()) {
            sketch.level(0).push(value);
            sketch.thin_out();
        }
        sketch
    }

    /// The summary of numbers that stand for several rows each, with ranks that are off by at most
    /// `rank_error` rows already.
    pub(super) fn of_groups(groups: impl Iterator<Item = (f64, u32)>, rank_error: u32) -> Self {
        let rows = groups.flat_map(|(value, n)| std::iter::repeat_n(value, n as usize));
        let mut sketch = Self::of(&rows.collect::<Vec<f64>>());
        sketch.error = sketch.error.saturating_add(rank_error.into());
        sketch
    }

    /// Whether its values stand for groups of rows, and none of them is one of a column's own.
    pub(super) fn is_grouped(&self) -> bool {
        self.error > 0 && self.n_thinned == 0
    }

    /// Takes the rows of `other` in. In whatever order summaries are merged, ranks are within the
    /// bound.
    pub fn merge(&mut self, other: &Self) {
        for (at, values) in other.levels.iter().enumerate() {
            self.level(at).extend(values);
        }
        self.error = self.error.saturating_add(other.error);
        self.thin_out();
    }

    /// Rows summarised.
    #[must_use]
    pub fn n_rows(&self) -> u64 {
        let rows =
            |(at, values): (usize, &Vec<f64>)| (values.len() as u64).saturating_mul(weight(at));
        self.levels.iter().enumerate().map(rows).fold(0, u64::saturating_add)
    }

    /// Most that the share of rows up to any value may be off, 0 to 1; 0 up to 1,023 rows.
    #[must_use]
    pub fn rank_error(&self) -> f64 {
        (self.error as f64 / self.n_rows().max(1) as f64).min(1.0)
    }

    /// Values with the rows that each stands for, ascending.
    #[must_use]
    pub fn weighted(&self) -> Vec<(f64, u64)> {
        let of_level = |(at, values): (usize, &Vec<f64>)| {
            values.iter().map(|&value| (value, weight(at))).collect::<Vec<_>>()
        };
        let pairs: Vec<(f64, u64)> = self.levels.iter().enumerate().flat_map(of_level).collect();
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        crate::order::sort_by(&mut order, &mut |a, b| pairs[a].0.total_cmp(&pairs[b].0));
        order.into_iter().map(|at| pairs[at]).collect()
    }

    /// At most `n` numbers that have the summary's distribution, ascending.
    pub(super) fn representatives(&self, n: u64) -> Vec<f64> {
        let (pairs, rows) = (self.weighted(), self.n_rows());
        let n = n.min(rows);
        let (mut at, mut behind) = (0, pairs.first().map_or(0, |pair| pair.1));
        let mut representatives = Vec::new();
        for i in 0..n {
            // The row in the middle of the i-th of n parts.
            let row = (u128::from(rows) * u128::from(2 * i + 1) / u128::from(2 * n)) as u64;
            while behind <= row && at + 1 < pairs.len() {
                at += 1;
                behind = behind.saturating_add(pairs[at].1);
            }
            representatives.extend(pairs.get(at).map(|pair| pair.0));
        }
        representatives
    }

    fn level(&mut self, at: usize) -> &mut Vec<f64> {
        if self.levels.len() <= at {
            self.levels.resize_with(at + 1, Vec::new);
        }
        &mut self.levels[at]
    }

    /// Thins out every level that is full, from the lowest up.
    fn thin_out(&mut self) {
        let mut at = 0;
        while at < self.levels.len() {
            if self.levels[at].len() >= LEVEL_SIZE {
                let mut values = std::mem::take(&mut self.levels[at]);
                crate::order::sort_values(&mut values);
                // One without a partner stays behind, so that no row is lost.
                if values.len() % 2 == 1 {
                    self.levels[at].extend(values.pop());
                }
                let which = (self.n_thinned % 2) as usize;
                self.n_thinned = self.n_thinned.wrapping_add(1);
                self.error = self.error.saturating_add(weight(at));
                self.level(at + 1).extend(values.chunks_exact(2).map(|pair| pair[which]));
            }
            at += 1;
        }
    }
}

/// Rows that a value of this level stands for.
fn weight(level: usize) -> u64 {
    1_u64.checked_shl(level as u32).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rng::{Purpose, SplitMix64};

    /// Greatest distance between the share of rows up to a value, in the sketch and in the data.
    fn worst(sketch: &QuantileSketch, values: &[f64]) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let pairs = sketch.weighted();
        let (mut at, mut before, mut worst) = (0, 0_u64, 0.0_f64);
        for value in &sorted {
            while pairs.get(at).is_some_and(|pair| pair.0 <= *value) {
                before += pairs[at].1;
                at += 1;
            }
            let rank = sorted.partition_point(|other| other <= value) as f64;
            worst = worst.max((rank - before as f64).abs() / n);
        }
        worst
    }

    #[test]
    fn a_stored_sketch_is_looked_at_before_it_is_used() {
        let sketch = QuantileSketch::of(&(0..5000).map(f64::from).collect::<Vec<_>>());
        let stored = serde_json::to_value(&sketch).unwrap();
        let read = |value: serde_json::Value| serde_json::from_value::<QuantileSketch>(value);
        assert_eq!(read(stored.clone()).unwrap(), sketch);
        let mut exact = stored.clone();
        exact["error"] = 0.into();
        assert!(read(exact).is_err());
        let mut high = stored.clone();
        high["levels"] = vec![vec![1.0]; 64].into();
        assert!(read(high).is_err());
        let mut long = stored;
        long["levels"][0] = vec![1.0; 5000].into();
        assert!(read(long).is_err());
    }

    fn draw(seed: u64, n: usize, levels: u32) -> Vec<f64> {
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Synthetic);
        (0..n).map(|_| f64::from(rng.below(levels)) / 7.0).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn ranks_are_within_the_bound_in_whatever_order_parts_are_merged(
            seed in 0_u64..1000,
            sizes in proptest::collection::vec(0_usize..5000, 1..6),
            levels in prop_oneof![Just(3_u32), Just(500), Just(1 << 30)],
        ) {
            let parts: Vec<Vec<f64>> =
                sizes.iter().zip(seed..).map(|(&n, seed)| draw(seed, n, levels)).collect();
            let all = parts.concat();
            let sketches: Vec<QuantileSketch> =
                parts.iter().map(|part| QuantileSketch::of(part)).collect();
            let merged = |order: &mut dyn Iterator<Item = &QuantileSketch>| {
                let mut sum = QuantileSketch::default();
                order.for_each(|sketch| sum.merge(sketch));
                sum
            };
            let (there, back) =
                (merged(&mut sketches.iter()), merged(&mut sketches.iter().rev()));
            for sketch in [there, back, QuantileSketch::of(&all)] {
                prop_assert_eq!(sketch.n_rows(), all.len() as u64);
                prop_assert!(worst(&sketch, &all) <= sketch.rank_error() + 1e-12);
                let n = all.len() as f64;
                let stated = (libm::log2((n / 1024.0).max(1.0)) + 1.0) / 1024.0;
                prop_assert!(sketch.rank_error() <= 2.0 * stated, "{}", sketch.rank_error());
            }
        }
    }

    #[test]
    fn the_stated_bound_holds_for_rows_one_by_one_and_the_sketch_stays_small() {
        for n in [1000, 1024, 5000, 50_000, 200_000] {
            let values = draw(3, n, 1 << 30);
            let sketch = QuantileSketch::of(&values);
            let stated = (libm::log2((n as f64 / 1024.0).max(1.0)) + 1.0) / 1024.0;
            assert!(sketch.rank_error() <= stated, "{n}: {} {stated}", sketch.rank_error());
            assert!(worst(&sketch, &values) <= sketch.rank_error());
            assert!(sketch.weighted().len() <= 9 * LEVEL_SIZE);
        }
        assert_eq!(QuantileSketch::of(&draw(3, 1000, 50)).rank_error(), 0.0);
    }

    #[test]
    fn it_comes_back_from_json() {
        let sketch = QuantileSketch::of(&draw(1, 3000, 1 << 30));
        let json = serde_json::to_string(&sketch).unwrap();
        assert_eq!(serde_json::from_str::<QuantileSketch>(&json).unwrap(), sketch);
    }
}
