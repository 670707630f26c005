//! Counts of two samples by category: have they one mix?
//!
//! Pearson's chi-square test, whose p-value is good while every expected count is at least 5
//! (Cochran, "Some methods for strengthening the common χ² tests", Biometrics 10 (1954)); rarer
//! categories are taken together, and if too little is left, Fisher's exact test decides between
//! the most frequent category and the rest.

use super::fisher::fisher_exact;
use super::gamma::chi_square_tail;

/// Least expected count of a category that is counted alone.
const LEAST_EXPECTED: f64 = 5.0;

/// Which test compared the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountTest {
    /// Pearson's chi-square.
    ChiSquare,
    /// Fisher's exact test on two cells.
    FisherExact,
}

/// What comparing two lists of counts finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homogeneity {
    /// The test that gave the p-value.
    pub test: CountTest,
    /// Pearson's chi-square of the cells compared.
    pub statistic: f64,
    /// Probability of as great a difference between samples of one mix.
    pub p_value: f64,
    /// The p-value by the chi-square distribution, whatever the counts.
    pub p_value_asymptotic: f64,
    /// Categories that were taken together because few rows have them.
    pub n_pooled: usize,
}

/// Compares counts by category, the same categories in both; `p_value` is 1 if a side is empty or
/// there is one category only.
///
/// Where no expected count is below 5, what
/// `scipy.stats.chi2_contingency(correction=False)` gives.
#[must_use]
pub fn homogeneity(reference: &[u64], current: &[u64]) -> Homogeneity {
    let totals = (total(reference), total(current));
    let used = reference.iter().zip(current).filter(|(a, b)| **a + **b > 0);
    let mut cells: Vec<(u64, u64)> = used.map(|(&a, &b)| (a, b)).collect();
    let n_categories = cells.len();
    let smaller_share = totals.0.min(totals.1) as f64 / (totals.0 + totals.1).max(1) as f64;
    let n_pooled = pool(&mut cells, |(a, b)| ((a + b) as f64 * smaller_share) < LEAST_EXPECTED);
    let exact = cells.len() < 2 && n_categories >= 2;
    if exact {
        let largest = reference.iter().zip(current).max_by_key(|(a, b)| **a + **b);
        let (a, b) = largest.map_or((0, 0), |(&a, &b)| (a, b));
        cells = vec![(a, b), (totals.0 - a, totals.1 - b)];
    }
    let statistic = pearson(&cells, totals);
    let degrees = cells.len().saturating_sub(1) as f64;
    let p_value_asymptotic = chi_square_tail(statistic, degrees);
    let (test, p_value) = match *cells {
        [(a, b), (c, d)] if exact => (CountTest::FisherExact, fisher_exact([a, b, c, d])),
        _ => (CountTest::ChiSquare, p_value_asymptotic),
    };
    Homogeneity { test, statistic, p_value, p_value_asymptotic, n_pooled }
}

fn total(counts: &[u64]) -> u64 {
    counts.iter().sum()
}

/// Takes the sparse cells together, and the least other one with them if they are still sparse;
/// how many cells went into one.
fn pool(cells: &mut Vec<(u64, u64)>, is_sparse: impl Fn((u64, u64)) -> bool) -> usize {
    let (mut sum, mut n) = ((0, 0), 0);
    cells.retain(|&cell| {
        let sparse = is_sparse(cell);
        if sparse {
            sum = (sum.0 + cell.0, sum.1 + cell.1);
            n += 1;
        }
        !sparse
    });
    if n > 0 && is_sparse(sum) {
        let least = cells.iter().enumerate().min_by_key(|(_, (a, b))| a + b).map(|(at, _)| at);
        if let Some(at) = least {
            let (a, b) = cells.remove(at);
            sum = (sum.0 + a, sum.1 + b);
            n += 1;
        }
    }
    if n > 0 {
        cells.push(sum);
    }
    if n > 1 { n } else { 0 }
}

/// Pearson's statistic of a table of two columns; 0 if one is empty.
fn pearson(cells: &[(u64, u64)], (n, m): (u64, u64)) -> f64 {
    if n == 0 || m == 0 {
        return 0.0;
    }
    let (n, m) = (n as f64, m as f64);
    let of_cell = |&(a, b): &(u64, u64)| {
        let pooled = (a + b) as f64 / (n + m);
        let off = a as f64 - pooled * n;
        // The other column is off by as much.
        if pooled > 0.0 { off * off / pooled * (1.0 / n + 1.0 / m) } else { 0.0 }
    };
    cells.iter().map(of_cell).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_categories_give_pearsons_test() {
        // scipy.stats.chi2_contingency([[30, 40, 50], [10, 30, 15]], correction=False)
        let found = homogeneity(&[30, 40, 50], &[10, 30, 15]);
        assert_eq!((found.test, found.n_pooled), (CountTest::ChiSquare, 0));
        assert!((found.statistic - 7.113199300699301).abs() < 1e-12, "{found:?}");
        assert!((found.p_value / 0.028535691258583986 - 1.0).abs() < 1e-10, "{found:?}");
    }

    #[test]
    fn rare_categories_are_taken_together() {
        // The last three, as scipy.stats.chi2_contingency([[60, 50, 10], [30, 15, 15]], ...).
        let found = homogeneity(&[60, 50, 4, 4, 2], &[30, 15, 5, 5, 5]);
        assert_eq!(found.n_pooled, 3);
        assert_eq!(found.p_value, homogeneity(&[60, 50, 10], &[30, 15, 15]).p_value);
    }

    #[test]
    fn few_rows_are_compared_exactly() {
        // scipy.stats.fisher_exact([[3, 0], [1, 4]]) has a p-value of 1 / 7.
        let found = homogeneity(&[3, 1], &[0, 4]);
        assert_eq!(found.test, CountTest::FisherExact);
        assert!((found.p_value - 1.0 / 7.0).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn nothing_to_compare_is_no_difference() {
        for (reference, current) in [(&[][..], &[][..]), (&[5], &[9]), (&[0, 0], &[3, 4])] {
            let found = homogeneity(reference, current);
            assert_eq!((found.statistic, found.p_value), (0.0, 1.0), "{reference:?} {current:?}");
        }
    }

    #[test]
    fn a_new_category_is_found() {
        assert!(homogeneity(&[100, 0], &[60, 40]).p_value < 1e-10);
    }
}
