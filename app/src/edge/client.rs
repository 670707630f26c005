//! One request to the edge and its answer: JSON both ways or a file, with a limit of time and of size.

use std::pin::Pin;

use gloo::net::http::{Method, RequestBuilder, Response};
use gloo::timers::callback::Timeout;
use js_sys::{JSON, Uint8Array};
use tepal_api::{Problem, ProblemError};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Event};

use super::EdgeError;
use super::json::Json;
use crate::clock::now_millis;

/// A healthy edge answers in milliseconds; after this long it is of no use to a person.
const TIMEOUT_MILLIS: u32 = 10_000;
/// A model of 4 MiB takes half a minute up a slow line, and is read and scored there.
const FILE_TIMEOUT_MILLIS: u32 = 90_000;
/// A reply is some hundred bytes, a model of a thousand columns some hundred thousand, a page of the log up to two
/// million; more is not ours and is not parsed.
const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;

/// Who asks the edge; by default anybody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Client {
    /// A key or the owner's token; it is sent as a bearer token and goes nowhere else.
    pub(crate) token: Option<String>,
}

/// An answer, and how long it took from here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply<T> {
    /// The answer.
    pub(crate) response: T,
    /// From sending to the last byte, as the page sees it.
    pub(crate) round_trip_millis: f64,
}

/// What is asked for, and how.
pub(super) struct Call<'a> {
    method: Method,
    path: &'a str,
    accept: &'static str,
    /// With its media type.
    body: Option<(JsValue, &'static str)>,
    if_match: Option<u64>,
    /// Whom it is about.
    subject: Option<&'static str>,
    timeout_millis: u32,
}

impl<'a> Call<'a> {
    /// Asks for what is at `path`.
    pub(super) const fn get(path: &'a str) -> Self {
        let accept = "application/json, application/octet-stream";
        let (method, timeout_millis) = (Method::GET, TIMEOUT_MILLIS);
        Self { method, path, accept, body: None, if_match: None, subject: None, timeout_millis }
    }

    /// The same by another method, such as `DELETE`.
    pub(super) fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// Sends `value` along, as JSON by the browser: its numbers round-trip exactly.
    pub(super) fn value(self, value: &JsValue) -> Self {
        let text = JSON::stringify(value).map_or(JsValue::NULL, JsValue::from);
        Self { body: Some((text, "application/json")), ..self }
    }

    /// Says whom a row is about.
    pub(super) fn about(self, subject: &'static str) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// Sends a file along, which may take a while.
    pub(super) fn file(self, bytes: &[u8]) -> Self {
        let body = Uint8Array::from(bytes).into();
        let body = Some((body, "application/octet-stream"));
        Self { body, timeout_millis: FILE_TIMEOUT_MILLIS, ..self }
    }

    /// Wants a text of this media type.
    pub(super) fn accepting(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// Counts only if nobody has changed the registry since this generation.
    pub(super) fn if_match(self, generation: u64) -> Self {
        Self { if_match: Some(generation), ..self }
    }
}

impl Client {
    /// What lies at `path`, as text; `None` if it is not to be had. Who only looks need not know why.
    pub(super) async fn text(&self, path: &str) -> Option<String> {
        self.document(Call::get(path)).await.ok()
    }

    /// The answer to `call` as it is.
    ///
    /// # Errors
    /// [`EdgeError`].
    pub(super) async fn document(&self, call: Call<'_>) -> Result<String, EdgeError> {
        let answer = self.answer(call).await?;
        if answer.is_success() { Ok(answer.text) } else { Err(answer.error()) }
    }

    /// The answer to `call`, an object that has a member called `needed` (empty: any object), and how long it took
    /// in milliseconds. Boxed, and the same for all: who reads little of an answer need not bring a reader for it.
    pub(super) fn told<'a>(&'a self, call: Call<'a>, needed: &'a str) -> Asking<'a, (Json, f64)> {
        Box::pin(async move {
            let answer = self.answer(call).await?;
            let json = Some(&answer).filter(|answer| answer.is_success());
            let json = json.and_then(|answer| json_of(&answer.text));
            match json.filter(|json| needed.is_empty() || !json.get(needed).is_nothing()) {
                Some(json) => Ok((json, answer.round_trip_millis)),
                None => Err(answer.error()),
            }
        })
    }

    /// What lies at `path`, as bytes.
    ///
    /// # Errors
    /// [`EdgeError`].
    pub(super) async fn bytes(&self, path: &str) -> Result<Vec<u8>, EdgeError> {
        let sent = self.send(Call::get(path)).await?;
        if sent.response.status() == 200 {
            sent.response.binary().await.map_err(|_| sent.unreachable())
        } else {
            Err(sent.read().await?.error())
        }
    }

