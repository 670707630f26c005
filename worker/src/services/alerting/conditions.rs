//! What a look says is to be told. Pure: what was seen goes in, and what an alert remembers; sentences come out.

use model_core::lifecycle::{AlertChange, AlertRule, AlertState};
use serde::{Deserialize, Serialize};
use tepal_api::{
    AlertEvent, AlertKind, LabelledReport, LoopDecision, LoopOutcome, LoopStep, Retraining,
    RetrainingState, WindowTraffic,
};

use super::Told;
use crate::ports::{Operation, Usage};
use crate::services::report::percent;

/// Share of the requests that may fail at the edge between two looks, and how many may in any case.
const MAX_FAILED: (f64, u64) = (0.01, 4);
/// Share of a day's allowance that may be used without a word.
const MAX_USED: f64 = 0.8;

/// What is remembered of each condition. As JSON it is a list of numbers, two of each condition in the order of its members, which is only added to:
/// readers of their own would be 3 KB of the Worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
pub(crate) struct Conditions {
    drift: AlertState,
    accuracy: AlertState,
    errors: AlertState,
    allowance: AlertState,
    watching: AlertState,
    approval: AlertState,
}

impl Conditions {
    fn all(&mut self) -> [&mut AlertState; 6] {
        let Self { drift, accuracy, errors, allowance, watching, approval } = self;
        [drift, accuracy, errors, allowance, watching, approval]
    }
}

impl From<Vec<u64>> for Conditions {
    fn from(list: Vec<u64>) -> Self {
        let mut conditions = Self::default();
        for (state, known) in conditions.all().into_iter().zip(list.chunks_exact(2)) {
            let n_against = u32::try_from(known[1]).unwrap_or(u32::MAX);
            *state = AlertState { is_raised: known[0] == 1, n_against };
        }
        conditions
    }
}

impl From<Conditions> for Vec<u64> {
    fn from(mut conditions: Conditions) -> Self {
        let of = |state: &mut AlertState| [u64::from(state.is_raised), state.n_against.into()];
        conditions.all().into_iter().flat_map(of).collect()
    }
}

/// What of a day's allowance is used. As JSON it is a list, as [`Usage`] is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<u64>>", into = "Vec<Vec<u64>>")]
pub(crate) struct Used {
    /// The day, in days since 1970: UTC, as the platform counts.
    day: i64,
    /// The totals when it began.
    at_start: Usage,
    /// The totals now.
    now: Usage,
}

impl From<Vec<Vec<u64>>> for Used {
    fn from(list: Vec<Vec<u64>>) -> Self {
        let mut list = list.into_iter();
        let mut next = || list.next().unwrap_or_default();
        let day = next().first().and_then(|day| i64::try_from(*day).ok()).unwrap_or(0);
        Self { day, at_start: next().into(), now: next().into() }
    }
}

impl From<Used> for Vec<Vec<u64>> {
    fn from(Used { day, at_start, now }: Used) -> Self {
        vec![vec![u64::try_from(day).unwrap_or(0)], at_start.into(), now.into()]
    }
}

impl Used {
    /// As of a look at `now_millis` that found these totals. What was used between the last look of the day before and
    /// midnight counts for the day after.
    pub(crate) fn after(&self, now_millis: i64, totals: Usage) -> Self {
        const DAY_MILLIS: i64 = 86_400_000;
        let day = now_millis.div_euclid(DAY_MILLIS);
        let at_start = match self.day {
            // Nobody looked yet.
            0 => totals,
            known if known == day => self.at_start,
            _ => self.now,
        };
        Self { day, at_start, now: totals }
    }

    /// The operation of which the largest share is used, and that share.
    fn most(&self, allowance: &Usage) -> Option<(Operation, f64)> {
        let shares = Operation::ALL.into_iter().filter_map(|operation| {
            let allowed = allowance.of(operation);
            let used = self.now.of(operation).saturating_sub(self.at_start.of(operation));
            (allowed > 0).then(|| (operation, used as f64 / allowed as f64))
        });
        shares.max_by(|first, second| first.1.total_cmp(&second.1))
    }
}

/// What a look saw, as far as somebody is told of it.
pub(crate) struct Sight<'a> {
    pub(crate) rule: AlertRule,
    /// Version that serves.
    pub(crate) version: u64,
    /// Windows of it in a row that drifted, if they are an alarm.
    pub(crate) n_drifted: Option<u32>,
    pub(crate) labelled: &'a LabelledReport,
    /// What the policy asks of its accuracy.
    pub(crate) min_accuracy: f64,
    /// Requests since the last look.
    pub(crate) traffic: &'a WindowTraffic,
    pub(crate) used: &'a Used,
    pub(crate) allowance: &'a Usage,
    pub(crate) decision: &'a LoopDecision,
}

