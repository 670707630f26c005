//! From a request body to a valid row, or to every fault in it.
//!
//! The schema of the served model decides; no feature name or range stands in this file.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model_core::{FeatureRow, RowError, Schema};
use tepal_api::{ProblemError, Warning, WarningCode};

use super::json::{self, JsonError, Value};

/// Deepest nesting that is read at all; a valid row needs 1.
pub(crate) const MAX_DEPTH: usize = 32;

/// A reply names at most so many faults, so that it can't grow with the request.
const MAX_FAULTS: usize = 32;

/// A key is repeated in a reply up to so many characters.
const MAX_ECHO_CHARS: usize = 64;

/// Why a body makes no row.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It isn't acceptable JSON.
    #[error(transparent)]
    Malformed(#[from] JsonError),
    /// It is JSON, but not a row of this model.
    #[error("the body has {} faults", .0.len())]
    Invalid(Vec<ProblemError>),
}

/// The row in `body`.
///
/// # Errors
/// [`BodyError::Malformed`] at the first byte that can't be JSON, else [`BodyError::Invalid`]
/// with every fault: unknown, duplicate and missing keys, wrong types, values that are not
/// finite or outside the hard range.
pub(crate) fn row(body: &[u8], schema: &Schema) -> Result<FeatureRow, BodyError> {
    let mut reading = Reading {
        schema,
        slots: vec![Slot::Missing; schema.features.len()],
        unknown: BTreeSet::new(),
        faults: Faults::default(),
    };
    let whole = json::read_object(body, MAX_DEPTH, |key, value| reading.member(key, value))?;
    if whole != Value::Object {
        let detail =
            format!("send an object with a number for each feature, not {}", whole.describe());
        reading.faults.push("", "wrong_type", detail);
        return Err(BodyError::Invalid(reading.faults.into_list()));
    }
    reading.finish()
}

/// What is remarkable about a valid row.
pub(crate) fn warnings(row: &FeatureRow, schema: &Schema) -> Vec<Warning> {
    row.outside_training(schema)
        .filter_map(|index| {
            let feature = schema.features.get(index)?;
            let range = feature.numeric().training;
            let unit = unit_suffix(feature.unit.as_deref());
            Some(Warning {
                code: WarningCode::OutsideTrainingRange,
                pointer: pointer(&feature.name),
                detail: format!(
                    "{} is outside {} to {}{unit}, which is all that the model saw in training",
                    feature.name, range.min, range.max
                ),
            })
        })
        .collect()
}

/// JSON pointer to a member of the body, shortened if the key is long.
pub(crate) fn pointer(key: &str) -> String {
    format!("/{}", shorten(key).replace('~', "~0").replace('/', "~1"))
}

