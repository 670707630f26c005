//! The laws of checkpoints: a training that is broken anywhere comes to the model of one go, and no
//! bytes make it panic.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::artifact::Artifact;
use crate::budget::Budget;
use crate::dataset::{Column, CsvOptions, Dataset};
use crate::model::forest::RandomForestParams;
use crate::model::gradient_boosting::{EarlyStopping, GradientBoostingParams};
use crate::model::logistic_regression::{LogisticRegressionParams, Solver};
use crate::model::svm::{Kernel, SvmParams};
use crate::model::{Family, FamilyParams, Quantisation};
use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::recipe::TrainParams;
use crate::rng::SplitMix64;

static IRIS: LazyLock<Dataset> = LazyLock::new(Dataset::iris);
/// With categories and missing values.
static PENGUINS: LazyLock<Dataset> = LazyLock::new(|| {
    let csv = include_bytes!("../../../data/penguins.csv");
    Dataset::from_csv(csv, &CsvOptions::default()).unwrap()
});

/// A family in a small form, so that a test can break it thousands of times.
fn small(family: Family) -> FamilyParams {
    match family {
        Family::RandomForest => RandomForestParams { n_trees: 5, ..Default::default() }.into(),
        Family::GradientBoosting => {
            let early_stopping = EarlyStopping::Off;
            GradientBoostingParams { n_rounds: 6, early_stopping, ..Default::default() }.into()
        }
        family => family.into(),
    }
}

fn params(family: impl Into<FamilyParams>) -> TrainParams {
    TrainParams { cv_folds: 2, family: family.into(), ..TrainParams::new(Family::GaussianNb) }
}

/// All that a training goes through in its stages: each family, and what is done before, beside and
/// after its fit.
fn cases() -> Vec<(&'static str, TrainParams)> {
    let mut cases: Vec<_> =
        Family::ALL.into_iter().map(|family| (family.as_str(), params(small(family)))).collect();
    let boosting = |early_stopping| GradientBoostingParams {
        n_rounds: 8,
        early_stopping,
        n_iter_no_change: 2,
        ..Default::default()
    };
    let preprocessing = PreprocessingParams { derived: DerivedFeatures::Products, select: Some(3) };
    let smartcore = LogisticRegressionParams { solver: Solver::Smartcore, ..Default::default() };
    let hard = SvmParams { c: 10.0, kernel: Kernel::poly(), ..SvmParams::default() };
    cases.extend([
        ("early stopping", params(boosting(EarlyStopping::On))),
        ("smartcore", params(smartcore)),
        ("a hard machine", params(hard)),
        ("selected", TrainParams { preprocessing, ..params(small(Family::Svm)) }),
        ("selected rows", TrainParams { preprocessing, ..params(Family::KNearestNeighbors) }),
    ]);
    for (form, family) in Quantisation::ALL.into_iter().zip([Family::Svm, Family::RandomForest]) {
        let quantisation = Some(form);
        cases.push(("narrowed", TrainParams { quantisation, ..params(small(family)) }));
    }
    let repeated = TrainParams { cv_repeats: 2, test_size: 0.0, ..params(Family::GaussianNb) };
    let fewer = TrainParams { max_rows: Some(60), cv_folds: 0, ..params(small(Family::Svm)) };
    cases.extend([("repeated, without a test part", repeated), ("of fewer rows", fewer)]);
    cases
}

fn resumed<'a>(data: &'a Dataset, params: &TrainParams, checkpoint: &[u8]) -> Training<'a> {
    Training::new(data, params.clone()).unwrap().resume(checkpoint).unwrap()
}

/// The artifact of a training that is broken after each slice, and how many there were; slices have
/// these `units`, one after the other and from the first again.
fn broken(data: &Dataset, params: &TrainParams, units: &[u64]) -> (Artifact, usize) {
    let mut checkpoint = Training::new(data, params.clone()).unwrap().checkpoint();
    for n_slices in 0.. {
        let mut training = resumed(data, params, &checkpoint);
        // What comes before a forest that selects columns is done at once.
        if params.preprocessing.select.is_none() {
            assert_eq!(training.checkpoint(), checkpoint, "slice {n_slices} of {params:?}");
        }
        let Some(progress) = training.progress() else {
            return (training.finish().unwrap(), n_slices);
        };
        training.advance(&mut Budget::new(units[n_slices % units.len()])).unwrap();
        let after = training.progress().map_or(1.0, |progress| progress.share());
        assert!(after >= progress.share(), "slice {n_slices} of {params:?}");
        checkpoint = training.checkpoint();
    }
    unreachable!("a training ends");
}

