//! What happens to a row between schema and model: fitted on training rows only.

mod scaler;

pub use self::scaler::StandardScaler;

/// A fitted preprocessing and model, from raw values to probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Brings columns to mean 0 and standard deviation 1; trees go without.
    pub scaler: Option<StandardScaler>,
    /// The classifier.
    pub model: crate::model::Model,
}

impl Pipeline {
    /// Writes the probability of each class for raw `values` into `out`.
    ///
    /// `values` has the model's `n_features`, `out` its `n_classes`; what does not fit is left
    /// out of the sum, never read beyond. Nothing is allocated per tree or support vector.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        match &self.scaler {
            Some(scaler) => crate::buffer::with_zeros(values.len(), |scaled| {
                scaler.transform_into(values, scaled);
                self.model.predict_proba_into(scaled, out);
            }),
            None => self.model.predict_proba_into(values, out),
        }
    }
}

/// The index of the greatest probability; the lowest index on an exact tie.
#[must_use]
pub fn argmax(probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in probabilities.iter().enumerate() {
        if *value > probabilities[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::argmax;

    #[test]
    fn ties_go_to_the_lowest_class() {
        assert_eq!(argmax(&[0.2, 0.4, 0.4]), 1);
        assert_eq!(argmax(&[0.5, 0.5]), 0);
        assert_eq!(argmax(&[]), 0);
    }
}
