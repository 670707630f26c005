//! The whole Worker on memory adapters: what the scenarios can't say.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use harness::{Answer, Edge, OWNER_TOKEN, SETOSA, chunked};
use http::{Request, StatusCode};
use proptest::prelude::*;
use serde_json::Value;
use tepal_worker::ports::{HistoryQuery, PredictionLog};

const FLUSH: &str = "/api/v1/monitoring/flush";
const HISTORY: &str = "/api/v1/predictions";

async fn metric(edge: &Edge, line: &str) -> u64 {
    let text = edge.get("/metrics").await.text;
    let value = text.lines().find_map(|l| l.strip_prefix(line)).unwrap_or("0");
    value.trim().parse().unwrap()
}

const SETOSA_COUNT: &str = r#"tepal_predictions_total{class="setosa",model_version="1"}"#;

#[tokio::test]
async fn an_answer_looks_like_the_specification() {
    let edge = Edge::new();
    let answer = edge.predict(SETOSA).await;
    assert_eq!(answer.status, StatusCode::OK);
    insta::assert_json_snapshot!(answer.json(), {
        ".model_id" => "[sha256]",
        ".confidence" => "[probability]",
        ".probabilities" => "[by class]",
    });
    let probabilities = answer.json()["probabilities"].clone();
    let sum: f64 = probabilities.as_object().unwrap().values().filter_map(Value::as_f64).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    assert_eq!(answer.json()["confidence"], probabilities["setosa"]);
}

#[tokio::test]
async fn a_refusal_looks_like_the_specification() {
    let edge = Edge::new();
    let body = r#"{"sepal_length":"x","sepal_width":3,"sepal_width":4,"petal_length":11}"#;
    insta::assert_json_snapshot!(edge.predict(body).await.json());
    insta::assert_json_snapshot!(edge.predict("{\n  \"sepal_length\": NaN}").await.json());
}

#[tokio::test]
async fn faults_beyond_those_listed_are_mentioned() {
    let edge = Edge::new();
    let with_unknown = |n: u32| {
        let unknown: String = (0..n).map(|n| format!(r#","x{n}":0"#)).collect();
        SETOSA.replace('}', &format!("{unknown}}}"))
    };
    for (n, expected) in [(32, "unknown_field"), (33, "more_errors")] {
        let errors = edge.predict(with_unknown(n)).await.json()["errors"].clone();
        assert_eq!(errors.as_array().unwrap().last().unwrap()["code"], expected, "{n}");
    }
}

#[tokio::test]
async fn a_warning_says_what_the_model_saw() {
    let edge = Edge::new();
    let body = SETOSA.replace("5.1", "9.5");
    insta::assert_json_snapshot!(edge.predict(body).await.json()["warnings"]);
}

#[tokio::test]
async fn the_openapi_document_is_whole() {
    let edge = Edge::new();
    let document = edge.get("/openapi.json").await.json();
    insta::assert_json_snapshot!(document["components"]["schemas"]["PredictRequest"]);
    // Every operation is answered by something else than 404 and 405, and every reference is there.
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(path);
            let status = edge.send(request.body(Body::empty()).unwrap()).await.status;
            assert!(status != 404 && status != 405, "{method} {path}: {status}");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn without_an_owner_token_owner_routes_are_closed() {
    let edge = Edge::with(&[("RATE_LIMIT", "off")]);
    for (method, path) in [("POST", FLUSH), ("GET", HISTORY)] {
        let answer = edge.as_owner(method, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.json()["type"], "/docs#not-configured");
    }
}

#[tokio::test]
async fn tokens_are_compared_whole() {
    let edge = Edge::new();
    for token in ["", "the", "the owner's toke", "the owner's token2", "THE OWNER'S TOKEN"] {
        let request = Request::get(HISTORY).header("authorization", format!("Bearer {token}"));
        let answer = edge.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token}");
    }
    let request = Request::get(HISTORY).header("authorization", format!("bearer {OWNER_TOKEN}"));
    assert_eq!(edge.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_rate_limit_says_how_long_to_wait() {
    let edge = Edge::with(&[("RATE_LIMIT", "on"), ("OWNER_TOKEN", OWNER_TOKEN)]);
    for _ in 0..3 {
        assert_eq!(edge.predict(SETOSA).await.status, StatusCode::OK);
    }
    let answer = edge.predict(SETOSA).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers["retry-after"], "60");
    assert_eq!(edge.get("/health").await.status, StatusCode::OK, "probes aren't limited");
    assert_eq!(metric(&edge, r#"tepal_requests_rate_limited_total{route="/predict"}"#).await, 1);
}

#[tokio::test]
async fn only_listed_origins_may_read() {
    let edge = Edge::with(&[("RATE_LIMIT", "off"), ("CORS_ORIGINS", "https://a.example")]);
    let ask = async |origin: &str| {
        let request = Request::post("/predict")
            .header("content-type", "application/json")
            .header("origin", origin);
        edge.send(request.body(Body::from(SETOSA)).unwrap()).await
    };
    let allowed = ask("https://a.example").await;
    assert_eq!(allowed.headers["access-control-allow-origin"], "https://a.example");
    assert_eq!(allowed.headers["vary"], "origin");
    let other = ask("https://b.example").await;
    assert_eq!(other.status, StatusCode::OK);
    assert!(!other.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn rows_are_gathered_and_sent_once_the_answer_has_left() {
    let edge = Edge::new();
    for _ in 0..5 {
        edge.predict(SETOSA).await;
    }
    assert_eq!(edge.segments.stored().len(), 0);
    edge.settle().await;
    let page = edge.as_owner("GET", HISTORY).await.json();
    assert_eq!(page["predictions"].as_array().unwrap().len(), 5);
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 5);
}

#[tokio::test]
async fn readers_see_what_is_still_gathered() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 1);
    edge.predict(SETOSA).await;
    let page = edge.as_owner("GET", HISTORY).await.json();
    assert_eq!(page["predictions"].as_array().unwrap().len(), 2);
    edge.settle().await;
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 2);
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_counts_once() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    edge.log.lose_answers(2);
    edge.settle().await;
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 1);
    assert_eq!(metric(&edge, "tepal_log_rows_appended_total").await, 1);
}

#[tokio::test]
async fn a_batch_that_failed_is_sent_with_the_next() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    edge.log.refuse(3);
    edge.settle().await;
    edge.clock.advance(2_000);
    edge.predict(SETOSA).await;
    edge.settle().await;
    let page = edge.as_owner("GET", HISTORY).await.json();
    assert_eq!(page["predictions"].as_array().unwrap().len(), 2);
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 2);
}

