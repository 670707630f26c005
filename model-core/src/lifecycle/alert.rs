//! When to tell somebody, and when it is over.

use serde::{Deserialize, Serialize};

/// How long something must be so before it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRule {
    /// Looks in a row that find it before it is told.
    pub raise_after: u32,
    /// Looks in a row that do not find it before it is told to be over.
    pub resolve_after: u32,
}

impl Default for AlertRule {
    fn default() -> Self {
        Self { raise_after: 1, resolve_after: 3 }
    }
}

/// What an alert remembers between two looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertState {
    /// Whether it was told, and is not over.
    pub is_raised: bool,
    /// Looks in a row that speak for a change.
    pub n_against: u32,
}

/// What is to be told now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertChange {
    /// That it is so.
    Raised,
    /// That it is over.
    Resolved,
}

impl AlertState {
    /// What is to be remembered after a look, and what is to be told: something that comes and goes is told once, not
    /// at each turn.
    ///
    /// ```
    /// use model_core::lifecycle::{AlertChange, AlertRule, AlertState};
    /// let rule = AlertRule::default();
    /// let (state, told) = AlertState::default().after(true, rule);
    /// assert_eq!(told, Some(AlertChange::Raised));
    /// assert_eq!(state.after(true, rule), (state, None));
    /// ```
    #[must_use]
    pub fn after(self, is_so: bool, rule: AlertRule) -> (Self, Option<AlertChange>) {
        let Self { is_raised, n_against } = self;
        if is_so == is_raised {
            return (Self { is_raised, n_against: 0 }, None);
        }
        let n_against = n_against.saturating_add(1);
        let (needed, change) = match is_so {
            true => (rule.raise_after, AlertChange::Raised),
            false => (rule.resolve_after, AlertChange::Resolved),
        };
        if n_against < needed {
            return (Self { is_raised, n_against }, None);
        }
        (Self { is_raised: is_so, n_against: 0 }, Some(change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_flickers_is_told_once() {
        let rule = AlertRule { raise_after: 2, resolve_after: 3 };
        let mut state = AlertState::default();
        let looks = [true, false, true, true, false, true, false, false, true, false, false, false];
        let look = |is_so: &bool| {
            let (after, told) = state.after(*is_so, rule);
            state = after;
            told
        };
        let told: Vec<_> = looks.iter().map(look).collect();
        let mut expected = [None; 12];
        (expected[3], expected[11]) = (Some(AlertChange::Raised), Some(AlertChange::Resolved));
        assert_eq!(told, expected);
    }
}
