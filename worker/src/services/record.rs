//! What the log keeps of an answer, and how it gets there.

use model_core::FeatureRow;
use tepal_api::{
    Draw, FeatureValue, OrderedMap, PredictionRecord, ShadowPrediction, TrialRow, WarningCode,
};

use super::classify::Classification;
use super::log::writer::LogWriter;
use super::metrics::CounterKey;
use super::serving::ServedModel;
use super::time;
use crate::config::LogMode;
use crate::ports::{LogRow, StorageError};

/// An answer that was given, or is about to be.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) id: String,
    pub(crate) at_millis: i64,
    pub(crate) model: &'a ServedModel,
    pub(crate) row: &'a FeatureRow,
    pub(crate) classification: Classification,
    /// What another model, which didn't answer, says of the row.
    pub(crate) shadow: Option<Shadow<'a>>,
    /// The warnings that went with it.
    pub(crate) warnings: Vec<WarningCode>,
    /// Pseudonym of whom the row is about.
    pub(crate) subject: Option<String>,
    /// The experiment that dealt the request, if it was dealt by its own id.
    pub(crate) draw: Option<Draw>,
    /// The trial that the row counts in.
    pub(crate) trial: Option<TrialRow>,
    /// Trial, and its version that should have been asked and wasn't to be had.
    pub(crate) absent: Option<(u64, u64)>,
}

impl Answered<'_> {
    /// Trial, and its version that couldn't answer this row.
    fn unanswered(&self) -> Option<(u64, u64)> {
        let refused = self.trial.zip(self.shadow.as_ref());
        let refused = refused.filter(|(_, shadow)| shadow.classification.is_none());
        refused.map(|(trial, shadow)| (trial.number, shadow.model.version)).or(self.absent)
    }
}

/// A model that was only asked.
#[derive(Debug)]
pub(crate) struct Shadow<'a> {
    pub(crate) model: &'a ServedModel,
    /// `None` if the row is none of its own.
    pub(crate) classification: Option<Classification>,
}

impl Shadow<'_> {
    fn prediction(&self) -> Option<ShadowPrediction> {
        let Classification { prediction, .. } = self.classification.as_ref()?;
        let classes = &self.model.artifact.schema().classes;
        let probabilities = prediction.probabilities.iter().copied();
        Some(ShadowPrediction {
            model_version: self.model.version,
            model_id: self.model.id.clone(),
            prediction: classes.get(prediction.class).cloned().unwrap_or_default(),
            probabilities: classes.iter().cloned().zip(probabilities).collect(),
        })
    }

    fn count(&self) -> CounterKey {
        match &self.classification {
            Some(classification) => {
                let class = classification.class(self.model).to_owned();
                CounterKey::ShadowPredictions(class.into(), self.model.version)
            }
            None => CounterKey::ShadowRefusals(self.model.version),
        }
    }
}

/// Why an answer isn't in the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
    #[error(transparent)]
    Log(#[from] StorageError),
}

/// Logs and counts `answered`: soon, or, if the log is durable, before this returns.
///
/// # Errors
/// [`RecordError::Log`] if the log is durable and isn't known to have the row.
pub(crate) async fn record(
    writer: &LogWriter,
    mode: LogMode,
    answered: Answered<'_>,
) -> Result<(), RecordError> {
    let counts = counts(&answered);
    let row = log_row(answered)?;
    match mode {
        LogMode::Batched => {
            writer.buffer.push(row);
            for (key, n) in counts {
                writer.buffer.telemetry().count(key, n);
            }
        }
        LogMode::Durable => writer.append_now(row, &counts).await?,
    }
    Ok(())
}

fn counts(answered: &Answered<'_>) -> Vec<(CounterKey, u64)> {
    let class = answered.classification.class(answered.model).to_owned();
    let prediction = CounterKey::Predictions(class.into(), answered.model.version);
    let warnings = answered.warnings.iter().map(|code| CounterKey::Warnings(code.as_str().into()));
    let shadow = answered.shadow.iter().map(Shadow::count);
    let unanswered = answered.unanswered();
    let unanswered = unanswered.map(|(number, version)| CounterKey::TrialErrors(number, version));
    let counts = [prediction].into_iter().chain(warnings).chain(shadow).chain(unanswered);
    counts.map(|key| (key, 1)).collect()
}

fn log_row(answered: Answered<'_>) -> Result<LogRow, serde_json::Error> {
    let model = answered.model;
    let schema = model.artifact.schema();
    let features = schema.features.iter().zip(answered.row.values());
    let features: OrderedMap<FeatureValue> = features
        .map(|(feature, &value)| {
            (feature.name.clone(), FeatureValue::of(value, feature.categories()))
        })
        .collect();
    let probabilities = answered.classification.prediction.probabilities.iter().copied();
    let record = PredictionRecord {
        timestamp: time::rfc3339_millis(answered.at_millis),
        model_version: model.version,
        model_id: model.id.clone(),
        features,
        prediction: answered.classification.class(model).to_owned(),
        probabilities: schema.classes.iter().cloned().zip(probabilities).collect(),
        shadow: answered.shadow.as_ref().and_then(Shadow::prediction),
        warnings: answered.warnings,
        subject: answered.subject,
        draw: answered.draw,
        trial: answered.trial,
        label: None,
        labelled_at: None,
        id: answered.id,
    };
    let text = serde_json::to_string(&record)?;
    Ok(LogRow { id: record.id, model_version: record.model_version, record: text })
}
