//! Tabular classifiers: data, training, evaluation, model files and prediction.
//!
//! ```
//! use model_core::{CsvOptions, Dataset, Family, TrainParams};
//!
//! let data = Dataset::from_csv(&std::fs::read("data/iris.csv")?, &CsvOptions::default())?;
//! let model = TrainParams::new(Family::RandomForest).train(&data)?;
//! let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
//! assert_eq!(model.classify(&flower), "setosa");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A CSV file is read as people write them, whatever its separator and its decimal mark, and
//! [`Dataset::notes`] says what was made of it. [`CsvOptions`] overrule it, [`TrainParams`] hold the seed and
//! all that can be set, [`Artifact::predict`] answers with probabilities, and [`Artifact::to_bytes`] is
//! the model file. A training that takes longer is watched and stopped by [`Training::run`], or taken slice
//! by slice with [`Training::step`].
//!
//! It is the one machine-learning crate of Tepal: the page, the Worker and the tests all train and
//! predict through it. It is pure: no I/O, no clock, no global randomness, no HTTP, no JavaScript.
//! Seeds, times and names come in as arguments.
//!
//! The data's way through the modules: [`dataset`] -> [`split`] -> [`pipeline`] and [`model`] ->
//! [`evaluation`] -> [`artifact`], driven by [`training`].
//!
//! **The same bits.** Prediction from one artifact gives identical bits natively, in a browser
//! and at the edge, and so does training by our own engines: sums run in a fixed
//! order, and `exp` and `ln` come from libm.
//!
//! ## Features
//!
//! All are on by default. With `default-features = false` and the names of those that you need you link
//! what you use; reading, training, evaluation, prediction sets, model files and prediction are always there.
//!
//! - `all-fits`: fitting support vector machines, and anything by smartcore's solver, which a renewal does not
//! - `card`: `card`, what to tell about a model, in Markdown and JSON
//! - `checkpoint`: `Training::checkpoint` and `Training::resume`, a training that goes on on another machine
//! - `drift`: `drift`, whether other rows still look like the training rows
//! - `explanation`: `explanation`, why a model answers a row as it does
//! - `lifecycle`: `lifecycle`, whether to retrain it, to promote another, to take one back (brings `drift`)
//! - `onnx`: `onnx`, a model for other runtimes (brings prost)
//! - `search`: `training::Search`, looking for the best parameters

pub mod answers;
pub mod artifact;
mod budget;
mod buffer;
#[cfg(feature = "card")]
pub mod card;
pub mod conformal;
pub mod dataset;
mod decimal;
pub mod digest;
#[cfg(feature = "drift")]
pub mod drift;
pub mod evaluation;
mod expectations;
#[cfg(feature = "explanation")]
pub mod explanation;
pub mod instant;
#[cfg(feature = "lifecycle")]
pub mod lifecycle;
pub mod model;
#[cfg(feature = "onnx")]
pub mod onnx;
mod order;
pub mod pipeline;
mod published;
mod recipe;
mod reference;
pub mod rng;
pub mod schema;
pub mod split;
pub mod training;
pub mod update;

pub use self::artifact::{
    Artifact, ArtifactError, DEFAULT_ARTIFACT, Lineage, ModelId, NotRescored, Origin, Prediction,
    Receipt, RescoreError, Rescored, WithoutRowsError,
};
pub use self::conformal::{ClassSet, ConformalPredictor, SetEvaluation};
pub use self::dataset::{CsvOptions, Dataset, DatasetError};
pub use self::decimal::parse_number;
pub use self::evaluation::{
    ClassMetrics, ClassificationReport, ConfusionMatrix, CrossValidation, Evaluation,
    SplitEvaluation, wilson_interval,
};
pub use self::expectations::{Expectations, Violation};
pub use self::model::{Family, FamilyParams, FitError, ParamError, Quantisation};
pub use self::order::{argmax, filled, sort_items};
pub use self::published::{PUBLISHED_FAMILIES, is_iris, published_accuracy};
pub use self::recipe::{ALGORITHM_VERSION, ContinueParams, TrainParams};
pub use self::reference::{ColumnSummary, ReferenceRows, ReferenceSample, ReferenceSummary};
pub use self::schema::{
    Feature, FeatureKind, FeatureRow, NumericRange, Range, RowError, RowErrors, Schema,
    SourceFault, Value,
};
pub use self::training::{
    Progress, SelectionMetric, Stage, Standing, TrainError, Training, select_best,
};
