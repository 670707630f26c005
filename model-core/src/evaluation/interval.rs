//! How sure a share of few rows can be.

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % Wilson score interval of `successes` in `trials`; (0, 1) without trials.
///
/// Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
/// (1927).
///
/// ```
/// let (low, high) = model_core::evaluation::wilson_interval(29, 30);
/// assert!((low - 0.8333).abs() < 1e-3 && (high - 0.9941).abs() < 1e-3);
/// ```
#[must_use]
pub fn wilson_interval(successes: u32, trials: u32) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    let n = f64::from(trials);
    let share = f64::from(successes.min(trials)) / n;
    let denominator = 1.0 + Z * Z / n;
    let centre = (share + Z * Z / (2.0 * n)) / denominator;
    let half = Z / denominator * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::wilson_interval;

    #[test]
    fn ends_are_never_certain() {
        let (low, high) = wilson_interval(30, 30);
        assert!(low > 0.88 && high > 1.0 - 1e-12 && high <= 1.0, "{low} {high}");
        assert_eq!(wilson_interval(0, 30).0, 0.0);
        assert_eq!(wilson_interval(0, 0), (0.0, 1.0));
    }

    #[test]
    fn it_is_that_of_statsmodels() {
        // proportion_confint(28, 30, method="wilson")
        let (low, high) = wilson_interval(28, 30);
        assert!((low - 0.786_8).abs() < 1e-4 && (high - 0.981_5).abs() < 1e-4, "{low} {high}");
    }
}
