//! Alerts: what somebody is to know, kept until it has arrived.
//!
//! A look finds conditions, each of which is told when it begins and when it is over; a step that was taken, or waits for an
//! owner, is told once. What is to be told is kept in the transaction that keeps the look, so that a kill in between neither
//! loses nor repeats it. Sending comes after, by the same alarm: at least once, since an answer may be lost on its way.
//! Messages are as Standard Webhooks has them (<https://www.standardwebhooks.com>), so that receivers have libraries.

mod conditions;
mod delivery;
mod documents;

use tepal_api::{AlertEvent, AlertKind};

pub(crate) use self::conditions::{Conditions, Sight, Used, of_decision, of_retraining, unseen};
pub(crate) use self::delivery::Courier;
pub(crate) use self::documents::{add, list};

/// Something that is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) kind: AlertKind,
    pub(crate) event: AlertEvent,
    pub(crate) says: String,
    pub(crate) advice: String,
}

impl Told {
    fn new(kind: AlertKind, event: AlertEvent, says: String, advice: &str) -> Self {
        Self { kind, event, says, advice: advice.to_owned() }
    }
}
