//! How far values moved, on average, in units of the reference's spread.
//!
//! Source: Vallender, "Calculation of the Wasserstein distance between probability distributions
//! on the line", Theory Probab. Appl. 18 (1974); the norm is Evidently's.

/// Least spread that a distance is divided by, for columns that hardly vary.
const LEAST_SPREAD: f64 = 0.001;

/// The Wasserstein-1 distance of two sorted samples: the area between their distribution functions;
/// 0 if one is empty. Agrees with `scipy.stats.wasserstein_distance`.
#[must_use]
pub fn wasserstein(reference: &[f64], current: &[f64]) -> f64 {
    if reference.is_empty() || current.is_empty() {
        return 0.0;
    }
    let (n, m) = (reference.len() as f64, current.len() as f64);
    let (mut i, mut j, mut area) = (0, 0, 0.0);
    let mut last: Option<f64> = None;
    loop {
        let value = match (reference.get(i), current.get(j)) {
            (Some(a), Some(b)) => a.min(*b),
            (Some(value), None) | (None, Some(value)) => *value,
            (None, None) => return area,
        };
        if let Some(last) = last {
            area += (i as f64 / n - j as f64 / m).abs() * (value - last);
        }
        i += usize::from(reference.get(i) == Some(&value));
        j += usize::from(current.get(j) == Some(&value));
        last = Some(value);
    }
}

/// The distance divided by the reference's standard deviation (of the population, not the
/// sample's estimate; at least 0.001).
#[must_use]
pub fn wasserstein_normed(reference: &[f64], current: &[f64]) -> f64 {
    wasserstein(reference, current) / standard_deviation(reference).max(LEAST_SPREAD)
}

fn standard_deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_its_own_distance() {
        let (a, b) = ([1.0, 2.0, 2.0, 5.0], [1.5, 2.5, 2.5, 5.5]);
        assert!((wasserstein(&a, &b) - 0.5).abs() < 1e-15);
        assert_eq!(wasserstein(&a, &a), 0.0);
        assert_eq!(wasserstein(&a, &[]), 0.0);
    }

    #[test]
    fn a_constant_reference_has_the_least_spread() {
        assert!((wasserstein_normed(&[3.0, 3.0], &[3.5]) - 500.0).abs() < 1e-9);
    }
}
