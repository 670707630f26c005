//! What is greater: sorting, each kind of list by one function, the greatest of a list, and the place
//! between two neighbours.
//!
//! A sort of the standard library is 5 to 15 KB of code for each type and comparison. The browser
//! loads this crate, so its lists share a few of them, and none is inlined.

use std::cmp::Ordering;

/// Ascending by value, as `f64::total_cmp` orders.
#[inline(never)]
pub(crate) fn sort_values(values: &mut [f64]) {
    values.sort_unstable_by(f64::total_cmp);
}

/// As [`sort_values`], for single precision: a double has room for each.
pub(crate) fn sort_singles(values: &mut [f32]) {
    let mut wide: Vec<f64> = values.iter().copied().map(f64::from).collect();
    sort_values(&mut wide);
    values.iter_mut().zip(wide).for_each(|(value, wide)| *value = wide as f32);
}

/// Ascending; no two keys are equal, or it does not matter which comes first.
#[inline(never)]
pub(crate) fn sort_keys(keys: &mut [u64]) {
    keys.sort_unstable();
}

/// The key that `n` others come before once they are sorted; there are more than `n`.
#[inline(never)]
pub(crate) fn nth_key(keys: &mut [u64], n: usize) -> u64 {
    *keys.select_nth_unstable(n).1
}

/// A key that orders single-precision values as `f32::total_cmp` does, and equal ones by `row`.
pub(crate) fn key_of(value: f32, row: u32) -> u64 {
    let bits = value.to_bits();
    // A negative number's bits grow with its magnitude: all are flipped. Else only the sign is.
    let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    u64::from(ordered) << 32 | u64::from(row)
}

/// Rows, or other indices, ascending.
pub(crate) fn sort_rows(rows: &mut [usize]) {
    sort_by(rows, &mut |a, b| a.cmp(&b));
}

/// Indices by a comparison; equal ones stay in their order.
#[inline(never)]
pub(crate) fn sort_by(indices: &mut [usize], compare: &mut dyn FnMut(usize, usize) -> Ordering) {
    indices.sort_by(|&a, &b| compare(a, b));
}

/// Sorts items of any kind by a comparison; equal ones stay in their order. One sort, of their places, serves
/// every kind: for lists that are short beside what is computed of them, where bytes count and time does not.
///
/// ```
/// let mut words = ["petal", "tepal", "leaf"].map(str::to_owned);
/// model_core::sort_items(&mut words, &mut |a, b| a.len().cmp(&b.len()));
/// assert_eq!(words, ["leaf", "petal", "tepal"]);
/// ```
pub fn sort_items<T>(items: &mut [T], compare: &mut dyn FnMut(&T, &T) -> Ordering) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    sort_by(&mut order, &mut |a, b| compare(&items[a], &items[b]));
    for at in 0..items.len() {
        // What belongs here has been swapped away from where it was, if that place is filled already.
        let mut from = order[at];
        while from < at {
            from = order[from];
        }
        items.swap(at, from);
    }
}

/// A collection of `items`, put in one after the other.
///
/// A map or set that is collected is sorted first, by a sort of its own for each type: several kilobytes of a program that is sent.
///
/// ```
/// let lengths: std::collections::BTreeMap<&str, usize> = model_core::filled(["b", "aa"].map(|it| (it, it.len())));
/// assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [("aa", 2), ("b", 1)]);
/// ```
pub fn filled<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut collection = C::default();
    collection.extend(items);
    collection
}

/// The index of the greatest probability; the lowest index on an exact tie.
///
/// ```
/// assert_eq!(model_core::argmax(&[0.2, 0.4, 0.4]), 1);
/// ```
#[must_use]
pub fn argmax(probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (index, value) in probabilities.iter().enumerate() {
        if *value > probabilities[best] {
            best = index;
        }
    }
    best
}

/// The threshold between two neighbouring values: their midpoint rounded down to single precision.
///
/// scikit-learn keeps the midpoint in double precision. A value of single precision lies on the
/// same side of that and of the midpoint rounded down, so the same rows go to the same sides;
/// rounded up, a value right above the midpoint would change sides.
pub(crate) fn halfway(low: f32, high: f32) -> f32 {
    let middle = f64::from(low) / 2.0 + f64::from(high) / 2.0;
    let rounded = middle as f32;
    if f64::from(rounded) > middle { rounded.next_down() } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_as_total_cmp_does() {
        let values = [-0.0_f32, 0.0, 1.5, -2.0, f32::MIN, f32::MAX, 1e-40, -1e-40];
        for (a, x) in values.iter().zip(0..) {
            for (b, y) in values.iter().zip(0..) {
                let expected = a.total_cmp(b).then(x.cmp(&y));
                assert_eq!(key_of(*a, x).cmp(&key_of(*b, y)), expected, "{a} {b}");
            }
        }
    }

    #[test]
    fn items_are_sorted_and_equal_ones_keep_their_order() {
        for n in 0..40_u32 {
            let mut items: Vec<(u32, u32)> = (0..n).map(|at| ((at * 7 + n) % 11, at)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_items(&mut items, &mut |a, b| a.0.cmp(&b.0));
            assert_eq!(items, expected);
        }
    }

    #[test]
    fn singles_keep_their_bits() {
        let mut values = [1.5_f32, -0.0, 0.1, -3.25, 0.0];
        sort_singles(&mut values);
        let bits = [-3.25_f32, -0.0, 0.0, 0.1, 1.5].map(f32::to_bits);
        assert_eq!(values.map(f32::to_bits), bits);
    }

    #[test]
    fn ties_go_to_the_lowest_class() {
        assert_eq!(argmax(&[0.2, 0.4, 0.4]), 1);
        assert_eq!(argmax(&[0.5, 0.5]), 0);
        assert_eq!(argmax(&[]), 0);
    }

    #[test]
    fn midpoint_never_reaches_the_upper_value() {
        assert_eq!(halfway(1.0, 2.0), 1.5);
        let next = f32::from_bits(1.0_f32.to_bits() + 1);
        assert_eq!(halfway(1.0, next), 1.0);
        assert_eq!(halfway(-3e38, 3e38), 0.0);
        assert!(halfway(2e38, 3e38).is_finite());
        // The midpoint of 42.3 and 42.5 lies right below 42.4, which is beyond it.
        assert!(halfway(42.3, 42.5) < 42.4);
    }
}
