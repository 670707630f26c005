//! Keys: minted, used, closed to what they aren't for, revoked.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use axum::body::Body;
use harness::{Answer, Edge, OWNER_TOKEN, PAGE, PAGE_HEADERS, SETOSA, Shared};
use http::{HeaderValue, Request, StatusCode};
use proptest::prelude::*;
use serde_json::{Value, json};
use tepal_worker::adapters::memory::MemoryPage;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const SCOPES: [&str; 5] = ["predict", "feedback", "publish", "read", "admin"];
const KEYS: &str = "/api/v1/keys";
const HISTORY: &str = "/api/v1/predictions";
const TTL_MILLIS: i64 = 10_000;
const DAY_MILLIS: i64 = 86_400_000;

/// Keys, an owner, predictions for keys only, no rate limit.
const CLOSED: [(&str, &str); 4] = [
    ("KEY_SECRET", SECRET),
    ("OWNER_TOKEN", OWNER_TOKEN),
    ("PREDICT_ACCESS", "key"),
    ("RATE_LIMIT", "off"),
];

fn closed(shared: &Shared) -> Edge {
    Edge::on(shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &CLOSED)
}

/// As `token`, for any state of the registry.
async fn call(edge: &Edge, token: &str, method: &str, path: &str, body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("if-match", "*");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    edge.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn predict(edge: &Edge, token: &str) -> Answer {
    call(edge, token, "POST", "/predict", SETOSA).await
}

/// Status and kind of a refusal.
fn refusal(answer: &Answer) -> (u16, String) {
    let kind = answer.json()["type"].as_str().unwrap_or(&answer.text).replace("/docs#", "");
    (answer.status.as_u16(), kind)
}

fn is_refused(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(refusal(answer), (status, kind.to_owned()));
}

async fn mint_as(edge: &Edge, token: &str, body: &Value) -> Answer {
    call(edge, token, "POST", KEYS, &body.to_string()).await
}

/// Id and text of a key with these scopes.
async fn mint(edge: &Edge, scopes: &[&str]) -> (String, String) {
    let answer = mint_as(edge, OWNER_TOKEN, &json!({ "name": "a key", "scopes": scopes })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let text = |member: &str| answer.json()[member].as_str().unwrap().to_owned();
    (text("key_id"), text("key"))
}

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_itself() {
    let edge = closed(&Shared::default());
    let asked = json!({ "name": "the shop", "scopes": ["read", "predict", "read"] });
    let answer = mint_as(&edge, OWNER_TOKEN, &asked).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let minted = answer.json();
    assert_eq!(minted["scopes"], json!(["predict", "read"]));
    assert_eq!(minted["created_at"], "2026-01-01T00:00:00.000Z");
    assert_eq!(minted["expires_at"], "2026-04-01T00:00:00.000Z", "after 90 days");
    let key = minted["key"].as_str().unwrap();
    assert!(key.starts_with("tepal_"));

    let list = call(&edge, OWNER_TOKEN, "GET", KEYS, "").await;
    assert!(!list.text.contains(key) && !list.text.contains("tepal_"));
    let listed = &list.json()["keys"][0];
    for member in ["key_id", "name", "scopes", "created_at", "expires_at"] {
        assert_eq!(listed[member], minted[member], "{member}");
    }
    assert_eq!(listed.get("revoked_at"), None);
    let ledger = call(&edge, OWNER_TOKEN, "GET", "/api/v1/audit", "").await.json();
    assert_eq!(ledger["entries"][0]["action"], "key_minted");
    assert_eq!(ledger["entries"][0]["hash"], minted["audit_head"]);
    assert_eq!(ledger["entries"][0]["details"]["key_id"], minted["key_id"]);
}

#[tokio::test]
async fn every_faulty_member_of_a_request_is_named() {
    let edge = closed(&Shared::default());
    let asked = json!({ "name": "a\nb", "scopes": ["read", "root"], "expires_in_days": 366 });
    let answer = mint_as(&edge, OWNER_TOKEN, &asked).await;
    is_refused(&answer, 422, "invalid-change");
    let problem = answer.json();
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().collect();
    let pointers: Vec<_> = pointers.iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/scopes/1", "/expires_in_days"]);
    for body in [
        json!({}),
        json!({ "name": "", "scopes": ["read"] }),
        json!({ "name": "x".repeat(65), "scopes": ["read"] }),
        json!({ "name": "x", "scopes": [] }),
        json!({ "name": "x", "scopes": "read" }),
        json!({ "name": "x", "scopes": ["read"], "expires_in_days": 0 }),
        json!({ "name": "x", "scopes": ["read"], "expires_in_days": -1 }),
        json!({ "name": "x", "scopes": ["read"], "expires_in_days": 1.5 }),
        json!({ "name": "x", "scopes": ["read"], "expires_in_days": 1e300 }),
        json!({ "name": "x", "scopes": ["read"], "admin": true }),
        json!({ "name": "x", "scopes": vec!["root"; 1_000] }),
    ] {
        let answer = mint_as(&edge, OWNER_TOKEN, &body).await;
        is_refused(&answer, 422, "invalid-change");
        assert!(answer.text.len() < 2_000);
    }
    let list = call(&edge, OWNER_TOKEN, "GET", KEYS, "").await;
    assert_eq!(list.json(), json!({ "keys": [] }));
}

#[tokio::test]
async fn without_a_secret_there_are_no_keys_and_the_owner_is_told_what_to_set() {
    let edge = Edge::new();
    for (method, path, body) in
        [("POST", KEYS, "{}"), ("GET", KEYS, ""), ("DELETE", "/api/v1/keys/key_0", "")]
    {
        let answer = call(&edge, OWNER_TOKEN, method, path, body).await;
        is_refused(&answer, 503, "not-configured");
        assert!(answer.text.contains("KEY_SECRET"), "{}", answer.text);
        is_refused(&call(&edge, "", method, path, body).await, 401, "token-missing");
    }
    let (_, key) = mint(&closed(&Shared::default()), &["admin"]).await;
    is_refused(&call(&edge, &key, "GET", HISTORY, "").await, 401, "token-wrong");
}

#[tokio::test]
async fn a_key_whose_answer_was_lost_is_in_the_list_and_can_be_revoked() {
    let shared = Shared::default();
    let edge = closed(&shared);
    mint(&edge, &["read"]).await;
    shared.registry.lose_answers(1);
    let lost = mint_as(&edge, OWNER_TOKEN, &json!({ "name": "lost", "scopes": ["read"] })).await;
    is_refused(&lost, 503, "registry-unavailable");
    assert!(!lost.text.contains("tepal_"));
    let list = call(&edge, OWNER_TOKEN, "GET", KEYS, "").await.json();
    let lost = list["keys"].as_array().unwrap().iter().find(|key| key["name"] == "lost").unwrap();
    let path = format!("{KEYS}/{}", lost["key_id"].as_str().unwrap());
    let revoked = call(&edge, OWNER_TOKEN, "DELETE", &path, "").await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(revoked.json()["revoked_at"], "2026-01-01T00:00:00.000Z");
    is_refused(
        &call(&edge, OWNER_TOKEN, "DELETE", "/api/v1/keys/x", "").await,
        404,
        "not-in-registry",
    );
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_here_and_within_the_ttl_elsewhere() {
    let shared = Shared::default();
    let (here, elsewhere) = (closed(&shared), closed(&shared));
    let (id, key) = mint(&here, &["predict", "read"]).await;
    for edge in [&here, &elsewhere] {
        assert_eq!(predict(edge, &key).await.status, StatusCode::OK);
    }
    let revoked = call(&here, OWNER_TOKEN, "DELETE", &format!("{KEYS}/{id}"), "").await;
    assert_eq!(revoked.status, StatusCode::OK);
    is_refused(&predict(&here, &key).await, 401, "token-revoked");
    is_refused(&call(&here, &key, "GET", HISTORY, "").await, 401, "token-revoked");
    shared.clock.advance(TTL_MILLIS);
    let refused = predict(&elsewhere, &key).await;
    is_refused(&refused, 401, "token-revoked");
    let challenge = r#"Bearer realm="tepal", error="invalid_token""#;
    assert_eq!(refused.headers["www-authenticate"], challenge);
}

#[tokio::test]
async fn a_key_counts_until_it_expires() {
    let shared = Shared::default();
    let edge = closed(&shared);
    let asked = json!({ "name": "a day", "scopes": ["read"], "expires_in_days": 1 });
    let key = mint_as(&edge, OWNER_TOKEN, &asked).await.json()["key"].as_str().unwrap().to_owned();
    shared.clock.advance(DAY_MILLIS - 1);
    assert_eq!(call(&edge, &key, "GET", HISTORY, "").await.status, StatusCode::OK);
    shared.clock.advance(1);
    is_refused(&call(&edge, &key, "GET", HISTORY, "").await, 401, "token-expired");
}

#[tokio::test]
async fn a_key_of_another_secret_or_with_another_payload_is_none() {
    let shared = Shared::default();
    let edge = closed(&shared);
    let (_, key) = mint(&edge, &["predict"]).await;
    let (_, admin) = mint(&edge, &["admin"]).await;
    let mut settings = CLOSED;
    settings[0].1 = "another secret of at least 32 bytes";
    let rotated = Edge::on(&shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &settings);
    is_refused(&predict(&rotated, &key).await, 401, "token-wrong");
    // The payload of one under the signature of the other.
    let (signature, payload) = (key.split_once('.').unwrap().1, admin.split_once('.').unwrap().0);
    is_refused(&predict(&edge, &format!("{payload}.{signature}")).await, 401, "token-wrong");
    for altered in [key[..key.len() - 1].to_owned(), format!("{key}A"), key.to_uppercase()] {
        is_refused(&predict(&edge, &altered).await, 401, "token-wrong");
    }
}

#[tokio::test]
async fn the_last_known_pointer_counts_while_the_registry_is_away() {
    let shared = Shared::default();
    let edge = closed(&shared);
    let (id, revoked) = mint(&edge, &["admin"]).await;
    let (_, key) = mint(&edge, &["read"]).await;
    call(&edge, OWNER_TOKEN, "DELETE", &format!("{KEYS}/{id}"), "").await;
    is_refused(&call(&edge, &revoked, "GET", HISTORY, "").await, 401, "token-revoked");
    shared.registry.set_failing(true);
    shared.clock.advance(10 * TTL_MILLIS);
    let fresh = closed(&shared);
    for edge in [&edge, &fresh] {
        assert_eq!(call(edge, &key, "GET", HISTORY, "").await.status, StatusCode::OK);
        is_refused(&call(edge, &revoked, "GET", HISTORY, "").await, 401, "token-revoked");
    }
}

#[tokio::test]
async fn an_isolate_that_cannot_know_what_is_revoked_only_predicts_for_keys() {
    let shared = Shared::default();
    let (_, key) = mint(&closed(&shared), &["predict", "read", "publish"]).await;
    shared.registry.set_failing(true);
    shared.pointer_copy.set_failing(true);
    let fresh = closed(&shared);
    assert_eq!(predict(&fresh, &key).await.status, StatusCode::OK);
    for (method, path) in [("GET", HISTORY), ("POST", "/api/v1/models")] {
        is_refused(&call(&fresh, &key, method, path, "").await, 503, "registry-unavailable");
    }
    let owner = call(&fresh, OWNER_TOKEN, "GET", HISTORY, "").await;
    assert_eq!(owner.status, StatusCode::OK, "the owner needs no list");
}

#[tokio::test]
async fn who_names_the_champion_needs_more_than_publish() {
    let edge = closed(&Shared::default());
    let (_, publish) = mint(&edge, &["publish"]).await;
    let (id, admin) = mint(&edge, &["admin"]).await;
    let to = |name: &str| format!("/api/v1/aliases/{name}");
    let free = call(&edge, &publish, "PUT", &to("stable"), r#"{"version":1}"#).await;
    assert_eq!(free.status, StatusCode::OK, "{}", free.text);
    for name in ["champion", "challenger"] {
        let refused = call(&edge, &publish, "PUT", &to(name), r#"{"version":1}"#).await;
        is_refused(&refused, 403, "forbidden");
        let challenge = r#"Bearer realm="tepal", error="insufficient_scope", scope="admin""#;
        assert_eq!(refused.headers["www-authenticate"], challenge);
        is_refused(&call(&edge, &publish, "DELETE", &to(name), "").await, 403, "forbidden");
    }
    let named = call(&edge, &admin, "PUT", &to("champion"), r#"{"version":1}"#).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.text);
    let free = call(&edge, &admin, "PUT", &to("best"), r#"{"version":1}"#).await;
    assert_eq!(free.status, StatusCode::OK, "{}", free.text);
    let ledger = call(&edge, &admin, "GET", "/api/v1/audit", "").await.json();
    assert_eq!(ledger["entries"][0]["actor"], id, "the ledger says which key it was");
}

#[tokio::test]
async fn the_first_model_that_a_key_publishes_does_not_serve_at_once() {
    let shared = Shared::default();
    let edge = closed(&shared);
    let (_, publish) = mint(&edge, &["publish"]).await;
    let csv: String = (0..20).map(|n| format!("{n},{}\n", ["a", "b"][n / 10])).collect();
    let file = harness::trained(&format!("x,y\n{csv}"), &model_core::CsvOptions::default());
    let request = Request::post("/api/v1/models")
        .header("authorization", format!("Bearer {publish}"))
        .header("content-type", "application/octet-stream");
    let answer = edge.send(request.body(Body::from(file)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(answer.json()["version"], 2);
    assert_eq!(answer.json()["aliases"], json!([]));
}

#[tokio::test]
async fn a_closed_predict_wants_the_scope_or_the_owner() {
    let edge = closed(&Shared::default());
    assert_eq!(predict(&edge, OWNER_TOKEN).await.status, StatusCode::OK);
    for scope in SCOPES {
        let (_, key) = mint(&edge, &[scope]).await;
        let answer = predict(&edge, &key).await;
        if ["predict", "admin"].contains(&scope) {
            assert_eq!(answer.status, StatusCode::OK);
        } else {
            is_refused(&answer, 403, "forbidden");
            assert!(answer.text.contains("predict"), "it names the scope: {}", answer.text);
        }
    }
    let missing = predict(&edge, "").await;
    is_refused(&missing, 401, "token-missing");
    assert_eq!(missing.headers["www-authenticate"], r#"Bearer realm="tepal""#);
    // What `x-tepal-key` says is no credential.
    let (_, key) = mint(&edge, &["predict"]).await;
    let request = Request::post("/predict").header("x-tepal-key", key);
    let request = request.header("content-type", "application/json").body(Body::from(SETOSA));
    is_refused(&edge.send(request.unwrap()).await, 401, "token-missing");
}

#[tokio::test]
async fn a_closed_predict_of_a_worker_without_credentials_is_closed_to_all() {
    let edge = Edge::with(&[("PREDICT_ACCESS", "key"), ("RATE_LIMIT", "off")]);
    for token in ["", "anything"] {
        is_refused(&predict(&edge, token).await, 503, "not-configured");
    }
}

#[tokio::test]
async fn an_open_predict_needs_no_token_and_refuses_a_wrong_one() {
    let shared = Shared::default();
    let mut settings = CLOSED;
    settings[2].1 = "public";
    let edge = Edge::on(&shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &settings);
    let asked = json!({ "name": "a day", "scopes": ["feedback"], "expires_in_days": 1 });
    let key = mint_as(&edge, OWNER_TOKEN, &asked).await.json()["key"].as_str().unwrap().to_owned();
    for token in ["", &key, OWNER_TOKEN] {
        assert_eq!(predict(&edge, token).await.status, StatusCode::OK, "{token}");
    }
    is_refused(&predict(&edge, "tepal_x").await, 401, "token-wrong");
    shared.clock.advance(DAY_MILLIS);
    is_refused(&predict(&edge, &key).await, 401, "token-expired");
    let request = Request::post("/predict").header("authorization", "Basic eDp5");
    let request = request.header("content-type", "application/json").body(Body::from(SETOSA));
    assert_eq!(edge.send(request.unwrap()).await.status, StatusCode::OK, "not for us");
    // Nothing is configured that a token could be judged by.
    let bare = Edge::with(&[("RATE_LIMIT", "off")]);
    assert_eq!(predict(&bare, "anything").await.status, StatusCode::OK);
}

#[tokio::test]
async fn keys_are_counted_by_themselves_and_what_only_looks_like_one_by_its_address() {
    let shared = Shared::default();
    let mut settings = CLOSED;
    settings[3].1 = "on";
    let edge = Edge::on(&shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &settings);
    let key = mint(&closed(&shared), &["predict"]).await.1;
    for _ in 0..3 {
        assert_eq!(predict(&edge, &key).await.status, StatusCode::OK);
    }
    is_refused(&predict(&edge, &key).await, 429, "rate-limited");
    // The address has its own count still, which invented keys use up together.
    for n in 0..3 {
        is_refused(&predict(&edge, &format!("tepal_{n}")).await, 401, "token-wrong");
    }
    is_refused(&predict(&edge, "tepal_3").await, 429, "rate-limited");
    is_refused(&predict(&edge, "").await, 429, "rate-limited");
}

#[tokio::test]
async fn keys_may_be_sent_from_other_origins() {
    let edge = closed(&Shared::default());
    let request = Request::options("/predict")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization, content-type");
    let answer = edge.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let allowed = answer.headers["access-control-allow-headers"].to_str().unwrap();
    assert!(allowed.split(", ").any(|name| name == "authorization"), "{allowed}");
}

/// Route and scope, from the table of `docs/API.md`.
fn documented() -> Vec<(String, String)> {
    let text = include_str!("../../docs/API.md");
    let (_, section) = text.split_once("\n## Who may do what\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let row = |line: &str| {
        let (route, rest) = line.split_once("` | ").unwrap();
        let is_letter = |c: char| c.is_ascii_alphabetic();
        let scope = rest.trim_start_matches('`').split(|c| !is_letter(c)).next().unwrap();
        (route.to_owned(), scope.to_owned())
    };
    rows.map(row).collect()
}

#[tokio::test]
async fn each_route_is_open_to_the_scopes_that_the_documentation_names_and_no_others() {
    let edge = closed(&Shared::default());
    let table = documented();
    let document = edge.get("/openapi.json").await.json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.push((method.to_uppercase(), path.clone()));
        }
    }
    let mut listed: Vec<String> = table.iter().map(|(route, _)| route.clone()).collect();
    let mut there: Vec<String> = routes.iter().map(|(m, path)| format!("{m} {path}")).collect();
    listed.sort();
    there.sort();
    assert_eq!(listed, there, "docs/API.md lists each route once");

    for (method, path) in routes {
        let route = format!("{method} {path}");
        let (_, needed) = table.iter().find(|(known, _)| *known == route).unwrap();
        let path = path.replace("{version}", "1").replace("{alias}", "stable");
        let path = path.replace("{key_id}", "key_none");
        let anonymous = call(&edge, "", &method, &path, "").await;
        if needed == "anyone" {
            assert_ne!(anonymous.status, StatusCode::UNAUTHORIZED, "{route}");
        } else {
            is_refused(&anonymous, 401, "token-missing");
        }
        for scope in SCOPES {
            let (_, key) = mint(&edge, &[scope]).await;
            let answer = call(&edge, &key, &method, &path, "").await;
            let (status, kind) = refusal(&answer);
            let is_open = needed == "anyone" || needed == scope || scope == "admin";
            assert_eq!(kind != "forbidden", is_open, "{route} with {scope}: {status} {kind}");
            assert!(status < 500 && status != 401, "{route} with {scope}: {status} {kind}");
        }
    }
}

fn authorization() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        proptest::collection::vec(0x20_u8..=0xff, 0..200),
        "tepal_[A-Za-z0-9_-]{0,80}\\.?[A-Za-z0-9_-]{0,43}".prop_map(String::into_bytes),
        "[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}"
            .prop_map(String::into_bytes),
        (1_000_usize..100_000).prop_map(|n| vec![b'x'; n]),
    ];
    token.prop_map(|token| [b"Bearer ".as_slice(), &token].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_sent_as_a_credential_is_a_401(value in authorization()) {
        let Ok(value) = HeaderValue::from_bytes(&value) else { return Ok(()) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(async {
            let edge = closed(&Shared::default());
            let request = Request::get(HISTORY).header("authorization", value);
            edge.send(request.body(Body::empty()).unwrap()).await
        });
        prop_assert_eq!(refusal(&answer), (401, "token-wrong".to_owned()));
    }
}
