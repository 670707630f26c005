//! What happens to a row between schema and model: fitted on training rows only.
//!
//! `imputer` fills in missing values, `encoder` makes categories one-hot, `derived` adds ratios and
//! products, `preprocessor` puts these together with a selection of columns and the `scaler`.

mod derived;
mod encoder;
mod fitting;
mod imputer;
mod preprocessor;
mod scaler;
mod target_encoding;

#[cfg(feature = "onnx")]
pub(crate) use self::derived::MAX_DERIVED;
pub use self::derived::{Derived, DerivedFeatures, Operation};
pub use self::encoder::{Encoder, Encoding};
pub(crate) use self::fitting::{PreprocessorFit, ScalerFit};
pub use self::imputer::Imputer;
pub use self::preprocessor::{PreprocessingParams, Preprocessor};
#[cfg(feature = "onnx")]
pub(crate) use self::scaler::MAX_STANDARDISED;
pub use self::scaler::StandardScaler;
pub use self::target_encoding::TargetTable;
use crate::buffer::with_zeros;
use crate::dataset::Dataset;
use crate::model::{Model, Quantisation};
use crate::reference::ReferenceRows;

/// A fitted preprocessing and model, from raw values to probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// From a raw row to what the model sees.
    pub preprocessor: Preprocessor,
    /// The classifier.
    pub model: Model,
}

impl Pipeline {
    /// Writes the probability of each class for raw `values` into `out`.
    ///
    /// `values` has the schema's number of features, `out` its number of classes; what does not
    /// fit is left out of the sum, never read beyond. Nothing is allocated per tree or support
    /// vector.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        with_zeros(self.preprocessor.width(), |design| {
            self.preprocessor.transform_into(values, design);
            self.model.predict_proba_into(design, out);
        });
    }

    /// The probabilities of `rows` of `dataset`, a place a class, row by row.
    #[must_use]
    pub fn predict_proba(&self, dataset: &Dataset, rows: &[usize]) -> Vec<f64> {
        let n_classes = dataset.n_classes();
        let mut probabilities = vec![0.0; rows.len() * n_classes];
        for (&row, out) in rows.iter().zip(probabilities.chunks_exact_mut(n_classes.max(1))) {
            self.predict_proba_into(dataset.row(row), out);
        }
        probabilities
    }

    /// The probabilities of rows that travel with a model, `n_classes` a row.
    pub(crate) fn predict_proba_of(&self, rows: &ReferenceRows, n_classes: usize) -> Vec<f64> {
        let mut probabilities = vec![0.0; rows.len() * n_classes];
        for ((values, _), out) in rows.rows().zip(probabilities.chunks_exact_mut(n_classes.max(1)))
        {
            self.predict_proba_into(values, out);
        }
        probabilities
    }

    /// Work of the probabilities of one row.
    pub(crate) fn units(&self) -> u64 {
        self.preprocessor.units() + self.model.units()
    }

    /// The same pipeline with its model's numbers in fewer bits.
    #[must_use]
    pub(crate) fn quantised(&self, form: Quantisation) -> Self {
        Self { preprocessor: self.preprocessor.clone(), model: self.model.quantised(form) }
    }
}
