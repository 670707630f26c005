//! Models that the tests of explanations share.

use crate::pipeline::{DerivedFeatures, PreprocessingParams};
use crate::{Artifact, CsvOptions, Dataset, Family, ReferenceSample, TrainParams};

pub(super) fn trained(dataset: &Dataset, params: TrainParams) -> Artifact {
    let params = TrainParams { cv_folds: 0, ..params };
    params.train(dataset).unwrap()
}

pub(super) fn defaults(family: Family) -> TrainParams {
    TrainParams::new(family)
}

pub(super) fn iris_model(family: Family) -> Artifact {
    trained(&Dataset::iris(), defaults(family))
}

/// A model of Iris that carries no rows.
pub(super) fn bare_model() -> Artifact {
    carrying(&iris_model(Family::GaussianNb), ReferenceSample::default())
}

/// The model with other rows to carry.
pub(super) fn carrying(model: &Artifact, reference: ReferenceSample) -> Artifact {
    model.clone().carrying(reference)
}

/// Penguins: two categorical columns, and cells without a value.
pub(super) fn penguins() -> Dataset {
    let csv = include_bytes!("../../data/penguins.csv");
    let options = CsvOptions {
        target: Some("species".into()),
        drop: vec!["year".into()],
        ..CsvOptions::default()
    };
    Dataset::from_csv(csv, &options).unwrap()
}

pub(super) fn penguin_model(family: Family, derived: DerivedFeatures) -> Artifact {
    let preprocessing = PreprocessingParams { derived, select: None };
    trained(&penguins(), TrainParams { preprocessing, ..defaults(family) })
}

/// Wine: 13 columns, more than are enumerated.
pub(super) fn wine() -> Dataset {
    let csv = include_bytes!("../../data/wine.csv");
    Dataset::from_csv(csv, &CsvOptions::default()).unwrap()
}

pub(super) fn wine_model(family: Family) -> Artifact {
    trained(&wine(), defaults(family))
}
