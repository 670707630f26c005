//! The client of the edge's `POST /predict`.

use gloo::net::http::Request;
use gloo::timers::callback::Timeout;
use js_sys::JSON;
use model_core::{FeatureRow, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use tepal_api::{FeatureValue, PredictRequest, PredictResponse, Problem};
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use crate::training::now_millis;

/// A healthy edge answers in milliseconds; after this long it is of no use to a person.
const TIMEOUT_MILLIS: u32 = 10_000;
/// A reply is some hundred bytes; more is not ours and is not parsed.
const MAX_REPLY_BYTES: usize = 64 * 1024;

/// An answer, and how long it took from here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EdgeReply {
    /// The answer.
    pub(crate) response: PredictResponse,
    /// From sending to the last byte, as the page sees it.
    pub(crate) round_trip_millis: f64,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EdgeFailure {
    /// The browser knows itself offline.
    Offline,
    /// No connection came about.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// Too many requests.
    RateLimited {
        /// When to come back.
        retry_after_secs: Option<u32>,
    },
    /// The edge refuses the request and says why.
    Refused {
        /// In one sentence.
        detail: String,
        /// One sentence a fault.
        faults: Vec<String>,
    },
    /// The edge has a problem of its own.
    Unavailable {
        /// HTTP status.
        status: u16,
        /// What it says about it.
        detail: Option<String>,
    },
    /// Something answered that is no edge of ours.
    NotAnEdge {
        /// HTTP status.
        status: u16,
    },
}

impl EdgeFailure {
    /// What happened, in words.
    pub(crate) fn headline(&self) -> String {
        match self {
            Self::Offline => "You are offline.".to_owned(),
            Self::Unreachable => "The edge could not be reached.".to_owned(),
            Self::TimedOut => format!("No answer within {} seconds.", TIMEOUT_MILLIS / 1000),
            Self::RateLimited { retry_after_secs: Some(secs) } => {
                format!("Too many requests. Ask again in {secs} seconds at the latest.")
            }
            Self::RateLimited { retry_after_secs: None } => {
                "Too many requests. Ask again in a minute.".to_owned()
            }
            Self::Refused { detail, .. } => {
                format!("The edge refuses these measurements: {detail}")
            }
            Self::Unavailable { status, detail: Some(detail) } => {
                format!("The edge has a problem ({status}): {detail}")
            }
            Self::Unavailable { status, detail: None } => {
                format!("The edge has a problem ({status}).")
            }
            Self::NotAnEdge { status } => {
                format!("What answered here (status {status}) is not a Tepal edge.")
            }
        }
    }
}

/// Asks the edge about `row`.
///
/// # Errors
/// [`EdgeFailure`]; every way in which it can go wrong has its variant.
pub(crate) async fn ask(schema: &Schema, row: &FeatureRow) -> Result<EdgeReply, EdgeFailure> {
    let named = schema.features.iter().zip(row.values()).map(|(feature, &value)| {
        (feature.name.clone(), FeatureValue::of(value, feature.categories()))
    });
    let body = PredictRequest(named.collect());
    let online = web_sys::window().is_none_or(|window| window.navigator().on_line());
    let controller = AbortController::new().map_err(|_| EdgeFailure::Unreachable)?;
    let aborting = controller.clone();
    // Dropped, and with it cancelled, when this function returns.
    let _timeout = Timeout::new(TIMEOUT_MILLIS, move || aborting.abort());
    let unreachable = |_| match (controller.signal().aborted(), online) {
        (true, _) => EdgeFailure::TimedOut,
        (false, true) => EdgeFailure::Unreachable,
        (false, false) => EdgeFailure::Offline,
    };
    let started = now_millis();
    let request = Request::post("/predict")
        .header("content-type", "application/json")
        .abort_signal(Some(&controller.signal()))
        .body(to_json(&body))
        .map_err(unreachable)?;
    let response = request.send().await.map_err(unreachable)?;
    let retry_after_secs =
        response.headers().get("retry-after").and_then(|value| value.parse().ok());
    let status = response.status();
    let text = response.text().await.map_err(unreachable)?;
    let round_trip_millis = now_millis() - started;
    let reply = if status == 200 {
        from_json(&text).map(Reply::Answer)
    } else {
        from_json(&text).map(Reply::Problem)
    };
    let response = read(status, retry_after_secs, reply.unwrap_or(Reply::Foreign))?;
    Ok(EdgeReply { response, round_trip_millis })
}

/// A reply's body.
#[derive(Debug, Clone, PartialEq)]
enum Reply {
    Answer(PredictResponse),
    Problem(Problem),
    /// Nothing that our edge sends.
    Foreign,
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

/// What a reply means.
fn read(
    status: u16,
    retry_after_secs: Option<u32>,
    reply: Reply,
) -> Result<PredictResponse, EdgeFailure> {
    match (status, reply) {
        (200, Reply::Answer(response)) => Ok(response),
        (429, _) => Err(EdgeFailure::RateLimited { retry_after_secs }),
        (500..=599, Reply::Problem(problem)) => {
            Err(EdgeFailure::Unavailable { status, detail: Some(problem.detail) })
        }
        (500..=599, _) => Err(EdgeFailure::Unavailable { status, detail: None }),
        (_, Reply::Problem(problem)) => Err(EdgeFailure::Refused {
            detail: problem.detail,
            faults: problem.errors.into_iter().map(|error| error.detail).collect(),
        }),
        _ => Err(EdgeFailure::NotAnEdge { status }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tepal_api::ProblemError;

    fn problem() -> Reply {
        let error = ProblemError {
            pointer: "/sepal_length".into(),
            code: "out_of_range".into(),
            detail: "must be between 0 and 10".into(),
        };
        Reply::Problem(Problem {
            kind: "/docs#invalid".into(),
            title: "Invalid row".into(),
            status: 422,
            detail: "one value is out of range".into(),
            errors: vec![error],
        })
    }

    #[test]
    fn a_problem_is_told_with_its_faults() {
        let failure = read(422, None, problem()).unwrap_err();
        assert_eq!(
            failure,
            EdgeFailure::Refused {
                detail: "one value is out of range".into(),
                faults: vec!["must be between 0 and 10".into()]
            }
        );
        assert!(failure.headline().contains("out of range"));
    }

    #[test]
    fn a_limit_says_when_to_come_back() {
        let failure = read(429, Some(60), problem()).unwrap_err();
        assert_eq!(failure.headline(), "Too many requests. Ask again in 60 seconds at the latest.");
        assert!(read(429, None, Reply::Foreign).unwrap_err().headline().contains("minute"));
    }

    #[test]
    fn a_page_in_place_of_an_answer_is_no_edge() {
        for status in [200, 301, 404] {
            assert_eq!(read(status, None, Reply::Foreign), Err(EdgeFailure::NotAnEdge { status }));
        }
    }

    #[test]
    fn an_edge_in_trouble_is_unavailable_with_or_without_words() {
        assert!(read(503, None, Reply::Foreign).unwrap_err().headline().contains("503"));
        assert!(read(503, None, problem()).unwrap_err().headline().contains("out of range"));
    }
}
