//! The training rows that are most like a row.

use serde::Serialize;

use super::space::Space;
use super::{ExplanationError, FeatureValue, filled, probabilities};
use crate::artifact::Artifact;
use crate::model::ParamError;
use crate::order::argmax;
use crate::order::sort_by;
use crate::schema::FeatureRow;

/// A training row near another row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearestRow {
    /// Which of the training rows that the model carries, from 0.
    pub row: usize,
    /// How far away, in standard deviations; two categories are the square root of 2 apart.
    pub distance: f64,
    /// Its values, in the schema's order.
    pub values: Vec<FeatureValue>,
    /// The class that it is labelled with.
    pub label: String,
    /// The class that the model gives it.
    pub prediction: String,
    /// Whether the model answers the same for it as for the row that was asked about.
    pub same_prediction: bool,
}

/// The `k` training rows that `model` carries closest to `row`, the closest first and the lower one
/// first of equally close ones; all of them if they are fewer.
///
/// # Errors
/// [`ExplanationError::NoReferenceRows`], [`ExplanationError::RowWidth`], and
/// [`ExplanationError::Param`] if `k` is 0.
pub fn nearest_rows(
    model: &Artifact,
    row: &FeatureRow,
    k: usize,
) -> Result<Vec<NearestRow>, ExplanationError> {
    if k == 0 {
        return Err(ParamError { name: "k", value: 0.0, expected: "at least 1" }.into());
    }
    let (row, space, schema) = (filled(model, row)?, Space::of(model)?, model.schema());
    let answer = argmax(&probabilities(model, &row));
    let distances: Vec<f64> = space.rows().map(|other| space.distance(&row, other)).collect();
    let mut order: Vec<usize> = (0..distances.len()).collect();
    sort_by(&mut order, &mut |a, b| distances[a].total_cmp(&distances[b]));
    let train = &model.reference().train;
    let name = |class: usize| schema.classes.get(class).cloned().unwrap_or_default();
    let nearest = order.into_iter().take(k).map(|at| {
        let predicted = argmax(&probabilities(model, train.row(at)));
        NearestRow {
            row: at,
            distance: distances[at],
            values: FeatureValue::of_row(schema, train.row(at)),
            label: name(train.labels().get(at).map_or(usize::MAX, |&label| label as usize)),
            prediction: name(predicted),
            same_prediction: predicted == answer,
        }
    });
    Ok(nearest.collect())
}

#[cfg(test)]
mod tests {
    use super::super::example::{bare_model, iris_model, penguin_model};
    use super::*;
    use crate::model::{Family, Model};
    use crate::pipeline::DerivedFeatures;

    #[test]
    fn a_training_row_is_nearest_to_itself() {
        let model = penguin_model(Family::RandomForest, DerivedFeatures::None);
        let values = model.reference().train.row(100).to_vec();
        let nearest = nearest_rows(&model, &model.schema().row(&values).unwrap(), 5).unwrap();
        assert_eq!((nearest[0].row, nearest[0].distance), (100, 0.0));
        assert!(nearest.windows(2).all(|pair| pair[0].distance <= pair[1].distance));
        assert!(nearest[0].same_prediction);
        assert_eq!(nearest[0].values, FeatureValue::of_row(model.schema(), &values));
    }

    #[test]
    fn they_are_those_of_a_nearest_neighbour_model() {
        let model = iris_model(Family::KNearestNeighbors);
        let Model::KNearestNeighbors(neighbors) = &model.pipeline().model else { unreachable!() };
        for values in [[5.0, 3.4, 1.5, 0.2], [6.1, 2.7, 5.0, 1.7], [7.9, 2.0, 1.0, 2.4]] {
            let row = model.schema().row(&values).unwrap();
            let mut design = [0.0; 4];
            model.pipeline().preprocessor.transform_into(&values, &mut design);
            let of_model: Vec<f64> = neighbors
                .nearest(&design)
                .iter()
                .map(|near| near.squared_distance.sqrt())
                .collect();
            let ours = nearest_rows(&model, &row, of_model.len()).unwrap();
            for (ours, of_model) in ours.iter().zip(of_model) {
                assert!((ours.distance - of_model).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let model = iris_model(Family::GaussianNb);
        let row = model.schema().row(&[5.0, 3.4, 1.5, 0.2]).unwrap();
        assert!(matches!(nearest_rows(&model, &row, 0), Err(ExplanationError::Param(_))));
        assert_eq!(nearest_rows(&model, &row, 999).unwrap().len(), 120);
        let old = nearest_rows(&bare_model(), &row, 3);
        assert_eq!(old.unwrap_err(), ExplanationError::NoReferenceRows);
    }
}
