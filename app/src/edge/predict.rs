//! `POST /predict`.

use gloo::net::http::Method;
use model_core::{FeatureRow, Schema};
use tepal_api::{FeatureValue, OrderedMap, PredictResponse, Warning, WarningCode};

use super::client::{Asking, Call};
use super::json::{Json, object, value_of};
use super::{Client, EdgeError, Reply};

/// Asks the edge about `row`.
///
/// # Errors
/// [`EdgeError`]; every way in which it can go wrong has its variant.
pub(crate) fn ask<'a>(
    client: &'a Client,
    schema: &'a Schema,
    row: &'a FeatureRow,
) -> Asking<'a, Reply<PredictResponse>> {
    Box::pin(async move {
        let named = schema.features.iter().zip(row.values()).map(|(feature, &value)| {
            let value = FeatureValue::of(value, feature.categories());
            (feature.name.as_str(), value_of(&value))
        });
        let call = Call::get("/predict").by(Method::POST).value(&object(named));
        let (json, round_trip_millis) = client.told(call, "prediction").await?;
        let response = response_of(&json).ok_or(EdgeError::OtherVersion)?;
        Ok(Reply { response, round_trip_millis })
    })
}

fn response_of(json: &Json) -> Option<PredictResponse> {
    let warning = |json: Json| {
        let code = json.text("code");
        let code = WarningCode::ALL.into_iter().find(|known| known.as_str() == code)?;
        Some(Warning { code, pointer: json.text("pointer"), detail: json.text("detail") })
    };
    let probability = |(name, value): (String, Json)| Some((name, value.0.as_f64()?));
    let probabilities = json.members("probabilities").into_iter().map(probability);
    let sets = json.get_if_any("prediction_set");
    Some(PredictResponse {
        id: json.text_if_any("id")?,
        prediction: json.text_if_any("prediction")?,
        confidence: json.number("confidence")?,
        probabilities: probabilities.collect::<Option<OrderedMap>>()?,
        model_used: json.text_if_any("model_used")?,
        model_version: json.count("model_version"),
        model_id: json.text_if_any("model_id")?,
        prediction_set: sets.map(|_| json.texts("prediction_set")),
        warnings: json.items("warnings").into_iter().map(warning).collect::<Option<Vec<_>>>()?,
        timestamp: json.text("timestamp"),
    })
}
