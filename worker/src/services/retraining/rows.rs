//! Labelled rows of the log as a data set.

use std::collections::BTreeSet;

use model_core::lifecycle::Policy;
use model_core::{Dataset, FeatureRow, Schema, Value, filled};
use tepal_api::{FeatureValue, PredictionRecord, RefusedRows};

use super::Retrainer;
use crate::ports::{HistoryQuery, StorageError};
use crate::services::log::reader;

/// Rows that are asked for at once.
const PAGE_ROWS: usize = 500;
/// Most pages that are read: rows with labels may be far between.
const MAX_PAGES: usize = 64;
/// Fewest rows of a class: one is held out, and the folds share the others.
const MIN_CLASS_ROWS: usize = 5;

/// Most rows that train for each labelled one, with those that are kept: the fifth that is held out is to be labelled, and of today.
pub(crate) const ROWS_PER_LABELLED: u64 = 5;

/// Kept rows, then labelled ones, oldest first.
pub(super) struct Rows {
    /// How many are kept ones.
    pub(super) n_kept: usize,
    /// Ids of the labelled ones.
    pub(super) ids: Vec<String>,
    rows: Vec<FeatureRow>,
    labels: Vec<u32>,
    pub(super) refused: Vec<RefusedRows>,
}

impl Retrainer {
    /// The newest rows with a label, from this id on, whichever version answered, the oldest first.
    ///
    /// # Errors
    /// [`StorageError`] if the log can't be read.
    pub(crate) async fn labelled_rows(
        &self,
        most: u64,
        from_id: Option<&str>,
    ) -> Result<Vec<PredictionRecord>, StorageError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut records = Vec::new();
        let mut query = HistoryQuery {
            limit: PAGE_ROWS.min(most),
            from_id: from_id.map(str::to_owned),
            labelled: Some(true),
            ..HistoryQuery::default()
        };
        for _ in 0..MAX_PAGES {
            let page = reader::page(self.log.as_ref(), self.log_shards, &query).await?;
            for row in &page.rows {
                let record = crate::json::from_str::<PredictionRecord>(&row.record);
                records.push(record.map_err(|error| StorageError::Corrupt(error.to_string()))?);
            }
            query.before_id = page.next;
            if query.before_id.is_none() || records.len() >= most {
                break;
            }
        }
        records.truncate(most);
        records.reverse();
        Ok(records)
    }

    /// Whether every one of the rows with these ids is still there and labelled.
    pub(super) async fn are_there(&self, ids: &[&str]) -> Result<bool, StorageError> {
        let (Some(oldest), Some(newest)) = (ids.first(), ids.last()) else { return Ok(true) };
        let mut missing: BTreeSet<&str> = filled(ids.iter().copied());
        let mut query = HistoryQuery {
            limit: PAGE_ROWS,
            from_id: Some((*oldest).to_owned()),
            // Only ids below it are asked for.
            before_id: Some(format!("{newest}~")),
            labelled: Some(true),
            ..HistoryQuery::default()
        };
        for _ in 0..MAX_PAGES {
            let page = reader::page(self.log.as_ref(), self.log_shards, &query).await?;
            for row in &page.rows {
                missing.remove(row.id.as_str());
            }
            query.before_id = page.next;
            if query.before_id.is_none() || missing.is_empty() {
                break;
            }
        }
        Ok(missing.is_empty())
    }
}

/// Those of `records` that a model with this `schema` can learn from; of the others why not.
pub(super) fn usable(schema: &Schema, records: &[PredictionRecord]) -> Rows {
    let mut found = Rows {
        n_kept: 0,
        ids: Vec::new(),
        rows: Vec::new(),
        labels: Vec::new(),
        refused: Vec::new(),
    };
    for record in records {
        match read(schema, record) {
            Ok((row, label)) => {
                found.ids.push(record.id.clone());
                found.rows.push(row);
                found.labels.push(label);
            }
            Err(why) => refuse(&mut found.refused, why, 1),
        }
    }
    found
}

/// Counts `n` rows more that can't be used, and why.
pub(super) fn refuse(refused: &mut Vec<RefusedRows>, why: String, n: u64) {
    match refused.iter_mut().find(|it| it.why == why) {
        Some(refused) => refused.n += n,
        None => refused.push(RefusedRows { why, n }),
    }
}

