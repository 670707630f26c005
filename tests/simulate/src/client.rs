//! The owner's side of the API.

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use crate::Failure;

/// Calls to a server on this machine.
pub(crate) struct Client {
    agent: Agent,
    origin: String,
    token: String,
}

impl Client {
    pub(crate) fn new(port: u16, token: String) -> Self {
        // What a status says is read from the answer, too.
        let config = Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.into(), origin: format!("http://127.0.0.1:{port}"), token }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send("GET", path, "application/json", Vec::new())
    }

    pub(crate) fn send_json(
        &self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        self.send(method, path, "application/json", body.to_string().into_bytes())
    }

    /// The version that this model file becomes.
    pub(crate) fn publish(&self, file: Vec<u8>) -> Result<u64, Failure> {
        let answer = self.send("POST", "/api/v1/models", "application/octet-stream", file)?;
        number(&answer, "version")
    }

    /// Answer to a row: its id, the class and when it was given.
    pub(crate) fn predict(&self, row: &Value) -> Result<[String; 3], Failure> {
        let answer = self.send_json("POST", "/predict", row)?;
        Ok([text(&answer, "id")?, text(&answer, "prediction")?, text(&answer, "timestamp")?])
    }

    pub(crate) fn label(&self, labels: &[(String, &str)]) -> Result<(), Failure> {
        for labels in labels.chunks(100) {
            let labels: Vec<Value> =
                labels.iter().map(|(id, label)| json!({"id": id, "label": label})).collect();
            self.send_json("POST", "/api/v1/feedback", &json!({ "labels": labels }))?;
        }
        Ok(())
    }

    /// Has the server look now.
    pub(crate) fn look(&self) -> Result<(), Failure> {
        let watching = self.send_json("POST", "/api/v1/monitoring/look", &json!({}))?;
        match watching.get("failure").and_then(Value::as_str) {
            Some(why) => Err(Failure::Refused(format!("the watcher sees nothing: {why}"))),
            None => Ok(()),
        }
    }

    /// The server's newest decisions, newest first.
    pub(crate) fn decisions(&self) -> Result<Vec<Value>, Failure> {
        let listed = self.get("/api/v1/monitoring/decisions?limit=50")?;
        Ok(listed.get("decisions").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Result<Value, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header("authorization", format!("Bearer {}", self.token))
            .header("if-match", "*")
            .header("content-type", kind);
        let unreadable = |error: &dyn std::error::Error| Failure::Unreadable(error.to_string());
        let request = request.body(body).map_err(|error| unreadable(&error))?;
        let config = self.agent.configure_request(request).allow_non_standard_methods(true).build();
        let mut response = match self.agent.run(config) {
            Ok(response) => response,
            Err(ureq::Error::Io(_) | ureq::Error::ConnectionFailed) => {
                return Err(Failure::Nobody(self.origin.clone()));
            }
            Err(error) => return Err(unreadable(&error)),
        };
        let status = response.status();
        let text = response.body_mut().read_to_string().map_err(|error| unreadable(&error))?;
        let answer: Value = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
        if status.is_success() {
            return Ok(answer);
        }
        let why = answer.get("detail").and_then(Value::as_str).unwrap_or(&text);
        Err(Failure::Refused(format!("{method} {path}: {status}: {why}")))
    }
}

pub(crate) fn text(answer: &Value, member: &str) -> Result<String, Failure> {
    let found = answer.get(member).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| Failure::Unreadable(format!("no `{member}` in {answer}")))
}

pub(crate) fn number(answer: &Value, member: &str) -> Result<u64, Failure> {
    let found = answer.get(member).and_then(Value::as_u64);
    found.ok_or_else(|| Failure::Unreadable(format!("no `{member}` in {answer}")))
}
