use std::fmt::Write as _;

use super::*;
use crate::artifact::frame::to_postcard;
use crate::artifact::model_wire::{self, ModelWire};
use crate::artifact::{ArtifactError, Content};
use crate::conformal::ConformalPredictor;
use crate::dataset::CsvOptions;
use crate::evaluation::ConfusionMatrix;
use crate::model::Quantisation;
use crate::update::{continue_training, merge};
use crate::{ContinueParams, Dataset, Family, Receipt, TrainParams};

/// A file of other contents, hashed anew.
fn altered(model: &Artifact, change: impl FnOnce(&mut Content)) -> Artifact {
    let mut content = model.content.clone();
    change(&mut content);
    let altered = Artifact::new(content, Receipt::default());
    Artifact::from_bytes(&altered.to_bytes()).unwrap()
}

/// Rows of two columns and three classes that overlap.
fn overlapping(n_rows: usize) -> Dataset {
    let mut csv = String::from("a,b,y\n");
    for row in 0..n_rows {
        let (class, at) = (row % 3, row * 7919 % 1000);
        let a = class as f64 + at as f64 / 400.0;
        writeln!(csv, "{a},{},{}", row * 31 % 17, ["x", "y", "z"][class]).unwrap();
    }
    Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap()
}

fn n_agreeing(model: &Artifact) -> (usize, usize) {
    match model.rescore() {
        Ok(Rescored::Agrees { n_rows, n_held_out, .. }) => (n_rows, n_held_out),
        other => panic!("{}: {other:?}", model.family()),
    }
}

#[test]
fn what_training_writes_agrees_with_itself() {
    let (iris, many) = (Dataset::iris(), overlapping(1000));
    for family in Family::ALL {
        for seed in 0..4 {
            let params = TrainParams { seed, cv_folds: 3, ..TrainParams::new(family) };
            assert_eq!(n_agreeing(&params.train(&iris).unwrap()), (30, 30));
            assert_eq!(n_agreeing(&params.train(&many).unwrap()), (128, 200));
        }
    }
    for form in Quantisation::ALL {
        let params = TrainParams { quantisation: Some(form), ..TrainParams::new(Family::Svm) };
        assert_eq!(n_agreeing(&params.train(&iris).unwrap()), (30, 30));
    }
}

#[test]
fn models_that_learned_on_are_measured_by_the_rows_that_they_carry() {
    let data = overlapping(1000);
    let model = TrainParams::new(Family::LogisticRegression).train(&data).unwrap();
    let party = |rows: std::ops::Range<usize>| {
        let rows: Vec<_> =
            rows.map(|row| (model.schema().row(data.row(row)).unwrap(), data.label(row))).collect();
        let rows: Vec<_> = rows.iter().map(|(row, label)| (row, *label)).collect();
        continue_training(&model, &rows, &ContinueParams::default()).unwrap().model
    };
    let parties = [party(0..300), party(300..700)];
    assert_eq!(n_agreeing(&parties[0]), (128, 128));
    assert_eq!(n_agreeing(&merge(&parties).unwrap()), (128, 128));
}

#[test]
fn without_held_out_rows_there_is_nothing_to_check() {
    let params = TrainParams { test_size: 0.0, ..TrainParams::new(Family::GaussianNb) };
    let model = params.train(&Dataset::iris()).unwrap();
    let reason = NotRescored::NoHeldOutRows;
    assert_eq!(model.rescore(), Ok(Rescored::NotPossible { reason }));
}

/// The same file with another model of the family in it.
fn with_model(model: &Artifact, change: impl FnOnce(&mut ModelWire)) -> Artifact {
    altered(model, |content| {
        let mut wire = model_wire::encode(&content.pipeline.model);
        change(&mut wire);
        let (width, k) = (content.pipeline.preprocessor.width(), content.schema.classes.len());
        content.pipeline.model = model_wire::decode(wire, width, k).unwrap();
    })
}

#[test]
fn altered_numbers_are_found_whatever_their_hash_says() {
    let iris = Dataset::iris();
    let found = |family, change: fn(&mut ModelWire)| {
        let model = TrainParams::new(family).train(&iris).unwrap();
        let error = with_model(&model, change).rescore().unwrap_err();
        assert!(error.to_string().contains("train it again"), "{family}: {error}");
    };
    found(Family::LogisticRegression, |wire| {
        let ModelWire::LogisticRegression { coefficients, .. } = wire else { panic!() };
        coefficients[0] += 1e-3;
    });
    found(Family::Svm, |wire| {
        let ModelWire::Svm { coefficients, .. } = wire else { panic!() };
        coefficients[0] *= 1.01;
    });
    found(Family::KNearestNeighbors, |wire| {
        let ModelWire::KNearestNeighbors { labels, .. } = wire else { panic!() };
        labels.swap(0, 119);
        labels.rotate_left(20);
    });
    found(Family::GaussianNb, |wire| {
        let ModelWire::GaussianNb { means, .. } = wire else { panic!() };
        // Of petal length, of the class that lies between the others.
        means[6] += 1e-3;
    });
    // Trees of another training: those of a file and its evaluation belong together.
    for family in [Family::RandomForest, Family::GradientBoosting] {
        let train = |seed| TrainParams { seed, ..TrainParams::new(family) }.train(&iris).unwrap();
        let other = train(7).content.pipeline;
        let mixed = altered(&train(42), |content| content.pipeline = other);
        assert!(mixed.rescore().is_err(), "{family}");
    }
}

