//! A model with categories and missing values, from request to log.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use harness::{Edge, trained};
use http::StatusCode;
use model_core::{Artifact, CsvOptions};
use serde_json::{Value, json};
use tepal_api::{FeatureValue, HistoryPage};

const COLOURS: [&str; 3] = ["blue", "light \"grün\"", "red"];

/// Four columns, each of another kind: numbers and categories, with and without gaps.
fn model() -> Vec<u8> {
    let mut csv = "weight,colour,width,shape,kind\n".to_owned();
    for n in 0..24 {
        let colour = COLOURS[n % 3].replace('"', "\"\"");
        let width = if n % 6 == 0 { String::new() } else { format!("{n}.5") };
        let shape = ["", "round", "long", "round"][n % 4];
        let kind = if n % 3 == 0 { "a" } else { "b" };
        csv += &format!("{n},\"{colour}\",{width},{shape},{kind}\n");
    }
    trained(&csv, &CsvOptions::default())
}

async fn edge() -> Edge {
    Edge::with_model(&model()).await
}

#[tokio::test]
async fn categories_and_gaps_reach_the_model() {
    let edge = edge().await;
    let model = Artifact::from_bytes(&model()).unwrap();
    for (body, row) in [
        (
            json!({"weight": 3, "colour": "blue", "width": 2.5, "shape": "long"}),
            [3.0, 0.0, 2.5, 0.0],
        ),
        (json!({"colour": "red", "weight": 3, "shape": null}), [3.0, 2.0, f64::NAN, f64::NAN]),
        (
            json!({"weight": 3, "colour": COLOURS[1], "width": null, "shape": "round"}),
            [3.0, 1.0, f64::NAN, 1.0],
        ),
    ] {
        let answer = edge.predict(body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let row = model.schema().row(&row).unwrap();
        let expected = model.predict(&row);
        assert_eq!(answer.json()["confidence"].as_f64(), Some(expected.confidence()), "{body}");
        assert_eq!(answer.json()["warnings"], json!([]), "{body}");
        // It was trained without cross-validation, so it has no scores to make sets by.
        assert_eq!(answer.json().get("prediction_set"), None, "{body}");
    }
}

#[tokio::test]
async fn an_escaped_category_is_the_same_category() {
    let edge = edge().await;
    let body = r#"{"weight": 3, "colour": "light\u0020\"gr\u00fcn\""}"#;
    assert_eq!(edge.predict(body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_fault_is_told_with_what_is_wanted() {
    let edge = edge().await;
    let one_of = r#"one of "blue", "light \"grün\"", "red""#;
    let check = async |body: Value, expected: &[[&str; 3]]| {
        assert_eq!(edge.faults(&body).await, expected, "{body}");
    };
    let unknown = format!("colour is \"Red\"; send {one_of}");
    check(json!({"weight": 1, "colour": "Red"}), &[["/colour", "unknown_category", &unknown]])
        .await;
    let number = format!("colour must be {one_of}, not a number");
    check(json!({"weight": 1, "colour": 2}), &[["/colour", "wrong_type", &number]]).await;
    let null = format!("colour must be {one_of}, not null");
    check(json!({"weight": 1, "colour": null}), &[["/colour", "wrong_type", &null]]).await;
    let missing = format!("colour is missing; send {one_of}");
    check(
        json!({"width": "wide", "shape": true}),
        &[
            [
                "/shape",
                "wrong_type",
                "shape must be one of \"long\", \"round\" or null, not a boolean",
            ],
            ["/width", "wrong_type", "width must be a number from 0 to 89.5 or null, not a string"],
            ["/weight", "missing_field", "weight is missing; send it as a number"],
            ["/colour", "missing_field", &missing],
        ],
    )
    .await;
    let weight = "weight must be a number from 0 to 92, not null";
    check(json!({"weight": null, "colour": "red"}), &[["/weight", "wrong_type", weight]]).await;
    let width = "width is 91; send a number from 0 to 89.5 or null";
    let body = json!({"weight": 1, "colour": "red", "width": 91});
    check(body, &[["/width", "out_of_range", width]]).await;
    let list = "send an object with a value for each feature, not an array";
    check(json!([]), &[["", "wrong_type", list]]).await;
}

#[tokio::test]
async fn a_long_text_is_not_repeated() {
    let edge = edge().await;
    let body = json!({"weight": 1, "colour": "\u{1f600}\u{7}".repeat(1_000)});
    let [[_, code, detail]] = edge.faults(&body).await.try_into().unwrap();
    assert_eq!(code, "unknown_category");
    assert!(detail.len() < 1_000, "{detail}");
}

#[tokio::test]
async fn the_log_keeps_categories_by_name_and_gaps_as_null() {
    let edge = edge().await;
    edge.predict(json!({"weight": 3, "colour": COLOURS[1]}).to_string()).await;
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    edge.predict(json!({"shape": "long", "weight": 3, "colour": "red", "width": 1}).to_string())
        .await;
    let text = edge.as_owner("GET", "/api/v1/predictions").await.text;
    let page: HistoryPage = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&page).unwrap(), text, "nothing is lost in reading");
    let category = |name: &str| FeatureValue::Category(name.to_owned());
    let rows: Vec<_> = page.predictions.into_iter().map(|record| record.features.0).collect();
    let named = |values: [FeatureValue; 4]| -> Vec<(String, FeatureValue)> {
        ["weight", "colour", "width", "shape"].map(str::to_owned).into_iter().zip(values).collect()
    };
    let (number, missing) = (FeatureValue::Number, FeatureValue::Missing);
    assert_eq!(
        rows,
        [
            named([number(3.0), category("red"), number(1.0), category("long")]),
            named([number(3.0), category(COLOURS[1]), missing.clone(), missing]),
        ]
    );
}

#[tokio::test]
async fn the_model_and_the_openapi_document_describe_its_row() {
    let edge = edge().await;
    let features = edge.get("/api/v1/model").await.json()["schema"]["features"].clone();
    insta::assert_json_snapshot!(features);
    let document = edge.get("/openapi.json").await.json();
    insta::assert_json_snapshot!(document["components"]["schemas"]["PredictRequest"]);
    let body = &document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"];
    let answer = edge.predict(body["example"].to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    insta::assert_json_snapshot!(document["components"]["schemas"]["FeatureValue"]);
}