impl Sight<'_> {
    /// What is to be told, and what is to be remembered.
    pub(crate) fn told(&self, before: Conditions) -> (Conditions, Vec<Told>) {
        let Self { rule, version, decision, .. } = self;
        let mut after = before;
        let mut told = Vec::new();
        let next = match decision.step {
            LoopStep::Retrain => decision.says.as_str(),
            _ => "Send labels, so that it is known whether its answers are right.",
        };
        let drift = self.n_drifted.map(|n| {
            let says = format!(
                "The rows that version {version} is asked no longer look like those that trained it: {n} windows in a row."
            );
            (says, format!("{next} GET /api/v1/monitoring/windows names what moved."))
        });
        note(&mut after.drift, *rule, AlertKind::Drift, drift, &mut told);
        let [_, high] = self.labelled.interval;
        let accuracy = (self.labelled.n > 0 && high < self.min_accuracy).then(|| {
            let says = format!(
                "Version {version} is right in at most {} of its predictions, where {} are asked for ({} of {} labelled ones were right).",
                percent(high), percent(self.min_accuracy), self.labelled.n_correct, self.labelled.n
            );
            (says, next.to_owned())
        });
        note(&mut after.accuracy, *rule, AlertKind::Accuracy, accuracy, &mut told);
        let &WindowTraffic { requests, failed, .. } = self.traffic;
        let (share, few) = MAX_FAILED;
        let errors = (failed > few && failed as f64 > share * requests as f64).then(|| {
            let says = format!("{failed} of {requests} requests to /predict failed at the edge since the last look.");
            let advice = "GET /readyz says what is away, `npx wrangler tail` shows the requests as they come.";
            (says, advice.to_owned())
        });
        note(&mut after.errors, *rule, AlertKind::Errors, errors, &mut told);
        let allowance = self.used.most(self.allowance).filter(|most| most.1 >= MAX_USED).map(|(operation, share)| {
            let (store, name) = operation.names();
            let says = format!("{} of what the plan allows today of {store} {name} are used.", percent(share));
            let advice = "At the limit the log, the registry and this watcher stand still until midnight UTC; predictions go on. \
                          Fewer looks (MONITOR_MINUTES), longer segments (FLUSH_MINUTES) or a larger plan help.";
            (says, advice.to_owned())
        });
        note(&mut after.allowance, *rule, AlertKind::Allowance, allowance, &mut told);
        note(&mut after.watching, watching(*rule), AlertKind::Watching, None, &mut told);
        let waits = decision.outcome == LoopOutcome::Waits && decision.step != LoopStep::Retrain;
        let approval = waits.then(|| {
            (decision.says.clone(), "POST /api/v1/rollout/approve takes the step; DELETE /api/v1/rollout gives the challenger up.".to_owned())
        });
        // That a step was taken is told as a decision; another one that waits is told anew.
        let once = AlertRule { raise_after: 1, resolve_after: 1 };
        let n = told.len();
        note(&mut after.approval, once, AlertKind::Approval, approval, &mut told);
        if told.get(n).is_some_and(|it| it.event == AlertEvent::Resolved) {
            told.truncate(n);
        }
        (after, told)
    }
}

/// What is to be told of a look that saw nothing, and what is to be remembered. What it would have seen stays as it was.
pub(crate) fn unseen(before: Conditions, rule: AlertRule, why: &str) -> (Conditions, Vec<Told>) {
    let mut after = before;
    let mut told = Vec::new();
    let advice = "The loop stands still until it sees again; what serves goes on serving. GET /readyz says what is away.";
    let found = (format!("Nothing can be seen of the traffic: {why}."), advice.to_owned());
    note(&mut after.watching, watching(rule), AlertKind::Watching, Some(found), &mut told);
    (after, told)
}

/// What is away for one look alone is no news.
fn watching(rule: AlertRule) -> AlertRule {
    AlertRule { raise_after: rule.raise_after.max(2), ..rule }
}

