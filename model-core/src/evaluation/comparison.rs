//! Whether one model is better than another, or just luckier with its folds.
//!
//! Folds share most of their training rows, so their differences vary less than those of fresh
//! data would, and the plain t-test finds too much. The corrected test widens the variance by the
//! held-out share.
//!
//! Source: Nadeau & Bengio, "Inference for the generalization error", Machine Learning 52 (2003);
//! for repeated k-fold, Bouckaert & Frank, "Evaluating the replicability of significance tests for
//! comparing learning algorithms", PAKDD 2004.

use serde::{Deserialize, Serialize};

use super::cross_validation::{CrossValidation, Fold};
use super::student_t;

/// What the corrected resampled t-test says of paired differences.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CorrectedTTest {
    /// Mean difference.
    pub mean: f64,
    /// Its corrected standard error; 0 if all differences are equal.
    pub std_error: f64,
    /// `mean / std_error`; absent if all differences are equal.
    pub t: Option<f64>,
    /// One less than there are differences.
    pub degrees_of_freedom: u32,
    /// Two-sided: the chance of a mean at least as far from 0 if the truth is 0. If all
    /// differences are equal it is 1 when they are 0, and 0 otherwise.
    pub p_value: f64,
    /// The 95 % confidence interval of the mean.
    pub interval95: (f64, f64),
}

/// Why models cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// One difference has no variance.
    #[error("{got} paired folds: at least 2 are needed to compare")]
    TooFewDifferences {
        /// Differences given.
        got: usize,
    },
    /// A difference is NaN or infinite, or so large that its square is.
    #[error("difference {index} is not a number to reckon with")]
    NotFinite {
        /// Which, from 0.
        index: usize,
    },
    /// The correction needs both shares.
    #[error("{n_train} training rows and {n_test} held-out rows: both must be at least 1")]
    NoRows {
        /// Training rows of a fold.
        n_train: usize,
        /// Held-out rows of a fold.
        n_test: usize,
    },
    /// The two cross-validations do not have the same folds.
    #[error("the models were cross-validated on different folds: {what} {a} and {b}")]
    Unpaired {
        /// What differs.
        what: &'static str,
        /// Of the first.
        a: usize,
        /// Of the second.
        b: usize,
    },
}

/// The corrected resampled t-test of `differences`, one a fold, against 0.
///
/// `n_train` and `n_test` are the rows that a fold trains on and holds out. With `J` differences of
/// variance `s²` (ddof 1), the mean's variance is taken as `(1 / J + n_test / n_train) s²`, and the
/// t distribution has `J - 1` degrees of freedom.
///
/// ```
/// use model_core::evaluation::corrected_t_test;
/// let test = corrected_t_test(&[0.05, 0.02, 0.04, 0.0, 0.03], 80, 20)?;
/// assert!((test.p_value - 0.0958).abs() < 1e-4);
/// # Ok::<(), model_core::evaluation::ComparisonError>(())
/// ```
///
/// # Errors
/// [`ComparisonError::TooFewDifferences`] for fewer than two, [`ComparisonError::NotFinite`] beyond
/// 1e150, and [`ComparisonError::NoRows`] if `n_train` or `n_test` is 0.
pub fn corrected_t_test(
    differences: &[f64],
    n_train: usize,
    n_test: usize,
) -> Result<CorrectedTTest, ComparisonError> {
    let got = differences.len();
    let [first, _, ..] = *differences else {
        return Err(ComparisonError::TooFewDifferences { got });
    };
    // NaN is in no range either.
    if let Some(index) = differences.iter().position(|value| !(-1e150..=1e150).contains(value)) {
        return Err(ComparisonError::NotFinite { index });
    }
    if n_train == 0 || n_test == 0 {
        return Err(ComparisonError::NoRows { n_train, n_test });
    }
    let n = got as f64;
    let degrees_of_freedom = u32::try_from(got - 1).unwrap_or(u32::MAX);
    // Equality is exact where the mean would leave rounding errors to divide by.
    let is_constant = differences.iter().all(|&value| value == first);
    let mean = if is_constant { first } else { differences.iter().sum::<f64>() / n };
    let squares: f64 = differences.iter().map(|value| (value - mean) * (value - mean)).sum();
    let share = 1.0 / n + n_test as f64 / n_train as f64;
    let std_error = (share * (squares / (n - 1.0))).sqrt();
    if std_error == 0.0 {
        return Ok(CorrectedTTest {
            mean,
            std_error,
            t: None,
            degrees_of_freedom,
            p_value: f64::from(u8::from(mean == 0.0)),
            interval95: (mean, mean),
        });
    }
    let df = f64::from(degrees_of_freedom);
    let t = mean / std_error;
    let half = student_t::quantile(0.975, df) * std_error;
    Ok(CorrectedTTest {
        mean,
        std_error,
        t: Some(t),
        degrees_of_freedom,
        p_value: student_t::two_sided_p_value(t, df),
        interval95: (mean - half, mean + half),
    })
}

