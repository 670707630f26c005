//! The loop: trials, step by step, by what labels say.

#![allow(clippy::panic, clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use std::ops::ControlFlow;

use harness::{Edge, SETOSA};
use http::StatusCode;
use model_core::{Artifact, CsvOptions, Dataset, TrainParams, Training};
use serde_json::{Value, json};
use tepal_worker::ports::ArtifactKey;

const NAMES: [&str; 3] = ["setosa", "versicolor", "virginica"];

/// A model of the iris data whose classes have these names: a good one if they are right.
fn model(names: [&str; 3]) -> Vec<u8> {
    let data = Dataset::iris();
    let mut csv = "sepal_length,sepal_width,petal_length,petal_width,species\n".to_owned();
    // Setosa first: classes are numbered by their names.
    for at in 0..150 {
        let row: Vec<String> = data.row(at).iter().map(f64::to_string).collect();
        csv += &format!("{},{}\n", row.join(","), names[at / 50]);
    }
    harness::trained(&csv, &CsvOptions::default())
}

fn good() -> Vec<u8> {
    model(NAMES)
}

/// Right at setosa alone.
fn bad() -> Vec<u8> {
    model(["setosa", "virginica", "versicolor"])
}

/// Asks for `n` rows and says what each was; every so many are of each class.
async fn play(edge: &Edge, n: usize) {
    play_longer(edge, n, 0.0).await;
}

/// The same of flowers whose sepals are so much longer.
async fn play_longer(edge: &Edge, n: usize, by: f64) {
    let data = Dataset::iris();
    let mut labels = Vec::new();
    for at in 0..n {
        let at = (at * 37) % 150;
        let row = data.row(at);
        let body = json!({
            "sepal_length": row[0] + by, "sepal_width": row[1],
            "petal_length": row[2], "petal_width": row[3],
        });
        let answer = edge.predict(body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        labels.push(json!({"id": answer.json()["id"], "label": NAMES[at / 50]}));
        edge.clock.advance(10);
    }
    // Rows have to be in the log before they can have a label.
    edge.settle().await;
    for labels in labels.chunks(100) {
        let body = json!({"labels": labels});
        let answer = edge.change("POST", "/api/v1/feedback", &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let results = answer.json()["results"].clone();
        let mut results = results.as_array().unwrap().iter();
        assert!(results.all(|result| result["status"] == "recorded"), "{}", answer.text);
    }
}

async fn ok(edge: &Edge, method: &str, path: &str, body: &Value) -> Value {
    let answer = edge.change(method, path, body).await;
    assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
    answer.json()
}

async fn policy(edge: &Edge, mode: &str) {
    let policy = json!({
        "mode": mode, "stage_labels": [20, 20, 20], "max_labels": 200, "probation_labels": 60,
    });
    ok(edge, "PUT", "/api/v1/policy", &policy).await;
}

/// Looks, and what was decided.
async fn look(edge: &Edge) -> Value {
    let looked = edge.as_owner("POST", "/api/v1/monitoring/look").await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.text);
    assert_eq!(looked.json().get("failure"), None, "{}", looked.text);
    // So long may an isolate remember who served.
    edge.clock.advance(11_000);
    newest(edge).await
}

async fn newest(edge: &Edge) -> Value {
    let listed = edge.as_owner("GET", "/api/v1/monitoring/decisions?limit=1").await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.text);
    listed.json()["decisions"][0].clone()
}

async fn deployment(edge: &Edge) -> Value {
    edge.as_owner("GET", "/api/v1/deployment").await.json()
}

/// Step and outcome of a decision.
fn step(decision: &Value) -> (&str, &str) {
    let text = |name: &str| decision[name].as_str().unwrap_or_else(|| panic!("{decision}"));
    (text("step"), text("outcome"))
}

/// Actions of the ledger, oldest first, which must be whole.
async fn story(edge: &Edge) -> Vec<String> {
    let verified = edge.as_owner("GET", "/api/v1/audit/verify").await.json();
    assert_eq!(verified["valid"], true, "{verified}");
    let page = edge.as_owner("GET", "/api/v1/audit?limit=1000").await.json();
    let entries = page["entries"].as_array().unwrap().iter().rev();
    entries.map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_better_challenger_is_promoted_stage_by_stage_and_passes_its_probation() {
    let edge = Edge::with_model(&bad()).await;
    policy(&edge, "auto").await;
    let begun = ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 1})).await;
    assert_eq!((&begun["trial"]["stage"], &begun["mode"]), (&json!("shadow"), &json!("shadow")));
    let waits = look(&edge).await;
    assert_eq!(step(&waits), ("wait", "nothing"), "{waits}");
    assert!(waits["says"].as_str().unwrap().contains("0 of the 20 labelled rows"), "{waits}");
    for (stage, mode, split) in [("tenth", "live", 1_000), ("half", "live", 5_000)] {
        play(&edge, 20).await;
        let decision = look(&edge).await;
        assert_eq!(step(&decision), ("advance", "done"), "{decision}");
        let now = deployment(&edge).await;
        assert_eq!((&now["trial"]["stage"], &now["mode"]), (&json!(stage), &json!(mode)));
        assert_eq!(now["split_basis_points"], split);
    }
    play(&edge, 20).await;
    let promoted = look(&edge).await;
    assert_eq!(step(&promoted), ("promote", "done"), "{promoted}");
    assert_eq!(promoted["evidence"]["labelled"], 60, "all stages count");
    let now = deployment(&edge).await;
    assert_eq!(
        (&now["champion"]["version"], &now["challenger"]["version"]),
        (&json!(1), &json!(2))
    );
    assert_eq!((&now["trial"]["stage"], &now["mode"]), (&json!("probation"), &json!("shadow")));
    assert_eq!(now["previous_champion"]["version"], 2);
    let watched = look(&edge).await;
    assert_eq!(step(&watched), ("wait", "nothing"));
    assert_eq!(watched["evidence"]["labelled"], 0, "probation is counted anew");
    play(&edge, 60).await;
    assert_eq!(step(&look(&edge).await), ("pass", "done"));
    let alone = deployment(&edge).await;
    assert_eq!((&alone["challenger"], alone.get("trial")), (&Value::Null, None));
    assert_eq!(step(&look(&edge).await), ("wait", "nothing"));
    let expected = [
        "publish", "publish", "deploy", "policy", "rollout", "rollout", "rollout", "promote",
        "rollout",
    ];
    assert_eq!(story(&edge).await, expected);
}

