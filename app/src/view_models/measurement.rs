//! The form: a field for each column that a row is given by, and what the texts in them mean.
//!
//! Whether a text is a value of its column, the schema alone says
//! ([`Schema::row_of_named`]); here its answer is put into words beside the field.

use model_core::schema::{DateOrder, InputColumn, Source, SourceKind};
use model_core::{
    Feature, FeatureKind, FeatureRow, NumericRange, RowError, RowErrors, Schema, SourceFault, Value,
};

use super::slider::span;
use crate::i18n::{key, t, text};

/// One field of the form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// The column's name.
    pub(crate) name: String,
    /// The name for people.
    pub(crate) label: String,
    /// Unit of a number, if the data set states one.
    pub(crate) unit: Option<String>,
    /// Whether it may be left empty.
    pub(crate) nullable: bool,
    /// What it takes.
    pub(crate) kind: FieldKind,
    /// Where what is made of it begins in a row.
    pub(crate) first_feature: usize,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FieldKind {
    /// A number.
    Number(NumericRange),
    /// One of these names.
    Choice {
        /// The names, sorted.
        names: Vec<String>,
        /// The one that rare and unknown ones share.
        other: Option<String>,
    },
    /// A date, a time or a text, of which several features are made.
    Text {
        /// What is expected, in words, marked for translation.
        expected: &'static str,
        /// Something to begin with.
        example: &'static str,
    },
}

impl Field {
    /// The fields of `schema`, in the order of its features.
    pub(crate) fn all(schema: &Schema) -> Vec<Self> {
        let mut first_feature = 0;
        let columns = schema.input_columns().map(|column| match column {
            InputColumn::Feature(feature) => {
                let field = Self::of_feature(feature, first_feature);
                first_feature += 1;
                field
            }
            InputColumn::Source(source) => {
                first_feature = source.features().end;
                let (expected, example) = (expected(&source.kind), source.kind.example());
                Self {
                    name: source.name.clone(),
                    label: source.name.clone(),
                    unit: None,
                    nullable: schema.is_nullable(source),
                    kind: FieldKind::Text { expected, example },
                    first_feature: source.first_feature,
                }
            }
        });
        columns.collect()
    }

    fn of_feature(feature: &Feature, first_feature: usize) -> Self {
        let kind = match &feature.kind {
            FeatureKind::Numeric(range) => FieldKind::Number(*range),
            FeatureKind::Categorical(names) => FieldKind::Choice {
                names: names.clone(),
                other: feature.other_category().map(str::to_owned),
            },
        };
        Self {
            name: feature.name.clone(),
            label: feature.label.clone(),
            unit: feature.unit.clone(),
            nullable: feature.nullable,
            kind,
            first_feature,
        }
    }

