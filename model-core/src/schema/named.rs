//! A row from named values: features, and the [source](super::source) columns that some of them are
//! made of.
//!
//! A source column counts as one value. It gives all of its features or one fault, whatever is wrong
//! with it, and it does not stand beside its own features: of two values for one thing none is
//! preferred.

use super::row::shortened;
use super::{
    DateOrder, Feature, FeatureKind, FeatureRow, RowError, RowErrors, Schema, Source, SourceFault,
    SourceKind,
};

/// A named value before it is checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A number.
    Number(f64),
    /// A category, or the text of a source column.
    Text(&'a str),
    /// A truth value: one of a column whose categories are `true` and `false`, or `yes` and `no`.
    Bool(bool),
    /// No value.
    Missing,
    /// What no column takes, such as a list.
    Other,
}

/// The words that stand for true and false; upper and lower case alike.
const TRUTH_WORDS: [[&str; 2]; 2] = [["true", "false"], ["yes", "no"]];

impl Schema {
    /// The row that named values make; a feature that is not named has no value.
    ///
    /// The text of a [source](super::Source) column, such as a date, gives all of its features; they
    /// may be named themselves instead, but not beside it. A date may always be written as in ISO
    /// 8601, whatever the order of the training's. A text of blanks alone is no value, as in a file.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// use model_core::Value;
    /// let named = [("petal_width", 0.2), ("petal_length", 1.4), ("sepal_width", 3.5), ("sepal_length", 5.1)];
    /// let row = model.schema().row_of_named(named.map(|(name, value)| (name, Value::Number(value))))?;
    /// assert_eq!(row.values(), [5.1, 3.5, 1.4, 0.2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every [`RowError`] found, unknown and repeated names first, then one for each faulty feature
    /// or source column in the schema's order.
    pub fn row_of_named<'a>(
        &self,
        named: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<FeatureRow, RowErrors> {
        let mut given = Given {
            features: vec![None; self.features.len()],
            sources: vec![None; self.sources.len()],
        };
        let mut errors = Vec::new();
        for (name, value) in named {
            given.take(self, name, value).unwrap_or_else(|error| errors.push(error));
        }
        let mut values = Vec::with_capacity(self.features.len());
        while values.len() < self.features.len() {
            let at = values.len();
            if let Some(whole) = given.source_at(self, at) {
                match whole {
                    Ok(parts) => values.extend(parts),
                    Err((n_features, error)) => {
                        errors.push(error);
                        values.resize(at + n_features, f64::NAN);
                    }
                }
                continue;
            }
            let value = given.features.get(at).copied().flatten().unwrap_or(Value::Missing);
            values.push(self.encode(at, value).unwrap_or_else(|error| {
                errors.push(error);
                f64::NAN
            }));
        }
        if errors.is_empty() {
            Ok(FeatureRow(values.into()))
        } else {
            Err(RowErrors::new(self, errors))
        }
    }

    /// The number that stands for `value` in a row: itself, the index of its category, or NaN.
    ///
    /// A category that is not known is the one that rare and unknown ones share, if the column has
    /// such a one ([`Feature::other`](super::Feature::other)).
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"x,colour,kind\n1,red,a\n2,,b\n3,blue,a\n4,red,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// use model_core::Value;
    /// assert_eq!(data.schema().encode(1, Value::Text("red"))?, 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The [`RowError`] of this value.
    pub fn encode(&self, feature: usize, value: Value<'_>) -> Result<f64, RowError> {
        let Some(spec) = self.features.get(feature) else {
            let (expected, got) = (self.features.len(), feature + 1);
            return Err(RowError::FeatureCount { expected, got });
        };
        let number = match (value, &spec.kind) {
            (Value::Missing, _) => f64::NAN,
            (Value::Number(number), FeatureKind::Numeric(_)) if number.is_nan() => {
                return Err(RowError::NotFinite { feature });
            }
            (Value::Number(number), FeatureKind::Numeric(_)) => number,
            (Value::Text(text), FeatureKind::Categorical(categories)) => {
                let found = categories.binary_search_by(|category| category.as_str().cmp(text));
                match (found, spec.other) {
                    (Ok(code), _) => code as f64,
                    (Err(_), Some(other)) => f64::from(other),
                    (Err(_), None) => {
                        let category = shortened(text);
                        return Err(RowError::UnknownCategory { feature, category });
                    }
                }
            }
            (Value::Bool(truth), FeatureKind::Categorical(_)) => {
                let [yes, no] = spec.truth_codes().ok_or(RowError::WrongType { feature })?;
                (if truth { yes } else { no }) as f64
            }
            _ => return Err(RowError::WrongType { feature }),
        };
        self.check_value(feature, number)?;
        Ok(number)
    }
}

