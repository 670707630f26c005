//! The answer of a model at the edge, in words.

use tepal_api::PredictResponse;

use super::answer::Certainty;
use super::edge_agreement::edge_model;
use super::families::served_family;
use super::format;
use crate::edge::model::Remote;
use crate::i18n::t;

/// An answer, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RemoteWords {
    /// Index of the answered class.
    pub(crate) class: usize,
    /// Its name.
    pub(crate) name: String,
    /// How sure the model is.
    pub(crate) sentence: String,
    /// What cannot be excluded, if there is more than one class of it.
    pub(crate) set: Option<String>,
    /// What the edge warns of.
    pub(crate) warnings: Vec<String>,
    /// Class, name and probability of each class, in the order of the schema.
    pub(crate) shares: Vec<(usize, String, f64)>,
    /// Which model answered.
    pub(crate) by: String,
}

/// Which model will answer, and where.
pub(crate) fn about(remote: &Remote) -> String {
    t!(
        "This site answers by a model whose file is not public ({family}, version {version}). So each question goes to the edge: these values and nothing else, once you ask.",
        family = served_family(&remote.family),
        version = remote.version
    )
}

impl RemoteWords {
    /// The words for `response`, of a model of these `classes`.
    pub(crate) fn of(classes: &[String], response: &PredictResponse) -> Self {
        let sure = format::percent(response.confidence);
        let sentence = match Certainty::of(response.confidence) {
            _ if response.confidence >= 1.0 => {
                t!("This model sees no other possibility.").to_owned()
            }
            Certainty::NearlyCertain => t!("Nearly certain, at {sure}.", sure),
            Certainty::Likely => t!("Likely, at {sure}.", sure),
            Certainty::Leaning => t!("Leaning this way, at {sure}.", sure),
            Certainty::Undecided => t!("Undecided: the first guess has {sure}.", sure),
        };
        let others = response.prediction_set.iter().flatten();
        let others = others.filter(|class| **class != response.prediction).cloned();
        let others = others.reduce(|names, last| t!("{names} or {last}", names, last));
        let share = |(class, name): (usize, &String)| {
            let probability = response.probabilities.get(name).copied().unwrap_or_default();
            (class, name.clone(), probability)
        };
        Self {
            class: classes.iter().position(|class| *class == response.prediction).unwrap_or(0),
            name: response.prediction.clone(),
            sentence,
            set: others.map(|others| t!("Or possibly {others}.", others)),
            warnings: response
                .warnings
                .iter()
                .map(|warning| format::sentence(&warning.detail))
                .collect(),
            shares: classes.iter().enumerate().map(share).collect(),
            by: t!("{model}, at the edge", model = edge_model(response)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::format::NBSP;

    #[test]
    fn the_answer_of_the_edge_is_told_as_the_tabs_is() {
        let json = r#"{"id": "1", "prediction": "Gentoo", "confidence": 0.8,
            "probabilities": {"Adelie": 0.2, "Gentoo": 0.8}, "model_used": "random_forest",
            "model_version": 2, "model_id": "ab12", "prediction_set": ["Adelie", "Gentoo"],
            "warnings": [{"code": "outside_training_range", "pointer": "/bill", "detail": "bill is outside 32 to 60 mm"}],
            "timestamp": ""}"#;
        let response: PredictResponse = serde_json::from_str(json).unwrap();
        let classes = ["Adelie", "Chinstrap", "Gentoo"].map(str::to_owned);
        let words = RemoteWords::of(&classes, &response);
        assert_eq!((words.class, words.name.as_str()), (2, "Gentoo"));
        assert_eq!(words.sentence.replace(NBSP, " "), "Likely, at 80.0 %.");
        assert_eq!(words.set.as_deref(), Some("Or possibly Adelie."));
        assert_eq!(words.warnings, ["Bill is outside 32 to 60 mm."]);
        assert_eq!(words.shares[1], (1, "Chinstrap".to_owned(), 0.0));
        assert_eq!(words.by, "Random forest · version 2 · ab12, at the edge");
    }
}
