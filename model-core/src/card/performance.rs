//! How good a model is, as its card says it: shares come with their interval.

use crate::order::sort_items;
use serde::{Deserialize, Serialize};

use crate::artifact::Artifact;
use crate::conformal::{ConformalPredictor, SetEvaluation};
use crate::evaluation::{
    Agreement, ClassMetrics, ConfusionMatrix, ProbabilityQuality, SplitEvaluation, wilson_interval,
};
use crate::schema::Schema;

/// A share of so many rows, with its 95 % Wilson interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShareWithInterval {
    /// The share, 0 to 1; 0 of no rows.
    pub value: f64,
    /// Where it starts to be plausible.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// Of how many rows.
    pub n_rows: u32,
}

impl ShareWithInterval {
    fn of(n_hits: u32, n_rows: u32) -> Self {
        let (low, high) = wilson_interval(n_hits, n_rows);
        Self { value: f64::from(n_hits) / f64::from(n_rows.max(1)), low, high, n_rows }
    }
}

/// One class on the held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassPerformance {
    /// The class.
    pub name: String,
    /// Of the rows answered so, those that are.
    pub precision: ShareWithInterval,
    /// Of the rows that are, those answered so.
    pub recall: ShareWithInterval,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Area under the ROC curve of this class against the others.
    pub roc_auc: Option<f64>,
}

/// What the held-out rows say, which no training saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// Share of right answers.
    pub accuracy: ShareWithInterval,
    /// What always answering the most frequent training class would have reached on these rows.
    pub baseline_accuracy: f64,
    /// Class by class.
    pub classes: Vec<ClassPerformance>,
    /// Mean F1 over classes.
    pub macro_f1: f64,
    /// Rows by true class and answer, a row a true class.
    pub confusion: Vec<Vec<u32>>,
    /// Mean of −ln p(true class), in nats.
    pub log_loss: f64,
    /// Mean squared distance of the probabilities from what was, 0 to 2.
    pub brier: Option<f64>,
    /// By how much confidence misses accuracy on average, 0 to 1.
    pub expected_calibration_error: Option<f64>,
    /// Mean of the classes' areas under the ROC curve.
    pub macro_roc_auc: Option<f64>,
}

/// What cross-validation on the training rows says.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CrossValidated {
    /// Mean accuracy of the folds.
    pub mean_accuracy: f64,
    /// Standard deviation over the folds.
    pub std_accuracy: f64,
    /// Mean log loss of the folds.
    pub mean_log_loss: f64,
    /// Folds of one repeat.
    pub n_folds: usize,
    /// How often the rows were shuffled and split into folds.
    pub n_repeats: u32,
}

/// What the prediction sets promise, and what they kept on the held-out rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CardPredictionSets {
    /// How often a set should hold the truth.
    pub asked_coverage: f64,
    /// From how many out-of-fold scores the threshold was read.
    pub n_scores: u32,
    /// The greatest `1 - p` that conforms; absent if the scores are too few for the coverage, and
    /// every set holds every class.
    pub threshold: Option<f64>,
    /// How often the sets of held-out rows held the truth; absent if none were held out.
    pub coverage: Option<ShareWithInterval>,
    /// Classes in a set of a held-out row, on average.
    pub mean_size: Option<f64>,
    /// Held-out rows whose set was empty.
    pub n_empty: Option<u32>,
}

impl CardPredictionSets {
    fn of(predictor: &ConformalPredictor, measured: Option<&SetEvaluation>) -> Self {
        Self {
            asked_coverage: predictor.coverage(),
            n_scores: predictor.scores().n_scores(),
            threshold: predictor.threshold(),
            coverage: measured.map(|sets| ShareWithInterval::of(sets.n_covered(), sets.n_rows())),
            mean_size: measured.map(SetEvaluation::mean_size),
            n_empty: measured.map(|sets| sets.sizes.first().copied().unwrap_or_default()),
        }
    }
}

