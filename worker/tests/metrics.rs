//! `/metrics`: what moves which number, that none falls, and that scrapers can read them.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "harness/exposition.rs"]
mod exposition;
mod harness;

use std::collections::BTreeMap;

use exposition::{faults, samples};
use harness::{Edge, OWNER_TOKEN, PAGE, PAGE_HEADERS, SETOSA, Shared};
use http::StatusCode;
use model_core::evaluation::confidence_sequence;
use model_core::{Dataset, Family, TrainParams};
use serde_json::json;
use tepal_worker::adapters::memory::MemoryPage;

const DEPLOYMENT: &str = "/api/v1/deployment";
const FLUSH: &str = "/api/v1/monitoring/flush";

/// All series with their values.
async fn scraped(edge: &Edge) -> BTreeMap<String, f64> {
    let text = edge.get("/metrics").await.text;
    let named = |sample: exposition::Sample| {
        let mut labels = sample.labels;
        labels.sort();
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (format!("{} {}", sample.name, labels.join(" ")).trim().to_owned(), sample.value)
    };
    samples(&text).into_iter().map(named).collect()
}

async fn publish_another(edge: &Edge) {
    let params = TrainParams { cv_folds: 0, ..TrainParams::new(Family::LogisticRegression) };
    let answer = edge.publish(params.train(&Dataset::iris()).unwrap().to_bytes()).await;
    assert_eq!(answer.json()["version"], 2, "{}", answer.text);
}

async fn predicted(edge: &Edge) -> String {
    edge.predict(SETOSA).await.json()["id"].as_str().unwrap().to_owned()
}

