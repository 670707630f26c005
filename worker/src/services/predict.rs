//! One prediction: a body in, an answer and its log row out.

use model_core::Prediction;
use tepal_api::{
    FeatureValue, OrderedMap, PredictResponse, PredictionRecord, Warning, WarningCode,
};

use super::validate::{self, BodyError};
use super::{prediction_id, subject, time};
use crate::ports::{LogRow, ServedModel, ShardId};

/// What surrounds a prediction: everything that isn't in the body.
#[derive(Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) now_millis: i64,
    pub(crate) random: [u8; 16],
    pub(crate) shard: ShardId,
    /// What the caller said whom the row is about.
    pub(crate) subject: Option<&'a [u8]>,
    /// The secret that turns a subject into a pseudonym; without it none is kept.
    pub(crate) subject_secret: Option<&'a str>,
}

/// An answer with what the log also keeps.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: PredictResponse,
    features: OrderedMap<FeatureValue>,
    subject: Option<String>,
}

/// Predicts the row in `body`.
///
/// # Errors
/// [`BodyError`] if the body holds no row of this model.
pub(crate) fn predict(
    model: &ServedModel,
    body: &[u8],
    around: &Circumstances<'_>,
) -> Result<Answer, BodyError> {
    let schema = model.artifact.schema();
    let (row, mut warnings) = validate::row(body, schema)?;
    let prediction: Prediction = model.artifact.predict(&row);
    let prediction_set = prediction.answered_set().map(|set| {
        let names = set.iter().filter_map(|class| schema.classes.get(class));
        names.cloned().collect()
    });
    if prediction.no_class_conforms() {
        warnings.push(no_class_conforms());
    }
    let class = schema.classes.get(prediction.class).cloned().unwrap_or_default();
    let features = schema.features.iter().zip(row.values()).map(|(feature, &value)| {
        (feature.name.clone(), FeatureValue::of(value, feature.categories()))
    });
    let features = features.collect();
    let response = PredictResponse {
        id: prediction_id::new(around.now_millis, around.random, around.shard),
        prediction: class,
        confidence: prediction.confidence(),
        probabilities: schema.classes.iter().cloned().zip(prediction.probabilities).collect(),
        model_used: model.artifact.family().as_str().to_owned(),
        model_version: model.version,
        model_id: model.id.clone(),
        prediction_set,
        warnings,
        timestamp: time::rfc3339_millis(around.now_millis),
    };
    Ok(Answer {
        response,
        features,
        subject: around
            .subject
            .zip(around.subject_secret)
            .and_then(|(subject, secret)| subject::pseudonym(secret, subject)),
    })
}

/// About the whole row: no class is as probable as the true ones of cross-validated rows are.
fn no_class_conforms() -> Warning {
    Warning {
        code: WarningCode::NoClassConforms,
        pointer: String::new(),
        detail: "no class is as probable as the model's coverage asks; the most probable one is \
                 answered alone"
            .to_owned(),
    }
}

impl Answer {
    /// The row that the log keeps of this answer.
    ///
    /// # Errors
    /// [`serde_json::Error`] if the record can't be written, which its types rule out.
    pub(crate) fn into_row(self) -> Result<LogRow, serde_json::Error> {
        let response = self.response;
        let record = PredictionRecord {
            id: response.id,
            timestamp: response.timestamp,
            model_version: response.model_version,
            model_id: response.model_id,
            features: self.features,
            prediction: response.prediction,
            probabilities: response.probabilities,
            warnings: response.warnings.iter().map(|warning| warning.code).collect(),
            subject: self.subject,
        };
        let text = serde_json::to_string(&record)?;
        Ok(LogRow { id: record.id, model_version: record.model_version, record: text })
    }
}
