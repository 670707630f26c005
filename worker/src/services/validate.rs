//! From a request body to a valid row, or to every fault in it.
//!
//! The schema of the served model decides; no feature name or range stands in this file.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model_core::schema::Value as RowValue;
use model_core::{Feature, FeatureKind, FeatureRow, RowError, Schema};
use tepal_api::{ProblemError, Warning, WarningCode};

use super::json::{self, JsonError, Value};

/// Deepest nesting that is read at all; a valid row needs 1.
pub(crate) const MAX_DEPTH: usize = 32;

/// A reply names at most so many faults, so that it can't grow with the request.
const MAX_FAULTS: usize = 32;

/// A key is repeated in a reply up to so many characters.
const MAX_ECHO_CHARS: usize = 64;

/// A reply lists at most so many features or categories.
const MAX_LISTED: usize = 20;

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
/// with every fault: unknown, duplicate and missing keys, wrong types, unknown categories, values
/// that are not finite or outside the hard range.
pub(crate) fn row(body: &[u8], schema: &Schema) -> Result<FeatureRow, BodyError> {
    let mut reading = Reading {
        schema,
        slots: vec![Slot::Missing; schema.features.len()],
        unknown: BTreeSet::new(),
        faults: Faults::default(),
    };
    let whole = json::read_object(body, MAX_DEPTH, |key, value| reading.member(key, value))?;
    if whole != Value::Object {
        let numeric = schema.features.iter().all(|feature| feature.numeric().is_some());
        let value = if numeric { "number" } else { "value" };
        let detail =
            format!("send an object with a {value} for each feature, not {}", whole.describe());
        reading.faults.push("", "wrong_type", detail);
        return Err(BodyError::Invalid(reading.faults.into_list()));
    }
    reading.finish()
}

