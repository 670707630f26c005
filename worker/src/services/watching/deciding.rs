//! What is right to do after a look. Pure: what was seen and the policy go in, a step and its reasons come out.

use std::collections::BTreeMap;

use model_core::drift::is_lasting;
use model_core::lifecycle::{
    ClassOutcomes, Dropped, Errors, Hindrance, Missing, Policy, Probation, RetrainEvidence,
    RollbackReason, Rollout, Stage, TrialEvidence, Trigger, decide_retraining, judge_promoted,
    next_stage,
};
use serde_json::{Map, Value, json};
use tepal_api::{LabelledReport, LoopStep, RetrainTrigger, Trial, TrialStage};

use crate::ports::{Counters, Deployment, Part, Tally, TrialStep};
use crate::services::log::tally::Pair;
use crate::services::metrics::trial_errors;
use crate::services::report::{self, chance, percent, points};
use crate::services::retraining::Past;

/// What a look saw, as far as it is decided by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) policy: &'a Policy,
    pub(super) tallies: &'a [Tally],
    pub(super) counters: &'a Counters,
    /// Windows of the champion in a row that drifted, and the p-value of the newest.
    pub(super) drifted: (u32, f64),
    /// What that has to reach for an alarm.
    pub(super) level: f64,
    /// Id of the first row of those windows, and, if they drifted for good ([`has_drifted`]), how many of the rows since have a
    /// label; counted up to as many as a training takes.
    pub(super) drifted_from: Option<&'a str>,
    pub(super) n_labelled_since: Option<u64>,
    /// How many rows have a label, whichever version answered; at least.
    pub(super) n_labelled: u64,
    /// How many rows that are kept train beside them, where they alone are too few.
    pub(super) n_kept: u64,
    /// The retrainings before.
    pub(super) past: Past,
    /// Whether somebody asks for another one now.
    pub(super) is_asked: bool,
    /// Hours since anybody looked for the first time.
    pub(super) hours_watched: f64,
}

/// Whether windows of the champion have `drifted`, so many in a row and the newest with such a p-value, for good: as many as the
/// policy asks for, and at the `level` of an alarm.
pub(super) fn has_drifted(drifted: (u32, f64), policy: &Policy, level: f64) -> bool {
    let (n, p_value) = drifted;
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    is_lasting(n, p_value, policy.drift_windows, level)
}

/// What is right to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision {
    pub(super) step: LoopStep,
    /// Why, in sentences.
    pub(super) says: String,
    pub(super) evidence: Map<String, Value>,
    /// What asks for a retraining that nothing stands in the way of.
    pub(super) retrain: Vec<RetrainTrigger>,
    /// Id of the oldest row that it is to learn from, if not from all.
    pub(super) from_id: Option<String>,
}

impl Decision {
    fn new(step: LoopStep, says: String, evidence: Value) -> Self {
        let evidence = if let Value::Object(map) = evidence { map } else { Map::new() };
        Self { step, says, evidence, retrain: Vec::new(), from_id: None }
    }

    /// The step of the trial that this is, and whether it changes by whom callers are answered, which an owner may want to be
    /// asked about.
    pub(super) const fn change(&self) -> Option<(TrialStep, bool)> {
        match self.step {
            LoopStep::Advance => Some((TrialStep::Advance, true)),
            LoopStep::Promote => Some((TrialStep::Promote, true)),
            LoopStep::Drop => Some((TrialStep::Drop, false)),
            LoopStep::Pass => Some((TrialStep::Pass, false)),
            LoopStep::RollBack => Some((TrialStep::RollBack, false)),
            LoopStep::Wait | LoopStep::Retrain => None,
        }
    }
}

/// What is right to do.
pub(super) fn decide(sight: Sight<'_>) -> Decision {
    let Deployment { champion, challenger, trial, .. } = sight.deployment;
    let (Some(trial), Some(challenger)) = (trial, challenger) else { return of_champion(sight) };
    let on_trial = sight.deployment.on_trial().unwrap_or(champion.version);
    let other = if on_trial == champion.version { challenger } else { champion };
    let of_trial = OfTrial { trial: *trial, versions: [on_trial, other.version], sight };
    of_trial.decide()
}

