//! What is in `deploy/monitoring` for Prometheus and Grafana speaks of what `/metrics` exports.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{Edge, SETOSA};
use serde_json::{Value, json};

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/monitoring");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Names of series in `text`, which begin with `prefix`.
fn names<'a>(text: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let words = text.split(|c| !is_name(c)).map(|word| word.trim_end_matches(':'));
    words.filter(|word| word.starts_with(prefix) && word.len() > prefix.len()).collect()
}

/// Names of all series of a Worker on which everything happened once.
async fn exported() -> BTreeSet<String> {
    let edge = Edge::new();
    for _ in 0..50 {
        edge.predict(SETOSA.replace("0.2", "9.5")).await;
        edge.clock.advance(10);
    }
    let csv = "a,b,label\n".to_owned() + &"1,2,x\n3,5,y\n".repeat(10);
    edge.publish(harness::trained(&csv, &model_core::CsvOptions::default())).await;
    let shadow = json!({"challenger": 2, "split_basis_points": 10_000, "mode": "shadow"});
    edge.change("PUT", "/api/v1/deployment", &shadow).await;
    // The challenger is another data set's, and refuses the row.
    let id = edge.predict(SETOSA).await.json()["id"].clone();
    let label = json!({"id": id, "label": "setosa"});
    edge.change("POST", "/api/v1/feedback", &label).await;
    edge.settle().await;
    edge.as_owner("POST", "/api/v1/monitoring/look").await;
    let metrics = edge.get("/metrics").await.text;
    let series = metrics.lines().filter(|line| !line.starts_with('#'));
    let name = |line: &str| line.split(['{', ' ']).next().unwrap_or_default().to_owned();
    series.map(name).collect()
}

#[tokio::test]
async fn every_expression_names_a_series_that_is_exported() {
    // What a healthy Worker with one model of one data set does not show.
    let seldom = ["tepal_shadow_predictions_total", "tepal_requests_rate_limited_total"];
    let mut exported = exported().await;
    exported.extend(seldom.map(str::to_owned));
    let rules = file("tepal.rules.yml");
    let board = file("tepal.dashboard.json");
    let tests = file("tepal.rules.test.yml");
    for (what, text) in [("rules", &rules), ("board", &board), ("tests", &tests)] {
        let named = names(text, "tepal_");
        assert!(named.len() > 9, "{what} name {} series", named.len());
        let unknown: Vec<_> = named.into_iter().filter(|name| !exported.contains(*name)).collect();
        assert_eq!(unknown, Vec::<&str>::new(), "{what}; exported are {exported:?}");
    }
    // What is recorded is used, and what is used recorded.
    for name in names(&rules, "tepal:") {
        assert!(rules.contains(&format!("- record: {name}\n")), "{name} is not recorded");
        assert!(rules.matches(name).count() > 1, "{name} is not used");
    }
}

#[test]
fn every_alert_says_what_to_do_and_is_tested() {
    let (rules, tests) = (file("tepal.rules.yml"), file("tepal.rules.test.yml"));
    let alerts: Vec<&str> = rules.split("- alert: ").skip(1).collect();
    assert!(alerts.len() >= 10);
    for alert in alerts {
        let name = alert.lines().next().unwrap();
        for needed in ["severity: ", "summary: ", "action: "] {
            assert!(alert.contains(needed), "{name} has no {needed}");
        }
        assert!(tests.contains(&format!("alertname: {name}\n")), "{name} is not tested");
    }
}

#[test]
fn panels_of_the_board_have_a_place_each_and_say_what_they_show() {
    let board: Value = serde_json::from_str(&file("tepal.dashboard.json")).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let mut taken = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}");
        let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(x < 24 && taken.insert((x, y)), "{title} lies over another or beyond");
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(!panel["description"].as_str().unwrap().is_empty(), "{title}");
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title}");
        for target in targets {
            assert!(target["expr"].as_str().unwrap().contains("tepal_"), "{title}");
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
    }
}

/// Prometheus' own tool, where it is installed: the syntax of the rules, and that each raises its alarm.
#[test]
fn promtool_accepts_the_rules_and_their_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/monitoring");
    for arguments in
        [["check", "rules", "tepal.rules.yml"], ["test", "rules", "tepal.rules.test.yml"]]
    {
        let run = Command::new("promtool").args(arguments).current_dir(&folder).output();
        let Ok(output) = run else {
            // Its rules are read by the tests above all the same.
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{errors}");
    }
}