/// Tells that something begins, with the sentences that were found, or that it is over.
fn note(
    state: &mut AlertState,
    rule: AlertRule,
    kind: AlertKind,
    found: Option<(String, String)>,
    told: &mut Vec<Told>,
) {
    let (after, change) = state.after(found.is_some(), rule);
    *state = after;
    match (change, found) {
        (Some(AlertChange::Raised), Some((says, advice))) => {
            told.push(Told::new(kind, AlertEvent::Raised, says, &advice));
        }
        (Some(AlertChange::Resolved), _) => {
            let what = match kind {
                AlertKind::Drift => {
                    "The rows look as they did in training again, or another version serves."
                }
                AlertKind::Accuracy => {
                    "The accuracy is no longer shown to be too low, or another version serves."
                }
                AlertKind::Errors => "Requests to /predict are answered again.",
                AlertKind::Allowance => "Another day's allowance has begun.",
                _ => "The traffic is seen again.",
            };
            told.push(Told::new(kind, AlertEvent::Resolved, what.to_owned(), "Nothing."));
        }
        _ => {}
    }
}

/// What is to be told of a decision, if it is one to act on.
pub(crate) fn of_decision(decision: &LoopDecision) -> Option<Told> {
    let advice = match (decision.outcome, decision.step) {
        (LoopOutcome::Failed, _) => {
            "It is decided anew at the next look. GET /readyz says what is away."
        }
        (LoopOutcome::Done, LoopStep::Retrain) => {
            "Nothing: GET /api/v1/retrain tells how far it is."
        }
        (LoopOutcome::Done, LoopStep::RollBack) => {
            "Callers are answered by the version before. Look at what the one that failed was asked before you try it again."
        }
        (LoopOutcome::Done, LoopStep::Promote) => {
            "Nothing: it is on probation, and taken back if it falls short. POST /api/v1/rollback takes it back at once."
        }
        (LoopOutcome::Done, _) => "Nothing: GET /api/v1/audit tells it with its evidence.",
        _ => return None,
    };
    Some(Told::new(AlertKind::Decision, AlertEvent::Happened, decision.says.clone(), advice))
}

/// What is to be told of a retraining that is over.
pub(crate) fn of_retraining(retraining: &Retraining) -> Told {
    let advice = match retraining.state {
        RetrainingState::Published => "Nothing: its trial tells whether it is better.",
        RetrainingState::NoData => "Send labels with POST /api/v1/feedback.",
        RetrainingState::Failed => "GET /api/v1/retrain tells more.",
        _ => "Nothing.",
    };
    let says = format!("Retraining {}: {}", retraining.number, retraining.says);
    Told::new(AlertKind::Retraining, AlertEvent::Happened, says, advice)
}

#[cfg(test)]
mod tests {
    use serde_json::Map;
    use tepal_api::PolicyMode;

    use super::*;

    const DAY: i64 = 86_400_000;

    fn decision(step: LoopStep, outcome: LoopOutcome) -> LoopDecision {
        LoopDecision {
            number: 1,
            at: String::new(),
            mode: PolicyMode::Approve,
            champion: 3,
            challenger: None,
            trial: None,
            stage: None,
            step,
            outcome,
            says: "It is decided.".into(),
            evidence: Map::new(),
        }
    }

    /// A look, at which all is well unless it is changed.
    struct Scene {
        n_drifted: Option<u32>,
        labelled: LabelledReport,
        traffic: WindowTraffic,
        used: Used,
        allowance: Usage,
        decision: LoopDecision,
    }

    fn labelled(n_correct: u64, interval: [f64; 2]) -> LabelledReport {
        LabelledReport { n: 100, n_correct, accuracy: Some(n_correct as f64 / 100.0), interval }
    }

    fn well() -> Scene {
        Scene {
            n_drifted: None,
            labelled: labelled(95, [0.88, 0.99]),
            traffic: WindowTraffic { requests: 1_000, refused: 0, failed: 0 },
            used: Used::default(),
            allowance: Usage::default(),
            decision: decision(LoopStep::Wait, LoopOutcome::Nothing),
        }
    }

    /// What is told of a look.
    fn look(before: &mut Conditions, scene: &Scene) -> Vec<(AlertKind, AlertEvent)> {
        let sight = Sight {
            rule: AlertRule { raise_after: 1, resolve_after: 2 },
            version: 3,
            n_drifted: scene.n_drifted,
            labelled: &scene.labelled,
            min_accuracy: 0.9,
            traffic: &scene.traffic,
            used: &scene.used,
            allowance: &scene.allowance,
            decision: &scene.decision,
        };
        let (after, told) = sight.told(*before);
        *before = after;
        for Told { says, advice, .. } in &told {
            assert!(says.ends_with('.') && advice.ends_with('.'), "{says} {advice}");
        }
        told.into_iter().map(|told| (told.kind, told.event)).collect()
    }