    /// The answer to `call`, whatever it says. Boxed, so that each kind of answer does not bring a copy of
    /// sending and reading into the program.
    fn answer<'a>(&'a self, call: Call<'a>) -> Asking<'a, Answer> {
        Box::pin(async move { self.send(call).await?.read().await })
    }

    /// Does `call` up to the begin of its answer.
    async fn send(&self, call: Call<'_>) -> Result<Sent, EdgeError> {
        let controller = AbortController::new().map_err(|_| EdgeError::Unreachable)?;
        let timeout_millis = call.timeout_millis;
        let aborting = controller.clone();
        let timeout = Timeout::new(timeout_millis, move || aborting.abort());
        let unreachable = |_| unreachable(&controller, timeout_millis);
        let started_millis = now_millis();
        let mut request = RequestBuilder::new(call.path).method(call.method);
        request = request.header("accept", call.accept).abort_signal(Some(&controller.signal()));
        if let Some(token) = &self.token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        if let Some(subject) = call.subject {
            request = request.header("x-tepal-subject", subject);
        }
        if let Some(generation) = call.if_match {
            request = request.header("if-match", &format!("\"{generation}\""));
        }
        let request = match call.body {
            Some((body, media_type)) => request.header("content-type", media_type).body(body),
            None => request.build(),
        };
        let response = request.map_err(unreachable)?.send().await.map_err(unreachable)?;
        Ok(Sent { response, started_millis, controller, timeout_millis, _timeout: timeout })
    }
}

/// Something on its way.
pub(crate) type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, EdgeError>> + 'a>>;

/// A request whose answer has begun.
struct Sent {
    response: Response,
    started_millis: f64,
    controller: AbortController,
    timeout_millis: u32,
    /// Dropped, and with it cancelled, once the answer is read.
    _timeout: Timeout,
}

impl Sent {
    async fn read(&self) -> Result<Answer, EdgeError> {
        let header = self.response.headers().get("retry-after");
        let text = self.response.text().await.map_err(|_| self.unreachable())?;
        Ok(Answer {
            status: self.response.status(),
            retry_after_secs: header.and_then(|value| value.parse().ok()),
            text,
            round_trip_millis: now_millis() - self.started_millis,
        })
    }

    fn unreachable(&self) -> EdgeError {
        unreachable(&self.controller, self.timeout_millis)
    }
}

/// Why nothing came.
fn unreachable(controller: &AbortController, timeout_millis: u32) -> EdgeError {
    let online = web_sys::window().is_none_or(|window| window.navigator().on_line());
    match (controller.signal().aborted(), online) {
        (true, _) => EdgeError::TimedOut { after_secs: timeout_millis / 1000 },
        (false, true) => EdgeError::Unreachable,
        (false, false) => EdgeError::Offline,
    }
}

/// What came back.
struct Answer {
    status: u16,
    retry_after_secs: Option<u32>,
    text: String,
    round_trip_millis: f64,
}

impl Answer {
    const fn is_success(&self) -> bool {
        matches!(self.status, 200..=202)
    }

    /// What it means as no success. Of a status that is one, that is only that it is not ours, or not of this
    /// page's version.
    fn error(&self) -> EdgeError {
        if !self.is_success() {
            let problem = json_of(&self.text).and_then(|json| problem_of(&json));
            return EdgeError::of(self.status, self.retry_after_secs, problem);
        }
        let is_json = json_of(&self.text).is_some();
        if is_json {
            tell_outdated();
        }
        EdgeError::of_unread(self.status, is_json)
    }
}

/// Has `offline.js` look for the version of the page that goes with the edge, so that a reload brings that one.
fn tell_outdated() {
    let told = Event::new("tepal-outdated")
        .ok()
        .zip(web_sys::window())
        .map(|(event, window)| window.dispatch_event(&event));
    debug_assert!(matches!(told, Some(Ok(_))), "a window takes any event of a script");
}

/// The object that `text` is, by the browser's parser; none of what is too long to be ours.
pub(super) fn json_of(text: &str) -> Option<Json> {
    if text.len() > MAX_REPLY_BYTES {
        return None;
    }
    JSON::parse(text).ok().filter(JsValue::is_object).map(Json)
}

fn problem_of(json: &Json) -> Option<Problem> {
    let error = |error: Json| ProblemError {
        pointer: error.text("pointer"),
        code: error.text("code"),
        detail: error.text("detail"),
    };
    Some(Problem {
        kind: json.text_if_any("type")?,
        title: json.text("title"),
        status: json.count("status") as u16,
        detail: json.text_if_any("detail")?,
        errors: json.items("errors").into_iter().map(error).collect(),
    })
}
