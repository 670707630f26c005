//! The edge's answer beside the tab's: the same to the bit, or what differs.

use tepal_api::PredictResponse;

use super::answer::Answer;
use super::families::served_family;
use crate::i18n::t;

/// What the tab answered when the edge was asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LocalAnswer {
    /// Content id of the model that answers in the tab.
    pub(crate) model_id: String,
    /// Its name for people.
    pub(crate) model_name: String,
    /// Its answer.
    pub(crate) answer: Answer,
    /// The measurements, as text.
    pub(crate) texts: Vec<String>,
}

/// How the two answers relate.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Agreement {
    /// The same model, and every probability has the same 64 bits.
    ToTheBit,
    /// The same model, but not the same bits: something is wrong.
    SameModelOtherBits {
        /// Largest difference of a probability.
        largest_difference: f64,
    },
    /// Another model answers there.
    OtherModel {
        /// Whether it gives the same class.
        same_class: bool,
    },
}

/// Compares the two answers.
pub(crate) fn compare(local: &LocalAnswer, edge: &PredictResponse) -> Agreement {
    if edge.model_id != local.model_id {
        return Agreement::OtherModel { same_class: edge.prediction == local.answer.name };
    }
    let shares = &local.answer.shares;
    let theirs = |name: &str| edge.probabilities.get(name).copied().unwrap_or(f64::NAN);
    let same_bits = edge.probabilities.0.len() == shares.len()
        && edge.prediction == local.answer.name
        && edge.confidence.to_bits() == local.answer.confidence.to_bits()
        && shares.iter().all(|share| theirs(&share.name).to_bits() == share.probability.to_bits());
    if same_bits {
        return Agreement::ToTheBit;
    }
    let differences = shares.iter().map(|share| (theirs(&share.name) - share.probability).abs());
    Agreement::SameModelOtherBits { largest_difference: differences.fold(0.0, f64::max) }
}

/// A model as the page names it: `SVM · version 1 · 3f2a…`.
pub(crate) fn edge_model(edge: &PredictResponse) -> String {
    t!(
        "{family} · version {version} · {id}",
        family = served_family(&edge.model_used),
        version = edge.model_version,
        id = edge.model_id.chars().take(12).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, row};
    use tepal_api::OrderedMap;

    fn local() -> LocalAnswer {
        let artifact = built_in();
        let texts = ["5.9", "3.0", "4.8", "1.7"];
        let answer = Answer::predict(&artifact, &row(&artifact, &texts).unwrap());
        let texts = texts.map(str::to_owned).to_vec();
        LocalAnswer { model_id: artifact.id().to_string(), model_name: "SVM".into(), answer, texts }
    }

    fn edge(local: &LocalAnswer) -> PredictResponse {
        let shares = local.answer.shares.iter();
        let probabilities: OrderedMap =
            shares.map(|share| (share.name.clone(), share.probability)).collect();
        let response = PredictResponse {
            id: "id".into(),
            prediction: local.answer.name.clone(),
            confidence: local.answer.confidence,
            probabilities,
            model_used: "svm".into(),
            model_version: 1,
            model_id: local.model_id.clone(),
            prediction_set: None,
            warnings: Vec::new(),
            timestamp: String::new(),
        };
        // Over the wire and back: JSON must not cost a bit.
        serde_json::from_str(&serde_json::to_string(&response).unwrap()).unwrap()
    }

    #[test]
    fn the_same_model_agrees_to_the_bit_over_json() {
        let local = local();
        assert_eq!(compare(&local, &edge(&local)), Agreement::ToTheBit);
    }

    #[test]
    fn one_bit_off_is_noticed() {
        let local = local();
        let mut edge = edge(&local);
        let first = &mut edge.probabilities.0[0].1;
        *first = f64::from_bits(first.to_bits() + 1);
        assert!(matches!(compare(&local, &edge), Agreement::SameModelOtherBits { .. }));
    }

    #[test]
    fn a_missing_class_is_not_agreement() {
        let local = local();
        let mut edge = edge(&local);
        edge.probabilities.0.pop();
        assert!(matches!(compare(&local, &edge), Agreement::SameModelOtherBits { .. }));
    }

    #[test]
    fn another_model_is_named() {
        let local = local();
        let mut edge = edge(&local);
        edge.model_id = "f".repeat(64);
        assert_eq!(compare(&local, &edge), Agreement::OtherModel { same_class: true });
        assert_eq!(edge_model(&edge), "SVM · version 1 · ffffffffffff");
    }
}
