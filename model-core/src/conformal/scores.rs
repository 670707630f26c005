//! The scores that thresholds are read from: the upper half of them, and of many only some.
//!
//! Coverage is at least a half, so the lower half of the scores is never asked for. Up to 256 of
//! the others are kept one by one; of more, those of every four-hundredth of coverage, that of the
//! model's own coverage, and the greatest. Which ranks are kept follows from the number of scores
//! and the coverage alone, so a file lists the scores and no ranks.

use super::MIN_COVERAGE;
use crate::dataset::MAX_ROWS;
use crate::order::sort_values;

/// Most scores of the upper half that are kept one by one.
const MAX_SINGLE: u64 = 256;
/// Parts of 1 that coverage is graded in beyond that: 0.25 %.
const GRADES: u64 = 400;

/// Scores of the rows that cross-validation held out, each `1 − p(true class)`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConformalScores {
    n: u32,
    /// The rank of each score that is kept, ascending, from 1.
    ranks: Vec<u32>,
    /// Ascending, none below its exact value.
    kept: Vec<f32>,
}

impl ConformalScores {
    /// Keeps what thresholds need of `scores`, in any order; `None` if there are none.
    pub(super) fn keep(mut scores: Vec<f64>, coverage: f64) -> Option<Self> {
        for score in &mut scores {
            *score = if score.is_nan() { 1.0 } else { score.clamp(0.0, 1.0) };
        }
        sort_values(&mut scores);
        let n = u32::try_from(scores.len()).ok().filter(|&n| n > 0)?;
        let ranks = kept_ranks(n, coverage);
        let kept = ranks.iter().filter_map(|&rank| scores.get(rank as usize - 1));
        let kept = kept.map(|&score| rounded_up(score)).collect();
        Some(Self { n, ranks, kept })
    }

    /// `n` scores of which a file lists `kept`; `None` if they cannot be that.
    pub(crate) fn from_parts(n: u32, kept: Vec<f32>, coverage: f64) -> Option<Self> {
        if n == 0 || n as usize > MAX_ROWS {
            return None;
        }
        let ranks = kept_ranks(n, coverage);
        let sound = ranks.len() == kept.len()
            && kept.iter().all(|score| (0.0..=1.0).contains(score))
            && kept.is_sorted();
        sound.then_some(Self { n, ranks, kept })
    }

    /// How many rows were scored.
    #[must_use]
    pub fn n_scores(&self) -> u32 {
        self.n
    }

    /// The scores that are kept, ascending; see the [module](super) for which those are.
    #[must_use]
    pub fn kept(&self) -> &[f32] {
        &self.kept
    }

    /// The score of rank `⌈(n + 1) coverage⌉`, or the next greater that is kept; `None` if there
    /// are not that many.
    ///
    /// The score of the model's own coverage is always kept.
    #[must_use]
    pub fn threshold(&self, coverage: f64) -> Option<f64> {
        let rank = rank_of(self.n, coverage);
        let place = self.ranks.partition_point(|&kept| u64::from(kept) < rank);
        self.kept.get(place).copied().map(f64::from)
    }
}

/// `⌈(n + 1) coverage⌉`. A coverage of 0.55 is 55 of 100, though its double is a little more.
fn rank_of(n: u32, coverage: f64) -> u64 {
    ((f64::from(n) + 1.0) * coverage - 1e-9).ceil() as u64
}

/// The ranks whose scores are kept, ascending.
fn kept_ranks(n: u32, coverage: f64) -> Vec<u32> {
    let (n, from) = (u64::from(n), rank_of(n, MIN_COVERAGE));
    if n - from < MAX_SINGLE {
        return (from..=n).map(|rank| rank as u32).collect();
    }
    // With so many scores grades are more than a rank apart: these ascend.
    let graded = (GRADES / 2..GRADES).map(|grade| ((n + 1) * grade).div_ceil(GRADES));
    let mut ranks: Vec<u64> = graded.take_while(|&rank| rank <= n).collect();
    for rank in [rank_of(n as u32, coverage), n] {
        if let Err(at) = ranks.binary_search(&rank)
            && rank <= n
        {
            ranks.insert(at, rank);
        }
    }
    ranks.into_iter().map(|rank| rank as u32).collect()
}

