//! One trained model in one file: what it expects, what it is, how good it is and where it is from.
//!
//! A file is a frame around two parts. The *content* is everything that training determined; its
//! SHA-256 is the model's id, so equal trainings have equal ids wherever they ran. The *receipt*
//! says when and where it ran and how long it took, and is not hashed. The frame is described in
//! `docs/adr/0002-artifact-format.md`.
//!
//! Reading checks everything before anything is used: a file that is cut short, altered, of a
//! future version or of inconsistent shape is a typed [`ArtifactError`], never a panic.

mod additions_wire;
mod boosting_code;
mod conformal_wire;
mod content;
mod error;
mod evaluation_wire;
mod forest_code;
mod frame;
mod later;
mod lineage;
mod lineage_wire;
mod model_wire;
mod origin_wire;
mod preprocessor_wire;
mod receipt_wire;
mod reference_wire;
mod rescoring;
mod schema_wire;
mod v1;
mod v4;
mod without_rows;

use serde::{Deserialize, Serialize};

pub use self::error::ArtifactError;
pub use self::lineage::{Lineage, Origin};
#[cfg(feature = "checkpoint")]
pub(crate) use self::model_wire::{ModelWire, decode as decode_model, encode as encode_model};
pub use self::rescoring::{NotRescored, RescoreError, Rescored};
pub use self::without_rows::WithoutRowsError;
use crate::conformal::{ClassSet, ConformalPredictor};
use crate::digest::Digest;
use crate::evaluation::Evaluation;
use crate::model::Family;
use crate::order::argmax;
use crate::pipeline::Pipeline;
use crate::reference::{ReferenceSample, ReferenceSummary};
use crate::schema::{FeatureRow, Schema};

/// The model that the page opens with and the Worker serves first: an SVM trained on Iris.
///
/// `cargo xtask train-default` makes it, and a test proves that making it again gives these bytes.
pub const DEFAULT_ARTIFACT: &[u8] = include_bytes!("../../data/iris.tepal");

/// What names a model: the SHA-256 of its content.
pub type ModelId = Digest;

/// Time and place of a training; beside the content, outside its hash.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// When, in milliseconds since 1970-01-01 UTC; 0 if not stated.
    pub created_at_millis: i64,
    /// How long the model's fit alone took; 0 if not measured.
    pub fit_millis: f64,
    /// How long calibrating its probabilities took; 0 if not measured or not needed.
    pub calibration_millis: f64,
    /// On what kind of machine, such as `browser`; empty if not stated.
    pub host: String,
}

/// Everything that training determined.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content {
    pub(crate) schema: Schema,
    pub(crate) pipeline: Pipeline,
    pub(crate) evaluation: Evaluation,
    pub(crate) conformal: Option<ConformalPredictor>,
    pub(crate) reference: ReferenceSample,
    /// In place of the rows, which are none then.
    pub(crate) summary: Option<ReferenceSummary>,
    pub(crate) lineage: Lineage,
}

/// A trained model with all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    id: ModelId,
    /// What the id is the hash of. Kept, so that a file of an older format stays that file.
    content_bytes: Vec<u8>,
    content: Content,
    receipt: Receipt,
    /// Fields of the receipt that only a later Tepal knows, kept so that the file stays that file.
    later_receipt: Vec<u8>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Index of the class: the most probable one, the lowest on a tie.
    pub class: usize,
    /// Probability of each class, in the schema's order; they sum to 1.
    pub probabilities: Vec<f64>,
    /// Classes that the model cannot exclude at its coverage; empty if no class conforms. Absent if
    /// the model carries no scores: it was trained without cross-validation, or its file is of a
    /// format before 3.
    pub prediction_set: Option<ClassSet>,
}

impl Prediction {
    /// Probability of the answer.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// assert!(model.predict(&flower).confidence() > 0.9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.probabilities.get(self.class).copied().unwrap_or_default()
    }

    /// The prediction set as it is answered: if no class conforms, the most probable one alone.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// let answer = model.predict(&flower);
    /// assert_eq!(answer.answered_set().map(|set| set.to_vec()), Some(vec![0]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn answered_set(&self) -> Option<ClassSet> {
        let most_probable = || std::iter::once(self.class).collect();
        self.prediction_set.map(|set| if set.is_empty() { most_probable() } else { set })
    }

    /// Whether the model has prediction sets and this one is empty: no class is as probable as the
    /// true classes of cross-validated rows were, but for the share that coverage leaves out. A model
    /// that is right more often than its coverage says so of the rows that it finds hardest.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// assert!(!model.predict(&flower).no_class_conforms());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn no_class_conforms(&self) -> bool {
        self.prediction_set.is_some_and(ClassSet::is_empty)
    }
}

impl Artifact {
    pub(crate) fn new(content: Content, receipt: Receipt) -> Self {
        let content_bytes = v4::encode(&content);
        let id = Digest::of(&content_bytes);
        Self { id, content_bytes, content, receipt, later_receipt: Vec::new() }
    }