/// The checkpoints after each slice of an unbroken training.
fn checkpoints(data: &Dataset, params: &TrainParams, units: u64) -> Vec<Vec<u8>> {
    let mut training = Training::new(data, params.clone()).unwrap();
    let mut checkpoints = vec![training.checkpoint()];
    while training.next_stage().is_some() {
        training.advance(&mut Budget::new(units)).unwrap();
        checkpoints.push(training.checkpoint());
    }
    checkpoints
}

#[test]
fn a_training_that_breaks_after_every_step_makes_the_same_model() {
    for data in [&*IRIS, &*PENGUINS] {
        for (name, params) in cases() {
            let unbroken = params.train(data).unwrap();
            let n_stages = Training::new(data, params.clone()).unwrap().n_steps();
            for units in [Budget::SLICE, 200_000, 30_000] {
                let (artifact, n_slices) = broken(data, &params, &[units]);
                assert_eq!(artifact.id(), unbroken.id(), "{name} in slices of {units}");
                assert_eq!(artifact.evaluation(), unbroken.evaluation(), "{name}");
                assert!(n_slices >= n_stages, "{name}");
            }
        }
    }
}

#[test]
fn the_smallest_steps_come_to_an_end_too() {
    let rows: Vec<usize> = (0..150).step_by(5).collect();
    let values = rows.iter().flat_map(|&row| IRIS.row(row).to_vec()).collect();
    let labels = rows.iter().map(|&row| IRIS.label(row)).collect();
    let columns = ["a", "b", "c", "d"].map(Column::numeric).to_vec();
    let classes = ["x", "y", "z"].map(str::to_owned).to_vec();
    let data = Dataset::new("few", "y", columns, classes, values, labels).unwrap();
    for (name, mut params) in cases() {
        params.max_rows = None;
        if let FamilyParams::GradientBoosting(boosting) = &mut params.family {
            boosting.min_samples_leaf = 2;
        }
        let unbroken = params.train(&data).unwrap();
        let (artifact, n_slices) = broken(&data, &params, &[1]);
        assert_eq!(artifact.id(), unbroken.id(), "{name}");
        assert!(n_slices > 20, "{name}: {n_slices}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_training_that_breaks_once_makes_the_same_model(
        case in 0..cases().len(),
        of_penguins: bool,
        units in prop_oneof![500_u64..5_000, 5_000_u64..200_000],
        share in 0.0..1.0,
    ) {
        let data = if of_penguins { &*PENGUINS } else { &*IRIS };
        let (name, params) = cases().swap_remove(case);
        let mut training = Training::new(data, params.clone()).unwrap();
        let mut checkpoint = training.checkpoint();
        while training.progress().is_some_and(|progress| progress.share() <= share) {
            training.advance(&mut Budget::new(units)).unwrap();
            checkpoint = training.checkpoint();
        }
        let stage = training.next_stage();
        let broken = resumed(data, &params, &checkpoint);
        prop_assert_eq!(broken.next_stage(), stage);
        prop_assert_eq!(broken.standing(), training.standing());
        let [whole, broken] = [training, broken].map(|training| {
            training.run(&mut |_| std::ops::ControlFlow::Continue(())).unwrap()
        });
        prop_assert_eq!(broken.id(), whole.id(), "{} at {:?}", name, stage);
    }

    #[test]
    fn a_training_that_breaks_after_every_step_of_any_size_makes_the_same_model(
        case in 0..cases().len(),
        of_penguins: bool,
        seed in 0_u64..1_000,
        units in prop::collection::vec(10_000..=Budget::SLICE, 1..6),
    ) {
        let data = if of_penguins { &*PENGUINS } else { &*IRIS };
        let (name, params) = cases().swap_remove(case);
        let params = TrainParams { seed, ..params };
        let (artifact, _) = broken(data, &params, &units);
        prop_assert_eq!(artifact.id(), params.train(data).unwrap().id(), "{} of {}", name, seed);
    }
}

#[test]
fn a_training_on_its_own_split_resumes_on_it() {
    let params = params(Family::GaussianNb);
    let split = |seed| crate::split::train_test_split(&IRIS, 0.2, 3, seed).unwrap();
    let begin = |seed| Training::with_split(&IRIS, params.clone(), split(seed)).unwrap();
    let mut training = begin(3);
    training.step().unwrap();
    let checkpoint = training.checkpoint();
    assert_eq!(begin(3).resume(&checkpoint).unwrap().steps_done(), 1);
    assert_eq!(begin(4).resume(&checkpoint).unwrap_err(), CheckpointError::OtherSplit);
}

#[test]
fn what_a_checkpoint_does_not_belong_to_is_named() {
    let begin = |data, params: &TrainParams| Training::new(data, params.clone()).unwrap();
    let params = params(Family::GaussianNb);
    let checkpoint = begin(&IRIS, &params).checkpoint();
    let error = begin(&PENGUINS, &params).resume(&checkpoint).unwrap_err();
    assert_eq!(error, CheckpointError::OtherDataset);
    for other in [
        TrainParams { seed: 7, ..params.clone() },
        TrainParams { coverage: 0.8, ..params.clone() },
        TrainParams { family: Family::Svm.into(), ..params.clone() },
    ] {
        let error = begin(&IRIS, &other).resume(&checkpoint).unwrap_err();
        assert_eq!(error, CheckpointError::OtherParams);
    }
    let mut later = checkpoint.clone();
    later[8] += 1;
    let error = begin(&IRIS, &params).resume(&later).unwrap_err();
    let (found, expected) = (frame::FORMAT_VERSION + 1, frame::FORMAT_VERSION);
    assert_eq!(error, CheckpointError::UnsupportedVersion { found, expected });
    let mut body = frame::open(&checkpoint).unwrap().to_vec();
    body[0] += 1;
    let error = begin(&IRIS, &params).resume(&frame::close(&body)).unwrap_err();
    let (found, expected) = (ALGORITHM_VERSION + 1, ALGORITHM_VERSION);
    assert_eq!(error, CheckpointError::OtherAlgorithm { found, expected });
    let model = params.train(&IRIS).unwrap();
    for bytes in [&[][..], b"TEPAL", &model.to_bytes()] {
        let error = begin(&IRIS, &params).resume(bytes).unwrap_err();
        assert_eq!(error, CheckpointError::NotACheckpoint);
        assert!(error.to_string().ends_with("begin the training anew"));
    }
}

#[test]
fn a_checkpoint_that_is_cut_short_anywhere_is_refused() {
    for (name, params) in cases() {
        let all = checkpoints(&IRIS, &params, 400_000);
        let checkpoint = &all[all.len() / 2];
        let body = frame::open(checkpoint).unwrap();
        for length in 0..checkpoint.len() {
            let training = Training::new(&IRIS, params.clone()).unwrap();
            assert!(training.resume(&checkpoint[..length]).is_err(), "{name} at {length}");
        }
        // As if it had been written so.
        for length in (0..body.len()).step_by(1 + body.len() / 200) {
            let training = Training::new(&IRIS, params.clone()).unwrap();
            let error = training.resume(&frame::close(&body[..length])).unwrap_err();
            assert!(matches!(error, CheckpointError::Inconsistent { .. }), "{name} at {length}");
        }
        let training = Training::new(&IRIS, params.clone()).unwrap();
        let more = frame::close(&[body, &[0]].concat());
        assert_eq!(
            training.resume(&more).unwrap_err(),
            CheckpointError::Inconsistent { part: "state" },
            "{name}"
        );
    }
}

/// Of each case, checkpoints of all its stages.
static WRITTEN: LazyLock<Vec<(TrainParams, Vec<Vec<u8>>)>> = LazyLock::new(|| {
    let of_case = |(_, params): (_, TrainParams)| {
        let written = checkpoints(&IRIS, &params, 60_000);
        (params, written)
    };
    cases().into_iter().map(of_case).collect()
});

/// Bytes of the names, before the state: a version below 128, and three digests.
const NAMES: usize = 1 + 3 * 32;

/// Resumes from a body whose checksum fits, and if that is taken, goes on to the end.
fn go_on(params: &TrainParams, body: &[u8]) {
    let training = Training::new(&IRIS, params.clone()).unwrap();
    let Ok(mut training) = training.resume(&frame::close(body)) else { return };
    // A problem that was altered may take its solver to the end of its patience.
    for _ in 0..200 {
        let _ = training.progress();
        let _ = training.checkpoint();
        if training.next_stage().is_none() || training.advance(&mut Budget::new(500_000)).is_err() {
            break;
        }
    }
    let _ = training.finish();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn altered_bytes_are_refused(
        case in 0..cases().len(),
        at in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let (params, written) = &WRITTEN[case];
        let mut checkpoint = at.get(written.as_slice()).clone();
        let place = byte.index(checkpoint.len());
        checkpoint[place] ^= 1 << bit;
        let training = Training::new(&IRIS, params.clone()).unwrap();
        prop_assert!(training.resume(&checkpoint).is_err());
    }

    #[test]
    fn no_altered_state_panics_even_if_its_checksum_fits(
        case in 0..cases().len(),
        at in any::<prop::sample::Index>(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), prop_oneof![
                any::<u8>(), Just(0), Just(1), Just(0x7F), Just(0x80), Just(0xFF)
            ], 1_usize..9),
            1..4,
        ),
    ) {
        let (params, written) = &WRITTEN[case];
        let mut body = frame::open(&at.get(written.as_slice())[..]).unwrap().to_vec();
        for (place, byte, length) in changes {
            let start = NAMES + place.index(body.len() - NAMES);
            let end = body.len().min(start + length);
            body[start..end].fill(byte);
        }
        go_on(params, &body);
    }

    #[test]
    fn no_altered_head_of_a_state_panics(
        case in 0..cases().len(),
        at in any::<prop::sample::Index>(),
        place in 0_usize..60,
        byte: u8,
        inserted: bool,
    ) {
        let (params, written) = &WRITTEN[case];
        let mut body = frame::open(&at.get(written.as_slice())[..]).unwrap().to_vec();
        let place = (NAMES + place).min(body.len() - 1);
        if inserted { body.insert(place, byte) } else { body[place] = byte }
        go_on(params, &body);
    }

    #[test]
    fn no_made_up_state_panics(
        case in 0..cases().len(),
        state in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let (params, written) = &WRITTEN[case];
        let body = frame::open(&written[0]).unwrap();
        go_on(params, &[&body[..NAMES], &state].concat());
    }
}

