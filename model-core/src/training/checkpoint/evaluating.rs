//! Predictions and an evaluation as they are written down between two steps, and taken up again.

use serde::{Deserialize, Serialize};

use super::fitting::{Basis, ReadyWire};
use crate::conformal::ConformalPredictor;
use crate::dataset::Dataset;
use crate::digest::Digest;
use crate::evaluation::Agreement;
use crate::split::Split;
use crate::training::evaluating::{Evaluating, Narrowed};
use crate::training::predicting::Predicting;

/// Probabilities so far, a place a class, row by row, and what was measured that they do not tell.
#[derive(Serialize, Deserialize)]
pub(super) struct EvaluatingWire {
    ready: ReadyWire,
    narrowed: Option<NarrowedWire>,
    test: Vec<f64>,
    train: Vec<f64>,
    /// Columns that were looked at.
    n_features: u32,
}

/// An exact model beside the narrowed one.
#[derive(Serialize, Deserialize)]
enum NarrowedWire {
    Predicting { before: Vec<f64>, after: Vec<f64> },
    Compared(Agreement),
}

/// What a probability may be beyond 1 by rounding.
const ROUNDING: f64 = 1e-9;

/// Gives rows that are to be predicted the probabilities that they had so far; `None` if they
/// cannot be theirs.
pub(super) fn resume_predictions(
    predicting: &mut Predicting,
    probabilities: Vec<f64>,
    dataset: &Dataset,
) -> Option<()> {
    let n_classes = dataset.n_classes().max(1);
    let is_sound = probabilities.len().is_multiple_of(n_classes)
        && probabilities.len() / n_classes <= predicting.n_rows()
        && probabilities.iter().all(|p| (0.0..=1.0 + ROUNDING).contains(p));
    is_sound.then(|| predicting.resume(probabilities, n_classes))
}

impl EvaluatingWire {
    pub(super) fn of(evaluating: &Evaluating) -> Self {
        let Evaluating { ready, narrowed, test, train, features, .. } = evaluating;
        let probabilities = |predicting: &Predicting| predicting.probabilities().to_vec();
        let exact = narrowed.as_ref().map_or(&ready.pipeline, |narrowed| &narrowed.exact);
        Self {
            ready: ReadyWire::of(ready, exact),
            narrowed: narrowed.as_ref().map(|narrowed| match narrowed.agreement {
                Some(agreement) => NarrowedWire::Compared(agreement),
                None => NarrowedWire::Predicting {
                    before: probabilities(&narrowed.before),
                    after: probabilities(&narrowed.after),
                },
            }),
            test: probabilities(&test.predicting),
            train: probabilities(&train.predicting),
            n_features: features.len() as u32,
        }
    }

    /// What can be measured of whole predictions is, at once.
    pub(super) fn resume(
        self,
        basis: Basis<'_>,
        split: &Split,
        scores: &[f64],
        data_hash: Digest,
    ) -> Option<Evaluating> {
        let Basis { dataset, params, .. } = basis;
        let ready = self.ready.resume(basis)?;
        let conformal = ConformalPredictor::new(scores.to_vec(), params.coverage);
        let (form, n_rows) = (params.quantisation, dataset.n_samples());
        let mut evaluating = Evaluating::new(ready, conformal, form, split, n_rows);
        match (&mut evaluating.narrowed, self.narrowed) {
            (Some(narrowed), Some(wire)) => wire.resume(narrowed, dataset)?,
            (None, None) => {}
            _ => return None,
        }
        let Evaluating { test, train, conformal, features, .. } = &mut evaluating;
        for (part, probabilities, conformal) in
            [(test, self.test, conformal.as_ref()), (train, self.train, None)]
        {
            resume_predictions(&mut part.predicting, probabilities, dataset)?;
            if part.predicting.is_over() {
                part.measure(dataset, conformal);
            }
        }
        let n_features = self.n_features as usize;
        if n_features > dataset.n_features() {
            return None;
        }
        features.extend((0..n_features).map(|at| dataset.feature_of(at, &split.train)));
        // The name of the data was found out to compare it.
        evaluating.data_hash = Some(data_hash);
        Some(evaluating)
    }
}

impl NarrowedWire {
    fn resume(self, narrowed: &mut Narrowed, dataset: &Dataset) -> Option<()> {
        match self {
            Self::Predicting { before, after } => {
                resume_predictions(&mut narrowed.before, before, dataset)?;
                resume_predictions(&mut narrowed.after, after, dataset)
            }
            Self::Compared(agreement) => {
                let Agreement { n_rows, n_equal_labels, max_abs_difference } = agreement;
                let is_sound = n_rows as usize == dataset.n_samples()
                    && n_equal_labels <= n_rows
                    && (0.0..=1.0).contains(&max_abs_difference);
                narrowed.agreement = is_sound.then_some(agreement);
                is_sound.then_some(())
            }
        }
    }
}