async fn label(edge: &Edge, id: &str, label: &str) {
    let answer = edge.change("POST", "/api/v1/feedback", &json!({"id": id, "label": label})).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

/// A Worker to which most of what can happen has happened.
async fn busy() -> Edge {
    let edge = Edge::new();
    let first = predicted(&edge).await;
    edge.predict(SETOSA.replace("0.2", "0.05")).await;
    edge.predict("{").await;
    edge.get("/nowhere").await;
    publish_another(&edge).await;
    let shadow = json!({"challenger": 2, "split_basis_points": 10_000, "mode": "shadow"});
    assert_eq!(edge.change("PUT", DEPLOYMENT, &shadow).await.status, StatusCode::OK);
    label(&edge, &predicted(&edge).await, "setosa").await;
    label(&edge, &first, "virginica").await;
    label(&edge, &first, "setosa").await;
    label(&edge, "nobody", "setosa").await;
    edge.settle().await;
    edge
}

#[tokio::test]
async fn scrapers_find_nothing_to_complain_about() {
    let edge = busy().await;
    let text = edge.get("/metrics").await.text;
    assert_eq!(faults(&text), Vec::<String>::new());
    assert!(samples(&text).len() > 80, "{text}");
    let fresh = Edge::new().get("/metrics").await.text;
    assert_eq!(faults(&fresh), Vec::<String>::new());
    edge.log.refuse(u32::MAX);
    edge.registry.set_failing(true);
    edge.watcher.set_failing(true);
    edge.clock.advance(60_000);
    let away = edge.get("/metrics").await.text;
    assert_eq!(faults(&away), Vec::<String>::new());
    assert!(away.contains("tepal_registry_up 0") && away.contains("tepal_log_up 0"), "{away}");
    assert!(!away.contains("_total"), "what isn't known isn't shown: {away}");
}

/// So that the test above says something.
#[test]
fn whoever_looks_for_faults_finds_them() {
    let family =
        |name: &str, kind: &str| format!("# HELP {name} What.\n# TYPE {name} {kind}\n{name} 1\n");
    assert_eq!(faults(&family("a_total", "counter")), Vec::<String>::new());
    for bad in [
        family("a", "counter"),
        family("a_total", "gauge"),
        family("a_count", "gauge"),
        family("a_milliseconds", "gauge"),
        family("a_ms", "gauge"),
        family("a_gauge", "gauge"),
        family("aB", "gauge"),
        "# TYPE a gauge\n# HELP a What.\na 1\n".to_owned(),
        "# TYPE a gauge\na 1\n".to_owned(),
        "# HELP a What.\n# TYPE a gauge\na 1\na 1\n".to_owned(),
        "# HELP a What.\n# TYPE a gauge\na{x=\"1\",y=\"2\"} 1\na{y=\"1\",x=\"2\"} 1\n".to_owned(),
        "# HELP a What.\n# TYPE a gauge\na{le=\"1\"} 1\n".to_owned(),
        "# HELP a What.\n# TYPE a gauge\na{aB=\"1\"} 1\n".to_owned(),
        format!("{}{}{}", family("a", "gauge"), family("b", "gauge"), "a{x=\"1\"} 1\n"),
        format!("{}# EOF\n", family("a", "gauge")),
        "# HELP a What.\n# TYPE a gauge\na 1".to_owned(),
    ] {
        assert_ne!(faults(&bad), Vec::<String>::new(), "{bad}");
    }
}

#[tokio::test]
async fn labels_and_what_they_say_are_counted() {
    let edge = busy().await;
    let found = scraped(&edge).await;
    let feedback =
        |result: &str| found.get(&format!("tepal_feedback_labels_total result={result}"));
    assert_eq!(feedback("recorded"), Some(&2.0));
    assert_eq!((feedback("conflict"), feedback("unknown_id")), (Some(&1.0), Some(&1.0)));
    assert_eq!(feedback("unchanged"), None);
    let of = |version: u64, outcome: &str| {
        let series = format!("tepal_labels_total model_version={version} outcome={outcome}");
        found.get(&series).copied()
    };
    assert_eq!((of(1, "correct"), of(1, "wrong")), (Some(1.0), Some(1.0)));
    assert_eq!((of(2, "correct"), of(2, "wrong")), (Some(1.0), None), "it was asked in the shadow");
    assert_eq!(found["tepal_labelled_accuracy_ratio model_version=1"], 0.5);
    let (low, high) = confidence_sequence(1, 2, 0.95);
    let bound = |bound: &str| {
        found[&format!("tepal_labelled_accuracy_bound_ratio bound={bound} model_version=1")]
    };
    assert!((bound("lower") - low).abs() < 1e-9 && (bound("upper") - high).abs() < 1e-9);
}

#[tokio::test]
async fn the_registry_says_what_it_holds_and_who_serves() {
    let edge = Edge::new();
    let before = scraped(&edge).await;
    assert_eq!(before["tepal_registry_versions state=active"], 1.0, "the embedded model");
    assert_eq!(before["tepal_registry_role_info model_version=1 role=champion"], 1.0);
    publish_another(&edge).await;
    let split = json!({"champion": 2, "challenger": 1, "split_basis_points": 2_500});
    assert_eq!(edge.change("PUT", DEPLOYMENT, &split).await.status, StatusCode::OK);
    let after = scraped(&edge).await;
    assert_eq!(after["tepal_registry_versions state=active"], 2.0);
    assert_eq!(after["tepal_registry_generation"], before["tepal_registry_generation"] + 2.0);
    assert_eq!(after["tepal_registry_audit_entries"], before["tepal_registry_audit_entries"] + 2.0);
    for (role, version) in [("champion", 2), ("challenger", 1), ("previous_champion", 1)] {
        let series = format!("tepal_registry_role_info model_version={version} role={role}");
        assert_eq!(after.get(&series), Some(&1.0), "{series}");
    }
    assert!(!after.contains_key("tepal_registry_role_info model_version=1 role=champion"));
    assert_eq!(after["tepal_registry_split_ratio mode=live"], 0.25);
    assert!(
        after["tepal_sqlite_bytes object=registry"] > before["tepal_sqlite_bytes object=registry"]
    );
    let alone = json!({"challenger": null, "split_basis_points": 0});
    assert_eq!(edge.change("PUT", DEPLOYMENT, &alone).await.status, StatusCode::OK);
    let archive = json!({"archived": true});
    assert_eq!(edge.change("PATCH", "/api/v1/models/1", &archive).await.status, StatusCode::OK);
    let archived = scraped(&edge).await;
    assert_eq!(archived["tepal_registry_versions state=active"], 1.0);
    assert_eq!(archived["tepal_registry_versions state=archived"], 1.0);
}

#[tokio::test]
async fn serving_without_the_registrys_word_is_told() {
    let shared = Shared::default();
    let edge = Edge::beside(&shared);
    edge.predict(SETOSA).await;
    assert_eq!(scraped(&edge).await["tepal_serving_degraded"], 0.0);
    shared.registry.set_failing(true);
    shared.clock.advance(60_000);
    let away = scraped(&edge).await;
    assert_eq!((away["tepal_serving_degraded"], away["tepal_registry_up"]), (1.0, 0.0));
    assert!(!away.contains_key("tepal_registry_generation"));
    assert_eq!(away["tepal_log_up"], 1.0);
    shared.registry.set_failing(false);
    shared.clock.advance(1_000);
    let back = scraped(&edge).await;
    assert_eq!((back["tepal_serving_degraded"], back["tepal_registry_up"]), (0.0, 1.0));
}

#[tokio::test]
async fn what_waits_for_kv_ages_until_it_is_there() {
    let edge = Edge::new();
    assert_eq!(scraped(&edge).await["tepal_log_lag_seconds"], 0.0);
    edge.predict(SETOSA).await;
    edge.clock.advance(90_000);
    edge.predict(SETOSA).await;
    let waiting = scraped(&edge).await;
    assert_eq!((waiting["tepal_log_waiting_rows"], waiting["tepal_log_lag_seconds"]), (2.0, 90.0));
    assert!(waiting["tepal_sqlite_bytes object=shard-0"] > 100.0);
    edge.segments.set_failing(true);
    edge.as_owner("POST", FLUSH).await;
    edge.clock.advance(10_000);
    let sealed = scraped(&edge).await;
    assert_eq!((sealed["tepal_log_waiting_rows"], sealed["tepal_log_lag_seconds"]), (2.0, 100.0));
    assert_eq!(sealed["tepal_log_flush_failures_total"], 1.0);
    edge.segments.set_failing(false);
    edge.as_owner("POST", FLUSH).await;
    let stored = scraped(&edge).await;
    assert_eq!((stored["tepal_log_waiting_rows"], stored["tepal_log_lag_seconds"]), (0.0, 0.0));
    edge.log.refuse(u32::MAX);
    edge.predict(SETOSA).await;
    assert_eq!(scraped(&edge).await["tepal_log_buffered_rows"], 1.0);
}

/// Operations by store, operation and part.
fn done(found: &BTreeMap<String, f64>, store: &str, operation: &str, part: &str) -> f64 {
    let series =
        format!("tepal_platform_operations_total operation={operation} part={part} store={store}");
    *found.get(&series).unwrap()
}

#[tokio::test]
async fn what_the_platform_counts_is_counted_by_who_did_it() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    let before = scraped(&edge).await;
    assert_eq!(done(&before, "kv", "write", "worker"), 1.0, "the embedded model's file");
    publish_another(&edge).await;
    edge.change("PUT", DEPLOYMENT, &json!({"champion": 2})).await;
    edge.predict(SETOSA).await;
    edge.as_owner("POST", FLUSH).await;
    let after = scraped(&edge).await;
    let more = |store, operation, part| {
        done(&after, store, operation, part) - done(&before, store, operation, part)
    };
    assert_eq!(more("kv", "write", "worker"), 1.0, "a published file");
    assert_eq!(more("kv", "read", "worker"), 1.0, "which was loaded to serve");
    assert_eq!(more("kv", "write", "log"), 1.0, "a segment");
    assert_eq!(more("kv", "write", "registry"), 2.0, "a pointer for each change");
    assert!(more("durable_object", "request", "registry") >= 3.0);
    assert!(more("durable_object", "request", "log") >= 2.0);
}

