//! What an owner wants of the loop, as data.

use serde::{Deserialize, Serialize};

use super::AlertRule;

/// How far the loop goes by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It decides and acts.
    Auto,
    /// It decides, and waits for a click before anybody is answered otherwise. It takes a failing model back by
    /// itself.
    #[default]
    Approve,
    /// It watches and says what it would do.
    Off,
}

/// When to retrain, what to promote, when to take back. A field that this program does not know is passed over when it is read: a later one may
/// have kept it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// How far the loop goes by itself.
    pub mode: Mode,
    /// Probability of a false step: of promoting a model that is no better over its whole rollout, and of taking back
    /// one that is no worse over its whole probation.
    pub alpha: f64,
    /// It is retrained once its accuracy on labelled rows is shown to be below this.
    pub min_accuracy: f64,
    /// It is retrained once so many windows in a row have drifted.
    pub drift_windows: usize,
    /// It is retrained by the clock after so many hours without a retraining; 0 is never.
    pub every_hours: f64,
    /// Hours between two retrainings at least, unless one is asked for by hand.
    pub cooldown_hours: f64,
    /// Retrainings a day at most, those by hand among them.
    pub max_per_day: u32,
    /// Rows with a class that a retraining needs.
    pub min_rows: u64,
    /// Rows that a retraining takes at most, the newest.
    pub max_rows: u64,
    /// A challenger must gain so much accuracy at least, as a share of the labelled rows.
    pub min_gain: f64,
    /// No class may lose more of its recall than this.
    pub max_recall_drop: f64,
    /// Labelled rows of a class from which on its recall counts.
    pub min_class_rows: u64,
    /// Labelled rows that a challenger needs in the shadow, with a tenth and with half of the requests.
    pub stage_labels: [u64; 3],
    /// Labelled rows after which a challenger that is not promoted is dropped.
    pub max_labels: u64,
    /// Labelled rows for which a promoted model is held against the one before.
    pub probation_labels: u64,
    /// Looks in a row that find something before somebody is told.
    pub alert_raise_after: u32,
    /// Looks in a row that no longer find it before somebody is told that it is over.
    pub alert_resolve_after: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            alpha: 0.05,
            min_accuracy: 0.9,
            drift_windows: crate::drift::DEFAULT_WINDOWS,
            every_hours: 168.0,
            cooldown_hours: 24.0,
            max_per_day: 4,
            min_rows: 50,
            max_rows: 1_000,
            min_gain: 0.02,
            max_recall_drop: 0.05,
            min_class_rows: 20,
            stage_labels: [50, 100, 200],
            max_labels: 2_000,
            probation_labels: 500,
            alert_raise_after: AlertRule::default().raise_after,
            alert_resolve_after: AlertRule::default().resolve_after,
        }
    }
}

/// A policy that cannot be meant.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{field}` is {value}: give {expected}")]
pub struct PolicyError {
    /// The field.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What it should be.
    pub expected: &'static str,
}