/// What was named, before it is checked as a whole.
struct Given<'a> {
    features: Vec<Option<Value<'a>>>,
    sources: Vec<Option<Value<'a>>>,
}

impl<'a> Given<'a> {
    fn take(&mut self, schema: &Schema, name: &str, value: Value<'a>) -> Result<(), RowError> {
        if let Some(source) = schema.sources.iter().position(|source| source.name == name) {
            let Some(place) = self.sources.get_mut(source) else { return Ok(()) };
            if place.is_some() {
                return Err(source_error(schema, source, SourceFault::Duplicate));
            }
            *place = Some(value);
            return Ok(());
        }
        let feature = schema.feature_index(name);
        let place = feature.and_then(|at| Some((at, self.features.get_mut(at)?)));
        let Some((feature, place)) = place else {
            return Err(RowError::UnknownFeature { name: shortened(name) });
        };
        if place.is_some() {
            return Err(RowError::Duplicate { feature });
        }
        *place = Some(value);
        Ok(())
    }

    /// The values of the source column whose features begin here, or how many they are and its
    /// fault; `None` if no source column begins here, or its features were named instead of it.
    fn source_at(
        &self,
        schema: &Schema,
        first: usize,
    ) -> Option<Result<Vec<f64>, (usize, RowError)>> {
        let begins_here = |source: &Source| source.first_feature == first;
        let at = schema.sources.iter().position(begins_here)?;
        let source = schema.sources.get(at)?;
        let n_features = source.features().len();
        // A column of no features has no place in a row.
        let places = self.features.get(source.features()).filter(|places| !places.is_empty())?;
        let own = places.iter().position(Option::is_some);
        let fault = |fault| Err((n_features, source_error(schema, at, fault)));
        Some(match (self.sources.get(at).copied().flatten(), own) {
            (None, Some(_)) => return None,
            (Some(_), Some(own)) => fault(SourceFault::Ambiguous { feature: first + own }),
            (value, None) => source_values(schema, source, value).or_else(fault),
        })
    }
}

fn source_error(schema: &Schema, source: usize, fault: SourceFault) -> RowError {
    let kind = schema.sources.get(source).map(|source| &source.kind);
    RowError::Source { source, expected: kind.map_or("", SourceKind::expected), fault }
}

/// The values of a source column's features.
fn source_values(
    schema: &Schema,
    source: &Source,
    value: Option<Value<'_>>,
) -> Result<Vec<f64>, SourceFault> {
    let text = match value {
        Some(Value::Text(text)) => text.trim(),
        None | Some(Value::Missing) => "",
        Some(_) => return Err(SourceFault::WrongType),
    };
    if text.is_empty() {
        let gaps = vec![f64::NAN; source.features().len()];
        return schema.is_nullable(source).then_some(gaps).ok_or(SourceFault::Missing);
    }
    let parts = source.kind.values(text).or_else(|| iso(&source.kind)?.values(text));
    let fits = |parts: &Vec<f64>| {
        let mut checked = source.features().zip(parts);
        checked.all(|(at, &part)| schema.check_value(at, part).is_ok())
    };
    parts.filter(fits).ok_or_else(|| SourceFault::Unreadable { text: shortened(text) })
}

/// The same kind with the order of ISO 8601, for a date of another order.
fn iso(kind: &SourceKind) -> Option<SourceKind> {
    match kind {
        SourceKind::DateTime {
            order: DateOrder::DayMonthYear | DateOrder::MonthDayYear,
            parts,
        } => Some(SourceKind::DateTime { order: DateOrder::YearMonthDay, parts: parts.clone() }),
        _ => None,
    }
}

