//! The best split of a node, from its histogram.
//!
//! The gain is that of Chen & Guestrin, "XGBoost", KDD 2016, equation 7: squared gradients by
//! hessian of both sides, less those of the node. Of equal splits the first counts, lower
//! features and bins being earlier.

use super::GradientBoostingParams;
use super::sums::{Scale, Sums};

/// A split has to gain this share of what the node has, more than rounding can make up.
const MIN_GAIN_SHARE: f64 = 1e-10;

/// A split that could be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) feature: usize,
    pub(super) bin: u8,
    pub(super) left: Sums,
    /// Squared gradients by hessian, of both sides: the greater, the better. A fraction, since
    /// comparing two takes no division.
    score: [f64; 2],
    pub(super) gain: f64,
}

/// The best split of one node so far.
pub(super) struct Search<'a> {
    scale: &'a Scale,
    sums: Sums,
    min_samples: u64,
    /// In units of the scale, as all below.
    min_hessian: f64,
    l2: f64,
    best: Option<Split>,
    /// What a split has to beat.
    score: [f64; 2],
}

impl<'a> Search<'a> {
    pub(super) fn new(scale: &'a Scale, params: &GradientBoostingParams, sums: Sums) -> Self {
        let l2 = scale.hessian_units(params.l2_regularization);
        let (gradient, hessian) = (sums.gradient(), scale.hessian(sums));
        Self {
            scale,
            sums,
            min_samples: u64::from(params.min_samples_leaf),
            min_hessian: scale.hessian_units(params.min_sum_hessian_in_leaf),
            l2,
            best: None,
            score: [gradient * gradient * (1.0 + MIN_GAIN_SHARE), hessian + l2],
        }
    }

    /// Looks at every boundary between the bins of one feature; the first of equals is best.
    pub(super) fn look(&mut self, feature: usize, bins: &[Sums]) {
        let Some((_, lower_bins)) = bins.split_last() else { return };
        let scale = self.scale;
        let n = scale.count(self.sums);
        let (gradient, hessian) = (self.sums.gradient(), scale.hessian(self.sums));
        let mut left = Sums::default();
        for (bin, sums) in lower_bins.iter().enumerate() {
            if sums.is_empty() {
                continue;
            }
            left.add(*sums);
            let n_left = scale.count(left);
            let hessian_left = scale.hessian(left);
            if n_left < self.min_samples || hessian_left < self.min_hessian {
                continue;
            }
            let hessian_right = hessian - hessian_left;
            if n - n_left < self.min_samples || hessian_right < self.min_hessian {
                // Hessians are not negative: further right there is less still.
                break;
            }
            let (in_left, in_right) = (left.gradient(), gradient - left.gradient());
            let (by_left, by_right) = (hessian_left + self.l2, hessian_right + self.l2);
            let score =
                [in_left * in_left * by_right + in_right * in_right * by_left, by_left * by_right];
            if score[0] * self.score[1] > self.score[0] * score[1] {
                self.score = score;
                self.best = Some(Split { feature, bin: bin as u8, left, score, gain: 0.0 });
            }
        }
    }

    /// The best split, with its gain.
    pub(super) fn best(&self) -> Option<Split> {
        let (gradient, hessian) = (self.sums.gradient(), self.scale.hessian(self.sums));
        self.best.map(|split| {
            let before = gradient * gradient / (hessian + self.l2);
            let gain = self.scale.gain(split.score[0] / split.score[1] - before);
            Split { gain, ..split }
        })
    }
}
