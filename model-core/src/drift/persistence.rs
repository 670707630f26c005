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