impl Feature {
    /// The indices of the categories that stand for true and for false; absent unless both are among
    /// the column's, as `true` and `false` or `yes` and `no`, however they are capitalised.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let csv = b"wet,kind\nYes,a\nNo,b\nYes,a\nNo,b\n";
    /// let data = Dataset::from_csv(csv, &CsvOptions::default())?;
    /// assert_eq!(data.schema().features[0].truth_codes(), Some([1, 0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn truth_codes(&self) -> Option<[usize; 2]> {
        let categories = self.categories()?;
        let only = |word: &str| {
            let mut places = (0..).zip(categories).filter(|(_, c)| c.eq_ignore_ascii_case(word));
            let (at, _) = places.next()?;
            places.next().is_none().then_some(at)
        };
        // `no` alone may be a country.
        let mut pairs = TRUTH_WORDS.iter().filter_map(|[yes, no]| Some([only(yes)?, only(no)?]));
        let codes = pairs.next()?;
        pairs.next().is_none().then_some(codes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::schema;
    use super::*;
    use crate::dataset::{CsvOptions, Dataset};
    use crate::schema::DatePart;

    #[test]
    fn named_values_are_found_in_any_order() {
        let row =
            |named: &[(&'static str, Value<'static>)]| schema().row_of_named(named.iter().copied());
        let values = row(&[("colour", Value::Text("red")), ("x", Value::Number(1.5))]).unwrap();
        assert_eq!(values.values(), [1.5, 1.0]);
        assert!(row(&[("x", Value::Number(1.5))]).unwrap().values()[1].is_nan());
        let errors = row(&[
            ("y", Value::Missing),
            ("colour", Value::Text("green")),
            ("colour", Value::Text("red")),
            ("x", Value::Text("1")),
        ]);
        let expected = [
            RowError::UnknownFeature { name: "y".into() },
            RowError::Duplicate { feature: 1 },
            RowError::WrongType { feature: 0 },
            RowError::UnknownCategory { feature: 1, category: "green".into() },
        ];
        assert_eq!(*errors.unwrap_err(), expected);
        assert_eq!(*row(&[]).unwrap_err(), [RowError::Missing { feature: 0 }]);
    }

    #[test]
    fn an_unknown_category_is_the_shared_one_where_there_is_one() {
        let mut schema = schema();
        schema.features[1].other = Some(0);
        let row = |colour| schema.row_of_named([("x", Value::Number(1.0)), ("colour", colour)]);
        let unknown = |colour| row(colour).unwrap().unknown_categories(&schema).collect::<Vec<_>>();
        assert_eq!(row(Value::Text("green")).unwrap().values(), [1.0, 0.0]);
        assert_eq!(unknown(Value::Text("green")), [1]);
        assert_eq!(unknown(Value::Text("blue")), [1], "the shared category itself");
        assert_eq!(unknown(Value::Text("red")), [] as [usize; 0]);
        assert_eq!(unknown(Value::Missing), [] as [usize; 0]);
        assert_eq!(row(Value::Number(1.0)).unwrap_err().len(), 1, "a number is no category");
    }

    /// A number, then columns of a date, a time and a text, read as training reads them.
    fn journal(gaps: bool) -> Schema {
        let mut csv = "x,day,at,note,y\n".to_owned();
        for n in 0..40 {
            let note =
                ["calm water all day", "wind from the west, rain", "fog until noon, then sun"];
            let (month, day, hour, note) = (1 + n % 3, 1 + n % 28, n % 24, note[n % 3]);
            csv += &format!("{n},2024-{month:02}-{day:02},{hour:02}:30,\"{note} {n}\",");
            csv += &format!("{}\n", n % 2);
        }
        let options = CsvOptions { allow_missing: gaps, ..CsvOptions::default() };
        let data = Dataset::from_csv(csv.as_bytes(), &options).unwrap();
        let names: Vec<_> = data.schema().sources.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["day", "at", "note"], "{:?}", data.notes());
        data.schema().clone()
    }

