//! Gaussian naive Bayes: each class a prior and a normal distribution a column, columns taken to be
//! independent within a class.
//!
//! Means have the bits of smartcore's, the very ones that its `GaussianNB` reports. That estimator
//! itself is not called: it chains the rows of a class one iterator around the other, which takes time
//! in the square of their number (1.4 s for 20,000 rows of 4 columns, 53 s for 100,000), and its
//! variance `E[x²] − E[x]²` cancels: that of 1e8 + 1, 1e8 + 2 and 1e8 + 3 comes out as 0. Variances are
//! therefore the mean of squared distances from the mean, smoothed as scikit-learn smooths them;
//! likelihoods are on libm. Fit and prediction have the same bits on every platform. The fit goes
//! through the rows twice, in slices of bounded work (`training`).
//!
//! Source: scikit-learn's `GaussianNB`.

mod training;

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

pub(crate) use self::training::GaussianNbTraining;
use super::{FitError, MAX_PARAMETER, ParamError, TrainingRows, are_sound};
use crate::budget::Budget;

/// Parameters of Gaussian naive Bayes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GaussianNbParams {
    /// What is added to every variance, as a share of the largest variance of a column, 1e-15 to
    /// 1e6; default 1e-9.
    pub var_smoothing: f64,
}

impl Default for GaussianNbParams {
    fn default() -> Self {
        Self { var_smoothing: 1e-9 }
    }
}

impl GaussianNbParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] if the smoothing is not in 1e-15 to 1e6. scikit-learn takes 0 too, and then
    /// divides by the variance of a constant column.
    pub fn check(&self) -> Result<(), ParamError> {
        if (1e-15..=1e6).contains(&self.var_smoothing) {
            return Ok(());
        }
        let expected = "1e-15 to 1e6";
        Err(ParamError { name: "var_smoothing", value: self.var_smoothing, expected })
    }
}

/// Variances are at least this, so that squares of values within [`MAX_PARAMETER`] over them stay
/// finite.
const MIN_VARIANCE: f64 = 1.0 / MAX_PARAMETER;

/// A fitted model: a prior a class, and a mean and a variance a class and column.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianNb {
    means: Vec<f64>,
    variances: Vec<f64>,
    priors: Vec<f64>,
    n_features: usize,
    /// `ln prior − ½ Σ ln(2π · variance)` a class: what of its likelihood no row changes.
    constants: Vec<f64>,
}

impl GaussianNb {
    /// Fits means and variances of each class, and its share of the rows as prior.
    ///
    /// Columns should be standardised: the smoothing is measured against the widest of them.
    ///
    /// # Errors
    /// [`FitError::Param`], [`FitError::EmptyClass`], and [`FitError::Diverged`] if a mean or variance
    /// is not within [`MAX_PARAMETER`].
    pub fn fit(rows: TrainingRows<'_>, params: &GaussianNbParams) -> Result<Self, FitError> {
        let mut training = GaussianNbTraining::new(rows, params)?;
        while training.step(rows, &mut Budget::unlimited()) {}
        training.finish(rows)
    }

    /// The model with these means and (smoothed) variances, a row of `n_features` a class, if the
    /// shapes fit, priors are above 0 and sum to 1, variances are at least 1e-100, and no number is
    /// beyond [`MAX_PARAMETER`].
    #[must_use]
    pub fn from_parts(
        means: Vec<f64>,
        variances: Vec<f64>,
        priors: Vec<f64>,
        n_features: usize,
    ) -> Option<Self> {
        let sound = n_features > 0
            && priors.len() >= 2
            && priors.len().checked_mul(n_features) == Some(means.len())
            && variances.len() == means.len()
            && are_sound(means.iter().chain(&variances).chain(&priors))
            && variances.iter().all(|&variance| variance >= MIN_VARIANCE)
            && priors.iter().all(|&prior| prior > 0.0)
            && (priors.iter().sum::<f64>() - 1.0).abs() < 1e-6;
        if !sound {
            return None;
        }
        let variances_of_class = variances.chunks_exact(n_features);
        let constants = priors
            .iter()
            .zip(variances_of_class)
            .map(|(&prior, variances)| {
                let log = |sum: f64, variance: &f64| sum + libm::log(2.0 * PI * variance);
                libm::log(prior) - 0.5 * variances.iter().fold(0.0, log)
            })
            .collect();
        Some(Self { means, variances, priors, n_features, constants })
    }

    /// Mean of each column, a row of `n_features` a class.
    #[must_use]
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// Variance of each column with its smoothing, a row of `n_features` a class.
    #[must_use]
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// Share of each class.
    #[must_use]
    pub fn priors(&self) -> &[f64] {
        &self.priors
    }

    /// `ln prior − ½ Σ ln(2π · variance)` a class: what of its likelihood no row changes.
    #[cfg(feature = "onnx")]
    pub(crate) fn constants(&self) -> &[f64] {
        &self.constants
    }