#[tokio::test]
async fn a_worse_challenger_is_given_up_and_never_answers() {
    let edge = Edge::new();
    edge.publish(bad()).await;
    policy(&edge, "auto").await;
    ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 2, "reason": "try it"})).await;
    play(&edge, 40).await;
    let dropped = look(&edge).await;
    assert_eq!(step(&dropped), ("drop", "done"), "{dropped}");
    let says = dropped["says"].as_str().unwrap();
    assert!(says.contains("right 70.0 points less often than version 1 (p < 0.0001"), "{says}");
    let now = deployment(&edge).await;
    assert_eq!((&now["champion"]["version"], &now["challenger"]), (&json!(1), &Value::Null));
    let rows = edge.as_owner("GET", "/api/v1/predictions").await.json();
    let rows = rows["predictions"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["model_version"] == 1 && row["trial"]["model_version"] == 2));
    // The ledger tells the evidence, with fractions as text.
    let page = edge.as_owner("GET", "/api/v1/audit?limit=1").await.json();
    let details = &page["entries"][0]["details"];
    assert_eq!((&page["entries"][0]["actor"], &details["step"]), (&json!("loop"), &json!("drop")));
    assert_eq!(details["evidence"]["labelled"], 40);
    assert!(details["evidence"]["p_value_worse"].is_string(), "{details}");
}

#[tokio::test]
async fn a_champion_put_on_probation_by_hand_is_taken_back_if_the_one_before_is_better() {
    let edge = Edge::new();
    edge.publish(bad()).await;
    // As by default: whoever serves is asked about, but a failing champion is taken back at once.
    policy(&edge, "approve").await;
    let promoted = json!({"champion": 2, "probation": true});
    let now = ok(&edge, "PUT", "/api/v1/deployment", &promoted).await;
    assert_eq!(
        (&now["trial"]["stage"], &now["challenger"]["version"]),
        (&json!("probation"), &json!(1))
    );
    play(&edge, 40).await;
    let decision = look(&edge).await;
    assert_eq!(step(&decision), ("roll_back", "done"), "{decision}");
    let now = deployment(&edge).await;
    assert_eq!((&now["champion"]["version"], &now["challenger"]), (&json!(1), &Value::Null));
    assert_eq!(edge.predict(SETOSA).await.json()["model_version"], 1);
    // It does not come back by itself.
    play(&edge, 40).await;
    assert_eq!(step(&look(&edge).await), ("wait", "nothing"));
    assert_eq!(story(&edge).await, ["publish", "publish", "policy", "deploy", "rollback"]);
    let none = edge.change("PUT", "/api/v1/deployment", &json!({"probation": true})).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody else serves: {}", none.text);
}

#[tokio::test]
async fn what_changes_who_answers_waits_for_its_owner() {
    let edge = Edge::with_model(&bad()).await;
    policy(&edge, "approve").await;
    let too_early = edge.change("POST", "/api/v1/rollout/approve", &json!({})).await;
    assert_eq!(too_early.status, StatusCode::CONFLICT);
    assert!(too_early.text.contains("There is no step to take"), "{}", too_early.text);
    ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 1})).await;
    play(&edge, 20).await;
    for _ in 0..2 {
        assert_eq!(step(&look(&edge).await), ("advance", "waits"));
    }
    assert_eq!(deployment(&edge).await["trial"]["stage"], "shadow");
    let approved = ok(&edge, "POST", "/api/v1/rollout/approve", &json!({})).await;
    assert_eq!(step(&approved), ("advance", "done"));
    assert_eq!(deployment(&edge).await["trial"]["stage"], "tenth");
    let page = edge.as_owner("GET", "/api/v1/audit?limit=1").await.json();
    assert_eq!(page["entries"][0]["actor"], "owner", "who approved did it");
    // There is nothing more to approve yet.
    let again = edge.change("POST", "/api/v1/rollout/approve", &json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    assert_eq!(deployment(&edge).await["trial"]["stage"], "tenth");
}

