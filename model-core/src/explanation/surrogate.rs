//! A linear function that imitates the model around one row (LIME).
//!
//! Rows are drawn around the row: numbers from a normal distribution about its own with the
//! standard deviation of the training rows, categories with their frequencies. The function sees
//! numbers as standard deviations from the row's and categories as "the same as the row's" (1) or
//! not (0), weighs the drawn rows by how near they are, and is fitted by ridge regression.
//!
//! How wide "near" is decides the answer, and nobody knows the right width; other draws give other
//! coefficients. Look at the weighted R² before believing any: below about 0.5 the model is not
//! linear at this width.
//!
//! Source: Ribeiro, Singh & Guestrin, "Why should I trust you?", KDD 2016. Kernel
//! `sqrt(exp(-d² / width²))`, width `0.75 sqrt(features)`, 5000 samples and a ridge of 1 are the
//! defaults of the authors' package `lime` (`LimeTabularExplainer`, `discretize_continuous=False`,
//! `sample_around_instance=True`).

use serde::Serialize;

use super::ridge::{Ridge, weighted_ridge};
use super::space::{Axis, Space};
use super::{ExplanationError, filled, probabilities};
use crate::artifact::Artifact;
use crate::model::ParamError;
use crate::rng::{Purpose, SplitMix64};
use crate::schema::FeatureRow;

/// How a surrogate is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurrogateParams {
    /// Rows drawn, 10 to 100,000, the row itself among them; default 5000.
    pub n_samples: u32,
    /// Width of the kernel in the surrogate's units, above 0; default `0.75 sqrt(features)`.
    pub kernel_width: Option<f64>,
    /// Strength of the ridge, at least 0; default 1.
    pub alpha: f64,
    /// Decides the rows; default 42.
    pub seed: u64,
}

impl Default for SurrogateParams {
    fn default() -> Self {
        Self { n_samples: 5000, kernel_width: None, alpha: 1.0, seed: 42 }
    }
}

impl SurrogateParams {
    fn check(&self) -> Result<(), ParamError> {
        if !(10..=100_000).contains(&self.n_samples) {
            let (name, value) = ("n_samples", f64::from(self.n_samples));
            return Err(ParamError { name, value, expected: "10 to 100000" });
        }
        let expected = "a finite number above 0";
        match self.kernel_width {
            Some(value) if !(value.is_finite() && value > 0.0) => {
                return Err(ParamError { name: "kernel_width", value, expected });
            }
            _ => {}
        }
        if self.alpha.is_finite() && self.alpha >= 0.0 {
            return Ok(());
        }
        let expected = "a finite number from 0";
        Err(ParamError { name: "alpha", value: self.alpha, expected })
    }
}

/// The linear function for one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SurrogateClass {
    /// The class's name.
    pub class: String,
    /// By feature: what a standard deviation more, or being the row's category, adds to the
    /// probability.
    pub coefficients: Vec<f64>,
    /// The function where all of its inputs are 0.
    pub intercept: f64,
    /// The function's value for the row.
    pub local_prediction: f64,
    /// The model's probability for the row.
    pub probability: f64,
    /// Share of the model's weighted variance around the row that the function explains; absent if
    /// the model does not vary there. At most 1, below 0 if the mean would do better.
    pub r_squared: Option<f64>,
}

/// A linear function a class that imitates the model around one row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Surrogate {
    /// Names of the features, in the order of the coefficients.
    pub features: Vec<String>,
    /// By class, in the schema's order.
    pub classes: Vec<SurrogateClass>,
    /// Width of the kernel.
    pub kernel_width: f64,
    /// Rows drawn.
    pub n_samples: u32,
}