    /// What `text` stands for, before it is checked. In a number a decimal comma counts as a point.
    fn value<'a>(&self, text: &'a str) -> Value<'a> {
        if text.trim().is_empty() {
            return Value::Missing;
        }
        match self.kind {
            FieldKind::Number(range) => {
                number_in(&range, text).map_or(Value::Text(text), Value::Number)
            }
            FieldKind::Choice { .. } | FieldKind::Text { .. } => Value::Text(text),
        }
    }

    /// What a text means that the schema takes. `is_outside`: something made of it lies outside what
    /// the model was trained on.
    pub(super) fn taken(&self, text: &str, is_outside: bool) -> Entry {
        if text.trim().is_empty() {
            return Entry::Missing;
        }
        match &self.kind {
            FieldKind::Number(range)
                if number_in(range, text).is_some_and(|value| !range.training.contains(value)) =>
            {
                Entry::Unusual
            }
            FieldKind::Choice { names, other: Some(other) }
                if text == other || !names.iter().any(|name| name == text) =>
            {
                Entry::Unusual
            }
            FieldKind::Text { .. } if is_outside => Entry::Unusual,
            _ => Entry::Usual,
        }
    }

    /// What to tell the user of what is in this field, if anything.
    pub(crate) fn remark(&self, entry: &Entry) -> Option<String> {
        match entry {
            Entry::Usual => None,
            Entry::Missing => Some(t!("No value: the model takes a typical one.").to_owned()),
            Entry::Unusual => Some(self.unusual()),
            Entry::Refused(error) => Some(self.refusal(error)),
        }
    }

    /// What to say of a value that is not usual.
    fn unusual(&self) -> String {
        match &self.kind {
            FieldKind::Number(range) => t!(
                "Unusual: the model was trained on {seen}.",
                seen = span(range.training, range.decimals, self.unit.as_deref())
            ),
            FieldKind::Choice { .. } => t!("Rare and unknown ones share this.").to_owned(),
            FieldKind::Text { .. } => {
                t!("Unusual: the model was trained on none like it.").to_owned()
            }
        }
    }

    /// What to say of a text that the schema refuses.
    fn refusal(&self, error: &RowError) -> String {
        let FieldKind::Number(range) = &self.kind else {
            return match (&self.kind, error) {
                (FieldKind::Choice { .. }, _) => t!("Choose one of the list.").to_owned(),
                (FieldKind::Text { expected, .. }, RowError::Source { fault, .. }) => match fault {
                    SourceFault::Missing => t!("Enter {expected}.", expected = text(expected)),
                    _ => t!("Not understood. Enter {expected}.", expected = text(expected)),
                },
                _ => t!("Not taken: {error}.", error),
            };
        };
        let allowed = span(range.hard, 0, self.unit.as_deref());
        match error {
            RowError::Missing { .. } => t!("Enter a number from {allowed}.", allowed),
            RowError::OutOfRange { .. } => t!("Out of range. Allowed is {allowed}.", allowed),
            _ => t!("Not a number. Enter one from {allowed}.", allowed),
        }
    }
}

/// What a column of this kind takes, in the words of the library, marked for translation.
const fn expected(kind: &SourceKind) -> &'static str {
    match kind {
        SourceKind::DateTime { order: DateOrder::YearMonthDay, .. } => {
            key!("a date such as 2024-03-31")
        }
        SourceKind::DateTime { order: DateOrder::DayMonthYear, .. } => {
            key!("a date such as 31.3.2024")
        }
        SourceKind::DateTime { order: DateOrder::MonthDayYear, .. } => {
            key!("a date such as 3/31/2024")
        }
        SourceKind::DateTime { order: DateOrder::Clock, .. } => key!("a time such as 17:45"),
        SourceKind::Text { .. } => key!("a text"),
    }
}

/// The number that a text is, finite or not. A comma is a decimal mark, unless point and comma both
/// stand there: then the first groups thousands.
pub(crate) fn number(text: &str) -> Option<f64> {
    let mut text = text.trim().to_owned();
    if let (Some(point), Some(comma)) = (text.rfind('.'), text.rfind(',')) {
        if point.abs_diff(comma) != 4 {
            return None;
        }
        let groups = if point < comma { '.' } else { ',' };
        text.retain(|c| c != groups);
    }
    model_core::parse_number(&text.replace(',', "."))
}

/// The number that a text is in a column of this range. A single mark before three digits may group
/// thousands as well: then it does so where only that lies within the training values.
pub(crate) fn number_in(range: &NumericRange, text: &str) -> Option<f64> {
    let read = number(text)?;
    let grouped = || {
        let (whole, group) = text.trim().rsplit_once(['.', ','])?;
        let value = number(&format!("{whole}{group}"))?;
        (group.len() == 3 && range.training.contains(value)).then_some(value)
    };
    if range.training.contains(read) { Some(read) } else { grouped().or(Some(read)) }
}

/// What a field's text means; [`Field::remark`] says it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    /// A value like those of the training.
    Usual,
    /// Accepted, but unlike those of the training, or shared by rare and unknown ones.
    Unusual,
    /// Left empty, where rows may lack a value.
    Missing,
    /// No value can be taken from it.
    Refused(RowError),
}

impl Entry {
    /// Whether it keeps the fields from making a row.
    pub(crate) const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// What all fields together mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// One for each field.
    pub(crate) entries: Vec<Entry>,
    /// The row that they make.
    pub(crate) row: Result<FeatureRow, RowErrors>,
}

