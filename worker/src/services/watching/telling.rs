//! What a look tells somebody, besides what it decides.

use model_core::lifecycle::{AlertRule, Policy};
use tepal_api::{LabelledReport, LoopDecision, WindowTraffic};

use super::Watch;
use super::documents::{Documents, Standing};
use crate::ports::{Answer, DocumentStore, Query, StorageError, Usage};
use crate::services::alerting::{self, Conditions, Used};
use crate::services::log::reader::LogStatus;
use crate::services::metrics::operations;
use crate::services::retraining;

/// What a look found that somebody may have to know.
pub(super) struct Findings {
    /// Windows of the champion in a row that drifted, if they are an alarm.
    pub(super) n_drifted: Option<u32>,
    /// Its labelled answers.
    pub(super) labelled: LabelledReport,
    /// Requests since the last look.
    pub(super) traffic: WindowTraffic,
    pub(super) policy: Policy,
}

impl Watch {
    /// What of the plan's allowance is used by now, by all parts together. A part that can't be reached counts as it did.
    pub(super) async fn used(
        &self,
        before: &Used,
        log: &LogStatus,
        own: Usage,
        now_millis: i64,
    ) -> Used {
        let mut totals = operations(&log.counters);
        totals.add_all(&log.usage);
        totals.add_all(&own);
        match self.registry.query(&Query::Extent).await {
            Ok(Answer::Extent { extent }) => totals.add_all(&extent.usage),
            _ => return before.clone(),
        }
        before.after(now_millis, totals)
    }

    /// Keeps what is to be told of a look, inside its transaction; what is to be remembered of it.
    pub(super) fn tell(
        &self,
        store: &impl DocumentStore,
        before: Conditions,
        found: Option<(&Findings, &LoopDecision, &Used)>,
        failure: Option<&str>,
        now_millis: i64,
    ) -> Result<Conditions, StorageError> {
        let somebody = self.courier.webhook.is_some();
        let Some((findings, decision, used)) = found else {
            let why = failure.unwrap_or("nobody tells who serves");
            let (after, told) = alerting::unseen(before, AlertRule::default(), why);
            for told in told {
                alerting::add(store, told, [None; 2], now_millis, somebody)?;
            }
            return Ok(after);
        };
        let sight = alerting::Sight {
            rule: findings.policy.alert_rule(),
            version: decision.champion,
            n_drifted: findings.n_drifted,
            labelled: &findings.labelled,
            min_accuracy: findings.policy.min_accuracy,
            traffic: &findings.traffic,
            used,
            allowance: &self.allowance,
            decision,
        };
        let (after, told) = sight.told(before);
        for told in told.into_iter().chain(alerting::of_decision(decision)) {
            alerting::add(store, told, [Some(decision.number), None], now_millis, somebody)?;
        }
        Ok(after)
    }

    /// Keeps what is to be told of the last retraining, if it is over and that wasn't told yet.
    pub(super) fn tell_retraining<S: DocumentStore>(
        &self,
        store: &S,
        now_millis: i64,
    ) -> Result<(), StorageError> {
        let documents = Documents(store);
        let last = retraining::list(store)?.into_iter().next();
        let Some(last) = last.filter(|last| !last.state.is_running()) else { return Ok(()) };
        let standing = documents.standing()?;
        if standing.last_told_retraining >= last.number {
            return Ok(());
        }
        store.atomically(|| {
            let told = alerting::of_retraining(&last);
            let somebody = self.courier.webhook.is_some();
            alerting::add(store, told, [None, Some(last.number)], now_millis, somebody)?;
            let last_told_retraining = last.number;
            documents.set_standing(&Standing { last_told_retraining, ..standing.clone() })
        })
    }
}
