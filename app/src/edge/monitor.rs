//! What the edge says of its traffic: the report, the log, its counters; and what is said to it: rows, labels,
//! erasures.

use gloo::net::http::Method;
use tepal_api::FeatureValue;
use wasm_bindgen::JsValue;

use super::Client;
use super::client::{Asking, Call};
use super::json::{Json, object, value_of};
use crate::view_models::monitor::log::Row;
use crate::view_models::monitor::metrics::Metrics;
use crate::view_models::monitor::report::{Ratio, Report, Version};

/// Whom rows are said to be about that this page sends to be tried: they can be erased by that.
pub(crate) const TEST_SUBJECT: &str = "tepal-test-rows";

/// What versions said since `from` (RFC 3339; empty is ever), and how long the answer took in milliseconds.
pub(crate) fn report<'a>(client: &'a Client, from: &'a str) -> Asking<'a, (Report, f64)> {
    Box::pin(async move {
        let path = match from {
            "" => "/api/v1/monitoring/report".to_owned(),
            from => format!("/api/v1/monitoring/report?from={from}"),
        };
        let (json, millis) = client.told(Call::get(&path), "versions").await?;
        Ok((report_of(&json), millis))
    })
}

fn report_of(json: &Json) -> Report {
    let version = |json: Json| {
        let labelled = json.get("labelled");
        Version {
            version: json.count("version"),
            n: json.count("n"),
            n_shadow: json.count("n_shadow"),
            classes: json.counts("classes"),
            mean_confidence: json.number("mean_confidence"),
            warnings: json.counts("warnings"),
            n_labelled: labelled.count("n"),
            accuracy: labelled.number("accuracy"),
            interval: labelled.interval("interval"),
        }
    };
    let ratio = json.get_if_any("sample_ratio").map(|ratio| Ratio {
        challenger: ratio.count("challenger_version"),
        n_challenger: ratio.count("n_challenger"),
        n_total: ratio.count("n_total"),
        expected: ratio.number("expected").unwrap_or(0.0),
        interval: ratio.interval("interval"),
        is_mismatch: ratio.is("is_mismatch"),
    });
    Report {
        versions: json.items("versions").into_iter().map(version).collect(),
        champion: json.get_if_any("champion_version").map(|it| it.0.as_f64().unwrap_or(0.0) as u64),
        ratio,
    }
}

/// Up to `limit` rows of the log, newest first, of those that `query` asks for from `cursor` on; and where the next
/// page begins.
pub(crate) fn history<'a>(
    client: &'a Client,
    limit: usize,
    query: &'a str,
    cursor: Option<String>,
) -> Asking<'a, (Vec<Row>, Option<String>)> {
    Box::pin(async move {
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let path = format!("/api/v1/predictions?limit={limit}{query}{cursor}");
        let (page, _) = client.told(Call::get(&path), "predictions").await?;
        let rows = page.items("predictions").iter().map(row_of).collect();
        Ok((rows, page.text_if_any("next_cursor")))
    })
}

fn row_of(json: &Json) -> Row {
    let value = |(name, value): (String, Json)| {
        let value = match (value.0.as_f64(), value.0.as_string()) {
            (Some(number), _) => FeatureValue::Number(number),
            (_, Some(category)) => FeatureValue::Category(category),
            _ => FeatureValue::Missing,
        };
        (name, value)
    };
    let probability = |(name, value): (String, Json)| (name, value.0.as_f64().unwrap_or(f64::NAN));
    let shadow = json.get_if_any("shadow");
    Row {
        id: json.text("id"),
        at: json.text("timestamp"),
        version: json.count("model_version"),
        model_id: json.text("model_id"),
        features: json.members("features").into_iter().map(value).collect(),
        prediction: json.text("prediction"),
        probabilities: json.members("probabilities").into_iter().map(probability).collect(),
        shadow: shadow.map(|it| (it.count("model_version"), it.text("prediction"))),
        warnings: json.texts("warnings"),
        subject: json.text_if_any("subject"),
        label: json.text_if_any("label"),
    }
}

/// What the edge counts about itself.
pub(crate) fn metrics(client: &Client) -> Asking<'_, Metrics> {
    Box::pin(async move {
        let call = Call::get("/metrics").accepting("text/plain");
        Ok(Metrics::of(&client.document(call).await?))
    })
}

/// Version and id of the model that serves.
pub(crate) fn served(client: &Client) -> Asking<'_, (u64, String)> {
    Box::pin(async move {
        let (json, _) = client.told(Call::get("/api/v1/model"), "model_id").await?;
        Ok((json.count("model_version"), json.text("model_id")))
    })
}

/// Has a row answered, and says how long it took in milliseconds.
pub(crate) fn predict<'a>(
    client: &'a Client,
    row: &'a [(String, FeatureValue)],
) -> Asking<'a, f64> {
    Box::pin(async move {
        let body = object(row.iter().map(|(name, value)| (name.as_str(), value_of(value))));
        let call = Call::get("/predict").by(Method::POST).value(&body).about(TEST_SUBJECT);
        Ok(client.told(call, "prediction").await?.1)
    })
}

/// Says what the true class of a prediction is; the answer is what became of that, such as `recorded`.
pub(crate) fn label<'a>(client: &'a Client, id: &'a str, label: &'a str) -> Asking<'a, String> {
    Box::pin(async move {
        let pairs = [("id", JsValue::from_str(id)), ("label", JsValue::from_str(label))];
        let body = object(pairs.into_iter());
        let call = Call::get("/api/v1/feedback").by(Method::POST).value(&body);
        let results = client.told(call, "results").await?.0.items("results");
        Ok(results.first().map(|result| result.text("status")).unwrap_or_default())
    })
}

/// Erases what `query` says, an id or a subject: how many rows are gone, and how many segments are still to be
/// looked through.
pub(crate) fn erase<'a>(client: &'a Client, query: &'a str) -> Asking<'a, (u64, u64)> {
    Box::pin(async move {
        let path = format!("/api/v1/predictions{query}");
        let (json, _) = client.told(Call::get(&path).by(Method::DELETE), "erased").await?;
        Ok((json.count("erased"), json.count("remaining")))
    })
}
