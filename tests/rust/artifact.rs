//! The model file: sizes, equality after a round trip, the default model, past versions, damage.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use model_core::artifact::Lineage;
use model_core::card::ModelCard;
use model_core::model::gradient_boosting::EarlyStopping;
use model_core::onnx::OnnxError;
use model_core::{
    ALGORITHM_VERSION, Artifact, ArtifactError, CsvOptions, DEFAULT_ARTIFACT, Dataset, Evaluation,
    Family, FamilyParams, Receipt, Rescored, TrainParams, Value,
};
use proptest::prelude::*;
use proptest::sample::Index;
use tepal_tests::allocator::Counting;
use tepal_tests::{model_files, properties, root, trained, trained_on};

/// So that the memory that reading takes is measured.
#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
    let receipt = Receipt {
        created_at_millis: 1_767_225_600_000,
        fit_millis: 1.25,
        calibration_millis: 3.5,
        host: "browser".into(),
    };
    let model = trained(Family::Svm, 42).with_receipt(receipt.clone());
    assert_eq!(model.id(), trained(Family::Svm, 42).id());
    let read = Artifact::from_bytes(&model.to_bytes()).unwrap();
    assert_eq!(read.receipt(), &receipt);
}

#[test]
fn the_default_model_is_what_training_gives() {
    let again = trained(Family::Svm, 42).to_bytes();
    assert!(
        again == DEFAULT_ARTIFACT,
        "model-core/data/iris.tepal is out of date: run `cargo xtask train-default` and commit it"
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
        let rescored = model.rescore().unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let agrees = matches!(rescored, Rescored::Agrees { n_rows: 30, n_held_out: 30, .. });
        assert_eq!(agrees, model.carries_rows() > 0, "{path:?}: {rescored:?}");
        seen += 1;
    }
    assert!(seen >= 23, "one golden file an engine and format at least");
}

#[test]
fn every_engine_still_gives_the_golden_models() {
    // Other bits from the same data, parameters and seed are another algorithm: raise
    // `ALGORITHM_VERSION`, and add golden files of the new one beside the old.
    for family in Family::ALL {
        let path = root().join(format!("tests/fixtures/golden/iris_v4_{family}.tepal"));
        let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(trained(family, 42).id(), golden.id(), "{family}");
    }
    let path = root().join("tests/fixtures/golden/iris_v4_without_rows.tepal");
    let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    let bare = trained(Family::LogisticRegression, 42).without_rows().unwrap();
    assert_eq!(bare.id(), golden.id(), "the summary of the same rows is the same");
    assert!(bare.to_bytes().len() < 1600, "{} bytes", bare.to_bytes().len());
}

#[test]
fn boosting_from_before_early_stopping_says_how_it_was_fitted() {
    for format in ["v2", "v3"] {
        let path =
            root().join(format!("tests/fixtures/golden/iris_{format}_gradient_boosting.tepal"));
        let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        let lineage = golden.lineage();
        let FamilyParams::GradientBoosting(params) = &lineage.params.family else {
            panic!("not of gradient boosting");
        };
        assert_eq!(lineage.algorithm_version, 2);
        assert_eq!((params.l2_regularization, params.min_sum_hessian_in_leaf), (0.0, 1e-3));
        assert_eq!(params.early_stopping, EarlyStopping::Off);
        // Its JSON, as a card holds it, says the same.
        let json = serde_json::to_string(&lineage.params).unwrap();
        assert_eq!(serde_json::from_str::<TrainParams>(&json).unwrap(), lineage.params);
    }
}

/// The model that Iris and the parameters in a model's lineage give today.
fn trained_again(model: &Artifact) -> Artifact {
    let params = &model.lineage().params;
    params.train(&Dataset::iris()).unwrap()
}