    /// Reads a model file.
    ///
    /// ```
    /// use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!(model.to_bytes(), DEFAULT_ARTIFACT);
    /// # Ok::<(), model_core::ArtifactError>(())
    /// ```
    ///
    /// # Errors
    /// An [`ArtifactError`] that says what is wrong with the file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        let frame = frame::open(bytes)?;
        let content = match frame.format_version {
            v1::FORMAT_VERSION => v1::decode(frame.body)?,
            version @ later::FIRST_VERSION..=v4::FORMAT_VERSION => {
                later::decode(version, frame.body)?
            }
            found => {
                let newest = v4::FORMAT_VERSION;
                return Err(ArtifactError::UnsupportedVersion { found, newest });
            }
        };
        let content_bytes = frame.content.to_vec();
        let later_receipt = frame.later_receipt.to_vec();
        Ok(Self { id: frame.id, content_bytes, content, receipt: frame.receipt, later_receipt })
    }

    /// The model file.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!(Artifact::from_bytes(&model.to_bytes())?, model);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        frame::close(&self.content_bytes, &self.receipt, &self.later_receipt)
    }

    /// The model's name: the SHA-256 of its content.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!(model.id().to_string().len(), 64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> ModelId {
        self.id
    }

    /// What kind of classifier it is.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!(model.family(), model_core::Family::Svm);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn family(&self) -> Family {
        self.content.pipeline.model.family()
    }

    /// What it expects and what it can answer.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!(model.schema().classes, ["setosa", "versicolor", "virginica"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.content.schema
    }

    /// The fitted preprocessing and model.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert!(model.pipeline().preprocessor.scaler().is_some(), "an SVM wants scaled rows");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pipeline(&self) -> &Pipeline {
        &self.content.pipeline
    }

    /// How good it is.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let test = model.evaluation().test.as_ref().map(|test| test.confusion.n_correct());
    /// assert_eq!(test, Some(29));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn evaluation(&self) -> &Evaluation {
        &self.content.evaluation
    }

    /// What makes its prediction sets; absent without cross-validation, and in a file of a format
    /// before 3.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!(model.conformal().map(|sets| sets.coverage()), Some(0.9));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn conformal(&self) -> Option<&ConformalPredictor> {
        self.content.conformal.as_ref()
    }

    /// Where it is from.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!((model.lineage().n_train, model.lineage().params.seed), (120, 42));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lineage(&self) -> &Lineage {
        &self.content.lineage
    }

    /// The rows of its data that it carries; none if it is [without rows](Self::without_rows).
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!((model.reference().train.len(), model.reference().held_out.len()), (120, 30));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reference(&self) -> &ReferenceSample {
        &self.content.reference
    }

    /// The same model with other rows to carry.
    #[cfg(test)]
    pub(crate) fn carrying(self, reference: ReferenceSample) -> Self {
        Self::new(Content { reference, ..self.content }, self.receipt)
    }

    /// When, where and how long it trained.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert!(model.receipt().host.is_empty(), "the built-in model does not say where it was made");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The same model with what the caller knows of time and place. Its id stays what it is.
    ///
    /// ```
    /// use model_core::{Artifact, DEFAULT_ARTIFACT, Receipt};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let receipt = Receipt { host: "laptop".into(), ..Receipt::default() };
    /// let here = model.clone().with_receipt(receipt);
    /// assert_eq!((here.id(), here.receipt().host.as_str()), (model.id(), "laptop"));
    /// # Ok::<(), model_core::ArtifactError>(())
    /// ```
    #[must_use]
    pub fn with_receipt(self, receipt: Receipt) -> Self {
        Self { receipt, later_receipt: Vec::new(), ..self }
    }

    /// The name of the most probable class of a valid row of this model's schema.
    ///
    /// [`predict`](Self::predict) also says how probable each is.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// assert_eq!(model.classify(&flower), "setosa");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn classify(&self, row: &FeatureRow) -> &str {
        self.class_name(&self.predict(row))
    }

    /// The name of the class that was answered.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let answer = model.predict(&model.schema().row(&[5.1, 3.5, 1.4, 0.2])?);
    /// assert_eq!(model.class_name(&answer), "setosa");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn class_name(&self, answer: &Prediction) -> &str {
        self.content.schema.classes.get(answer.class).map_or("", String::as_str)
    }

    /// The answer for a valid row of this model's schema.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// let answer = model.predict(&flower);
    /// assert_eq!(answer.class, 0);
    /// assert!((answer.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn predict(&self, row: &FeatureRow) -> Prediction {
        let mut probabilities = vec![0.0; self.content.schema.classes.len()];
        self.predict_proba_into(row.values(), &mut probabilities);
        let prediction_set = self.conformal().map(|sets| sets.prediction_set(&probabilities));
        Prediction { class: argmax(&probabilities), probabilities, prediction_set }
    }

    /// Writes the probability of each class for raw `values` into `out`; for hot loops.
    ///
    /// `values` has a place a feature, `out` a place a class.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let flower = model.schema().row(&[5.1, 3.5, 1.4, 0.2])?;
    /// let mut probabilities = [0.0; 3];
    /// model.predict_proba_into(flower.values(), &mut probabilities);
    /// assert_eq!(probabilities.to_vec(), model.predict(&flower).probabilities);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        self.content.pipeline.predict_proba_into(values, out);
    }
}
