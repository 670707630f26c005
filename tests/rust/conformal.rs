//! Prediction sets hold the truth as often as they promise, and their threshold is that of others.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what was measured is shown with --nocapture")]

use model_core::conformal::{ConformalPredictor, SetEvaluation};
use model_core::split::{Folds, train_test_split};
use model_core::{Artifact, CsvOptions, Dataset, Family, Prediction, TrainParams, Training};
use tepal_tests::{fixture, indices, numbers, root};

const COVERAGE: f64 = 0.9;
const N_SPLITS: u64 = 100;

fn wine() -> Dataset {
    let csv = std::fs::read(root().join("model-core/data/wine.csv")).unwrap();
    Dataset::from_csv(&csv, &CsvOptions::default()).unwrap()
}

/// Coverage and mean set size over the held-out rows of many random splits, by the model's own
/// thresholds and by wrong ones: those of the scores of the rows that the model trained on.
struct Pooled {
    coverage: f64,
    mean_size: f64,
    wrong_coverage: f64,
}

fn pooled(data: &Dataset, family: Family, n_splits: u64) -> Pooled {
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for seed in 1000..1000 + n_splits {
        let params = TrainParams { seed, ..TrainParams::new(family) };
        let mut training = Training::new(data, params).unwrap();
        while training.next_stage().is_some() {
            training.step().unwrap();
        }
        let split = training.split().clone();
        let model = training.finish().unwrap();
        let of = |rows: &[usize]| {
            let labels: Vec<u32> = rows.iter().map(|&row| data.label(row)).collect();
            (model.pipeline().predict_proba(data, rows), labels)
        };
        let k = data.n_classes();
        let (probabilities, labels) = of(&split.test);
        let sets = SetEvaluation::of(model.conformal().unwrap(), &probabilities, &labels, k);
        assert_eq!(model.evaluation().prediction_sets.as_ref(), Some(&sets));
        right.push(sets);
        let (trained_on, true_classes) = of(&split.train);
        let rows = trained_on.chunks(k).zip(true_classes);
        let scores = rows.map(|(row, class)| 1.0 - row[class as usize]).collect();
        let predictor = ConformalPredictor::new(scores, COVERAGE).unwrap();
        wrong.push(SetEvaluation::of(&predictor, &probabilities, &labels, k));
    }
    let n = |sets: &[SetEvaluation]| f64::from(sets.iter().map(SetEvaluation::n_rows).sum::<u32>());
    let share = |sets: &[SetEvaluation]| {
        f64::from(sets.iter().map(SetEvaluation::n_covered).sum::<u32>()) / n(sets)
    };
    let size = |sets: &SetEvaluation| sets.mean_size() * f64::from(sets.n_rows());
    Pooled {
        coverage: share(&right),
        mean_size: right.iter().map(size).sum::<f64>() / n(&right),
        wrong_coverage: share(&wrong),
    }
}

/// What the coverage of all these splits may be off the promise. Splits share their rows, so they
/// tell no more than one pass over the data set does: 1.96 standard deviations of a share of its
/// rows.
fn bound(data: &Dataset) -> f64 {
    1.96 * (COVERAGE * (1.0 - COVERAGE) / data.n_samples() as f64).sqrt()
}

/// Checks both data sets; sets are about as large as coverage asks of models that are nearly always
/// right: of each hundred rows ninety have one class, and few have two.
fn check_coverage(family: Family) {
    for (name, data) in [("iris", Dataset::iris()), ("wine", wine())] {
        let Pooled { coverage, mean_size, .. } = pooled(&data, family, N_SPLITS);
        let bound = bound(&data);
        println!("{name}, {family}: coverage {coverage:.4} ± {bound:.4}, mean size {mean_size:.4}");
        assert!((coverage - COVERAGE).abs() < bound, "{name}, {family}: {coverage}");
        assert!((0.88..1.1).contains(&mean_size), "{name}, {family}: {mean_size}");
    }
}

#[test]
fn sets_of_logistic_regression_hold_the_truth_as_often_as_promised() {
    check_coverage(Family::LogisticRegression);
}

#[test]
fn sets_of_forests_hold_the_truth_as_often_as_promised() {
    check_coverage(Family::RandomForest);
}

#[test]
fn sets_of_svms_hold_the_truth_as_often_as_promised() {
    check_coverage(Family::Svm);
}

#[test]
fn scores_of_rows_that_were_trained_on_break_the_promise() {
    // The same bound tells right thresholds from wrong ones, so it is able to fail.
    let data = wine();
    for family in [Family::RandomForest, Family::Svm] {
        let Pooled { wrong_coverage, .. } = pooled(&data, family, N_SPLITS / 5);
        println!("wine, {family}: coverage {wrong_coverage:.4} by scores of training rows");
        assert!(COVERAGE - wrong_coverage > 3.0 * bound(&data), "{family}: {wrong_coverage}");
    }
}

