//! The watcher: what is seen of the traffic, window by window.

mod harness;

use harness::{Edge, SETOSA};
use http::StatusCode;
use model_core::Dataset;
use serde_json::{Value, json};
use tepal_worker::ports::ArtifactKey;

/// The rows of the iris data `at`, each as a request, `wider` in the sepals.
fn rows(at: impl Iterator<Item = usize>, wider: f64) -> Vec<String> {
    let data = Dataset::iris();
    let row = |at: usize| {
        let row = data.row(at);
        json!({
            "sepal_length": row[0], "sepal_width": row[1] + wider,
            "petal_length": row[2], "petal_width": row[3],
        })
        .to_string()
    };
    at.map(row).collect()
}

async fn ask(edge: &Edge, rows: Vec<String>) {
    for row in rows {
        let answer = edge.predict(row).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        edge.clock.advance(10);
    }
}

async fn look(edge: &Edge) -> Value {
    let answer = edge.as_owner("POST", "/api/v1/monitoring/look").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn windows(edge: &Edge, query: &str) -> Value {
    let path = format!("/api/v1/monitoring/windows{query}");
    let answer = edge.as_owner("GET", &path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_window_takes_fifty_rows_and_no_row_twice() {
    let edge = Edge::new();
    ask(&edge, rows((0..147).step_by(3), 0.0)).await;
    let few = look(&edge).await;
    assert_eq!(few["versions"][0]["waiting_rows"], 49);
    assert_eq!((few["n_looks"].clone(), few["window_rows"].clone()), (json!(1), json!([50, 200])));
    assert_eq!(windows(&edge, "").await["windows"], json!([]));
    ask(&edge, rows([149].into_iter(), 0.0)).await;
    let enough = look(&edge).await;
    assert_eq!(enough["versions"][0]["waiting_rows"], 0);
    assert_eq!(enough["versions"][0]["newest"]["n"], 50);
    let listed = windows(&edge, "").await;
    let first = &listed["windows"][0];
    assert_eq!((first["number"].clone(), first["n"].clone()), (json!(1), json!(50)));
    assert_eq!(first["role"], "champion");
    assert_eq!(first["drift"]["outcome"], "no_drift", "{first}");
    assert!(first["drift"].get("features").is_none(), "a list is short");
    assert_eq!(first["traffic"], json!({"requests": 50, "refused": 0, "failed": 0}));
    // The same rows are in no other window.
    look(&edge).await;
    assert_eq!(windows(&edge, "").await["windows"].as_array().unwrap().len(), 1);
    // Of very many the newest.
    ask(&edge, rows((0..250).map(|at| at % 150), 0.0)).await;
    look(&edge).await;
    let newest = &windows(&edge, "?limit=1").await["windows"][0];
    assert_eq!((newest["number"].clone(), newest["n"].clone()), (json!(2), json!(200)));
}

#[tokio::test]
async fn drift_that_stays_is_told_by_its_third_window_and_by_the_metrics() {
    let edge = Edge::new();
    for number in 1..=3 {
        ask(&edge, rows((0..150).step_by(2), 1.0)).await;
        edge.predict("{}").await;
        look(&edge).await;
        let path = format!("/api/v1/monitoring/windows/{number}");
        let whole = edge.as_owner("GET", &path).await.json();
        let drift = &whole["drift"];
        assert_eq!(
            (drift["outcome"].clone(), drift["n_in_a_row"].clone()),
            (json!("drift"), json!(number))
        );
        assert_eq!(
            (drift["lasts"].clone(), drift["drifted"].clone()),
            (json!(number == 3), json!(["sepal_width"]))
        );
        assert_eq!(drift["features"].as_array().unwrap().len(), 4);
        assert_eq!(whole["traffic"], json!({"requests": 76, "refused": 1, "failed": 0}));
    }
    let metrics = edge.get("/metrics").await.text;
    for line in [
        "tepal_watch_up 1",
        "tepal_watch_looks_total 3",
        r#"tepal_drift_lasting{model_version="1"} 1"#,
        r#"tepal_drift_windows_in_a_row{model_version="1"} 3"#,
    ] {
        assert!(metrics.lines().any(|it| it.starts_with(line)), "{line} in {metrics}");
    }
    // A window as before ends it.
    ask(&edge, rows((0..150).step_by(2), 0.0)).await;
    look(&edge).await;
    let newest = &windows(&edge, "").await["windows"][0];
    assert_eq!(
        (newest["drift"]["n_in_a_row"].clone(), newest["drift"]["lasts"].clone()),
        (json!(0), json!(false))
    );
}

#[tokio::test]
async fn each_side_of_a_live_experiment_is_watched_by_itself() {
    let edge = Edge::new();
    edge.publish(harness::trained(&iris_csv(), &model_core::CsvOptions::default())).await;
    let trial = json!({"challenger": 2, "split_basis_points": 5_000});
    let deployed = edge.change("PUT", "/api/v1/deployment", &trial).await;
    assert_eq!(deployed.status, StatusCode::OK, "{}", deployed.text);
    ask(&edge, rows((0..300).map(|at| at % 150), 0.0)).await;
    let watching = look(&edge).await;
    let roles: Vec<&str> = watching["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["champion", "challenger"]);
    let listed = windows(&edge, "").await;
    let n: u64 =
        listed["windows"].as_array().unwrap().iter().map(|it| it["n"].as_u64().unwrap()).sum();
    assert_eq!(n, 300);
    // Who no longer answers is remembered for when it comes back.
    edge.change("PUT", "/api/v1/deployment", &json!({"challenger": null})).await;
    assert_eq!(look(&edge).await["versions"].as_array().unwrap().len(), 1);
    edge.change("PUT", "/api/v1/deployment", &trial).await;
    let back = look(&edge).await;
    assert_eq!(back["versions"][1]["waiting_rows"], 0, "its rows are in a window already");
}

fn iris_csv() -> String {
    let data = Dataset::iris();
    let mut csv = "sepal_length,sepal_width,petal_length,petal_width,species\n".to_owned();
    let names = ["setosa", "versicolor", "virginica"];
    for at in 0..150 {
        let row: Vec<String> = data.row(at).iter().map(f64::to_string).collect();
        csv += &format!("{},{}\n", row.join(","), names[at / 50]);
    }
    csv
}

#[tokio::test]
async fn labels_come_with_the_interval_of_all_of_them() {
    let edge = Edge::new();
    let id = edge.predict(SETOSA).await.json()["id"].clone();
    ask(&edge, rows((0..150).step_by(2), 0.0)).await;
    let label =
        edge.change("POST", "/api/v1/feedback", &json!({"id": id, "label": "setosa"})).await;
    assert_eq!(label.json()["results"][0]["status"], "recorded", "{}", label.text);
    look(&edge).await;
    let labelled = windows(&edge, "").await["windows"][0]["labelled"].clone();
    assert_eq!((labelled["n"].clone(), labelled["accuracy"].clone()), (json!(1), json!(1.0)));
}

#[tokio::test]
async fn what_keeps_it_from_seeing_is_said_and_costs_no_rows() {
    let edge = Edge::new();
    ask(&edge, rows((0..150).step_by(2), 0.0)).await;
    edge.registry.set_failing(true);
    edge.pointer_copy.set_failing(true);
    let blind = look(&edge).await;
    assert_eq!(blind["failure"], "nobody tells who serves");
    assert_eq!(windows(&edge, "").await["windows"], json!([]));
    edge.registry.set_failing(false);
    edge.clock.advance(60_000);
    let seen = look(&edge).await;
    assert_eq!((seen.get("failure"), seen["n_looks"].clone()), (None, json!(2)));
    assert_eq!(windows(&edge, "").await["windows"][0]["n"], 75);
}

#[tokio::test]
async fn a_version_that_cannot_be_read_does_not_hide_the_other() {
    let edge = Edge::new();
    edge.publish(harness::trained(&iris_csv(), &model_core::CsvOptions::default())).await;
    let trial = json!({"challenger": 2, "split_basis_points": 5_000});
    edge.change("PUT", "/api/v1/deployment", &trial).await;
    ask(&edge, rows((0..300).map(|at| at % 150), 0.0)).await;
    let key =
        edge.artifacts.keys().into_iter().map(|key| key.rsplit('/').next().unwrap().to_owned());
    key.for_each(|id| edge.artifacts.tamper(ArtifactKey::Model(&id), None));
    let watching = look(&edge).await;
    assert!(watching["failure"].as_str().unwrap().starts_with("version 2: "), "{watching}");
    let listed = windows(&edge, "").await;
    assert_eq!(listed["windows"].as_array().unwrap().len(), 1);
    assert_eq!(listed["windows"][0]["version"], 1);
    assert!(edge.get("/metrics").await.text.contains("tepal_watch_up 0"));
}

#[tokio::test]
async fn only_who_may_read_sees_windows_and_unknown_ones_are_not_found() {
    let edge = Edge::new();
    assert_eq!(edge.get("/api/v1/monitoring/windows").await.status, StatusCode::UNAUTHORIZED);
    for path in ["1", "x", "-1", "99999999999999999999"] {
        let answer = edge.as_owner("GET", &format!("/api/v1/monitoring/windows/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let faulty = edge.as_owner("GET", "/api/v1/monitoring/windows?limit=0").await;
    assert_eq!(faulty.status, StatusCode::BAD_REQUEST);
}
