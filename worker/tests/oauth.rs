//! Tokens of an OAuth issuer: who is let in by them, and who isn't.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::{Answer, Edge, NEW_YEAR, OWNER_TOKEN, PAGE, PAGE_HEADERS, SETOSA, Shared};
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode};
use p256::ecdsa;
use rsa::pkcs1v15;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding, Signer};
use serde_json::{Value, json};
use tepal_worker::adapters::memory::{MemoryPage, NativeSignatures};
use tepal_worker::ports::{PublicKey, SignatureVerifier};

const ISSUER: &str = "https://issuer.example/";
const AUDIENCE: &str = "https://tepal.example";
const JWKS_URL: &str = "https://issuer.example/keys";
const HISTORY: &str = "/api/v1/predictions";
const NOW: i64 = NEW_YEAR / 1_000;

/// The keys of an issuer that exists in tests only, its private ones among them.
fn issuer() -> Value {
    serde_json::from_str(include_str!("issuer.json")).unwrap()
}

fn bytes(key: &str, member: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(issuer()[key][member].as_str().unwrap()).unwrap()
}

/// What the issuer publishes, and one key that is nobody's business here.
fn jwks() -> Value {
    let Value::Object(keys) = issuer() else { unreachable!() };
    let (rsa, p256) = (&keys["rsa"], &keys["p256"]);
    json!({ "keys": [
        { "kty": "oct", "kid": "s", "k": "c2VjcmV0" },
        { "kty": "RSA", "kid": "r", "use": "sig", "n": rsa["n"], "e": rsa["e"] },
        { "kty": "EC", "kid": "e", "crv": "P-256", "alg": "ES256", "x": p256["x"], "y": p256["y"] },
    ] })
}

/// Somebody with these scopes, for an hour.
fn claims(scope: &str) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "jane", "scope": scope, "iat": NOW, "exp": NOW + 3_600,
    })
}

