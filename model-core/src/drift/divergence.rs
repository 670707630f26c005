//! How far apart two lists of shares are: PSI, Kullback-Leibler and Jensen-Shannon, in nats.
//!
//! None of them knows how many rows the shares come from: of few rows they are large by chance
//! alone, and a threshold on them raises false alarms.
//!
//! Sources: Karakoulas, "Empirical validation of retail credit-scoring models" (2004), for PSI;
//! Kullback & Leibler, "On information and sufficiency", Ann. Math. Stat. 22 (1951); Endres &
//! Schindelin, "A new metric for probability distributions", IEEE Trans. Inf. Theory 49 (2003);
//! empty bins as in Evidently 0.7.

use super::binning::BinShares;

/// What an empty bin counts as where the logarithm of a share is taken.
const EMPTY_SHARE: f64 = 1e-4;

impl BinShares {
    /// Population stability index: `Σ (r - c) ln(r / c)`; 0 for equal shares or a side without rows.
    #[must_use]
    pub fn population_stability_index(&self) -> f64 {
        self.filled_sum(|r, c| (r - c) * libm::log(r / c))
    }

    /// Kullback-Leibler divergence of the current window from the reference: `Σ r ln(r / c)`, of
    /// shares that sum to 1 again after empty bins were filled.
    #[must_use]
    pub fn kullback_leibler(&self) -> f64 {
        if self.is_one_sided() {
            return 0.0;
        }
        let sum = |shares: &[f64]| filled(shares).iter().sum::<f64>();
        let (n, m) = (sum(&self.reference), sum(&self.current));
        self.filled_sum(|r, c| r / n * libm::log(r / n / (c / m))).max(0.0)
    }

    /// Jensen-Shannon distance, 0 to `sqrt(ln 2)`: the root of the mean divergence from the mean.
    #[must_use]
    pub fn jensen_shannon(&self) -> f64 {
        if self.is_one_sided() {
            return 0.0;
        }
        let term = |share: f64, mean: f64| {
            if share > 0.0 { share * libm::log(share / mean) } else { 0.0 }
        };
        let both = self.reference.iter().zip(&self.current);
        let sum: f64 = both
            .map(|(&r, &c)| {
                let mean = 0.5 * (r + c);
                term(r, mean) + term(c, mean)
            })
            .sum();
        // Rounding may leave a little less than nothing.
        (0.5 * sum).max(0.0).sqrt()
    }

    /// Whether there is a side without rows, with which nothing compares.
    fn is_one_sided(&self) -> bool {
        let is_empty = |shares: &[f64]| shares.iter().all(|share| *share == 0.0);
        is_empty(&self.reference) || is_empty(&self.current)
    }

    fn filled_sum(&self, term: impl Fn(f64, f64) -> f64) -> f64 {
        if self.is_one_sided() {
            return 0.0;
        }
        let (reference, current) = (filled(&self.reference), filled(&self.current));
        reference.into_iter().zip(current).map(|(r, c)| term(r, c)).sum()
    }
}

/// Shares with something in every bin; they sum to a little more than 1.
fn filled(shares: &[f64]) -> Vec<f64> {
    let occupied = shares.iter().copied().filter(|share| *share > 0.0);
    let least = occupied.fold(f64::INFINITY, f64::min);
    let empty = if least <= EMPTY_SHARE { least / 1e6 } else { EMPTY_SHARE };
    shares.iter().map(|&share| if share > 0.0 { share } else { empty }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shares_are_no_distance_apart() {
        let same = BinShares::of_counts(&[10, 20, 0], &[1, 2, 0]);
        assert_eq!(same.population_stability_index(), 0.0);
        assert_eq!((same.kullback_leibler(), same.jensen_shannon()), (0.0, 0.0));
    }

    #[test]
    fn apart_altogether_is_the_greatest_distance() {
        let apart = BinShares::of_counts(&[10, 0], &[0, 10]);
        assert!((apart.jensen_shannon() - std::f64::consts::LN_2.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_side_without_rows_is_no_distance() {
        let none = BinShares::of_counts(&[10, 5], &[0, 0]);
        assert_eq!(none.population_stability_index(), 0.0);
        assert_eq!((none.kullback_leibler(), none.jensen_shannon()), (0.0, 0.0));
    }
}