#[tokio::test]
async fn a_loop_that_is_off_says_what_it_would_do() {
    let edge = Edge::new();
    edge.publish(bad()).await;
    policy(&edge, "off").await;
    ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 2})).await;
    play(&edge, 40).await;
    assert_eq!(step(&look(&edge).await), ("drop", "off"));
    assert_eq!(deployment(&edge).await["challenger"]["version"], 2);
    let ended = ok(&edge, "DELETE", "/api/v1/rollout", &json!({"reason": "seen enough"})).await;
    assert_eq!((&ended["challenger"], ended.get("trial")), (&Value::Null, None));
    let again = edge.change("DELETE", "/api/v1/rollout", &json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn whoever_deals_the_requests_by_hand_ends_the_trial() {
    let edge = Edge::new();
    edge.publish(bad()).await;
    policy(&edge, "auto").await;
    ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 2})).await;
    let second = edge.change("POST", "/api/v1/rollout", &json!({"challenger": 2})).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.text);
    let open = ok(&edge, "PUT", "/api/v1/deployment", &json!({"public_artifact": true})).await;
    assert_eq!(open["trial"]["stage"], "shadow", "that is about something else");
    let by_hand =
        ok(&edge, "PUT", "/api/v1/deployment", &json!({"split_basis_points": 5_000})).await;
    assert_eq!(by_hand.get("trial"), None);
    play(&edge, 40).await;
    assert_eq!(step(&look(&edge).await), ("wait", "nothing"));
    assert_eq!(deployment(&edge).await["challenger"]["version"], 2);
    // Labels of rows from before belong to no trial of later.
    ok(&edge, "PUT", "/api/v1/deployment", &json!({"challenger": null})).await;
    ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 2})).await;
    assert_eq!(look(&edge).await["evidence"]["labelled"], 0);
}

#[tokio::test]
async fn a_row_that_is_erased_no_longer_speaks_for_anybody() {
    let edge = Edge::new();
    edge.publish(good()).await;
    policy(&edge, "auto").await;
    ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 2})).await;
    play(&edge, 10).await;
    assert_eq!(look(&edge).await["evidence"]["labelled"], 10);
    let rows = edge.as_owner("GET", "/api/v1/predictions?limit=1").await.json();
    let id = rows["predictions"][0]["id"].as_str().unwrap().to_owned();
    let erased = edge.as_owner("DELETE", &format!("/api/v1/predictions?id={id}")).await;
    assert!(erased.status.is_success(), "{}", erased.text);
    assert_eq!(look(&edge).await["evidence"]["labelled"], 9);
}

#[tokio::test]
async fn a_challenger_whose_file_is_lost_is_given_up_for_its_errors() {
    let edge = Edge::new();
    edge.publish(good()).await;
    policy(&edge, "auto").await;
    ok(&edge, "POST", "/api/v1/rollout", &json!({"challenger": 2})).await;
    let keys = edge.artifacts.keys();
    let ids = keys.iter().map(|key| key.rsplit('/').next().unwrap());
    ids.for_each(|id| edge.artifacts.tamper(ArtifactKey::Model(id), None));
    play(&edge, 30).await;
    let dropped = look_at_errors(&edge).await;
    assert_eq!(step(&dropped), ("drop", "done"), "{dropped}");
    assert!(dropped["says"].as_str().unwrap().contains("could not answer 30 rows"), "{dropped}");
    let metrics = edge.get("/metrics").await.text;
    assert!(metrics.contains("tepal_trial_errors_total{"), "{metrics}");
}

/// As [`look`], where the windows may have a failure to tell.
async fn look_at_errors(edge: &Edge) -> Value {
    edge.as_owner("POST", "/api/v1/monitoring/look").await;
    newest(edge).await
}

