//! How large a data set may be, checked before anything of its size is built.

use super::{Column, ColumnKind, DatasetError};

/// Most rows that a data set may have.
pub const MAX_ROWS: usize = 1_000_000;
/// Most feature columns that a data set may have.
pub const MAX_COLUMNS: usize = 2_000;
/// Most classes that a data set may have.
pub const MAX_CLASSES: usize = 1_000;
/// Most categories of a column.
pub const MAX_CATEGORIES: usize = 10_000;
/// Most categories of a column times classes: what is counted to encode it.
const MAX_COUNTS: usize = 2_000_000;
/// Most bytes of a CSV file.
pub const MAX_CSV_BYTES: usize = 200 * 1024 * 1024;
/// Most numbers of all rows once categories are one-hot: 400 MB.
pub(crate) const MAX_ENCODED_VALUES: usize = 50_000_000;

/// Counts against the limits, before anything of their size is built.
pub(super) fn check_limits(
    columns: &[Column],
    n_samples: usize,
    n_classes: usize,
) -> Result<(), DatasetError> {
    if n_samples == 0 {
        return Err(DatasetError::NoRows);
    }
    for column in columns {
        if let ColumnKind::Categorical(categories) = &column.kind
            && categories.len() > MAX_CATEGORIES
        {
            let (column, found) = (column.name.clone(), categories.len());
            return Err(DatasetError::TooManyCategories { column, found, limit: MAX_CATEGORIES });
        }
    }
    let n_categories = columns.iter().map(|column| match &column.kind {
        ColumnKind::Categorical(categories) => categories.len(),
        ColumnKind::Numeric => 0,
    });
    let most_categories = n_categories.max().unwrap_or(0);
    let width: usize = columns.iter().map(|column| column.kind.encoded_width(n_classes)).sum();
    for (what, got, limit) in [
        ("rows", n_samples, MAX_ROWS),
        ("feature columns", columns.len(), MAX_COLUMNS),
        ("categories of a column times classes", most_categories * n_classes, MAX_COUNTS),
        (
            "values of all rows, categories one-hot",
            n_samples.saturating_mul(width),
            MAX_ENCODED_VALUES,
        ),
    ] {
        if got > limit {
            return Err(DatasetError::Limit { what, got, limit });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_memory_should_hold_is_refused() {
        let kind = ColumnKind::Categorical((0..100).map(|i| format!("{i:03}")).collect());
        let columns = vec![Column { kind, ..Column::numeric("x") }; 6];
        let error = check_limits(&columns, 100_000, 2).unwrap_err().to_string();
        assert_eq!(
            error,
            "values of all rows, categories one-hot: 60000000 is over the limit of 50000000: leave out rows or columns"
        );
    }
}
