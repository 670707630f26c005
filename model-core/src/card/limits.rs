//! Where not to trust a model: what its own numbers say against it.
//!
//! Each rule looks at a number of the model and speaks only if that number asks for it. The
//! bounds are judgement, stated here; the numbers stand in the sentence, so that the reader can
//! judge for himself.

use super::performance::HeldOut;
use super::{CardData, CardPerformance, percent};
use crate::artifact::{Artifact, Origin};
use crate::model::Family;

/// Below so many held-out rows one row more or less is a point of accuracy or more.
const FEW_HELD_OUT_ROWS: u32 = 100;
/// Below so many training rows a class is hardly known.
const FEW_ROWS_OF_A_CLASS: u32 = 20;
/// So far below the accuracy a class's recall is worth a word.
const RECALL_GAP: f64 = 0.1;
/// So far confidence may miss accuracy before it is worth a word.
const CALIBRATION_ERROR: f64 = 0.1;
/// So far training accuracy may lie above that of unseen rows.
const OVERFIT_GAP: f64 = 0.1;
/// A class so much more frequent than another hides it in the accuracy.
const IMBALANCE: f64 = 3.0;

pub(super) fn of(model: &Artifact, data: &CardData, performance: &CardPerformance) -> Vec<String> {
    let mut limits = Vec::new();
    match &performance.held_out {
        Some(held_out) => of_held_out(held_out, &mut limits),
        None => limits.push(match performance.cross_validation {
            Some(_) => "No rows were held out: only the cross-validation says how it does on rows \
                        it has not seen."
                .to_owned(),
            None => "No rows were held out and none cross-validated: nothing says how it does on \
                     rows it has not seen."
                .to_owned(),
        }),
    }
    of_fit(performance, &mut limits);
    of_origin(&model.lineage().origin, &mut limits);
    // How many rows of each class the parents of a model learned from is not told by its own rows.
    if model.lineage().origin == Origin::Trained {
        of_classes(data, &mut limits);
    }
    of_data(data, &mut limits);
    limits.extend(of_family(model.family()).map(str::to_owned));
    let (n_train, n_held_out) = data.n_reference;
    if n_train + n_held_out > 0 {
        limits.push(format!(
            "The file carries {} rows of the data as they were: whoever has the file has them.",
            n_train + n_held_out
        ));
    }
    if data.without_rows {
        limits.push(
            "The file carries no rows: its figures are those that its owner measured, and nobody can \
             check them by the file."
                .to_owned(),
        );
    }
    limits
}

fn of_held_out(held_out: &HeldOut, limits: &mut Vec<String>) {
    let accuracy = &held_out.accuracy;
    if accuracy.n_rows < FEW_HELD_OUT_ROWS {
        limits.push(format!(
            "Measured on {} held-out rows, where one row is {:.1} points: {} may as well be anything \
             from {} to {}.",
            accuracy.n_rows,
            100.0 / f64::from(accuracy.n_rows.max(1)),
            percent(accuracy.value),
            percent(accuracy.low),
            percent(accuracy.high)
        ));
    }
    if accuracy.low <= held_out.baseline_accuracy {
        limits.push(format!(
            "Not shown to be better than always giving the most frequent answer, which is right for \
             {} of the held-out rows.",
            percent(held_out.baseline_accuracy)
        ));
    }
    for class in &held_out.classes {
        let (recall, n_rows) = (class.recall.value, class.recall.n_rows);
        if n_rows == 0 {
            limits.push(format!("No held-out row is {}: nothing is known of it.", class.name));
        } else if recall < accuracy.value - RECALL_GAP {
            let n_right = (recall * f64::from(n_rows)).round();
            limits.push(format!(
                "Of the held-out rows that are {}, {n_rows} in all, it recognised {n_right}.",
                class.name
            ));
        }
    }
    if let Some(error) = held_out.expected_calibration_error.filter(|it| *it > CALIBRATION_ERROR) {
        limits.push(format!(
            "Its confidence missed its accuracy by {:.0} points on average: do not read a \
             probability as a chance.",
            100.0 * error
        ));
    }
}

