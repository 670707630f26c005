//! The model's answer in words first, then as numbers.

use model_core::{Artifact, FeatureRow, NumericRange, Schema, is_iris};

use super::format;
use super::slider::span;
use crate::i18n::t;

/// How sure the model is, as a word. The bounds are ours: half is where more than one class
/// stops being possible as the favourite, and 0.95 is the usual bar for a firm statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// At least 0.95.
    NearlyCertain,
    /// At least 0.75.
    Likely,
    /// At least 0.5.
    Leaning,
    /// No class reaches half.
    Undecided,
}

impl Certainty {
    /// The word for a confidence.
    pub(crate) fn of(confidence: f64) -> Self {
        if confidence >= 0.95 {
            Self::NearlyCertain
        } else if confidence >= 0.75 {
            Self::Likely
        } else if confidence >= 0.5 {
            Self::Leaning
        } else {
            Self::Undecided
        }
    }
}

/// What is asked of `artifact`, in words.
pub(crate) fn question(artifact: &Artifact) -> String {
    if is_iris(&artifact.lineage().data_hash) {
        t!("Which iris is this?").to_owned()
    } else {
        question_of(artifact.schema())
    }
}

/// What is asked of a model of which only the schema is known.
pub(crate) fn question_of(schema: &Schema) -> String {
    t!("Which {target} is this?", target = format::words(&schema.target))
}

/// One class's share of the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClassShare {
    /// Index in the schema.
    pub(crate) class: usize,
    /// Name.
    pub(crate) name: String,
    /// Probability.
    pub(crate) probability: f64,
}

/// An answer to show.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// Predicted class.
    pub(crate) class: usize,
    /// Its name.
    pub(crate) name: String,
    /// Its probability.
    pub(crate) confidence: f64,
    /// The word for it.
    pub(crate) certainty: Certainty,
    /// Every class in the schema's order, so that bars keep their place while one drags.
    pub(crate) shares: Vec<ClassShare>,
    /// Each value outside what the model was trained on, and each category that it does not know.
    pub(crate) warnings: Vec<Warning>,
}

/// What to be careful about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Warning {
    /// A value outside what the model was trained on.
    Unusual {
        /// The feature.
        label: String,
        /// What is known of it.
        range: NumericRange,
        /// Its unit.
        unit: Option<String>,
    },
    /// A category that the model does not know.
    Unknown {
        /// The feature.
        label: String,
        /// What it counts as.
        other: String,
    },
}

impl Warning {
    /// It in a sentence.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Unusual { label, range, unit } => t!(
                "{label} is outside the {seen} that the model was trained on.",
                label,
                seen = span(range.training, range.decimals, unit.as_deref())
            ),
            Self::Unknown { label, other } => t!(
                "{label} counts as “{other}”, which all rare and unknown ones share.",
                label,
                other
            ),
        }
    }
}

impl Answer {
    /// What `artifact` says about `row`.
    pub(crate) fn predict(artifact: &Artifact, row: &FeatureRow) -> Self {
        let schema = artifact.schema();
        let prediction = artifact.predict(row);
        let shares: Vec<ClassShare> = schema
            .classes
            .iter()
            .zip(&prediction.probabilities)
            .enumerate()
            .map(|(class, (name, &probability))| ClassShare {
                class,
                name: name.clone(),
                probability,
            })
            .collect();
        let (name, confidence) = shares
            .get(prediction.class)
            .map_or_else(Default::default, |share| (share.name.clone(), share.probability));
        Self {
            class: prediction.class,
            name,
            confidence,
            certainty: Certainty::of(confidence),
            shares,
            warnings: row
                .outside_training(schema)
                .filter_map(|index| unusual(schema, index))
                .chain(row.unknown_categories(schema).filter_map(|index| unknown(schema, index)))
                .collect(),
        }
    }

    /// How sure the model is and what else it could be, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let sure = format::percent(self.confidence);
        let sure = match sure.strip_prefix(">\u{a0}") {
            Some(share) => t!("more than {share}", share),
            None => sure,
        };
        let other = self.runner_up().map_or_else(
            || t!("nothing else is possible").to_owned(),
            |other| {
                let share = format::percent(other.probability);
                t!("{class} has {share}", class = other.name, share)
            },
        );
        match self.certainty {
            // "Nearly certain, at 100 %" would contradict itself.
            _ if self.confidence >= 1.0 => t!("This model sees no other possibility.").to_owned(),
            Certainty::NearlyCertain => t!("Nearly certain, at {sure}.", sure),
            Certainty::Likely => t!("Likely, at {sure}; {other}.", sure, other),
            Certainty::Leaning => t!("Leaning this way, at {sure}; {other}.", sure, other),
            Certainty::Undecided => {
                t!("Undecided: the first guess has {sure}; {other}.", sure, other)
            }
        }
    }

    /// The sentence for a screen reader: class, confidence, warnings.
    pub(crate) fn spoken(&self) -> String {
        let mut spoken = format!("{}. {}", self.name, self.sentence());
        for warning in &self.warnings {
            spoken.push(' ');
            spoken.push_str(&warning.words());
        }
        spoken
    }

    fn runner_up(&self) -> Option<&ClassShare> {
        self.shares
            .iter()
            .filter(|share| share.class != self.class)
            .max_by(|a, b| a.probability.total_cmp(&b.probability))
    }
}

