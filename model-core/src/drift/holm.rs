//! P-values of several tests, adjusted so that any false alarm among them stays rare.
//!
//! Sources: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6
//! (1979); Marcus, Peritz & Gabriel, "On closed testing procedures", Biometrika 63 (1976), for what
//! a test of all hypotheses together allows.

/// Holm's adjusted p-values, in the order given: at most `alpha` wherever a test is significant
/// with a chance of at most `alpha` of one false alarm or more.
///
/// ```
/// let adjusted = model_core::drift::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    stepped(p_values, p_values.len(), 0.0)
}

/// As [`holm`], where one test of all hypotheses together has the p-value `overall`.
///
/// Closed testing: a hypothesis falls if every set of hypotheses with it in falls. `overall` tests
/// the set of all of them, and Bonferroni's inequality the smaller sets, so that the least p-value
/// is multiplied by one less. None is below `overall`.
pub(super) fn closed(p_values: &[f64], overall: f64) -> Vec<f64> {
    stepped(p_values, p_values.len().saturating_sub(1).max(1), overall)
}

/// Each p-value times how many are left, `most` at most, and none below the one before it.
fn stepped(p_values: &[f64], most: usize, least: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    crate::order::sort_by(&mut order, &mut |a, b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut before: f64 = least;
    for (rank, at) in order.into_iter().enumerate() {
        let left = (p_values.len() - rank).min(most);
        before = (p_values[at] * left as f64).max(before).min(1.0);
        adjusted[at] = before;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_p_values_are_those_of_holm() {
        // R's p.adjust(c(0.001, 0.5, 0.012, 0.02, 0.9), "holm")
        let adjusted = holm(&[0.001, 0.5, 0.012, 0.02, 0.9]);
        for (got, expected) in adjusted.iter().zip([0.005, 1.0, 0.048, 0.06, 1.0]) {
            assert!((got - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn a_test_of_all_saves_one_step_and_bounds_the_rest() {
        assert_eq!(closed(&[0.01, 0.5], 0.002), [0.01, 0.5]);
        assert_eq!(closed(&[0.01, 0.5], 0.2), [0.2, 0.5]);
        assert_eq!(closed(&[0.03], 0.03), [0.03]);
    }
}