fn with(member: &str, value: Value) -> Value {
    let mut claims = claims("read");
    claims[member] = value;
    claims
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn signed_with(key: &ecdsa::SigningKey, header: &Value, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let signature: ecdsa::Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn es256_as(header: &Value, claims: &Value) -> String {
    let key = ecdsa::SigningKey::from_slice(&bytes("p256", "d")).unwrap();
    signed_with(&key, header, claims)
}

fn es256(claims: &Value) -> String {
    es256_as(&json!({ "alg": "ES256", "kid": "e", "typ": "at+jwt" }), claims)
}

fn rs256(claims: &Value) -> String {
    let number = |member| rsa::BoxedUint::from_be_slice_vartime(&bytes("rsa", member));
    let [n, e, d, p, q] = ["n", "e", "d", "p", "q"].map(number);
    let key = rsa::PrivateKey::from_components(n, e, d, vec![p, q]).unwrap();
    let signed = unsigned(&json!({ "alg": "RS256", "kid": "r", "typ": "JWT" }), claims);
    let signature = pkcs1v15::SigningKey::<Sha256>::new(key).sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn edge_on(shared: &Shared, keys: &str) -> Edge {
    let settings = [
        ("OAUTH_ISSUER", ISSUER),
        ("OAUTH_AUDIENCE", AUDIENCE),
        ("OAUTH_JWKS", keys),
        ("OWNER_TOKEN", OWNER_TOKEN),
        ("RATE_LIMIT", "off"),
    ];
    Edge::on(shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &settings)
}

fn edge() -> Edge {
    edge_on(&Shared::default(), &jwks().to_string())
}

async fn get(edge: &Edge, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    edge.send(request.body(Body::empty()).unwrap()).await
}

async fn check(edge: &Edge, token: &str, status: u16, kind: &str) {
    let answer = get(edge, HISTORY, token).await;
    assert_eq!(answer.status, status, "{}", answer.text);
    if status != 200 {
        assert_eq!(answer.json()["type"], format!("/docs#{kind}"));
    }
}

#[tokio::test]
async fn both_kinds_of_signature_let_in_whoever_has_the_scope() {
    let edge = edge();
    for token in [es256(&claims("openid tepal:read")), rs256(&claims("read"))] {
        check(&edge, &token, 200, "").await;
    }
    check(&edge, &es256(&with("aud", json!(["other", AUDIENCE]))), 200, "").await;
    let one_of_its_kind = es256_as(&json!({ "alg": "ES256" }), &claims("read"));
    check(&edge, &one_of_its_kind, 200, "").await;
    for scope in ["", "publish predict feedback", "tepal:tepal:read", "Read"] {
        check(&edge, &es256(&claims(scope)), 403, "forbidden").await;
    }
}

#[tokio::test]
async fn what_is_not_signed_by_the_issuer_is_refused() {
    let edge = edge();
    let read = claims("read");
    let body = unsigned(&json!({ "alg": "ES256", "kid": "e" }), &read);
    let none = unsigned(&json!({ "alg": "none" }), &read);
    check(&edge, &format!("{none}."), 401, "token-wrong").await;
    check(&edge, &format!("{none}.AAAA"), 401, "token-wrong").await;
    check(&edge, &format!("{body}."), 401, "token-wrong").await;
    check(&edge, &format!("{body}.{}", URL_SAFE_NO_PAD.encode([0; 64])), 401, "token-wrong").await;

    // A public key taken for a secret, in the forms that people feed to HMAC.
    let rsa = jwks()["keys"][1].clone();
    for secret in [rsa.to_string().into_bytes(), bytes("rsa", "n"), b"secret".to_vec()] {
        for kid in ["r", "e", "s"] {
            let body = unsigned(&json!({ "alg": "HS256", "kid": kid }), &read);
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&secret).unwrap();
            mac.update(body.as_bytes());
            let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
            check(&edge, &format!("{body}.{signature}"), 401, "token-wrong").await;
        }
    }

    // Somebody else's key, with the public half in the token.
    let other = ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let point = other.verifying_key().to_sec1_point(false);
    let half = |at: usize| URL_SAFE_NO_PAD.encode(&point.as_bytes()[at..at + 32]);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": half(1), "y": half(33) });
    for header in [
        json!({ "alg": "ES256", "kid": "e" }),
        json!({ "alg": "ES256", "kid": "e", "jwk": jwk, "jku": "https://evil.example/keys" }),
    ] {
        check(&edge, &signed_with(&other, &header, &read), 401, "token-wrong").await;
    }
}

#[tokio::test]
async fn what_was_signed_cannot_be_changed() {
    let edge = edge();
    let (reader, admin) = (es256(&claims("read")), es256(&claims("admin")));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (mut mixed, admin) = (parts(&reader), parts(&admin));
    mixed[1].clone_from(&admin[1]);
    check(&edge, &mixed.join("."), 401, "token-wrong").await;
    // The header says another algorithm, or another key, than the one that signed.
    for header in [json!({ "alg": "RS256", "kid": "r" }), json!({ "alg": "ES256", "kid": "r" })] {
        check(&edge, &es256_as(&header, &claims("read")), 401, "token-wrong").await;
    }
    let unknown = es256_as(&json!({ "alg": "ES256", "kid": "x" }), &claims("read"));
    check(&edge, &unknown, 401, "token-wrong").await;
    check(&edge, &format!("{reader}A"), 401, "token-wrong").await;
    check(&edge, &format!("{reader}.x"), 401, "token-wrong").await;
}

#[tokio::test]
async fn a_token_is_for_one_issuer_one_audience_and_a_time() {
    let edge = edge();
    for (member, value, kind) in [
        ("iss", json!("https://issuer.example"), "token-wrong"),
        ("aud", json!("https://tepal.example/"), "token-wrong"),
        ("aud", json!(["a", "b"]), "token-wrong"),
        ("aud", json!(null), "token-wrong"),
        ("sub", json!(""), "token-wrong"),
        ("sub", json!(null), "token-wrong"),
        ("exp", json!(NOW - 60), "token-expired"),
        ("exp", json!(-1e300), "token-expired"),
        ("exp", json!("tomorrow"), "token-wrong"),
        ("exp", json!(null), "token-wrong"),
        ("nbf", json!(NOW + 61), "token-wrong"),
    ] {
        check(&edge, &es256(&with(member, value)), 401, kind).await;
    }
    check(&edge, &es256(&with("exp", json!(NOW - 59))), 200, "").await;
    check(&edge, &es256(&with("nbf", json!(NOW + 60))), 200, "").await;
    let forged = with("exp", json!(NOW - 60));
    let other = ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let forged = signed_with(&other, &json!({ "alg": "ES256", "kid": "e" }), &forged);
    check(&edge, &forged, 401, "token-wrong").await;
}

#[tokio::test]
async fn huge_and_deep_tokens_are_refused() {
    let edge = edge();
    let deep = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    let deep = format!(r#"{{"iss":"{ISSUER}","sub":"s","exp":1,"aud":{deep}}}"#);
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"e"}"#);
    let deep = format!("{header}.{}.AAAA", URL_SAFE_NO_PAD.encode(deep));
    let long = es256(&with("x", json!("x".repeat(10_000))));
    let dots = ".".repeat(8_000);
    for token in [&deep, &long, &dots, &"a".repeat(100_000)] {
        check(&edge, token, 401, "token-wrong").await;
    }
}

#[tokio::test]
async fn the_ledger_names_the_subject() {
    let edge = edge();
    let token = es256(&with("scope", json!("tepal:publish read")));
    let request = Request::put("/api/v1/aliases/stable")
        .header("authorization", format!("Bearer {token}"))
        .header("if-match", "*")
        .header("content-type", "application/json");
    get(&edge, "/api/v1/models", &token).await;
    let answer = edge.send(request.body(Body::from(r#"{"version":1}"#)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let ledger = get(&edge, "/api/v1/audit", &token).await.json();
    assert_eq!(ledger["entries"][0]["actor"], "oauth:jane");
}

#[tokio::test]
async fn subjects_are_counted_by_themselves() {
    let settings = [
        ("OAUTH_ISSUER", ISSUER),
        ("OAUTH_AUDIENCE", AUDIENCE),
        ("OAUTH_JWKS", &jwks().to_string()),
        ("RATE_LIMIT", "on"),
    ];
    let edge = Edge::with(&settings);
    let (jane, joan) = (es256(&claims("read")), es256(&with("sub", json!("joan"))));
    for _ in 0..3 {
        check(&edge, &jane, 200, "").await;
    }
    check(&edge, &jane, 429, "rate-limited").await;
    check(&edge, &joan, 200, "").await;
}

#[tokio::test]
async fn keys_at_an_address_are_read_once_and_again_for_an_unknown_one() {
    let shared = Shared::default();
    let edge = edge_on(&shared, JWKS_URL);
    let only = |kid: &str| {
        let mut key = jwks()["keys"][2].clone();
        key["kid"] = json!(kid);
        Some(json!({ "keys": [key] }).to_string().into_bytes())
    };
    let named = |kid: &str| es256_as(&json!({ "alg": "ES256", "kid": kid }), &claims("read"));
    shared.key_sets.set(only("old"));
    for _ in 0..3 {
        check(&edge, &named("old"), 200, "").await;
    }
    assert_eq!(shared.key_sets.fetches(), 1);

    shared.key_sets.set(only("new"));
    for _ in 0..3 {
        check(&edge, &named("new"), 401, "token-wrong").await;
    }
    assert_eq!(shared.key_sets.fetches(), 1, "nobody makes it ask by inventing names");
    shared.clock.advance(60_000);
    check(&edge, &named("new"), 200, "").await;
    check(&edge, &named("old"), 401, "token-wrong").await;
    assert_eq!(shared.key_sets.fetches(), 2);
    // What is for somebody else costs nothing.
    shared.clock.advance(60_000);
    let other = es256_as(&json!({ "alg": "ES256", "kid": "x" }), &with("iss", json!("other")));
    check(&edge, &other, 401, "token-wrong").await;
    assert_eq!(shared.key_sets.fetches(), 2);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_told_apart_from_a_wrong_token() {
    let shared = Shared::default();
    let edge = edge_on(&shared, JWKS_URL);
    let token = es256(&claims("read"));
    check(&edge, &token, 503, "issuer-unavailable").await;
    let predict = |token: &str| {
        let request = Request::post("/predict").header("authorization", format!("Bearer {token}"));
        request.header("content-type", "application/json").body(Body::from(SETOSA)).unwrap()
    };
    let answer = edge.send(predict(&token)).await;
    assert_eq!(answer.status, StatusCode::OK, "it needs no token: {}", answer.text);
    check(&edge, "no.token.atall", 401, "token-wrong").await;
    assert_eq!(shared.key_sets.fetches(), 1, "it is left alone for a moment");

    shared.key_sets.set(Some(jwks().to_string().into_bytes()));
    shared.clock.advance(5_000);
    check(&edge, &token, 200, "").await;
    // Keys that were read do for an hour while it is away.
    shared.key_sets.set(Some(b"a page of the provider's".to_vec()));
    shared.clock.advance(30 * 60_000);
    check(&edge, &token, 200, "").await;
    shared.key_sets.set(None);
    shared.clock.advance(30 * 60_000 - 1);
    check(&edge, &token, 200, "").await;
    shared.clock.advance(1);
    check(&edge, &token, 503, "issuer-unavailable").await;
}

/// RFC 7515, appendix A.3: another implementation's key and signature.
#[tokio::test]
async fn the_example_of_the_standard_is_verified() {
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let key = PublicKey::P256 {
        x: decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU").try_into().unwrap(),
        y: decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").try_into().unwrap(),
    };
    let signed = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                  Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = decode(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    );
    assert!(NativeSignatures.verify(&key, signed.as_bytes(), &signature).await);
    assert!(!NativeSignatures.verify(&key, &signed.as_bytes()[1..], &signature).await);
    let off_the_curve = PublicKey::P256 { x: [1; 32], y: [1; 32] };
    assert!(!NativeSignatures.verify(&off_the_curve, signed.as_bytes(), &signature).await);
}