fn durable() -> Edge {
    Edge::with(&[("LOG_MODE", "durable"), ("RATE_LIMIT", "off"), ("OWNER_TOKEN", OWNER_TOKEN)])
}

/// Ids of what the shard holds, newest first, without what the isolate still gathers.
async fn logged(edge: &Edge) -> Vec<String> {
    let query = HistoryQuery { limit: 10, ..HistoryQuery::default() };
    let page = edge.log.history(0, &query).await.unwrap();
    page.rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn durable_rows_are_in_the_log_before_the_answer() {
    let edge = durable();
    let answer = edge.predict(SETOSA).await.json();
    assert_eq!(logged(&edge).await, [answer["id"].as_str().unwrap()]);
}

#[tokio::test]
async fn a_durable_row_that_fails_is_neither_logged_nor_counted_later() {
    let edge = durable();
    let first = edge.predict(SETOSA.replace("0.2", "0.05")).await.json()["id"].clone();
    edge.log.refuse(3);
    let answer = edge.predict(SETOSA.replace("0.2", "0.05")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["type"], "/docs#log-unavailable");
    edge.settle().await;
    let last = edge.predict(SETOSA).await.json()["id"].clone();
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 2);
    assert_eq!(metric(&edge, "tepal_log_rows_appended_total").await, 2);
    assert_eq!(metric(&edge, "tepal_log_rows_dropped_total").await, 0);
    assert_eq!(metric(&edge, "tepal_log_flush_failures_total").await, 1);
    let warnings = r#"tepal_prediction_warnings_total{code="outside_training_range"}"#;
    assert_eq!(metric(&edge, warnings).await, 1);
    let refused = r#"tepal_requests_total{route="/predict",method="POST",status="5xx"}"#;
    assert_eq!(metric(&edge, refused).await, 1, "what else was in its batch arrives");
    assert_eq!(logged(&edge).await, [last, first].map(|id| id.as_str().unwrap().to_owned()));
}

/// Nobody can tell this from the failure above, so the caller isn't told otherwise.
#[tokio::test]
async fn a_durable_row_whose_confirmation_was_lost_is_logged_and_counted_once() {
    let edge = durable();
    edge.log.lose_answers(3);
    assert_eq!(edge.predict(SETOSA).await.status, StatusCode::SERVICE_UNAVAILABLE);
    edge.settle().await;
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 1);
    assert_eq!(metric(&edge, "tepal_log_rows_appended_total").await, 1);
    assert_eq!(logged(&edge).await.len(), 1);
}

