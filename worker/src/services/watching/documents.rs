//! What the watcher keeps, read from documents and written to them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tepal_api::{LoopDecision, ServingRole, WindowReport};

use super::without_features;
use crate::ports::{DocumentStore, KeyRange, ModelRef, StorageError, Table};
use crate::services::alerting::{Conditions, Used};
use crate::services::documents::{number_key, parse, text};
use crate::services::metrics::PredictRequests;

/// Key of [`Table::State`].
const STANDING: &str = "watching";
/// Windows that are kept: ten days of one version at a window every quarter of an hour.
const MAX_WINDOWS: u64 = 1_000;
/// Decisions that are kept: ten days of looks every quarter of an hour.
const MAX_DECISIONS: u64 = 1_000;
/// Versions that no longer answer and are remembered.
const MAX_GONE: usize = 32;

/// What there is one of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    pub(super) n_looks: u64,
    pub(super) last_look_millis: Option<i64>,
    /// When anybody looked for the first time.
    #[serde(default)]
    pub(super) first_look_millis: Option<i64>,
    /// Why the last look saw nothing.
    pub(super) failure: Option<String>,
    /// Number of the newest window.
    pub(super) last_number: u64,
    /// Number of the newest decision.
    #[serde(default)]
    pub(super) last_decision: u64,
    /// Each version that answers.
    pub(super) versions: Vec<Watched>,
    /// Versions that no longer do, the one that did last first.
    pub(super) gone: Vec<Watched>,
    /// What is told and not over.
    #[serde(default)]
    pub(super) conditions: Conditions,
    /// Requests that had been counted at the last look that saw.
    #[serde(default)]
    pub(super) requests: Option<PredictRequests>,
    /// What of the plan's allowance was used then.
    #[serde(default)]
    pub(super) used: Used,
    /// Number of the last retraining whose end was told.
    #[serde(default)]
    pub(super) last_told_retraining: u64,
}

/// A version that is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Watched {
    pub(super) model: ModelRef,
    pub(super) role: ServingRole,
    /// Id of the newest row that a window has.
    pub(super) newest_id: Option<String>,
    pub(super) waiting_rows: u64,
    /// Windows in a row that drifted.
    pub(super) n_in_a_row: u32,
    /// Id of the first row of the first of them.
    #[serde(default)]
    pub(super) drifted_from: Option<String>,
    /// What was counted at its newest window.
    pub(super) requests: Option<PredictRequests>,
    /// That window, without features.
    pub(super) newest: Option<WindowReport>,
}

impl Watched {
    pub(super) fn new(model: ModelRef) -> Self {
        Self {
            model,
            role: ServingRole::Champion,
            newest_id: None,
            waiting_rows: 0,
            n_in_a_row: 0,
            drifted_from: None,
            requests: None,
            newest: None,
        }
    }

    /// Notes its newest window, whose first and last rows have these ids.
    pub(super) fn take(
        &mut self,
        window: &WindowReport,
        [oldest_id, newest_id]: [&str; 2],
        requests: PredictRequests,
    ) {
        self.newest_id = Some(newest_id.to_owned());
        match window.drift.n_in_a_row {
            0 => self.drifted_from = None,
            _ if self.n_in_a_row == 0 => self.drifted_from = Some(oldest_id.to_owned()),
            _ => {}
        }
        self.waiting_rows = 0;
        self.n_in_a_row = window.drift.n_in_a_row;
        self.requests = Some(requests);
        self.newest = Some(without_features(window));
    }
}

impl Standing {
    /// What was seen of `model`, which answers, or did.
    pub(super) fn of(&self, model: &ModelRef) -> Option<&Watched> {
        self.versions.iter().chain(&self.gone).find(|watched| watched.model == *model)
    }

    /// Puts `versions` in the place of those that answered.
    pub(super) fn set_answering(&mut self, versions: Vec<Watched>) {
        let before = std::mem::replace(&mut self.versions, versions);
        self.gone.splice(..0, before);
        let answering = &self.versions;
        self.gone.retain(|gone| answering.iter().all(|it| it.model != gone.model));
        self.gone.truncate(MAX_GONE);
    }
}

/// A store with the watcher's own types.
pub(super) struct Documents<'a, S>(pub(super) &'a S);

impl<S: DocumentStore> Documents<'_, S> {
    pub(super) fn standing(&self) -> Result<Standing, StorageError> {
        let standing = self.0.get(Table::State, STANDING)?;
        Ok(standing.as_deref().map(parse).transpose()?.unwrap_or_default())
    }

    pub(super) fn set_standing(&self, standing: &Standing) -> Result<(), StorageError> {
        self.0.put(Table::State, STANDING, &text(standing)?)
    }

    /// The window of this number, whole.
    pub(super) fn window(&self, number: u64) -> Result<Option<WindowReport>, StorageError> {
        let key = number_key(number);
        let Some(window) = self.0.get(Table::Windows, &key)? else { return Ok(None) };
        let mut window = parse::<WindowReport>(&window)?;
        if let Some(features) = self.0.get(Table::WindowFeatures, &key)? {
            window.drift.features = parse(&features)?;
        }
        Ok(Some(window))
    }

    /// At most `limit` windows below `before`, newest first, without their features.
    pub(super) fn windows(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<WindowReport>, StorageError> {
        let beyond = before.map(number_key);
        let range = KeyRange { beyond: beyond.as_deref(), descending: true, limit };
        let found = self.0.list(Table::Windows, range)?;
        found.iter().map(|(_, document)| parse(document)).collect()
    }

    /// At most `limit` decisions below `before`, newest first.
    pub(super) fn decisions(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Value>, StorageError> {
        let beyond = before.map(number_key);
        let range = KeyRange { beyond: beyond.as_deref(), descending: true, limit };
        let found = self.0.list(Table::Decisions, range)?;
        found.iter().map(|(_, document)| parse(document)).collect()
    }

    /// Keeps a decision, in the place of the oldest one if there are too many.
    pub(super) fn add_decision(&self, decision: &LoopDecision) -> Result<(), StorageError> {
        self.0.put(Table::Decisions, &number_key(decision.number), &text(decision)?)?;
        match decision.number.checked_sub(MAX_DECISIONS) {
            Some(too_old) => self.0.delete(Table::Decisions, &number_key(too_old)),
            None => Ok(()),
        }
    }

    /// Keeps a window, in the place of the oldest one if there are too many. Its features lie apart: a list of windows of
    /// very many columns is to be short.
    pub(super) fn add_window(&self, window: &WindowReport) -> Result<(), StorageError> {
        let key = number_key(window.number);
        self.0.put(Table::WindowFeatures, &key, &text(&window.drift.features)?)?;
        self.0.put(Table::Windows, &key, &text(&without_features(window))?)?;
        if let Some(too_old) = window.number.checked_sub(MAX_WINDOWS) {
            for table in [Table::Windows, Table::WindowFeatures] {
                self.0.delete(table, &number_key(too_old))?;
            }
        }
        Ok(())
    }
}
