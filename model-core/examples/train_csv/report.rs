//! What is printed: one JSON document, or tables to read.

use std::fmt::{self, Write};

use model_core::training::{SelectionMetric, Standing, Trial};
use model_core::{Artifact, CrossValidation, Dataset, Family, SetEvaluation, SplitEvaluation};
use serde_json::{Value, json};

use crate::choice;
use crate::clock::in_words;

/// A trained model with its median times in milliseconds.
pub(crate) struct Trained {
    pub(crate) model: Artifact,
    /// How it did on the rows that folds held out.
    pub(crate) standing: Standing,
    pub(crate) fit_millis: f64,
    pub(crate) calibration_millis: f64,
    /// If it did not train on all rows.
    pub(crate) sampled: Option<Sampled>,
}

/// How many of the training rows a family trained on, and how long all of them would take.
pub(crate) struct Sampled {
    pub(crate) n_rows: usize,
    pub(crate) of: usize,
    pub(crate) seconds: f64,
}

/// A family for which there was not enough time, and how long it would take on all rows.
pub(crate) struct LeftOut {
    pub(crate) family: Family,
    pub(crate) seconds: f64,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is left out: it would take about {}; --time-limit none or --families {} trains it",
            self.family,
            in_words(self.seconds),
            self.family
        )
    }
}

/// All that is printed of.
pub(crate) struct Report<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) trained: Vec<Trained>,
    pub(crate) failed: Vec<Failed>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) leaderboard: Vec<&'a Trial>,
}

/// A family that these rows cannot be fitted with, and why.
pub(crate) struct Failed {
    pub(crate) family: Family,
    pub(crate) error: String,
}

impl Failed {
    pub(crate) fn new(family: Family, error: &impl ToString) -> Self {
        Self { family, error: error.to_string() }
    }
}

impl Report<'_> {
    pub(crate) fn json(&self, metric: SelectionMetric) -> String {
        let Self { dataset, trained, failed, left_out, leaderboard } = self;
        let notes: Vec<String> = dataset.notes().iter().map(ToString::to_string).collect();
        let features: Vec<Value> = dataset
            .schema()
            .features
            .iter()
            .map(|feature| json!({"name": feature.name, "kind": feature.kind}))
            .collect();
        let mut document = json!({
            "n_samples": dataset.n_samples(),
            "n_features": dataset.n_features(),
            "target": dataset.schema().target,
            "classes": dataset.schema().classes,
            "features": features,
            "left_out": dataset.schema().left_out,
            "notes": notes,
            "families": trained.iter().map(family).collect::<Vec<_>>(),
            "best": choice::json(trained, metric),
        });
        if !failed.is_empty() {
            let failure = |f: &Failed| json!({"family": f.family.as_str(), "error": f.error});
            document["failed"] = failed.iter().map(failure).collect();
        }
        if !left_out.is_empty() {
            let row = |it: &LeftOut| json!({"family": it.family.as_str(), "forecast_seconds": it.seconds});
            document["left_out_families"] = left_out.iter().map(row).collect();
        }
        if !leaderboard.is_empty() {
            document["leaderboard"] = leaderboard.iter().map(|trial| trial_json(trial)).collect();
        }
        format!("{document:#}\n")
    }

    pub(crate) fn tables(&self, metric: SelectionMetric) -> Result<String, fmt::Error> {
        let Self { dataset, trained, failed, left_out, leaderboard } = self;
        let mut out = String::new();
        out += &crate::summary::of(dataset);
        for trial in leaderboard.iter().take(10) {
            let (accuracy, n_folds) = (100.0 * trial.accuracy(), trial.folds().len());
            let family = serde_json::to_string(&trial.params.family).unwrap_or_default();
            let folds = if n_folds == 1 { "fold" } else { "folds" };
            writeln!(out, "{accuracy:>6.2} % on {n_folds} {folds}: {family}")?;
        }
        let percent = |share: Option<f64>| {
            share.map_or_else(|| "-".to_owned(), |share| format!("{:.2}", share * 100.0))
        };
        writeln!(
            out,
            "{:<21} {:>7} {:>7} {:>14} {:>8} {:>7} {:>5} {:>9} {:>8}",
            "family", "test %", "train %", "cv %", "AUC", "cover %", "size", "fit ms", "bytes"
        )?;
        let best = choice::best(trained, metric);
        for (at, Trained { model, fit_millis, .. }) in trained.iter().enumerate() {
            let evaluation = model.evaluation();
            let (cv, test) = (evaluation.cv.as_ref(), evaluation.test.as_ref());
            let sets = evaluation.prediction_sets.as_ref();
            let area = test.and_then(|test| test.quality.as_ref()?.macro_roc_auc());
            writeln!(
                out,
                "{:<21} {:>7} {:>7} {:>7} ± {:<4} {:>8} {:>7} {:>5} {fit_millis:>9.2} {:>8}",
                format!("{}{}", model.family(), if best == Some(at) { " *" } else { "" }),
                percent(test.map(|test| test.confusion.accuracy())),
                percent(Some(evaluation.train.confusion.accuracy())),
                percent(cv.map(CrossValidation::mean)),
                percent(cv.map(CrossValidation::std)),
                area.map_or_else(|| "-".to_owned(), |area| format!("{area:.4}")),
                percent(sets.map(SetEvaluation::coverage)),
                sets.map_or_else(|| "-".to_owned(), |sets| format!("{:.2}", sets.mean_size())),
                model.to_bytes().len(),
            )?;
            if let Some(agreement) = &evaluation.quantisation {
                writeln!(
                    out,
                    "{:<21} labels as before quantisation: {} of {} rows, probabilities within {:.1e}",
                    "", agreement.n_equal_labels, agreement.n_rows, agreement.max_abs_difference
                )?;
            }
        }
        for Failed { family, error } in failed {
            writeln!(out, "{:<21} not fitted: {error}", family.as_str())?;
        }
        for family in left_out {
            writeln!(out, "note: {family}")?;
        }
        for line in trained.iter().filter_map(sampled).chain(choice::lines(trained, metric)) {
            writeln!(out, "{line}")?;
        }
        Ok(out)
    }
}