/// A trial under way.
struct OfTrial<'a> {
    trial: Trial,
    /// The version on trial, and the one that it is held against.
    versions: [u64; 2],
    sight: Sight<'a>,
}

impl OfTrial<'_> {
    fn decide(&self) -> Decision {
        let (found, n_here) = self.evidence();
        match self.trial.stage {
            TrialStage::Shadow => self.rollout(Stage::Shadow, &found, n_here),
            TrialStage::Tenth => self.rollout(Stage::Tenth, &found, n_here),
            TrialStage::Half => self.rollout(Stage::Half, &found, n_here),
            TrialStage::Probation => self.probation(&found),
        }
    }

    /// What the trial's labelled rows say, the version on trial first, and how many of them are of its stage.
    fn evidence(&self) -> (TrialEvidence, u64) {
        let mut found = TrialEvidence::default();
        let mut n_here = 0;
        for tally in self.sight.tallies.iter().filter(|tally| tally.part == Part::Paired) {
            let pair = Pair::read(&tally.word).filter(|pair| pair.number == self.trial.number);
            let (Some(pair), Ok(n)) = (pair, u64::try_from(tally.n)) else { continue };
            n_here += if pair.stage == self.trial.stage { n } else { 0 };
            let known = found.classes.iter().position(|it| it.class == pair.class);
            let at = known.unwrap_or_else(|| {
                let class = pair.class.to_owned();
                found.classes.push(ClassOutcomes { class, paired: Default::default() });
                found.classes.len() - 1
            });
            for paired in [&mut found.paired, &mut found.classes[at].paired] {
                *match pair.is_right {
                    [true, true] => &mut paired.both,
                    [true, false] => &mut paired.first,
                    [false, true] => &mut paired.second,
                    [false, false] => &mut paired.neither,
                } += n;
            }
        }
        let [first, second] = trial_errors(self.sight.counters, self.trial.number, self.versions);
        found.errors = Errors { first, second };
        (found, n_here)
    }

    fn evidence_json(&self, found: &TrialEvidence, n_here: u64) -> Value {
        let TrialEvidence { paired, errors, classes } = found;
        // Of those that count. Which class it is, the ledger is not told.
        let counted = classes.iter().map(|it| it.paired);
        let counted = counted.filter(|it| it.n() >= self.sight.policy.min_class_rows);
        let recall_drop = counted.map(|it| -it.gain()).max_by(f64::total_cmp);
        let mut evidence = json!({
            "trial": self.trial.number,
            "stage": self.trial.stage,
            "version": self.versions[0],
            "against": self.versions[1],
            "labelled": paired.n(),
            "labelled_at_this_stage": n_here,
            "both_right": paired.both,
            "only_version_right": paired.first,
            "only_against_right": paired.second,
            "neither_right": paired.neither,
            "gain": paired.gain(),
            "p_value_better": paired.p_value_first_better(),
            "p_value_worse": paired.p_value_second_better(),
            "errors": errors.first,
            "errors_against": errors.second,
        });
        if let Some(drop) = recall_drop {
            evidence["largest_recall_drop"] = drop.into();
        }
        evidence
    }

    fn rollout(&self, stage: Stage, found: &TrialEvidence, n_here: u64) -> Decision {
        let Self { versions: [version, against], sight, .. } = self;
        let n = found.paired.n();
        let here = described(stage);
        let (step, says) = match next_stage(stage, n - n_here.min(n), found, sight.policy) {
            Rollout::Wait { n_labels: 0, missing } => {
                let most = sight.policy.max_labels;
                let missing = listed(&missing);
                let says = format!(
                    "Version {version} is tried {here}, and on {n} labelled rows {missing}. At {most} it is given up."
                );
                (LoopStep::Wait, says)
            }
            Rollout::Wait { n_labels, .. } => {
                let needed = n_here + n_labels;
                let says = format!(
                    "Version {version} is tried {here}: {n_here} of the {needed} labelled rows are there that this stage \
                     takes, and nothing speaks against it."
                );
                (LoopStep::Wait, says)
            }
            Rollout::Advance(next) => {
                let says = format!(
                    "Nothing speaks against version {version} on {n} labelled rows: next, it is tried {}.",
                    described(next)
                );
                (LoopStep::Advance, says)
            }
            Rollout::Promote { gain, p_value } => {
                let says = format!(
                    "On {n} labelled rows version {version} is right {} more often than version {against} ({}, however often \
                     one looks): it becomes the champion.",
                    points(gain),
                    chance(p_value)
                );
                (LoopStep::Promote, says)
            }
            Rollout::Drop(dropped) => {
                let why = match dropped {
                    Dropped::Worse { p_value } => format!(
                        "on {n} labelled rows it is right {} less often than version {against} ({}, however often one looks)",
                        points(-found.paired.gain()),
                        chance(p_value)
                    ),
                    Dropped::Errors(errors) => failing(errors, *against),
                    Dropped::Budget { n, missing } => {
                        format!("after {n} labelled rows {}", listed(&missing))
                    }
                };
                (LoopStep::Drop, format!("Version {version} is given up: {why}."))
            }
        };
        Decision::new(step, says, self.evidence_json(found, n_here))
    }

    fn probation(&self, found: &TrialEvidence) -> Decision {
        let Self { versions: [version, against], sight, .. } = self;
        let (paired, n) = (found.paired, found.paired.n());
        let (step, says) = match judge_promoted(paired, found.errors, sight.policy) {
            Probation::Watch { n_labels } => {
                let needed = n + n_labels;
                let says = format!(
                    "Version {version} is on probation: on {n} of {needed} labelled rows nothing speaks for version {against}."
                );
                (LoopStep::Wait, says)
            }
            Probation::Passed => {
                let says = format!(
                    "Version {version} has passed its probation: on {n} labelled rows it is not shown to be worse than version \
                     {against}, which is asked no more."
                );
                (LoopStep::Pass, says)
            }
            Probation::RollBack(reason) => {
                let why = match reason {
                    RollbackReason::Accuracy { gain, p_value } => format!(
                        "on {n} labelled rows it is right {} less often ({}, however often one looks)",
                        points(-gain),
                        chance(p_value)
                    ),
                    RollbackReason::Errors(errors) => failing(errors, *against),
                };
                let says = format!(
                    "Version {against} comes back in the place of version {version}: {why}."
                );
                (LoopStep::RollBack, says)
            }
        };
        Decision::new(step, says, self.evidence_json(found, n))
    }
}