#[tokio::test]
async fn predictions_go_on_while_the_log_is_away() {
    let edge = Edge::new();
    edge.log.refuse(u32::MAX);
    for _ in 0..200 {
        assert_eq!(edge.predict(SETOSA).await.status, StatusCode::OK);
        edge.settle().await;
        edge.clock.advance(2_000);
    }
    // The last totals, and that they are those of before: whoever scrapes sees no restart.
    let away = edge.get("/metrics").await;
    assert_eq!(away.status, StatusCode::OK);
    assert!(away.text.contains("tepal_log_up 0"), "{}", away.text);
    assert!(!away.text.contains("tepal_log_rows_appended_total 0"), "{}", away.text);
    assert_eq!(edge.get("/readyz").await.json()["log"], "unavailable");
    edge.log.refuse(0);
    edge.clock.advance(1_000);
    assert!(edge.get("/metrics").await.text.contains("tepal_log_up 1"));
    let dropped = metric(&edge, "tepal_log_rows_dropped_total").await;
    let appended = metric(&edge, "tepal_log_rows_appended_total").await;
    assert!(dropped > 0 && appended > 0, "{dropped} dropped, {appended} appended");
}

#[tokio::test]
async fn each_request_gives_a_line_without_what_was_sent() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    edge.predict(r#"{"sepal_length": 77.25}"#).await;
    edge.get("/a/secret/path?token=abc").await;
    edge.as_owner("GET", HISTORY).await;
    let lines = edge.lines.written();
    let read = |line: &String| serde_json::from_str::<Value>(line).unwrap();
    let mut names = BTreeSet::new();
    let told: Vec<_> = lines
        .iter()
        .map(read)
        .map(|line| {
            assert!(names.insert(line["request"].to_string()), "{line}");
            assert!(line["millis"].is_u64(), "{line}");
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (text("method") + " " + &text("route"), line["status"].clone(), text("problem"))
        })
        .collect();
    let line = |route: &str, status: u16, problem: &str| {
        (route.to_owned(), Value::from(status), problem.to_owned())
    };
    assert_eq!(
        told,
        [
            line("POST /predict", 200, ""),
            line("POST /predict", 422, "invalid-row"),
            line("GET other", 404, "not-found"),
            line("GET /api/v1/predictions", 200, ""),
        ]
    );
    let all = lines.concat();
    for sent in ["77.25", "5.1", "secret", "abc", OWNER_TOKEN, "192.0.2.1"] {
        assert!(!all.contains(sent), "{sent} in {all}");
    }
    let quiet = Edge::with(&[("REQUEST_LOG", "off")]);
    quiet.predict(SETOSA).await;
    assert!(quiet.lines.written().is_empty());
}

#[tokio::test]
async fn ten_thousand_predictions_are_paged_each_once() {
    let edge = Edge::new();
    let mut answered = BTreeSet::new();
    for n in 0..10_000 {
        let answer = edge.predict(SETOSA).await;
        assert!(answered.insert(answer.json()["id"].as_str().unwrap().to_owned()));
        if n % 40 == 0 {
            edge.settle().await;
        }
        if n % 3_000 == 0 {
            edge.as_owner("POST", FLUSH).await;
        }
        edge.clock.advance(i64::from(n % 7 == 0));
    }
    let mut read = BTreeSet::new();
    let mut path = format!("{HISTORY}?limit=1000");
    loop {
        let page = edge.as_owner("GET", &path).await.json();
        for record in page["predictions"].as_array().unwrap() {
            assert!(read.insert(record["id"].as_str().unwrap().to_owned()), "twice");
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{HISTORY}?limit=1000&cursor={cursor}");
    }
    assert_eq!(read, answered);
    assert_eq!(metric(&edge, SETOSA_COUNT).await, 10_000);
}

#[tokio::test]
async fn durations_span_to_the_first_io_after_the_answer() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    edge.clock.advance(7);
    edge.settle().await;
    let count = r#"tepal_request_duration_seconds_bucket{le="0.01",route="/predict"}"#;
    let below = r#"tepal_request_duration_seconds_bucket{le="0.005",route="/predict"}"#;
    assert_eq!((metric(&edge, below).await, metric(&edge, count).await), (0, 1));
}

async fn scraped(edge: &Edge, accept: Option<&str>) -> Answer {
    let mut request = Request::get("/metrics");
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    edge.send(request.body(Body::empty()).unwrap()).await
}

const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[tokio::test]
async fn metrics_come_in_the_format_that_is_asked_for() {
    let edge = Edge::new();
    // What Prometheus 3 sends.
    let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                      application/openmetrics-text;version=0.0.1;q=0.5,\
                      text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                      text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    for (accept, expected) in [
        (None, PROMETHEUS),
        (Some("*/*"), PROMETHEUS),
        (Some("text/html"), PROMETHEUS),
        (Some("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;q=0.4"), PROMETHEUS),
        (Some("application/openmetrics-text;q=0"), PROMETHEUS),
        (Some("application/openmetrics-text"), OPENMETRICS),
        (Some(prometheus), OPENMETRICS),
    ] {
        let answer = scraped(&edge, accept).await;
        assert_eq!(answer.headers["content-type"], expected, "{accept:?}");
        assert_eq!(answer.headers["vary"], "accept");
        assert_eq!(answer.text.ends_with("# EOF\n"), expected == OPENMETRICS, "{accept:?}");
    }
}

