//! Many categories as a few numbers: for each class the share that it has among a category's rows.
//!
//! A share of few rows tells little, so it is drawn towards the share among all rows, as if
//! [`PRIOR_ROWS`] rows more had that one. A row that trains does not see its own label: it is encoded by
//! the rows of the other four fifths, else the model would learn that the encoding knows the answer.
//! A category that the training rows did not hold has the shares of all rows.
//!
//! Sources: Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes",
//! SIGKDD Explorations 3 (2001); scikit-learn's `TargetEncoder`, which fits training rows crosswise in
//! the same way.

use crate::dataset::{Dataset, n_shares};
use crate::rng::SplitMix64;

/// Rows that the shares among all rows count for, beside a category's own.
pub(crate) const PRIOR_ROWS: f64 = 10.0;
/// Parts of the training rows of which each is encoded by the others.
const N_PARTS: usize = 5;

/// The shares of classes by category.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetTable {
    /// Categories (indices, ascending) that the training rows held.
    codes: Vec<u32>,
    /// The shares of each of them, one list after the other.
    shares: Vec<f64>,
    /// The shares among all rows.
    prior: Vec<f64>,
}

impl TargetTable {
    /// The table with these parts, if categories ascend, each has as many shares as the prior, at
    /// least one, and all are between 0 and 1.
    #[must_use]
    pub fn from_parts(codes: Vec<u32>, shares: Vec<f64>, prior: Vec<f64>) -> Option<Self> {
        let is_share = |share: &f64| (0.0..=1.0).contains(share);
        let sound = !prior.is_empty()
            && codes.windows(2).all(|pair| pair[0] < pair[1])
            && codes.len().checked_mul(prior.len()) == Some(shares.len())
            && shares.iter().chain(&prior).all(is_share);
        sound.then_some(Self { codes, shares, prior })
    }

    /// The categories that have shares of their own, ascending.
    #[must_use]
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The shares of each category, one list after the other.
    #[must_use]
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// The shares among all rows, for every other category.
    #[must_use]
    pub fn prior(&self) -> &[f64] {
        &self.prior
    }

    /// The shares that encode a category.
    #[must_use]
    pub fn shares_of(&self, code: f64) -> &[f64] {
        let n = self.prior.len();
        let place = self.codes.binary_search_by(|&known| f64::from(known).total_cmp(&code));
        place.ok().and_then(|at| self.shares.get(at * n..(at + 1) * n)).unwrap_or(&self.prior)
    }
}

/// Labels counted by category and part of the training rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TargetCounts {
    n_categories: usize,
    n_classes: usize,
    /// `[part][category][class]`
    counts: Vec<u32>,
    prior: Vec<f64>,
}

impl TargetCounts {
    /// Counts the labels of `rows` in column `at`; `fill` stands in for a missing category.
    pub(super) fn of(
        dataset: &Dataset,
        rows: &[usize],
        at: usize,
        fill: f64,
        n_categories: usize,
    ) -> Self {
        let n_classes = dataset.n_classes();
        let mut counts = vec![0; N_PARTS * n_categories * n_classes];
        let mut of_class = vec![0_u32; n_classes];
        for &row in rows {
            let value = dataset.row(row).get(at).copied().unwrap_or(f64::NAN);
            let code = if value.is_nan() { fill } else { value } as usize;
            let label = dataset.label(row) as usize;
            let place = (part_of(row) * n_categories + code) * n_classes + label;
            if code < n_categories
                && let Some(count) = counts.get_mut(place)
            {
                *count += 1;
            }
            if let Some(count) = of_class.get_mut(label) {
                *count += 1;
            }
        }
        let first = n_classes - n_shares(n_classes);
        let n = rows.len().max(1) as f64;
        let prior = of_class.iter().skip(first).map(|&count| f64::from(count) / n).collect();
        Self { n_categories, n_classes, counts, prior }
    }

    fn count(&self, part: usize, code: usize, class: usize) -> u32 {
        let place = (part * self.n_categories + code) * self.n_classes + class;
        self.counts.get(place).copied().unwrap_or_default()
    }

    /// Writes the shares of category `code` among the rows of all parts but one.
    fn shares_into(&self, code: usize, without: Option<usize>, out: &mut [f64]) {
        let parts = || (0..N_PARTS).filter(move |&part| Some(part) != without);
        let of_class =
            |class| parts().map(|part| f64::from(self.count(part, code, class))).sum::<f64>();
        let n: f64 = (0..self.n_classes).map(of_class).sum();
        let first = self.n_classes - self.prior.len();
        for ((class, prior), out) in (first..).zip(&self.prior).zip(out) {
            *out = (of_class(class) + PRIOR_ROWS * prior) / (n + PRIOR_ROWS);
        }
    }