impl Reading {
    /// The row that `fields` make, or a sentence for each faulty one.
    pub(crate) fn row_of(&self, fields: &[Field]) -> Result<FeatureRow, Vec<String>> {
        self.row.clone().map_err(|errors| {
            let faulty = fields.iter().zip(&self.entries).filter(|(_, entry)| entry.is_refused());
            let told = faulty.filter_map(|(field, entry)| Some((field, field.remark(entry)?)));
            let problems: Vec<String> =
                told.map(|(field, remark)| format!("{}: {remark}", field.label)).collect();
            if problems.is_empty() { errors.messages() } else { problems }
        })
    }
}

/// Reads `texts`, one for each of the `fields` of `schema`.
pub(crate) fn read(schema: &Schema, fields: &[Field], texts: &[String]) -> Reading {
    let filled = || fields.iter().zip(texts);
    let named = filled().map(|(field, text)| (field.name.as_str(), field.value(text)));
    let checked = schema.row_of_named(named);
    let outside = checked.iter().flat_map(|row| row.outside_training(schema));
    let outside: Vec<usize> = outside.collect();
    let errors = checked.as_ref().err();
    let error_of = |field: &Field| {
        errors?.iter().find(|error| place(schema, error) == Some(field.first_feature))
    };
    let entries = filled().map(|(field, text)| match error_of(field) {
        Some(error) => Entry::Refused(error.clone()),
        None => {
            let features = schema.source(&field.name).map(Source::features);
            let is_outside = features
                .is_some_and(|features| outside.iter().any(|index| features.contains(index)));
            field.taken(text, is_outside)
        }
    });
    let entries: Vec<Entry> = entries.collect();
    Reading { entries, row: checked }
}

