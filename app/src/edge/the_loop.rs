//! The loop at the edge: what it decided, what it trains, what is wanted of it.

use gloo::net::http::Method;
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::Client;
use super::client::{Asking, Call};
use super::json::Json;
use crate::view_models::monitor::the_loop::{Decision, Policy, Retraining, Wish};

/// The newest `limit` decisions, newest first.
///
/// # Errors
/// [`EdgeError`](super::EdgeError).
pub(crate) fn decisions(client: &Client, limit: usize) -> Asking<'_, Vec<Decision>> {
    Box::pin(async move {
        let path = format!("/api/v1/monitoring/decisions?limit={limit}");
        let (json, _) = client.told(Call::get(&path), "decisions").await?;
        Ok(json.items("decisions").iter().map(decision_of).collect())
    })
}

fn decision_of(json: &Json) -> Decision {
    let fact = |(name, value): (String, Json)| (name.replace('_', " "), value.plain());
    Decision {
        number: json.count("number"),
        at: json.text("at"),
        champion: json.count("champion"),
        step: json.text("step"),
        outcome: json.text("outcome"),
        says: json.text("says"),
        stage: json.text("stage"),
        evidence: json.members("evidence").into_iter().map(fact).collect(),
    }
}

/// The newest retraining, if there was ever one.
///
/// # Errors
/// [`EdgeError`](super::EdgeError).
pub(crate) fn retraining(client: &Client) -> Asking<'_, Option<Retraining>> {
    Box::pin(async move {
        let (json, _) = client.told(Call::get("/api/v1/retrain"), "retrainings").await?;
        Ok(json.items("retrainings").first().map(|json| Retraining {
            is_running: json.get("ended_at").is_nothing(),
            share: json.number("share").unwrap_or(0.0),
            says: json.text("says"),
        }))
    })
}

/// What is wanted of the loop.
///
/// # Errors
/// [`EdgeError`](super::EdgeError).
pub(crate) fn policy(client: &Client) -> Asking<'_, Policy> {
    Box::pin(async move {
        let (json, _) = client.told(Call::get("/api/v1/policy"), "policy").await?;
        let policy = json.get("policy");
        let share = |name: &str| policy.number(name).unwrap_or(0.0);
        let stages = policy.items("stage_labels").into_iter();
        Ok(Policy {
            mode: policy.text("mode"),
            min_accuracy: share("min_accuracy"),
            min_gain: share("min_gain"),
            stage_labels: stages.map(|it| it.0.as_f64().unwrap_or(0.0) as u64).collect(),
            max_labels: policy.count("max_labels"),
            probation_labels: policy.count("probation_labels"),
        })
    })
}

/// Does what is wished for; what the edge says to it, if it says something.
///
/// # Errors
/// [`EdgeError`](super::EdgeError); [`Changed`](super::EdgeError::Changed) if somebody else was quicker.
pub(crate) fn wish<'a>(client: &'a Client, wish: &'a Wish) -> Asking<'a, String> {
    Box::pin(async move {
        let call = match wish {
            Wish::Step => Call::get("/api/v1/rollout/approve").by(Method::POST),
            Wish::Retrain => Call::get("/api/v1/retrain").by(Method::POST),
            Wish::Look => Call::get("/api/v1/monitoring/look").by(Method::POST),
            Wish::Stop => Call::get("/api/v1/retrain").by(Method::DELETE),
            Wish::Mode(mode) => {
                // All else stays as it is there now.
                let path = "/api/v1/policy";
                let (json, _) = client.told(Call::get(path), "policy").await?;
                let policy = json.get("policy").0;
                // A plain object of the browser's own takes any member.
                let _ = Reflect::set(&policy, &"mode".into(), &JsValue::from_str(mode));
                let generation = json.count("generation");
                Call::get(path).by(Method::PUT).value(&policy).if_match(generation)
            }
        };
        let (json, _) = client.told(call, "").await?;
        Ok(json.text_if_any("failure").unwrap_or_else(|| json.text("says")))
    })
}