#[test]
fn another_form_is_another_version() {
    // If this fails, the structures have changed: raise `FORMAT_VERSION`, unless it is the models
    // that have other bits now, for which `ALGORITHM_VERSION` stands.
    let digests: Vec<String> = Family::ALL
        .into_iter()
        .map(|family| {
            let all = checkpoints(&IRIS, &params(small(family)), 60_000);
            Digest::of(&all.concat()).short()
        })
        .collect();
    assert_eq!(
        (frame::FORMAT_VERSION, digests.join(" ")),
        (
            1,
            "013714e4950f 7098e461bdca 3ba6cb235164 7f701d3fbc7a f7ee5a484619 3a93b0304044"
                .to_owned()
        )
    );
}

/// Rows of three classes that overlap, so that trees are deep and many rows are support vectors.
fn overlapping(n_rows: usize, n_columns: usize) -> Dataset {
    let mut rng = SplitMix64::new(17);
    let labels: Vec<u32> = (0..n_rows).map(|row| (row % 3) as u32).collect();
    let value = |at: usize| {
        let class = (at / n_columns) % 3;
        3.0 * rng.unit() + if at % n_columns % 3 == class { 0.3 } else { 0.0 }
    };
    let values = (0..n_rows * n_columns).map(value).collect();
    let columns = (0..n_columns).map(|at| Column::numeric(format!("x{at}"))).collect();
    let classes = ["a", "b", "c"].map(str::to_owned).to_vec();
    Dataset::new("overlapping", "y", columns, classes, values, labels).unwrap()
}

