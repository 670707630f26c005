//! The model file: sizes, equality after a round trip, the default model, past versions, damage.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use model_core::{Artifact, ArtifactError, DEFAULT_ARTIFACT, Dataset, Family, Receipt};
use proptest::prelude::*;
use tepal_tests::{root, trained};

#[test]
fn files_are_as_small_as_promised() {
    let check = |family, limit| {
        let bytes = trained(family, 42).to_bytes().len();
        assert!(bytes < limit, "{family}: {bytes} bytes");
    };
    check(Family::LogisticRegression, 2500);
    check(Family::Svm, 6000);
    check(Family::RandomForest, 20_000);
}

#[test]
fn a_file_read_back_is_the_same_model() {
    let iris = Dataset::iris();
    for family in Family::ALL {
        let model = trained(family, 7);
        let read = Artifact::from_bytes(&model.to_bytes()).unwrap();
        assert_eq!(read, model);
        let (mut a, mut b) = ([0.0; 3], [0.0; 3]);
        for row in 0..iris.n_samples() {
            model.predict_proba_into(iris.row(row), &mut a);
            read.predict_proba_into(iris.row(row), &mut b);
            assert_eq!(a.map(f64::to_bits), b.map(f64::to_bits));
        }
    }
}

#[test]
fn the_receipt_is_kept_and_does_not_change_the_id() {
    let iris = Dataset::iris();
    let params = model_core::TrainParams::new(model_core::FamilyParams::default_for(Family::Svm));
    let receipt = Receipt {
        created_at_millis: 1_767_225_600_000,
        fit_millis: 1.25,
        calibration_millis: 3.5,
        host: "browser".into(),
    };
    let go_on = &mut |_| std::ops::ControlFlow::Continue(());
    let model = model_core::train(&iris, &params, receipt.clone(), go_on).unwrap();
    assert_eq!(model.id(), trained(Family::Svm, 42).id());
    let read = Artifact::from_bytes(&model.to_bytes()).unwrap();
    assert_eq!(read.receipt(), &receipt);
}

#[test]
fn the_default_model_is_what_training_gives() {
    let again = trained(Family::Svm, 42).to_bytes();
    assert!(
        again == DEFAULT_ARTIFACT,
        "data/iris.tepal is out of date: run `cargo xtask train-default` and commit it"
    );
}

#[test]
fn every_row_travels_with_a_small_data_set() {
    let (model, iris) = (trained(Family::Svm, 42), Dataset::iris());
    let mut rows: Vec<(Vec<f64>, u32)> = Vec::new();
    for part in [&model.reference().train, &model.reference().held_out] {
        rows.extend(part.rows().map(|(values, label)| (values.to_vec(), label)));
    }
    let mut all: Vec<(Vec<f64>, u32)> =
        (0..150).map(|row| (iris.row(row).to_vec(), iris.label(row))).collect();
    assert_eq!((model.reference().train.len(), model.reference().held_out.len()), (120, 30));
    let key = |row: &(Vec<f64>, u32)| format!("{row:?}");
    rows.sort_by_key(key);
    all.sort_by_key(key);
    assert_eq!(rows, all);
}

#[test]
fn files_of_every_past_version_load() {
    let directory = root().join("tests/fixtures/golden");
    let mut seen = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let model =
            Artifact::from_bytes(&bytes).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert_eq!(model.id().as_bytes(), &bytes[6..38], "{path:?}: a model keeps its id");
        assert_eq!(model.to_bytes(), bytes, "{path:?}: a file stays the file that it was");
        assert_eq!(model.schema().classes.len(), 3, "{path:?}");
        let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2]).unwrap();
        assert_eq!(model.predict(&flower).class, 0, "{path:?}");
        seen += 1;
    }
    assert!(seen >= 10, "one golden file an engine and format at least");
}

#[test]
fn every_engine_still_gives_the_golden_models() {
    // Other bits from the same data, parameters and seed are another algorithm: raise
    // `ALGORITHM_VERSION`, and add golden files of the new one beside the old.
    for family in Family::ALL {
        let path = root().join(format!("tests/fixtures/golden/iris_v2_{family}.tepal"));
        let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(trained(family, 42).id(), golden.id(), "{family}");
    }
}

