//! Who looks at the traffic again and again, and keeps what was seen.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tepal_api::{Retraining, Watching, WindowReport};

use super::{StorageError, Usage};

/// What the watcher is asked, or told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchQuestion {
    /// How watching goes: [`WatchAnswer::Watching`]. Whoever asks this, or anything, wakes it: from then on it looks
    /// by itself, if it is to.
    Status,
    /// To look now: [`WatchAnswer::Watching`].
    Look,
    /// Windows without their features, newest first: [`WatchAnswer::Windows`].
    Windows {
        /// Only ones below this number.
        before: Option<u64>,
        /// At most so many.
        limit: usize,
    },
    /// To look now and do what is right, on behalf of this owner: [`WatchAnswer::Decisions`], the one that was taken.
    Approve {
        /// Who.
        actor: String,
    },
    /// To look now and train another model, on behalf of this owner: [`WatchAnswer::Retraining`].
    Retrain {
        /// Who.
        actor: String,
    },
    /// To stop the retraining that runs, on behalf of this owner: [`WatchAnswer::Retraining`].
    CancelRetraining {
        /// Who.
        actor: String,
    },
    /// The last retrainings, newest first: [`WatchAnswer::Retrainings`].
    Retrainings,
    /// The last alerts, newest first: [`WatchAnswer::Alerts`].
    Alerts,
    /// To send an alert that says nothing: [`WatchAnswer::Alerts`], that one as it stands then; none if nobody is to be told.
    TestAlert,
    /// What was decided, newest first: [`WatchAnswer::Decisions`].
    Decisions {
        /// Only ones below this number.
        before: Option<u64>,
        /// At most so many.
        limit: usize,
    },
    /// One window, whole: [`WatchAnswer::Windows`], none if there is no such one (any more).
    Window {
        /// Its number.
        number: u64,
    },
}

/// What it answers. The name of the answer is outside of it: beside its members, each type in it would be read by a second
/// reader, 50 KB of the Worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchAnswer {
    /// How watching goes.
    Watching {
        /// How.
        watching: Watching,
        /// What the watcher has used of the platform so far; it never falls.
        usage: Usage,
    },
    /// Windows.
    Windows {
        /// Newest first.
        windows: Vec<WindowReport>,
        /// More come after the last.
        more: bool,
        /// How watching goes.
        watching: Watching,
    },
    /// What became of a wish about retrainings.
    Retraining {
        /// Why it was not done, if it was not.
        refused: Option<String>,
        /// The last one now, if there was ever one.
        retraining: Option<Box<Retraining>>,
    },
    /// Retrainings.
    Retrainings {
        /// Newest first.
        retrainings: Vec<Retraining>,
    },
    /// Alerts.
    Alerts {
        /// Newest first, each as a [`tepal_api::Alert`] is written.
        alerts: Vec<Value>,
    },
    /// Decisions.
    Decisions {
        /// Newest first, each as a [`tepal_api::LoopDecision`] is written.
        decisions: Vec<Value>,
        /// More come after the last.
        more: bool,
    },
}

/// The watcher.
#[async_trait]
pub trait Watcher: Send + Sync {
    /// Answers, and does first what it was told.
    ///
    /// # Errors
    /// [`StorageError`] if it can't be reached, or what it keeps can't be read or written. A look that saw nothing
    /// is no error: the answer says why.
    async fn ask(&self, question: &WatchQuestion) -> Result<WatchAnswer, StorageError>;
}
