//! One request to the edge and its answer: JSON both ways, with a limit of time and of size.

use gloo::net::http::Request;
use gloo::timers::callback::Timeout;
use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use super::EdgeError;
use crate::clock::now_millis;

/// A healthy edge answers in milliseconds; after this long it is of no use to a person.
const TIMEOUT_MILLIS: u32 = 10_000;
/// A reply is some hundred bytes; more is not ours and is not parsed.
const MAX_REPLY_BYTES: usize = 64 * 1024;

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
        let answer = self.send(path, to_json(body)).await?;
        // Any other status than this is no success of a call that is answered with a body.
        let response = if answer.status == 200 { from_json(&answer.text) } else { None };
        let round_trip_millis = answer.round_trip_millis;
        match response {
            Some(response) => Ok(Reply { response, round_trip_millis }),
            None => Err(answer.error()),
        }
    }

    /// The answer as it comes, whatever it says.
    async fn send(&self, path: &str, body: JsValue) -> Result<Answer, EdgeError> {
        let online = web_sys::window().is_none_or(|window| window.navigator().on_line());
        let controller = AbortController::new().map_err(|_| EdgeError::Unreachable)?;
        let aborting = controller.clone();
        // Dropped, and with it cancelled, when this function returns.
        let _timeout = Timeout::new(TIMEOUT_MILLIS, move || aborting.abort());
        let unreachable = |_| match (controller.signal().aborted(), online) {
            (true, _) => EdgeError::TimedOut { after_secs: TIMEOUT_MILLIS / 1000 },
            (false, true) => EdgeError::Unreachable,
            (false, false) => EdgeError::Offline,
        };
        let started = now_millis();
        let mut request = Request::post(path)
            .header("content-type", "application/json")
            .abort_signal(Some(&controller.signal()));
        if let Some(token) = &self.token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        let request = request.body(body).map_err(unreachable)?;
        let response = request.send().await.map_err(unreachable)?;
        let retry_after_secs =
            response.headers().get("retry-after").and_then(|value| value.parse().ok());
        let status = response.status();
        let text = response.text().await.map_err(unreachable)?;
        let round_trip_millis = now_millis() - started;
        Ok(Answer { status, retry_after_secs, text, round_trip_millis })
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
    /// What it means as no success. Of a status 200 that is only that it is not ours.
    fn error(&self) -> EdgeError {
        let problem = if self.status == 200 { None } else { from_json(&self.text) };
        EdgeError::of(self.status, self.retry_after_secs, problem)
    }
}

/// JSON by the browser: its numbers round-trip exactly, and the page need not link a writer.
fn to_json(value: &impl Serialize) -> JsValue {
    let object = value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::NULL);
    JSON::stringify(&object).map_or(JsValue::NULL, JsValue::from)
}

/// A value from JSON, by the browser's parser.
fn from_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > MAX_REPLY_BYTES {
        return None;
    }
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}