/// In 0.0.4 a family has the name of its samples; only histograms add suffixes.
#[tokio::test]
async fn prometheus_text_names_each_family_as_its_samples() {
    let edge = Edge::new();
    edge.predict(SETOSA.replace("0.2", "0.05")).await;
    edge.settle().await;
    let text = scraped(&edge, None).await.text;
    let mut families = BTreeMap::new();
    let mut samples = 0;
    for line in text.lines() {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let (name, kind) = family.split_once(' ').unwrap();
            assert!(families.insert(name, kind).is_none(), "{name} twice");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        } else if !line.starts_with("# HELP ") {
            let name = line.split(['{', ' ']).next().unwrap();
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            assert!(families.contains_key(base.unwrap_or(name)), "{line}");
            samples += 1;
        }
    }
    assert_eq!(families["tepal_request_duration_seconds"], "histogram");
    assert_eq!(families["tepal_served_model"], "gauge");
    assert!(samples > 15);
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    /// Whatever is sent, the answer isn't a 5xx, and the next ordinary one succeeds.
    #[test]
    fn no_body_gives_a_server_error(body in prop::collection::vec(any::<u8>(), 0..400), cut in any::<bool>()) {
        let edge = Edge::new();
        let status = block_on(async {
            let request = Request::post("/predict").header("content-type", "application/json");
            let body = if cut { chunked(&body) } else { Body::from(body) };
            edge.send(request.body(body).unwrap()).await.status
        });
        prop_assert!(status.is_client_error() || status.is_success());
        prop_assert_eq!(block_on(edge.predict(SETOSA)).status, 200);
    }

    /// The same for bodies that are nearly right.
    #[test]
    fn no_nearly_right_body_gives_a_server_error(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..3)) {
        let edge = Edge::new();
        let mut body = SETOSA.as_bytes().to_vec();
        let at = at.index(body.len());
        body.splice(at..=at, bytes);
        let status = block_on(edge.predict(body)).status;
        prop_assert!(status.is_client_error() || status.is_success(), "{}", status);
    }

    /// Any row of finite numbers inside the hard range is answered, and probabilities sum to 1.
    #[test]
    fn every_row_inside_the_hard_range_is_answered(row in prop::array::uniform4(0.0..=10.0)) {
        let edge = Edge::new();
        let [a, b, c, d] = row;
        let body = serde_json::json!({"sepal_length": a, "sepal_width": b, "petal_length": c, "petal_width": d});
        let answer = block_on(edge.predict(body.to_string()));
        prop_assert_eq!(answer.status, 200);
        let probabilities = answer.json()["probabilities"].clone();
        let sum: f64 = probabilities.as_object().unwrap().values().filter_map(Value::as_f64).sum();
        prop_assert!((sum - 1.0).abs() < 1e-9);
    }

    /// Odd paths and queries are a 4xx.
    #[test]
    fn no_path_gives_a_server_error(path in "[!-~]{0,40}") {
        let edge = Edge::new();
        if let Ok(uri) = format!("/{path}").parse::<http::Uri>() {
            let answer = block_on(edge.send(Request::get(uri).body(Body::empty()).unwrap()));
            prop_assert!(!answer.status.is_server_error());
        }
    }

    /// Odd history queries are a 4xx, or a page.
    #[test]
    fn no_history_query_gives_a_server_error(query in "[!-~&&[^#]]{0,60}") {
        let edge = Edge::new();
        if let Ok(uri) = format!("{HISTORY}?{query}").parse::<http::Uri>() {
            let status = block_on(edge.as_owner("GET", &uri.to_string())).status;
            prop_assert!(!status.is_server_error());
        }
    }
}

#[tokio::test]
async fn without_randomness_a_prediction_gets_no_answer_and_no_row() {
    let edge = Edge::new();
    edge.entropy.set_failing(true);
    let answer = edge.predict(SETOSA).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["type"], "/docs#no-randomness");
    // What needs none is answered.
    assert_eq!(edge.get("/health").await.status, StatusCode::OK);
    let page = edge.as_owner("GET", "/api/v1/predictions").await.json();
    assert_eq!(page["predictions"], serde_json::json!([]));
    edge.entropy.set_failing(false);
    assert_eq!(edge.predict(SETOSA).await.status, StatusCode::OK);
}