    /// The table of all rows.
    pub(super) fn table(&self) -> TargetTable {
        let n_shares = self.prior.len();
        let (mut codes, mut shares) = (Vec::new(), Vec::new());
        let is_held = |code: usize| {
            let has_rows =
                |part| (0..self.n_classes).any(|class| self.count(part, code, class) > 0);
            (0..N_PARTS).any(has_rows)
        };
        for code in (0..self.n_categories).filter(|&code| is_held(code)) {
            codes.push(code as u32);
            let start = shares.len();
            shares.resize(start + n_shares, 0.0);
            self.shares_into(code, None, &mut shares[start..]);
        }
        TargetTable { codes, shares, prior: self.prior.clone() }
    }

    /// Writes what encodes category `code` of a training row, from the rows of other parts.
    pub(super) fn encode_training_row(&self, row: usize, code: f64, out: &mut [f64]) {
        self.shares_into(code as usize, Some(part_of(row)), out);
    }
}

/// The part that a row of the data set belongs to, whatever other rows train with it.
fn part_of(row: usize) -> usize {
    SplitMix64::new(row as u64).below(N_PARTS as u32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Column, ColumnKind};

    /// Rows whose category goes with their class, or not.
    fn data(n: usize, n_categories: usize, tells: bool) -> Dataset {
        let kind = ColumnKind::Categorical((0..n_categories).map(|i| format!("{i:04}")).collect());
        let column = Column { kind, ..Column::numeric("place") };
        let mut rng = SplitMix64::new(3);
        let codes: Vec<f64> = (0..n).map(|_| f64::from(rng.below(n_categories as u32))).collect();
        let label = |code: &f64| if tells { *code as u32 % 2 } else { rng.below(2) };
        let labels = codes.iter().map(label).collect();
        let classes = vec!["a".into(), "b".into()];
        Dataset::new("d", "y", vec![column], classes, codes, labels).unwrap()
    }

    fn correlation(pairs: &[(f64, f64)]) -> f64 {
        let n = pairs.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let sum = |of: &dyn Fn(f64, f64) -> f64| {
            pairs.iter().map(|&(a, b)| of(a - x, b - y)).sum::<f64>()
        };
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    }

    /// How well the encoding of training rows agrees with their labels.
    fn agreement(tells: bool, crosswise: bool) -> f64 {
        let data = data(4000, 1000, tells);
        let rows: Vec<usize> = (0..4000).collect();
        let counts = TargetCounts::of(&data, &rows, 0, 0.0, 1000);
        let table = counts.table();
        let pairs: Vec<(f64, f64)> = rows
            .iter()
            .map(|&row| {
                let mut out = [0.0];
                let code = data.row(row)[0];
                if crosswise {
                    counts.encode_training_row(row, code, &mut out);
                } else {
                    out.copy_from_slice(table.shares_of(code));
                }
                (out[0], f64::from(data.label(row)))
            })
            .collect();
        correlation(&pairs)
    }

    #[test]
    fn a_training_row_does_not_see_its_own_label() {
        assert!(agreement(true, true) > 0.7);
        assert!(agreement(false, true).abs() < 0.05, "noise stays noise");
        assert!(
            agreement(false, false) > 0.3,
            "encoded by themselves, rows would know their labels"
        );
    }

    #[test]
    fn shares_are_drawn_towards_those_of_all_rows() {
        let data = data(200, 4, true);
        let rows: Vec<usize> = (0..200).collect();
        let table = TargetCounts::of(&data, &rows, 0, 0.0, 4).table();
        assert_eq!(table.codes(), [0, 1, 2, 3]);
        let prior = table.prior()[0];
        assert!(table.shares_of(0.0)[0] > 0.0 && table.shares_of(0.0)[0] < prior);
        assert!(table.shares_of(1.0)[0] < 1.0 && table.shares_of(1.0)[0] > prior);
        assert_eq!(table.shares_of(9.0), [prior], "a category that training did not hold");
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let build = TargetTable::from_parts;
        assert!(build(vec![1, 4], vec![0.5, 0.25], vec![0.5]).is_some());
        assert!(build(vec![4, 1], vec![0.5, 0.25], vec![0.5]).is_none());
        assert!(build(vec![1], vec![0.5, 0.25], vec![0.5]).is_none());
        assert!(build(vec![1], vec![1.5], vec![0.5]).is_none());
        assert!(build(vec![1], vec![f64::NAN], vec![0.5]).is_none());
        assert!(build(vec![], vec![], vec![]).is_none());
    }
}
