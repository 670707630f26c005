//! A model whose training read a date, a time, free text and a column of truth values: a request sends
//! them as the file had them, and every wrong one is told with what it takes.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use harness::{Edge, trained};
use http::StatusCode;
use model_core::{Artifact, CsvOptions};
use serde_json::{Value, json};

/// Guests of an inn: who stays longer.
fn model(allow_missing: bool) -> Vec<u8> {
    let notes = ["a quiet room please", "late arrival, by the last train", "two beds and a cot"];
    let mut csv = "nights,arrival,hour,note,member,stays\n".to_owned();
    for n in 0..48 {
        let (month, day, hour) = (1 + n % 3, 1 + n % 28, 8 + n % 12);
        let (note, member) = (notes[n % 3], ["True", "False"][n % 2]);
        csv += &format!("{},2024-{month:02}-{day:02},{hour:02}:30,", 1 + n % 9);
        csv += &format!("\"{note} {n}\",{member},{}\n", ["yes", "no"][n / 2 % 2]);
    }
    let options = CsvOptions { allow_missing, ..CsvOptions::default() };
    trained(&csv, &options)
}

/// A guest, with other members than usual.
fn guest(changes: Value) -> Value {
    let mut guest = json!({
        "nights": 3, "arrival": "2024-03-05", "hour": "17:45", "note": "quiet please", "member": "True",
    });
    let members = guest.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    guest
}