impl Surrogate {
    /// Imitates `model` around `row`.
    ///
    /// # Errors
    /// [`ExplanationError::NoReferenceRows`], [`ExplanationError::RowWidth`],
    /// [`ExplanationError::Param`], and [`ExplanationError::Singular`] if the samples do not
    /// determine the function and `alpha` is 0.
    pub fn of(
        model: &Artifact,
        row: &FeatureRow,
        params: SurrogateParams,
    ) -> Result<Self, ExplanationError> {
        params.check()?;
        let (row, space, schema) = (filled(model, row)?, Space::of(model)?, model.schema());
        let n_features = row.len();
        let kernel_width = params.kernel_width.unwrap_or(0.75 * (n_features as f64).sqrt());
        let samples = Samples::draw(model, &space, &row, kernel_width, params);
        let n_classes = schema.classes.len();
        let Samples { inputs, outputs, weights } = &samples;
        let ridge = weighted_ridge(inputs, outputs, weights, n_features, n_classes, params.alpha)?;
        let names = schema.classes.iter().enumerate();
        let classes = names.map(|(class, name)| samples.class(&ridge, class, name.clone()));
        Ok(Self {
            features: schema.features.iter().map(|feature| feature.name.clone()).collect(),
            classes: classes.collect(),
            kernel_width,
            n_samples: params.n_samples,
        })
    }
}

/// Rows around a row, the row itself first.
struct Samples {
    /// As the surrogate sees them, row-major.
    inputs: Vec<f64>,
    /// The model's probabilities, row-major.
    outputs: Vec<f64>,
    /// How near they are.
    weights: Vec<f64>,
}

impl Samples {
    fn draw(
        model: &Artifact,
        space: &Space,
        row: &[f64],
        kernel_width: f64,
        params: SurrogateParams,
    ) -> Self {
        let mut rng = SplitMix64::for_purpose(params.seed, Purpose::Surrogate);
        let columns: Vec<Vec<f64>> = (0..row.len()).map(|at| space.column(at).collect()).collect();
        let (mut inputs, mut outputs, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        let mut drawn = row.to_vec();
        for sample in 0..params.n_samples {
            let mut squared = 0.0;
            for (at, axis) in space.axes().iter().enumerate() {
                let input = match axis {
                    Axis::Number { deviation } => {
                        let steps = if sample == 0 { 0.0 } else { normal(&mut rng) };
                        drawn[at] = row[at] + steps * deviation;
                        squared += steps * steps;
                        steps
                    }
                    Axis::Category => {
                        if sample > 0 {
                            let column = &columns[at];
                            drawn[at] = column[rng.below(column.len() as u32) as usize];
                        }
                        let differs = drawn[at] != row[at];
                        squared += f64::from(u8::from(differs));
                        f64::from(u8::from(!differs))
                    }
                };
                inputs.push(input);
            }
            outputs.extend(probabilities(model, &drawn));
            // The square root of the exponential.
            weights.push(libm::exp(-0.5 * squared / (kernel_width * kernel_width)));
        }
        Self { inputs, outputs, weights }
    }

    /// The function of one class, and how well it does.
    fn class(&self, ridge: &Ridge, class: usize, name: String) -> SurrogateClass {
        let coefficients = ridge.coefficients.get(class).cloned().unwrap_or_default();
        let intercept = ridge.intercepts.get(class).copied().unwrap_or_default();
        let value = |input: &[f64]| {
            intercept + input.iter().zip(&coefficients).map(|(x, c)| x * c).sum::<f64>()
        };
        let n_classes = ridge.intercepts.len().max(1);
        let actual = self.outputs.iter().skip(class).step_by(n_classes).copied();
        let total: f64 = self.weights.iter().sum();
        let weighted = actual.clone().zip(&self.weights);
        let mean = weighted.map(|(actual, weight)| weight * actual).sum::<f64>() / total;
        let inputs = self.inputs.chunks_exact(coefficients.len().max(1));
        let (mut residual, mut variance) = (0.0, 0.0);
        for ((input, actual), weight) in inputs.clone().zip(actual.clone()).zip(&self.weights) {
            let (error, deviation) = (actual - value(input), actual - mean);
            residual += weight * error * error;
            variance += weight * deviation * deviation;
        }
        SurrogateClass {
            class: name,
            local_prediction: inputs.clone().next().map_or(intercept, value),
            probability: actual.clone().next().unwrap_or_default(),
            // Less than rounding leaves of a constant is no variance.
            r_squared: (variance > 1e-24 * total).then(|| 1.0 - residual / variance),
            coefficients,
            intercept,
        }
    }
}

/// A standard normal number.
///
/// Source: Box & Muller, "A note on the generation of random normal deviates" (1958).
fn normal(rng: &mut SplitMix64) -> f64 {
    // In (0, 1], so that the logarithm is finite.
    let radius = (-2.0 * libm::log(1.0 - rng.unit())).sqrt();
    radius * libm::cos(std::f64::consts::TAU * rng.unit())
}

#[cfg(test)]
mod tests {
    use super::super::example::{bare_model, iris_model, penguin_model};
    use super::*;
    use crate::model::Family;
    use crate::pipeline::DerivedFeatures;

