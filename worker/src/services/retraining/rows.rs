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

/// Labelled rows, oldest first.
pub(super) struct Rows {
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
    let mut found =
        Rows { ids: Vec::new(), rows: Vec::new(), labels: Vec::new(), refused: Vec::new() };
    for record in records {
        match read(schema, record) {
            Ok((row, label)) => {
                found.ids.push(record.id.clone());
                found.rows.push(row);
                found.labels.push(label);
            }
            Err(why) => match found.refused.iter_mut().find(|it| it.why == why) {
                Some(refused) => refused.n += 1,
                None => found.refused.push(RefusedRows { why, n: 1 }),
            },
        }
    }
    found
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
    /// The data set of them; in a sentence why there is none.
    pub(super) fn dataset(&self, schema: &Schema, policy: &Policy) -> Result<Dataset, String> {
        let n = self.rows.len();
        if (n as u64) < policy.min_rows {
            let needed = policy.min_rows;
            return Err(format!(
                "Of the {needed} labelled rows that a training takes at least, {n} are there: send labels by POST /api/v1/feedback."
            ));
        }
        for (class, name) in schema.classes.iter().enumerate() {
            let n = self.labels.iter().filter(|label| **label as usize == class).count();
            if n < MIN_CLASS_ROWS {
                return Err(format!(
                    "Of class {name}, {n} labelled rows are there, and a training takes {MIN_CLASS_ROWS}: send labels of it."
                ));
            }
        }
        let data = Dataset::of_known_rows(schema, &self.rows, self.labels.clone());
        data.map_err(|error| format!("The labelled rows are no data set: {error}."))
    }
}
