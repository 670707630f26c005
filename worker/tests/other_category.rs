//! A model whose training was told that rare and unknown categories share one, and that a row may
//! lack any value: a request is answered, and warned, as its schema says.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use harness::{Edge, trained};
use http::StatusCode;
use model_core::CsvOptions;
use serde_json::{Value, json};

/// Loaves: how long they baked and what they are of; one is of millet.
async fn edge() -> Edge {
    let mut csv = "minutes,flour,crust\n".to_owned();
    for n in 0..30 {
        let (flour, crust) = if n % 2 == 0 { ("rye", "thick") } else { ("wheat", "thin") };
        csv += &format!("{},{flour},{crust}\n", 50 - 10 * (n % 2) + n % 5);
    }
    csv += "44,millet,thin\n";
    let options = CsvOptions { unknown_other: true, allow_missing: true, ..CsvOptions::default() };
    Edge::with_model(&trained(&csv, &options)).await
}

async fn answer(edge: &Edge, body: Value) -> Value {
    let answer = edge.predict(body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn rare_and_unknown_categories_are_one_and_told() {
    let edge = edge().await;
    let mut answers = Vec::new();
    for flour in ["spelt", "millet", "other"] {
        let answer = answer(&edge, json!({"minutes": 44, "flour": flour})).await;
        let warning = json!([{
            "code": "unknown_category",
            "pointer": "/flour",
            "detail": "flour counts as \"other\", which rare and unknown categories share",
        }]);
        assert_eq!(answer["warnings"], warning, "{flour}");
        answers.push(answer["probabilities"].clone());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let known = answer(&edge, json!({"minutes": 44, "flour": "rye"})).await;
    assert_eq!(known["warnings"], json!([]));
    let metrics = edge.get("/metrics").await.text;
    let counted = r#"tepal_prediction_warnings_total{code="unknown_category"} 3"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn a_row_may_lack_any_value() {
    let edge = edge().await;
    let typical = answer(&edge, json!({})).await;
    let same = answer(&edge, json!({"minutes": null, "flour": null})).await;
    assert_eq!(typical["probabilities"], same["probabilities"]);
    assert_eq!(typical["warnings"], json!([]), "a gap is no unknown category");
}

#[tokio::test]
async fn what_is_no_text_is_still_a_fault() {
    let edge = edge().await;
    let answer = edge.predict(json!({"minutes": 44, "flour": 7}).to_string()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fault = answer.json()["errors"][0].clone();
    assert_eq!(fault["code"], "wrong_type");
    assert_eq!(fault["detail"], "flour must be a string or null, not a number");
}

#[tokio::test]
async fn the_log_keeps_what_the_model_was_asked() {
    let edge = edge().await;
    answer(&edge, json!({"minutes": 44, "flour": "spelt"})).await;
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    let page = edge.as_owner("GET", "/api/v1/predictions").await.json();
    let record = &page["predictions"][0];
    assert_eq!(record["features"], json!({"minutes": 44.0, "flour": "other"}));
    assert_eq!(record["warnings"], json!(["unknown_category"]));
}

#[tokio::test]
async fn the_model_and_the_openapi_document_say_so() {
    let edge = edge().await;
    let features = edge.get("/api/v1/model").await.json()["schema"]["features"].clone();
    assert_eq!(features[1]["categories"], json!(["other", "rye", "wheat"]));
    assert_eq!((&features[1]["other"], &features[1]["nullable"]), (&json!("other"), &json!(true)));
    assert_eq!(features[0].get("other"), None);
    let document = edge.get("/openapi.json").await.json();
    let request = &document["components"]["schemas"]["PredictRequest"];
    assert_eq!(request["required"], json!([]));
    let flour = &request["properties"]["flour"];
    assert_eq!(flour["type"], json!(["string", "null"]));
    assert_eq!((flour.get("enum"), &flour["examples"]), (None, &json!(["other", "rye", "wheat"])));
    let body = &document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"];
    let example: Value = body["example"].clone();
    assert_eq!(answer(&edge, example).await["warnings"], json!([]), "an ordinary row to try");
}