#[test]
fn thresholds_and_sets_are_those_of_mapie() {
    let mapie = fixture("conformal_lac.json");
    let scores = numbers(&mapie["scores"]);
    let own = ConformalPredictor::new(scores.clone(), COVERAGE).unwrap();
    for answer in mapie["answers"].as_array().unwrap() {
        let coverage = answer["coverage"].as_f64().unwrap();
        let sets = ConformalPredictor::new(scores.clone(), coverage).unwrap();
        let (ours, theirs) = (sets.threshold().unwrap(), answer["threshold"].as_f64().unwrap());
        // Rounded up to single precision, never down.
        assert!((0.0..1e-7).contains(&(ours - theirs)), "{coverage}: {ours} {theirs}");
        let rows = mapie["probabilities"].as_array().unwrap();
        for (row, expected) in rows.iter().zip(answer["sets"].as_array().unwrap()) {
            let (row, expected) = (numbers(row), indices(expected));
            assert_eq!(sets.prediction_set(&row).to_vec(), expected, "{coverage}");
            assert_eq!(own.prediction_set_at(&row, coverage).unwrap().to_vec(), expected);
        }
    }
}

fn trained_with(change: impl FnOnce(&mut TrainParams)) -> Artifact {
    let mut params = TrainParams::new(Family::GaussianNb);
    change(&mut params);
    params.train(&Dataset::iris()).unwrap()
}

#[test]
fn without_folds_there_are_no_sets() {
    let model = trained_with(|params| params.cv_folds = 0);
    assert!(model.conformal().is_none() && model.evaluation().prediction_sets.is_none());
    let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2]).unwrap();
    let answer = model.predict(&flower);
    assert_eq!((answer.prediction_set, answer.answered_set()), (None, None));
    assert!(!answer.no_class_conforms());
}

#[test]
fn more_repeats_leave_the_sets_as_they_are() {
    let (once, thrice) = (trained_with(|_| {}), trained_with(|params| params.cv_repeats = 3));
    assert_eq!(once.conformal(), thrice.conformal());
    assert_eq!(once.conformal().unwrap().scores().n_scores(), 120);
    assert_ne!(once.id(), thrice.id());
}

#[test]
fn rows_in_no_fold_have_no_score() {
    let iris = Dataset::iris();
    let mut split = train_test_split(&iris, 0.2, 0, 7).unwrap();
    let lists = vec![split.train[..6].to_vec(), split.train[60..65].to_vec()];
    split.folds = Folds::from_lists(&iris, &split.train, lists).unwrap();
    let params = TrainParams::new(Family::GaussianNb);
    let mut training = Training::with_split(&iris, params, split).unwrap();
    while training.next_stage().is_some() {
        training.step().unwrap();
    }
    let model = training.finish().unwrap();
    let sets = model.conformal().unwrap();
    assert_eq!((sets.scores().n_scores(), sets.threshold().is_some()), (11, true));
    // Eleven rows do not make 99 %: nothing can be excluded.
    let all = sets.prediction_set_at(&[1.0, 0.0, 0.0], 0.99).unwrap();
    assert_eq!(all.to_vec(), [0, 1, 2]);
}

#[test]
fn an_empty_set_is_answered_as_the_most_probable_class() {
    let (model, iris) = (trained_with(|params| params.coverage = 0.5), Dataset::iris());
    let answers = (0..150).map(|row| model.predict(&model.schema().row(iris.row(row)).unwrap()));
    let (empty, held): (Vec<_>, Vec<_>) = answers.partition(Prediction::no_class_conforms);
    assert!(empty.len() > 30 && held.len() > 30, "{} {}", empty.len(), held.len());
    for answer in empty {
        assert_eq!(answer.answered_set().unwrap().to_vec(), [answer.class]);
    }
    assert!(held.iter().all(|answer| answer.answered_set() == answer.prediction_set));
}

#[test]
fn coverage_out_of_its_range_is_refused() {
    for coverage in [0.4999, 0.9995, 1.0, f64::NAN] {
        let params = TrainParams { coverage, ..TrainParams::new(Family::GaussianNb) };
        let error = params.check().unwrap_err().to_string();
        assert!(error.contains("coverage") && error.contains("0.5 to 0.999"), "{error}");
    }
    let stored = trained_with(|params| params.coverage = 0.95).to_bytes();
    let read = Artifact::from_bytes(&stored).unwrap();
    assert_eq!(read.lineage().params.coverage, 0.95);
    assert_eq!(read.conformal().unwrap().coverage(), 0.95);
}

#[test]
fn parameters_written_before_there_were_sets_ask_for_the_default() {
    let params = TrainParams::new(Family::Svm);
    let mut json = serde_json::to_value(&params).unwrap();
    assert_eq!(json["coverage"], 0.9);
    json.as_object_mut().unwrap().remove("coverage");
    assert_eq!(serde_json::from_value::<TrainParams>(json).unwrap(), params);
}