/// Whether the champion is to be trained anew.
fn of_champion(sight: Sight<'_>) -> Decision {
    let version = sight.deployment.champion.version;
    let LabelledReport { n, n_correct, interval: [low, high], .. } =
        report::labelled(sight.tallies, version);
    let (n_drifted, drift_p_value) = sight.drifted;
    let Past { is_running, hours_since_last, n_today } = sight.past;
    let hours_without = hours_since_last.unwrap_or(sight.hours_watched);
    let every_hours = sight.policy.every_hours;
    let mut evidence = RetrainEvidence {
        n_labelled: n,
        n_right: n_correct,
        n_drifted: usize::try_from(n_drifted).unwrap_or(usize::MAX),
        drift_p_value,
        drift_level: sight.level,
        is_asked: sight.is_asked,
        is_due: every_hours > 0.0 && hours_without >= every_hours,
        is_running,
        hours_since_last,
        n_today,
        n_rows: sight.n_labelled + sight.n_kept,
    };
    let mut found = decide_retraining(&evidence, sight.policy);
    // Where rows have changed, those since are learnt from: if they are enough, or neither labels nor somebody ask.
    let others = |it: &Trigger| matches!(it, Trigger::Accuracy { .. } | Trigger::Hand);
    let is_drift_alone = !found.triggers.iter().any(others);
    let enough = |n: &u64| *n >= sight.policy.min_rows || is_drift_alone;
    let since = sight.n_labelled_since.filter(enough);
    if let Some(n) = since {
        evidence.n_rows = n;
        found = decide_retraining(&evidence, sight.policy);
    }
    let looked_at = json!({
        "version": version,
        "labelled": n,
        "right": n_correct,
        "accuracy_from": low,
        "accuracy_to": high,
        "windows_drifted": n_drifted,
        "drift_p_value": drift_p_value,
        "rows_to_train_on": evidence.n_rows,
        "retrainings_today": n_today,
    });
    // What the clock alone asks for, and can't be done, is no news at each look.
    let only_due = found.triggers == [Trigger::Schedule];
    if found.triggers.is_empty() || (only_due && !found.is_go()) {
        let labelled = match n {
            0 => "none of its predictions has a label".to_owned(),
            _ => format!("{n_correct} of {n} labelled predictions were right"),
        };
        let drifted = match n_drifted {
            0 => "no window drifted".to_owned(),
            1 => "the newest window drifted".to_owned(),
            n => format!("{n} windows in a row drifted"),
        };
        let running = if is_running { " A training is under way." } else { "" };
        let says = format!(
            "Version {version} serves, and nothing asks for another model: {labelled}, and {drifted}.{running}"
        );
        return Decision::new(LoopStep::Wait, says, looked_at);
    }
    let mut says = String::new();
    for trigger in &found.triggers {
        says += &match trigger {
            Trigger::Accuracy { at_most, needed } => format!(
                "Version {version} is right in at most {} of its predictions, where {} are asked for. ",
                percent(*at_most),
                percent(*needed)
            ),
            Trigger::Drift { n_windows, p_value } => format!(
                "The rows that version {version} is asked no longer look like those that trained it: {n_windows} windows in a \
                 row (p = {p_value:.1e}). "
            ),
            Trigger::Hand => "Somebody asks for another model. ".to_owned(),
            Trigger::Schedule => {
                format!("For {hours_without:.0} hours no other model was trained. ")
            }
        };
    }
    for hindrance in &found.hindrances {
        says += &match hindrance {
            Hindrance::Rows { is, needed } => {
                let (labelled, how) = match (since, sight.n_kept) {
                    (Some(_), _) => {
                        ("labelled ", " since the rows changed: send labels".to_owned())
                    }
                    (None, 0) => (
                        "labelled ",
                        ": send labels, let the edge keep rows that you have".to_owned(),
                    ),
                    (None, kept) => ("", format!(", {kept} of them kept ones: send labels")),
                };
                format!(
                    "Of the {needed} {labelled}rows that a training takes at least, {is} are there{how}, or train a \
                     model on rows of today, publish it and put it on trial."
                )
            }
            Hindrance::Running => "A training is under way. ".to_owned(),
            Hindrance::Cooldown { hours } => {
                format!("The last training is too new: the next may begin in {hours:.1} hours. ")
            }
            Hindrance::Budget { n } => {
                format!("There were {n} trainings in 24 hours, as many as the policy allows. ")
            }
        };
    }
    if found.is_go() {
        let since = if since.is_some() { " since the rows changed" } else { "" };
        let kept =
            if since.is_empty() && sight.n_kept > 0 { " and on rows that are kept" } else { "" };
        says += &format!("Models are trained on the newest labelled rows{since}{kept}.");
    }
    let mut decision = Decision::new(LoopStep::Retrain, says.trim_end().to_owned(), looked_at);
    if found.is_go() {
        decision.retrain = found.triggers.iter().map(trigger_word).collect();
        decision.from_id = since.and(sight.drifted_from).map(str::to_owned);
    }
    decision
}

