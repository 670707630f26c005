//! What is compared: columns by name, and the two samples' columns side by side.

use std::collections::BTreeMap;

use super::DriftError;
use crate::dataset::{ColumnKind, Dataset, OddCells};
use crate::order::filled;
use crate::reference::ReferenceRows;
use crate::schema::{FeatureKind, Schema};

/// A column of a sample: numbers or indices of categories, NaN where there is no value.
#[derive(Debug, Clone)]
pub struct SampleColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Its values, row by row.
    pub values: Vec<f64>,
    /// Cells of its file that are not what the column holds, if there are any.
    pub odd: Option<OddCells>,
}

impl SampleColumn {
    /// A column of numbers; NaN stands for no value.
    #[must_use]
    pub fn numeric(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), kind: ColumnKind::Numeric, values, odd: None }
    }

    /// A column of texts.
    #[must_use]
    pub fn categorical(name: impl Into<String>, texts: &[Option<&str>]) -> Self {
        let mut codes: BTreeMap<&str, usize> =
            filled(texts.iter().flatten().map(|&text| (text, 0)));
        codes.values_mut().zip(0..).for_each(|(slot, code)| *slot = code);
        let code = |text: &Option<&str>| text.and_then(|text| codes.get(text).copied());
        let value = |text| code(text).map_or(f64::NAN, |code| code as f64);
        let values = texts.iter().map(value).collect();
        let categories = codes.keys().map(|&text| text.to_owned()).collect();
        Self { name: name.into(), kind: ColumnKind::Categorical(categories), values, odd: None }
    }

    /// The features of rows of a schema, in its order; rows of another width are passed over.
    #[must_use]
    pub fn of_rows<'a>(schema: &Schema, rows: impl IntoIterator<Item = &'a [f64]>) -> Vec<Self> {
        let features = schema.features.iter();
        let mut columns: Vec<Self> = features
            .map(|feature| Self {
                name: feature.name.clone(),
                kind: match &feature.kind {
                    FeatureKind::Numeric(_) => ColumnKind::Numeric,
                    FeatureKind::Categorical(names) => ColumnKind::Categorical(names.clone()),
                },
                values: Vec::new(),
                odd: None,
            })
            .collect();
        for row in rows.into_iter().filter(|row| row.len() == schema.features.len()) {
            columns.iter_mut().zip(row).for_each(|(column, value)| column.values.push(*value));
        }
        columns
    }

    /// The features of rows of a data set.
    #[must_use]
    pub fn of_dataset(dataset: &Dataset, rows: &[usize]) -> Vec<Self> {
        Self::of_rows(dataset.schema(), rows.iter().map(|&row| dataset.row(row)))
    }

    /// The features of the rows that travel with a model of this schema.
    #[must_use]
    pub fn of_reference(schema: &Schema, rows: &ReferenceRows) -> Vec<Self> {
        Self::of_rows(schema, rows.rows().map(|(values, _)| values))
    }
}

/// One column of both samples.
pub(super) struct Paired<'a> {
    pub(super) name: &'a str,
    pub(super) reference: &'a [f64],
    pub(super) current: &'a [f64],
    pub(super) values: PairedValues,
    /// Odd cells of the window.
    pub(super) odd: Option<&'a OddCells>,
}

/// Its values made ready to compare.
pub(super) enum PairedValues {
    /// Sorted, without those that are missing.
    Numeric { reference: Vec<f64>, current: Vec<f64> },
    Categorical {
        /// Of all rows, the reference's first: indices of categories of both, NaN if missing.
        codes: Vec<f64>,
        reference: Vec<u64>,
        current: Vec<u64>,
        /// Categories of both, sorted.
        names: Vec<String>,
        /// Categories that no reference row has.
        new: Vec<String>,
    },
}

impl<'a> Paired<'a> {
    /// # Errors
    /// [`DriftError::NotFinite`], [`DriftError::KindDiffers`] and [`DriftError::NoCategory`].
    pub(super) fn new(
        reference: &'a SampleColumn,
        current: &'a SampleColumn,
    ) -> Result<Self, DriftError> {
        let values = match (&reference.kind, &current.kind) {
            (ColumnKind::Numeric, ColumnKind::Numeric) => {
                PairedValues::Numeric { reference: sorted(reference)?, current: sorted(current)? }
            }
            (ColumnKind::Categorical(a), ColumnKind::Categorical(b)) => {
                paired_categories((reference, a), (current, b))?
            }
            _ => return Err(DriftError::KindDiffers { column: reference.name.clone() }),
        };
        Ok(Self {
            name: &reference.name,
            reference: &reference.values,
            current: &current.values,
            values,
            odd: current.odd.as_ref(),
        })
    }

    /// Takes the reference's counts by category from elsewhere than from its rows.
    pub(super) fn count_reference(&mut self, counts: &BTreeMap<String, u64>) {
        if let PairedValues::Categorical { names, reference, new, .. } = &mut self.values {
            for (count, name) in reference.iter_mut().zip(&*names) {
                *count = counts.get(name).copied().unwrap_or_default();
            }
            new.retain(|name| counts.get(name).is_none_or(|count| *count == 0));
        }
    }

    pub(super) fn n_reference(&self) -> usize {
        self.reference.len()
    }

    pub(super) fn n_current(&self) -> usize {
        self.current.len()
    }

    /// Rows without a value, of the reference and of the window.
    pub(super) fn n_missing(&self) -> (usize, usize) {
        let missing = |values: &[f64]| values.iter().filter(|value| value.is_nan()).count();
        (missing(self.reference), missing(self.current))
    }
}

fn sorted(column: &SampleColumn) -> Result<Vec<f64>, DriftError> {
    let mut values: Vec<f64> =
        column.values.iter().copied().filter(|value| !value.is_nan()).collect();
    if values.iter().any(|value| value.is_infinite()) {
        return Err(DriftError::NotFinite { column: column.name.clone() });
    }
    crate::order::sort_values(&mut values);
    Ok(values)
}

fn paired_categories(
    (reference, a): (&SampleColumn, &[String]),
    (current, b): (&SampleColumn, &[String]),
) -> Result<PairedValues, DriftError> {
    let mut names: BTreeMap<&str, usize> = filled(a.iter().chain(b).map(|name| (name.as_str(), 0)));
    names.values_mut().zip(0..).for_each(|(slot, code)| *slot = code);
    let n_categories = names.len();
    let mut codes = Vec::with_capacity(reference.values.len() + current.values.len());
    let mut counts = [vec![0; n_categories], vec![0; n_categories]];
    for ((column, categories), counts) in
        [(reference, a), (current, b)].into_iter().zip(&mut counts)
    {
        let to_common: Vec<usize> =
            categories.iter().filter_map(|name| names.get(name.as_str()).copied()).collect();
        for &value in &column.values {
            if value.is_nan() {
                codes.push(f64::NAN);
                continue;
            }
            let is_index = value >= 0.0 && value.fract() == 0.0;
            let code = to_common.get(value as usize).filter(|_| is_index);
            let Some(&code) = code else {
                let column = column.name.clone();
                return Err(DriftError::NoCategory { column, code: value });
            };
            counts[code] += 1;
            codes.push(code as f64);
        }
    }
    let [reference, current] = counts;
    let is_new = |&(_, code): &(&str, usize)| reference[code] == 0 && current[code] > 0;
    let all = names.keys().map(|&name| name.to_owned()).collect();
    let new = names.into_iter().filter(is_new).map(|(name, _)| name.to_owned()).collect();
    Ok(PairedValues::Categorical { codes, reference, current, names: all, new })
}