#[tokio::test]
async fn counting_costs_no_call() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    edge.settle().await;
    let requests = async || {
        use tepal_worker::ports::{Operation, PredictionLog};
        edge.log.status(0).await.unwrap().usage.of(Operation::ObjectRequest)
    };
    let (calls, queries) = (requests().await, edge.registry.queries());
    for _ in 0..60 {
        edge.predict(SETOSA).await;
    }
    edge.settle().await;
    // One to append them all, and one to ask for this.
    assert_eq!((requests().await - calls, edge.registry.queries() - queries), (2, 0));
}

#[tokio::test]
async fn the_allowance_is_that_of_the_settings() {
    let free = scraped(&Edge::new()).await;
    for (store, operation, n) in [
        ("kv", "read", 100_000.0),
        ("kv", "write", 1_000.0),
        ("durable_object", "request", 100_000.0),
        ("durable_object", "row_read", 5_000_000.0),
        ("durable_object", "row_written", 100_000.0),
    ] {
        assert_eq!(free[&format!("tepal_plan_allowance operation={operation} store={store}")], n);
    }
    let paid = [("OWNER_TOKEN", OWNER_TOKEN), ("PLAN_KV_READS", "0"), ("PLAN_KV_WRITES", "33000")];
    let paid = scraped(&Edge::with(&paid)).await;
    assert_eq!(paid["tepal_plan_allowance operation=write store=kv"], 33_000.0);
    assert!(!paid.contains_key("tepal_plan_allowance operation=read store=kv"), "no bound");
}

/// Whichever isolate answers a scrape, also while log or registry are away.
#[tokio::test]
async fn no_total_falls_from_one_isolate_to_the_other() {
    let shared = Shared::default();
    let settings =
        [("OWNER_TOKEN", OWNER_TOKEN), ("RATE_LIMIT", "off"), ("METRICS_MAX_AGE_SECS", "5")];
    let isolate = || Edge::on(&shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &settings);
    let isolates = [isolate(), isolate(), isolate()];
    let mut last = BTreeMap::new();
    for turn in 0..40 {
        let edge = &isolates[turn % 3];
        let id = predicted(edge).await;
        edge.settle().await;
        if turn % 4 == 0 && !(11..21).contains(&turn) {
            label(&isolates[(turn + 1) % 3], &id, "setosa").await;
        }
        shared.log.refuse(if (10..20).contains(&turn) { u32::MAX } else { 0 });
        shared.registry.set_failing((15..25).contains(&turn));
        // A scraper comes less often than totals are read.
        shared.clock.advance(15_000);
        for (series, value) in scraped(&isolates[(turn * 2 + 1) % 3]).await {
            if !series.contains("_total") && !series.contains("_seconds_") {
                continue;
            }
            let before = last.insert(series.clone(), value).unwrap_or(0.0);
            assert!(value >= before, "turn {turn}: {series} was {before} and is {value}");
        }
    }
    let predictions: f64 = last["tepal_predictions_total class=setosa model_version=1"];
    assert!(predictions >= 38.0, "{predictions}");
    assert!(last["tepal_labels_total model_version=1 outcome=correct"] >= 5.0);
}
