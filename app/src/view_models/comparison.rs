//! Trained models side by side: accuracy with its interval, cross-validation, the published
//! figure, time and size.

use model_core::digest::Digest;
use model_core::model::svm::Kernel;
use model_core::{
    Artifact, ConfusionMatrix, CrossValidation, Family, FamilyParams, ModelId, is_iris,
    published_accuracy, wilson_interval,
};

use super::families::family_name;
use super::format::{self, NBSP};
use crate::i18n::t;

/// The parameters that a family was fitted with, in words.
pub(crate) fn parameters(params: &FamilyParams) -> String {
    match params {
        FamilyParams::LogisticRegression(params) => format!("L2, C = {}", in_full(params.c)),
        FamilyParams::RandomForest(params) => t!("{n} trees", n = params.n_trees),
        FamilyParams::Svm(params) => {
            let kernel = match params.kernel {
                Kernel::Rbf => "RBF",
                Kernel::Linear => t!("linear"),
                Kernel::Poly { .. } => t!("polynomial"),
            };
            format!("{kernel}, C = {}", in_full(params.c))
        }
        FamilyParams::KNearestNeighbors(params) => format!("k = {}", params.k),
        FamilyParams::GaussianNb(_) => t!("normal distributions").to_owned(),
        FamilyParams::GradientBoosting(params) => t!("{n} rounds", n = params.n_rounds),
    }
}

/// `value` with all of its decimals, as the language of the page writes it.
pub(crate) fn in_full(value: f64) -> String {
    format::told(&value.to_string())
}

/// What the rows of a data set are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Samples {
    /// Those of the built-in Iris.
    Flowers,
    /// All others.
    Rows,
}

impl Samples {
    /// What those are called that `artifact` learned from; its data's hash decides, not their name.
    pub(crate) fn of(artifact: &Artifact) -> Self {
        if is_iris(&artifact.lineage().data_hash) { Self::Flowers } else { Self::Rows }
    }

    /// So many of them.
    pub(crate) fn count(self, n_samples: usize) -> String {
        match self {
            Self::Flowers => format::count(n_samples, t!("flower"), t!("flowers")),
            Self::Rows => format::count(n_samples, t!("row"), t!("rows")),
        }
    }
}

/// Share of a split that was classified right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Accuracy {
    /// The share.
    pub(crate) share: f64,
    /// Rows right.
    pub(crate) n_correct: u32,
    /// Rows.
    pub(crate) n_total: u32,
    /// Its 95 % Wilson interval.
    pub(crate) interval: (f64, f64),
}

impl Accuracy {
    /// Accuracy of a confusion matrix.
    pub(crate) fn of(confusion: &ConfusionMatrix) -> Self {
        let (n_correct, n_total) = (confusion.n_correct(), confusion.total());
        Self {
            share: confusion.accuracy(),
            n_correct,
            n_total,
            interval: wilson_interval(n_correct, n_total),
        }
    }

    /// `83 to 99`.
    pub(crate) fn interval_text(&self) -> String {
        let (low, high) = self.interval;
        t!("{low} to {high}", low = format::whole_percent(low), high = format::whole_percent(high))
    }
}

/// One model of the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ComparisonRow {
    /// Content id of the model that the row is about.
    pub(crate) model_id: ModelId,
    /// Which family.
    pub(crate) family: Family,
    /// Its name.
    pub(crate) name: &'static str,
    /// Its parameters.
    pub(crate) parameters: String,
    /// Accuracy on the test part, if there is one.
    pub(crate) test: Option<Accuracy>,
    /// Mean and standard deviation of the folds' accuracy.
    pub(crate) cv: Option<(f64, f64)>,
    /// Mean log loss of the folds: of two models the one with less is chosen.
    pub(crate) log_loss: Option<f64>,
    /// The published test accuracy, for Iris.
    pub(crate) published: Option<f64>,
    /// How many folds those are.
    pub(crate) n_folds: usize,
    /// Time of the model's fit alone; 0 if nobody measured it.
    pub(crate) fit_millis: f64,
    /// Time of the calibration of its probabilities, where there is one.
    pub(crate) calibration_millis: f64,
    /// Size of the artifact.
    pub(crate) n_bytes: usize,
}

impl ComparisonRow {
    /// The row of `artifact`, which takes `n_bytes`.
    pub(crate) fn of(artifact: &Artifact, n_bytes: usize) -> Self {
        let (evaluation, receipt, family) =
            (artifact.evaluation(), artifact.receipt(), artifact.family());
        Self {
            model_id: artifact.id(),
            family,
            name: family_name(family),
            parameters: parameters(&artifact.lineage().params.family),
            test: evaluation.test.as_ref().map(|split| Accuracy::of(&split.confusion)),
            cv: evaluation.cv.as_ref().map(|cv| (cv.mean(), cv.std())),
            log_loss: evaluation.cv.as_ref().map(CrossValidation::mean_log_loss),
            n_folds: artifact.lineage().params.cv_folds,
            published: published_accuracy(&artifact.lineage().data_hash, family),
            fit_millis: receipt.fit_millis,
            calibration_millis: receipt.calibration_millis,
            n_bytes,
        }
    }

    /// `95.8 ± 2.6`, in percent.
    pub(crate) fn cv_text(&self) -> Option<String> {
        let percent = |share: f64| format::decimal(100.0 * share, 1);
        self.cv.map(|(mean, std)| format!("{}{NBSP}±{NBSP}{}{NBSP}%", percent(mean), percent(std)))
    }

