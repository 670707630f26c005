//! Which rows are shown, and in which order.

use model_core::sort_items;

use super::filter::Filter;
use super::row::{Column, RunRow};
use crate::sorted::SortedSet;

/// How the table is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// By what.
    pub(crate) column: Column,
    /// Whether from the greatest down.
    pub(crate) descending: bool,
}

impl Order {
    /// The latest first.
    pub(crate) const LATEST: Self = Self { column: Column::When, descending: true };

    /// The order after a press on the head of `column`: its better end first, then the other way round.
    pub(crate) fn pressed(self, column: Column) -> Self {
        let descending =
            if self.column == column { !self.descending } else { column.is_best_high() };
        Self { column, descending }
    }

    /// What `aria-sort` says of `column`.
    pub(crate) fn aria_sort(self, column: Column) -> &'static str {
        match (self.column == column, self.descending) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }
}

/// What is shown in a line of the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    /// The rows below learnt from one data set: its name, its hash, how many they are.
    Group(String, String, usize),
    /// The row at this place.
    Row(usize),
}

/// The lines of those `rows` that `words` and `filter` leave, ordered; under heads of their data if they are to
/// be `grouped`.
pub(crate) fn lines(
    rows: &[RunRow],
    words: &str,
    filter: Option<&Filter>,
    order: Order,
    grouped: bool,
) -> Vec<Line> {
    let words = words.to_lowercase();
    let is_shown = |at: &usize| {
        let row = &rows[*at];
        filter.is_none_or(|filter| filter.takes(row)) && (words.is_empty() || row.says(&words))
    };
    let mut shown: Vec<usize> = (0..rows.len()).filter(is_shown).collect();
    sort_items(&mut shown, &mut |a, b| rows[*a].compare(&rows[*b], order.column, order.descending));
    if !grouped {
        return shown.into_iter().map(Line::Row).collect();
    }
    // The groups in the order of their first rows.
    let mut lines = Vec::new();
    let mut done = SortedSet::default();
    for &first in &shown {
        let (name, hash) = (&rows[first].run.data_name, &rows[first].run.data_hash);
        if done.insert(hash) {
            let of_group = shown.iter().filter(|at| rows[**at].run.data_hash == *hash);
            let of_group: Vec<Line> = of_group.map(|at| Line::Row(*at)).collect();
            lines.push(Line::Group(name.clone(), hash.clone(), of_group.len()));
            lines.extend(of_group);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::filter::parse;
    use super::super::row::tests::rows;
    use super::*;

    fn order(column: Column, descending: bool) -> Vec<Line> {
        lines(&rows(), "", None, Order { column, descending }, false)
    }

    #[test]
    fn any_column_orders_the_rows_either_way() {
        for column in Column::ALL {
            let (up, down) = (order(column, false), order(column, true));
            assert_eq!((up.len(), down.len()), (2, 2));
            let rows = rows();
            let is_known = |row: &RunRow| !column.is_number() || row.number(column).is_some();
            if rows.iter().all(is_known) && rows[0].text(column) != rows[1].text(column) {
                assert!(up.iter().eq(down.iter().rev()), "{column:?}");
            } else {
                assert_eq!(up, down, "unknown ones stay last, equals where they were: {column:?}");
            }
        }
    }

    #[test]
    fn a_press_asks_for_the_better_end_and_then_for_the_other() {
        let pressed = Order::LATEST.pressed(Column::Accuracy);
        assert!(pressed.descending && !pressed.pressed(Column::Accuracy).descending);
        assert!(!pressed.pressed(Column::LogLoss).descending);
        assert_eq!(pressed.aria_sort(Column::Accuracy), "descending");
        assert_eq!(pressed.aria_sort(Column::Size), "none");
    }

    #[test]
    fn words_and_filter_leave_what_both_take() {
        let filter = parse("seed = 7", |_| false).unwrap();
        let shown = |words: &str| lines(&rows(), words, filter.as_ref(), Order::LATEST, false);
        assert_eq!(shown(""), [Line::Row(1)]);
        assert_eq!(shown("Logistic"), [Line::Row(1)]);
        assert_eq!(shown("svm"), []);
    }

    #[test]
    fn groups_stand_under_heads_of_their_data() {
        let rows = rows();
        let lines = lines(&rows, "", None, Order::LATEST, true);
        let hash = |at: usize| rows[at].run.data_hash.clone();
        let name = |at: usize| rows[at].run.data_name.clone();
        let expected = [
            Line::Group(name(1), hash(1), 1),
            Line::Row(1),
            Line::Group(name(0), hash(0), 1),
            Line::Row(0),
        ];
        assert_eq!(lines, expected);
    }
}
