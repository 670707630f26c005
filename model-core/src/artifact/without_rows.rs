//! A model file that carries none of its owner's rows.
//!
//! What is left says something of the data all the same, as every model does: names, categories and
//! classes, the least and the greatest value of each column, fill values, means and scales, shares of
//! classes by category, how each column's values are distributed (in groups of at least five), how
//! many rows of each class were answered how, and up to 257 conformal scores. Thresholds of trees lie
//! between two values that the column had.

use super::{Artifact, Content};
use crate::model::{Family, Model};
use crate::reference::{ReferenceSample, ReferenceSummary};

/// Why a model cannot be without rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WithoutRowsError {
    /// Of k nearest neighbours.
    #[error(
        "k nearest neighbours answers from its training rows, which are the model: to carry no rows, train logistic_regression, random_forest, gaussian_nb or gradient_boosting"
    )]
    TrainingRows,
    /// Of an SVM.
    #[error(
        "the support vectors of an SVM are rows of the training data: to carry no rows, train logistic_regression, random_forest, gaussian_nb or gradient_boosting"
    )]
    SupportVectors,
    /// Of naive Bayes, which keeps the means of each class.
    #[error(
        "class {class:?} has a single training row, which gaussian_nb keeps as the mean of the class: train another family, or merge rare classes"
    )]
    SingleRow {
        /// The class.
        class: String,
    },
}

impl WithoutRowsError {
    /// Why no model of a family can be without rows; `None` if it can.
    ///
    /// ```
    /// use model_core::{Family, WithoutRowsError};
    /// let able = Family::ALL.into_iter().filter(|it| WithoutRowsError::of_family(*it).is_none());
    /// assert_eq!(able.count(), 4);
    /// ```
    #[must_use]
    pub const fn of_family(family: Family) -> Option<Self> {
        match family {
            Family::KNearestNeighbors => Some(Self::TrainingRows),
            Family::Svm => Some(Self::SupportVectors),
            _ => None,
        }
    }
}

impl Artifact {
    /// The same model without the rows that it carries: of each column, [how its values are
    /// distributed](ReferenceSummary) stands for them.
    ///
    /// It answers as before and has another id. Drift is found from the summary, column by column.
    /// What needs rows says that there are none: nearest rows, Shapley values, counterfactuals,
    /// surrogates and [re-scoring](Self::rescore), so nobody can check its evaluation.
    ///
    /// ```
    /// use model_core::{Dataset, Family, TrainParams};
    /// let model = TrainParams::new(Family::LogisticRegression).train(&Dataset::iris())?;
    /// let public = model.without_rows()?;
    /// assert_eq!((model.carries_rows(), public.carries_rows()), (150, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A [`WithoutRowsError`] for models that are made of rows.
    pub fn without_rows(&self) -> Result<Self, WithoutRowsError> {
        let content = &self.content;
        if let Some(error) = WithoutRowsError::of_family(self.family()) {
            return Err(error);
        }
        if self.family() == Family::GaussianNb {
            let confusion = &content.evaluation.train.confusion;
            let mut classes = content.schema.classes.iter().enumerate();
            if let Some((_, class)) = classes.find(|(at, _)| confusion.support(*at) == 1) {
                return Err(WithoutRowsError::SingleRow { class: class.clone() });
            }
        }
        if content.summary.is_some() {
            return Ok(self.clone());
        }
        let content = Content {
            summary: Some(ReferenceSummary::of(&content.reference.train, &content.schema)),
            reference: ReferenceSample::without_rows(content.schema.features.len()),
            ..content.clone()
        };
        Ok(Self::new(content, self.receipt.clone()))
    }