/// Everything measured of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardPerformance {
    /// On rows that no training saw; absent if none were held out.
    pub held_out: Option<HeldOut>,
    /// By cross-validation; absent if there was none.
    pub cross_validation: Option<CrossValidated>,
    /// What its prediction sets promise; absent without cross-validation, and in models of file
    /// formats 1 and 2.
    pub prediction_sets: Option<CardPredictionSets>,
    /// On the rows it trained on: what it remembers, not what it can.
    pub train_accuracy: f64,
    /// Of a forest's trees on the rows that they did not train on.
    pub out_of_bag_accuracy: Option<f64>,
    /// How the narrowed model answers beside the one it was made of.
    pub quantisation: Option<Agreement>,
    /// Columns by what they did for the fit of trees, the greatest first.
    pub feature_importances: Option<Vec<(String, f64)>>,
}

impl CardPerformance {
    pub(super) fn of(model: &Artifact) -> Self {
        let (evaluation, schema) = (model.evaluation(), model.schema());
        let held_out = evaluation.test.as_ref();
        Self {
            held_out: held_out.map(|test| HeldOut::of(test, &evaluation.train, schema)),
            cross_validation: evaluation.cv.as_ref().map(|cv| CrossValidated {
                mean_accuracy: cv.mean(),
                std_accuracy: cv.std(),
                mean_log_loss: cv.mean_log_loss(),
                n_folds: cv.folds.len() / cv.n_repeats.max(1) as usize,
                n_repeats: cv.n_repeats,
            }),
            prediction_sets: model.conformal().map(|predictor| {
                CardPredictionSets::of(predictor, evaluation.prediction_sets.as_ref())
            }),
            train_accuracy: evaluation.train.confusion.accuracy(),
            out_of_bag_accuracy: evaluation.out_of_bag_accuracy,
            quantisation: evaluation.quantisation,
            feature_importances: evaluation
                .feature_importances
                .as_ref()
                .map(|importances| by_importance(schema, importances)),
        }
    }
}

fn by_importance(schema: &Schema, importances: &[f64]) -> Vec<(String, f64)> {
    let names = schema.features.iter().map(|feature| feature.name.clone());
    let mut columns: Vec<(String, f64)> = names.zip(importances.iter().copied()).collect();
    sort_items(&mut columns, &mut |a, b| b.1.total_cmp(&a.1));
    columns
}

impl HeldOut {
    fn of(test: &SplitEvaluation, train: &SplitEvaluation, schema: &Schema) -> Self {
        let confusion = &test.confusion;
        let quality = test.quality.as_ref();
        let report = confusion.report();
        let class = |((at, name), metrics): ((usize, &String), &ClassMetrics)| ClassPerformance {
            roc_auc: quality.and_then(|quality| quality.roc_auc.get(at).copied().flatten()),
            ..ClassPerformance::of(confusion, at, name, metrics)
        };
        let n_rows = confusion.total();
        let most_frequent = most_frequent(&train.confusion.report().classes);
        let baseline = report.classes.get(most_frequent).map_or(0, |class| class.support);
        Self {
            accuracy: ShareWithInterval::of(confusion.n_correct(), n_rows),
            baseline_accuracy: f64::from(baseline) / f64::from(n_rows.max(1)),
            classes: schema.classes.iter().enumerate().zip(&report.classes).map(class).collect(),
            macro_f1: report.macro_average.f1,
            confusion: confusion
                .counts()
                .chunks(confusion.n_classes().max(1))
                .map(<[u32]>::to_vec)
                .collect(),
            log_loss: test.log_loss,
            brier: quality.map(|quality| quality.brier),
            expected_calibration_error: quality
                .map(|quality| quality.calibration.expected_calibration_error),
            macro_roc_auc: quality.and_then(ProbabilityQuality::macro_roc_auc),
        }
    }
}

impl ClassPerformance {
    fn of(confusion: &ConfusionMatrix, class: usize, name: &str, metrics: &ClassMetrics) -> Self {
        let right = confusion.get(class, class);
        let answered = (0..confusion.n_classes()).map(|actual| confusion.get(actual, class)).sum();
        Self {
            name: name.to_owned(),
            precision: ShareWithInterval::of(right, answered),
            recall: ShareWithInterval::of(right, metrics.support),
            f1: metrics.f1,
            roc_auc: None,
        }
    }
}

/// The class of most rows, the first of equals.
fn most_frequent(classes: &[ClassMetrics]) -> usize {
    (0..classes.len()).rev().max_by_key(|&at| classes[at].support).unwrap_or_default()
}
