//! Rows that trained nothing, read from a plain CSV file without quotes.

use model_core::Artifact;

use crate::Failure;

/// Rows with their labels.
#[derive(Debug)]
pub(crate) struct HeldOut {
    n_features: usize,
    values: Vec<f64>,
    labels: Vec<String>,
}

impl HeldOut {
    /// The rows below the header; the last column is the label.
    ///
    /// # Errors
    /// If there is no row, a row is not as wide as the first, or a cell is not a number.
    pub(crate) fn from_csv(bytes: &[u8]) -> Result<Self, Failure> {
        let text = std::str::from_utf8(bytes)?;
        let (mut values, mut labels) = (Vec::new(), Vec::new());
        for line in text.lines().skip(1) {
            let (row, label) = line.rsplit_once(',').ok_or("a held-out row has no label")?;
            for cell in row.split(',') {
                values.push(cell.parse::<f64>()?);
            }
            labels.push(label.to_owned());
        }
        let n_features = values.len().checked_div(labels.len()).ok_or("no held-out rows")?;
        if n_features * labels.len() != values.len() {
            return Err("the held-out rows differ in width".into());
        }
        Ok(Self { n_features, values, labels })
    }

    /// The values of each row, if `model` takes that many.
    ///
    /// # Errors
    /// If it does not.
    pub(crate) fn rows(
        &self,
        model: &Artifact,
    ) -> Result<std::slice::ChunksExact<'_, f64>, Failure> {
        let expected = model.schema().features.len();
        if self.n_features != expected {
            let got = self.n_features;
            return Err(format!("the model takes {expected} features, the rows have {got}").into());
        }
        Ok(self.values.chunks_exact(self.n_features))
    }

    /// Share of the rows whose likeliest class, the first of equals, is their label.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub(crate) fn accuracy(&self, model: &Artifact) -> Result<f64, Failure> {
        let classes = &model.schema().classes;
        let mut probabilities = vec![0.0; classes.len()];
        let mut n_correct = 0_u32;
        for (row, label) in self.rows(model)?.zip(&self.labels) {
            model.predict_proba_into(row, &mut probabilities);
            let mut best = 0;
            for (class, probability) in probabilities.iter().enumerate() {
                if *probability > probabilities[best] {
                    best = class;
                }
            }
            n_correct += u32::from(classes[best] == *label);
        }
        Ok(f64::from(n_correct) / self.labels.len() as f64)
    }
}