fn shorten(key: &str) -> String {
    let mut chars = key.chars();
    let mut short: String = chars.by_ref().take(MAX_ECHO_CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

fn unit_suffix(unit: Option<&str>) -> String {
    unit.map(|unit| format!(" {unit}")).unwrap_or_default()
}

/// What stood under a feature's name.
#[derive(Clone, Copy)]
enum Slot {
    Missing,
    Read(f64),
    /// A fault was noted; nothing more is to be said of this feature.
    Faulty,
}

struct Reading<'a> {
    schema: &'a Schema,
    slots: Vec<Slot>,
    unknown: BTreeSet<String>,
    faults: Faults,
}

impl Reading<'_> {
    fn member(&mut self, key: Cow<'_, str>, value: Value) {
        let schema = self.schema;
        let index = schema.feature_index(&key);
        let Some((slot, feature)) =
            index.and_then(|index| Some((self.slots.get_mut(index)?, schema.features.get(index)?)))
        else {
            self.unknown_member(&key);
            return;
        };
        if !matches!(slot, Slot::Missing) {
            *slot = Slot::Faulty;
            let detail = format!("{} stands twice; send it once", feature.name);
            self.faults.push(&pointer(&key), "duplicate_key", detail);
            return;
        }
        let unit = unit_suffix(feature.unit.as_deref());
        let range = feature.numeric().hard;
        *slot = match value {
            Value::Number(number) => Slot::Read(number),
            Value::HugeNumber => {
                let detail = format!(
                    "{} is too large for a double; send a number from {} to {}{unit}",
                    feature.name, range.min, range.max
                );
                self.faults.push(&pointer(&key), "not_finite", detail);
                Slot::Faulty
            }
            other => {
                let detail = format!(
                    "{} must be a number from {} to {}{unit}, not {}",
                    feature.name,
                    range.min,
                    range.max,
                    other.describe()
                );
                self.faults.push(&pointer(&key), "wrong_type", detail);
                Slot::Faulty
            }
        };
    }

    fn unknown_member(&mut self, key: &str) {
        // Whatever comes now is a fault too, but its key needn't be kept.
        if self.faults.is_full() {
            self.faults.more += 1;
            return;
        }
        let short = shorten(key);
        if self.unknown.insert(key.to_owned()) {
            let known: Vec<&str> =
                self.schema.features.iter().take(20).map(|feature| feature.name.as_str()).collect();
            let detail =
                format!("{short} is no feature of this model; it knows {}", known.join(", "));
            self.faults.push(&pointer(key), "unknown_field", detail);
        } else {
            self.faults.push(&pointer(key), "duplicate_key", format!("{short} stands twice"));
        }
    }

    fn finish(mut self) -> Result<FeatureRow, BodyError> {
        let mut values = Vec::with_capacity(self.slots.len());
        for (slot, feature) in self.slots.iter().zip(&self.schema.features) {
            match slot {
                Slot::Read(value) => values.push(*value),
                // Stands in, so that the other values are checked too; the row is refused.
                Slot::Faulty => values.push(feature.numeric().hard.min),
                Slot::Missing => {
                    let detail = format!("{} is missing; send it as a number", feature.name);
                    self.faults.push(&pointer(&feature.name), "missing_field", detail);
                    values.push(feature.numeric().hard.min);
                }
            }
        }
        match self.schema.row(&values) {
            Ok(row) if self.faults.is_empty() => Ok(row),
            Ok(_) => Err(BodyError::Invalid(self.faults.into_list())),
            Err(errors) => {
                for error in errors {
                    self.row_error(&error);
                }
                Err(BodyError::Invalid(self.faults.into_list()))
            }
        }
    }

    fn row_error(&mut self, error: &RowError) {
        let feature = |index: usize| self.schema.features.get(index);
        match *error {
            RowError::OutOfRange { feature: index, value, range } => {
                let Some(feature) = feature(index) else { return };
                let unit = unit_suffix(feature.unit.as_deref());
                let detail = format!(
                    "{} is {value}; send a number from {} to {}{unit}",
                    feature.name, range.min, range.max
                );
                self.faults.push(&pointer(&feature.name), "out_of_range", detail);
            }
            RowError::NotFinite { feature: index } => {
                let Some(feature) = feature(index) else { return };
                let detail = format!("{} must be a finite number", feature.name);
                self.faults.push(&pointer(&feature.name), "not_finite", detail);
            }
            RowError::FeatureCount { expected, got } => {
                let detail = format!("expected {expected} values, got {got}");
                self.faults.push("", "feature_count", detail);
            }
        }
    }
}

/// Faults in the order found, up to [`MAX_FAULTS`].
#[derive(Default)]
struct Faults {
    list: Vec<ProblemError>,
    more: usize,
}

impl Faults {
    fn push(&mut self, pointer: &str, code: &str, detail: String) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        self.list.push(ProblemError { pointer: pointer.to_owned(), code: code.to_owned(), detail });
    }

    fn is_full(&self) -> bool {
        self.list.len() >= MAX_FAULTS
    }

    fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn into_list(mut self) -> Vec<ProblemError> {
        if self.more > 0 {
            self.list.push(ProblemError {
                pointer: String::new(),
                code: "more_errors".to_owned(),
                detail: "there are more faults than are listed here".to_owned(),
            });
        }
        self.list
    }
}
