//! Alerts on the wire: what the watcher told, or is to tell, somebody.

use serde::{Deserialize, Serialize};

/// Answer of `GET /api/v1/alerts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertList {
    /// Whom alerts are sent to: the host of `WEBHOOK_URL`; absent if nobody is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// Whether they are signed, with `WEBHOOK_SECRET`.
    pub is_signed: bool,
    /// The last 200, newest first.
    pub alerts: Vec<Alert>,
}

/// Something that somebody is to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// Its number, from 1 up.
    pub number: u64,
    /// When it was seen: RFC 3339, UTC, milliseconds.
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub at: String,
    /// What it is about.
    pub kind: AlertKind,
    /// Whether it begins or is over.
    pub event: AlertEvent,
    /// What was seen, in a sentence or two.
    pub says: String,
    /// What to do.
    pub advice: String,
    /// Number of the decision that it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<u64>,
    /// Number of the retraining that it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retraining: Option<u64>,
    /// Whether it arrived.
    pub delivery: AlertDelivery,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is sent next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date-time"))]
    pub next_at: Option<String>,
    /// What went wrong the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The rows that the champion is asked have changed for good.
    Drift,
    /// The champion is shown to be right too seldom.
    Accuracy,
    /// More than a hundredth of the requests, and at least five, failed at the edge between two looks.
    Errors,
    /// Four fifths of what the plan allows a day are used.
    Allowance,
    /// A look saw nothing.
    Watching,
    /// A step waits for an owner.
    Approval,
    /// A step was taken, or could not be.
    Decision,
    /// A retraining is over.
    Retraining,
    /// Nothing: somebody wanted to see whether alerts arrive.
    Test,
}

/// Whether it begins or is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertEvent {
    /// It is so from now on.
    Raised,
    /// It is so no more.
    Resolved,
    /// It happened.
    Happened,
}

/// Whether an alert arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertDelivery {
    /// Nobody is to be told: `WEBHOOK_URL` wasn't set then.
    Unsent,
    /// It is sent, again and again, until somebody takes it.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up.
    Failed,
}