    fn surrogate(model: &Artifact, values: &[f64], params: SurrogateParams) -> Surrogate {
        Surrogate::of(model, &model.schema().row(values).unwrap(), params).unwrap()
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let mut rng = SplitMix64::new(1);
        let numbers: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let square = numbers.iter().map(|x| x * x).sum::<f64>() / n;
        let fourth = numbers.iter().map(|x| x * x * x * x).sum::<f64>() / n;
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.04, "{mean} {square}");
        assert!((fourth - 3.0).abs() < 0.25, "{fourth}");
    }

    #[test]
    fn a_narrow_kernel_finds_the_slope_of_the_model() {
        let model = iris_model(Family::LogisticRegression);
        let values = [5.9, 2.8, 4.8, 1.7];
        let params = SurrogateParams {
            kernel_width: Some(0.05),
            alpha: 0.0,
            n_samples: 100_000,
            ..SurrogateParams::default()
        };
        let surrogate = surrogate(&model, &values, params);
        let scaler = model.pipeline().preprocessor.scaler().unwrap();
        let near = |class: usize, feature: usize| {
            let step = 1e-5;
            let mut moved = values;
            moved[feature] += step * scaler.scale()[feature];
            let (to, from) = (probabilities(&model, &moved), probabilities(&model, &values));
            (to[class] - from[class]) / step
        };
        for (class, of) in surrogate.classes.iter().enumerate() {
            for (feature, coefficient) in of.coefficients.iter().enumerate() {
                let slope = near(class, feature);
                assert!((coefficient - slope).abs() < 0.02, "{coefficient} is not {slope}");
            }
            assert!((of.local_prediction - of.probability).abs() < 0.01);
        }
        assert!(surrogate.classes[2].r_squared.unwrap() > 0.97);
    }

    #[test]
    fn coefficients_of_all_classes_sum_to_nothing_and_predictions_to_one() {
        let model = penguin_model(Family::Svm, DerivedFeatures::Ratios);
        let row = model.reference().train.row(7).to_vec();
        let surrogate = surrogate(&model, &row, SurrogateParams::default());
        for feature in 0..surrogate.features.len() {
            let sum: f64 = surrogate.classes.iter().map(|of| of.coefficients[feature]).sum();
            assert!(sum.abs() < 1e-9);
        }
        let sum: f64 = surrogate.classes.iter().map(|of| of.local_prediction).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        assert!((surrogate.kernel_width - 0.75 * 6.0_f64.sqrt()).abs() < 1e-15);
        let r_squared = surrogate.classes.iter().filter_map(|of| of.r_squared);
        assert!(r_squared.clone().count() == 3 && r_squared.into_iter().all(|r| r <= 1.0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let model = iris_model(Family::GaussianNb);
        let row = model.schema().row(&[5.0, 3.4, 1.5, 0.2]).unwrap();
        let default = SurrogateParams::default;
        for params in [
            SurrogateParams { n_samples: 9, ..default() },
            SurrogateParams { kernel_width: Some(0.0), ..default() },
            SurrogateParams { alpha: -1.0, ..default() },
        ] {
            let error = Surrogate::of(&model, &row, params).unwrap_err();
            assert!(matches!(error, ExplanationError::Param(_)));
        }
        let old = Surrogate::of(&bare_model(), &row, default()).unwrap_err();
        assert_eq!(old, ExplanationError::NoReferenceRows);
    }
}
