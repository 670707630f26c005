//! The registry over HTTP, from a model file to who serves, on the memory adapters. In workerd the same
//! way is gone in `tests/worker/registry.test.mjs`.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use harness::{Answer, Edge, OWNER_TOKEN, SETOSA, Shared, trained};
use http::{Request, StatusCode};
use model_core::{Artifact, CsvOptions, DEFAULT_ARTIFACT, Dataset, Family, Receipt, TrainParams};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tepal_worker::ports::ArtifactKey;

const MODELS: &str = "/api/v1/models";
const DEPLOYMENT: &str = "/api/v1/deployment";
const ROLLBACK: &str = "/api/v1/rollback";
const AUDIT: &str = "/api/v1/audit";

/// The file of another iris model than the embedded one.
fn iris(family: Family) -> Vec<u8> {
    let params = TrainParams { cv_folds: 0, ..TrainParams::new(family) };
    params.train(&Dataset::iris()).unwrap().to_bytes()
}

/// A model of other columns and classes.
fn loaves() -> Vec<u8> {
    let mut csv = "minutes,flour,crust\n".to_owned();
    for n in 0..30 {
        let (flour, crust) = if n % 2 == 0 { ("rye", "thick") } else { ("wheat", "thin") };
        csv += &format!("{},{flour},{crust}\n", 50 - 10 * (n % 2) + n % 5);
    }
    trained(&csv, &CsvOptions::default())
}

fn kind(answer: &Answer) -> String {
    let problem = answer.json();
    problem["type"].as_str().unwrap_or_default().trim_start_matches("/docs#").to_owned()
}

fn refused(answer: &Answer, status: u16, expected: &str) {
    assert_eq!(
        (answer.status.as_u16(), kind(answer).as_str()),
        (status, expected),
        "{}",
        answer.text
    );
}

fn done(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.text);
    answer.json()
}

#[tokio::test]
async fn a_model_goes_live_by_one_call_and_is_taken_back_by_another() {
    let edge = Edge::new();
    assert_eq!(edge.predict(SETOSA).await.json()["model_version"], 1);
    let file = iris(Family::LogisticRegression);
    let published = edge.publish(file.clone()).await;
    assert_eq!(published.status, StatusCode::CREATED, "{}", published.text);
    let version = published.json();
    assert_eq!(
        (&version["version"], &version["family"]),
        (&json!(2), &json!("logistic_regression"))
    );
    assert_eq!(version["model_id"], Artifact::from_bytes(&file).unwrap().id().to_string());
    assert_eq!((&version["aliases"], &version["verified_rows"]), (&json!([]), &json!(30)));
    assert_eq!(edge.predict(SETOSA).await.json()["model_version"], 1, "it waits");

    let body = json!({"champion": 2, "reason": "it is smaller"});
    let deployed = done(&edge.change("PUT", DEPLOYMENT, &body).await);
    assert_eq!(deployed["champion"]["version"], 2);
    assert_eq!(deployed["previous_champion"]["version"], 1);
    let answer = edge.predict(SETOSA).await.json();
    assert_eq!(
        (&answer["model_version"], &answer["model_used"]),
        (&json!(2), &json!("logistic_regression"))
    );
    assert_eq!(edge.get("/api/v1/model").await.json()["model_version"], 2);
    assert_eq!(edge.get("/health").await.json()["model_version"], 2);

    let back = done(&edge.change("POST", ROLLBACK, &json!({"reason": "it is worse"})).await);
    assert_eq!(
        (&back["champion"]["version"], &back["previous_champion"]),
        (&json!(1), &json!(null))
    );
    assert_eq!(edge.predict(SETOSA).await.json()["model_version"], 1);
    refused(&edge.change("POST", ROLLBACK, &json!({})).await, 409, "conflict");

    let page = edge.as_owner("GET", AUDIT).await.json();
    let actions: Vec<&str> =
        page["entries"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["rollback", "deploy", "publish", "publish"]);
    assert_eq!(page["entries"][0]["hash"], back["audit_head"]);
    assert_eq!(page["entries"][1]["details"]["reason"], "it is smaller");
    assert_eq!(page["entries"][3]["actor"], "bootstrap");
    let verified = edge.as_owner("GET", "/api/v1/audit/verify").await.json();
    assert_eq!(verified, json!({"valid": true, "entries": 4, "head": back["audit_head"]}));
}

