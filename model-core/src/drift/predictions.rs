//! Drift of what a model answers: its classes and how sure it is of them.
//!
//! Both are seen before any label comes, and neither is accuracy: a model may be as sure as ever
//! and wrong.

use super::column::{Paired, PairedValues, SampleColumn};
use super::detection::compare;
use super::{DriftError, FeatureDrift};

/// Class mix: counts of answers by class, of the reference and of the window, by chi-square (by
/// Fisher's exact test where there are too few).
///
/// Nothing is adjusted and no verdict given: `p_value` is one test's. `classes` name the counts;
/// classes without a count have none.
#[must_use]
pub fn prediction_drift(classes: &[String], reference: &[u64], current: &[u64]) -> FeatureDrift {
    let counts = |counts: &[u64]| -> Vec<u64> {
        let stated = counts.iter().copied().chain(std::iter::repeat(0));
        stated.take(classes.len()).collect()
    };
    let (reference, current) = (counts(reference), counts(current));
    let is_new = |&at: &usize| reference[at] == 0 && current[at] > 0;
    let new = (0..classes.len()).filter(is_new).map(|at| classes[at].clone()).collect();
    let (codes, names) = (Vec::new(), classes.to_vec());
    let values = PairedValues::Categorical { codes, reference, current, names, new };
    compare(&Paired { name: "prediction", reference: &[], current: &[], values, odd: None })
}

/// Confidence: probabilities of the answers given, of the reference and of the window, by
/// Kolmogorov-Smirnov. As with [`prediction_drift`], no verdict is given.
///
/// # Errors
/// [`DriftError::NotFinite`] for an infinity; NaN counts as missing.
pub fn confidence_drift(reference: &[f64], current: &[f64]) -> Result<FeatureDrift, DriftError> {
    let reference = SampleColumn::numeric("confidence", reference.to_vec());
    let current = SampleColumn::numeric("confidence", current.to_vec());
    Ok(compare(&Paired::new(&reference, &current)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{DriftTest, homogeneity};

    #[test]
    fn a_changed_class_mix_is_found() {
        let classes = ["a", "b", "c"].map(str::to_owned);
        let found = prediction_drift(&classes, &[40, 40, 0], &[20, 60, 30]);
        assert_eq!(found.p_value, homogeneity(&[40, 40, 0], &[20, 60, 30]).p_value);
        assert!(found.p_value < 1e-6 && found.test == DriftTest::ChiSquare);
        assert_eq!(found.new_categories, ["c"]);
        // A class more than there are names, and one fewer.
        assert_eq!(prediction_drift(&classes, &[9, 9, 9, 9], &[9, 9]).new_categories.len(), 0);
        assert_eq!(prediction_drift(&classes, &[], &[5, 5, 5]).p_value, 1.0);
    }

    #[test]
    fn lost_confidence_is_found() {
        let sure: Vec<f64> = (0..100).map(|i| 0.5 + f64::from(i) / 256.0).collect();
        let unsure: Vec<f64> = sure.iter().map(|p| p - 50.0 / 256.0).collect();
        let found = confidence_drift(&sure, &unsure).unwrap();
        assert!(found.p_value < 1e-9 && (found.statistic - 0.5).abs() < 1e-12);
        assert_eq!(confidence_drift(&sure, &sure).unwrap().p_value, 1.0);
        assert!(confidence_drift(&[f64::INFINITY], &sure).is_err());
    }
}