#[tokio::test]
async fn every_look_is_kept_also_if_nothing_is_done() {
    let edge = Edge::new();
    for number in 1..=3 {
        let decision = look(&edge).await;
        assert_eq!((&decision["number"], step(&decision)), (&json!(number), ("wait", "nothing")));
        assert!(decision["says"].as_str().unwrap().contains("nothing asks for another model"));
    }
    let first = edge.as_owner("GET", "/api/v1/monitoring/decisions?limit=2").await.json();
    assert_eq!(first["decisions"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let path = format!("/api/v1/monitoring/decisions?limit=2&cursor={cursor}");
    let rest = edge.as_owner("GET", &path).await.json();
    assert_eq!((&rest["decisions"][0]["number"], rest.get("next_cursor")), (&json!(1), None));
}

#[tokio::test]
async fn a_champion_that_is_right_too_seldom_is_trained_anew_and_the_new_one_put_on_trial() {
    let edge = Edge::with_model(&bad()).await;
    play(&edge, 120).await;
    let decision = look(&edge).await;
    assert_eq!(step(&decision), ("retrain", "done"), "{decision}");
    let says = decision["says"].as_str().unwrap();
    assert!(says.contains("where 90.0 % are asked for"), "{says}");
    assert!(says.ends_with("Models are trained on the newest labelled rows."), "{says}");
    assert_eq!(decision["evidence"]["retraining"], 1);
    let begun = retraining(&edge).await;
    assert_eq!((&begun["state"], &begun["triggers"]), (&json!("gathering"), &json!(["accuracy"])));

    let mut seen = Vec::new();
    while edge.watcher.alarm().await.unwrap() {
        let now = retraining(&edge).await;
        seen.push((now["state"].as_str().unwrap().to_owned(), now["share"].as_f64().unwrap()));
    }
    assert!(seen.is_sorted_by(|a, b| a.1 <= b.1), "{seen:?}");
    assert!(seen.iter().filter(|(state, _)| state == "training").count() >= 4, "{seen:?}");
    let ended = retraining(&edge).await;
    assert_eq!((&ended["state"], &ended["rows"]), (&json!("published"), &json!(120)), "{ended}");
    assert_eq!((&ended["version"], &ended["champion"]), (&json!(3), &json!(2)));
    assert!(ended["evidence"]["gain"].as_f64().unwrap() > 0.5, "{ended}");
    assert!(ended["says"].as_str().unwrap().contains("in the champion's shadow"), "{ended}");
    assert_eq!(ended["model_id"], expected_model(120), "the same as the same training elsewhere");
    while edge.watcher.alarm().await.unwrap() {}
    let alerts = edge.as_owner("GET", "/api/v1/alerts").await.json()["alerts"].clone();
    let ends = |alert: &&Value| alert["kind"] == "retraining";
    let told: Vec<_> = alerts.as_array().unwrap().iter().filter(ends).collect();
    assert_eq!(told.len(), 1, "its end is told once: {alerts}");
    assert_eq!(told[0]["retraining"], 1);
    assert!(told[0]["says"].as_str().unwrap().ends_with(ended["says"].as_str().unwrap()));

    let version = edge.as_owner("GET", "/api/v1/models/3").await.json();
    assert_eq!((&version["carries_rows"], &version["verified_rows"]), (&json!(0), &Value::Null));
    assert!(version["description"].as_str().unwrap().contains("120 labelled rows"), "{version}");
    let now = deployment(&edge).await;
    assert_eq!(
        (&now["challenger"]["version"], &now["trial"]["stage"]),
        (&json!(3), &json!("shadow"))
    );
    let told = story(&edge).await;
    assert_eq!(told[told.len() - 2..], ["retrain", "rollout"], "{told:?}");
    let entries = edge.as_owner("GET", "/api/v1/audit?limit=2").await.json();
    let details = &entries["entries"][1]["details"];
    assert_eq!(
        (&details["parent"], &details["rows"], &details["triggers"]),
        (&json!(2), &json!(120), &json!(["accuracy"]))
    );
    assert_eq!(entries["entries"][1]["actor"], "loop");
    // There is nothing left to do by itself, and the trial goes on.
    assert!(!edge.watcher.alarm().await.unwrap());
    assert_eq!(step(&look(&edge).await), ("wait", "nothing"));
}

/// Id of the model that the same labelled rows give without an edge.
fn expected_model(n: usize) -> Value {
    let iris = Dataset::iris();
    let champion = Artifact::from_bytes(&bad()).unwrap();
    let at = |at: usize| (at * 37) % 150;
    let rows: Vec<_> =
        (0..n).map(|row| champion.schema().row(iris.row(at(row))).unwrap()).collect();
    let labels = (0..n).map(|row| iris.label(at(row))).collect();
    let data = Dataset::of_known_rows(champion.schema(), &rows, labels).unwrap();
    let train = |params| {
        Training::of_renewal(&data, params).unwrap().run(&mut |_| ControlFlow::Continue(()))
    };
    let models: Vec<_> =
        TrainParams::of_renewal(42).into_iter().map(|params| train(params).unwrap()).collect();
    let best = model_core::select_best(&models).unwrap();
    json!(models[best].without_rows().unwrap().id().to_string())
}

/// The newest retraining.
async fn retraining(edge: &Edge) -> Value {
    let listed = edge.as_owner("GET", "/api/v1/retrain").await;
    assert_eq!(listed.status, StatusCode::OK, "{}", listed.text);
    listed.json()["retrainings"][0].clone()
}

/// Does all that there is to do by itself, and how the newest retraining stands then.
async fn work(edge: &Edge) -> Value {
    while edge.watcher.alarm().await.unwrap() {}
    retraining(edge).await
}

#[tokio::test]
async fn a_model_that_is_no_better_is_not_published() {
    let edge = Edge::with_model(&good()).await;
    let too_few = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(too_few.status, StatusCode::CONFLICT);
    assert!(too_few.text.contains("Of the 50 labelled rows"), "{}", too_few.text);
    play(&edge, 60).await;
    let begun = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    assert_eq!(
        (&begun.json()["actor"], &begun.json()["triggers"]),
        (&json!("owner"), &json!(["hand"]))
    );
    let again = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text.contains("A training is under way"), "{}", again.text);
    let ended = work(&edge).await;
    assert_eq!(ended["state"], "not_better", "{ended}");
    assert!(ended["says"].as_str().unwrap().contains("It is not published."), "{ended}");
    let listed = edge.as_owner("GET", "/api/v1/models").await.json();
    assert_eq!(listed["models"].as_array().unwrap().len(), 2);
    // The clock waits longer than somebody who asks.
    ok(&edge, "PUT", "/api/v1/policy", &json!({"every_hours": 1.0, "max_per_day": 2})).await;
    edge.clock.advance(2 * 3_600_000);
    let decision = look(&edge).await;
    assert_eq!(step(&decision), ("wait", "nothing"), "it is due, and too soon: {decision}");
    let second = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(second.status, StatusCode::ACCEPTED, "{}", second.text);
    work(&edge).await;
    let third = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(third.status, StatusCode::CONFLICT);
    assert!(third.text.contains("There were 2 trainings in 24 hours"), "{}", third.text);
    // A day later both the clock and the policy allow it.
    edge.clock.advance(25 * 3_600_000);
    let decision = look(&edge).await;
    assert_eq!(step(&decision), ("retrain", "done"), "{decision}");
    assert_eq!(retraining(&edge).await["triggers"], json!(["schedule"]));
}

#[tokio::test]
async fn a_retraining_is_stopped_and_one_whose_rows_are_erased_is_thrown_away() {
    let edge = Edge::with_model(&bad()).await;
    let none = edge.as_owner("DELETE", "/api/v1/retrain").await;
    assert_eq!(none.status, StatusCode::CONFLICT);
    play(&edge, 60).await;
    for _ in 0..2 {
        assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
        for _ in 0..2 {
            assert!(edge.watcher.alarm().await.unwrap());
        }
        let stopped = edge.as_owner("DELETE", "/api/v1/retrain").await;
        assert_eq!(stopped.status, StatusCode::OK, "{}", stopped.text);
        assert_eq!(stopped.json()["state"], "cancelled");
        assert!(!edge.watcher.alarm().await.unwrap(), "nothing goes on");
    }
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    assert!(edge.watcher.alarm().await.unwrap());
    let rows = edge.as_owner("GET", "/api/v1/predictions?limit=1").await.json();
    let id = rows["predictions"][0]["id"].as_str().unwrap();
    let erased = edge.as_owner("DELETE", &format!("/api/v1/predictions?id={id}")).await;
    assert!(erased.status.is_success(), "{}", erased.text);
    let ended = work(&edge).await;
    assert_eq!(ended["state"], "cancelled", "{ended}");
    assert!(ended["says"].as_str().unwrap().contains("was erased"), "{ended}");
    let listed = edge.as_owner("GET", "/api/v1/models").await.json();
    assert_eq!(listed["models"].as_array().unwrap().len(), 2, "nothing was published");
}

#[tokio::test]
async fn a_loop_that_is_off_trains_for_nobody_but_who_asks() {
    let edge = Edge::with_model(&bad()).await;
    policy(&edge, "off").await;
    play(&edge, 60).await;
    assert_eq!(step(&look(&edge).await), ("retrain", "off"));
    assert_eq!(retraining(&edge).await, Value::Null);
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    let ended = work(&edge).await;
    assert_eq!(ended["state"], "published", "{ended}");
    // A trial is under way now, whose challenger nobody takes away by asking for another.
    let refused = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("A trial is under way"), "{}", refused.text);
}

