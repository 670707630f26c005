//! From a classification to the answer on the wire.

use tepal_api::{PredictResponse, Warning, WarningCode};

use super::row::Decoded;
use crate::services::classify::Classification;
use crate::services::serving::ServedModel;
use crate::services::time;

/// The answer to a row, under this id.
pub(crate) fn response(
    model: &ServedModel,
    decoded: &Decoded<'_>,
    classification: &Classification,
    id: String,
    at_millis: i64,
) -> PredictResponse {
    let schema = model.artifact.schema();
    let prediction = &classification.prediction;
    let prediction_set = prediction.answered_set().map(|set| {
        let names = set.iter().filter_map(|class| schema.classes.get(class));
        names.cloned().collect()
    });
    let mut warnings = decoded.warnings(classification);
    if prediction.no_class_conforms() {
        warnings.push(no_class_conforms());
    }
    let probabilities = prediction.probabilities.iter().copied();
    PredictResponse {
        id,
        prediction: classification.class(model).to_owned(),
        confidence: prediction.confidence(),
        probabilities: schema.classes.iter().cloned().zip(probabilities).collect(),
        model_used: model.artifact.family().as_str().to_owned(),
        model_version: model.version,
        model_id: model.id.clone(),
        prediction_set,
        warnings,
        timestamp: time::rfc3339_millis(at_millis),
    }
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
