//! From a request body to a valid row, or to every fault in it.
//!
//! The schema of the served model decides, names and all; this file knows JSON, and puts a fault into
//! the words of a problem.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model_core::schema::{Source, SourceKind, Value as Named};
use model_core::{Feature, FeatureKind, FeatureRow, RowError, Schema, SourceFault, filled};
use tepal_api::{ProblemError, Warning, WarningCode};

use super::json::{self, JsonError, Value};
use crate::services::classify::Classification;

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

/// A valid row, and how it was sent.
pub(crate) struct Decoded<'a> {
    pub(crate) row: FeatureRow,
    members: Members<'a>,
}

/// The row in `body`.
///
/// # Errors
/// [`BodyError::Malformed`] at the first byte that can't be JSON, else [`BodyError::Invalid`]
/// with every fault: unknown, duplicate and missing keys, wrong types, unknown categories, values
/// that are not finite or outside the hard range, texts that are no date. Names and types come first,
/// in the body's order, then what is missing, then ranges, both in the schema's.
pub(crate) fn decode<'a>(body: &'a [u8], schema: &'a Schema) -> Result<Decoded<'a>, BodyError> {
    let mut members = Members { schema, list: Vec::new() };
    let whole = json::read_object(body, MAX_DEPTH, |key, value| members.list.push((key, value)))?;
    if whole != Value::Object {
        let is_number = |feature: &Feature| feature.numeric().is_some();
        let numeric = schema.sources.is_empty() && schema.features.iter().all(is_number);
        let value = if numeric { "number" } else { "value" };
        let detail =
            format!("send an object with a {value} for each feature, not {}", whole.describe());
        let mut faults = Faults::default();
        faults.push("", "wrong_type", detail);
        return Err(BodyError::Invalid(faults.into_list()));
    }
    let named = members.list.iter().map(|(key, value)| (key.as_ref(), value.named()));
    match schema.row_of_named(named) {
        Ok(row) => Ok(Decoded { row, members }),
        Err(errors) => Err(BodyError::Invalid(members.faults(errors.into_vec()))),
    }
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

/// What a source column takes: `a date such as 2024-03-31 as a string`.
fn wanted_text(schema: &Schema, source: &Source) -> String {
    let what = match &source.kind {
        SourceKind::DateTime { .. } => format!("{} as a string", source.kind.expected()),
        SourceKind::Text { .. } => "a string".to_owned(),
    };
    if schema.is_nullable(source) { format!("{what} or null") } else { what }
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

impl<'a> Value<'a> {
    /// It as a schema takes it.
    fn named(&self) -> Named<'_> {
        match self {
            Self::Number(number) => Named::Number(*number),
            Self::HugeNumber => Named::Number(f64::INFINITY),
            Self::Text(text) => Named::Text(text),
            Self::Bool(truth) => Named::Bool(*truth),
            Self::Null => Named::Missing,
            Self::Array | Self::Object => Named::Other,
        }
    }
}

/// A body's members, as they stand in it.
struct Members<'a> {
    schema: &'a Schema,
    list: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl Decoded<'_> {
    /// What is remarkable about the row, pointing to where it stands in the body.
    pub(crate) fn warnings(&self, remarkable: &Classification) -> Vec<Warning> {
        self.members.warnings(remarkable)
    }
}