fn of_origin(origin: &Origin, limits: &mut Vec<String>) {
    match origin {
        Origin::Trained => {}
        Origin::Continued { n_rows, prequential_accuracy, .. } => limits.push(format!(
            "After its training it learned on from {n_rows} rows, of which it answered {} right \
             before it learned from them. Its ranges and its scaling are still those of the training.",
            percent(*prequential_accuracy)
        )),
        Origin::Merged { parents } => limits.push(format!(
            "It is the mean of {} models, whose rows nobody had in one place: what is measured here \
             is measured on rows of the model that they began with.",
            parents.len()
        )),
    }
}

fn of_fit(performance: &CardPerformance, limits: &mut Vec<String>) {
    if let Some(sets) = &performance.prediction_sets
        && let Some(coverage) = sets.coverage.filter(|coverage| coverage.high < sets.asked_coverage)
    {
        limits.push(format!(
            "Its prediction sets held the truth in {} of the held-out rows, {} were asked for.",
            percent(coverage.value),
            percent(sets.asked_coverage)
        ));
    }
    if let Some(cv) = performance.cross_validation
        && performance.train_accuracy - cv.mean_accuracy > OVERFIT_GAP
    {
        limits.push(format!(
            "It knows its training rows ({}) better than others ({} in cross-validation): more rows \
             or a simpler model would help.",
            percent(performance.train_accuracy),
            percent(cv.mean_accuracy)
        ));
    }
}

fn of_classes(data: &CardData, limits: &mut Vec<String>) {
    for class in data.classes.iter().filter(|class| class.n_train < FEW_ROWS_OF_A_CLASS) {
        limits.push(format!("It learnt {} from {} rows.", class.name, class.n_train));
    }
    let rows = || data.classes.iter().map(|class| class.n_train);
    let (least, most) = (rows().min().unwrap_or_default(), rows().max().unwrap_or_default());
    if f64::from(most) >= IMBALANCE * f64::from(least) {
        limits.push(format!(
            "The most frequent class had {most} training rows and the rarest {least}: look at the \
             classes one by one, the accuracy hides the rare ones."
        ));
    }
}

fn of_data(data: &CardData, limits: &mut Vec<String>) {
    let filled_in: Vec<String> = data
        .features
        .iter()
        .filter(|feature| feature.missing_share > 0.0)
        .map(|feature| format!("{} ({})", feature.name, percent(feature.missing_share)))
        .collect();
    if !filled_in.is_empty() {
        limits.push(format!(
            "Some training rows had no value of {}: a row without it is answered as one with the \
             median or the most frequent category.",
            filled_in.join(", ")
        ));
    }
    limits.push(
        "What it learnt holds for rows like those it was trained on: values beyond the training \
         range are answered with a warning, values beyond the hard range and unknown categories are \
         refused. It finds what goes together, not what causes what."
            .to_owned(),
    );
}

/// What is known of a family whatever it was trained on.
fn of_family(family: Family) -> Option<&'static str> {
    match family {
        Family::LogisticRegression => None,
        Family::RandomForest => Some(
            "A forest averages what it has seen: beyond the training rows it answers as at their \
             edge.",
        ),
        Family::Svm => Some(
            "Far from all training rows an SVM's probabilities say how frequent the classes are, \
             not that it does not know. Its support vectors are training rows, scaled.",
        ),
        Family::KNearestNeighbors => Some(
            "This family's model is its training rows: the file carries all of them, scaled, beside \
             the reference rows.",
        ),
        Family::GaussianNb => Some(
            "Naive Bayes takes the columns as independent: where they go together it is too sure.",
        ),
        Family::GradientBoosting => Some(
            "Boosted trees answer beyond the training rows as at their edge, and their probabilities \
             are seldom modest.",
        ),
    }
}