impl Policy {
    /// Whether each field is within its bounds.
    ///
    /// # Errors
    /// The first field that is not, and what to give.
    ///
    /// ```
    /// use model_core::lifecycle::Policy;
    /// assert!(Policy::default().check().is_ok());
    /// let never_wrong = Policy { alpha: 0.0, ..Policy::default() };
    /// let sentence = never_wrong.check().unwrap_err().to_string();
    /// assert_eq!(sentence, "`alpha` is 0: give a share from 0.0001 to 0.5");
    /// ```
    pub fn check(&self) -> Result<(), PolicyError> {
        let share = "a share from 0 to 1";
        let shares = [
            ("alpha", self.alpha, 0.0001..=0.5, "a share from 0.0001 to 0.5"),
            ("min_accuracy", self.min_accuracy, 0.0..=1.0, share),
            ("min_gain", self.min_gain, 0.0..=1.0, share),
            ("max_recall_drop", self.max_recall_drop, 0.0..=1.0, share),
            (
                "every_hours",
                self.every_hours,
                0.0..=8_760.0,
                "hours from 0, which is never, to 8760, a year",
            ),
            ("cooldown_hours", self.cooldown_hours, 0.0..=8_760.0, "hours from 0 to 8760, a year"),
        ];
        for (field, value, bounds, expected) in shares {
            if !bounds.contains(&value) {
                return Err(PolicyError { field, value: value.to_string(), expected });
            }
        }
        let [shadow, tenth, half] = self.stage_labels;
        let counts = [
            ("drift_windows", self.drift_windows as u64, 1..=1_000, "a number from 1 to 1000"),
            ("max_per_day", self.max_per_day.into(), 0..=24, "a number from 0 to 24"),
            ("min_rows", self.min_rows, 10..=5_000, "a number from 10 to 5000"),
            ("max_rows", self.max_rows, 10..=5_000, "a number from 10 to 5000"),
            ("min_class_rows", self.min_class_rows, 1..=1_000_000, "a number from 1 to 1000000"),
            (
                "stage_labels",
                shadow.max(tenth).max(half),
                1..=1_000_000,
                "numbers from 1 to 1000000",
            ),
            (
                "stage_labels",
                shadow.min(tenth).min(half),
                1..=1_000_000,
                "numbers from 1 to 1000000",
            ),
            ("max_labels", self.max_labels, 1..=10_000_000, "a number from 1 to 10000000"),
            (
                "probation_labels",
                self.probation_labels,
                1..=10_000_000,
                "a number from 1 to 10000000",
            ),
            (
                "alert_raise_after",
                self.alert_raise_after.into(),
                1..=1_000,
                "a number from 1 to 1000",
            ),
            (
                "alert_resolve_after",
                self.alert_resolve_after.into(),
                1..=1_000,
                "a number from 1 to 1000",
            ),
        ];
        for (field, value, bounds, expected) in counts {
            if !bounds.contains(&value) {
                return Err(PolicyError { field, value: value.to_string(), expected });
            }
        }
        if self.max_rows < self.min_rows {
            let expected = "at least `min_rows`: no retraining would have rows enough";
            let value = self.max_rows.to_string();
            return Err(PolicyError { field: "max_rows", value, expected });
        }
        let needed = self.stage_labels.iter().sum::<u64>();
        if self.max_labels < needed {
            let expected = "at least the sum of `stage_labels`: no challenger would come to the end of its rollout";
            return Err(PolicyError {
                field: "max_labels",
                value: self.max_labels.to_string(),
                expected,
            });
        }
        Ok(())
    }

    /// How long something must be so before it is told.
    ///
    /// ```
    /// use model_core::lifecycle::{AlertRule, Policy};
    /// assert_eq!(Policy::default().alert_rule(), AlertRule::default());
    /// ```
    #[must_use]
    pub const fn alert_rule(&self) -> AlertRule {
        AlertRule { raise_after: self.alert_raise_after, resolve_after: self.alert_resolve_after }
    }

    /// The level of the tests.
    pub(super) fn level(&self) -> f64 {
        1.0 - self.alpha
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_bounds_and_says_them() {
        let base = Policy::default();
        let wrong = [
            Policy { alpha: f64::NAN, ..base.clone() },
            Policy { min_accuracy: 90.0, ..base.clone() },
            Policy { min_gain: -0.1, ..base.clone() },
            Policy { max_recall_drop: 2.0, ..base.clone() },
            Policy { cooldown_hours: f64::INFINITY, ..base.clone() },
            Policy { drift_windows: 0, ..base.clone() },
            Policy { max_per_day: 25, ..base.clone() },
            Policy { every_hours: -1.0, ..base.clone() },
            Policy { min_rows: 1, ..base.clone() },
            Policy { max_rows: 10_000, ..base.clone() },
            Policy { min_rows: 500, max_rows: 400, ..base.clone() },
            Policy { min_class_rows: 0, ..base.clone() },
            Policy { stage_labels: [0, 1, 1], ..base.clone() },
            Policy { max_labels: 300, ..base.clone() },
            Policy { probation_labels: 0, ..base.clone() },
            Policy { alert_raise_after: 0, ..base.clone() },
            Policy { alert_resolve_after: 1_001, ..base.clone() },
        ];
        for policy in wrong {
            let sentence = policy.check().unwrap_err().to_string();
            assert!(sentence.contains("` is ") && sentence.contains(": give "), "{sentence}");
        }
    }

    #[test]
    fn what_is_not_said_is_as_by_default_and_what_is_unknown_is_passed_over() {
        let read = |text: &str| serde_json::from_str::<Policy>(text);
        let policy = read(r#"{"mode": "auto", "min_gain": 0.01}"#).unwrap();
        assert_eq!(policy, Policy { mode: Mode::Auto, min_gain: 0.01, ..Policy::default() });
        assert_eq!(read(r#"{"of_a_later_version": 0.01}"#).unwrap(), Policy::default());
    }
}
