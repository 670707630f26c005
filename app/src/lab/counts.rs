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

/// The bin of `value` among `n_bins` of equal width from `min` to `max`.
pub(super) fn bin(value: f64, min: f64, max: f64, n_bins: usize) -> usize {
    let width = max / 2.0 - min / 2.0;
    if width <= 0.0 {
        return 0;
    }
    let share = (value / 2.0 - min / 2.0) / width;
    ((share * n_bins as f64) as usize).min(n_bins.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_a_bar_of_its_class() {
        let items = [(0, 0), (0, 1), (1, 1), (1, 40)].into_iter();
        let counts = count(2, 41, items);
        assert_eq!(counts[0][..2], [1, 1]);
        assert_eq!((counts[1][1], counts[1][MAX_GROUPS - 1]), (1, 1));
    }

    #[test]
    fn the_greatest_value_is_in_the_last_bin() {
        assert_eq!(bin(1.0, 0.0, 1.0, 20), 19);
        assert_eq!(bin(0.0, 0.0, 1.0, 20), 0);
        assert_eq!(bin(3.0, 3.0, 3.0, 20), 0);
        assert_eq!(bin(f64::MAX, -f64::MAX, f64::MAX, 20), 19);
    }
}