/// Where in a row that begins which `error` is about.
fn place(schema: &Schema, error: &RowError) -> Option<usize> {
    match error {
        RowError::Source { source, .. } => {
            schema.sources.get(*source).map(|source| source.first_feature)
        }
        _ => error.feature(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{iris_schema, journal, mixed};
    use crate::view_models::format::NBSP;

    /// What `schema` makes of `texts`.
    fn entries(schema: &Schema, texts: &[&str]) -> Vec<Entry> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        read(schema, &Field::all(schema), &texts).entries
    }

    /// What is said of `entries`, one for each field of `schema`.
    fn remarks(schema: &Schema, entries: &[Entry]) -> Vec<Option<String>> {
        let fields = Field::all(schema);
        fields.iter().zip(entries).map(|(field, entry)| field.remark(entry)).collect()
    }

    /// What is made of a sepal length.
    fn entry(text: &str) -> Entry {
        entries(&iris_schema(), &[text, "3.5", "1.4", "0.2"]).swap_remove(0)
    }

    fn remark(text: &str) -> Option<String> {
        let remark = Field::all(&iris_schema())[0].remark(&entry(text));
        remark.map(|remark| remark.replace(NBSP, " "))
    }

    #[test]
    fn numbers_inside_the_training_range_pass_without_a_word() {
        for text in ["5.9", " 5,9 "] {
            assert_eq!(entry(text), Entry::Usual);
            assert_eq!(number(text), Some(5.9));
        }
        assert_eq!(remark("5.9"), None);
    }

    #[test]
    fn thousands_are_grouped_where_a_decimal_mark_shows_it() {
        for (text, value) in
            [("3.100,5", 3100.5), ("3,100.5", 3100.5), ("1.234.567,8", 1_234_567.8)]
        {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for text in ["3.10,5", "3,1.5", "1,2,300.5,1", ".,5", "3,100.5.1"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_mark_before_three_digits_groups_where_only_that_is_a_value_of_the_column() {
        let mut range = *iris_schema().features[0].numeric().unwrap();
        let read = |range: &NumericRange, text| number_in(range, text).unwrap();
        assert_eq!((read(&range, "5.100"), read(&range, "9,500")), (5.1, 9.5));
        (range.training.min, range.training.max) = (800.0, 9_500.0);
        for (text, value) in
            [("3.250", 3250.0), ("3,250", 3250.0), ("3.25", 3.25), ("12.500", 12.5)]
        {
            assert_eq!(read(&range, text), value, "{text}");
        }
    }

    #[test]
    fn values_beyond_training_are_taken_with_a_warning() {
        assert!(!entry("9.5").is_refused());
        assert_eq!(
            remark("9.5").as_deref(),
            Some("Unusual: the model was trained on 4.3 to 7.9 cm.")
        );
        // Also beside a field that keeps the row from being made.
        let beside = entries(&iris_schema(), &["9.5", "", "1.4", "0.2"]);
        assert!(matches!(beside[..2], [Entry::Unusual, Entry::Refused(_)]), "{beside:?}");
    }

    #[test]
    fn what_cannot_be_taken_says_what_can() {
        for text in ["", "abc", "NaN", "inf", "1e400", "10.01", "-0.1", "5.1.2", "5.1,2"] {
            assert!(entry(text).is_refused(), "{text}");
            assert!(remark(text).is_some_and(|remark| remark.contains("0 to 10 cm")), "{text}");
        }
        assert_eq!(remark("11").as_deref(), Some("Out of range. Allowed is 0 to 10 cm."));
    }

    #[test]
    fn a_category_is_one_of_its_names_and_nothing_else_is() {
        let schema = mixed().schema().clone();
        let of = |colour, shape| entries(&schema, &["3", colour, "2.5", shape]);
        assert_eq!(of("red", "round"), vec![Entry::Usual; 4]);
        for colour in ["", "1", "Red"] {
            let entries = of(colour, "");
            assert!(entries[1].is_refused());
            let remark = remarks(&schema, &entries).swap_remove(1);
            assert_eq!(remark.as_deref(), Some("Choose one of the list."), "{colour}");
        }
        assert_eq!(of("red", "")[3], Entry::Missing);
    }

    #[test]
    fn what_rare_and_unknown_categories_share_is_taken_with_a_remark() {
        let mut schema = mixed().schema().clone();
        schema.features[1].other = Some(0);
        let of = |colour| entries(&schema, &["3", colour, "2.5", ""]);
        assert_eq!(of("red")[1], Entry::Usual);
        for text in ["blue", "mauve"] {
            assert_eq!(of(text)[1], Entry::Unusual);
            let remark = remarks(&schema, &of(text)).swap_remove(1);
            assert_eq!(remark.as_deref(), Some("Rare and unknown ones share this."), "{text}");
        }
    }

    #[test]
    fn a_number_may_be_left_out_where_the_data_lacks_some() {
        let schema = mixed().schema().clone();
        let entries = entries(&schema, &["", "red", " ", ""]);
        assert!(entries[0].is_refused());
        let remark = remarks(&schema, &entries).swap_remove(2);
        assert!(remark.is_some_and(|remark| remark.starts_with("No value")));
    }

    #[test]
    fn every_column_of_a_wide_schema_has_its_field() {
        let model = journal();
        let fields = Field::all(model.schema());
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["depth", "day", "note", "sky"]);
        assert!(model.schema().features.len() > 6, "a date and a text are several features");
        let texts = ["3", "2024-02-14", "fog until noon, then sun 5", "clear"].map(str::to_owned);
        let reading = read(model.schema(), &fields, &texts);
        assert_eq!(reading.entries, vec![Entry::Usual; 4]);
        assert_eq!(reading.row.unwrap().values().len(), model.schema().features.len());
    }

    #[test]
    fn dates_are_asked_for_in_words_and_faults_stay_with_their_field() {
        let model = journal();
        let of = |day| entries(model.schema(), &["3", day, "fog until noon, then sun 5", "clear"]);
        let said = |day| remarks(model.schema(), &of(day)).swap_remove(1).unwrap();
        assert_eq!(said("soon"), "Not understood. Enter a date such as 2024-03-31.");
        assert_eq!(said(" "), "Enter a date such as 2024-03-31.");
        let later = of("2031-02-14");
        assert_eq!(later[1], Entry::Unusual);
        assert!([0, 2, 3].iter().all(|&at| later[at] == Entry::Usual), "{later:?}");
    }

    #[test]
    fn what_is_expected_is_said_in_the_words_of_the_library() {
        let texts = SourceKind::Text { n_buckets: 8 };
        let dates = DateOrder::ALL.map(|order| SourceKind::DateTime { order, parts: Vec::new() });
        for kind in dates.into_iter().chain([texts]) {
            assert_eq!(expected(&kind), kind.expected());
        }
    }
}
