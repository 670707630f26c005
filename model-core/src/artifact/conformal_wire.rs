//! What prediction sets need, as it stands in a file.

use serde::{Deserialize, Serialize};

use crate::conformal::{ConformalPredictor, ConformalScores, SetEvaluation, is_coverage};

#[derive(Serialize, Deserialize)]
pub(super) struct ConformalWire {
    pub(super) coverage: f64,
    /// Absent without cross-validation.
    pub(super) scores: Option<ScoresWire>,
    /// Sets of the held-out rows.
    pub(super) test: Option<SetsWire>,
}

/// Scores ascend and are not negative, and so do their bits: the first one's, then the steps from
/// one to the next, most of them three bytes long.
#[derive(Serialize, Deserialize)]
pub(super) struct ScoresWire {
    pub(super) n: u32,
    pub(super) steps: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SetsWire {
    /// Of each class: rows, and rows whose set holds it.
    pub(super) classes: Vec<(u32, u32)>,
    pub(super) sizes: Vec<u32>,
}

pub(super) fn encode(
    coverage: f64,
    predictor: Option<&ConformalPredictor>,
    test: Option<&SetEvaluation>,
) -> ConformalWire {
    let scores = |predictor: &ConformalPredictor| {
        let (mut last, scores) = (0, predictor.scores());
        let steps = scores.kept().iter().map(|score| {
            let bits = score.to_bits();
            bits - std::mem::replace(&mut last, bits)
        });
        ScoresWire { n: scores.n_scores(), steps: steps.collect() }
    };
    let sets = |sets: &SetEvaluation| SetsWire {
        classes: sets.classes.clone(),
        sizes: sets.sizes.clone(),
    };
    ConformalWire { coverage, scores: predictor.map(scores), test: test.map(sets) }
}

/// The scores with what was counted of test rows.
pub(super) type Conformal = (Option<ConformalPredictor>, Option<SetEvaluation>);

pub(super) fn decode(wire: ConformalWire, n_classes: usize) -> Option<Conformal> {
    let ConformalWire { coverage, scores, test } = wire;
    let predictor = match scores {
        Some(scores) => Some(decode_scores(scores, coverage)?),
        None => None,
    };
    let test = test.map(|SetsWire { classes, sizes }| SetEvaluation { classes, sizes });
    let sound = test.as_ref().is_none_or(|sets| predictor.is_some() && sets.is_sound(n_classes));
    sound.then_some((predictor, test))
}

fn decode_scores(wire: ScoresWire, coverage: f64) -> Option<ConformalPredictor> {
    if !is_coverage(coverage) {
        return None;
    }
    let mut bits = 0_u32;
    let mut kept = Vec::with_capacity(wire.steps.len());
    for step in wire.steps {
        bits = bits.checked_add(step)?;
        kept.push(f32::from_bits(bits));
    }
    let scores = ConformalScores::from_parts(wire.n, kept, coverage)?;
    Some(ConformalPredictor::with_scores(scores, coverage))
}