async fn answer(edge: &Edge, body: &Value) -> Value {
    let answer = edge.predict(body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{body}: {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_row_is_sent_as_a_file_has_it() {
    let model = model(false);
    let edge = Edge::with_model(&model).await;
    let file = b"nights,arrival,hour,note,member\n3,2024-03-05,17:45,quiet please,True\n";
    let loaded = Artifact::from_bytes(&model).unwrap();
    let file = loaded.schema().rows_from_csv(file).unwrap();
    let expected = loaded.predict(file.row(0).unwrap().unwrap());
    for same in [json!({}), json!({"hour": " 5:45 PM"}), json!({"arrival": "2024/3/5"})] {
        let answer = answer(&edge, &guest(same)).await;
        assert_eq!(answer["confidence"].as_f64(), Some(expected.confidence()));
    }
}

#[tokio::test]
async fn a_wrong_source_column_is_one_fault_with_what_it_takes() {
    let edge = Edge::with_model(&model(false)).await;
    let date = "a date such as 2024-03-31 as a string";
    let check = async |changes: Value, expected: [&str; 3]| {
        assert_eq!(edge.faults(&guest(changes.clone())).await, [expected], "{changes}");
    };
    let soon = format!("arrival is \"soon\"; send {date}");
    check(json!({"arrival": "soon"}), ["/arrival", "not_a_date", &soon]).await;
    let time = "hour is \"noon\"; send a time such as 17:45 as a string";
    check(json!({"hour": "noon"}), ["/hour", "not_a_date", time]).await;
    for (value, what) in [
        (json!(20_240_305), "a number"),
        (json!(null), "null"),
        (json!(true), "a boolean"),
        (json!(["2024-03-05"]), "an array"),
    ] {
        let detail = format!("arrival must be {date}, not {what}");
        check(json!({ "arrival": value }), ["/arrival", "wrong_type", &detail]).await;
    }
    let note = "note must be a string, not a number";
    check(json!({"note": 5}), ["/note", "wrong_type", note]).await;
    let empty = "note is an empty string; send a string";
    check(json!({"note": " "}), ["/note", "missing_field", empty]).await;
    let both = "arrival.month is made of arrival; send arrival alone";
    check(json!({"arrival.month": 3}), ["/arrival", "duplicate_key", both]).await;
    let unknown =
        "arrived is no feature of this model; it knows nights, arrival, hour, note, member";
    check(json!({"arrived": "2024-03-05"}), ["/arrived", "unknown_field", unknown]).await;
    let all = edge.faults(&json!({"note": 1, "nights": "3"})).await;
    let pointers: Vec<_> = all.iter().map(|[pointer, ..]| pointer.as_str()).collect();
    assert_eq!(pointers, ["/nights", "/note", "/arrival", "/hour", "/member"], "{all:?}");
    assert_eq!(all[2][2], format!("arrival is missing; send {date}"));
}

#[tokio::test]
async fn a_source_column_may_be_missing_where_gaps_are_allowed() {
    let edge = Edge::with_model(&model(true)).await;
    let gaps = answer(&edge, &json!({"nights": 3, "member": "True", "hour": "17:45"})).await;
    let body = guest(json!({"arrival": null, "note": ""}));
    assert_eq!(answer(&edge, &body).await["probabilities"], gaps["probabilities"]);
    let wrong = edge.faults(&guest(json!({"arrival": "soon"}))).await;
    let detail = "arrival is \"soon\"; send a date such as 2024-03-31 as a string or null";
    assert_eq!(wrong[0][2], detail);
}

#[tokio::test]
async fn truth_values_are_taken_where_the_categories_are_such_words() {
    let edge = Edge::with_model(&model(false)).await;
    for (truth, word) in [(true, "True"), (false, "False")] {
        let by_truth = answer(&edge, &guest(json!({"member": truth}))).await;
        let by_word = answer(&edge, &guest(json!({"member": word}))).await;
        assert_eq!(by_truth["probabilities"], by_word["probabilities"]);
    }
    let nights = edge.faults(&guest(json!({"nights": true}))).await;
    assert_eq!(nights[0][1], "wrong_type");
    assert!(nights[0][2].ends_with("not a boolean"), "{nights:?}");
}

#[tokio::test]
async fn a_date_beyond_training_is_one_warning_at_its_column() {
    let edge = Edge::with_model(&model(false)).await;
    let answer = answer(&edge, &guest(json!({"arrival": "2031-11-05"}))).await;
    let warnings = answer["warnings"].as_array().unwrap();
    let at_arrival = warnings.iter().filter(|warning| warning["pointer"] == "/arrival");
    let details: Vec<_> = at_arrival.map(|warning| warning["detail"].as_str().unwrap()).collect();
    assert_eq!(
        details,
        ["arrival.month is outside 1 to 3, which is all that the model saw in training"]
    );
}

#[tokio::test]
async fn the_log_keeps_the_features_and_not_the_text() {
    let edge = Edge::with_model(&model(false)).await;
    answer(&edge, &guest(json!({}))).await;
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    let page = edge.as_owner("GET", "/api/v1/predictions").await;
    assert!(!page.text.contains("quiet"), "{}", page.text);
    let features = page.json()["predictions"][0]["features"].clone();
    assert_eq!((&features["arrival.month"], &features["note.words"]), (&json!(3.0), &json!(2.0)));
}

#[tokio::test]
async fn the_model_and_the_openapi_document_say_what_to_send() {
    let edge = Edge::with_model(&model(true)).await;
    let schema = edge.get("/api/v1/model").await.json()["schema"].clone();
    let sources = schema["sources"].as_array().unwrap();
    let kinds: Vec<_> = sources.iter().map(|s| s["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["date", "time", "text"]);
    let (arrival, features) = (&sources[0], schema["features"].as_array().unwrap());
    assert_eq!(
        (&arrival["name"], &arrival["example"], &arrival["nullable"]),
        (&json!("arrival"), &json!("2024-03-31"), &json!(true))
    );
    assert_eq!(arrival["features"][0], features[1]["name"]);

    let needed = Edge::with_model(&model(false)).await.get("/openapi.json").await.json();
    let request = &needed["components"]["schemas"]["PredictRequest"];
    assert_eq!(request["required"], json!(["nights", "arrival", "hour", "note", "member"]));
    let arrival = json!({
        "type": "string",
        "description": "arrival: a date such as 2024-03-31, or as in ISO 8601",
        "examples": ["2024-03-31"],
    });
    assert_eq!(request["properties"]["arrival"], arrival);
    let document = edge.get("/openapi.json").await.json();
    let request = &document["components"]["schemas"]["PredictRequest"];
    assert_eq!(request["required"], json!([]));
    assert_eq!(request["properties"]["arrival"]["type"], json!(["string", "null"]));
    let member = &request["properties"]["member"];
    assert_eq!(member["type"], json!(["string", "boolean", "null"]));
    assert_eq!(member["enum"], json!(["False", "True", true, false, null]));
    let body = &document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"];
    answer(&edge, &body["example"]).await;
}