/// How many of `n_kept` rows train beside so many labelled ones.
pub(super) fn n_beside(n_kept: u64, n_labelled: u64) -> u64 {
    n_kept.min(n_labelled.saturating_mul(ROWS_PER_LABELLED - 1))
}

/// A row as the model reads it, and its class; in a few words why it is none.
fn read(schema: &Schema, record: &PredictionRecord) -> Result<(FeatureRow, u32), String> {
    let label = record.label.as_deref().ok_or("no label")?;
    let class = schema.classes.iter().position(|class| class == label);
    let class = class.ok_or("a class that the champion doesn't know")?;
    let mut values = Vec::with_capacity(schema.features.len());
    for (at, feature) in schema.features.iter().enumerate() {
        let value = match record.features.get(&feature.name) {
            Some(FeatureValue::Number(number)) => Value::Number(*number),
            Some(FeatureValue::Category(text)) => Value::Text(text),
            Some(FeatureValue::Missing) | None => Value::Missing,
        };
        let refused = |_| format!("no value of column {} that the champion reads", feature.name);
        values.push(schema.encode(at, value).map_err(refused)?);
    }
    let row = schema.row(&values).map_err(|_| "a row that the champion doesn't read".to_owned())?;
    Ok((row, u32::try_from(class).unwrap_or(u32::MAX)))
}

impl Rows {
    /// Puts rows that are kept before the labelled ones, from all over them, up to `most` in all. One that is a labelled row, too,
    /// stays out: it would train what is held out.
    pub(super) fn put_before(&mut self, kept: &Dataset, schema: &Schema, most: u64) {
        let n_labelled = self.ids.len() as u64;
        let key = |row: &FeatureRow, label: u32| {
            let bits: Vec<u64> = row.values().iter().map(|value| value.to_bits()).collect();
            (bits, label)
        };
        let labelled = self.rows.iter().zip(&self.labels).map(|(row, label)| key(row, *label));
        let labelled: BTreeSet<(Vec<u64>, u32)> = filled(labelled);
        let read = kept.reader_for(schema);
        let mut found = Vec::new();
        for at in 0..kept.n_samples() {
            match read(at) {
                Some((row, label)) if labelled.contains(&key(&row, label)) => {}
                Some(_) => found.push(at),
                None => {
                    let why = "a kept row that the champion doesn't read";
                    refuse(&mut self.refused, why.to_owned(), 1);
                }
            }
        }
        let n = n_beside(found.len() as u64, n_labelled).min(most.saturating_sub(n_labelled));
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        let taken = (0..n).filter_map(|at| read(found[at * found.len() / n]));
        let (mut rows, mut labels): (Vec<_>, Vec<_>) = taken.unzip();
        self.n_kept = rows.len();
        rows.append(&mut self.rows);
        labels.append(&mut self.labels);
        (self.rows, self.labels) = (rows, labels);
    }

    /// In a sentence, of what there are too few to train on.
    pub(super) fn lack(&self, schema: &Schema, policy: &Policy) -> Option<String> {
        let n = self.rows.len();
        if (n as u64) < policy.min_rows {
            let (needed, kept) = (policy.min_rows, self.kept());
            return Some(format!(
                "Of the {needed} labelled rows that a training takes at least, {n} are there{kept}: send labels by POST /api/v1/feedback."
            ));
        }
        schema.classes.iter().enumerate().find_map(|(class, name)| {
            let n = self.labels.iter().filter(|label| **label as usize == class).count();
            (n < MIN_CLASS_ROWS).then(|| {
                format!(
                    "Of class {name}, {n} labelled rows are there{}, and a training takes {MIN_CLASS_ROWS}: send labels of it.",
                    self.kept()
                )
            })
        })
    }

    /// That kept rows are among those that are counted.
    fn kept(&self) -> &'static str {
        if self.n_kept == 0 { "" } else { ", with those that are kept" }
    }

    /// The data set of them but for the first `n_before`; in a sentence why there is none.
    pub(super) fn dataset(&self, schema: &Schema, n_before: usize) -> Result<Dataset, String> {
        let rows = self.rows.get(n_before..).unwrap_or_default();
        let labels = self.labels.get(n_before..).unwrap_or_default();
        let data = Dataset::of_known_rows(schema, rows, labels.to_vec());
        data.map_err(|error| format!("The labelled rows are no data set: {error}."))
    }
}