#[tokio::test]
async fn a_model_of_the_loop_is_held_against_rows_that_did_not_train_it() {
    let edge = Edge::with_model(&bad()).await;
    policy(&edge, "auto").await;
    play(&edge, 60).await;
    look(&edge).await;
    assert_eq!(work(&edge).await["state"], "published");
    let promoted = ok(&edge, "PUT", "/api/v1/deployment", &json!({"champion": 3})).await;
    assert_eq!(promoted["champion"]["version"], 3);
    edge.clock.advance(11_000);
    play(&edge, 60).await;
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    let ended = work(&edge).await;
    assert_eq!((&ended["state"], &ended["rows"]), (&json!("not_better"), &json!(120)), "{ended}");
    assert_eq!(ended["evidence"]["p_value"], Value::Null, "folds hold rows that trained it");
    assert_eq!(ended["evidence"]["held_out"], 24);
}

/// An edge whose retraining is about to hold its best model against the champion.
async fn comparing() -> Edge {
    let edge = Edge::with_model(&bad()).await;
    play(&edge, 60).await;
    look(&edge).await;
    while retraining(&edge).await["state"] != "comparing" {
        assert!(edge.watcher.alarm().await.unwrap());
    }
    edge
}

#[tokio::test]
async fn what_fails_is_tried_again_and_not_for_ever() {
    let edge = comparing().await;
    edge.registry.set_failing(true);
    for wait in [10_000, 60_000] {
        assert!(!edge.watcher.alarm().await.unwrap(), "it is tried again, but not at once");
        let now = retraining(&edge).await;
        assert!(now["says"].as_str().unwrap().contains("is tried again"), "{now}");
        edge.clock.advance(wait - 1);
        edge.watcher.alarm().await.unwrap();
        assert_eq!(retraining(&edge).await, now, "it waits");
        edge.clock.advance(1);
    }
    edge.registry.set_failing(false);
    assert_eq!(work(&edge).await["state"], "published");

    // One that fails so often at the same step is over, and says why.
    let edge = comparing().await;
    edge.registry.set_failing(true);
    for _ in 0..6 {
        edge.watcher.alarm().await.unwrap();
        edge.clock.advance(4 * 3_600_000);
    }
    edge.registry.set_failing(false);
    let ended = retraining(&edge).await;
    assert_eq!(ended["state"], "failed", "{ended}");
    let says = ended["says"].as_str().unwrap();
    assert!(says.contains("5 times") && says.contains("can't be reached"), "{ended}");
}

