//! Tabular classifiers: data, training, evaluation, artifacts and prediction.
//!
//! The one machine-learning crate of Tepal: the page, the Worker and the tests all train and
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
//! ```
//! use std::ops::ControlFlow;
//! use model_core::{Dataset, Family, FamilyParams, Receipt, TrainParams, train};
//!
//! let iris = Dataset::iris();
//! let params = TrainParams::new(FamilyParams::default_for(Family::RandomForest));
//! let model = train(&iris, &params, Receipt::default(), &mut |_| ControlFlow::Continue(()))?;
//!
//! let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
//! let answer = model.predict(&flower);
//! assert_eq!(model.class_name(&answer), "setosa");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod artifact;
mod budget;
mod buffer;
pub mod card;
pub mod conformal;
pub mod dataset;
pub mod digest;
pub mod drift;
pub mod evaluation;
mod expectations;
pub mod explanation;
pub mod model;
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
    Artifact, ArtifactError, DEFAULT_ARTIFACT, Lineage, ModelId, Origin, Prediction, Receipt,
};
pub use self::conformal::{ClassSet, ConformalPredictor, SetEvaluation};
pub use self::dataset::{CsvOptions, Dataset, DatasetError};
pub use self::evaluation::{
    ClassMetrics, ClassificationReport, ConfusionMatrix, CrossValidation, Evaluation,
    SplitEvaluation, wilson_interval,
};
pub use self::expectations::{Expectations, Violation};
pub use self::model::{Family, FamilyParams, FitError, ParamError, Quantisation};
pub use self::order::argmax;
pub use self::published::{PUBLISHED_FAMILIES, is_iris, published_accuracy};
pub use self::recipe::{ALGORITHM_VERSION, ContinueParams, TrainParams};
pub use self::reference::{ReferenceRows, ReferenceSample};
pub use self::schema::{
    Feature, FeatureKind, FeatureRow, NumericRange, Range, RowError, RowErrors, Schema,
    SourceFault, Value,
};
pub use self::training::{
    Progress, SelectionMetric, Stage, Standing, TrainError, Training, select_best, train,
};
