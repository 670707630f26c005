//! Federated averaging: one model from several that were fitted where their rows are, which stay
//! there.
//!
//! Source: McMahan et al., "Communication-efficient learning of deep networks from decentralized
//! data", AISTATS 2017 (FedAvg). A round: everybody starts from the same model, takes steps on
//! rows of their own (such as by
//! [`OnlineLogisticRegression`](super::OnlineLogisticRegression)), and the average starts the
//! next.

use super::LogisticRegression;
use crate::model::MAX_PARAMETER;

/// Why models could not be averaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FederatedError {
    /// There is nothing to average.
    #[error("there is no model to average")]
    NoModel,
    /// A model weighs nothing.
    #[error("model {model} was fitted on 0 rows: leave it out")]
    ZeroWeight {
        /// Its place in the list.
        model: usize,
    },
    /// A model is of another shape than the first.
    #[error(
        "model {model} has {got_features} features and {got_classes} classes, the first has {features} and {classes}"
    )]
    Shape {
        /// Its place in the list.
        model: usize,
        /// Its inputs.
        got_features: usize,
        /// Its classes.
        got_classes: usize,
        /// Inputs of the first model.
        features: usize,
        /// Classes of the first model.
        classes: usize,
    },
}

/// The mean of the models' parameters, each weighed by the rows it was fitted on.
///
/// Inputs and classes must mean the same in all of them, and so must the scaling: whoever takes
/// part standardises with the same means and deviations. The order of the list decides the last
/// bits.
///
/// # Errors
/// [`FederatedError::NoModel`] for an empty list, [`FederatedError::ZeroWeight`] if a model was
/// fitted on no row, [`FederatedError::Shape`] if one has other numbers of features or classes than
/// the first.
pub fn federated_average(
    models: &[(LogisticRegression, u64)],
) -> Result<LogisticRegression, FederatedError> {
    let Some((first, _)) = models.first() else { return Err(FederatedError::NoModel) };
    for (at, (model, n_samples)) in models.iter().enumerate() {
        if *n_samples == 0 {
            return Err(FederatedError::ZeroWeight { model: at });
        }
        let (features, classes) = (first.n_features(), first.n_classes());
        let (got_features, got_classes) = (model.n_features(), model.n_classes());
        if (got_features, got_classes) != (features, classes) {
            let model = at;
            let error =
                FederatedError::Shape { model, got_features, got_classes, features, classes };
            return Err(error);
        }
    }
    let total: f64 = models.iter().map(|(_, n_samples)| *n_samples as f64).sum();
    let mut average = first.clone();
    average.coefficients.fill(0.0);
    average.intercepts.fill(0.0);
    for (model, n_samples) in models {
        let share = *n_samples as f64 / total;
        add(&mut average.coefficients, &model.coefficients, share);
        add(&mut average.intercepts, &model.intercepts, share);
    }
    Ok(average)
}