#[tokio::test]
async fn what_changed_while_it_was_trained_is_not_passed_over() {
    // Another champion, which the new model was not held against.
    let edge = comparing().await;
    edge.change("PUT", "/api/v1/deployment", &json!({"champion": 1})).await;
    let ended = work(&edge).await;
    assert_eq!(ended["state"], "cancelled", "{ended}");
    assert!(ended["says"].as_str().unwrap().contains("Version 1 serves by now"), "{ended}");
    // A loop that is off.
    let edge = comparing().await;
    policy(&edge, "off").await;
    let ended = work(&edge).await;
    assert_eq!(ended["state"], "cancelled", "{ended}");
    let listed = edge.as_owner("GET", "/api/v1/models").await.json();
    assert_eq!(listed["models"].as_array().unwrap().len(), 2, "nothing was published");
}

#[tokio::test]
async fn a_version_that_was_given_up_is_not_tried_again_by_itself() {
    let edge = comparing().await;
    policy(&edge, "auto").await;
    assert_eq!(work(&edge).await["state"], "published");
    ok(&edge, "DELETE", "/api/v1/rollout", &json!({})).await;
    edge.clock.advance(25 * 3_600_000);
    look(&edge).await;
    let again = work(&edge).await;
    assert_eq!((&again["number"], &again["state"]), (&json!(2), &json!("not_better")), "{again}");
    assert!(again["says"].as_str().unwrap().contains("give version 3 once more"), "{again}");
    // Who asks for it gets it.
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    assert_eq!(work(&edge).await["state"], "published");
    assert_eq!(deployment(&edge).await["challenger"]["version"], 3);
}

