//! Reference rows in few bytes: each column as a dictionary of its distinct values and the place of
//! each row's value in it. In a file without rows, the dictionary of what stands for them.

use serde::{Deserialize, Serialize};

use crate::reference::{
    ColumnSummary, MAX_HELD_OUT_ROWS, MAX_TRAIN_ROWS, MIN_GROUP, ReferenceRows, ReferenceSample,
    ReferenceSummary,
};
use crate::schema::row::is_code;
use crate::schema::{Feature, FeatureKind, Schema, scaled, unscaled};

/// What a model carries of its data. Kinds are told apart by their place: the list may grow at its
/// end, and a program that does not know the new kind refuses the file.
#[derive(Serialize, Deserialize)]
pub(super) enum ReferenceKindWire {
    /// Rows of it.
    Rows(ReferenceWire),
    /// How the values of each column are distributed, in the schema's order.
    #[expect(clippy::vec_box, reason = "as with rows")]
    Summary(Vec<Box<ColumnWire>>),
}

/// Training rows first, then held-out ones, column by column.
#[derive(Serialize, Deserialize)]
pub(super) struct ReferenceWire {
    pub(super) n_train: u32,
    pub(super) labels: Vec<u32>,
    #[expect(
        clippy::vec_box,
        reason = "a length that a file claims is reserved for: of pointers, not of columns"
    )]
    pub(super) columns: Vec<Box<ColumnWire>>,
}

