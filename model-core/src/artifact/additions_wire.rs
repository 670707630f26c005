//! What format 4 added to the structures of format 3, as it stands in a file: one structure behind
//! all others, so that those are still read by the same code.
//!
//! A field that is added here gets its value for older files in [`AdditionsWire::before_format_4`],
//! a constant of its own and not today's default: an old file says what it always said.

use serde::{Deserialize, Serialize};

use super::Content;
use crate::schema::{DateOrder, DatePart, Feature, Schema, Source, SourceKind};

#[derive(Serialize, Deserialize)]
pub(super) struct AdditionsWire {
    /// Of each feature, in the schema's order.
    pub(super) features: Vec<FeatureAdditionsWire>,
    /// [`Schema::sources`](crate::Schema::sources).
    #[expect(
        clippy::vec_box,
        reason = "a length that a file claims is reserved for: of pointers, not of sources"
    )]
    pub(super) sources: Vec<Box<SourceWire>>,
    /// [`TrainParams::max_rows`](crate::TrainParams::max_rows).
    pub(super) max_rows: Option<u32>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SourceWire {
    name: String,
    kind: SourceKindWire,
    first_feature: u32,
}

#[derive(Serialize, Deserialize)]
enum SourceKindWire {
    /// Order and parts, by their numbers below.
    DateTime {
        order: u8,
        parts: Vec<u8>,
    },
    Text {
        n_buckets: u16,
    },
}

/// A number in the file for each, which must not change.
const ORDERS: [DateOrder; 4] =
    [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::Clock];
const PARTS: [DatePart; 5] =
    [DatePart::Year, DatePart::Month, DatePart::DayOfWeek, DatePart::Hour, DatePart::ElapsedDays];

fn number_of<T: PartialEq>(items: &[T], item: &T) -> u8 {
    items.iter().position(|one| one == item).unwrap_or_default() as u8
}

fn encode_source(source: &Source) -> Box<SourceWire> {
    let kind = match &source.kind {
        SourceKind::DateTime { order, parts } => SourceKindWire::DateTime {
            order: number_of(&ORDERS, order),
            parts: parts.iter().map(|part| number_of(&PARTS, part)).collect(),
        },
        SourceKind::Text { n_buckets } => SourceKindWire::Text { n_buckets: *n_buckets },
    };
    let first_feature = source.first_feature as u32;
    Box::new(SourceWire { name: source.name.clone(), kind, first_feature })
}

/// A source whose features are numbers of the schema, and come after those of the one before.
fn decode_source(wire: SourceWire, schema: &Schema, from: usize) -> Option<Source> {
    let kind = match wire.kind {
        SourceKindWire::DateTime { order, parts } => SourceKind::DateTime {
            order: *ORDERS.get(usize::from(order))?,
            parts: parts
                .iter()
                .map(|&part| PARTS.get(usize::from(part)).copied())
                .collect::<Option<_>>()?,
        },
        SourceKindWire::Text { n_buckets } => SourceKind::Text { n_buckets },
    };
    let first_feature = wire.first_feature as usize;
    let source = Source { name: wire.name, kind, first_feature };
    source.fits(schema, from).then_some(source)
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FeatureAdditionsWire {
    /// [`Feature::other`].
    pub(super) other: Option<u32>,
}

impl AdditionsWire {
    /// What files before format 4 mean: an unknown category is an error, every column is a feature,
    /// and all rows trained.
    pub(super) fn before_format_4(n_features: usize) -> Self {
        let features = vec![FeatureAdditionsWire { other: None }; n_features];
        Self { features, sources: Vec::new(), max_rows: None }
    }
}

pub(super) fn encode(content: &Content) -> AdditionsWire {
    let feature = |feature: &Feature| FeatureAdditionsWire { other: feature.other };
    AdditionsWire {
        features: content.schema.features.iter().map(feature).collect(),
        sources: content.schema.sources.iter().map(encode_source).collect(),
        max_rows: content.lineage.params.max_rows,
    }
}

/// Adds to a schema of the structures of format 3 what belongs to it, if it fits.
pub(super) fn complete(
    schema: &mut Schema,
    features: Vec<FeatureAdditionsWire>,
    sources: impl Iterator<Item = SourceWire>,
) -> Option<()> {
    if features.len() != schema.features.len() {
        return None;
    }
    for (feature, FeatureAdditionsWire { other }) in schema.features.iter_mut().zip(features) {
        let n_categories = feature.categories().map_or(0, <[String]>::len);
        if other.is_some_and(|code| code as usize >= n_categories) {
            return None;
        }
        feature.other = other;
    }
    let mut end = 0;
    for wire in sources {
        let source = decode_source(wire, schema, end)?;
        end = source.features().end;
        schema.sources.push(source);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Column, Dataset};
    use crate::schema::source::MAX_BUCKETS;

    /// Sources of a schema of eight numbers, after a way through a file.
    fn again(sources: &[Source]) -> Option<Vec<Source>> {
        let columns = (0..8).map(|at| Column::numeric(format!("x{at}"))).collect();
        let classes = vec!["a".into(), "b".into()];
        let data = Dataset::new("d", "y", columns, classes, vec![0.0; 16], vec![0, 1]).unwrap();
        let mut schema = data.schema().clone();
        let features = AdditionsWire::before_format_4(8).features;
        complete(&mut schema, features, sources.iter().map(|source| *encode_source(source)))?;
        Some(schema.sources)
    }

    fn source(first_feature: usize, kind: SourceKind) -> Source {
        Source { name: "s".into(), kind, first_feature }
    }

    #[test]
    fn every_kind_of_source_comes_back_as_it_was() {
        for order in DateOrder::ALL {
            let date = SourceKind::DateTime { order, parts: DatePart::ALL.to_vec() };
            let sources = [source(0, date), source(5, SourceKind::Text { n_buckets: 1 })];
            assert_eq!(again(&sources).as_deref(), Some(&sources[..]));
        }
    }

    #[test]
    fn sources_that_do_not_fit_the_schema_are_refused() {
        let text = |n_buckets| SourceKind::Text { n_buckets };
        let none = SourceKind::DateTime { order: DateOrder::Clock, parts: Vec::new() };
        assert_eq!(again(&[source(7, text(0))]), None, "beyond the last feature");
        assert_eq!(again(&[source(2, text(0)), source(3, text(0))]), None, "a feature of two");
        assert_eq!(again(&[source(0, text(MAX_BUCKETS + 1))]), None);
        assert_eq!(again(&[source(0, none)]), None, "of nothing");
    }
}