/// The greatest checkpoint of a training, looked for after each so many steps.
fn greatest_checkpoint(data: &Dataset, family: Family, every: usize) -> usize {
    let params = TrainParams { cv_folds: 2, ..TrainParams::new(family) };
    let mut training = Training::new(data, params).unwrap();
    let mut greatest = 0;
    for step in 0.. {
        if step % every == 0 || training.next_stage().is_none() {
            greatest = greatest.max(training.checkpoint().len());
        }
        if training.next_stage().is_none() {
            break;
        }
        training.step().unwrap();
    }
    greatest
}

#[test]
fn a_checkpoint_takes_some_hundred_bytes_a_row() {
    let data = overlapping(1_000, 20);
    for family in Family::ALL {
        let greatest = greatest_checkpoint(&data, family, 1);
        println!("{family}: {greatest}");
        // A forest of deep trees is the greatest of all.
        let most = if family == Family::RandomForest { 400 } else { 200 };
        assert!(greatest < most * 1_000, "{family}: {greatest}");
    }
}

#[test]
#[ignore = "takes a minute; its figures are in the documentation of `Training::checkpoint`"]
fn ten_thousand_rows_of_twenty_columns_fit_into_two_megabytes() {
    let data = overlapping(10_000, 20);
    for family in Family::ALL {
        let greatest = greatest_checkpoint(&data, family, 10);
        println!("{family}: {greatest}");
        assert!(greatest < 2_000_000, "{family}: {greatest}");
    }
}
