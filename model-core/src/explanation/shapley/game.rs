//! One row against one background row: which features differ, and what coalitions of them are
//! worth.

use super::weights::Weights;
use crate::rng::SplitMix64;

/// What a model says of a row of values: writes a number a class.
pub(super) type Predict<'a> = dyn Fn(&[f64], &mut [f64]) + 'a;

/// A game: the players are the features in which the rows differ, and a coalition is worth what
/// the model says of the background row with the coalition's values of the row.
///
/// A feature in which they do not differ, or that the model does not read, adds nothing to any
/// coalition: its value is 0 without being computed.
pub(super) struct Game<'a> {
    pub(super) predict: &'a Predict<'a>,
    pub(super) row: &'a [f64],
    pub(super) background: &'a [f64],
    /// Features that differ and are read.
    pub(super) players: Vec<usize>,
    /// What the model says of the row, all players in.
    pub(super) whole: &'a [f64],
    /// What it says of the background row, none in.
    pub(super) none: &'a [f64],
}

impl Game<'_> {
    fn n_classes(&self) -> usize {
        self.whole.len()
    }

    /// Adds the exact values to `out` (features x classes): every coalition is asked once.
    pub(super) fn enumerate(&self, weights: &mut Weights, out: &mut [f64]) {
        let (n, k) = (self.players.len(), self.n_classes());
        let weights = weights.of(n);
        let worths = self.worths();
        for (at, &player) in self.players.iter().enumerate() {
            let values = &mut out[player * k..][..k];
            for without in (0_usize..1 << n).filter(|coalition| coalition >> at & 1 == 0) {
                let weight = weights[without.count_ones() as usize];
                let worth = |coalition: usize| &worths[coalition * k..][..k];
                let pairs = worth(without | 1 << at).iter().zip(worth(without));
                // A difference at a time, so that a player who changes nothing gets exactly 0.
                for (value, (with, without)) in values.iter_mut().zip(pairs) {
                    *value += weight * (with - without);
                }
            }
        }
    }

    /// What each coalition is worth (coalitions x classes); a player is in where its bit is set.
    fn worths(&self) -> Vec<f64> {
        let (n, k) = (self.players.len(), self.n_classes());
        let mut worths = vec![0.0; k << n];
        let mut composite = self.background.to_vec();
        for (coalition, worth) in worths.chunks_exact_mut(k.max(1)).enumerate() {
            if coalition == 0 {
                worth.copy_from_slice(self.none);
            } else if coalition + 1 == 1 << n {
                worth.copy_from_slice(self.whole);
            } else {
                for (at, &player) in self.players.iter().enumerate() {
                    let side = if coalition >> at & 1 == 1 { self.row } else { self.background };
                    composite[player] = side[player];
                }
                (self.predict)(&composite, worth);
            }
        }
        worths
    }

    /// Adds estimates to `out` (features x classes), and their variances to `variances`.
    ///
    /// Each of `n_permutations` orders lets the players join one by one, then in the opposite
    /// order; what a player adds is averaged over both. Either way the additions sum to the
    /// difference of the two rows, so that the estimates do.
    pub(super) fn sample(
        &self,
        n_permutations: u32,
        rng: &mut SplitMix64,
        out: &mut [f64],
        variances: &mut [f64],
    ) {
        let (n, k) = (self.players.len(), self.n_classes());
        let mut order: Vec<usize> = (0..n).collect();
        // Means and sums of squared deviations over the permutations (Welford), players x classes.
        let (mut mean, mut squares) = (vec![0.0; n * k], vec![0.0; n * k]);
        let mut added = vec![0.0; n * k];
        for done in 1..=n_permutations {
            rng.shuffle(&mut order);
            added.fill(0.0);
            self.walk(&mut order.iter().copied(), &mut added);
            self.walk(&mut order.iter().rev().copied(), &mut added);
            for ((mean, squares), added) in mean.iter_mut().zip(&mut squares).zip(&added) {
                let deviation = added / 2.0 - *mean;
                *mean += deviation / f64::from(done);
                *squares += deviation * (added / 2.0 - *mean);
            }
        }
        let n_permutations = f64::from(n_permutations);
        // Variance of the mean: the sample's, divided by their number.
        let scale = 1.0 / (n_permutations * (n_permutations - 1.0)).max(1.0);
        for (at, &player) in self.players.iter().enumerate() {
            for class in 0..k {
                out[player * k + class] += mean[at * k + class];
                variances[player * k + class] += squares[at * k + class] * scale;
            }
        }
    }

    /// Lets the players join in this order and adds what each adds to `added`.
    fn walk(&self, order: &mut dyn Iterator<Item = usize>, added: &mut [f64]) {
        let (n, k) = (self.players.len(), self.n_classes());
        let mut composite = self.background.to_vec();
        let (mut before, mut after) = (self.none.to_vec(), vec![0.0; k]);
        for (joined, at) in order.enumerate() {
            let player = self.players[at];
            composite[player] = self.row[player];
            if joined + 1 == n {
                after.copy_from_slice(self.whole);
            } else {
                (self.predict)(&composite, &mut after);
            }
            let differences = after.iter().zip(&before).map(|(after, before)| after - before);
            let added = &mut added[at * k..][..k];
            added.iter_mut().zip(differences).for_each(|(added, difference)| *added += difference);
            std::mem::swap(&mut before, &mut after);
        }
    }
}