    /// The log loss, to three decimals.
    pub(crate) fn log_loss_text(&self) -> Option<String> {
        self.log_loss.map(|loss| format::decimal(loss, 3))
    }

    /// The time of the fit. The built-in model has none: its bytes must not depend on a clock.
    pub(crate) fn fit_text(&self) -> Option<String> {
        (self.fit_millis > 0.0).then(|| format::millis(self.fit_millis))
    }

    /// The time of the calibration, if there was one.
    pub(crate) fn calibration_text(&self) -> Option<String> {
        (self.calibration_millis > 0.0)
            .then(|| t!("{time} calibration", time = format::millis(self.calibration_millis)))
    }

    /// The published figure, in percent with its two decimals.
    pub(crate) fn published_text(&self) -> Option<String> {
        self.published.map(|share| format!("{}{NBSP}%", format::decimal(100.0 * share, 2)))
    }
}

/// What accuracies are held against: how often one is right on the test part who always says the class
/// that is most frequent in the training part, as the model card has it. None without a test part.
pub(crate) fn baseline(artifact: &Artifact) -> Option<String> {
    let evaluation = artifact.evaluation();
    let (confusion, train) = (&evaluation.test.as_ref()?.confusion, &evaluation.train.confusion);
    let n_rows = |class: usize| confusion.support(class);
    let class = (0..train.n_classes()).rev().max_by_key(|class| train.support(*class))?;
    let name = artifact.schema().classes.get(class)?;
    let share = f64::from(n_rows(class)) / f64::from(confusion.total().max(1));
    Some(t!(
        "For comparison: always answering “{class}” would be right in {share} of the test rows.",
        class = name,
        share = format::percent(share)
    ))
}

/// Seed of the split that the published figures and ours have in common.
const PUBLISHED_SEED: u64 = 42;

/// Why our figures are not the published ones, in one sentence; only for Iris.
pub(crate) fn why_figures_differ(data_hash: &Digest, seed: u64, n_test: u32) -> Option<String> {
    if !is_iris(data_hash) || n_test == 0 {
        return None;
    }
    let one_flower = format::decimal(100.0 / f64::from(n_test), 1);
    Some(if seed == PUBLISHED_SEED {
        t!(
            "Why the figures differ: the split is the published one (seed 42), but a random forest changes with its own seed, one of {n_test} test flowers is {one_flower} points, and the published cross-validation and confusion figures do not reproduce with scikit-learn.",
            n_test,
            one_flower
        )
    } else {
        t!(
            "Why the figures differ: seed {seed} makes another split than the published one (seed 42), a random forest changes with its seed, one of {n_test} test flowers is {one_flower} points, and the published cross-validation and confusion figures do not reproduce with scikit-learn.",
            seed,
            n_test,
            one_flower
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{built_in, called_iris, mixed};
    use model_core::card::ModelCard;

    #[test]
    fn the_built_in_model_makes_a_row() {
        let artifact = built_in();
        let row = ComparisonRow::of(&artifact, 4_000);
        assert_eq!(row.model_id, artifact.id());
        assert_eq!(row.name, "SVM");
        assert_eq!(row.published_text().unwrap().replace(NBSP, " "), "96.67 %");
        let test = row.test.unwrap();
        assert_eq!(test.n_total, 30);
        assert!(test.interval.0 < test.share && test.share < test.interval.1);
    }

    #[test]
    fn a_file_called_iris_gets_no_figures_of_iris() {
        for other in called_iris() {
            assert_eq!(other.schema().name, "iris");
            assert_eq!(ComparisonRow::of(&other, 4_000).published, None);
            assert_eq!(Samples::of(&other).count(2), "2 rows");
        }
        assert_eq!(Samples::of(&built_in()).count(2), "2 flowers");
    }

    #[test]
    fn the_baseline_is_the_share_of_the_most_frequent_class() {
        let said = baseline(&built_in()).unwrap().replace(NBSP, " ");
        assert!(said.contains("“setosa”") && said.contains("33.3 %"), "{said}");
        // It was trained without a test part.
        assert_eq!(baseline(&mixed()), None);
        let of_card = ModelCard::of(&built_in()).performance.held_out.unwrap().baseline_accuracy;
        assert!(said.contains(&format::percent(of_card).replace(NBSP, " ")), "{said}");
    }

    #[test]
    fn interval_is_in_whole_percent() {
        let accuracy = Accuracy {
            share: 29.0 / 30.0,
            n_correct: 29,
            n_total: 30,
            interval: wilson_interval(29, 30),
        };
        assert_eq!(accuracy.interval_text(), "83 to 99");
    }

    #[test]
    fn the_reason_names_split_and_size_of_a_flower() {
        let iris = built_in().lineage().data_hash;
        let reason = why_figures_differ(&iris, 42, 30).unwrap();
        assert!(reason.contains("the published one (seed 42)"));
        assert!(reason.contains("one of 30 test flowers is 3.3 points"));
        let reason = why_figures_differ(&iris, 7, 30).unwrap();
        assert!(reason.contains("seed 7 makes another split"));
        assert_eq!(why_figures_differ(&mixed().lineage().data_hash, 42, 30), None);
    }
}
