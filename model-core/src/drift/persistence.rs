//! Drift that stays: several windows in a row.

use super::Outcome;

/// Windows in a row that count as lasting drift by default.
pub const DEFAULT_WINDOWS: usize = 3;

/// Windows in a row that drifted, at the end of `history` (oldest first).
///
/// A window with insufficient data is passed over: it neither is drift nor ends it.
#[must_use]
pub fn windows_in_a_row(history: &[Outcome]) -> usize {
    let judged = history.iter().rev().filter(|o| !matches!(o, Outcome::InsufficientData { .. }));
    judged.take_while(|outcome| **outcome == Outcome::Drift).count()
}

/// Whether drift stays: `n_in_a_row` windows drifted, at least `n_windows`, and the newest one's p-value is no more than
/// `level` ([`alarm_level`]). Never with `n_windows` of 0.
///
/// ```
/// use model_core::drift::{DEFAULT_WINDOWS, alarm_level, is_lasting};
/// assert!(is_lasting(3, 1e-6, DEFAULT_WINDOWS, alarm_level(900)));
/// assert!(!is_lasting(3, 0.04, DEFAULT_WINDOWS, alarm_level(900)), "so much is chance now and then");
/// ```
#[must_use]
pub fn is_lasting(n_in_a_row: usize, p_value: f64, n_windows: usize, level: f64) -> bool {
    n_windows > 0 && n_in_a_row >= n_windows && p_value <= level
}

/// The p-value that the newest of several windows in a row has to reach for them to be an alarm, where one looks every
/// `seconds`: then at most one false alarm is expected in 30 days.
///
/// Windows are compared with one reference, so they do not drift by chance each by itself: a reference that is off lets
/// many of them drift, and three in a row are then no surprise. But of all looks in 30 days, however they hang
/// together, no more than their number times this level is expected to reach it, which is one. For looks that are
/// far between it is 0.05, the level of a window.
///
/// ```
/// use model_core::drift::alarm_level;
/// assert_eq!(alarm_level(900) * 30.0 * 24.0 * 4.0, 1.0);
/// assert_eq!(alarm_level(7 * 24 * 3_600), 0.05);
/// ```
#[must_use]
pub fn alarm_level(seconds: u32) -> f64 {
    const THIRTY_DAYS: f64 = 30.0 * 24.0 * 3_600.0;
    (f64::from(seconds) / THIRTY_DAYS).min(0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_lasting_after_three_windows_of_which_the_newest_is_sure() {
        use Outcome::{Drift as D, NoDrift as N};
        let few = Outcome::InsufficientData { rows: 3, needed: 50 };
        let check = |history: &[Outcome], expected| {
            assert_eq!(windows_in_a_row(history), expected, "{history:?}");
        };
        check(&[], 0);
        check(&[D, D], 2);
        check(&[D, D, D, N], 0);
        check(&[N, D, D, D], 3);
        check(&[D, D, N, D], 1);
        check(&[D, few, D, few, D, few], 3);
        check(&[few, few, few], 0);
        assert!(is_lasting(3, 0.01, DEFAULT_WINDOWS, 0.05));
        assert!(!is_lasting(2, 0.01, DEFAULT_WINDOWS, 0.05));
        assert!(!is_lasting(3, 0.06, DEFAULT_WINDOWS, 0.05));
        assert!(!is_lasting(3, 0.01, 0, 0.05));
    }
}