#[tokio::test]
async fn rows_that_lack_what_they_had_are_not_learnt_from() {
    let mut csv = "size,weight,kind\n".to_owned();
    for at in 0..60 {
        let weight = if at % 10 == 9 { String::new() } else { (at % 7).to_string() };
        csv += &format!("{},{weight},{}\n", at % 6 + at % 2 * 6, ["a", "b"][at % 2]);
    }
    let options = CsvOptions { allow_missing: true, ..CsvOptions::default() };
    let edge = Edge::with_model(&harness::trained(&csv, &options)).await;
    let mut labels = Vec::new();
    for at in 0..60 {
        // Somebody no longer sends the weight.
        let body = json!({"size": at % 6 + at % 2 * 6, "weight": null});
        let answer = edge.predict(body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let label = ["a", "b"][at % 2];
        labels.push(json!({"id": answer.json()["id"], "label": label}));
        edge.clock.advance(10);
    }
    edge.settle().await;
    ok(&edge, "POST", "/api/v1/feedback", &json!({"labels": labels})).await;
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    let ended = work(&edge).await;
    assert_eq!(ended["state"], "no_data", "{ended}");
    assert!(ended["says"].as_str().unwrap().contains("\"weight\": 100.0 %"), "{ended}");
}

#[tokio::test]
async fn a_policy_is_checked_kept_and_told_by_the_ledger() {
    let edge = Edge::new();
    let read = edge.as_owner("GET", "/api/v1/policy").await;
    let before = read.json();
    assert_eq!(
        (&before["policy"]["mode"], &before["policy"]["alpha"]),
        (&json!("approve"), &json!(0.05))
    );
    let tag = read.headers["etag"].to_str().unwrap();
    let wanted = json!({"mode": "auto", "min_gain": 0.01});
    let changed = edge.change_if("PUT", "/api/v1/policy", &wanted, tag).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(changed.json()["policy"]["min_gain"], 0.01);
    let late = edge.change_if("PUT", "/api/v1/policy", &json!({}), tag).await;
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    for (body, words) in [
        (json!({"alpha": 0}), "give a share from 0.0001 to 0.5"),
        (json!({"min_gian": 0.01}), "min_gian"),
        (json!({"max_labels": 10}), "at least the sum of `stage_labels`"),
    ] {
        let refused = edge.change("PUT", "/api/v1/policy", &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert!(refused.text.contains(words), "{}", refused.text);
    }
    let entries = edge.as_owner("GET", "/api/v1/audit?limit=1").await.json();
    let details = &entries["entries"][0]["details"];
    assert_eq!(
        (&details["from"]["mode"], &details["to"]["mode"]),
        (&json!("approve"), &json!("auto"))
    );
    assert_eq!(edge.get("/api/v1/policy").await.status, StatusCode::UNAUTHORIZED);
}

/// The iris data as rows of this name, as the page hands them over.
fn flowers(header: &str) -> Dataset {
    let data = Dataset::iris();
    let mut csv = format!("{header}\n");
    for at in 0..150 {
        let row: Vec<String> = data.row(at).iter().map(f64::to_string).collect();
        csv += &format!("{},{}\n", row.join(","), NAMES[at / 50]);
    }
    Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap()
}

const HEADER: &str = "sepal_length,sepal_width,petal_length,petal_width,species";

async fn keep(edge: &Edge, bytes: Vec<u8>) -> harness::Answer {
    edge.upload("/api/v1/datasets", bytes).await
}

#[tokio::test]
async fn rows_that_come_along_are_kept_listed_and_deleted_by_one_call() {
    let edge = Edge::new();
    let rows = flowers(HEADER);
    let hash = rows.digest().to_string();
    let kept = keep(&edge, rows.to_bytes()).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
    assert_eq!((&kept.json()["data_hash"], &kept.json()["rows"]), (&json!(hash), &json!(150)));
    assert_eq!(keep(&edge, rows.to_bytes()).await.status, StatusCode::OK, "they are the same");
    let listed = edge.as_owner("GET", "/api/v1/datasets").await.json();
    assert_eq!(listed["datasets"].as_array().unwrap().len(), 1, "{listed}");
    let meant = format!("/api/v1/datasets?data_hash={}", "0".repeat(64));
    let others = edge.upload(&meant, rows.to_bytes()).await;
    assert_eq!(others.status, StatusCode::PRECONDITION_FAILED, "{}", others.text);
    assert!(others.text.contains(&hash), "{}", others.text);
    let meant = format!("/api/v1/datasets?data_hash={hash}");
    assert_eq!(edge.upload(&meant, rows.to_bytes()).await.status, StatusCode::OK);
    let cut_off = keep(&edge, rows.to_bytes()[..900].to_vec()).await;
    assert_eq!(cut_off.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", cut_off.text);
    assert_eq!(cut_off.json()["type"], "/docs#invalid-dataset");
    let path = format!("/api/v1/datasets/{hash}");
    edge.artifacts.set_failing(true);
    let failed = edge.as_owner("DELETE", &path).await.status;
    assert_eq!(failed, StatusCode::SERVICE_UNAVAILABLE);
    edge.artifacts.set_failing(false);
    let listed = edge.as_owner("GET", "/api/v1/datasets").await.json();
    assert_eq!(
        listed["datasets"][0]["data_hash"],
        json!(hash),
        "still shown as long as it is there"
    );
    assert_eq!(edge.as_owner("DELETE", &path).await.status, StatusCode::OK);
    assert_eq!(edge.as_owner("DELETE", &path).await.status, StatusCode::NOT_FOUND);
    assert!(!edge.artifacts.keys().iter().any(|key| key.contains(&hash)), "the file is gone");
    assert_eq!(edge.as_owner("GET", "/api/v1/datasets").await.json()["datasets"], json!([]));
    assert_eq!(story(&edge).await, ["dataset_kept", "dataset_deleted"]);
}

#[tokio::test]
async fn no_rows_are_kept_that_no_list_shows() {
    let edge = Edge::new();
    let rows = flowers(HEADER);
    let hash = rows.digest().to_string();
    let has_file = || edge.artifacts.keys().iter().any(|key| key.contains(&hash));
    edge.artifacts.set_failing(true);
    let failed = keep(&edge, rows.to_bytes()).await.status;
    assert_eq!(failed, StatusCode::SERVICE_UNAVAILABLE);
    edge.artifacts.set_failing(false);
    let listed = edge.as_owner("GET", "/api/v1/datasets").await.json();
    assert_eq!(listed["datasets"][0]["data_hash"], json!(hash));
    assert!(!has_file());
    assert_eq!(keep(&edge, rows.to_bytes()).await.status, StatusCode::OK, "made good");
    assert!(has_file());
    // As many as there may be: the next one is refused before anything of it is stored.
    for at in 1..16 {
        let others = flowers(&format!("a{at},b,c,d,species")).to_bytes();
        assert_eq!(keep(&edge, others).await.status, StatusCode::CREATED);
    }
    let n_files = edge.artifacts.keys().len();
    let refused = keep(&edge, flowers("a,b,c,d,species").to_bytes()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(edge.artifacts.keys().len(), n_files);
}

#[tokio::test]
async fn a_few_labelled_rows_are_enough_beside_kept_ones() {
    let edge = Edge::with_model(&bad()).await;
    // Rows with other columns are of no use to it.
    let others = flowers("a,b,c,d,species").to_bytes();
    assert_eq!(keep(&edge, others).await.status, StatusCode::CREATED);
    play(&edge, 20).await;
    let too_few = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(too_few.status, StatusCode::CONFLICT, "{}", too_few.text);
    let rows = flowers(HEADER);
    assert_eq!(keep(&edge, rows.to_bytes()).await.status, StatusCode::CREATED);
    let begun = edge.as_owner("POST", "/api/v1/retrain").await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text);
    let ended = work(&edge).await;
    assert_eq!(ended["state"], "published", "{ended}");
    assert_eq!((&ended["rows"], &ended["kept_rows"]), (&json!(20), &json!(80)), "four each");
    assert_eq!(ended["evidence"].get("cross_validated_rows"), Some(&Value::Null), "{ended}");
    assert_eq!(ended["evidence"]["held_out"], 17, "a fifth of each class, those of today: {ended}");
    let says = ended["says"].as_str().unwrap();
    assert!(says.contains("was trained on 20 labelled rows and 80 kept ones"), "{says}");
    let version = ended["version"].as_u64().unwrap();
    let model = edge.as_owner("GET", &format!("/api/v1/models/{version}")).await.json();
    assert_eq!(model["carries_rows"], 0, "{model}");
}

#[tokio::test]
async fn no_kept_row_trains_that_is_a_labelled_one_too() {
    let edge = Edge::with_model(&bad()).await;
    play(&edge, 140).await;
    keep(&edge, flowers(HEADER).to_bytes()).await;
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    let ended = work(&edge).await;
    let kept = ended["kept_rows"].as_u64().unwrap();
    // Some flowers are there twice: at most the ten that were not asked.
    assert!((1..=10).contains(&kept), "{ended}");
    assert_eq!(ended["rows"], 140, "{ended}");
}

#[tokio::test]
async fn where_rows_have_changed_none_of_before_train() {
    let edge = Edge::with_model(&bad()).await;
    policy(&edge, "off").await;
    keep(&edge, flowers(HEADER).to_bytes()).await;
    for _ in 0..3 {
        play_longer(&edge, 60, 2.0).await;
        look(&edge).await;
    }
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    let ended = work(&edge).await;
    let triggers = ended["triggers"].as_array().unwrap();
    assert!(triggers.contains(&json!("drift")), "{ended}");
    assert_eq!((&ended["rows"], ended.get("kept_rows")), (&json!(180), None), "{ended}");
}

#[tokio::test]
async fn a_champion_whose_file_is_lost_is_still_looked_at() {
    let edge = Edge::with_model(&bad()).await;
    keep(&edge, flowers(HEADER).to_bytes()).await;
    play(&edge, 20).await;
    let model = edge.as_owner("GET", "/api/v1/models/2").await.json();
    edge.artifacts.tamper(ArtifactKey::Model(model["model_id"].as_str().unwrap()), None);
    // An isolate that never loaded it.
    edge.clock.advance(11_000);
    let decision = look_at_errors(&edge).await;
    assert_eq!(step(&decision), ("retrain", "waits"), "{decision}");
    assert_eq!(
        decision["evidence"]["rows_to_train_on"], 20,
        "nobody knows what it reads: {decision}"
    );
}

#[tokio::test]
async fn a_training_is_thrown_away_whose_kept_rows_are_deleted() {
    let edge = Edge::with_model(&bad()).await;
    let rows = flowers(HEADER);
    keep(&edge, rows.to_bytes()).await;
    play(&edge, 60).await;
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    assert!(edge.watcher.alarm().await.unwrap());
    let now = retraining(&edge).await;
    assert_eq!(now["kept_data_hash"], rows.digest().to_string(), "{now}");
    let path = format!("/api/v1/datasets/{}", rows.digest());
    assert_eq!(edge.as_owner("DELETE", &path).await.status, StatusCode::OK);
    assert!(!edge.watcher.alarm().await.unwrap(), "the next step ends it");
    let ended = retraining(&edge).await;
    assert_eq!(ended["state"], "cancelled", "{ended}");
    assert!(ended["says"].as_str().unwrap().contains("were deleted meanwhile"), "{ended}");
}

#[tokio::test]
async fn a_registry_that_is_away_for_a_while_ends_no_training_on_kept_rows() {
    let edge = Edge::with_model(&bad()).await;
    keep(&edge, flowers(HEADER).to_bytes()).await;
    play(&edge, 20).await;
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    assert!(edge.watcher.alarm().await.unwrap());
    assert_eq!(retraining(&edge).await["state"], "training");
    edge.registry.set_failing(true);
    assert!(!edge.watcher.alarm().await.unwrap(), "it is tried again, but not at once");
    let now = retraining(&edge).await;
    assert_eq!(now["state"], "training", "{now}");
    assert!(now["says"].as_str().unwrap().contains("failed, and is tried again"), "{now}");
    edge.registry.set_failing(false);
    edge.clock.advance(10_000);
    let ended = work(&edge).await;
    assert_eq!(
        (&ended["state"], &ended["kept_rows"]),
        (&json!("published"), &json!(80)),
        "{ended}"
    );
}

#[tokio::test]
async fn kept_rows_that_are_lost_are_counted_and_the_others_train() {
    let edge = Edge::with_model(&bad()).await;
    let rows = flowers(HEADER);
    keep(&edge, rows.to_bytes()).await;
    play(&edge, 60).await;
    edge.artifacts.tamper(ArtifactKey::Dataset(&rows.digest().to_string()), None);
    assert_eq!(edge.as_owner("POST", "/api/v1/retrain").await.status, StatusCode::ACCEPTED);
    let ended = work(&edge).await;
    assert_eq!((&ended["state"], &ended["rows"]), (&json!("published"), &json!(60)), "{ended}");
    assert_eq!(ended["refused"][0]["n"], 150, "{ended}");
}