    #[test]
    fn each_condition_is_told_when_it_begins_and_when_it_is_over() {
        let of = |n| [(Operation::KvWrite, n)].into_iter().collect::<Usage>();
        let failing = WindowTraffic { requests: 400, refused: 0, failed: 5 };
        let used = Used::default().after(DAY, of(100)).after(DAY + 1, of(180));
        let cases = [
            (AlertKind::Drift, Scene { n_drifted: Some(3), ..well() }),
            (AlertKind::Accuracy, Scene { labelled: labelled(70, [0.6, 0.8]), ..well() }),
            (AlertKind::Errors, Scene { traffic: failing, ..well() }),
            (AlertKind::Allowance, Scene { used, allowance: of(100), ..well() }),
        ];
        for (kind, bad) in cases {
            let mut before = Conditions::default();
            assert_eq!(look(&mut before, &bad), [(kind, AlertEvent::Raised)]);
            assert_eq!(look(&mut before, &bad), [], "once");
            assert_eq!(look(&mut before, &well()), [], "it may come back");
            assert_eq!(look(&mut before, &well()), [(kind, AlertEvent::Resolved)]);
            assert_eq!(look(&mut before, &well()), []);
        }
    }

    #[test]
    fn what_is_remembered_is_read_back() {
        let mut before = Conditions::default();
        look(&mut before, &Scene { n_drifted: Some(3), ..well() });
        look(&mut before, &well());
        let text = serde_json::to_string(&before).unwrap();
        assert_eq!(text, "[1,1,0,0,0,0,0,0,0,0,0,0]");
        assert_eq!(crate::json::from_str::<Conditions>(&text).unwrap(), before);
        assert_eq!(crate::json::from_str::<Conditions>("[]").unwrap(), Conditions::default());
        let of = |n| [(Operation::KvWrite, n)].into_iter().collect::<Usage>();
        let used = Used::default().after(3 * DAY, of(5)).after(3 * DAY, of(7));
        let text = serde_json::to_string(&used).unwrap();
        assert_eq!(crate::json::from_str::<Used>(&text).unwrap(), used);
    }

    #[test]
    fn few_failures_are_no_alarm_however_few_the_requests() {
        let mut before = Conditions::default();
        for (requests, failed) in [(4, 4), (1_000, 10), (0, 0)] {
            let traffic = WindowTraffic { requests, refused: 0, failed };
            let told = look(&mut before, &Scene { traffic, ..well() });
            assert_eq!(told, [], "{failed} of {requests}");
        }
    }

    #[test]
    fn a_step_that_waits_is_told_once_and_the_next_one_anew() {
        let decided = |step, outcome| Scene { decision: decision(step, outcome), ..well() };
        let waits = decided(LoopStep::Advance, LoopOutcome::Waits);
        let done = decided(LoopStep::Advance, LoopOutcome::Done);
        let mut before = Conditions::default();
        for _ in 0..2 {
            assert_eq!(look(&mut before, &waits), [(AlertKind::Approval, AlertEvent::Raised)]);
            assert_eq!(look(&mut before, &waits), []);
            assert_eq!(look(&mut before, &done), []);
        }
        let hindered = decided(LoopStep::Retrain, LoopOutcome::Waits);
        assert_eq!(look(&mut before, &hindered), []);
    }

    #[test]
    fn one_look_that_sees_nothing_is_no_news() {
        let rule = AlertRule { raise_after: 1, resolve_after: 1 };
        let (once, told) = unseen(Conditions::default(), rule, "it is away");
        assert_eq!(told, []);
        let (mut twice, told) = unseen(once, rule, "it is away");
        assert!(matches!(
            &*told,
            [Told { kind: AlertKind::Watching, event: AlertEvent::Raised, .. }]
        ));
        assert_eq!(look(&mut twice, &well()), []);
        assert_eq!(look(&mut twice, &well()), [(AlertKind::Watching, AlertEvent::Resolved)]);
    }

    #[test]
    fn a_day_begins_with_what_the_day_before_ended_with() {
        let of = |n| [(Operation::RowRead, n)].into_iter().collect::<Usage>();
        let share = |used: &Used| used.most(&of(1_000)).map(|most| most.1);
        let first = Used::default().after(20 * DAY + 5, of(5_000));
        assert_eq!(share(&first), Some(0.0), "what was used before anybody looked is unknown");
        let later = first.after(20 * DAY + 6, of(5_400));
        assert_eq!(share(&later), Some(0.4));
        let next_day = later.after(21 * DAY, of(5_600));
        assert_eq!(share(&next_day), Some(0.2));
        assert_eq!(next_day.most(&Usage::default()), None, "no bound");
    }
}
