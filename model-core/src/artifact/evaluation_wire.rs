//! What was measured, as it stands in a file.

use serde::{Deserialize, Serialize};

use crate::evaluation::{ConfusionMatrix, CrossValidation, Evaluation, Fold, SplitEvaluation};

#[derive(Serialize, Deserialize)]
pub(super) struct EvaluationWire {
    pub(super) test: Option<(Vec<u32>, f64)>,
    pub(super) train: (Vec<u32>, f64),
    pub(super) cv: Option<Vec<(u32, u32, f64)>>,
    pub(super) out_of_bag_accuracy: Option<f64>,
}

pub(super) fn encode(evaluation: &Evaluation) -> EvaluationWire {
    let split = |part: &SplitEvaluation| (part.confusion.counts().to_vec(), part.log_loss);
    EvaluationWire {
        test: evaluation.test.as_ref().map(split),
        train: split(&evaluation.train),
        cv: evaluation.cv.as_ref().map(|cv| {
            cv.folds.iter().map(|fold| (fold.n_correct, fold.n_samples, fold.log_loss)).collect()
        }),
        out_of_bag_accuracy: evaluation.out_of_bag_accuracy,
    }
}

pub(super) fn decode(wire: EvaluationWire, n_classes: usize) -> Option<Evaluation> {
    let split = |(counts, log_loss): (Vec<u32>, f64)| {
        let confusion = ConfusionMatrix::from_counts(n_classes, counts)?;
        log_loss.is_finite().then_some(SplitEvaluation { confusion, log_loss })
    };
    let fold = |(n_correct, n_samples, log_loss): (u32, u32, f64)| {
        let sound = n_correct <= n_samples && log_loss.is_finite();
        sound.then_some(Fold { n_correct, n_samples, log_loss })
    };
    let cv = match wire.cv {
        Some(folds) => {
            let folds = folds.into_iter().map(fold).collect::<Option<Vec<Fold>>>()?;
            Some(CrossValidation { folds })
        }
        None => None,
    };
    let test = match wire.test {
        Some(test) => Some(split(test)?),
        None => None,
    };
    let out_of_bag_accuracy = wire.out_of_bag_accuracy;
    let share = out_of_bag_accuracy.is_none_or(|share| (0.0..=1.0).contains(&share));
    let train = split(wire.train)?;
    share.then_some(Evaluation { test, train, cv, out_of_bag_accuracy })
}