#[test]
fn the_svm_of_format_1_is_still_the_same_machine() {
    let path = root().join("tests/fixtures/golden/iris_v1_svm.tepal");
    let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    let model = trained(Family::Svm, 42);
    // Version 1 held no imputer, and no quality of the probabilities.
    let (new, old) = (model.pipeline(), golden.pipeline());
    assert_eq!(new.model, old.model);
    assert_eq!(new.preprocessor.encoder(), old.preprocessor.encoder());
    assert_eq!(new.preprocessor.scaler(), old.preprocessor.scaler());
    assert_eq!(model.schema(), golden.schema());
    assert_eq!(model.evaluation().cv, golden.evaluation().cv);
    assert_eq!(model.evaluation().train.confusion, golden.evaluation().train.confusion);
    assert_eq!(model.reference(), golden.reference());
    let iris = Dataset::iris();
    let (mut new, mut old) = ([0.0; 3], [0.0; 3]);
    for row in 0..iris.n_samples() {
        model.predict_proba_into(iris.row(row), &mut new);
        golden.predict_proba_into(iris.row(row), &mut old);
        assert_eq!(new.map(f64::to_bits), old.map(f64::to_bits), "row {row}");
    }
}

#[test]
fn a_future_version_is_told_apart_from_damage() {
    // The same frame with format version 3: hash it again so that only the version is strange.
    let mut bytes = DEFAULT_ARTIFACT.to_vec();
    bytes[42] = 3;
    assert_eq!(
        Artifact::from_bytes(&rehashed(bytes)),
        Err(ArtifactError::UnsupportedVersion { found: 3, newest: 2 })
    );
}

#[test]
fn no_truncation_is_read() {
    for family in Family::ALL {
        let bytes = trained(family, 42).to_bytes();
        for length in 0..bytes.len() {
            assert!(Artifact::from_bytes(&bytes[..length]).is_err(), "{family} cut to {length}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(Artifact::from_bytes(&longer).is_err());
    }
    assert_eq!(Artifact::from_bytes(b"PK"), Err(ArtifactError::NotAnArtifact));
}

/// Puts the right hash on an altered content, so that what lies behind the checksum is tested.
fn rehashed(mut bytes: Vec<u8>) -> Vec<u8> {
    let length = u32::from_le_bytes(bytes[38..42].try_into().unwrap()) as usize;
    let id = model_core::digest::Digest::of(&bytes[42..42 + length]);
    bytes[6..38].copy_from_slice(id.as_bytes());
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_altered_byte_is_noticed(at in 0..DEFAULT_ARTIFACT.len(), mask in 1_u8..) {
        let mut bytes = DEFAULT_ARTIFACT.to_vec();
        bytes[at] ^= mask;
        prop_assert!(Artifact::from_bytes(&bytes).is_err());
    }

    #[test]
    fn altered_content_with_a_valid_hash_never_panics(
        family in 0..Family::ALL.len(),
        changes in proptest::collection::vec((44_usize..20_000, 0_u8..), 1..6),
    ) {
        thread_local!(static FILES: [Vec<u8>; 6] =
            Family::ALL.map(|family| trained(family, 42).to_bytes()));
        let mut bytes = FILES.with(|files| files[family].clone());
        let end = 42 + u32::from_le_bytes(bytes[38..42].try_into().unwrap()) as usize;
        for (at, value) in changes {
            let at = 44 + (at - 44) % (end - 44);
            bytes[at] = value;
        }
        // Whatever is read must predict probabilities, and be written as it was read.
        let original = rehashed(bytes);
        if let Ok(model) = Artifact::from_bytes(&original) {
            let mut out = vec![0.0; model.schema().classes.len()];
            for value in [1.0, -1e308, 1e308] {
                model.predict_proba_into(&vec![value; model.schema().features.len()], &mut out);
                prop_assert!(out.iter().all(|p| (0.0..=1.0).contains(p)), "{:?}", out);
                prop_assert!((out.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{:?}", out);
            }
            prop_assert_eq!(model.to_bytes(), original);
        }
    }
}
