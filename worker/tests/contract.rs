//! The scenarios of `tests/contract`, against the router over the memory adapters. The same files
//! run over HTTP in workerd (`tests/worker/contract.test.mjs`).

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use std::collections::BTreeMap;
use std::path::Path;

use axum::body::Body;
use harness::{Answer, Edge, OWNER_TOKEN, SETOSA, chunked};
use http::Request;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    well_after: bool,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    request: Call,
    expect: Expect,
    #[serde(default)]
    capture: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    #[serde(default = "get")]
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Value>,
    text: Option<String>,
    hex: Option<String>,
    repeat: Option<Repeat>,
    #[serde(default)]
    chunked: bool,
    #[serde(default)]
    owner: bool,
}

fn get() -> String {
    "GET".into()
}

#[derive(Deserialize)]
struct Repeat {
    before: String,
    text: String,
    times: usize,
    after: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Value>,
    #[serde(default)]
    contains: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    shorter_than: Option<usize>,
    #[serde(default)]
    absent: Vec<String>,
}

fn scenario(file: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/contract").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What earlier answers left, put in the place of `{name}`.
fn fill(text: &str, captured: &BTreeMap<String, String>) -> String {
    captured
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

impl Call {
    fn body(&self) -> Vec<u8> {
        if let Some(json) = &self.json {
            return serde_json::to_vec(json).unwrap();
        }
        if let Some(hex) = &self.hex {
            let digits = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
            return digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
        }
        if let Some(repeat) = &self.repeat {
            let text = repeat.text.repeat(repeat.times);
            return format!("{}{text}{}", repeat.before, repeat.after).into_bytes();
        }
        self.text.clone().unwrap_or_default().into_bytes()
    }

    fn request(&self, captured: &BTreeMap<String, String>) -> Request<Body> {
        let mut request =
            Request::builder().method(self.method.as_str()).uri(fill(&self.path, captured));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if self.json.is_some() {
            request = request.header("content-type", "application/json");
        }
        if self.owner {
            request = request.header("authorization", format!("Bearer {OWNER_TOKEN}"));
        }
        let bytes = self.body();
        if self.chunked {
            return request.body(chunked(&bytes)).unwrap();
        }
        if self.method == "POST" || self.method == "PUT" {
            request = request.header("content-length", bytes.len());
        }
        request.body(Body::from(bytes)).unwrap()
    }
}

/// Where `actual` isn't what `expected` asks for.
fn mismatch(expected: &Value, actual: &Value, at: &str) -> Option<String> {
    match (expected, actual) {
        (Value::String(any), _) if any == "*" => None,
        (Value::Object(expected), Value::Object(actual)) => {
            expected.iter().find_map(|(key, expected)| match actual.get(key) {
                Some(actual) => mismatch(expected, actual, &format!("{at}/{key}")),
                None => Some(format!("{at}/{key} is missing")),
            })
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            let mut pairs = expected.iter().zip(actual).enumerate();
            pairs.find_map(|(i, (expected, actual))| {
                mismatch(expected, actual, &format!("{at}/{i}"))
            })
        }
        // JSON doesn't tell 0 from 0.0.
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        _ if expected == actual => None,
        _ => Some(format!("{at} is {actual}, expected {expected}")),
    }
}

impl Expect {
    fn check(&self, answer: &Answer, captured: &BTreeMap<String, String>) -> Result<(), String> {
        if answer.status.as_u16() != self.status {
            return Err(format!("status {}, expected {}", answer.status, self.status));
        }
        for (name, expected) in &self.headers {
            let value = answer.headers.get(name).map(|value| value.to_str().unwrap());
            if value != Some(expected) {
                return Err(format!("header {name} is {value:?}, expected {expected:?}"));
            }
        }
        if let Some(json) = &self.json {
            let json = serde_json::from_str(&fill(&json.to_string(), captured)).unwrap();
            if let Some(mismatch) = mismatch(&json, &answer.json(), "") {
                return Err(mismatch);
            }
        }
        let text = &answer.text;
        if let Some(piece) = self.contains.iter().find(|piece| !text.contains(*piece)) {
            return Err(format!("{piece:?} is missing"));
        }
        if let Some(piece) = self.lacks.iter().find(|piece| text.contains(*piece)) {
            return Err(format!("{piece:?} is there"));
        }
        if self.shorter_than.is_some_and(|most| text.len() >= most) {
            return Err(format!("the answer has {} bytes", text.len()));
        }
        match self.absent.iter().find(|pointer| answer.json().pointer(pointer).is_some()) {
            Some(pointer) => Err(format!("{pointer} is there")),
            None => Ok(()),
        }
    }
}

async fn run(file: &str) {
    let scenario = scenario(file);
    let edge = Edge::new();
    let mut captured = BTreeMap::new();
    let mut failures = Vec::new();
    for step in &scenario.steps {
        let answer = edge.send(step.request.request(&captured)).await;
        if let Err(failure) = step.expect.check(&answer, &captured) {
            failures.push(format!("{}: {failure}\n    {:.600}", step.name, answer.text));
        }
        for (name, pointer) in &step.capture {
            let value = answer.json().pointer(pointer).and_then(Value::as_str).unwrap_or("").into();
            captured.insert(name.clone(), value);
        }
        if scenario.well_after && edge.predict(SETOSA).await.status != 200 {
            failures.push(format!("{}: the next request isn't answered", step.name));
        }
        edge.settle().await;
        edge.clock.advance(1);
    }
    assert!(failures.is_empty(), "{file}:\n{}", failures.join("\n"));
}

#[tokio::test]
async fn predictions_are_answered() {
    run("predict.json").await;
}

#[tokio::test]
async fn bad_inputs_are_refused() {
    run("bad_inputs.json").await;
}

#[tokio::test]
async fn routes_answer() {
    run("routes.json").await;
}

#[tokio::test]
async fn the_log_can_be_read() {
    run("log.json").await;
}