/// The least single-precision number that is no less.
fn rounded_up(score: f64) -> f32 {
    let nearest = score as f32;
    if f64::from(nearest) < score { nearest.next_up() } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    fn random(n: usize) -> Vec<f64> {
        let mut rng = SplitMix64::new(n as u64);
        (0..n).map(|_| rng.unit() * rng.unit()).collect()
    }

    fn exact(scores: &[f64], rank: u64) -> Option<f64> {
        let mut sorted = scores.to_vec();
        sort_values(&mut sorted);
        sorted.get(rank as usize - 1).copied()
    }

    #[test]
    fn ranks_are_those_of_decimal_coverages() {
        // 100 * 0.55 is 55.00000000000001 in doubles.
        assert_eq!([rank_of(99, 0.55), rank_of(9, 0.9), rank_of(10, 0.9)], [55, 9, 10]);
        assert_eq!([rank_of(1, 0.5), rank_of(2, 0.5), rank_of(119, 0.9)], [1, 2, 108]);
    }

    #[test]
    fn few_scores_give_every_threshold() {
        for n in [1, 2, 9, 10, 120, 510, 511, 512, 513] {
            let scores = random(n);
            let kept = ConformalScores::keep(scores.clone(), 0.9).unwrap();
            for coverage in [0.5, 0.55, 0.7, 0.9, 0.95, 0.99, 0.999] {
                let expected = exact(&scores, rank_of(n as u32, coverage)).map(rounded_up);
                assert_eq!(kept.threshold(coverage), expected.map(f64::from), "{n} {coverage}");
            }
        }
    }

    #[test]
    fn many_scores_give_the_models_own_threshold_and_grades_of_others() {
        for n in [514, 1000, 12_345, 200_000] {
            let scores = random(n);
            for own in [0.9, 0.7777, 0.999, 0.5] {
                let kept = ConformalScores::keep(scores.clone(), own).unwrap();
                assert!(kept.kept().len() <= 257, "{n}: {}", kept.kept().len());
                for coverage in [own, 0.9, 0.95, 0.975, 0.99] {
                    let expected = exact(&scores, rank_of(n as u32, coverage)).map(rounded_up);
                    assert_eq!(kept.threshold(coverage), expected.map(f64::from));
                }
                // Between two grades the next one counts, at most 0.25 % further on.
                let (least, most) = (rank_of(n as u32, 0.8123), rank_of(n as u32, 0.8148));
                let between = kept.threshold(0.8123).unwrap();
                assert!(between >= exact(&scores, least).unwrap());
                assert!(between <= f64::from(rounded_up(exact(&scores, most + 1).unwrap())));
            }
        }
    }

    #[test]
    fn rounding_goes_up_and_no_further_than_needed() {
        for score in random(1000).into_iter().chain([0.0, 1.0, 0.5, 1e-300, 1.0 - 1e-16]) {
            let up = rounded_up(score);
            assert!((0.0..=1.0).contains(&up) && f64::from(up) >= score);
            assert!(up == 0.0 || f64::from(up.next_down()) < score);
        }
    }

    #[test]
    fn lists_that_no_training_writes_are_refused() {
        let scores = ConformalScores::keep(random(9), 0.9).unwrap();
        let from = |n, kept: &[f32]| ConformalScores::from_parts(n, kept.to_vec(), 0.9);
        assert_eq!(from(9, scores.kept()), Some(scores.clone()));
        let kept = scores.kept();
        assert_eq!((from(8, kept), from(0, &[]), from(u32::MAX, kept)), (None, None, None));
        assert_eq!(from(1, &[f32::NAN]), None);
        assert_eq!(
            (from(1, &[1.1]), from(1, &[-0.1]), from(2, &[0.5])),
            (None, None, from(2, &[0.5]))
        );
        assert_eq!((from(4, &[0.5, 0.4]), from(3, &[0.5])), (None, None));
    }
}
