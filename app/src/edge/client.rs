//! One request to the edge and its answer: JSON both ways or a file, with a limit of time and of size.

use gloo::net::http::{Request, Response};
use gloo::timers::callback::Timeout;
use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Event};

use super::EdgeError;
use crate::clock::now_millis;

/// A healthy edge answers in milliseconds; after this long it is of no use to a person.
const TIMEOUT_MILLIS: u32 = 10_000;
/// A reply is some hundred bytes, a model of a thousand columns some hundred thousand; more is not ours
/// and is not parsed.
const MAX_REPLY_BYTES: usize = 1024 * 1024;

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

impl Client {
    /// Sends `body` to `path` and reads the answer.
    ///
    /// # Errors
    /// [`EdgeError`].
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Reply<T>, EdgeError> {
        let answer = self.read(path, Some(to_json(body))).await?;
        // Any other status than this is no success of a call that is answered with a body.
        let response = if answer.status == 200 { from_json(&answer.text) } else { None };
        let round_trip_millis = answer.round_trip_millis;
        match response {
            Some(response) => Ok(Reply { response, round_trip_millis }),
            None => Err(answer.error()),
        }
    }

    /// What lies at `path`, as text; `None` if it is not to be had. Who only looks need not know why.
    pub(super) async fn text(&self, path: &str) -> Option<String> {
        let answer = self.read(path, None).await.ok()?;
        (answer.status == 200).then_some(answer.text)
    }

    /// As [`text`](Self::text), as bytes.
    pub(super) async fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let sent = self.send(path, None).await.ok()?;
        if sent.response.status() == 200 { sent.response.binary().await.ok() } else { None }
    }

    /// The answer as it comes, whatever it says.
    async fn read(&self, path: &str, body: Option<JsValue>) -> Result<Answer, EdgeError> {
        self.send(path, body).await?.read().await
    }

    /// Posts `body`, or asks for what is there.
    async fn send(&self, path: &str, body: Option<JsValue>) -> Result<Sent, EdgeError> {
        let controller = AbortController::new().map_err(|_| EdgeError::Unreachable)?;
        let aborting = controller.clone();
        let timeout = Timeout::new(TIMEOUT_MILLIS, move || aborting.abort());
        let unreachable = |_| unreachable(&controller);
        let started_millis = now_millis();
        let request = if body.is_some() {
            Request::post(path).header("content-type", "application/json")
        } else {
            Request::get(path).header("accept", "application/json, application/octet-stream")
        };
        let mut request = request.abort_signal(Some(&controller.signal()));
        if let Some(token) = &self.token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        let request = match body {
            Some(body) => request.body(body),
            None => request.build(),
        };
        let response = request.map_err(unreachable)?.send().await.map_err(unreachable)?;
        Ok(Sent { response, started_millis, controller, _timeout: timeout })
    }
}

/// A request whose answer has begun.
struct Sent {
    response: Response,
    started_millis: f64,
    controller: AbortController,
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
        unreachable(&self.controller)
    }
}

/// Why nothing came.
fn unreachable(controller: &AbortController) -> EdgeError {
    let online = web_sys::window().is_none_or(|window| window.navigator().on_line());
    match (controller.signal().aborted(), online) {
        (true, _) => EdgeError::TimedOut { after_secs: TIMEOUT_MILLIS / 1000 },
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
    /// What it means as no success. Of a status 200 that is only that it is not ours, or not of this page's version.
    fn error(&self) -> EdgeError {
        if self.status != 200 {
            return EdgeError::of(self.status, self.retry_after_secs, from_json(&self.text));
        }
        let is_json = JSON::parse(&self.text).is_ok_and(|value| value.is_object());
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

/// JSON by the browser: its numbers round-trip exactly, and the page need not link a writer.
fn to_json(value: &impl Serialize) -> JsValue {
    let object = value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL);
    JSON::stringify(&object).map_or(JsValue::NULL, JsValue::from)
}

/// A value from JSON, by the browser's parser.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > MAX_REPLY_BYTES {
        return None;
    }
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}
