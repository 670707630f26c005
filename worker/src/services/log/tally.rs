//! What a row and its label add to the counts that reports are made of.
//!
//! SQLite counts appended rows by a statement that says the same; the contract suite holds both to it.

use serde::Deserialize;
use tepal_api::{Draw, OrderedMap, TrialRow, TrialStage};

use crate::ports::{LogRow, Part, StorageError, Tally};

/// Of a record, what is counted; a row may lack all of it but its version.
#[derive(Debug, Deserialize)]
pub(crate) struct Counted {
    #[serde(default)]
    timestamp: String,
    model_version: u64,
    prediction: Option<String>,
    #[serde(default)]
    probabilities: OrderedMap,
    shadow: Option<Shadow>,
    #[serde(default)]
    warnings: Vec<String>,
    draw: Option<Draw>,
    trial: Option<TrialRow>,
    subject: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Shadow {
    model_version: u64,
    prediction: String,
    probabilities: OrderedMap,
}

/// A class that somebody predicted, with the confidence in millionths.
struct Said<'a> {
    version: u64,
    part: Part,
    class: &'a str,
    confidence: i64,
}

impl<'a> Said<'a> {
    fn new(version: u64, part: Part, class: &'a str, probabilities: &OrderedMap) -> Self {
        let most = probabilities.iter().fold(0.0, |most: f64, (_, p)| most.max(*p));
        #[expect(clippy::cast_possible_truncation, reason = "a probability is at most 1")]
        let confidence = (most * 1e6 + 0.5) as i64;
        Self { version, part, class, confidence }
    }
}

impl Counted {
    /// Reads it from a row.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if the record isn't one.
    pub(crate) fn read(row: &LogRow) -> Result<Self, StorageError> {
        crate::json::from_str(&row.record).map_err(|error| StorageError::Corrupt(error.to_string()))
    }

    /// Hour of the prediction.
    pub(crate) fn hour(&self) -> &str {
        self.timestamp.get(..13).unwrap_or("")
    }

    /// Whether this pseudonym stands for whom the row is about.
    pub(crate) fn is_about(&self, subject: &str) -> bool {
        self.subject.as_deref() == Some(subject)
    }

    /// Whether the model that answered knows this class.
    pub(crate) fn knows(&self, class: &str) -> bool {
        self.prediction.is_some() && self.probabilities.get(class).is_some()
    }

    /// What the row adds.
    pub(crate) fn tallies(&self) -> Vec<Tally> {
        let version = self.model_version;
        let of = |part, word: String| Tally { version, part, word, n: 1, sum: 0 };
        let said = self.said().map(|said| {
            let Said { version, part, class, confidence } = said;
            Tally { version, part, word: class.to_owned(), n: 1, sum: confidence }
        });
        let warnings = self.warnings.iter().map(|code| of(Part::Warned, code.clone()));
        let draw = self.draw.iter().map(|draw| of(Part::Drawn, drawn(draw)));
        said.chain(warnings).chain(draw).collect()
    }

    /// What its label adds, for each model that was asked, and for the trial that it counts in.
    pub(crate) fn verdicts(&self, label: &str) -> Vec<Tally> {
        let verdict = |Said { version, class, .. }| {
            let sum = i64::from(class == label);
            Tally { version, part: Part::Labelled, word: label.to_owned(), n: 1, sum }
        };
        self.said().map(verdict).chain(self.paired(label)).collect()
    }

    /// Which of the two models of a trial was right.
    fn paired(&self, label: &str) -> Option<Tally> {
        let TrialRow { number, stage, model_version } = self.trial?;
        let mut is_right = [None; 2];
        for Said { version, class, .. } in self.said() {
            is_right[usize::from(version != model_version)] = Some(class == label);
        }
        let [Some(first), Some(second)] = is_right else { return None };
        let word = Pair { number, stage, is_right: [first, second], class: label }.word();
        Some(Tally { version: model_version, part: Part::Paired, word, n: 1, sum: 0 })
    }

    fn said(&self) -> impl Iterator<Item = Said<'_>> {
        let answer = self
            .prediction
            .iter()
            .map(|class| Said::new(self.model_version, Part::Answered, class, &self.probabilities));
        let shadow = self.shadow.iter().map(|shadow| {
            let Shadow { model_version, prediction, probabilities } = shadow;
            Said::new(*model_version, Part::Shadow, prediction, probabilities)
        });
        answer.chain(shadow)
    }
}

/// What draws of an experiment are told apart by.
pub(crate) fn drawn(draw: &Draw) -> String {
    let Draw { challenger_version, split_basis_points } = draw;
    format!("{challenger_version}/{split_basis_points}")
}

