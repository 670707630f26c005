//! Alerts: what is told, to whom, and how often.

#![allow(clippy::panic, clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use harness::{Edge, OWNER_TOKEN, Shared};
use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use model_core::{CsvOptions, Dataset};
use serde_json::{Value, json};
use sha2::Sha256;
use tepal_worker::adapters::memory::{MemoryPage, Posted};

const KEY: [u8; 24] = [7; 24];
const ADDRESS: &str = "https://chat.example/secret/path";

/// With somebody who is told.
fn told() -> Edge {
    on(&Shared::default())
}

fn on(shared: &Shared) -> Edge {
    let secret = format!("whsec_{}", BASE64_STANDARD.encode(KEY));
    let settings = [
        ("OWNER_TOKEN", OWNER_TOKEN),
        ("RATE_LIMIT", "off"),
        ("WEBHOOK_URL", ADDRESS),
        ("WEBHOOK_SECRET", &secret),
    ];
    Edge::on(shared, MemoryPage::new(harness::PAGE, &harness::PAGE_HEADERS), &settings)
}

/// A model of the iris data that is not the one that serves.
fn another_model() -> Vec<u8> {
    let mut csv = "sepal_length,sepal_width,petal_length,petal_width,species\n".to_owned();
    let data = Dataset::iris();
    for at in 0..150 {
        let row: Vec<String> = data.row(at).iter().map(f64::to_string).collect();
        csv += &format!("{},{}\n", row.join(","), ["setosa", "versicolor", "virginica"][at / 50]);
    }
    harness::trained(&csv, &CsvOptions::default())
}

/// Lets the alarm ring until it has nothing to do at once.
async fn ring(edge: &Edge) {
    for _ in 0..10_000 {
        if !edge.watcher.alarm().await.unwrap() {
            return;
        }
    }
    panic!("it rings for ever");
}

/// What came, as JSON, each checked against its signature.
fn arrived(edge: &Edge) -> Vec<Value> {
    let verified = |posted: Posted| {
        assert_eq!(posted.url, ADDRESS);
        let header = |name: &str| posted.headers[name].clone();
        let signed =
            format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), posted.body);
        let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
        mac.update(signed.as_bytes());
        let signature = header("webhook-signature");
        let signature = BASE64_STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        mac.verify_slice(&signature).unwrap();
        serde_json::from_str(&posted.body).unwrap()
    };
    edge.watcher.webhooks().take().into_iter().map(verified).collect()
}

async fn listed(edge: &Edge) -> Value {
    let listed = edge.as_owner("GET", "/api/v1/alerts").await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.text);
    assert!(!listed.text.contains("secret"), "the address is not shown: {}", listed.text);
    listed.json()
}

#[tokio::test]
async fn without_an_address_alerts_are_listed_and_nobody_is_told() {
    let edge = Edge::new();
    let tested = edge.as_owner("POST", "/api/v1/alerts/test").await;
    assert_eq!(tested.status, StatusCode::CONFLICT, "{}", tested.text);
    assert!(tested.text.contains("WEBHOOK_URL"), "{}", tested.text);
    edge.registry.set_failing(true);
    for _ in 0..2 {
        ring(&edge).await;
        edge.clock.advance(900_000);
    }
    let listed = listed(&edge).await;
    assert_eq!((listed.get("webhook"), &listed["is_signed"]), (None, &json!(false)));
    let [alert] = listed["alerts"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&alert["kind"], &alert["delivery"]), (&json!("watching"), &json!("unsent")));
    assert_eq!(edge.watcher.webhooks().take(), []);
}

