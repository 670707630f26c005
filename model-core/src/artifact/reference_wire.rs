//! Reference rows in few bytes: each column as a dictionary of its distinct values and the place of
//! each row's value in it.

use serde::{Deserialize, Serialize};

use crate::reference::{MAX_HELD_OUT_ROWS, MAX_TRAIN_ROWS, ReferenceRows, ReferenceSample};
use crate::schema::{scaled, unscaled};

/// What a model carries of its data. Kinds are told apart by their place: the list may grow at its
/// end, and a program that does not know the new kind refuses the file.
#[derive(Serialize, Deserialize)]
pub(super) enum ReferenceKindWire {
    /// Rows of it.
    Rows(ReferenceWire),
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
/// the last stands for a missing value.
#[derive(Serialize, Deserialize)]
pub(super) struct ColumnWire {
    dictionary: DictionaryWire,
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

pub(super) fn encode(reference: &ReferenceSample) -> ReferenceWire {
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

pub(super) fn decode(wire: ReferenceWire, p: usize, k: usize) -> Option<ReferenceSample> {
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