    /// Number of inputs.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Number of classes.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.priors.len()
    }

    /// Writes the probability of each class for `values`, scaled as the training rows were, into
    /// `out`. Values beyond [`MAX_PARAMETER`] count as that.
    pub fn predict_proba_into(&self, values: &[f64], out: &mut [f64]) {
        let means = self.means.chunks_exact(self.n_features);
        let variances = self.variances.chunks_exact(self.n_features);
        let parameters = self.constants.iter().zip(means.zip(variances));
        for (out, (constant, (means, variances))) in out.iter_mut().zip(parameters) {
            let columns = values.iter().zip(means.iter().zip(variances));
            let squares = columns.fold(0.0, |sum, (value, (mean, variance))| {
                let off = value.clamp(-MAX_PARAMETER, MAX_PARAMETER) - mean;
                sum + off * off / variance
            });
            *out = constant - 0.5 * squares;
        }
        normalise(out);
    }
}

/// Turns log likelihoods into probabilities, in place: the exponential of what is left when the
/// logarithm of the sum of their exponentials is taken off.
fn normalise(logs: &mut [f64]) {
    let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum = logs.iter().fold(0.0, |sum, log| sum + libm::exp(log - greatest));
    // The greatest goes off first: beside it, a sum of some thousands would lose its digits.
    let log_sum = libm::log(sum);
    logs.iter_mut().for_each(|log| *log = libm::exp(*log - greatest - log_sum));
}

#[cfg(test)]
mod tests {
    use smartcore::linalg::basic::matrix::DenseMatrix;
    use smartcore::naive_bayes::gaussian::GaussianNB;

    use super::*;
    use crate::dataset::Dataset;
    use crate::model::iris_folds::right_by_fold;

    fn fit(values: &[f64], labels: &[u32], n_features: usize, var_smoothing: f64) -> GaussianNb {
        let n_classes = labels.iter().max().unwrap().to_owned() as usize + 1;
        let rows = TrainingRows { values, labels, n_features, n_classes };
        GaussianNb::fit(rows, &GaussianNbParams { var_smoothing }).unwrap()
    }

    fn iris(var_smoothing: f64) -> (Dataset, GaussianNb) {
        let iris = Dataset::iris();
        let values: Vec<f64> = (0..150).flat_map(|row| iris.row(row)).copied().collect();
        let model = fit(&values, iris.labels(), 4, var_smoothing);
        (iris, model)
    }

    fn predict<const K: usize>(model: &GaussianNb, values: &[f64]) -> [f64; K] {
        let mut out = [0.0; K];
        model.predict_proba_into(values, &mut out);
        out
    }

    fn assert_close(got: &[f64], expected: &[f64]) {
        let are_close = got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(got.len() == expected.len() && are_close, "{got:?} {expected:?}");
    }

    #[test]
    fn iris_has_the_numbers_of_scikit_learn() {
        // GaussianNB().fit(X, y): theta_[1], var_[1], predict_proba(X[[0, 70, 77, 106, 119, 133]])
        let (iris, model) = iris(1e-9);
        assert_close(&model.means()[4..8], &[5.936, 2.77, 4.26, 1.326]);
        assert_close(
            &model.variances()[4..8],
            &[
                0.261_104_003_095_502_8,
                0.096_500_003_095_502_68,
                0.216_400_003_095_502_78,
                0.038_324_003_095_502_65,
            ],
        );
        let expected = [
            (0, [1.0, 1.357_842_654_509_753_4e-18, 7.112_835_116_303_153e-26]),
            (70, [0.0, 0.154_494_084_943_882_56, 0.845_505_915_056_117_4]),
            (77, [0.0, 0.075_269_131_588_514_07, 0.924_730_868_411_486_1]),
            (106, [0.0, 0.973_514_344_653_297_3, 0.026_485_655_346_702_722]),
            (119, [0.0, 0.958_135_361_871_269_2, 0.041_864_638_128_730_806]),
            (133, [0.0, 0.712_645_144_215_529_2, 0.287_354_855_784_470_95]),
        ];
        for (row, expected) in expected {
            assert_close(&predict::<3>(&model, iris.row(row)), &expected);
        }
    }

    #[test]
    fn smoothing_is_a_share_of_the_largest_variance() {
        // GaussianNB(var_smoothing=0.1).fit(X, y).predict_proba(X[[77]])
        let (iris, model) = iris(0.1);
        let expected =
            [1.840_295_964_490_877_4e-11, 0.339_571_714_550_653_5, 0.660_428_285_430_943_7];
        assert_close(&predict::<3>(&model, iris.row(77)), &expected);
    }

