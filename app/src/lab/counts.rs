//! Rows counted by class: the bars of a strip.
//!
//! The first classes have a colour each, and whatever is beyond them is counted together: a strip
//! of a thousand classes is as small as one of eight.

/// Groups that are counted apart; the last one holds every class beyond.
pub(super) const MAX_GROUPS: usize = 9;

/// The group of a class: itself, or the last one.
pub(super) const fn group(class: u32) -> usize {
    let class = class as usize;
    if class < MAX_GROUPS { class } else { MAX_GROUPS - 1 }
}

/// How many groups so many classes make.
pub(super) const fn n_groups(n_classes: usize) -> usize {
    if n_classes < MAX_GROUPS { n_classes } else { MAX_GROUPS }
}

/// Counts of `n_bars` bars by group: each item is a bar and a class.
pub(super) fn count(
    n_bars: usize,
    n_classes: usize,
    items: impl Iterator<Item = (usize, u32)>,
) -> Vec<Vec<u32>> {
    let mut counts = vec![vec![0; n_groups(n_classes)]; n_bars];
    for (bar, class) in items {
        if let Some(count) = counts.get_mut(bar).and_then(|bar| bar.get_mut(group(class))) {
            *count += 1;
        }
    }
    counts
}

/// The bin of `value` in a histogram with these edges, the last of which is in the last bin.
pub(super) fn bin(value: f64, edges: &[f64]) -> usize {
    let ends = edges.get(1..edges.len().saturating_sub(1)).unwrap_or_default();
    ends.partition_point(|end| *end <= value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_core::dataset::NumericProfile;

    #[test]
    fn every_row_is_in_a_bar_of_its_class() {
        let items = [(0, 0), (0, 1), (1, 1), (1, 40)].into_iter();
        let counts = count(2, 41, items);
        assert_eq!(counts[0][..2], [1, 1]);
        assert_eq!((counts[1][1], counts[1][MAX_GROUPS - 1]), (1, 1));
    }

    #[test]
    fn the_greatest_value_is_in_the_last_bin() {
        let edges = |values: &[f64]| NumericProfile::of(values).histogram.edges;
        assert_eq!(bin(1.0, &edges(&[0.0, 1.0])), 19);
        assert_eq!(bin(0.0, &edges(&[0.0, 1.0])), 0);
        assert_eq!(bin(3.0, &edges(&[3.0, 3.0])), 0);
        assert_eq!(bin(f64::MAX, &edges(&[-f64::MAX, f64::MAX])), 19);
    }

    #[test]
    fn bins_are_those_of_the_profile() {
        let values: Vec<f64> = (0..500).map(|n| f64::from(n * n % 97) / 10.0).collect();
        let of = NumericProfile::of(&values).histogram;
        let binned = values.iter().map(|value| (bin(*value, &of.edges), 0));
        let counted = count(of.counts.len(), 2, binned);
        assert_eq!(counted.iter().map(|bar| bar[0]).collect::<Vec<_>>(), of.counts);
    }
}