fn family(trained: &Trained) -> Value {
    let Trained { model, standing, fit_millis, calibration_millis, sampled } = trained;
    let evaluation = model.evaluation();
    let cv = evaluation.cv.as_ref();
    json!({
        "family": model.family().as_str(),
        "model_id": model.id().to_string(),
        "params": model.lineage().params,
        "n_train": model.lineage().n_train,
        "sampled_from": sampled.as_ref().map(|sampled| sampled.of),
        "forecast_seconds": sampled.as_ref().map(|sampled| sampled.seconds),
        "test_accuracy": evaluation.test.as_ref().map(|test| test.confusion.accuracy()),
        "train_accuracy": evaluation.train.confusion.accuracy(),
        "cv_accuracy_mean": cv.map(CrossValidation::mean),
        "cv_accuracy_std": cv.map(CrossValidation::std),
        "fold_accuracies": cv.map(|cv| cv.fold_accuracies().collect::<Vec<_>>()),
        "cv_log_loss_mean": cv.map(CrossValidation::mean_log_loss),
        "cv_balanced_accuracy": standing.value(SelectionMetric::BalancedAccuracy),
        "cv_roc_auc_mean": standing.value(SelectionMetric::RocAuc),
        "never_answered": choice::never_answered(trained),
        "out_of_bag_accuracy": evaluation.out_of_bag_accuracy,
        "confusion_matrix": evaluation.test.as_ref().map(confusion_matrix),
        "test": evaluation.test.as_ref().map(part),
        "feature_importances": evaluation.feature_importances,
        "quantisation": evaluation.quantisation,
        "prediction_sets": sets(model),
        "fit_millis": fit_millis,
        "calibration_millis": calibration_millis,
        "artifact_bytes": model.to_bytes().len(),
    })
}

/// What the prediction sets are made with, and how those of the held-out rows did.
fn sets(model: &Artifact) -> Option<Value> {
    let (sets, test) = (model.conformal()?, model.evaluation().prediction_sets.as_ref());
    Some(json!({
        "coverage": sets.coverage(),
        "n_scores": sets.scores().n_scores(),
        "threshold": sets.threshold(),
        "test_coverage": test.map(SetEvaluation::coverage),
        "test_class_coverage": test.map(|test| test.class_coverages().collect::<Vec<_>>()),
        "test_mean_size": test.map(SetEvaluation::mean_size),
        "test_single_share": test.map(SetEvaluation::single_share),
        "test_empty_share": test.map(SetEvaluation::empty_share),
    }))
}

fn confusion_matrix(part: &SplitEvaluation) -> Vec<Vec<u32>> {
    part.confusion.counts().chunks(part.confusion.n_classes()).map(<[u32]>::to_vec).collect()
}

/// The classification report; of a class without rows nothing is known, so its shares are null.
fn class_report(part: &SplitEvaluation) -> Value {
    let mut report = json!(part.confusion.report());
    if let Some(classes) = report["classes"].as_array_mut() {
        for class in classes.iter_mut().filter(|class| class["support"] == 0) {
            class["recall"] = Value::Null;
            class["f1"] = Value::Null;
        }
    }
    report
}

/// Figures of the held-out rows.
fn part(part: &SplitEvaluation) -> Value {
    let quality = part.quality.as_ref();
    json!({
        "n_samples": part.confusion.total(),
        "report": class_report(part),
        "log_loss": part.log_loss,
        "brier": quality.map(|quality| quality.brier),
        "roc_auc": quality.map(|quality| &quality.roc_auc),
        "macro_roc_auc": quality.and_then(model_core::evaluation::ProbabilityQuality::macro_roc_auc),
        "calibration": quality.map(|quality| &quality.calibration),
    })
}

fn trial_json(trial: &Trial) -> Value {
    json!({
        "params": trial.params,
        "n_folds": trial.folds().len(),
        "accuracy": trial.accuracy(),
        "log_loss": trial.log_loss(),
    })
}

/// The line of a family that did not train on all rows.
fn sampled(trained: &Trained) -> Option<String> {
    let Sampled { n_rows, of, seconds } = trained.sampled.as_ref()?;
    let (family, seconds) = (trained.model.family(), in_words(*seconds));
    Some(format!(
        "note: {family} is trained on {n_rows} of {of} training rows: all of them would take about \
         {seconds}; --time-limit none or --families {family} trains on all"
    ))
}
