//! One row in, what the model says of it out.

use model_core::{FeatureRow, Prediction};

use crate::services::serving::ServedModel;

/// What a model says of a row, and what is remarkable about the row.
#[derive(Debug)]
pub(crate) struct Classification {
    /// Class, probabilities, prediction set.
    pub(crate) prediction: Prediction,
    /// Features, by their place, whose value is allowed and lies outside what training saw.
    pub(crate) outside_training: Vec<usize>,
    /// Features whose category is rare or unknown and counts as the one that those share.
    pub(crate) unknown_categories: Vec<usize>,
}

/// Classifies `row`, which is one of this model's schema.
pub(crate) fn classify(model: &ServedModel, row: &FeatureRow) -> Classification {
    let schema = model.artifact.schema();
    Classification {
        prediction: model.artifact.predict(row),
        outside_training: row.outside_training(schema).collect(),
        unknown_categories: row.unknown_categories(schema).collect(),
    }
}

impl Classification {
    /// The predicted class by its name.
    pub(crate) fn class<'m>(&self, model: &'m ServedModel) -> &'m str {
        let classes = &model.artifact.schema().classes;
        classes.get(self.prediction.class).map(String::as_str).unwrap_or_default()
    }
}
