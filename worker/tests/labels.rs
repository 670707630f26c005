//! Labels and the report over HTTP, on the memory adapters. What a shard does with them in every state of a
//! row is in the contract (`worker/src/contract/labels.rs`).

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use axum::body::Body;
use harness::{Answer, Edge, OWNER_TOKEN, SETOSA};
use http::{Request, StatusCode};
use model_core::evaluation::confidence_sequence;
use model_core::{Dataset, Family, TrainParams};
use serde_json::{Value, json};
use tepal_worker::ports::ArtifactKey;

const FEEDBACK: &str = "/api/v1/feedback";
const REPORT: &str = "/api/v1/monitoring/report";
const HISTORY: &str = "/api/v1/predictions";

async fn label(edge: &Edge, body: &Value) -> Answer {
    edge.change("POST", FEEDBACK, body).await
}

/// What became of the labels of `body`.
async fn statuses(edge: &Edge, body: &Value) -> Vec<String> {
    let answer = label(edge, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let results = answer.json()["results"].as_array().unwrap().clone();
    results.iter().map(|result| result["status"].as_str().unwrap().to_owned()).collect()
}

async fn predicted(edge: &Edge) -> String {
    edge.predict(SETOSA).await.json()["id"].as_str().unwrap().to_owned()
}

async fn report(edge: &Edge, query: &str) -> Value {
    let answer = edge.as_owner("GET", &format!("{REPORT}{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn predictions(edge: &Edge, query: &str) -> Vec<Value> {
    let answer = edge.as_owner("GET", &format!("{HISTORY}{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()["predictions"].as_array().unwrap().clone()
}

/// A second iris model, version 2.
async fn publish_another(edge: &Edge) {
    edge.predict(SETOSA).await;
    let params = TrainParams { cv_folds: 0, ..TrainParams::new(Family::LogisticRegression) };
    let answer = edge.publish(params.train(&Dataset::iris()).unwrap().to_bytes()).await;
    assert_eq!(answer.json()["version"], 2, "{}", answer.text);
}

#[tokio::test]
async fn a_label_counts_once_and_a_replay_changes_nothing() {
    let edge = Edge::new();
    let id = predicted(&edge).await;
    let setosa = json!({"id": id, "label": "setosa"});
    assert_eq!(statuses(&edge, &setosa).await, ["recorded"], "the row was in the buffer still");
    assert_eq!(statuses(&edge, &setosa).await, ["unchanged"]);
    assert_eq!(statuses(&edge, &json!({"id": id, "label": "virginica"})).await, ["conflict"]);
    let report = report(&edge, "").await;
    let (low, high) = confidence_sequence(1, 1, 0.95);
    assert_eq!(
        report["versions"][0]["labelled"],
        json!({"n": 1, "n_correct": 1, "accuracy": 1.0, "interval": [low, high]})
    );
    let record = &predictions(&edge, "").await[0];
    assert_eq!(record["label"], "setosa");
    assert_eq!(record["labelled_at"], "2026-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn a_batch_says_what_became_of_each() {
    let edge = Edge::new();
    let ids = [predicted(&edge).await, predicted(&edge).await];
    // The one shard is 0: no other is asked, nor made.
    let of_another_shard = format!("{}fe", &ids[0][..34]);
    let labels = json!({"labels": [
        {"id": ids[1], "label": "virginica"},
        {"id": "of nobody", "label": "setosa"},
        {"id": of_another_shard, "label": "setosa"},
        {"id": ids[0], "label": "tulip"},
        {"id": ids[0], "label": "setosa"},
    ]});
    let expected = ["recorded", "unknown_id", "unknown_id", "unknown_class", "recorded"];
    assert_eq!(statuses(&edge, &labels).await, expected);
    let right: Vec<Value> = predictions(&edge, "?outcome=right").await;
    assert_eq!(right.len(), 1);
    assert_eq!(right[0]["id"], ids[0].as_str());
    assert_eq!(predictions(&edge, "?outcome=wrong").await[0]["id"], ids[1].as_str());
    assert_eq!(predictions(&edge, "?labelled=false").await, Vec::<Value>::new());
    assert_eq!(predictions(&edge, "?labelled=true&class=setosa").await.len(), 2);
    assert_eq!(predictions(&edge, "?class=virginica").await.len(), 0);
}

#[tokio::test]
async fn what_is_no_label_is_refused() {
    let edge = Edge::new();
    let label_of = |n: usize| json!({"id": format!("{n}"), "label": "x"});
    let many: Vec<Value> = (0..1_001).map(label_of).collect();
    for body in [
        json!({}),
        json!({"id": "a"}),
        json!({"label": "a"}),
        json!({"labels": []}),
        json!({"labels": many}),
        json!({"id": "a", "label": "b", "labels": [label_of(1)]}),
        json!({"id": 1, "label": "b"}),
        json!({"id": "a", "label": "b", "at": "now"}),
        json!([label_of(1)]),
        json!({"id": "x".repeat(37), "label": "a"}),
        json!({"labels": [label_of(1), {"id": "x".repeat(1_000_000), "label": "a"}]}),
    ] {
        let answer = label(&edge, &body).await;
        let text = &answer.text;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{}",
            &text[..500.min(text.len())]
        );
        assert!(text.len() < 1_000, "{} bytes", text.len());
    }
    let long =
        label(&edge, &json!({"labels": [label_of(1), {"id": "x".repeat(40), "label": "a"}]})).await;
    assert_eq!(long.json()["errors"][0]["pointer"], "/labels/1/id");
    assert_eq!(statuses(&edge, &json!({"id": "x".repeat(36), "label": "a"})).await, ["unknown_id"]);
    let unknown: Vec<Value> = (0..1_000).map(label_of).collect();
    let statuses = statuses(&edge, &json!({"labels": unknown})).await;
    assert!(statuses.len() == 1_000 && statuses.iter().all(|status| status == "unknown_id"));
    let request = Request::post(FEEDBACK).header("content-type", "application/json");
    let nobody = edge.send(request.body(Body::from(label_of(1).to_string())).unwrap()).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_not_json_is_told_apart_from_what_cannot_be_taken() {
    let edge = Edge::new();
    let nested = |depth: usize| format!(r#"{{"id":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let (deep, deeper) = (nested(31), nested(32));
    for (body, status, pointer, code) in [
        (&b"{"[..], 400, "", "syntax"),
        (b"", 422, "", "missing_field"),
        (b" ", 400, "", "empty_body"),
        (b"{\"id\":\"a\"} x", 400, "", "syntax"),
        (b"{\"id\":\"a\",}", 400, "", "syntax"),
        (b"{\"id\":\"\xff\"}", 400, "", "not_utf8"),
        (b"{\"id\":NaN}", 400, "", "not_a_json_number"),
        (b"{\"id\":'a'}", 400, "", "syntax"),
        (deeper.as_bytes(), 400, "", "too_deep"),
        (deep.as_bytes(), 422, "", "wrong_type"),
        (b"[]", 422, "", "wrong_type"),
        (b"7", 422, "", "wrong_type"),
        (b"{\"id\":1e400}", 422, "", "wrong_type"),
        (b"{\"reason\":\"a\",\"reason\":\"b\"}", 422, "/reason", "duplicate_key"),
    ] {
        for (method, path) in [("POST", FEEDBACK), ("POST", "/api/v1/rollback")] {
            // Without a body the rollback has no reason, and finds nothing to go back to.
            if body.is_empty() && path != FEEDBACK {
                continue;
            }
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("authorization", format!("Bearer {OWNER_TOKEN}"))
                .header("if-match", "*")
                .header("content-type", "application/json");
            let answer = edge.send(request.body(Body::from(body.to_vec())).unwrap()).await;
            let text = String::from_utf8_lossy(body);
            assert_eq!(answer.status.as_u16(), status, "{path} {text}: {}", answer.text);
            let fault = &answer.json()["errors"][0];
            assert_eq!(
                (fault["pointer"].as_str(), fault["code"].as_str()),
                (Some(pointer), Some(code)),
                "{path} {text}"
            );
        }
    }
}

#[tokio::test]
async fn a_cold_prediction_gets_its_late_label() {
    let edge = Edge::new();
    let id = predicted(&edge).await;
    let flush = || edge.as_owner("POST", "/api/v1/monitoring/flush");
    flush().await;
    edge.clock.advance(8 * 86_400_000);
    assert_eq!(flush().await.json()["rows_dropped"], 1);
    assert_eq!(statuses(&edge, &json!({"id": id, "label": "versicolor"})).await, ["recorded"]);
    let record = &predictions(&edge, "?outcome=wrong").await[0];
    assert_eq!(record["labelled_at"], "2026-01-09T00:00:00.000Z");
    // The label counts for the hour of its prediction.
    let labelled = async |query: &str| {
        let report = report(&edge, query).await;
        report["versions"][0]["labelled"]["n"].as_u64().unwrap_or(0)
    };
    assert_eq!(labelled("?to=2026-01-01T00:30:00Z").await, 1);
    assert_eq!(labelled("?from=2026-01-01T01:00:00Z").await, 0);
}

#[tokio::test]
async fn a_label_that_the_log_doesnt_take_can_be_sent_again() {
    let edge = Edge::new();
    let body = json!({"id": predicted(&edge).await, "label": "setosa"});
    edge.log.refuse(3);
    assert_eq!(label(&edge, &body).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(statuses(&edge, &body).await, ["recorded"]);
}

#[tokio::test]
async fn the_challenger_in_the_shadow_is_judged_by_the_same_labels() {
    let edge = Edge::new();
    publish_another(&edge).await;
    let shadow = json!({"challenger": 2, "split_basis_points": 10_000, "mode": "shadow"});
    edge.change("PUT", "/api/v1/deployment", &shadow).await;
    for _ in 0..3 {
        let id = predicted(&edge).await;
        assert_eq!(statuses(&edge, &json!({"id": id, "label": "setosa"})).await, ["recorded"]);
    }
    let report = report(&edge, "").await;
    let of = |at: usize, member: &str| report["versions"][at][member].clone();
    assert_eq!((of(0, "version"), of(0, "n"), of(0, "n_shadow")), (json!(1), json!(4), json!(0)));
    assert_eq!((of(1, "version"), of(1, "n"), of(1, "n_shadow")), (json!(2), json!(3), json!(3)));
    assert_eq!(of(1, "classes"), json!({"setosa": 3}));
    assert_eq!(
        (of(1, "labelled")["n"].clone(), of(1, "labelled")["n_correct"].clone()),
        (json!(3), json!(3))
    );
    assert_eq!(report.get("sample_ratio"), None, "nobody is dealt anything in the shadow");
    assert_eq!(report["champion_version"], 1);
}

#[tokio::test]
async fn the_split_is_judged_by_requests_that_were_dealt_each_by_itself() {
    let edge = Edge::new();
    publish_another(&edge).await;
    let live = json!({"challenger": 2, "split_basis_points": 5_000});
    edge.change("PUT", "/api/v1/deployment", &live).await;
    for _ in 0..200 {
        edge.predict(SETOSA).await;
        // One busy key would pass for a mismatch.
        let request = Request::post("/predict")
            .header("content-type", "application/json")
            .header("x-tepal-key", "a busy one");
        edge.send(request.body(Body::from(SETOSA)).unwrap()).await;
    }
    let fair = report(&edge, "").await["sample_ratio"].clone();
    assert_eq!((fair["n_total"].clone(), fair["expected"].clone()), (json!(200), json!(0.5)));
    assert_eq!(fair["is_mismatch"], false, "{fair}");
    let wider = json!({"split_basis_points": 9_000});
    edge.change("PUT", "/api/v1/deployment", &wider).await;
    assert_eq!(
        report(&edge, "").await["sample_ratio"]["n_total"],
        0,
        "another split, another count"
    );
    // A challenger whose file is lost leaves its share to the champion.
    for key in edge.artifacts.keys() {
        edge.artifacts.tamper(ArtifactKey::Model(key.rsplit('/').next().unwrap()), None);
    }
    let lost = Edge::beside(&edge.with_a_new_log());
    for _ in 0..50 {
        lost.predict(SETOSA).await;
    }
    let off = report(&lost, "").await["sample_ratio"].clone();
    assert_eq!((off["n_challenger"].clone(), off["is_mismatch"].clone()), (json!(0), json!(true)));
}

#[tokio::test]
async fn a_report_says_which_hours_it_is_of() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    edge.predict(SETOSA.replace("0.2", "9.5")).await;
    let whole = report(&edge, "").await;
    assert_eq!(whole.get("from"), None);
    let version = &whole["versions"][0];
    assert_eq!(version["n"], 2);
    assert_eq!(version["warnings"]["outside_training_range"], 1);
    assert!(version["mean_confidence"].as_f64().unwrap() > 0.3);
    assert_eq!(version["labelled"], json!({"n": 0, "n_correct": 0, "interval": [0.0, 1.0]}));
    let part = report(&edge, "?from=2025-12-31T23:59:59Z&to=2026-01-01T00:00:01Z&version=1").await;
    assert_eq!(part["from"], "2025-12-31T23:00:00.000Z");
    assert_eq!(part["to"], "2026-01-01T01:00:00.000Z");
    assert_eq!(part["versions"], whole["versions"]);
    assert_eq!(report(&edge, "?version=2").await["versions"], json!([]));
    let faulty = edge.as_owner("GET", &format!("{REPORT}?from=x&form=y")).await;
    assert_eq!(faulty.status, StatusCode::BAD_REQUEST);
    let foreign = Request::get(REPORT).header("authorization", format!("Bearer not {OWNER_TOKEN}"));
    let foreign = edge.send(foreign.body(Body::empty()).unwrap()).await;
    assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);
}

async fn erase(edge: &Edge, query: &str) -> Answer {
    edge.as_owner("DELETE", &format!("{HISTORY}{query}")).await
}

async fn predicted_about(edge: &Edge, subject: &str) -> String {
    let request = Request::post("/predict")
        .header("content-type", "application/json")
        .header("x-tepal-subject", subject);
    let answer = edge.send(request.body(Body::from(SETOSA)).unwrap()).await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_prediction_is_erased_for_good_and_the_ledger_says_that_one_was() {
    let edge = Edge::new();
    let ids = [predicted(&edge).await, predicted(&edge).await];
    let gone = json!({"id": ids[0], "label": "setosa"});
    assert_eq!(statuses(&edge, &gone).await, ["recorded"]);
    let erased = erase(&edge, &format!("?id={}", ids[0])).await;
    assert_eq!((erased.status, erased.json()["erased"].clone()), (StatusCode::OK, json!(1)));
    let left = predictions(&edge, "").await;
    assert_eq!((left.len(), left[0]["id"].as_str()), (1, Some(ids[1].as_str())));
    assert_eq!(statuses(&edge, &gone).await, ["unknown_id"]);
    let version = &report(&edge, "").await["versions"][0];
    assert_eq!((version["n"].clone(), version["labelled"]["n"].clone()), (json!(1), json!(0)));
    let head = erased.json()["audit_head"].clone();
    let [result, asked] = last_two_entries(&edge).await;
    assert_eq!((asked["action"].clone(), asked["actor"].clone()), (json!("erase"), json!("owner")));
    assert_eq!(
        (asked["details"].clone(), asked["hash"].clone()),
        (json!({"by": "id"}), head.clone())
    );
    assert_eq!(
        (result["action"].clone(), result["actor"].clone()),
        (json!("erased"), json!("owner"))
    );
    let details = json!({"asked": head, "by": "id", "erased": 1, "shard": 0});
    assert_eq!(result["details"], details);
}

/// The ledger's last two entries, the last first.
async fn last_two_entries(edge: &Edge) -> [Value; 2] {
    let ledger = edge.as_owner("GET", "/api/v1/audit?limit=2").await.json();
    [ledger["entries"][0].clone(), ledger["entries"][1].clone()]
}

/// With 60 cold segments of a row each, all about jane, and their predictions' ids.
async fn with_cold_segments() -> (Edge, Vec<String>) {
    let edge = Edge::new();
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(predicted_about(&edge, "jane").await);
        edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    }
    edge.clock.advance(8 * 86_400_000);
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    (edge, ids)
}

#[tokio::test]
async fn an_erasure_that_is_too_long_for_one_call_says_so_and_goes_on_out_of_sight() {
    let (edge, _) = with_cold_segments().await;
    let begun = erase(&edge, "?subject=jane").await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    assert_eq!(
        (begun.json()["erased"].clone(), begun.json()["remaining"].clone()),
        (json!(50), json!(10))
    );
    assert!(predictions(&edge, "").await.is_empty());
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    let [result, _] = last_two_entries(&edge).await;
    assert_eq!(result["details"]["erased"], 60);
    assert_eq!(result["details"]["asked"], begun.json()["audit_head"]);
    let stored = edge.segments.stored();
    assert!(stored.values().all(|(ndjson, _)| ndjson.is_empty()));
    let again = erase(&edge, "?subject=jane").await;
    assert_eq!(again.json()["erased"], 0);
}

#[tokio::test]
async fn what_an_erasure_did_is_in_the_ledger_also_when_it_failed_halfway() {
    let (edge, ids) = with_cold_segments().await;
    predicted_about(&edge, "jane").await;
    // The ledger first: nothing is erased that it doesn't know of.
    edge.registry.set_failing(true);
    assert_eq!(erase(&edge, "?subject=jane").await.status, StatusCode::SERVICE_UNAVAILABLE);
    edge.registry.set_failing(false);
    let page = predictions(&edge, "?limit=100").await;
    assert_eq!(page.len(), 51, "the open one, and as many segments as a page reads");
    edge.segments.fail_get(3);
    let begun = erase(&edge, "?subject=jane").await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    assert_eq!(begun.json()["erased"], 3, "the open one and two segments");
    let [asked, _] = last_two_entries(&edge).await;
    assert_eq!(
        (asked["action"].clone(), asked["hash"].clone()),
        (json!("erase"), begun.json()["audit_head"].clone())
    );
    assert!(predictions(&edge, "").await.is_empty());
    assert_eq!(statuses(&edge, &json!({"id": ids[59], "label": "setosa"})).await, ["unknown_id"]);
    for _ in 0..3 {
        edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    }
    let [result, before] = last_two_entries(&edge).await;
    assert_eq!(
        (before["action"].clone(), result["details"]["erased"].clone()),
        (json!("erase"), json!(61))
    );
}

#[tokio::test]
async fn all_that_is_about_a_person_is_erased_also_from_kv() {
    let edge = Edge::new();
    for subject in ["jane@example.org", "joe", "jane@example.org"] {
        predicted_about(&edge, subject).await;
    }
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    edge.clock.advance(8 * 86_400_000);
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    predicted_about(&edge, "jane@example.org").await;
    let erased = erase(&edge, "?subject=jane%40example.org").await;
    assert_eq!(erased.json()["erased"], 3, "{}", erased.text);
    assert_eq!(predictions(&edge, "").await.len(), 1);
    let stored = edge.segments.stored();
    let lines: usize = stored.values().map(|(ndjson, _)| ndjson.lines().count()).sum();
    assert_eq!(lines, 1);
    let ledger = edge.as_owner("GET", "/api/v1/audit?limit=2").await;
    assert!(!ledger.text.contains("jane"), "{}", ledger.text);
}

#[tokio::test]
async fn an_erasure_names_one_prediction_or_one_person() {
    let edge = Edge::new();
    predicted(&edge).await;
    for query in ["", "?id=x", "?subject=", "?id=x&subject=y", "?all=true", "?subject=a&subject=b"]
    {
        assert_eq!(erase(&edge, query).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(predictions(&edge, "").await.len(), 1);
}

#[tokio::test]
async fn an_export_has_every_row_once_whatever_state_it_is_in() {
    let edge = Edge::new();
    for _ in 0..1_005 {
        edge.predict(SETOSA).await;
    }
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    edge.clock.advance(8 * 86_400_000);
    edge.as_owner("POST", "/api/v1/monitoring/flush").await;
    let id = predicted(&edge).await;
    statuses(&edge, &json!({"id": id, "label": "setosa"})).await;
    let export =
        async |query: &str| edge.as_owner("GET", &format!("{HISTORY}/export?format={query}")).await;
    let ndjson = export("ndjson").await;
    assert_eq!(ndjson.headers["content-type"], "application/x-ndjson");
    let record = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let records: Vec<Value> = ndjson.text.lines().map(record).collect();
    assert_eq!((records.len(), records[0]["label"].as_str()), (1_006, Some("setosa")));
    assert!(records.windows(2).all(|two| two[0]["id"].as_str() > two[1]["id"].as_str()));
    let csv = export("csv&version=1").await;
    assert_eq!(csv.text.lines().count(), 1_007);
    assert!(csv.text.starts_with("id,timestamp,"), "{}", &csv.text[..80]);
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"predictions.csv\"");
    assert_eq!(export("csv&version=1&outcome=right").await.text.lines().count(), 2);
    assert_eq!(export("csv&version=2").await.text.lines().count(), 1);
    assert_eq!(export("ndjson&version=2").await.text, "");
    let cursor = records[1_003]["id"].as_str().unwrap();
    assert_eq!(export(&format!("ndjson&cursor={cursor}")).await.text.lines().count(), 2);
    for faulty in ["csv", "xml", "", "ndjson&limit=5", "csv&version=x", "ndjson&colour=red"] {
        assert_eq!(export(faulty).await.status, StatusCode::BAD_REQUEST, "{faulty}");
    }
}
