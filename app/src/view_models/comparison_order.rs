//! The order of the comparison table: by any column, either way.

use model_core::sort_items;
use std::cmp::Ordering;

use super::comparison::ComparisonRow;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The model's name.
    Model,
    /// Accuracy on the test part.
    Test,
    /// Accuracy in cross-validation.
    Cv,
    /// Log loss in cross-validation.
    LogLoss,
    /// The published accuracy.
    Published,
    /// Time of the fit.
    Fit,
    /// Size of the model file.
    Size,
}

impl Column {
    /// From left to right.
    pub(crate) const ALL: [Self; 7] =
        [Self::Model, Self::Test, Self::Cv, Self::LogLoss, Self::Published, Self::Fit, Self::Size];

    /// Whether its better end is the higher one, which is asked for first.
    const fn is_best_high(self) -> bool {
        matches!(self, Self::Test | Self::Cv | Self::Published)
    }

    /// What the rows are ordered by; none where there is no figure.
    fn key(self, row: &ComparisonRow) -> Option<f64> {
        match self {
            Self::Model => None,
            Self::Test => row.test.map(|test| test.share),
            Self::Cv => row.cv.map(|(mean, _)| mean),
            Self::LogLoss => row.log_loss,
            Self::Published => row.published,
            Self::Fit => (row.fit_millis > 0.0).then_some(row.fit_millis + row.calibration_millis),
            Self::Size => Some(row.n_bytes as f64),
        }
    }
}

/// How the table is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    /// By what.
    pub(crate) column: Column,
    /// Whether from the highest down.
    pub(crate) descending: bool,
}

impl Order {
    /// The order after a press on the head of `column`: its better end first, then the other way round.
    pub(crate) fn pressed(before: Option<Self>, column: Column) -> Self {
        match before {
            Some(order) if order.column == column => Self { column, descending: !order.descending },
            _ => Self { column, descending: column.is_best_high() },
        }
    }

    /// Orders `rows`; those without a figure come last either way, equals stay as they were.
    pub(crate) fn sort(self, rows: &mut [ComparisonRow]) {
        sort_items(rows, &mut |a, b| {
            let order = match (self.column.key(a), self.column.key(b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (Some(_), None) => return Ordering::Less,
                (None, Some(_)) => return Ordering::Greater,
                (None, None) if self.column == Column::Model => a.name.cmp(b.name),
                (None, None) => Ordering::Equal,
            };
            if self.descending { order.reverse() } else { order }
        });
    }
}

/// What `aria-sort` says of `column`.
pub(crate) fn aria_sort(order: Option<Order>, column: Column) -> &'static str {
    match order {
        Some(order) if order.column == column && order.descending => "descending",
        Some(order) if order.column == column => "ascending",
        _ => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;

    fn sizes(order: Order, rows: &mut [ComparisonRow]) -> Vec<usize> {
        order.sort(rows);
        rows.iter().map(|row| row.n_bytes).collect()
    }

    fn rows() -> Vec<ComparisonRow> {
        let row = ComparisonRow::of(&built_in(), 0);
        let figures = [(3, 20.0, Some((0.9, 0.0))), (1, 0.0, None), (2, 10.0, Some((0.95, 0.0)))];
        let with =
            |(n_bytes, fit_millis, cv)| ComparisonRow { n_bytes, fit_millis, cv, ..row.clone() };
        figures.map(with).to_vec()
    }

    #[test]
    fn the_better_end_comes_first_and_then_the_other_way_round() {
        let size = Order::pressed(None, Column::Size);
        assert_eq!(sizes(size, &mut rows()), [1, 2, 3]);
        assert_eq!(sizes(Order::pressed(Some(size), Column::Size), &mut rows()), [3, 2, 1]);
        let cv = Order::pressed(Some(size), Column::Cv);
        assert_eq!(sizes(cv, &mut rows()), [2, 3, 1]);
    }

    #[test]
    fn what_was_not_measured_comes_last_either_way() {
        let up = Order { column: Column::Fit, descending: false };
        assert_eq!(sizes(up, &mut rows()), [2, 3, 1]);
        assert_eq!(sizes(Order { descending: true, ..up }, &mut rows()), [3, 2, 1]);
    }

    #[test]
    fn equals_stay_as_they_were() {
        for column in [Column::Model, Column::Test, Column::Published] {
            assert_eq!(sizes(Order::pressed(None, column), &mut rows()), [3, 1, 2]);
        }
    }

    #[test]
    fn the_head_of_the_column_says_the_order() {
        let order = Some(Order { column: Column::Fit, descending: false });
        let said = Column::ALL.map(|column| aria_sort(order, column));
        assert_eq!(said, ["none", "none", "none", "none", "none", "ascending", "none"]);
        assert_eq!(aria_sort(None, Column::Fit), "none");
    }
}
