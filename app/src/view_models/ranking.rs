//! Places by the size of the values there.

/// The places of `values`, the greatest first, and of equal ones the earlier. The few features of a model are
/// ranked: a sort by insertion is a hundredth of the bytes of a general one.
pub(crate) fn ranked(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(values.len());
    let value = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    for place in 0..values.len() {
        let is_less = |other: &usize| value(*other).total_cmp(&value(place)).is_lt();
        let at = order.iter().position(is_less).unwrap_or(order.len());
        order.insert(at, place);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_comes_first_and_equal_ones_keep_their_order() {
        assert_eq!(ranked(&[0.1, 0.5, 0.1, 0.9, 0.5]), [3, 1, 4, 0, 2]);
        assert_eq!(ranked(&[]), Vec::<usize>::new());
    }
}