fn unusual(schema: &Schema, index: usize) -> Option<Warning> {
    let feature = schema.features.get(index)?;
    let (label, range) = (feature.label.clone(), *feature.numeric()?);
    Some(Warning::Unusual { label, range, unit: feature.unit.clone() })
}

fn unknown(schema: &Schema, index: usize) -> Option<Warning> {
    let feature = schema.features.get(index)?;
    let (label, other) = (feature.label.clone(), feature.other_category()?.to_owned());
    Some(Warning::Unknown { label, other })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, called_iris, mixed, row, sharing};
    use crate::view_models::format::NBSP;

    fn answer(values: [&str; 4]) -> Answer {
        let model = built_in();
        Answer::predict(&model, &row(&model, &values).unwrap())
    }

    fn shares(probabilities: [f64; 3]) -> Answer {
        let shares: Vec<ClassShare> = probabilities
            .into_iter()
            .enumerate()
            .map(|(class, probability)| ClassShare {
                class,
                name: format!("c{class}"),
                probability,
            })
            .collect();
        let confidence = probabilities[0];
        let certainty = Certainty::of(confidence);
        Answer { class: 0, name: "c0".into(), confidence, certainty, shares, warnings: Vec::new() }
    }

    #[test]
    fn the_question_is_about_irises_for_the_built_in_data_alone() {
        assert_eq!(question(&built_in()), "Which iris is this?");
        let questions = called_iris().map(|other| question(&other));
        assert_eq!(questions, ["Which eye is this?", "Which species is this?"]);
    }

    #[test]
    fn a_typical_setosa_is_called_setosa() {
        let answer = answer(["5.1", "3.5", "1.4", "0.2"]);
        assert_eq!((answer.class, answer.name.as_str()), (0, "setosa"));
        assert!(answer.warnings.is_empty());
        let sum: f64 = answer.shares.iter().map(|share| share.probability).sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_words_follow_the_confidence() {
        let sentence = |probabilities| shares(probabilities).sentence().replace(NBSP, " ");
        assert_eq!(sentence([1.0, 0.0, 0.0]), "This model sees no other possibility.");
        assert_eq!(sentence([0.999_99, 0.000_01, 0.0]), "Nearly certain, at more than 99.9 %.");
        assert_eq!(sentence([0.97, 0.02, 0.01]), "Nearly certain, at 97.0 %.");
        assert_eq!(sentence([0.8, 0.05, 0.15]), "Likely, at 80.0 %; c2 has 15.0 %.");
        assert_eq!(sentence([0.62, 0.37, 0.01]), "Leaning this way, at 62.0 %; c1 has 37.0 %.");
        assert_eq!(
            sentence([0.4, 0.35, 0.25]),
            "Undecided: the first guess has 40.0 %; c1 has 35.0 %."
        );
    }

    #[test]
    fn values_beyond_training_are_named() {
        let answer = answer(["9.5", "3.5", "1.4", "0.2"]);
        assert_eq!(answer.warnings.len(), 1);
        assert!(answer.warnings[0].words().starts_with("Sepal length is outside the 4.3 to 7.9"));
        assert!(answer.spoken().contains("Sepal length"));
    }

    #[test]
    fn an_unknown_category_is_named_with_the_answer() {
        let model = sharing();
        let answer = Answer::predict(&model, &row(&model, &["3", "mauve"]).unwrap());
        let warning = "colour counts as “other”, which all rare and unknown ones share.";
        let words: Vec<String> = answer.warnings.iter().map(Warning::words).collect();
        assert_eq!(words, [warning]);
        assert!(answer.spoken().ends_with(warning));
        // Gaps are allowed everywhere: a model says so, whatever its data lacked.
        let gaps = row(&model, &["", ""]).unwrap();
        assert!(Answer::predict(&model, &gaps).warnings.is_empty());
    }

    #[test]
    fn categories_and_gaps_make_a_row() {
        let model = mixed();
        let row = |texts: [&str; 4]| row(&model, &texts);
        let values = row(["3", "red", "2.5", "long"]).unwrap();
        assert_eq!(values.values(), [3.0, 1.0, 2.5, 0.0]);
        let gaps = row(["3", "red", "", ""]).unwrap();
        assert!(gaps.values()[2..].iter().all(|value| value.is_nan()));
        let answer = Answer::predict(&model, &gaps);
        assert!(answer.warnings.is_empty());
        assert!(
            (answer.shares.iter().map(|share| share.probability).sum::<f64>() - 1.0).abs() < 1e-12
        );
        let problems = row(["", "green", "x", ""]).unwrap_err();
        assert_eq!(problems.len(), 3);
        assert_eq!(problems[1], "colour: Choose one of the list.");
    }

    #[test]
    fn every_faulty_field_is_reported() {
        let problems = row(&built_in(), &["", "3.5", "x", "0.2"]).unwrap_err();
        assert_eq!(problems.len(), 2);
        assert!(problems[0].starts_with("Sepal length: "));
        assert!(problems[1].starts_with("Petal length: "));
    }
}