/// What is remarkable about a valid row.
pub(crate) fn warnings(row: &FeatureRow, schema: &Schema) -> Vec<Warning> {
    let outside = row.outside_training(schema).filter_map(|index| {
        let feature = schema.features.get(index)?;
        let range = feature.numeric()?.training;
        let unit = unit_suffix(feature.unit.as_deref());
        Some(Warning {
            code: WarningCode::OutsideTrainingRange,
            pointer: pointer(&feature.name),
            detail: format!(
                "{} is outside {} to {}{unit}, which is all that the model saw in training",
                feature.name, range.min, range.max
            ),
        })
    });
    let unknown = row.unknown_categories(schema).filter_map(|index| {
        let feature = schema.features.get(index)?;
        Some(Warning {
            code: WarningCode::UnknownCategory,
            pointer: pointer(&feature.name),
            detail: format!(
                "{} counts as {:?}, which rare and unknown categories share",
                feature.name,
                feature.other_category()?
            ),
        })
    });
    outside.chain(unknown).collect()
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

/// What a feature takes: `a number from 0 to 10 cm`, `one of "blue", "red"`, `a string`.
fn wanted(feature: &Feature) -> String {
    let what = match &feature.kind {
        FeatureKind::Numeric(range) => {
            let unit = unit_suffix(feature.unit.as_deref());
            format!("a number from {} to {}{unit}", range.hard.min, range.hard.max)
        }
        FeatureKind::Categorical(_) if feature.other.is_some() => "a string".to_owned(),
        FeatureKind::Categorical(categories) => one_of(categories),
    };
    if feature.nullable { format!("{what} or null") } else { what }
}

fn one_of(categories: &[String]) -> String {
    let quoted = |category: &String| format!("{:?}", shorten(category));
    let listed: Vec<String> = categories.iter().take(MAX_LISTED).map(quoted).collect();
    let more = match categories.len().saturating_sub(MAX_LISTED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("one of {}{more}", listed.join(", "))
}

/// What stood under a feature's name.
#[derive(Clone, Copy)]
enum Slot {
    Missing,
    /// A number, or the index of a category.
    Read(f64),
    /// `null`, where that is allowed.
    NoValue,
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
    fn member(&mut self, key: Cow<'_, str>, value: Value<'_>) {
        let schema = self.schema;
        let index = schema.feature_index(&key);
        let Some((index, feature)) =
            index.and_then(|index| Some((index, schema.features.get(index)?)))
        else {
            self.unknown_member(&key);
            return;
        };
        let read = if matches!(self.slots.get(index), Some(Slot::Missing)) {
            self.value(index, feature, &value)
        } else {
            let detail = format!("{} stands twice; send it once", feature.name);
            self.faults.push(&pointer(&key), "duplicate_key", detail);
            Slot::Faulty
        };
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = read;
        }
    }

    /// What `value` is for this feature. The range is checked at the end, with the whole row.
    fn value(&mut self, index: usize, feature: &Feature, value: &Value<'_>) -> Slot {
        let pointer = || pointer(&feature.name);
        match (value, &feature.kind) {
            (Value::Null, _) if feature.nullable => Slot::NoValue,
            (Value::Number(number), FeatureKind::Numeric(_)) => Slot::Read(*number),
            (Value::HugeNumber, FeatureKind::Numeric(_)) => {
                let name = &feature.name;
                let detail = format!("{name} is too large for a double; send {}", wanted(feature));
                self.faults.push(&pointer(), "not_finite", detail);
                Slot::Faulty
            }
            (Value::Text(text), FeatureKind::Categorical(_)) => {
                match self.schema.encode(index, RowValue::Text(text)) {
                    Ok(code) => Slot::Read(code),
                    Err(error) => {
                        self.row_error(&error);
                        Slot::Faulty
                    }
                }
            }
            (other, _) => {
                let (name, what) = (&feature.name, other.describe());
                let detail = format!("{name} must be {}, not {what}", wanted(feature));
                self.faults.push(&pointer(), "wrong_type", detail);
                Slot::Faulty
            }
        }
    }

    fn unknown_member(&mut self, key: &str) {
        // Whatever comes now is a fault too, but its key needn't be kept.
        if self.faults.is_full() {
            self.faults.more += 1;
            return;
        }
        let short = shorten(key);
        if self.unknown.insert(key.to_owned()) {
            let known: Vec<&str> = self
                .schema
                .features
                .iter()
                .take(MAX_LISTED)
                .map(|feature| feature.name.as_str())
                .collect();
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
            values.push(match slot {
                Slot::Read(value) => *value,
                Slot::NoValue => f64::NAN,
                Slot::Missing if feature.nullable => f64::NAN,
                Slot::Faulty => stand_in(feature),
                Slot::Missing => {
                    let how = match &feature.kind {
                        FeatureKind::Numeric(_) => "it as a number".to_owned(),
                        FeatureKind::Categorical(_) if feature.other.is_some() => {
                            "it as a string".to_owned()
                        }
                        FeatureKind::Categorical(categories) => one_of(categories),
                    };
                    let detail = format!("{} is missing; send {how}", feature.name);
                    self.faults.push(&pointer(&feature.name), "missing_field", detail);
                    stand_in(feature)
                }
            });
        }
        match self.schema.row(&values) {
            Ok(row) if self.faults.is_empty() => Ok(row),
            Ok(_) => Err(BodyError::Invalid(self.faults.into_list())),
            Err(errors) => {
                for error in errors.iter() {
                    self.row_error(error);
                }
                Err(BodyError::Invalid(self.faults.into_list()))
            }
        }
    }

    fn row_error(&mut self, error: &RowError) {
        let schema = self.schema;
        let (index, code, fault) = match error {
            RowError::OutOfRange { feature, value, .. } => {
                (*feature, "out_of_range", format!("is {value}"))
            }
            RowError::UnknownCategory { feature, category } => {
                (*feature, "unknown_category", format!("is {category:?}"))
            }
            RowError::NotFinite { feature } => (*feature, "not_finite", "is not finite".into()),
            RowError::Missing { feature } => (*feature, "missing_field", "is missing".into()),
            // Width, names and types are right once there is a row.
            other => return self.faults.push("", "wrong_type", other.to_string()),
        };
        if let Some(feature) = schema.features.get(index) {
            let detail = format!("{} {fault}; send {}", feature.name, wanted(feature));
            self.faults.push(&pointer(&feature.name), code, detail);
        }
    }
}

/// A value that no check objects to, so that the others are checked too; the row is refused.
fn stand_in(feature: &Feature) -> f64 {
    match &feature.kind {
        _ if feature.nullable => f64::NAN,
        FeatureKind::Numeric(range) => range.hard.min,
        FeatureKind::Categorical(_) => 0.0,
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
