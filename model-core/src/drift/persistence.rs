//! Drift that stays: several windows in a row.

use super::Outcome;

/// Windows in a row that count as lasting drift by default.
pub const DEFAULT_WINDOWS: usize = 3;

/// Whether the last `n_windows` of `history` (oldest first) that could be judged all drifted.
///
/// A window with insufficient data is passed over: it neither is drift nor ends it. Never with
/// `n_windows` of 0.
#[must_use]
pub fn persistent(history: &[Outcome], n_windows: usize) -> bool {
    let judged = history.iter().rev().filter(|o| !matches!(o, Outcome::InsufficientData { .. }));
    n_windows > 0 && judged.take(n_windows).filter(|o| **o == Outcome::Drift).count() == n_windows
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
    fn drift_is_lasting_after_three_windows() {
        use Outcome::{Drift as D, NoDrift as N};
        let few = Outcome::InsufficientData { rows: 3, needed: 50 };
        let check = |history: &[Outcome], expected| {
            assert_eq!(persistent(history, DEFAULT_WINDOWS), expected, "{history:?}");
        };
        check(&[], false);
        check(&[D, D], false);
        check(&[D, D, D], true);
        check(&[D, D, D, N], false);
        check(&[N, D, D, D], true);
        check(&[D, D, N, D], false);
        check(&[D, few, D, few, D, few], true);
        check(&[few, few, few], false);
        assert!(!persistent(&[D], 0));
    }
}