    #[test]
    fn folds_of_iris_score_as_in_scikit_learn() {
        // make_pipeline(StandardScaler(), GaussianNB()), scikit-learn 1.9.1: 94.67 %.
        let score = right_by_fold(|rows| {
            let model = GaussianNb::fit(rows, &GaussianNbParams::default()).unwrap();
            move |values: &[f64], out: &mut [f64]| model.predict_proba_into(values, out)
        });
        assert_eq!(score, [29, 29, 27, 30, 27]);
    }

    #[test]
    fn means_and_priors_are_those_of_the_estimator_of_smartcore() {
        let (iris, model) = iris(1e-9);
        let values = (0..150).flat_map(|row| iris.row(row)).copied().collect();
        let x = DenseMatrix::new(150, 4, values, false).unwrap();
        let theirs = GaussianNB::fit(&x, &iris.labels().to_vec(), Default::default()).unwrap();
        assert_eq!(model.means(), theirs.theta().concat());
        assert_eq!(model.priors(), theirs.class_priors());
        // Its variances, of the population as well, have no smoothing: 3.1e-9 here.
        for (ours, theirs) in model.variances().iter().zip(theirs.var().concat()) {
            assert!((ours - theirs).abs() < 1e-8, "{ours} {theirs}");
        }
    }

    #[test]
    fn values_far_from_zero_keep_their_variance() {
        // GaussianNB().fit(values, [0, 0, 0, 1, 1, 1]).predict_proba([[1e8 + 6]])
        let values = [1.0, 2.0, 3.0, 11.0, 12.0, 13.0].map(|value| 1e8 + value);
        let model = fit(&values, &[0, 0, 0, 1, 1, 1], 1, 1e-9);
        assert_close(&predict::<2>(&model, &[1e8 + 6.0]), &[0.999_999_694_097_596_7, 3.059_024e-7]);
        let x = DenseMatrix::new(6, 1, values.to_vec(), false).unwrap();
        let theirs = GaussianNB::fit(&x, &vec![0_u32, 0, 0, 1, 1, 1], Default::default()).unwrap();
        assert_eq!(theirs.var().concat(), [0.0, 0.0], "smartcore's variances are not worth having");
    }

    #[test]
    fn a_constant_column_decides_nothing() {
        // GaussianNB().fit([[.1, 1], [.1, 2], [.1, 4], [.1, 8], [.1, 9]], [0, 0, 0, 1, 1])
        // .predict_proba([[.1, 5], [.1, 6]])
        let values = [0.1, 1.0, 0.1, 2.0, 0.1, 4.0, 0.1, 8.0, 0.1, 9.0];
        let model = fit(&values, &[0, 0, 0, 1, 1], 2, 1e-9);
        assert_close(&predict::<2>(&model, &[0.1, 5.0]), &[0.999_999_999_625_596_4, 3.744_038e-10]);
        let expected = [0.999_533_586_994_787, 0.000_466_413_005_213_091_5];
        assert_close(&predict::<2>(&model, &[0.1, 6.0]), &expected);
    }

    #[test]
    fn rows_that_do_not_vary_leave_the_priors() {
        let model = fit(&[2.0; 4], &[0, 0, 0, 1], 1, 1e-9);
        assert_close(&predict::<2>(&model, &[2.0]), &[0.75, 0.25]);
    }

    #[test]
    fn the_farthest_values_give_probabilities() {
        let model = fit(&[2.0, 2.0, 3.0, 3.0], &[0, 0, 1, 1], 1, 1e-15);
        for value in [1e308, -1e308, f64::INFINITY] {
            let out = predict::<2>(&model, &[value]);
            assert!((out[0] + out[1] - 1.0).abs() < 1e-12, "{value}: {out:?}");
        }
    }

    #[test]
    fn smoothing_out_of_range_is_refused() {
        for var_smoothing in [0.0, -1.0, 1e7, f64::NAN] {
            let error = GaussianNbParams { var_smoothing }.check().unwrap_err();
            assert_eq!((error.name, error.expected), ("var_smoothing", "1e-15 to 1e6"));
        }
    }

    #[test]
    fn parts_of_wrong_shape_are_refused() {
        let build = |means: usize, variance: f64, priors: Vec<f64>, n_features| {
            GaussianNb::from_parts(vec![0.0; means], vec![variance; means], priors, n_features)
        };
        assert!(build(4, 1.0, vec![0.5; 2], 2).is_some());
        assert!(build(3, 1.0, vec![0.5; 2], 2).is_none());
        assert!(build(0, 1.0, vec![0.5; 2], 0).is_none());
        assert!(build(4, 0.0, vec![0.5; 2], 2).is_none());
        assert!(build(4, f64::NAN, vec![0.5; 2], 2).is_none());
        assert!(build(4, 1.0, vec![0.5, 0.6], 2).is_none());
        assert!(build(4, 1.0, vec![1.0, 0.0], 2).is_none());
        assert!(build(2, 1.0, vec![1.0], 2).is_none());
    }
}