/// What labels of a trial's rows are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    /// The trial's number.
    pub(crate) number: u64,
    /// Its stage when the row was answered.
    pub(crate) stage: TrialStage,
    /// Whether the version on trial was right, and the other one.
    pub(crate) is_right: [bool; 2],
    pub(crate) class: &'a str,
}

impl<'a> Pair<'a> {
    fn word(&self) -> String {
        let Self { number, stage, is_right, class } = self;
        let [first, second] = is_right.map(u8::from);
        // The class is the last, as it may hold anything.
        format!("{number}/{}/{first}{second}/{class}", stage.as_str())
    }

    /// The pair that a tally's word tells.
    pub(crate) fn read(word: &'a str) -> Option<Self> {
        let mut parts = word.splitn(4, '/');
        let number = parts.next()?.parse().ok()?;
        let stage = parts.next()?;
        let stage = TrialStage::ALL.into_iter().find(|it| it.as_str() == stage)?;
        let (first, second) = parts.next()?.split_at_checked(1)?;
        Some(Self { number, stage, is_right: [first == "1", second == "1"], class: parts.next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(record: &str) -> Counted {
        Counted::read(&LogRow { id: "a".into(), model_version: 1, record: record.into() }).unwrap()
    }

    fn tally(version: u64, part: Part, word: &str, sum: i64) -> Tally {
        Tally { version, part, word: word.into(), n: 1, sum }
    }

    #[test]
    fn everything_that_a_row_says_is_counted_under_whoever_said_it() {
        let row = counted(
            r#"{"id":"a","timestamp":"2026-01-01T07:59:59.999Z","model_version":1,"prediction":"x",
                "probabilities":{"x":0.7000004,"y":0.2999996},"warnings":["unknown_category"],
                "shadow":{"model_version":2,"prediction":"y","probabilities":{"x":0.25,"y":0.75}},
                "draw":{"challenger_version":2,"split_basis_points":2000}}"#,
        );
        assert_eq!(row.hour(), "2026-01-01T07");
        let expected = [
            tally(1, Part::Answered, "x", 700_000),
            tally(2, Part::Shadow, "y", 750_000),
            tally(1, Part::Warned, "unknown_category", 0),
            tally(1, Part::Drawn, "2/2000", 0),
        ];
        assert_eq!(row.tallies(), expected);
        let verdicts = [tally(1, Part::Labelled, "y", 0), tally(2, Part::Labelled, "y", 1)];
        assert_eq!(row.verdicts("y"), verdicts);
        assert!(row.knows("x") && row.knows("y") && !row.knows("z"));
    }

    #[test]
    fn a_label_of_a_trial_tells_which_of_the_two_was_right() {
        let row = |answered: u64, asked: u64, stage: &str| {
            counted(&format!(
                r#"{{"id":"a","model_version":{answered},"prediction":"x/y","probabilities":{{"x/y":1}},
                    "shadow":{{"model_version":{asked},"prediction":"z","probabilities":{{"z":1}}}},
                    "trial":{{"number":7,"stage":"{stage}","model_version":2}}}}"#
            ))
        };
        let paired = |row: &Counted, label: &str| {
            let tallies = row.verdicts(label);
            let [_, _, paired] = &tallies[..] else { panic!("{tallies:?}") };
            assert_eq!((paired.version, paired.part, paired.n), (2, Part::Paired, 1));
            paired.word.clone()
        };
        // Whoever answered.
        assert_eq!(paired(&row(1, 2, "shadow"), "x/y"), "7/shadow/01/x/y");
        assert_eq!(paired(&row(2, 1, "half"), "x/y"), "7/half/10/x/y");
        assert_eq!(paired(&row(2, 1, "probation"), "w"), "7/probation/00/w");
        let expected =
            Pair { number: 7, stage: TrialStage::Half, is_right: [true, false], class: "x/y" };
        assert_eq!(Pair::read("7/half/10/x/y"), Some(expected));
        for other in ["", "7", "7/half", "7/whole/10/x", "x/half/10/x", "7/half//x", "7/half/10"] {
            assert!(Pair::read(other).is_none_or(|pair| pair.is_right == [false; 2]), "{other}");
        }
    }

    #[test]
    fn a_row_that_says_nothing_counts_nothing() {
        let row = counted(r#"{"id":"a","model_version":1}"#);
        assert!(row.tallies().is_empty() && row.verdicts("x").is_empty() && !row.knows("x"));
        assert_eq!(row.hour(), "");
    }
}