    /// How many rows of its data the file carries: those for reference, and where rows are the model
    /// those. Support vectors that are reference rows as well count twice, but never beyond the rows
    /// that trained.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert_eq!(model.carries_rows(), 150);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn carries_rows(&self) -> usize {
        let ReferenceSample { train, held_out } = self.reference();
        let n_train = match &self.content.pipeline.model {
            // The reference rows are among them.
            Model::KNearestNeighbors(model) => train.len().max(model.labels().len()),
            Model::Svm(svm) => {
                let n_vectors = svm.machine().class_counts().iter().sum::<usize>();
                (train.len() + n_vectors).min(self.lineage().n_train).max(train.len())
            }
            _ => train.len(),
        };
        n_train + held_out.len()
    }

    /// What stands for the rows in a file without them; absent if it carries rows.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// assert!(model.reference_summary().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reference_summary(&self) -> Option<&ReferenceSummary> {
        self.content.summary.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{NotRescored, Rescored};
    use crate::update::{UpdateError, continue_training, merge};
    use crate::{ContinueParams, Dataset, Receipt, TrainParams};

    fn trained(family: Family) -> Artifact {
        TrainParams::new(family).train(&Dataset::iris()).unwrap()
    }

    #[test]
    fn a_model_without_rows_answers_as_before_and_says_what_it_cannot() {
        let iris = Dataset::iris();
        let families = [Family::LogisticRegression, Family::RandomForest, Family::GaussianNb]
            .into_iter()
            .chain([Family::GradientBoosting]);
        for family in families {
            let model =
                trained(family).with_receipt(Receipt { host: "tab".into(), ..Receipt::default() });
            let bare = model.without_rows().unwrap();
            let read = Artifact::from_bytes(&bare.to_bytes()).unwrap();
            assert_eq!(read, bare);
            assert_ne!(read.id(), model.id());
            assert_eq!(read.receipt(), model.receipt());
            assert_eq!((read.carries_rows(), model.carries_rows()), (0, 150));
            assert_eq!(read.evaluation(), model.evaluation());
            assert_eq!(read.without_rows().as_ref(), Ok(&bare), "again is the same");
            let reason = NotRescored::WithoutRows;
            assert_eq!(read.rescore(), Ok(Rescored::NotPossible { reason }));
            for row in 0..150 {
                let row = model.schema().row(iris.row(row)).unwrap();
                assert_eq!(read.predict(&row), model.predict(&row));
            }
            let (with, without) = (model.to_bytes().len(), bare.to_bytes().len());
            println!("{family}: {with} bytes with rows, {without} without");
            assert!(without + 400 < with);
        }
    }

    #[test]
    fn models_that_are_made_of_rows_say_why_they_cannot_be_without() {
        let refused = |family| trained(family).without_rows().unwrap_err();
        assert_eq!(refused(Family::KNearestNeighbors), WithoutRowsError::TrainingRows);
        assert_eq!(refused(Family::Svm), WithoutRowsError::SupportVectors);
        let csv = "x,y\n1,a\n2,a\n3,a\n4,b\n5,b\n6,b\n9,c\n";
        let data = Dataset::from_csv(csv.as_bytes(), &Default::default()).unwrap();
        let of = |family| {
            let params = TrainParams { test_size: 0.0, cv_folds: 0, ..TrainParams::new(family) };
            params.train(&data).unwrap().without_rows()
        };
        let error = of(Family::GaussianNb).unwrap_err();
        assert_eq!(error, WithoutRowsError::SingleRow { class: "c".into() });
        assert!(of(Family::LogisticRegression).is_ok());
    }

    #[test]
    fn rows_that_are_the_model_are_counted() {
        let csv: String =
            (0..1000).map(|row| format!("{},{}\n", row * 7 % 1000, row % 3)).collect();
        let data = Dataset::from_csv(format!("x,y\n{csv}").as_bytes(), &Default::default());
        let data = data.unwrap();
        let of = |family| {
            let params = TrainParams { cv_folds: 0, ..TrainParams::new(family) };
            params.train(&data).unwrap()
        };
        assert_eq!(of(Family::GaussianNb).carries_rows(), 256 + 128);
        assert_eq!(of(Family::KNearestNeighbors).carries_rows(), 800 + 128);
        let svm = of(Family::Svm).carries_rows();
        assert!((257 + 128..=800 + 128).contains(&svm), "{svm}");
    }

    #[test]
    fn no_number_of_a_file_without_rows_is_that_of_a_single_row() {
        let model = trained(Family::LogisticRegression);
        let bare = model.without_rows().unwrap();
        let train = &model.reference().train;
        for (at, column) in bare.reference_summary().unwrap().columns().iter().enumerate() {
            assert_eq!(column.counts.iter().sum::<u32>(), 120);
            assert!(column.counts.iter().all(|rows| *rows >= 5), "{column:?}");
            assert!(column.values.len() <= train.len() / 5);
            assert!(at < 4);
        }
    }

    #[test]
    fn a_model_without_rows_learns_on_and_does_not_merge() {
        let iris = Dataset::iris();
        let model = trained(Family::LogisticRegression).without_rows().unwrap();
        let party = |at: usize| {
            let row = model.schema().row(iris.row(at)).unwrap();
            let rows = [(&row, iris.label(at))];
            continue_training(&model, &rows, &ContinueParams::default()).unwrap().model
        };
        let parties = [party(3), party(77)];
        assert_eq!(parties[0].carries_rows(), 0);
        assert_eq!(parties[0].reference_summary(), model.reference_summary());
        assert_eq!((parties[0].lineage().n_test, &parties[0].evaluation().test), (0, &None));
        let reason = NotRescored::NoHeldOutRows;
        assert_eq!(parties[0].rescore(), Ok(Rescored::NotPossible { reason }));
        assert_eq!(merge(&parties).unwrap_err(), UpdateError::NoReferenceRows);
    }
}
