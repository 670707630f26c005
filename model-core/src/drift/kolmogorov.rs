//! The distribution of the one-sample Kolmogorov-Smirnov statistic, at any sample size.
//!
//! The asymptotic p-value of the two-sample test is this distribution's tail at the effective
//! sample size, as in SciPy. Each region has the formula that is accurate there.
//!
//! Sources: Simard & L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution", Journal
//! of Statistical Software 39 (2011), for the regions; Durbin, "Distribution theory for tests based
//! on the sample distribution function" (1973), with the matrix of Marsaglia, Tsang & Wang,
//! "Evaluating Kolmogorov's distribution", J. Stat. Soft. 8 (2003); Birnbaum & Tingey, "One-sided
//! confidence contours for probability distribution functions", Ann. Math. Stat. 22 (1951); Pelz &
//! Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic",
//! J. R. Stat. Soc. B 38 (1976).

use std::f64::consts::PI;

/// Up to this sample size the exact formulas are used throughout.
const SMALL: f64 = 140.0;
/// Beyond this sample size the series of Pelz & Good is within 1e-8 of Durbin's matrix wherever
/// the matrix would be needed (measured against SciPy's).
const LARGE: f64 = 2000.0;

/// Probability that the greatest distance between the distribution function of `n` observations
/// and the true one is at least `x`; `n` is a whole number of at least 1.
pub(super) fn tail(n: f64, x: f64) -> f64 {
    let t = n * x;
    if x >= 1.0 {
        return 0.0;
    }
    if t <= 0.5 {
        return 1.0;
    }
    let square = t * x;
    let tail = if t <= 1.0 {
        1.0 - libm::exp(log_factorial_ratio(n) + n * libm::log(2.0 * t - 1.0))
    } else if t >= n - 1.0 {
        2.0 * libm::pow(1.0 - x, n)
    } else if x >= 0.5 || square > if n <= SMALL { 4.0 } else { 2.2 } {
        // Both sides at once are all but impossible here.
        2.0 * one_sided(n, x)
    } else if n <= SMALL || (n <= LARGE && t * x.sqrt() <= 1.4) {
        1.0 - durbin(n, x)
    } else {
        1.0 - pelz_good(n, x)
    };
    tail.clamp(0.0, 1.0)
}

/// `ln(n! / n^n)`.
fn log_factorial_ratio(n: f64) -> f64 {
    libm::lgamma(n + 1.0) - n * libm::log(n)
}

/// Probability that the distance to one side alone is at least `x`: the sum of Birnbaum & Tingey.
fn one_sided(n: f64, x: f64) -> f64 {
    let mut sum = libm::exp(n * libm::log1p(-x));
    let (mut log_binomial, mut j) = (0.0, 1.0);
    while j <= n * (1.0 - x) {
        log_binomial += libm::log((n - j + 1.0) / j);
        let (share, rest) = (x + j / n, 1.0 - x - j / n);
        if rest > 0.0 {
            let powers = (j - 1.0) * libm::log(share) + (n - j) * libm::log(rest);
            sum += x * libm::exp(log_binomial + powers);
        }
        j += 1.0;
    }
    sum
}

/// Probability of a distance below `x`: the middle element of `n! / n^n` times the n-th power of
/// Durbin's matrix, a row of which is carried along.
fn durbin(n: f64, x: f64) -> f64 {
    let k = (n * x).ceil();
    let h = k - n * x;
    let size = 2 * k as usize - 1;
    let (edge, factorials) = durbin_edge(h, size);
    // What `n! / n^n` comes to a step, so that the row neither grows nor vanishes.
    let step = libm::exp(log_factorial_ratio(n) / n);
    let middle = k as usize - 1;
    let mut row = vec![0.0; size];
    row[middle] = 1.0;
    let mut next = vec![0.0; size];
    for _ in 0..n as u32 {
        for (column, slot) in next.iter_mut().enumerate() {
            // Element (i, column) is 1 / (i - column + 1)!, but for the first column and last row.
            let sum: f64 = if column == 0 {
                row.iter().zip(&edge).map(|(value, element)| value * element).sum()
            } else {
                let inner = row[column - 1..size - 1].iter().zip(&factorials);
                let inner: f64 = inner.map(|(value, element)| value * element).sum();
                inner + row[size - 1] * edge[size - 1 - column]
            };
            *slot = sum * step;
        }
        std::mem::swap(&mut row, &mut next);
    }
    row[middle]
}

