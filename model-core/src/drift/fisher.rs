//! Fisher's exact test of a table of two by two counts.
//!
//! Source: Fisher, "Statistical methods for research workers" (1925), 21.02; two-sided by the
//! tables that are no more likely, as SciPy and R do.

/// Tables within this factor of the observed one's probability are as likely: rounding.
const AS_LIKELY: f64 = 1.0 + 1e-7;

/// Two-sided p-value of the table `[a, b, c, d]` with rows `a b` and `c d`; 1 if a row or a column
/// is empty. Agrees with `scipy.stats.fisher_exact`.
#[must_use]
pub fn fisher_exact([a, b, c, d]: [u64; 4]) -> f64 {
    let (row, column, all) = (a + b, a + c, a + b + c + d);
    let least = (row + column).saturating_sub(all);
    let most = row.min(column);
    let log_weight = |a: u64| log_binomial(row, a) + log_binomial(all - row, column - a);
    let observed = log_weight(a);
    let limit = observed + libm::log(AS_LIKELY);
    let (mut unlikely, mut sum) = (0.0, 0.0);
    // In units of the mode's weight, so that neither sum overflows.
    let mode = ((row + 1) as f64 * (column + 1) as f64 / (all + 2) as f64) as u64;
    let scale = log_weight(mode.clamp(least, most));
    for a in least..=most {
        let log = log_weight(a);
        let weight = libm::exp(log - scale);
        sum += weight;
        if log <= limit {
            unlikely += weight;
        }
    }
    (unlikely / sum).clamp(0.0, 1.0)
}

fn log_binomial(n: u64, k: u64) -> f64 {
    let log_factorial = |n: u64| libm::lgamma(n as f64 + 1.0);
    log_factorial(n) - log_factorial(k) - log_factorial(n.saturating_sub(k))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_value_is_that_of_scipy() {
        // scipy.stats.fisher_exact([[a, b], [c, d]]) of SciPy 1.17.1
        let expected = [
            ([3, 0, 1, 4], 0.14285714285714288),
            ([8, 2, 1, 5], 0.034965034965034975),
            ([0, 10, 250, 6], 1.944608462696118e-14),
            ([120, 30, 0, 30], 8.921477008380885e-18),
            ([5, 251, 90, 910], 2.971027340143027e-05),
            ([1000, 9000, 1200, 8800], 6.800024223808414e-06),
            ([2, 198, 40, 160], 5.7383077553842074e-11),
        ];
        for (table, expected) in expected {
            let got = fisher_exact(table);
            assert!((got / expected - 1.0).abs() < 1e-9, "{table:?}: {got:e} {expected:e}");
        }
    }

    #[test]
    fn an_empty_row_or_column_says_nothing() {
        for table in [[0, 0, 0, 0], [0, 0, 3, 4], [0, 5, 0, 9]] {
            assert_eq!(fisher_exact(table), 1.0, "{table:?}");
        }
    }
}