/// Labelled rows that there are at least and at most: two versions may have been asked for one row, or each for rows of its own.
pub(super) fn n_labelled(tallies: &[Tally]) -> [u64; 2] {
    let mut by_version = BTreeMap::<u64, u64>::new();
    for tally in tallies.iter().filter(|tally| tally.part == Part::Labelled) {
        let n = by_version.entry(tally.version).or_insert(0);
        *n = n.saturating_add_signed(tally.n);
    }
    let most = by_version.values().copied().max().unwrap_or(0);
    [most, by_version.into_values().sum()]
}

const fn trigger_word(trigger: &Trigger) -> RetrainTrigger {
    match trigger {
        Trigger::Hand => RetrainTrigger::Hand,
        Trigger::Accuracy { .. } => RetrainTrigger::Accuracy,
        Trigger::Drift { .. } => RetrainTrigger::Drift,
        Trigger::Schedule => RetrainTrigger::Schedule,
    }
}

const fn described(stage: Stage) -> &'static str {
    match stage {
        Stage::Shadow => "in the shadow",
        Stage::Tenth => "with a tenth of the requests",
        Stage::Half => "with half of the requests",
    }
}

fn failing(errors: Errors, against: u64) -> String {
    let Errors { first, second } = errors;
    format!(
        "it could not answer {first} rows that version {against} could, and the other way round {second}"
    )
}