#[tokio::test]
async fn the_description_follows_the_model_that_serves() {
    let edge = Edge::new();
    edge.publish(loaves()).await;
    let named = async || {
        let document = edge.get("/openapi.json").await.json();
        document["components"]["schemas"]["PredictRequest"]["properties"].clone()
    };
    assert!(named().await.get("sepal_length").is_some() || named().await.get("minutes").is_some());
    let other = done(&edge.as_owner("GET", MODELS).await);
    let newest = other["models"][0]["version"].as_u64().unwrap();
    done(&edge.change("PUT", DEPLOYMENT, &json!({"champion": newest})).await);
    assert!(named().await.get("minutes").is_some());
    let answer = edge.predict(r#"{"minutes": 51, "flour": "rye"}"#).await;
    assert_eq!(answer.json()["prediction"], "thick", "{}", answer.text);
    assert_eq!(edge.predict(SETOSA).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_same_file_again_keeps_its_version_and_brings_its_file_back() {
    let edge = Edge::new();
    let file = iris(Family::LogisticRegression);
    edge.publish(file.clone()).await;
    let id = Artifact::from_bytes(&file).unwrap().id().to_string();
    edge.artifacts.tamper(ArtifactKey::Model(&id), None);
    let again = edge.publish(file.clone()).await;
    assert_eq!((again.status, &again.json()["version"]), (StatusCode::OK, &json!(2)));
    let path = format!("{MODELS}/2/artifact");
    assert_eq!(edge.as_owner("GET", &path).await.status, StatusCode::OK);
    // The embedded one is version 1 before anything else.
    let embedded = edge.publish(DEFAULT_ARTIFACT.to_vec()).await;
    assert_eq!((embedded.status, &embedded.json()["version"]), (StatusCode::OK, &json!(1)));
}

#[tokio::test]
async fn what_is_no_model_or_does_something_else_is_refused() {
    let edge = Edge::new();
    let whole = iris(Family::LogisticRegression);
    let mut flipped = whole.clone();
    flipped[200] ^= 1;
    for file in [Vec::new(), b"no model".to_vec(), whole[..whole.len() - 1].to_vec(), flipped] {
        refused(&edge.publish(file).await, 422, "invalid-artifact");
    }
    assert_eq!(edge.artifacts.keys().len(), 1, "nothing of it is kept, beside the embedded one");
    let body = |content_type: &str, length: usize| {
        Request::post(MODELS)
            .header("authorization", format!("Bearer {OWNER_TOKEN}"))
            .header("content-type", content_type)
            .header("content-length", length)
    };
    let request = body("application/json", 2).body("{}".into()).unwrap();
    refused(&edge.send(request).await, 415, "unsupported-media-type");
    let request = body("application/octet-stream", 4 << 20 | 1).body("".into()).unwrap();
    refused(&edge.send(request).await, 413, "body-too-large");
    let request = Request::post(MODELS).body("".into()).unwrap();
    refused(&edge.send(request).await, 401, "token-missing");
}

/// The file with one bit of its content changed, hashed again: whole, and another model.
fn hashed_again(file: &[u8], at: usize) -> Vec<u8> {
    let (id, content) = (6..38, 42);
    let length = u32::from_le_bytes(file[38..42].try_into().unwrap()) as usize;
    let mut altered = file.to_vec();
    altered[content + at % length] ^= 0x40;
    let digest = Sha256::digest(&altered[content..content + length]);
    altered[id].copy_from_slice(&digest);
    altered
}

#[tokio::test]
async fn a_model_that_does_not_do_what_its_evaluation_says_is_refused() {
    let edge = Edge::new();
    let whole = iris(Family::LogisticRegression);
    done(&edge.publish(whole.clone()).await);
    let before = edge.as_owner("GET", MODELS).await.json();
    let mut mismatches = 0;
    for at in (0..2_000).step_by(40) {
        let answer = edge.publish(hashed_again(&whole, at)).await;
        if kind(&answer) == "artifact-mismatch" {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            mismatches += 1;
        } else {
            assert!(answer.status.is_success() || kind(&answer) == "invalid-artifact");
        }
    }
    assert!(mismatches >= 5, "{mismatches} of 50");
    // Whatever was taken was scored, and nothing of what was refused is kept.
    let after = edge.as_owner("GET", &format!("{MODELS}?limit=1000")).await.json();
    let models = after["models"].as_array().unwrap();
    assert!(models.iter().all(|model| model["verified_rows"] == 30), "{after}");
    assert_eq!(edge.artifacts.keys().len(), models.len());
    assert!(models.len() >= before["models"].as_array().unwrap().len());
}

#[tokio::test]
async fn a_stored_file_that_was_altered_is_given_to_nobody() {
    let edge = Edge::new();
    let (file, other) = (iris(Family::LogisticRegression), iris(Family::GaussianNb));
    done(&edge.publish(file.clone()).await);
    done(&edge.change("PUT", DEPLOYMENT, &json!({"champion": 2, "public_artifact": true})).await);
    let id = Artifact::from_bytes(&file).unwrap().id().to_string();
    let mut flipped = file.clone();
    flipped[100] ^= 1;
    for tampered in [flipped, other, b"no model".to_vec()] {
        edge.artifacts.tamper(ArtifactKey::Model(&id), Some(tampered));
        for path in ["/api/v1/model/artifact".to_owned(), format!("/api/v1/model/artifact?id={id}")]
        {
            let answer = edge.get(&path).await;
            refused(&answer, 503, "model-unavailable");
            assert_eq!(answer.headers["cache-control"], "no-store");
        }
        let path = format!("{MODELS}/2/artifact");
        refused(&edge.as_owner("GET", &path).await, 503, "model-unavailable");
    }
    done(&edge.publish(file.clone()).await);
    assert!(edge.get("/api/v1/model/artifact").await.status.is_success());
}

#[tokio::test]
async fn the_file_that_was_published_is_the_one_that_stays() {
    let edge = Edge::new();
    let file = iris(Family::LogisticRegression);
    done(&edge.publish(file.clone()).await);
    let model = Artifact::from_bytes(&file).unwrap();
    let receipt = Receipt { host: "elsewhere".into(), ..model.receipt().clone() };
    let other = model.with_receipt(receipt).to_bytes();
    assert_ne!(file, other);
    let again = edge.publish(other).await;
    assert_eq!((again.status, &again.json()["version"]), (StatusCode::OK, &json!(2)));
    let card = edge.as_owner("GET", "/api/v1/models/2/card").await;
    assert!(!card.text.contains("elsewhere"), "{}", card.text);
}

#[tokio::test]
async fn nobody_but_the_embedded_model_is_the_first() {
    let edge = Edge::new();
    edge.artifacts.set_failing(true);
    refused(&edge.publish(iris(Family::LogisticRegression)).await, 503, "registry-unavailable");
    edge.artifacts.set_failing(false);
    // Still within the second in which the registry isn't asked again.
    refused(&edge.publish(iris(Family::LogisticRegression)).await, 503, "registry-unavailable");
    edge.clock.advance(1_000);
    let published = done(&edge.publish(iris(Family::LogisticRegression)).await);
    assert_eq!((&published["version"], &published["aliases"]), (&json!(2), &json!([])));
}

#[tokio::test]
async fn the_public_face_counts_against_the_rate_limit() {
    let edge = Edge::with(&[("OWNER_TOKEN", OWNER_TOKEN), ("RATE_LIMIT", "on")]);
    for path in ["/api/v1/model", "/api/v1/model/card", "/api/v1/model/artifact"] {
        let mut answers = Vec::new();
        for _ in 0..2_000 {
            answers.push(edge.get(path).await.status);
            if answers.last() == Some(&StatusCode::TOO_MANY_REQUESTS) {
                break;
            }
        }
        assert_eq!(answers.last(), Some(&StatusCode::TOO_MANY_REQUESTS), "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_names_nothing() {
    let edge = Edge::new();
    for (method, path) in [
        ("GET", "/api/v1/models/%FF"),
        ("GET", "/api/v1/models/%FF/card"),
        ("PUT", "/api/v1/aliases/%C3"),
    ] {
        let answer = edge.change(method, path, &json!({"version": 1})).await;
        refused(&answer, 404, "not-in-registry");
    }
}

#[tokio::test]
async fn a_change_says_which_state_it_is_meant_for() {
    let edge = Edge::new();
    edge.publish(iris(Family::LogisticRegression)).await;
    edge.publish(iris(Family::GaussianNb)).await;
    let shown = edge.as_owner("GET", DEPLOYMENT).await;
    let tag = shown.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", shown.json()["generation"]));
    let to = |version: u64| json!({ "champion": version });
    let first = edge.change_if("PUT", DEPLOYMENT, &to(2), &tag).await;
    assert_eq!(done(&first)["champion"]["version"], 2);
    refused(&edge.change_if("PUT", DEPLOYMENT, &to(1), &tag).await, 412, "stale");
    let next = first.headers["etag"].to_str().unwrap();
    done(&edge.change_if("PUT", DEPLOYMENT, &to(1), next).await);
    refused(&edge.change_if("PUT", DEPLOYMENT, &to(1), "12").await, 400, "invalid-precondition");
    for (method, path) in [
        ("PUT", DEPLOYMENT),
        ("POST", ROLLBACK),
        ("DELETE", "/api/v1/aliases/best"),
        ("PATCH", "/api/v1/models/1"),
    ] {
        let without = edge.as_owner(method, path).await;
        refused(&without, 428, "precondition-required");
        let body = if method == "PUT" { to(1) } else { json!({}) };
        refused(&edge.change_if(method, path, &body, &tag).await, 412, "stale");
    }
}

#[tokio::test]
async fn every_member_that_cannot_be_taken_is_named() {
    let edge = Edge::new();
    edge.publish(iris(Family::LogisticRegression)).await;
    edge.publish(loaves()).await;
    let check = async |body: Value, status: u16, expected: &str, text: &str| {
        let answer = edge.change("PUT", DEPLOYMENT, &body).await;
        refused(&answer, status, expected);
        assert!(answer.text.contains(text), "{}", answer.text);
    };
    check(json!({"champion": 9}), 404, "not-in-registry", "There is no version 9").await;
    check(json!({"champion": "2"}), 422, "invalid-change", "invalid type: string").await;
    check(json!({"champoin": 2}), 422, "invalid-change", "unknown field `champoin`").await;
    check(json!({"split_basis_points": 5}), 422, "invalid-change", "/split_basis_points").await;
    check(json!({"challenger": 1}), 422, "invalid-change", "/challenger").await;
    check(json!({"challenger": 3}), 409, "conflict", "other columns").await;
    // A list would be taken for the members in their order.
    check(json!([2]), 422, "invalid-change", "an object").await;
    let long = json!({ "x".repeat(10_000): 1 });
    let answer = edge.change("PUT", DEPLOYMENT, &long).await;
    assert!(answer.text.len() < 1_000, "what is sent isn't echoed at length");
    let generation = edge.as_owner("GET", DEPLOYMENT).await.json()["generation"].clone();
    assert_eq!(generation, 3, "nothing was changed");
}

#[tokio::test]
async fn versions_are_described_named_and_archived() {
    let edge = Edge::new();
    edge.publish(iris(Family::LogisticRegression)).await;
    let path = format!("{MODELS}/2");
    let patch = json!({"description": "the small one", "tags": ["iris"]});
    let described = done(&edge.change("PATCH", &path, &patch).await);
    assert_eq!(
        (&described["description"], &described["tags"][0]),
        (&json!("the small one"), &json!("iris"))
    );
    let set = json!({"version": 2});
    let tag = "\"0\"";
    refused(&edge.change_if("PUT", "/api/v1/aliases/small", &set, tag).await, 412, "stale");
    let aliases = done(&edge.change("PUT", "/api/v1/aliases/small", &set).await);
    assert_eq!(aliases["aliases"], json!({"champion": 1, "small": 2}));
    assert_eq!(edge.as_owner("GET", "/api/v1/models/small").await.json()["version"], 2);
    refused(&edge.as_owner("GET", "/api/v1/models/large").await, 404, "not-in-registry");
    refused(&edge.change("PATCH", &path, &json!({"archived": true})).await, 409, "conflict");
    done(&edge.change("DELETE", "/api/v1/aliases/small", &json!({})).await);
    done(&edge.change("PATCH", &path, &json!({"archived": true})).await);
    refused(&edge.change("PUT", DEPLOYMENT, &json!({"champion": 2})).await, 409, "conflict");
    refused(&edge.change("DELETE", "/api/v1/aliases/champion", &json!({})).await, 409, "conflict");
    let first = done(&edge.as_owner("GET", "/api/v1/models?limit=1").await);
    assert_eq!(first["models"][0]["version"], 2);
    let next = format!("{MODELS}?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    let last = done(&edge.as_owner("GET", &next).await);
    assert_eq!((&last["models"][0]["version"], last.get("next_cursor")), (&json!(1), None));
    refused(&edge.as_owner("GET", "/api/v1/models?limit=0").await, 400, "invalid-query");
}

#[tokio::test]
async fn the_card_comes_as_it_is_liked() {
    let edge = Edge::new();
    let card = edge.get("/api/v1/model/card").await;
    assert_eq!(card.headers["content-type"], "text/markdown; charset=utf-8");
    assert!(card.text.starts_with("# "), "{}", card.text);
    let request = Request::get("/api/v1/model/card").header("accept", "application/json");
    let card = edge.send(request.body("".into()).unwrap()).await;
    assert!(card.json().is_object(), "{}", card.text);
    edge.publish(loaves()).await;
    let card = edge.as_owner("GET", "/api/v1/models/2/card").await;
    assert!(card.text.contains("flour"), "{}", card.text);
}

#[tokio::test]
async fn the_served_file_is_public_only_if_its_owner_says_so() {
    let edge = Edge::new();
    let path = "/api/v1/model/artifact";
    refused(&edge.get(path).await, 403, "artifact-not-public");
    done(&edge.change("PUT", DEPLOYMENT, &json!({"public_artifact": true})).await);
    let file = edge.get(path).await;
    let id = Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap().id().to_string();
    assert_eq!(
        (file.status, file.headers["etag"].to_str().unwrap()),
        (StatusCode::OK, &*format!("\"{id}\""))
    );
    assert_eq!(file.headers["cache-control"], "public, no-cache");
    let request = Request::get(path).header("if-none-match", format!("\"{id}\""));
    let known = edge.send(request.body("".into()).unwrap()).await;
    assert_eq!((known.status, known.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let by_id = edge.get(&format!("{path}?id={id}")).await;
    assert_eq!(by_id.headers["cache-control"], "public, max-age=31536000, immutable");
    refused(&edge.get(&format!("{path}?id=0")).await, 404, "not-in-registry");
}

/// Versions that answered a hundred callers.
async fn answered(edge: &Edge) -> Vec<u64> {
    let mut versions = Vec::new();
    for caller in 0..100 {
        let request = Request::post("/predict")
            .header("content-type", "application/json")
            .header("x-tepal-key", format!("caller {caller}"));
        let answer = edge.send(request.body(SETOSA.into()).unwrap()).await;
        versions.push(done(&answer)["model_version"].as_u64().unwrap());
    }
    versions
}

#[tokio::test]
async fn callers_stay_on_their_side_of_an_experiment() {
    let edge = Edge::new();
    edge.publish(iris(Family::LogisticRegression)).await;
    edge.publish(iris(Family::GaussianNb)).await;
    let split = json!({"challenger": 2, "split_basis_points": 3_000});
    done(&edge.change("PUT", DEPLOYMENT, &split).await);
    let first = answered(&edge).await;
    let challengers = first.iter().filter(|version| **version == 2).count();
    assert!((15..45).contains(&challengers), "{challengers}");
    assert_eq!(answered(&edge).await, first, "the same callers, the same answers");
    let shadow = json!({"mode": "shadow"});
    done(&edge.change("PUT", DEPLOYMENT, &shadow).await);
    assert_eq!(answered(&edge).await, [1; 100]);
    edge.settle().await;
    let page = edge.as_owner("GET", "/api/v1/predictions?limit=1000").await.json();
    let rows = page["predictions"].as_array().unwrap();
    let asked = rows.iter().filter(|row| row["shadow"]["model_version"] == 2).count();
    assert_eq!(asked, challengers, "the same callers, in the shadow");
    let metrics = edge.get("/metrics").await.text;
    let series = r#"tepal_shadow_predictions_total{class="setosa",model_version="2"}"#;
    assert!(metrics.contains(&format!("{series} {challengers}")), "{metrics}");
}

#[tokio::test]
async fn another_isolate_serves_a_change_within_the_time_to_live() {
    let shared = Shared::default();
    let (owner, other) = (Edge::beside(&shared), Edge::beside(&shared));
    assert_eq!(other.predict(SETOSA).await.json()["model_version"], 1);
    owner.publish(iris(Family::LogisticRegression)).await;
    done(&owner.change("PUT", DEPLOYMENT, &json!({"champion": 2})).await);
    shared.clock.advance(10_000);
    assert_eq!(other.predict(SETOSA).await.json()["model_version"], 2);
}

#[tokio::test]
async fn an_answer_that_may_not_be_the_right_models_says_so() {
    let edge = Edge::new();
    edge.registry.set_failing(true);
    let answer = edge.predict(SETOSA).await;
    assert_eq!(
        (answer.status, &answer.headers["x-tepal-degraded"]),
        (StatusCode::OK, &"1".parse().unwrap())
    );
    assert_eq!(edge.get("/health").await.json()["status"], "degraded");
    refused(&edge.as_owner("GET", DEPLOYMENT).await, 503, "registry-unavailable");
    refused(&edge.publish(iris(Family::GaussianNb)).await, 503, "registry-unavailable");
    edge.registry.set_failing(false);
    edge.clock.advance(1_000);
    assert_eq!(edge.predict(SETOSA).await.headers.get("x-tepal-degraded"), None);
    edge.artifacts.set_failing(true);
    refused(&edge.publish(iris(Family::GaussianNb)).await, 503, "registry-unavailable");
}

#[tokio::test]
async fn what_was_sent_is_not_repeated_at_length() {
    let edge = Edge::new();
    edge.predict(SETOSA).await;
    let long = "x".repeat(3_000);
    for (method, path, body) in [
        ("PUT", format!("/api/v1/aliases/{long}"), json!({"version": 1})),
        ("DELETE", format!("/api/v1/aliases/{long}"), json!({})),
        ("GET", format!("{MODELS}/{long}"), json!({})),
        ("PATCH", format!("{MODELS}/1"), json!({"tags": [long]})),
        ("PATCH", format!("{MODELS}/1"), json!({long.clone(): 1})),
        ("DELETE", format!("/api/v1/keys/{long}"), json!({})),
        (
            "POST",
            "/api/v1/keys".to_owned(),
            json!({"name": long, "scopes": [long], "expires_in_days": 1}),
        ),
        ("PUT", "/api/v1/deployment".to_owned(), json!({"mode": long})),
        ("GET", format!("/api/v1/predictions?{long}={long}"), json!({})),
        ("DELETE", format!("/api/v1/predictions?id={long}"), json!({})),
        ("GET", format!("/api/v1/audit?cursor={long}"), json!({})),
        ("GET", format!("/{long}"), json!({})),
    ] {
        let answer = edge.change(method, &path, &body).await;
        assert!(answer.status.as_u16() >= 400, "{method} {}: {}", &path[..20], answer.status);
        assert!(answer.text.len() < 1_000, "{method} {}: {} bytes", &path[..20], answer.text.len());
    }
}