#[test]
fn what_belongs_to_the_score_is_found_too() {
    let params = TrainParams::new(Family::LogisticRegression);
    let model = params.train(&Dataset::iris()).unwrap();
    let error = |change: fn(&mut Content)| altered(&model, change).rescore().unwrap_err();
    assert!(matches!(
        error(|content| content.reference.held_out.labels[0] = 2),
        RescoreError::Confusion { .. }
    ));
    assert!(matches!(
        error(|content| content.reference.held_out.values[0] += 0.1),
        RescoreError::LogLoss { .. }
    ));
    let scores = |content: &mut Content| {
        content.conformal = ConformalPredictor::new(vec![0.001; 120], 0.9);
    };
    assert_eq!(error(scores), RescoreError::PredictionSets);
    let rows = |content: &mut Content| {
        content.reference.held_out.labels.pop();
        content.reference.held_out.values.truncate(29 * 4);
    };
    assert_eq!(error(rows), RescoreError::Rows { carried: 29, due: 30 });
    let lineage = |content: &mut Content| content.lineage.n_test = 31;
    assert_eq!(error(lineage), RescoreError::HeldOut { evaluated: 30, held_out: 31 });
    let unmeasured = |content: &mut Content| {
        content.evaluation.test = None;
        content.evaluation.prediction_sets = None;
        content.lineage.n_test = 0;
    };
    assert_eq!(error(unmeasured), RescoreError::Rows { carried: 30, due: 0 });
    let counts = |content: &mut Content| {
        let counts = vec![10, 0, 0, 0, 10, 0, 0, 0, 10];
        let test = content.evaluation.test.as_mut().unwrap();
        test.confusion = ConfusionMatrix::from_counts(3, counts).unwrap();
    };
    assert!(matches!(error(counts), RescoreError::Confusion { recorded: 10, rescored: 9, .. }));
}

#[test]
fn a_sample_of_the_held_out_rows_finds_what_cannot_be() {
    let params = TrainParams::new(Family::LogisticRegression);
    let model = params.train(&overlapping(1000)).unwrap();
    let scaled = |factor: f64| {
        let model = with_model(&model, |wire| {
            let ModelWire::LogisticRegression { coefficients, .. } = wire else { panic!() };
            coefficients.iter_mut().for_each(|number| *number *= factor);
        });
        model.rescore()
    };
    assert!(matches!(scaled(-1.0), Err(RescoreError::Confusion { .. })));
    assert!(scaled(50.0).is_err());
    let other = params.train(&overlapping(1002)).unwrap();
    let fewer = altered(&model, |content| content.evaluation = other.content.evaluation.clone());
    assert!(fewer.rescore().is_err(), "an evaluation of other rows");
}

#[test]
fn hostile_counts_are_an_error_and_no_overflow() {
    let model = Artifact::from_bytes(crate::DEFAULT_ARTIFACT).unwrap();
    let mut content = model.content.clone();
    let test = content.evaluation.test.as_mut().unwrap();
    let counts = vec![u32::MAX, 0, 0, 0, 0, 0, 0, 0, 0];
    test.confusion = ConfusionMatrix::from_counts(3, counts).unwrap();
    test.log_loss = -f64::MAX;
    content.evaluation.prediction_sets = None;
    content.lineage.n_test = u32::MAX as usize;
    let file = Artifact::new(content, Receipt::default()).to_bytes();
    let read: Result<Artifact, ArtifactError> = Artifact::from_bytes(&file);
    assert!(matches!(read.unwrap().rescore(), Err(RescoreError::Rows { due: 128, .. })));
}

/// Of each family: how many files with one other byte in the model, hashed anew, are read as
/// another model, and how many of these are refused.
fn found(model: &Artifact) -> (u32, u32) {
    let bytes = to_postcard(&model_wire::encode(&model.content.pipeline.model));
    let (width, k) = (model.pipeline().preprocessor.width(), model.schema().classes.len());
    let (mut n, mut n_found) = (0, 0);
    let step = 1 + bytes.len() / 2000;
    for at in (0..bytes.len()).step_by(step) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x10;
        let Ok((wire, [])) = postcard::take_from_bytes(&bytes) else { continue };
        let Some(other) = model_wire::decode(wire, width, k) else { continue };
        if other == model.content.pipeline.model {
            continue;
        }
        let mut content = model.content.clone();
        content.pipeline.model = other;
        n += 1;
        n_found += u32::from(Artifact::new(content, Receipt::default()).rescore().is_err());
    }
    (n, n_found)
}

#[test]
fn a_byte_that_changes_the_model_changes_its_score() {
    // What no held-out row comes by is not seen: a leaf, a far neighbour. Nor are last bits of a
    // number, which change the log loss by less than its tolerance.
    for (family, least) in [
        (Family::LogisticRegression, 0.5),
        (Family::RandomForest, 0.5),
        (Family::Svm, 0.4),
        (Family::KNearestNeighbors, 0.03),
        (Family::GaussianNb, 0.35),
        (Family::GradientBoosting, 0.7),
    ] {
        let model = TrainParams::new(family).train(&Dataset::iris()).unwrap();
        let (n, n_found) = found(&model);
        println!("{family}: {n_found} of {n} altered models are refused");
        assert!(n > 50 && f64::from(n_found) >= least * f64::from(n), "{family}: {n_found} of {n}");
    }
}