fn listed(missing: &[Missing]) -> String {
    let words = missing.iter().map(|missing| match missing {
        Missing::Gain { is, needed } => {
            format!("it gains {}, where {} are asked for", points(*is), points(*needed))
        }
        Missing::Significance { p_value, alpha } => {
            format!(
                "chance may have made the difference ({}, {alpha} is asked for)",
                chance(*p_value)
            )
        }
        // No name of a class: what is done is in the ledger for good.
        Missing::Recall { drop, allowed, .. } => format!(
            "its recall of one class falls by {}, more than the {} that are allowed",
            points(*drop),
            points(*allowed)
        ),
    });
    words.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Mode, ModelRef};
    use crate::services::metrics::CounterKey;

    fn deployment(stage: Option<TrialStage>) -> Deployment {
        let model = |version: u64| ModelRef { version, model_id: format!("id {version}") };
        Deployment {
            champion: model(1),
            challenger: Some(model(2)),
            split_basis_points: 10_000,
            mode: Mode::Shadow,
            public_artifact: false,
            previous_champion: None,
            trial: stage.map(|stage| Trial { number: 7, stage }),
        }
    }

    fn tally(part: Part, word: &str, n: i64, sum: i64) -> Tally {
        Tally { version: 2, part, word: word.into(), n, sum }
    }

    fn decided(stage: TrialStage, tallies: &[Tally], counters: &Counters) -> Decision {
        let (deployment, policy) = (deployment(Some(stage)), Policy::default());
        let sight = Sight {
            deployment: &deployment,
            policy: &policy,
            tallies,
            counters,
            drifted: (0, 1.0),
            level: 0.001,
            drifted_from: None,
            n_labelled_since: None,
            n_labelled: n_labelled(tallies)[0],
            n_kept: 0,
            past: Past::default(),
            is_asked: false,
            hours_watched: 0.0,
        };
        decide(sight)
    }

    #[test]
    fn labels_of_this_trial_alone_count_and_of_this_stage_for_the_stage() {
        let tallies = [
            tally(Part::Paired, "7/shadow/11/a", 30, 0),
            tally(Part::Paired, "7/tenth/11/b/c", 20, 0),
            tally(Part::Paired, "6/shadow/01/a", 400, 0),
            tally(Part::Labelled, "a", 400, 0),
        ];
        let shadow = decided(TrialStage::Shadow, &tallies, &Counters::new());
        assert_eq!((shadow.step, shadow.change()), (LoopStep::Wait, None));
        assert!(shadow.says.contains("30 of the 50 labelled rows"), "{}", shadow.says);
        let tenth = decided(TrialStage::Tenth, &tallies, &Counters::new());
        assert!(tenth.says.contains("20 of the 100 labelled rows"), "{}", tenth.says);
        assert_eq!(
            (&tenth.evidence["labelled"], &tenth.evidence["both_right"]),
            (&json!(50), &json!(50))
        );
    }

    #[test]
    fn the_class_that_loses_most_is_part_of_the_evidence_if_it_has_rows_enough() {
        let few = tally(Part::Paired, "7/half/01/c", 2, 0);
        let tallies = [
            tally(Part::Paired, "7/half/10/a", 300, 0),
            tally(Part::Paired, "7/half/11/b", 70, 0),
            tally(Part::Paired, "7/half/01/b", 30, 0),
            few.clone(),
        ];
        let lost = decided(TrialStage::Half, &tallies, &Counters::new());
        assert_eq!(lost.evidence["largest_recall_drop"], json!(0.3));
        let unknown = decided(TrialStage::Half, &[few], &Counters::new());
        assert_eq!(unknown.evidence.get("largest_recall_drop"), None);
    }

    #[test]
    fn each_step_says_why() {
        let of = |stage, both: i64, first: i64, second: i64| {
            let stage_word = stage;
            let word = |right: &str| format!("7/{}/{right}/a", TrialStage::as_str(stage_word));
            let tallies = [
                tally(Part::Paired, &word("11"), both, 0),
                tally(Part::Paired, &word("10"), first, 0),
                tally(Part::Paired, &word("01"), second, 0),
            ];
            decided(stage, &tallies, &Counters::new())
        };
        let cases = [
            (of(TrialStage::Shadow, 50, 1, 1), LoopStep::Advance, "next, it is tried with a tenth"),
            (of(TrialStage::Half, 300, 45, 5), LoopStep::Promote, "becomes the champion"),
            (of(TrialStage::Half, 300, 5, 45), LoopStep::Drop, "on 350 labelled rows it is right"),
            (
                of(TrialStage::Half, 1_980, 10, 10),
                LoopStep::Drop,
                "after 2000 labelled rows it gains 0.0 points",
            ),
            (of(TrialStage::Half, 300, 3, 3), LoopStep::Wait, "chance may have made"),
            (of(TrialStage::Probation, 100, 3, 3), LoopStep::Wait, "106 of 500"),
            (of(TrialStage::Probation, 500, 3, 3), LoopStep::Pass, "passed its probation"),
            (
                of(TrialStage::Probation, 60, 3, 37),
                LoopStep::RollBack,
                "on 100 labelled rows it is right 34.0 points less often",
            ),
        ];
        for (found, step, words) in cases {
            assert_eq!(found.step, step, "{}", found.says);
            assert!(found.says.contains(words), "{}", found.says);
        }
    }

    #[test]
    fn a_version_that_fails_is_given_up_or_taken_back_for_that() {
        let count = |version| CounterKey::TrialErrors(7, version).to_text();
        for (stage, failing, step) in
            [(TrialStage::Tenth, 2, LoopStep::Drop), (TrialStage::Probation, 1, LoopStep::RollBack)]
        {
            let counters = [(count(failing), 30)].into();
            let found = decided(stage, &[], &counters);
            assert_eq!(found.step, step);
            assert!(found.says.contains("could not answer 30 rows"), "{}", found.says);
        }
    }

    #[test]
    fn without_a_trial_it_is_about_the_champion() {
        let (deployment, policy) = (deployment(None), Policy::default());
        let of = |n: i64, right: i64, drifted| {
            let tallies = [Tally { version: 1, ..tally(Part::Labelled, "a", n, right) }];
            let counters = Counters::new();
            let sight = Sight {
                deployment: &deployment,
                policy: &policy,
                tallies: &tallies,
                counters: &counters,
                drifted,
                level: 0.001,
                drifted_from: Some("id"),
                n_labelled_since: (drifted.0 > 2).then_some(7),
                n_labelled: n_labelled(&tallies)[0],
                n_kept: 0,
                past: Past::default(),
                is_asked: false,
                hours_watched: 200.0,
            };
            decide(sight)
        };
        let due = of(100, 96, (0, 1.0));
        assert_eq!(
            (due.step, &due.retrain[..]),
            (LoopStep::Retrain, &[RetrainTrigger::Schedule][..])
        );
        assert!(due.says.contains("For 200 hours no other model was trained"), "{}", due.says);
        let well = of(40, 39, (2, 1e-9));
        assert_eq!(well.step, LoopStep::Wait);
        assert!(
            well.says.contains("39 of 40 labelled predictions were right, and 2 windows"),
            "{}",
            well.says
        );
        let fallen = of(200, 150, (0, 1.0));
        assert_eq!((fallen.step, fallen.change()), (LoopStep::Retrain, None));
        assert_eq!(fallen.retrain, [RetrainTrigger::Accuracy, RetrainTrigger::Schedule]);
        assert!(fallen.says.contains("right in at most 84.4 %"), "{}", fallen.says);
        let drifted = of(0, 0, (3, 1e-9));
        assert!(drifted.says.contains("3 windows in a row (p = 1.0e-9)"), "{}", drifted.says);
        let words = "Of the 50 labelled rows that a training takes at least, 7 are there since";
        assert!(drifted.says.contains(words), "{}", drifted.says);
        assert!(drifted.retrain.is_empty(), "something is in the way");
    }
}