/// A lineage as it would be with today's version.
fn as_of_today(lineage: &Lineage) -> Lineage {
    Lineage { algorithm_version: ALGORITHM_VERSION, ..lineage.clone() }
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
fn the_models_of_format_2_are_still_the_same_models() {
    let iris = Dataset::iris();
    for family in Family::ALL {
        let path = root().join(format!("tests/fixtures/golden/iris_v2_{family}.tepal"));
        let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        let model = trained_again(&golden);
        // Version 2 held no scores, and so no prediction sets; all else is as it was.
        assert_eq!(golden.pipeline(), model.pipeline(), "{family}");
        assert_eq!(golden.schema(), model.schema());
        assert_eq!(golden.reference(), model.reference());
        assert_eq!(&as_of_today(golden.lineage()), model.lineage());
        let evaluation = Evaluation { prediction_sets: None, ..model.evaluation().clone() };
        assert_eq!(golden.evaluation(), &evaluation);
        assert!(golden.conformal().is_none() && model.conformal().is_some());
        let row = golden.schema().row(iris.row(70)).unwrap();
        let (old, new) = (golden.predict(&row), model.predict(&row));
        assert_eq!((old.prediction_set, old.no_class_conforms()), (None, false));
        assert!(new.prediction_set.is_some());
        assert_eq!(old.probabilities, new.probabilities);
    }
}

#[test]
fn the_models_of_format_3_are_still_the_same_models() {
    for family in Family::ALL {
        let path = root().join(format!("tests/fixtures/golden/iris_v3_{family}.tepal"));
        let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        let model = trained_again(&golden);
        // Version 3 held no category that rare and unknown ones share, and Iris has none.
        assert_ne!(golden.id(), model.id(), "{family}");
        assert_eq!(golden.pipeline(), model.pipeline(), "{family}");
        assert_eq!(golden.schema(), model.schema());
        assert_eq!(golden.reference(), model.reference());
        assert_eq!(&as_of_today(golden.lineage()), model.lineage());
        assert_eq!(golden.evaluation(), model.evaluation());
        assert_eq!(golden.conformal(), model.conformal());
    }
}

#[test]
fn models_of_every_past_format_have_a_card() {
    let path = root().join("tests/fixtures/golden/iris_v1_random_forest.tepal");
    let golden = Artifact::from_bytes(&std::fs::read(path).unwrap()).unwrap();
    let card = ModelCard::of(&golden);
    assert_eq!(card.lineage.split_hash, None);
    let markdown = card.markdown();
    assert!(markdown.contains("Brier score not measured"), "{markdown}");
    assert!(markdown.contains("- Out of bag: "), "{markdown}");
    assert!(!markdown.contains("Prediction sets"), "{markdown}");
}

#[test]
fn models_of_every_past_format_are_exported_or_say_why_not() {
    for entry in std::fs::read_dir(root().join("tests/fixtures/golden")).unwrap() {
        let model = Artifact::from_bytes(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        match model.to_onnx() {
            Ok(bytes) => assert_eq!(model.to_onnx().unwrap(), bytes, "the same bytes again"),
            Err(error) => {
                assert_eq!(error, OnnxError::Family { family: Family::KNearestNeighbors });
                assert_eq!(model.family(), Family::KNearestNeighbors);
            }
        }
    }
}

#[test]
fn what_a_feature_takes_travels_with_the_model() {
    let csv = "x,colour,y\n1,red,a\n2,blue,b\n3,red,a\n4,blue,b\n5,teal,a\n";
    let options = CsvOptions { unknown_other: true, allow_missing: true, ..CsvOptions::default() };
    let data = Dataset::from_csv(csv.as_bytes(), &options).unwrap();
    let params = model_core::TrainParams::new(Family::GaussianNb);
    let model = Artifact::from_bytes(&trained_on(&data, params).to_bytes()).unwrap();
    let [x, colour] = model.schema().features.as_slice() else { panic!("two features") };
    assert_eq!((x.other, colour.other_category()), (None, Some("other")));
    assert!(x.nullable && colour.nullable);
    let row = [("colour", Value::Text("mauve"))];
    let row = model.schema().row_of_named(row).unwrap();
    assert_eq!(row.unknown_categories(model.schema()).collect::<Vec<_>>(), [1]);
    assert!((model.predict(&row).probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn a_future_version_is_told_apart_from_damage() {
    // The same frame with format version 5: hash it again so that only the version is strange.
    let mut content = properties::content_of(DEFAULT_ARTIFACT).to_vec();
    content[0] = 5;
    assert_eq!(
        Artifact::from_bytes(&properties::framed(&content)),
        Err(ArtifactError::UnsupportedVersion { found: 5, newest: 4 })
    );
}

/// Model files of every kind, with what they read as.
static FILES: LazyLock<Vec<(Vec<u8>, Artifact)>> = LazyLock::new(|| {
    let read = |file: Vec<u8>| {
        let model = Artifact::from_bytes(&file).unwrap();
        (file, model)
    };
    model_files().into_iter().map(read).collect()
});

/// What a file that may be damaged reads as, in as little memory as such a file may take.
fn damaged(bytes: &[u8]) -> Result<Artifact, ArtifactError> {
    properties::artifact(bytes, properties::DAMAGED_MEMORY)
}

#[test]
fn models_of_every_kind_equal_themselves_when_read_back() {
    for (file, model) in FILES.iter() {
        // Penguins' rows lack values, and NaN is not NaN.
        assert_eq!(damaged(file).as_ref(), Ok(model));
    }
}

#[test]
fn no_truncation_is_read() {
    for (file, model) in FILES.iter() {
        for length in 0..file.len() {
            let error = damaged(&file[..length]).map(|model| model.id()).unwrap_err();
            let cut =
                matches!(error, ArtifactError::Truncated { .. } | ArtifactError::Altered { .. });
            assert!(cut, "{} cut to {length}: {error}", model.family());
        }
        let longer = [file.as_slice(), &[0]].concat();
        assert!(damaged(&longer).is_err());
    }
    assert_eq!(Artifact::from_bytes(b"PK"), Err(ArtifactError::NotAnArtifact));
}

#[test]
fn no_truncated_content_is_read() {
    for (file, model) in FILES.iter() {
        let content = properties::content_of(file);
        // Most of a forest are its trees, which are alike.
        let step = 1 + content.len() / 4000;
        for length in (0..content.len()).step_by(step) {
            let read = damaged(&properties::framed(&content[..length]));
            assert!(read.is_err(), "content of {} cut to {length}", model.family());
        }
    }
}

/// A change to a list of bytes: `length` of them go, and a copy of `source_length` others comes in
/// their place, some `times`.
#[derive(Debug, Clone)]
struct Splice {
    from: Index,
    length: usize,
    source: Index,
    source_length: usize,
    times: usize,
}

impl Splice {
    fn any() -> impl Strategy<Value = Self> {
        let length = || prop_oneof![4 => 0..4_usize, 2 => 0..64_usize, 1 => 0..2000_usize];
        let times = prop_oneof![3 => Just(1), 1 => 2..9_usize];
        (any::<Index>(), length(), any::<Index>(), length(), times).prop_map(
            |(from, length, source, source_length, times)| Self {
                from,
                length,
                source,
                source_length,
                times,
            },
        )
    }

    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let end = |start: usize, length: usize| (start + length).min(bytes.len());
        let (from, source) = (self.from.index(bytes.len()), self.source.index(bytes.len()));
        let part = bytes[source..end(source, self.source_length)].repeat(self.times);
        bytes.splice(from..end(from, self.length), part);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(34_000))]

    #[test]
    fn any_altered_byte_is_noticed(
        file in any::<Index>(),
        changes in proptest::collection::vec((any::<Index>(), 0_u8..), 1..5),
    ) {
        let (file, model) = file.get(&FILES);
        let mut bytes = file.clone();
        for (at, value) in changes {
            *at.get_mut(&mut bytes) = value;
        }
        properties::damaged_artifact(model, &bytes);
    }

    #[test]
    fn altered_content_with_a_valid_hash_never_panics(
        file in any::<Index>(),
        changes in proptest::collection::vec((any::<Index>(), 0_u8..), 1..6),
    ) {
        let mut content = properties::content_of(&file.get(&FILES).0).to_vec();
        for (at, value) in changes {
            *at.get_mut(&mut content) = value;
        }
        let _ = damaged(&properties::framed(&content));
    }

    #[test]
    fn content_cut_and_repeated_with_a_valid_hash_never_panics(
        file in any::<Index>(),
        changes in proptest::collection::vec(Splice::any(), 1..4),
    ) {
        let mut content = properties::content_of(&file.get(&FILES).0).to_vec();
        changes.iter().for_each(|change| change.apply(&mut content));
        let _ = damaged(&properties::framed(&content));
    }
}
