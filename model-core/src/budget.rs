//! Work, counted instead of timed: how far a fit may go before it hands control back.
//!
//! A browser's thread, and a program that is asked to stop, wait for one slice of a training at
//! most. A slice is cut by what it does, never by a clock, so that the same training has the same
//! slices on every machine.

/// Work that may be done before control goes back to the caller.
///
/// A unit is about what one core of an ordinary machine does in a nanosecond: a value read in order
/// and added up. What takes longer counts as more, by measurement. Work comes in pieces that are
/// not cut (a kernel row, a feature of a node), so a slice may go beyond its budget by one of them.
#[derive(Debug)]
pub(crate) struct Budget {
    units: u64,
    spent: u64,
}

impl Budget {
    /// What a step of a training may take: some 20 ms natively, twice that in a browser.
    pub(crate) const SLICE: u64 = 20_000_000;

    /// This many units.
    pub(crate) const fn new(units: u64) -> Self {
        Self { units, spent: 0 }
    }

    /// As much as it takes.
    pub(crate) const fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// Notes work that was done: `times` pieces of `units` each.
    #[inline]
    pub(crate) const fn spend(&mut self, times: usize, units: u64) {
        self.spent = self.spent.saturating_add((times as u64).saturating_mul(units));
    }

    /// Whether it is time to hand control back.
    #[inline]
    pub(crate) const fn is_spent(&self) -> bool {
        self.spent >= self.units
    }

    /// How many pieces of `units` each there is room for, at least one.
    pub(crate) fn room_for(&self, units: u64) -> usize {
        let left = self.units.saturating_sub(self.spent) / units.max(1);
        usize::try_from(left).unwrap_or(usize::MAX).max(1)
    }

    /// All work that was noted.
    #[cfg(test)]
    pub(crate) const fn spent(&self) -> u64 {
        self.spent
    }
}

/// `done` of `all` as a share, 1 of none.
pub(crate) fn share(done: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { done as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_once_its_units_are() {
        let mut budget = Budget::new(10);
        budget.spend(3, 3);
        assert!(!budget.is_spent() && budget.room_for(2) == 1);
        budget.spend(1, 5);
        assert!(budget.is_spent());
        assert_eq!((budget.spent(), budget.room_for(7)), (14, 1));
        let mut unlimited = Budget::unlimited();
        unlimited.spend(usize::MAX, 2);
        assert!(unlimited.is_spent(), "no more than a machine can do in a lifetime");
    }

    #[test]
    fn nothing_to_do_is_done() {
        assert_eq!((share(0, 0), share(1, 4)), (1.0, 0.25));
    }
}
