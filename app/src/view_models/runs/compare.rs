//! Some rows beside each other: what differs between them.

use super::row::{Column, RunRow};
use crate::i18n::t;
use crate::view_models::format;

/// As many as can be compared.
pub(crate) const MAX_COMPARED: usize = 5;

/// A line of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CompareLine {
    /// What it is about.
    pub(crate) name: String,
    /// What each model has there.
    pub(crate) cells: Vec<String>,
    /// The same as numbers, where they are.
    pub(crate) numbers: Vec<Option<f64>>,
    /// Whether they are not all alike.
    pub(crate) differs: bool,
}

impl CompareLine {
    fn new(name: impl Into<String>, cells: Vec<(String, Option<f64>)>) -> Self {
        let (cells, numbers): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
        let alike = |(cell, number): (&String, &Option<f64>)| {
            Some(cell) == cells.first() && Some(number) == numbers.first()
        };
        let differs = !cells.iter().zip(&numbers).all(alike);
        Self { name: name.into(), cells, numbers, differs }
    }
}

/// All lines of `rows`: their figures, then their parameters.
pub(crate) fn compare(rows: &[RunRow]) -> Vec<CompareLine> {
    let of = |value: &dyn Fn(&RunRow) -> (String, Option<f64>)| rows.iter().map(value).collect();
    let column = |column: Column| {
        CompareLine::new(column.label(), of(&|row| (row.text(column), row.number(column))))
    };
    let cv = |row: &RunRow| {
        let mean = row.model().cv_accuracy;
        (mean.map_or_else(|| "–".to_owned(), format::percent), mean)
    };
    let fit = |row: &RunRow| {
        let millis = Some(row.model().fit_millis).filter(|millis| *millis > 0.0);
        (millis.map_or_else(|| "–".to_owned(), format::millis), millis)
    };
    let short = |row: &RunRow| (row.run.data_hash.chars().take(12).collect(), None);
    let mut lines = vec![
        column(Column::Accuracy),
        CompareLine::new(t!("Cross-validation"), of(&cv)),
        column(Column::LogLoss),
        column(Column::F1),
        CompareLine::new(t!("Fit"), of(&fit)),
        column(Column::Size),
        column(Column::Data),
        CompareLine::new(t!("Hash of the data"), of(&short)),
        column(Column::Seed),
        column(Column::When),
        column(Column::Tags),
    ];
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flat_map(|row| row.model().parameters()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    lines.extend(names.into_iter().map(|name| {
        let value = |row: &RunRow| match row.parameter(name) {
            Some(value) => (shown_value(value), model_core::parse_number(value)),
            None => ("–".to_owned(), None),
        };
        CompareLine::new(name.replace('_', " "), of(&value))
    }));
    lines
}

/// A parameter's value as it is read: hashes are short.
pub(crate) fn shown_value(value: &str) -> String {
    if value.len() == 64 { value.chars().take(12).collect() } else { value.to_owned() }
}

/// That the rows did not learn from the same data, if so.
pub(crate) fn different_data(rows: &[RunRow]) -> Option<&'static str> {
    let first = rows.first()?;
    let differs = rows.iter().any(|row| row.run.data_hash != first.run.data_hash);
    differs.then(|| t!("These models learnt from different data: their figures were measured on different rows, and a better one does not mean a better model."))
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::rows;
    use super::*;

    fn names(rows: &[RunRow]) -> Vec<String> {
        compare(rows).into_iter().filter(|it| it.differs).map(|line| line.name).collect()
    }

    #[test]
    fn models_that_are_alike_differ_in_nothing() {
        let row = rows().remove(0);
        assert_eq!(names(&[row.clone(), row]), Vec::<String>::new());
    }

    #[test]
    fn what_differs_is_found_in_figures_and_parameters() {
        let names = names(&rows());
        for name in ["Accuracy", "Hash of the data", "Seed", "kernel", "test size", "n train"] {
            assert!(names.iter().any(|it| it == name), "{name}: {names:?}");
        }
        assert!(!names.iter().any(|name| name == "algorithm version"), "{names:?}");
    }

    #[test]
    fn every_line_has_a_cell_for_each_model() {
        let rows = rows();
        for line in compare(&rows) {
            assert_eq!((line.cells.len(), line.numbers.len()), (2, 2), "{}", line.name);
        }
    }

    #[test]
    fn different_data_is_warned_of() {
        let rows = rows();
        assert!(different_data(&rows).is_some());
        assert!(different_data(&rows[..1]).is_none());
    }
}
