//! Tests of what slices promise: bounded work, the same model, and an end at any time.

use std::ops::ControlFlow;

use proptest::prelude::*;

#[cfg(feature = "search")]
use super::{Search, SearchParams};
use super::{Stage, TrainError, Training};
use crate::artifact::Artifact;
use crate::budget::Budget;
use crate::dataset::{Column, Dataset};
use crate::model::{Family, Quantisation};
use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::recipe::TrainParams;
use crate::rng::SplitMix64;

/// Rows of three classes that overlap in numeric columns.
fn data(n_rows: usize, n_columns: usize) -> Dataset {
    let mut rng = SplitMix64::new(17);
    let labels: Vec<u32> = (0..n_rows).map(|row| (row % 3) as u32).collect();
    let values = (0..n_rows * n_columns).map(|at| {
        let row = at / n_columns;
        3.0 * rng.unit() + if at % n_columns == row % 3 { 1.0 } else { 0.0 }
    });
    let columns = (0..n_columns).map(|at| Column::numeric(format!("x{at}"))).collect();
    let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
    Dataset::new("data", "y", columns, classes, values.collect(), labels).unwrap()
}

fn params(family: Family) -> TrainParams {
    TrainParams { cv_folds: 2, ..TrainParams::new(family) }
}

/// What a training in slices of `units` came to.
struct Sliced {
    model: Artifact,
    n_slices: usize,
    /// The most work of one slice.
    most: u64,
}

fn sliced(data: &Dataset, params: &TrainParams, units: u64) -> Sliced {
    let mut training = Training::new(data, params.clone()).unwrap();
    let (mut n_slices, mut most) = (0, 0);
    let mut before: Option<(Stage, f64, f64)> = None;
    while let Some(progress) = training.progress() {
        let (stage, share, of_all) = (progress.stage, progress.stage_share, progress.share());
        assert!((0.0..=1.0).contains(&share) && (0.0..=1.0).contains(&of_all), "{progress:?}");
        if let Some((old_stage, old_share, old_of_all)) = before {
            assert!(of_all >= old_of_all, "{progress:?} after {old_of_all}");
            assert!(stage != old_stage || share >= old_share, "{progress:?} after {old_share}");
        }
        before = Some((stage, share, of_all));
        let mut budget = Budget::new(units);
        training.advance(&mut budget).unwrap();
        n_slices += 1;
        most = most.max(budget.spent());
    }
    Sliced { model: training.finish().unwrap(), n_slices, most }
}

/// No piece is greater than this: what is known of a row, for every row, class and feature.
fn greatest_piece(data: &Dataset) -> u64 {
    let n_values = data.n_samples() * (data.n_features() + 3);
    n_values as u64 * 130
}

#[test]
fn a_slice_of_every_family_is_bounded_and_their_number_grows_with_the_data() {
    for family in Family::ALL {
        let mut n_slices = Vec::new();
        for n_rows in [150, 300, 600] {
            let data = data(n_rows, 5);
            let units = 100_000;
            let sliced = sliced(&data, &params(family), units);
            let most = units + greatest_piece(&data);
            assert!(sliced.most <= most, "{family}: {} of {most}", sliced.most);
            n_slices.push(sliced.n_slices);
        }
        assert!(n_slices.is_sorted() && n_slices[0] < n_slices[2], "{family}: {n_slices:?}");
    }
}