impl Members<'_> {
    /// Where the body first holds this key.
    fn position(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|(key, _)| key == name)
    }

    /// What stands under this key, with an article.
    fn describe(&self, name: &str) -> Option<&'static str> {
        let (_, value) = self.list.get(self.position(name)?)?;
        Some(value.describe())
    }

    fn warnings(&self, remarkable: &Classification) -> Vec<Warning> {
        let schema = self.schema;
        let mut warnings: Vec<Warning> = Vec::new();
        for &index in &remarkable.outside_training {
            let Some(feature) = schema.features.get(index) else { continue };
            let Some(range) = feature.numeric().map(|range| range.training) else { continue };
            let unit = unit_suffix(feature.unit.as_deref());
            // A request that names a source column knows nothing of the features made of it, and is
            // warned once of all of them.
            let source = schema.source_of(index);
            let sent = source.filter(|source| self.position(&source.name).is_some());
            let pointer = pointer(sent.map_or(&feature.name, |source| &source.name));
            if sent.is_some() && warnings.last().is_some_and(|last| last.pointer == pointer) {
                continue;
            }
            let code = WarningCode::OutsideTrainingRange;
            let detail = format!(
                "{} is outside {} to {}{unit}, which is all that the model saw in training",
                feature.name, range.min, range.max
            );
            warnings.push(Warning { code, pointer, detail });
        }
        let unknown = remarkable.unknown_categories.iter().filter_map(|&index| {
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
        warnings.extend(unknown);
        warnings
    }

    /// The errors as faults of the body.
    fn faults(&self, mut errors: Vec<RowError>) -> Vec<ProblemError> {
        // Of a key that stands twice the first place counts.
        let members = self.list.iter().enumerate().rev();
        let places: BTreeMap<&str, usize> =
            filled(members.map(|(at, (key, _))| (key.as_ref(), at)));
        errors.sort_by_cached_key(|error| {
            let name = self.name(error).unwrap_or_default();
            match (error, places.get(name)) {
                (RowError::OutOfRange { .. }, _) => (2, 0),
                (RowError::UnknownFeature { .. }, None) => (0, usize::MAX),
                (_, None) => (1, 0),
                (_, Some(&at)) => (0, at),
            }
        });
        let mut faults = Faults::default();
        for error in errors {
            // Whatever comes now is a fault too, but need not be put into words.
            if faults.is_full() {
                faults.more += 1;
            } else {
                self.fault(&error, &mut faults);
            }
        }
        faults.into_list()
    }

    /// The key that an error is about, shortened if the schema does not know it.
    fn name<'e>(&'e self, error: &'e RowError) -> Option<&'e str> {
        match error {
            RowError::UnknownFeature { name } => Some(name),
            RowError::Source { source, .. } => Some(&self.schema.sources.get(*source)?.name),
            other => Some(&self.schema.features.get(other.feature()?)?.name),
        }
    }

    fn fault(&self, error: &RowError, faults: &mut Faults) {
        let schema = self.schema;
        if let RowError::UnknownFeature { name } = error {
            return self.unknown(name, faults);
        }
        if let RowError::Source { source, fault, .. } = error
            && let Some(source) = schema.sources.get(*source)
        {
            return self.source_fault(source, fault, faults);
        }
        let Some(feature) = error.feature().and_then(|at| schema.features.get(at)) else {
            return faults.push("", "wrong_type", error.to_string());
        };
        let (name, wanted) = (&feature.name, wanted(feature));
        let (code, detail) = match (error, self.describe(name)) {
            (RowError::Duplicate { .. }, _) => {
                ("duplicate_key", format!("{name} stands twice; send it once"))
            }
            (RowError::Missing { .. }, None) => {
                ("missing_field", format!("{name} is missing; send {}", missing(feature)))
            }
            (RowError::Missing { .. } | RowError::WrongType { .. }, what) => {
                let what = what.unwrap_or("null");
                ("wrong_type", format!("{name} must be {wanted}, not {what}"))
            }
            (RowError::NotFinite { .. }, _) => {
                ("not_finite", format!("{name} is too large for a double; send {wanted}"))
            }
            (RowError::OutOfRange { value, .. }, _) => {
                ("out_of_range", format!("{name} is {value}; send {wanted}"))
            }
            (RowError::UnknownCategory { category, .. }, _) => {
                ("unknown_category", format!("{name} is {category:?}; send {wanted}"))
            }
            (other, _) => ("wrong_type", other.message(schema)),
        };
        faults.push(&pointer(name), code, detail);
    }

    fn source_fault(&self, source: &Source, fault: &SourceFault, faults: &mut Faults) {
        let (name, wanted) = (&source.name, wanted_text(self.schema, source));
        let (code, detail) = match (fault, self.describe(name)) {
            (SourceFault::Duplicate, _) => {
                ("duplicate_key", format!("{name} stands twice; send it once"))
            }
            (SourceFault::Ambiguous { feature }, _) => {
                let feature = self.schema.features.get(*feature);
                let feature = feature.map(|feature| feature.name.as_str()).unwrap_or_default();
                let detail = format!("{feature} is made of {name}; send {name} alone");
                ("duplicate_key", detail)
            }
            (SourceFault::Missing, None) => {
                ("missing_field", format!("{name} is missing; send {wanted}"))
            }
            (SourceFault::Missing, Some("a string")) => {
                ("missing_field", format!("{name} is an empty string; send {wanted}"))
            }
            (SourceFault::Unreadable { text }, _) => {
                ("not_a_date", format!("{name} is {text:?}; send {wanted}"))
            }
            (_, what) => {
                let what = what.unwrap_or("null");
                ("wrong_type", format!("{name} must be {wanted}, not {what}"))
            }
        };
        faults.push(&pointer(name), code, detail);
    }

    fn unknown(&self, name: &str, faults: &mut Faults) {
        let pointer = pointer(name);
        if faults.list.iter().any(|fault| fault.pointer == pointer) {
            return faults.push(&pointer, "duplicate_key", format!("{name} stands twice"));
        }
        let columns = self.schema.input_columns();
        let known: Vec<&str> = columns.take(MAX_LISTED).map(|column| column.name()).collect();
        let detail = format!("{name} is no feature of this model; it knows {}", known.join(", "));
        faults.push(&pointer, "unknown_field", detail);
    }
}

/// How a feature that is missing is to be sent.
fn missing(feature: &Feature) -> String {
    match &feature.kind {
        FeatureKind::Numeric(_) => "it as a number".to_owned(),
        FeatureKind::Categorical(_) if feature.other.is_some() => "it as a string".to_owned(),
        FeatureKind::Categorical(categories) => one_of(categories),
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
