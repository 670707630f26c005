//! The loop on Monitor: what was decided at each look, as a story, and what is wanted of it.

use crate::i18n::t;
use crate::view_models::format;

/// What was decided at one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) number: u64,
    /// When, as the wire has it.
    pub(crate) at: String,
    /// The version that served.
    pub(crate) champion: u64,
    /// What is right to do, as the wire calls it.
    pub(crate) step: String,
    /// What became of it, as the wire calls it.
    pub(crate) outcome: String,
    /// The same in sentences, by the edge.
    pub(crate) says: String,
    /// How far the trial under way had come, as the wire calls it; empty without one.
    pub(crate) stage: String,
    /// What was looked at: names and values.
    pub(crate) evidence: Vec<(String, String)>,
}

/// Looks one after the other at which the same was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chapter {
    /// The newest of them.
    pub(crate) newest: Decision,
    /// When the oldest was.
    pub(crate) since: String,
    /// How many there are.
    pub(crate) n: usize,
}

/// A retraining at the edge.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Retraining {
    pub(crate) is_running: bool,
    /// Which share of it is done.
    pub(crate) share: f64,
    /// How it stands, by the edge.
    pub(crate) says: String,
}

/// What an owner wants of the loop.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Policy {
    /// How far it goes by itself, as the wire calls it.
    pub(crate) mode: String,
    pub(crate) min_accuracy: f64,
    pub(crate) min_gain: f64,
    pub(crate) stage_labels: Vec<u64>,
    pub(crate) max_labels: u64,
    pub(crate) probation_labels: u64,
}

/// What is known of the loop. One value, so that one kind of signal holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    /// What was decided, newest first.
    pub(crate) decisions: Vec<Decision>,
    /// The newest training.
    pub(crate) retraining: Option<Retraining>,
    /// What is wanted of it.
    pub(crate) policy: Option<Policy>,
}

impl Told {
    /// What was decided last.
    pub(crate) fn newest(&self) -> Option<&Decision> {
        self.decisions.first()
    }

    /// Whether a step waits for an owner to take it.
    pub(crate) fn waits(&self) -> bool {
        self.newest().is_some_and(Decision::waits)
    }

    /// Whether a trial is under way, as of the last look.
    pub(crate) fn has_trial(&self) -> bool {
        self.newest().is_some_and(|newest| !newest.stage.is_empty())
    }

    /// Whether a model is trained at the edge.
    pub(crate) fn is_training(&self) -> bool {
        self.retraining.as_ref().is_some_and(|it| it.is_running)
    }
}

/// A change of the loop that needs no confirmation: what it does stands beside its button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    /// That the step is taken that waits.
    Step,
    /// That another model is trained.
    Retrain,
    /// That the training stops.
    Stop,
    /// That the loop goes so far by itself.
    Mode(String),
    /// That it looks now.
    Look,
}

impl Decision {
    /// When it was.
    pub(crate) fn time(&self) -> String {
        super::when::second(&self.at)
    }

    /// Whether a step waits for an owner to take it.
    pub(crate) fn waits(&self) -> bool {
        self.outcome == "waits" && self.step != "retrain"
    }

    /// What it is, in a word or two.
    pub(crate) fn heading(&self) -> &'static str {
        match (self.outcome.as_str(), self.step.as_str()) {
            ("failed", _) => t!("Could not be done"),
            ("waits", "retrain") => t!("Another model is asked for"),
            ("waits", _) => t!("Waits for you"),
            ("off", _) => t!("Would be done"),
            (_, "advance") => t!("Next stage"),
            (_, "promote") => t!("Promoted"),
            (_, "drop") => t!("Given up"),
            (_, "pass") => t!("Passed its probation"),
            (_, "roll_back") => t!("Taken back"),
            (_, "retrain") => t!("Trained anew"),
            (_, _) if !self.stage.is_empty() => t!("Waits for labels"),
            _ => t!("Nothing to do"),
        }
    }
}

impl Chapter {
    /// When it was, or from when until when.
    pub(crate) fn time(&self) -> String {
        let newest = self.newest.time();
        match self.n {
            1 => newest,
            n => t!(
                "{n} looks, from {since} to {newest}",
                n,
                since = super::when::second(&self.since),
                newest
            ),
        }
    }
}

/// The decisions, newest first, as a story: what was decided again and again is told once, by the newest.
pub(crate) fn story(decisions: &[Decision]) -> Vec<Chapter> {
    let mut chapters = Vec::<Chapter>::new();
    for decision in decisions {
        // What was done is told each time.
        let is_again = |chapter: &Chapter| {
            let Decision { champion, step, outcome, stage, .. } = &chapter.newest;
            *outcome != "done"
                && *champion == decision.champion
                && [step, outcome, stage] == [&decision.step, &decision.outcome, &decision.stage]
        };
        match chapters.last_mut().filter(|chapter| is_again(chapter)) {
            Some(chapter) => {
                chapter.n += 1;
                chapter.since.clone_from(&decision.at);
            }
            None => chapters.push(Chapter {
                newest: decision.clone(),
                since: decision.at.clone(),
                n: 1,
            }),
        }
    }
    chapters
}

/// A number of the evidence: four places, and more where these say nothing.
pub(crate) fn figure(number: f64) -> String {
    let is_tiny = number != 0.0 && number.abs() < 0.000_5;
    if is_tiny { format!("{number:.1e}") } else { format::trimmed(number, 4) }
}