/// The matrix's first column (its last row in reverse), and `1 / j!` from 0 on.
fn durbin_edge(h: f64, size: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut edge, mut factorials) = (Vec::with_capacity(size), Vec::with_capacity(size));
    let (mut inverse, mut power) = (1.0, 1.0);
    for j in 1..=size {
        factorials.push(inverse);
        inverse /= j as f64;
        power *= h;
        edge.push((1.0 - power) * inverse);
    }
    let both = libm::pow((2.0 * h - 1.0).max(0.0), size as f64);
    if let Some(last) = edge.last_mut() {
        *last = (1.0 - 2.0 * power + both) * inverse;
    }
    (edge, factorials)
}

/// Probability of a distance below `x` by the first four terms of Pelz & Good in `n^(-1/2)`.
fn pelz_good(n: f64, x: f64) -> f64 {
    let z = n.sqrt() * x;
    let (z2, pi2) = (z * z, PI * PI);
    let (z4, z6, pi4) = (z2 * z2, z2 * z2 * z2, pi2 * pi2);
    let mut odd = [0.0; 4];
    let mut even = [0.0; 2];
    let n_terms = (16.0 * z / PI).ceil() as u32;
    for k in (1..=n_terms).rev().map(f64::from) {
        let m2 = (2.0 * k - 1.0) * (2.0 * k - 1.0);
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let weight = libm::exp(-pi2 * m2 / (8.0 * z2));
        odd[0] += weight;
        odd[1] += weight * (pi2 / 4.0 * m2 - z2);
        odd[2] += weight
            * (6.0 * z6
                + 2.0 * z4
                + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * m2
                + pi4 * (1.0 - 2.0 * z2) / 16.0 * m4);
        odd[3] += weight
            * (-30.0 * z6 - 90.0 * z4 * z4
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + pi4 * (212.0 * z4 - 60.0 * z2) / 16.0 * m4
                + pi4 * pi2 * (5.0 - 30.0 * z2) / 64.0 * m6);
        let weight = k * k * libm::exp(-pi2 * k * k / (2.0 * z2));
        even[0] += weight;
        even[1] += weight * (3.0 * z2 - pi2 * k * k);
    }
    let root = (2.0 * PI).sqrt();
    let terms = [
        root * odd[0] / z,
        root * odd[1] / (6.0 * z4),
        root * odd[2] / (72.0 * z6 * z) - pi2 * root * even[0] / (36.0 * z2 * z),
        root * odd[3] / (6480.0 * z6 * z4) + pi2 * root * even[1] / (216.0 * z6),
    ];
    terms[0] + terms[1] / n.sqrt() + terms[2] / n + terms[3] / (n * n.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_is_that_of_scipy() {
        // scipy.stats.kstwo.sf(x, n) of SciPy 1.17.1
        let expected = [
            (1.0, 0.6, 0.8),
            (2.0, 0.4, 0.82),
            (5.0, 0.15, 0.9988),
            (24.0, 0.11, 0.9031515191411768),
            (24.0, 0.2, 0.2560998009532548),
            (24.0, 0.4, 0.000560345836480014),
            (24.0, 0.7, 2.5947603553044055e-12),
            (100.0, 0.0075, 1.0),
            (100.0, 0.05, 0.9532159710635725),
            (100.0, 0.12, 0.10330374901819939),
            (140.0, 0.168, 0.0006361623019061495),
            (140.0, 0.17, 0.0005246108687519814),
            (141.0, 0.045, 0.925251190599722),
            (141.0, 0.05, 0.854845693009663),
            (200.0, 0.04, 0.8932878117043649),
            (200.0, 0.12, 0.005745760601982814),
            (500.0, 0.02, 0.9859871786857471),
            (1500.0, 0.009, 0.9996487299479272),
            (1999.0, 0.009, 0.9965272344794148),
            (2001.0, 0.009, 0.9965033399936052),
            (5000.0, 0.01, 0.6954557253913853),
            (5000.0, 0.02, 0.03613941395325637),
            (5000.0, 0.03, 0.00024159234422666817),
            (20000.0, 0.003, 0.9935433419563655),
            (20000.0, 0.012, 0.006251252284121751),
            (30000.0, 0.06, 2.5207854369439457e-94),
        ];
        for (n, x, expected) in expected {
            let got = tail(n, x);
            assert!((got - expected).abs() < 2e-8 * expected, "{n} {x}: {got:e} {expected:e}");
        }
    }

    #[test]
    fn ends_are_probabilities() {
        assert_eq!((tail(10.0, 0.0), tail(10.0, 1.0)), (1.0, 0.0));
        assert_eq!(tail(1e6, 0.9), 0.0);
        assert_eq!(tail(1e9, 1e-7), 1.0);
    }
}
