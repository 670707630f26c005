//! `POST /predict`.

use model_core::{FeatureRow, Schema};
use tepal_api::{FeatureValue, PredictRequest, PredictResponse};

use super::{Client, EdgeError, Reply};

/// Asks the edge about `row`.
///
/// # Errors
/// [`EdgeError`]; every way in which it can go wrong has its variant.
pub(crate) async fn ask(
    client: &Client,
    schema: &Schema,
    row: &FeatureRow,
) -> Result<Reply<PredictResponse>, EdgeError> {
    let named = schema.features.iter().zip(row.values()).map(|(feature, &value)| {
        (feature.name.clone(), FeatureValue::of(value, feature.categories()))
    });
    client.post("/predict", &PredictRequest(named.collect())).await
}