/// What is known once `page`, the newest decisions, is here; newest first.
pub(crate) fn merged(page: Vec<Decision>, known: &[Decision]) -> Vec<Decision> {
    let oldest = page.last().map_or(u64::MAX, |it| it.number);
    let is_joined = known.first().is_some_and(|newest| newest.number + 1 >= oldest);
    let older = known.iter().filter(|it| is_joined && it.number < oldest).cloned();
    page.into_iter().chain(older).collect()
}

impl Policy {
    /// What happens under it.
    pub(crate) fn sentences(&self) -> [String; 2] {
        let mode = match self.mode.as_str() {
            "auto" => t!(
                "It acts by itself: what is shown to be better is promoted, and what falls short goes."
            ),
            "off" => t!("It only looks, and says what it would do."),
            _ => t!(
                "Before callers are answered by another model it waits here for you. What falls short it gives up, and what fails it takes back, without asking."
            ),
        };
        let labels: Vec<String> = self.stage_labels.iter().map(u64::to_string).collect();
        let rules = t!(
            "Another model is trained once less than {accuracy} of the answers are shown to be right, once the rows have changed for good, or by the clock. It is tried on {labels} labelled rows, in the shadow, with a tenth and with half of the requests; promoted if it is shown to be right more often, by at least {gain}; given up after {most}. For {probation} more the one before comes back if that is shown to be better.",
            accuracy = format::percent(self.min_accuracy),
            labels = labels.join(" + "),
            gain = t!("{n}\u{a0}points", n = format::trimmed(100.0 * self.min_gain, 1)),
            most = self.max_labels,
            probation = self.probation_labels
        );
        [mode.to_owned(), rules]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(number: u64, step: &str, outcome: &str, stage: &str) -> Decision {
        Decision {
            number,
            at: format!("2026-01-01T00:{number:02}:00.000Z"),
            step: step.into(),
            outcome: outcome.into(),
            stage: stage.into(),
            ..Decision::default()
        }
    }

    #[test]
    fn what_is_decided_again_and_again_is_told_once() {
        let decisions = [
            decided(6, "wait", "nothing", "tenth"),
            decided(5, "advance", "done", "shadow"),
            decided(4, "advance", "done", "shadow"),
            decided(3, "advance", "waits", "shadow"),
            decided(2, "wait", "nothing", "shadow"),
            decided(1, "wait", "nothing", "shadow"),
        ];
        let story = story(&decisions);
        let told: Vec<_> =
            story.iter().map(|it| (it.newest.number, it.n, it.newest.heading())).collect();
        let expected = [
            (6, 1, "Waits for labels"),
            (5, 1, "Next stage"),
            (4, 1, "Next stage"),
            (3, 1, "Waits for you"),
            (2, 2, "Waits for labels"),
        ];
        assert_eq!(told, expected);
        assert_eq!(story[4].time(), "2 looks, from 2026-01-01 00:01:00 to 2026-01-01 00:02:00");
        assert_eq!(story[0].time(), "2026-01-01 00:06:00");
    }

    #[test]
    fn what_is_told_of_one_champion_is_not_told_of_another() {
        let of = |number: u64, champion: u64| Decision {
            champion,
            ..decided(number, "wait", "nothing", "")
        };
        let story = story(&[of(4, 2), of(3, 1), of(2, 1), of(1, 2)]);
        let told: Vec<_> = story.iter().map(|it| (it.newest.champion, it.n)).collect();
        assert_eq!(told, [(2, 1), (1, 2), (2, 1)]);
    }

    #[test]
    fn new_decisions_join_those_that_are_known_and_a_gap_is_no_story() {
        let known = [decided(3, "wait", "nothing", ""), decided(2, "wait", "nothing", "")];
        let numbers = |decisions: Vec<Decision>| -> Vec<u64> {
            decisions.into_iter().map(|it| it.number).collect()
        };
        let page = |from: u64, to: u64| {
            (from..=to).rev().map(|number| decided(number, "wait", "nothing", "")).collect()
        };
        assert_eq!(numbers(merged(page(3, 5), &known)), [5, 4, 3, 2]);
        assert_eq!(numbers(merged(page(4, 5), &known)), [5, 4, 3, 2]);
        assert_eq!(numbers(merged(page(5, 6), &known)), [6, 5]);
        assert_eq!(numbers(merged(page(1, 2), &[])), [2, 1]);
        assert_eq!(numbers(merged(Vec::new(), &known)), Vec::<u64>::new(), "a new deployment");
    }

    #[test]
    fn small_p_values_are_told() {
        assert_eq!([0.0, 3.0, 0.05, 0.000_012].map(figure), ["0", "3", "0.05", "1.2e-5"]);
    }

    #[test]
    fn a_policy_says_what_happens_under_it() {
        let policy = Policy {
            mode: "approve".into(),
            min_accuracy: 0.9,
            min_gain: 0.02,
            stage_labels: vec![50, 100, 200],
            max_labels: 2_000,
            probation_labels: 500,
        };
        let [mode, rules] = policy.sentences();
        assert!(mode.contains("waits here for you"), "{mode}");
        assert!(rules.contains("50 + 100 + 200 labelled rows"), "{rules}");
        assert!(rules.contains("less than 90.0\u{a0}% of the answers"), "{rules}");
        assert!(rules.contains("by at least 2\u{a0}points;"), "{rules}");
        let [mode, _] = Policy { mode: "off".into(), ..policy }.sentences();
        assert!(mode.contains("only looks"), "{mode}");
    }
}