    const ROW: [(&str, Value<'static>); 4] = [
        ("note", Value::Text("wind and rain")),
        ("at", Value::Text("17:45")),
        ("day", Value::Text("2024-03-04")),
        ("x", Value::Number(5.0)),
    ];

    /// [`ROW`] with other values for some of its names, and further ones.
    fn with<'a>(changes: &[(&'a str, Value<'a>)]) -> Vec<(&'a str, Value<'a>)> {
        let kept = |(name, _): &(&str, Value<'_>)| changes.iter().all(|(other, _)| other != name);
        ROW.into_iter().filter(kept).chain(changes.iter().copied()).collect()
    }

    fn messages(schema: &Schema, named: Vec<(&str, Value<'_>)>) -> Vec<String> {
        schema.row_of_named(named).map_or_else(|errors| errors.messages(), |_| Vec::new())
    }

    /// The value of a feature in the row of `named`.
    fn part(schema: &Schema, named: Vec<(&str, Value<'_>)>, feature: &str) -> f64 {
        schema.row_of_named(named).unwrap().values()[schema.feature_index(feature).unwrap()]
    }

    #[test]
    fn a_source_column_gives_the_features_that_a_file_gives() {
        let schema = journal(false);
        let file = b"x,day,at,note\n5,2024-03-04,17:45,wind and rain\n";
        let file = schema.rows_from_csv(file).unwrap();
        let row = schema.row_of_named(ROW).unwrap();
        assert_eq!(&row, file.row(0).unwrap().unwrap());
        assert_eq!(part(&schema, with(&[]), "note.words"), 3.0);
        assert_eq!(part(&schema, with(&[("at", Value::Text(" 5:45 PM "))]), "at.hour"), 17.75);
        assert_eq!(
            part(&schema, with(&[("at", Value::Text("25:10"))]), "at.hour"),
            25.0 + 1.0 / 6.0
        );
    }

    #[test]
    fn a_wrong_source_column_is_one_fault_that_says_what_is_expected() {
        let schema = journal(false);
        let check = |changes: &[(&str, Value<'_>)], expected: &[&str]| {
            assert_eq!(messages(&schema, with(changes)), expected);
        };
        let (day, at) = ("a date such as 2024-03-31", "a time such as 17:45");
        check(&[("day", Value::Text("soon"))], &[&format!("\"day\" takes {day}, not \"soon\"")]);
        check(
            &[("day", Value::Text("2024-02-30"))],
            &[&format!("\"day\" takes {day}, not \"2024-02-30\"")],
        );
        check(
            &[("day", Value::Number(19_786.0))],
            &[&format!("\"day\" is of another type: it takes {day}")],
        );
        check(&[("at", Value::Text("noon"))], &[&format!("\"at\" takes {at}, not \"noon\"")]);
        check(&[("note", Value::Bool(true))], &["\"note\" is of another type: it takes a text"]);
        check(&[("day", Value::Missing)], &[&format!("\"day\" has no value: it takes {day}")]);
        check(&[("note", Value::Text(" "))], &["\"note\" has no value: it takes a text"]);
        let all = messages(&schema, vec![]);
        assert_eq!(all.len(), 4, "one for each column: {all:?}");
        let long = "soon ".repeat(1000);
        assert!(messages(&schema, with(&[("day", Value::Text(&long))]))[0].len() < 150);
    }

    #[test]
    fn a_source_column_may_be_missing_where_gaps_are_allowed() {
        let schema = journal(true);
        for gap in [Value::Missing, Value::Text("")] {
            let changes = with(&[("day", gap), ("note", gap)]);
            let row = schema.row_of_named(changes).unwrap();
            let n_gaps = row.values().iter().filter(|value| value.is_nan()).count();
            let of = |name| schema.source(name).unwrap().features().len();
            assert_eq!(n_gaps, of("day") + of("note"));
        }
        assert!(schema.row_of_named([]).unwrap().values().iter().all(|value| value.is_nan()));
        assert_eq!(messages(&schema, vec![("day", Value::Text("soon"))]).len(), 1);
    }

    #[test]
    fn features_stand_for_their_source_column_but_not_beside_it() {
        let schema = journal(true);
        assert_eq!(part(&schema, vec![("day.month", Value::Number(3.0))], "day.month"), 3.0);
        let own = "\"day\" came together with \"day.month\", which is made of it: leave one out";
        let month = ("day.month", Value::Number(3.0));
        for named in [vec![month, ROW[2]], vec![ROW[2], month]] {
            assert_eq!(messages(&schema, named), [own]);
        }
        assert_eq!(messages(&schema, vec![ROW[2], ROW[2]]), ["\"day\" came twice"]);
        let needed = journal(false);
        let others = with(&[month]).into_iter().filter(|(name, _)| *name != "day").collect();
        let lacking = messages(&needed, others);
        assert!(lacking.iter().all(|fault| fault.starts_with("\"day.")), "{lacking:?}");
        assert_eq!(lacking.len() + 1, needed.source("day").unwrap().features().len());
    }

    #[test]
    fn an_unknown_name_beside_source_columns_is_told() {
        let schema = journal(false);
        let errors = schema.row_of_named(with(&[("days", Value::Text("2024-03-04"))])).unwrap_err();
        assert_eq!(*errors, [RowError::UnknownFeature { name: "days".into() }]);
    }

    #[test]
    fn a_date_of_iso_8601_is_known_whatever_the_order() {
        let parts = vec![DatePart::Year, DatePart::Month, DatePart::ElapsedDays];
        for order in DateOrder::ALL {
            let kind = SourceKind::DateTime { order, parts: parts.clone() };
            let mut schema = journal(false);
            schema.features.retain(|feature| !feature.name.contains('.'));
            let parts = kind.feature_names("day").into_iter();
            let hour = journal(false).features[schema.features.len()].clone();
            schema.features.extend(parts.map(|name| {
                let mut feature = crate::schema::Feature { name, ..hour.clone() };
                if let FeatureKind::Numeric(range) = &mut feature.kind {
                    range.hard = crate::schema::Range { min: 0.0, max: 1e9 };
                }
                feature
            }));
            let first_feature = schema.features.len() - 3;
            schema.sources = vec![Source { name: "day".into(), kind, first_feature }];
            let named = [ROW[3], ("day", Value::Text("2024-03-04T06:00:00Z"))];
            let row = schema.row_of_named(named).map(|row| row.values()[1..].to_vec());
            match order {
                DateOrder::Clock => assert!(row.is_err()),
                _ => assert_eq!(row.unwrap(), [2024.0, 3.0, 19786.25]),
            }
        }
    }

    #[test]
    fn truth_values_are_categories_where_both_are_known() {
        let check = |categories: &[&str], expected: Option<[f64; 2]>| {
            let mut schema = schema();
            let mut sorted: Vec<String> = categories.iter().map(|&c| c.to_owned()).collect();
            sorted.sort_unstable();
            schema.features[1].kind = FeatureKind::Categorical(sorted);
            let codes = [true, false].map(|truth| schema.encode(1, Value::Bool(truth)));
            match expected {
                Some(expected) => assert_eq!(codes, expected.map(Ok), "{categories:?}"),
                None => assert_eq!(
                    codes,
                    [(); 2].map(|()| Err(RowError::WrongType { feature: 1 })),
                    "{categories:?}"
                ),
            }
        };
        for words in [["true", "false"], ["True", "False"], ["TRUE", "FALSE"], ["Yes", "no"]] {
            let mut sorted = words;
            sorted.sort_unstable();
            let code = |word: &str| f64::from(u8::from(sorted[1] == word));
            check(&words, Some(words.map(code)));
        }
        check(&["false", "true", "unknown"], Some([1.0, 0.0]));
        check(&["NO", "SE"], None);
        check(&["true", "TRUE", "false"], None);
        check(&["true", "false", "yes", "no"], None);
        check(&["0", "1"], None);
        let number = schema().encode(0, Value::Bool(true));
        assert_eq!(number, Err(RowError::WrongType { feature: 0 }));
    }
}