#[test]
fn a_slice_of_a_selection_of_columns_and_of_a_narrowed_model_is_bounded() {
    let data = data(300, 5);
    for family in [Family::RandomForest, Family::Svm] {
        let preprocessing =
            PreprocessingParams { derived: DerivedFeatures::Products, select: Some(4) };
        let quantisation = Some(Quantisation::Int8);
        let params = TrainParams { preprocessing, quantisation, ..params(family) };
        let (whole, parts) = (sliced(&data, &params, u64::MAX), sliced(&data, &params, 30_000));
        assert_eq!(whole.model.id(), parts.model.id(), "{family}");
        assert!(parts.n_slices > 10 * whole.n_slices, "{family}: {}", parts.n_slices);
        // Derived columns triple the values.
        assert!(parts.most <= 30_000 + 3 * greatest_piece(&data), "{family}: {}", parts.most);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn slices_of_any_size_train_the_model_of_one_go(
        at in 0..Family::ALL.len(),
        units in prop_oneof![Just(1), 1_u64..200_000],
        n_rows in 40_usize..160,
        seed: u64,
    ) {
        let data = data(n_rows, 3);
        let params = TrainParams { seed, ..params(Family::ALL[at]) };
        let whole = sliced(&data, &params, u64::MAX);
        let stages = Training::new(&data, params.clone()).unwrap().n_steps();
        prop_assert_eq!(whole.n_slices, stages, "one slice a stage");
        let parts = sliced(&data, &params, units);
        prop_assert_eq!(parts.model.id(), whole.model.id());
        prop_assert_eq!(parts.model.evaluation(), whole.model.evaluation());
    }
}

#[test]
fn a_cancel_between_any_two_slices_is_honoured() {
    let cases =
        [(Family::GradientBoosting, data(1_500, 8)), (Family::KNearestNeighbors, data(3_000, 12))];
    for (family, data) in cases {
        let mut n_slices = 0;
        let mut count = |_| {
            n_slices += 1;
            ControlFlow::Continue(())
        };
        Training::new(&data, params(family)).unwrap().run(&mut count).unwrap();
        assert!(n_slices > 4, "{family}: no more slices than stages");
        for stop_at in 0..n_slices {
            let mut n_asked = 0;
            let mut progress = |_| {
                n_asked += 1;
                if n_asked > stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let result = Training::new(&data, params(family)).unwrap().run(&mut progress);
            assert_eq!(result.unwrap_err(), TrainError::Cancelled);
            assert_eq!(n_asked, stop_at + 1, "nothing runs after the answer");
        }
    }
}

#[test]
fn a_training_that_was_left_in_the_middle_is_not_finished() {
    let data = data(150, 3);
    let mut training = Training::new(&data, params(Family::Svm)).unwrap();
    while training.next_stage() != Some(Stage::Calibrate) {
        training.step().unwrap();
    }
    training.advance(&mut Budget::new(1)).unwrap();
    assert_eq!(training.next_stage(), Some(Stage::Calibrate));
    let error = training.finish().unwrap_err();
    assert_eq!(error, TrainError::Unfinished(2));
}

#[test]
fn an_error_keeps_its_stage_and_the_stage_begins_anew() {
    let n_rows = 60;
    // Each column is within single precision, and their product is beyond it.
    let values = (0..2 * n_rows).map(|at| f64::from(at) * 1e25).collect();
    let labels = (0..n_rows).map(|row| u32::from(row % 2 == 0)).collect();
    let classes = ["a", "b"].map(str::to_owned).to_vec();
    let data = Dataset::new(
        "data",
        "y",
        ["x", "z"].map(Column::numeric).to_vec(),
        classes,
        values,
        labels,
    )
    .unwrap();
    for units in [1, u64::MAX] {
        let mut params = params(Family::RandomForest);
        params.preprocessing.derived = DerivedFeatures::Products;
        let mut training = Training::new(&data, params).unwrap();
        for _ in 0..2 {
            let error = loop {
                if let Err(error) = training.advance(&mut Budget::new(units)) {
                    break error;
                }
            };
            let message = error.to_string();
            assert!(message.starts_with("fold 1 of 2: feature 2 holds"), "{message}");
        }
    }
}

#[cfg(feature = "search")]
#[test]
fn a_search_stops_between_slices_and_drops_the_fold_under_way() {
    let data = data(120, 3);
    let params = || SearchParams {
        max_trials: Some(4),
        cv_folds: 2,
        ..SearchParams::new(vec![Family::Svm, Family::RandomForest])
    };
    let mut whole = Search::new(&data, params()).unwrap();
    while whole.next_step().is_some() {
        whole.advance(&mut Budget::unlimited());
    }
    let mut search = Search::new(&data, params()).unwrap();
    let (mut n_slices, mut n_folds) = (0, 0);
    while let Some(step) = search.next_step() {
        let mut budget = Budget::new(10_000);
        search.advance(&mut budget);
        n_slices += 1;
        assert!(budget.spent() <= 10_000 + 3 * greatest_piece(&data), "{}", budget.spent());
        // Wherever it stops, it knows whole folds alone.
        let n_now: usize = search.trials().iter().map(|trial| trial.folds().len()).sum();
        assert!(n_now - n_folds <= 1);
        if n_now == n_folds && search.trials()[step.trial].failure.is_none() {
            assert_eq!(search.next_step(), Some(step), "the same fold goes on");
        }
        n_folds = n_now;
        let best_folds = search.best(None).map_or(2, |best| best.folds().len());
        assert_eq!(best_folds, 2, "the first place saw every fold");
    }
    assert!(n_slices > 5 * n_folds, "{n_slices} slices of {n_folds} folds");
    assert_eq!(search.trials(), whole.trials());
}