#[tokio::test]
async fn a_test_call_tells_what_became_of_it() {
    let edge = told();
    let tested = edge.as_owner("POST", "/api/v1/alerts/test").await;
    assert_eq!(tested.status, StatusCode::OK, "{}", tested.text);
    assert_eq!(tested.json()["delivery"], "delivered");
    let [message] = arrived(&edge).try_into().unwrap();
    assert_eq!(message["type"], "tepal.test.happened");
    assert!(message["text"].as_str().unwrap().starts_with("Tepal: This is a test"));
    let listed = listed(&edge).await;
    assert_eq!((&listed["webhook"], &listed["is_signed"]), (&json!("chat.example"), &json!(true)));
    // It is not sent again.
    ring(&edge).await;
    assert_eq!(arrived(&edge), Vec::<Value>::new());
    let stranger = edge.get("/api/v1/alerts").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_later_and_later_under_the_same_id() {
    let edge = told();
    edge.watcher.webhooks().set_status(None);
    let tested = edge.as_owner("POST", "/api/v1/alerts/test").await.json();
    assert_eq!((&tested["delivery"], &tested["attempts"]), (&json!("waiting"), &json!(1)));
    assert!(tested["failure"].as_str().unwrap().contains("away"), "{tested}");
    let first = edge.watcher.webhooks().take();
    ring(&edge).await;
    assert_eq!(edge.watcher.webhooks().take(), [], "not at once");
    edge.watcher.webhooks().set_status(Some(500));
    edge.clock.advance(10_000);
    ring(&edge).await;
    let second = edge.watcher.webhooks().take();
    assert_eq!(second.len(), 1);
    assert_eq!(first[0].headers["webhook-id"], second[0].headers["webhook-id"]);
    assert_ne!(first[0].headers["webhook-timestamp"], second[0].headers["webhook-timestamp"]);
    edge.clock.advance(59_999);
    ring(&edge).await;
    assert_eq!(edge.watcher.webhooks().take(), [], "not so soon");
    edge.watcher.webhooks().set_status(Some(204));
    edge.clock.advance(1);
    ring(&edge).await;
    assert_eq!(arrived(&edge).len(), 1);
    let listed = listed(&edge).await;
    let alert = &listed["alerts"][0];
    assert_eq!((&alert["delivery"], &alert["attempts"]), (&json!("delivered"), &json!(3)));
    assert_eq!((alert.get("failure"), alert.get("next_at")), (None, None));
}

#[tokio::test]
async fn what_nobody_takes_for_a_day_is_given_up_and_who_wants_no_more_gets_no_more() {
    let edge = told();
    for (status, attempts) in [(503, 8), (410, 1)] {
        edge.watcher.webhooks().set_status(Some(status));
        edge.as_owner("POST", "/api/v1/alerts/test").await;
        for _ in 0..200 {
            edge.clock.advance(600_000);
            ring(&edge).await;
        }
        let sent = edge.watcher.webhooks().take();
        let tests = sent.iter().filter(|it| it.body.contains("tepal.test.")).count();
        assert_eq!(tests, attempts, "{status}");
        let listed = listed(&edge).await;
        let alerts = listed["alerts"].as_array().unwrap();
        let test = alerts.iter().find(|alert| alert["kind"] == "test").unwrap();
        assert_eq!(test["delivery"], "failed", "{test}");
        assert!(test["failure"].as_str().unwrap().contains(&status.to_string()), "{test}");
    }
}

#[tokio::test]
async fn a_step_that_is_taken_is_told_once() {
    let edge = told();
    let published = edge.publish(another_model()).await;
    assert_eq!(published.status, StatusCode::CREATED, "{}", published.text);
    let policy =
        json!({"mode": "approve", "stage_labels": [1, 1, 1], "max_labels": 3, "max_per_day": 0});
    for (method, path, body) in
        [("PUT", "/api/v1/policy", policy), ("POST", "/api/v1/rollout", json!({"challenger": 2}))]
    {
        let changed = edge.change(method, path, &body).await;
        assert!(changed.status.is_success(), "{}", changed.text);
    }
    let answer = edge.predict(harness::SETOSA).await.json();
    edge.settle().await;
    let labels = json!({"labels": [{"id": answer["id"], "label": "setosa"}]});
    let labelled = edge.change("POST", "/api/v1/feedback", &labels).await;
    assert_eq!(labelled.json()["results"][0]["status"], "recorded", "{}", labelled.text);
    for _ in 0..3 {
        ring(&edge).await;
        edge.clock.advance(900_000);
    }
    let kinds = |arrived: Vec<Value>| -> Vec<String> {
        arrived.iter().map(|it| it["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(arrived(&edge)), ["tepal.approval.raised"], "once");
    let approved = edge.as_owner("POST", "/api/v1/rollout/approve").await;
    assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
    assert!(edge.watcher.is_pressing().unwrap(), "it is told at once");
    ring(&edge).await;
    let [message] = arrived(&edge).try_into().unwrap();
    assert_eq!(message["type"], "tepal.decision.happened");
    assert_eq!(message["data"]["decision"], approved.json()["number"]);
    assert_eq!(message["data"]["says"], approved.json()["says"]);
    assert!(message["text"].as_str().unwrap().contains("a tenth of the requests"), "{message}");
}