/// Adds `share` of each value. Shares may sum to a bit more than 1, which must not lead out of the
/// range of parameters.
fn add(sums: &mut [f64], values: &[f64], share: f64) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum = (*sum + share * value).clamp(-MAX_PARAMETER, MAX_PARAMETER);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LogisticRegressionParams, OnlineLogisticRegression, OnlineParams};
    use super::*;
    use crate::dataset::Dataset;
    use crate::model::TrainingRows;
    use crate::order::argmax;
    use crate::pipeline::Preprocessor;
    use crate::rng::{Purpose, SplitMix64};

    fn model(coefficients: [f64; 2], intercepts: [f64; 2]) -> LogisticRegression {
        LogisticRegression::from_parts(coefficients.to_vec(), intercepts.to_vec(), 1).unwrap()
    }

    #[test]
    fn parameters_are_averaged_by_rows() {
        let models = [(model([1.0, -1.0], [0.0, 4.0]), 30), (model([3.0, 1.0], [2.0, 0.0]), 10)];
        assert_eq!(federated_average(&models), Ok(model([1.5, -0.5], [0.5, 3.0])));
    }

    #[test]
    fn one_model_is_its_own_average() {
        let only = model([1e100, -1e100], [0.1, 0.3]);
        assert_eq!(federated_average(&[(only.clone(), u64::MAX)]), Ok(only));
    }

    #[test]
    fn the_average_of_the_greatest_parameters_is_a_sound_model() {
        let greatest = model([1e100, -1e100], [1e100; 2]);
        let models = [(greatest.clone(), 1), (greatest.clone(), 9), (greatest, 39)];
        let average = federated_average(&models).unwrap();
        let (coefficients, intercepts) = (average.coefficients(), average.intercepts());
        let parts = (coefficients.to_vec(), intercepts.to_vec());
        assert!(LogisticRegression::from_parts(parts.0, parts.1, 1).is_some());
    }

    #[test]
    fn what_cannot_be_averaged_is_refused() {
        let one = model([1.0, 2.0], [0.0; 2]);
        let wide = LogisticRegression::from_parts(vec![0.0; 4], vec![0.0; 2], 2).unwrap();
        let three = LogisticRegression::from_parts(vec![0.0; 3], vec![0.0; 3], 1).unwrap();
        assert_eq!(federated_average(&[]), Err(FederatedError::NoModel));
        let error = |models: &[(LogisticRegression, u64)]| federated_average(models).unwrap_err();
        assert_eq!(
            error(&[(one.clone(), 1), (one.clone(), 0)]),
            FederatedError::ZeroWeight { model: 1 }
        );
        let message = error(&[(one.clone(), 1), (wide, 1)]).to_string();
        assert_eq!(message, "model 1 has 2 features and 2 classes, the first has 1 and 2");
        assert!(matches!(error(&[(one, 1), (three, 1)]), FederatedError::Shape { .. }));
    }

    /// Right answers among the 150 rows of Iris after `rounds` of averaging, `parts` holding the
    /// rows of each who takes part and passes over them five times a round.
    fn right_after(rounds: usize, parts: &[Vec<usize>]) -> usize {
        let (iris, all) = (Dataset::iris(), (0..150).collect::<Vec<usize>>());
        let (preprocessor, _) = Preprocessor::standardised(&iris, &all);
        let prepared: Vec<(Vec<f64>, Vec<u32>)> = parts
            .iter()
            .map(|part| {
                let mut part = part.clone();
                SplitMix64::for_purpose(1, Purpose::Synthetic).shuffle(&mut part);
                let labels = part.iter().map(|&row| iris.label(row)).collect();
                (preprocessor.transform(&iris, &part), labels)
            })
            .collect();
        let params = OnlineParams { learning_rate: 0.5, ..OnlineParams::default() };
        let mut global = OnlineLogisticRegression::new(4, 3, params.clone()).unwrap().model();
        let mut seen = 0;
        for _ in 0..rounds {
            let models: Vec<(LogisticRegression, u64)> = prepared
                .iter()
                .map(|(values, labels)| {
                    let rows = TrainingRows { values, labels, n_features: 4, n_classes: 3 };
                    let params = params.clone();
                    let mut local =
                        OnlineLogisticRegression::from_model(&global, seen, params).unwrap();
                    (0..5).for_each(|_| local.partial_fit(rows).unwrap());
                    (local.model(), labels.len() as u64)
                })
                .collect();
            global = federated_average(&models).unwrap();
            seen += 5 * 50;
        }
        right(&global)
    }

    fn right(model: &LogisticRegression) -> usize {
        let (iris, all) = (Dataset::iris(), (0..150).collect::<Vec<usize>>());
        let values = Preprocessor::standardised(&iris, &all).1;
        let is_right = |(row, values): &(usize, &[f64])| {
            let mut out = [0.0; 3];
            model.predict_proba_into(values, &mut out);
            argmax(&out) == iris.label(*row) as usize
        };
        values.chunks_exact(4).enumerate().filter(is_right).count()
    }

    #[test]
    fn rounds_over_three_parts_of_iris_approach_the_central_model() {
        let (iris, all) = (Dataset::iris(), (0..150).collect::<Vec<usize>>());
        let values = Preprocessor::standardised(&iris, &all).1;
        let rows =
            TrainingRows { values: &values, labels: iris.labels(), n_features: 4, n_classes: 3 };
        let params = LogisticRegressionParams::default();
        let central = right(&LogisticRegression::fit(rows, &params).unwrap());
        // Everybody has rows of every class.
        let even: Vec<Vec<usize>> = (0..3).map(|p| (p..150).step_by(3).collect()).collect();
        // Everybody has two thirds of one class and one third of another, and none of the last.
        let owner = |row: usize| (row / 50 + usize::from(row.is_multiple_of(3))) % 3;
        let skewed: Vec<Vec<usize>> =
            (0..3).map(|p| (0..150).filter(|&row| owner(row) == p).collect()).collect();
        // Seen: 137, 144, 146 and 130, 143, 144 rows right; the central model has 146.
        for parts in [&even, &skewed] {
            let [one, twenty, fifty] = [1, 20, 50].map(|rounds| right_after(rounds, parts));
            assert!(one < twenty && twenty <= fifty, "{one} {twenty} {fifty}");
            assert!(fifty + 2 >= central, "{fifty} of {central}");
        }
    }
}