/// Tests the accuracy of `a` less that of `b`, fold by fold.
///
/// Both must come from the same folds of the same rows, that is from the same data set, test size,
/// folds, repeats and seed; what their counts tell of that is checked. The shares of the correction
/// are means over folds.
///
/// # Errors
/// [`ComparisonError::Unpaired`] if repeats, rows, folds or a fold's rows differ in number, and as
/// [`corrected_t_test`].
pub fn compare(
    a: &CrossValidation,
    b: &CrossValidation,
) -> Result<CorrectedTTest, ComparisonError> {
    compare_by(a, b, Fold::accuracy)
}

/// As [`compare`], with another figure of a fold, such as its log loss.
///
/// # Errors
/// As [`compare`].
pub fn compare_by(
    a: &CrossValidation,
    b: &CrossValidation,
    figure: impl Fn(&Fold) -> f64,
) -> Result<CorrectedTTest, ComparisonError> {
    let counts = [
        ("repeats", a.n_repeats as usize, b.n_repeats as usize),
        ("rows", a.n_rows as usize, b.n_rows as usize),
        ("folds", a.folds.len(), b.folds.len()),
    ];
    let pairs = || a.folds.iter().zip(&b.folds);
    let sizes = pairs().map(|(a, b)| ("held-out rows", a.n_samples as usize, b.n_samples as usize));
    if let Some((what, a, b)) = counts.into_iter().chain(sizes).find(|(_, a, b)| a != b) {
        return Err(ComparisonError::Unpaired { what, a, b });
    }
    let differences: Vec<f64> = pairs().map(|(a, b)| figure(a) - figure(b)).collect();
    // Sums instead of means: the test takes their ratio alone.
    let held_out = |fold: &Fold| fold.n_samples.min(a.n_rows) as usize;
    let n_test = a.folds.iter().map(held_out).sum();
    let n_train = a.folds.iter().map(|fold| a.n_rows as usize - held_out(fold)).sum();
    corrected_t_test(&differences, n_train, n_test)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFFERENCES: [f64; 10] = [0.05, 0.02, 0.04, 0.0, 0.03, -0.01, 0.06, 0.02, 0.01, 0.03];

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() < 1e-12 * expected.abs(), "{got} {expected}");
    }

    #[test]
    fn figures_are_those_of_scipy() {
        // d = numpy.array(DIFFERENCES); se = sqrt((1 / 10 + 20 / 80) * d.var(ddof=1))
        // t = d.mean() / se; 2 * scipy.stats.t.sf(t, 9); scipy.stats.t.interval(0.95, 9, mean, se)
        let test = corrected_t_test(&DIFFERENCES, 80, 20).unwrap();
        close(test.mean, 0.025);
        close(test.std_error, 0.012856040517117927);
        close(test.t.unwrap(), 1.9446111706564932);
        close(test.p_value, 0.0836876865138848);
        close(test.interval95.0, -0.004082384141022258);
        close(test.interval95.1, 0.05408238414102226);
        assert_eq!(test.degrees_of_freedom, 9);
    }

    #[test]
    fn without_correction_it_is_the_plain_paired_test() {
        // scipy.stats.ttest_1samp(DIFFERENCES, 0): the held-out share vanishes.
        let test = corrected_t_test(&DIFFERENCES, 1 << 31, 1).unwrap();
        assert!((test.p_value - 0.005417433388260771).abs() < 1e-9);
    }

    #[test]
    fn differences_that_do_not_vary_are_certain() {
        let same = corrected_t_test(&[0.0, -0.0, 0.0], 80, 20).unwrap();
        assert_eq!((same.p_value, same.t, same.interval95), (1.0, None, (0.0, 0.0)));
        let better = corrected_t_test(&[0.1; 7], 80, 20).unwrap();
        assert_eq!((better.p_value, better.std_error, better.mean), (0.0, 0.0, 0.1));
    }

    #[test]
    fn what_cannot_be_tested_is_refused() {
        let error = |differences: &[f64], n_train, n_test| {
            corrected_t_test(differences, n_train, n_test).unwrap_err()
        };
        assert_eq!(error(&[], 8, 2), ComparisonError::TooFewDifferences { got: 0 });
        assert_eq!(error(&[0.1], 8, 2), ComparisonError::TooFewDifferences { got: 1 });
        assert_eq!(error(&[0.1, f64::NAN], 8, 2), ComparisonError::NotFinite { index: 1 });
        assert_eq!(error(&[1e200, 0.0], 8, 2), ComparisonError::NotFinite { index: 0 });
        let none = ComparisonError::NoRows { n_train: 0, n_test: 2 };
        assert_eq!(error(&[0.1, 0.2], 0, 2), none);
    }

    fn cv(n_correct: &[u32], n_repeats: u32) -> CrossValidation {
        let fold = |&n_correct: &u32| {
            let log_loss = 1.0 - f64::from(n_correct) / 20.0;
            Fold { n_correct, n_samples: 20, log_loss }
        };
        let folds: Vec<Fold> = n_correct.iter().map(fold).collect();
        let n_rows = 20 * folds.len() as u32 / n_repeats;
        CrossValidation { folds, n_repeats, n_rows }
    }

    #[test]
    fn folds_are_paired_in_order() {
        let (a, b) = (cv(&[19, 18, 20, 17, 19, 18], 2), cv(&[18, 18, 18, 18, 17, 16], 2));
        let test = compare(&a, &b).unwrap();
        let differences: Vec<f64> =
            [1.0, 0.0, 2.0, -1.0, 2.0, 2.0].map(|rows: f64| rows / 20.0).to_vec();
        let direct = corrected_t_test(&differences, 40, 20).unwrap();
        close(test.mean, direct.mean);
        close(test.p_value, direct.p_value);
        let loss = compare_by(&a, &b, |fold| fold.log_loss).unwrap();
        close(loss.mean, -direct.mean);
        assert_eq!(compare(&a, &a).unwrap().p_value, 1.0);
    }

    #[test]
    fn other_folds_are_refused() {
        let unpaired = |a: &CrossValidation, b: &CrossValidation| match compare(a, b) {
            Err(ComparisonError::Unpaired { what, .. }) => what,
            other => panic!("{other:?}"),
        };
        let a = cv(&[19, 18, 20, 17], 1);
        assert_eq!(unpaired(&a, &cv(&[19, 18, 20, 17], 2)), "repeats");
        assert_eq!(unpaired(&a, &cv(&[19, 18, 20], 1)), "rows");
        let mut b = a.clone();
        b.folds.pop();
        assert_eq!(unpaired(&a, &b), "folds");
        let mut b = a.clone();
        b.folds[1].n_samples = 19;
        assert_eq!(unpaired(&a, &b), "held-out rows");
        let one = CrossValidation::once(a.folds[..1].to_vec());
        assert_eq!(compare(&one, &one), Err(ComparisonError::TooFewDifferences { got: 1 }));
    }
}
