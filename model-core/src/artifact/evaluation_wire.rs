//! What was measured, as it stands in a file.

use serde::{Deserialize, Serialize};

use crate::evaluation::{
    Agreement, CalibrationBin, CalibrationCurve, ConfusionMatrix, CrossValidation, Evaluation,
    Fold, ProbabilityQuality, SplitEvaluation,
};

#[derive(Serialize, Deserialize)]
pub(super) struct EvaluationWire {
    pub(super) test: Option<SplitWire>,
    pub(super) train: SplitWire,
    pub(super) cv: Option<CrossValidationWire>,
    pub(super) out_of_bag_accuracy: Option<f64>,
    pub(super) feature_importances: Option<Vec<f64>>,
    /// Rows, equal labels, greatest difference.
    pub(super) quantisation: Option<(u32, u32, f64)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SplitWire {
    pub(super) counts: Vec<u32>,
    pub(super) log_loss: f64,
    pub(super) quality: Option<QualityWire>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct QualityWire {
    brier: f64,
    roc_auc: Vec<Option<f64>>,
    n_bins: u8,
    /// Of each bin that holds rows: its place, rows, mean confidence, accuracy.
    bins: Vec<(u8, u32, f64, f64)>,
    expected_calibration_error: f64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CrossValidationWire {
    /// Of each fold: rows right, rows, log loss.
    pub(super) folds: Vec<(u32, u32, f64)>,
    pub(super) n_repeats: u32,
    pub(super) n_rows: u32,
}

pub(super) fn encode(evaluation: &Evaluation) -> EvaluationWire {
    EvaluationWire {
        test: evaluation.test.as_ref().map(encode_split),
        train: encode_split(&evaluation.train),
        cv: evaluation.cv.as_ref().map(|cv| CrossValidationWire {
            folds: cv.folds.iter().map(|f| (f.n_correct, f.n_samples, f.log_loss)).collect(),
            n_repeats: cv.n_repeats,
            n_rows: cv.n_rows,
        }),
        out_of_bag_accuracy: evaluation.out_of_bag_accuracy,
        feature_importances: evaluation.feature_importances.clone(),
        quantisation: evaluation
            .quantisation
            .as_ref()
            .map(|a| (a.n_rows, a.n_equal_labels, a.max_abs_difference)),
    }
}

fn encode_split(part: &SplitEvaluation) -> SplitWire {
    let quality = |quality: &ProbabilityQuality| {
        let bins = quality.calibration.bins.iter().zip(0..);
        QualityWire {
            brier: quality.brier,
            roc_auc: quality.roc_auc.clone(),
            n_bins: quality.calibration.bins.len() as u8,
            bins: bins
                .filter(|(bin, _)| bin.count > 0)
                .map(|(bin, place)| (place, bin.count, bin.mean_confidence, bin.accuracy))
                .collect(),
            expected_calibration_error: quality.calibration.expected_calibration_error,
        }
    };
    SplitWire {
        counts: part.confusion.counts().to_vec(),
        log_loss: part.log_loss,
        quality: part.quality.as_ref().map(quality),
    }
}

pub(super) fn decode(
    wire: EvaluationWire,
    n_features: usize,
    n_classes: usize,
) -> Option<Evaluation> {
    let is_share = |share: &f64| (0.0..=1.0).contains(share);
    let evaluation = Evaluation {
        test: match wire.test {
            Some(test) => Some(decode_split(test, n_classes)?),
            None => None,
        },
        train: decode_split(wire.train, n_classes)?,
        cv: match wire.cv {
            Some(cv) => Some(decode_cv(cv)?),
            None => None,
        },
        out_of_bag_accuracy: wire.out_of_bag_accuracy,
        feature_importances: wire.feature_importances,
        quantisation: wire.quantisation.map(|(n_rows, n_equal_labels, max_abs_difference)| {
            Agreement { n_rows, n_equal_labels, max_abs_difference }
        }),
        // They stand with the scores, which no file before format 3 has.
        prediction_sets: None,
    };
    let sound = evaluation.out_of_bag_accuracy.as_ref().is_none_or(is_share)
        && evaluation.feature_importances.as_ref().is_none_or(|importances| {
            importances.len() == n_features && importances.iter().all(|share| share.is_finite())
        })
        && evaluation.quantisation.as_ref().is_none_or(|agreement| {
            agreement.n_equal_labels <= agreement.n_rows && is_share(&agreement.max_abs_difference)
        });
    sound.then_some(evaluation)
}

fn decode_split(wire: SplitWire, n_classes: usize) -> Option<SplitEvaluation> {
    let SplitWire { counts, log_loss, quality } = wire;
    let quality = match quality {
        Some(quality) => Some(decode_quality(quality, n_classes)?),
        None => None,
    };
    let confusion = ConfusionMatrix::from_counts(n_classes, counts)?;
    log_loss.is_finite().then_some(SplitEvaluation { confusion, log_loss, quality })
}

fn decode_quality(wire: QualityWire, n_classes: usize) -> Option<ProbabilityQuality> {
    let is_share = |share: &f64| (0.0..=1.0).contains(share);
    let mut bins = vec![CalibrationBin::default(); usize::from(wire.n_bins)];
    for (place, count, mean_confidence, accuracy) in wire.bins {
        let sound = count > 0 && is_share(&mean_confidence) && is_share(&accuracy);
        let bin = bins.get_mut(usize::from(place)).filter(|_| sound)?;
        *bin = CalibrationBin { count, mean_confidence, accuracy };
    }
    let expected_calibration_error = wire.expected_calibration_error;
    let sound = (0.0..=2.0).contains(&wire.brier)
        && is_share(&expected_calibration_error)
        && wire.roc_auc.len() == n_classes
        && wire.roc_auc.iter().flatten().all(is_share);
    let calibration = CalibrationCurve { bins, expected_calibration_error };
    sound.then_some(ProbabilityQuality { brier: wire.brier, roc_auc: wire.roc_auc, calibration })
}

fn decode_cv(wire: CrossValidationWire) -> Option<CrossValidation> {
    let fold = |(n_correct, n_samples, log_loss): (u32, u32, f64)| {
        let sound = n_correct <= n_samples && log_loss.is_finite();
        sound.then_some(Fold { n_correct, n_samples, log_loss })
    };
    let CrossValidationWire { folds, n_repeats, n_rows } = wire;
    let folds = folds.into_iter().map(fold).collect::<Option<Vec<Fold>>>()?;
    (n_repeats > 0).then_some(CrossValidation { folds, n_repeats, n_rows })
}