/// The distinct values, ascending, and the place of each row's value among them; the place behind
/// the last stands for a missing value. In a summary the places are other numbers: the rows that each
/// value stands for, then the rows without a value, and those by which ranks may be off.
#[derive(Serialize, Deserialize)]
pub(super) struct ColumnWire {
    pub(super) dictionary: DictionaryWire,
    pub(super) places: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum DictionaryWire {
    /// `first`, then steps, all over `10^scale`: what was measured to a few decimals.
    Decimal {
        scale: u8,
        first: i64,
        steps: Vec<u64>,
    },
    Float(Vec<f64>),
}

pub(super) fn encode(
    reference: &ReferenceSample,
    summary: Option<&ReferenceSummary>,
) -> ReferenceKindWire {
    match summary {
        Some(summary) => ReferenceKindWire::Summary(
            summary.columns.iter().map(encode_summary).map(Box::new).collect(),
        ),
        None => ReferenceKindWire::Rows(encode_rows(reference)),
    }
}

fn encode_summary(column: &ColumnSummary) -> ColumnWire {
    let ColumnSummary { n_missing, values, counts, rank_error } = column;
    let places = counts.iter().copied().chain([*n_missing, *rank_error]).collect();
    ColumnWire { dictionary: encode_dictionary(values.clone()), places }
}

fn encode_rows(reference: &ReferenceSample) -> ReferenceWire {
    let ReferenceSample { train, held_out } = reference;
    let n_features = train.n_features;
    let rows = || train.rows().chain(held_out.rows());
    ReferenceWire {
        n_train: train.len() as u32,
        labels: rows().map(|(_, label)| label).collect(),
        columns: (0..n_features)
            .map(|j| encode_column(&rows().map(|(values, _)| values[j]).collect::<Vec<_>>()))
            .map(Box::new)
            .collect(),
    }
}

fn encode_column(values: &[f64]) -> ColumnWire {
    let mut distinct: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    crate::order::sort_values(&mut distinct);
    distinct.dedup_by_key(|value| value.to_bits());
    let place = |value: &f64| match value.is_nan() {
        true => distinct.len() as u32,
        false => distinct.partition_point(|other| other.total_cmp(value).is_lt()) as u32,
    };
    let places = values.iter().map(place).collect();
    ColumnWire { dictionary: encode_dictionary(distinct), places }
}

fn encode_dictionary(distinct: Vec<f64>) -> DictionaryWire {
    let integers = |scale: u8| -> Option<Vec<i64>> {
        distinct.iter().map(|&value| scaled(value, scale)).collect()
    };
    let scale = || (0..=9).find_map(|scale| Some((scale, integers(scale)?)));
    match (!distinct.is_empty()).then(scale).flatten() {
        Some((scale, integers)) => DictionaryWire::Decimal {
            scale,
            first: integers.first().copied().unwrap_or_default(),
            steps: integers.windows(2).map(|pair| (pair[1] - pair[0]) as u64).collect(),
        },
        None => DictionaryWire::Float(distinct),
    }
}

fn decode_dictionary(wire: DictionaryWire) -> Option<Vec<f64>> {
    let values = match wire {
        DictionaryWire::Float(values) => values,
        DictionaryWire::Decimal { scale, first, steps } => {
            let mut at = first;
            let mut values = vec![unscaled(at, scale)?];
            for step in steps {
                at = at.checked_add_unsigned(step)?;
                values.push(unscaled(at, scale)?);
            }
            values
        }
    };
    values.iter().all(|value| value.is_finite()).then_some(values)
}

/// The rows, and what stands for them if there are none.
pub(super) type Reference = (ReferenceSample, Option<ReferenceSummary>);

pub(super) fn decode(wire: ReferenceKindWire, schema: &Schema) -> Option<Reference> {
    let p = schema.features.len();
    match wire {
        ReferenceKindWire::Rows(rows) => Some((decode_rows(rows, p, schema.classes.len())?, None)),
        ReferenceKindWire::Summary(wire) if wire.len() == p => {
            let mut columns = Vec::new();
            for (column, feature) in wire.into_iter().zip(&schema.features) {
                columns.push(decode_summary(*column, feature)?);
            }
            Some((ReferenceSample::without_rows(p), Some(ReferenceSummary { columns })))
        }
        ReferenceKindWire::Summary(_) => None,
    }
}

/// A column that is summarised as training does it: no number stands for fewer rows than a group has,
/// so that no file passes off rows as a summary.
fn decode_summary(wire: ColumnWire, feature: &Feature) -> Option<ColumnSummary> {
    let ColumnWire { dictionary, places: mut counts } = wire;
    let values = decode_dictionary(dictionary)?;
    if counts.len() != values.len() + 2 {
        return None;
    }
    let rank_error = counts.pop()?;
    let n_missing = counts.pop()?;
    let (least, n_codes) = match &feature.kind {
        FeatureKind::Numeric(_) => (MIN_GROUP as u32, None),
        FeatureKind::Categorical(names) => (1, Some(names.len())),
    };
    let (mut n_rows, mut last) = (n_missing, f64::NEG_INFINITY);
    for (&value, &count) in values.iter().zip(&counts) {
        if value <= last || count < least || n_codes.is_some_and(|n| !is_code(value, n)) {
            return None;
        }
        n_rows = n_rows.saturating_add(count);
        last = value;
    }
    let is_sound = n_rows as usize <= MAX_TRAIN_ROWS && rank_error <= n_rows;
    is_sound.then_some(ColumnSummary { n_missing, values, counts, rank_error })
}

fn decode_rows(wire: ReferenceWire, p: usize, k: usize) -> Option<ReferenceSample> {
    let (n, n_train) = (wire.labels.len(), wire.n_train as usize);
    let n_held_out = n.checked_sub(n_train)?;
    let sound = n_train <= MAX_TRAIN_ROWS
        && n_held_out <= MAX_HELD_OUT_ROWS
        && wire.columns.len() == p
        && wire.columns.iter().all(|column| column.places.len() == n)
        && wire.labels.iter().all(|&label| (label as usize) < k);
    if !sound {
        return None;
    }
    let mut values = vec![0.0; n * p];
    for (j, column) in wire.columns.into_iter().enumerate() {
        let dictionary = decode_dictionary(column.dictionary)?;
        for (row, place) in column.places.into_iter().enumerate() {
            values[row * p + j] = match dictionary.get(place as usize) {
                Some(&value) => value,
                None if place as usize == dictionary.len() => f64::NAN,
                None => return None,
            };
        }
    }
    let held_out_values = values.split_off(n_train * p);
    let mut labels = wire.labels;
    let held_out_labels = labels.split_off(n_train);
    Some(ReferenceSample {
        train: ReferenceRows { values, labels, n_features: p },
        held_out: ReferenceRows { values: held_out_values, labels: held_out_labels, n_features: p },
    })
}
