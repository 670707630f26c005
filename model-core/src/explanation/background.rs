//! The rows that a row is compared with: what "the feature is not known" is averaged over.

use super::{ExplanationError, filled_values};
use crate::artifact::Artifact;
use crate::dataset::{ColumnKind, Dataset};
use crate::reference::ReferenceRows;
use crate::rng::{Purpose, SplitMix64};
use crate::schema::FeatureKind;
use crate::split::stratified_sample;

/// Most rows of a [`Background`].
pub const MAX_BACKGROUND_ROWS: usize = 64;

/// Reference rows with no value missing: `n_rows` x `n_features`, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    values: Vec<f64>,
    n_features: usize,
}

impl Background {
    /// At most 64 of the training rows that `model` carries, drawn by `seed` with their class mix;
    /// all of them if they are no more.
    ///
    /// # Errors
    /// [`ExplanationError::NoReferenceRows`] if it carries none.
    pub fn of(model: &Artifact, seed: u64) -> Result<Self, ExplanationError> {
        let train = &model.reference().train;
        let all: Vec<usize> = (0..train.len()).collect();
        let n_classes = model.schema().classes.len();
        let mut rng = SplitMix64::for_purpose(seed, Purpose::Background);
        let rows =
            stratified_sample(train.labels(), n_classes, &all, MAX_BACKGROUND_ROWS, &mut rng);
        let rows: Vec<&[f64]> = rows.into_iter().map(|row| train.row(row)).collect();
        match Self::from_rows(model, &rows) {
            Err(ExplanationError::NoRows) => Err(ExplanationError::NoReferenceRows),
            other => other,
        }
    }

    /// These rows of raw values, in the order of the model's schema.
    ///
    /// # Errors
    /// [`ExplanationError::NoRows`] of none, [`ExplanationError::RowWidth`] if one does not fit.
    pub fn from_rows(model: &Artifact, rows: &[&[f64]]) -> Result<Self, ExplanationError> {
        let n_features = model.schema().features.len();
        let mut values = Vec::with_capacity(rows.len() * n_features);
        for row in rows {
            values.extend(filled_values(model, row)?);
        }
        if values.is_empty() {
            Err(ExplanationError::NoRows)
        } else {
            Ok(Self { values, n_features })
        }
    }

    /// The rows.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.n_features.max(1))
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.values.len() / self.n_features.max(1)
    }

    /// How many values a row has.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }
}

/// These rows of a data set as rows of `model`: for [`Importance`](super::Importance) and
/// [`Dependence`](super::Dependence) on more than the model carries. A row that the data set does not
/// have is left out.
///
/// # Errors
/// [`ExplanationError::OtherData`] unless columns, categories and classes are those of the model, in
/// its order.
pub fn labelled_rows(
    model: &Artifact,
    dataset: &Dataset,
    rows: &[usize],
) -> Result<ReferenceRows, ExplanationError> {
    let (schema, columns) = (model.schema(), dataset.columns());
    let differs = |what: String| Err(ExplanationError::OtherData { what });
    if dataset.schema().classes != schema.classes {
        return differs("the list of classes".into());
    }
    if columns.len() != schema.features.len() {
        return differs("the number of columns".into());
    }
    for (column, feature) in columns.iter().zip(&schema.features) {
        let alike = match (&column.kind, &feature.kind) {
            (ColumnKind::Numeric, FeatureKind::Numeric(_)) => true,
            (ColumnKind::Categorical(ours), FeatureKind::Categorical(theirs)) => ours == theirs,
            _ => false,
        };
        if !alike || column.name != feature.name {
            return differs(format!("column {:?}", column.name));
        }
    }
    let rows: Vec<usize> = rows.iter().copied().filter(|&row| row < dataset.n_samples()).collect();
    Ok(ReferenceRows::of(dataset, &rows))
}

#[cfg(test)]
mod tests {
    use super::super::example::{bare_model, iris_model};
    use super::*;
    use crate::model::Family;

    #[test]
    fn a_background_has_the_class_mix_and_follows_from_its_seed() {
        let model = iris_model(Family::GaussianNb);
        let background = Background::of(&model, 1).unwrap();
        assert_eq!((background.n_rows(), background.n_features()), (64, 4));
        assert_eq!(background, Background::of(&model, 1).unwrap());
        assert_ne!(background, Background::of(&model, 2).unwrap());
        let train = &model.reference().train;
        let mut counts = [0; 3];
        for row in background.rows() {
            let at = (0..train.len()).find(|&at| train.row(at) == row).unwrap();
            counts[train.labels()[at] as usize] += 1;
        }
        assert!(counts.iter().all(|count| (19..24).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_model_without_rows_says_so() {
        let error = Background::of(&bare_model(), 1).unwrap_err();
        assert_eq!(error, ExplanationError::NoReferenceRows);
        assert!(error.to_string().contains("train it again"));
    }

    #[test]
    fn rows_of_other_data_are_refused() {
        let model = iris_model(Family::GaussianNb);
        let iris = Dataset::iris();
        assert_eq!(labelled_rows(&model, &iris, &[0, 1, 999]).unwrap().len(), 2);
        let csv = b"x,species\n1,setosa\n2,versicolor\n3,virginica\n";
        let other = Dataset::from_csv(csv, &crate::CsvOptions::default()).unwrap();
        let error = labelled_rows(&model, &other, &[0]).unwrap_err();
        assert!(error.to_string().starts_with("the number of columns"), "{error}");
        assert_eq!(Background::from_rows(&model, &[]).unwrap_err(), ExplanationError::NoRows);
        let narrow = Background::from_rows(&model, &[&[1.0]]).unwrap_err();
        assert_eq!(narrow, ExplanationError::RowWidth { expected: 4, got: 1 });
    }
}
