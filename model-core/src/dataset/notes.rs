//! What somebody should know of a data set before they trust a model of it.

use std::collections::BTreeMap;
use std::fmt;

use super::{ColumnKind, Dataset};
use crate::schema::decimals;

/// Something to point out. It stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Rows without a label were dropped.
    DroppedRows {
        /// The target column.
        target: String,
        /// How many rows.
        n_rows: usize,
    },
    /// A column without a single value was left out.
    NoValues {
        /// The column.
        column: String,
    },
    /// A column of texts of which nearly every one is different was left out.
    TextIdentifier {
        /// The column.
        column: String,
        /// How many different texts.
        distinct: usize,
    },
    /// A column with more categories than can be told apart was left out.
    TooManyCategories {
        /// The column.
        column: String,
        /// How many different texts.
        distinct: usize,
    },
    /// A column that numbers the rows; it is used.
    NumberIdentifier {
        /// The column.
        column: String,
    },
    /// A column with one value only; it is used and does nothing.
    Constant {
        /// The column.
        column: String,
    },
    /// A column equal to an earlier one; both are used.
    Duplicate {
        /// The column.
        column: String,
        /// The earlier one.
        of: String,
    },
    /// A column of numbers that single precision, in which trees compare, does not tell apart; it
    /// is used.
    FallTogether {
        /// The column.
        column: String,
        /// How many different numbers it holds.
        distinct: usize,
        /// How many of them are left in single precision.
        n_single: usize,
    },
    /// A class with very few rows.
    SmallClass {
        /// The class.
        class: String,
        /// Its rows.
        n_rows: u32,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DroppedRows { target, n_rows } => {
                let (rows, were) = if *n_rows == 1 { ("row", "was") } else { ("rows", "were") };
                write!(f, "{n_rows} {rows} without a label in column {target:?} {were} dropped")
            }
            Self::NoValues { column } => {
                write!(f, "column {column:?} is left out: it holds no values")
            }
            Self::TextIdentifier { column, distinct } => {
                write!(
                    f,
                    "column {column:?} is left out: it names rows ({distinct} different texts)"
                )
            }
            Self::TooManyCategories { column, distinct } => write!(
                f,
                "column {column:?} is left out: {distinct} different texts are too many to tell apart"
            ),
            Self::NumberIdentifier { column } => write!(
                f,
                "column {column:?} numbers the rows: drop it, unless the order of the rows matters"
            ),
            Self::Constant { column } => {
                write!(f, "column {column:?} has one value only: it tells nothing")
            }
            Self::Duplicate { column, of } => {
                write!(f, "column {column:?} is the same as column {of:?}: drop one of them")
            }
            Self::FallTogether { column, distinct, n_single } => write!(
                f,
                "column {column:?} holds {distinct} different numbers that fall together to {n_single} \
                 in single precision, in which trees compare: subtract a start or take another unit, \
                 or choose a family without trees"
            ),
            Self::SmallClass { class, n_rows } => write!(
                f,
                "class {class:?} has {n_rows} {}: figures for it mean little, and not every fold has one",
                if *n_rows == 1 { "row" } else { "rows" }
            ),
        }
    }
}

/// Fewer rows than this are not taken for a numbering.
const LEAST_NUMBERED_ROWS: usize = 20;
/// A class with fewer rows is pointed out: it cannot be in each of five folds.
const SMALL_CLASS: u32 = 5;

/// What is remarkable about the columns and classes of `data`.
pub(super) fn remarks(data: &Dataset) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, column) in data.columns().iter().enumerate() {
        let name = || column.name.clone();
        let values = || data.column(at);
        let first = data.row(0)[at];
        if values().all(|value| value.to_bits() == first.to_bits()) {
            notes.push(Note::Constant { column: name() });
        } else if column.kind == ColumnKind::Numeric && numbers_rows(values()) {
            notes.push(Note::NumberIdentifier { column: name() });
        }
        if column.kind == ColumnKind::Numeric
            && let Some((distinct, n_single)) = falling_together(values())
        {
            notes.push(Note::FallTogether { column: name(), distinct, n_single });
        }
    }
    notes.extend(duplicates(data));
    let classes = data.schema().classes.iter().zip(data.class_counts());
    notes.extend(
        classes
            .filter(|(_, n_rows)| *n_rows < SMALL_CLASS)
            .map(|(class, n_rows)| Note::SmallClass { class: class.clone(), n_rows }),
    );
    notes
}

/// Whether the values are `n` consecutive whole numbers in some order.
fn numbers_rows(values: impl Iterator<Item = f64>) -> bool {
    let mut values: Vec<f64> = values.collect();
    if values.len() < LEAST_NUMBERED_ROWS || values.iter().any(|value| value.trunc() != *value) {
        return false;
    }
    crate::order::sort_values(&mut values);
    values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
}

/// Different numbers, in double and in single precision, if one in fifty falls together with
/// another: a few do by chance where there are very many.
fn falling_together(values: impl Iterator<Item = f64> + Clone) -> Option<(usize, usize)> {
    let decimals = decimals(values.clone());
    let steps_of_one = (0..decimals).fold(1.0, |power, _| power * 10.0);
    // Up to six digits single precision tells every decimal from the next.
    if decimals < 6
        && values.clone().all(|value| value.is_nan() || value.abs() * steps_of_one < 1e6)
    {
        return None;
    }
    let mut values: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    crate::order::sort_values(&mut values);
    let distinct = values.chunk_by(|a, b| a == b).count();
    let n_single = values.chunk_by(|a, b| *a as f32 == *b as f32).count();
    (50 * (distinct - n_single) >= distinct.max(1)).then_some((distinct, n_single))
}

/// Each column that equals an earlier one of the same type, bit by bit.
fn duplicates(data: &Dataset) -> Vec<Note> {
    let columns = data.columns();
    let bits = |at: usize| data.column(at).map(f64::to_bits);
    let mut order: Vec<usize> = (0..columns.len()).collect();
    // Stable, so that of equal columns the first in the file comes first.
    crate::order::sort_by(&mut order, &mut |a, b| bits(a).cmp(bits(b)));
    let mut found: BTreeMap<usize, usize> = BTreeMap::new();
    for pair in order.windows(2) {
        if columns[pair[0]].kind == columns[pair[1]].kind && bits(pair[0]).eq(bits(pair[1])) {
            let first = found.get(&pair[0]).copied().unwrap_or(pair[0]);
            found.insert(pair[1], first);
        }
    }
    let note = |(column, of): (usize, usize)| Note::Duplicate {
        column: columns[column].name.clone(),
        of: columns[of].name.clone(),
    };
    found.into_iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use crate::dataset::{CsvOptions, Dataset};

    fn notes(csv: &str) -> Vec<String> {
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        data.notes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn remarkable_columns_are_pointed_out() {
        let mut csv = String::from("id,name,one,x,same,empty,y\n");
        for i in 0..30 {
            csv += &format!("{},n{i},1,{},{},,{}\n", 30 - i, i % 7, i % 7, ["a", "b"][i % 2]);
        }
        csv += "31,n31,1,0,0,,\n";
        assert_eq!(
            notes(&csv),
            [
                "1 row without a label in column \"y\" was dropped",
                "column \"name\" is left out: it names rows (30 different texts)",
                "column \"empty\" is left out: it holds no values",
                "column \"id\" numbers the rows: drop it, unless the order of the rows matters",
                "column \"one\" has one value only: it tells nothing",
                "column \"same\" is the same as column \"x\": drop one of them",
            ]
        );
    }

    #[test]
    fn iris_is_not_remarkable() {
        assert!(Dataset::iris().notes().is_empty());
    }

    #[test]
    fn numbers_that_single_precision_makes_equal_are_counted() {
        let told = |number: fn(u32) -> f64| {
            let row = |i: u32| format!("{},{}\n", number(i), ["a", "b"][i as usize % 2]);
            notes(&("x,y\n".to_owned() + &(0..90).map(|i| row(i * 7 % 90)).collect::<String>()))
        };
        let words = "column \"x\" holds 90 different numbers that fall together to ";
        for number in [
            |i: u32| 700_000_030_000.0 + 50.0 * f64::from(i),
            |i: u32| 52.520_007 + 1e-7 * f64::from(i),
            |i: u32| 16_777_200.0 + f64::from(i) * 1.5,
        ] {
            let notes = told(number);
            assert!(notes.len() == 1 && notes[0].starts_with(words), "{notes:?}");
        }
        for number in [
            |i: u32| 1_000_000.0 + 3.0 * f64::from(i),
            |i: u32| f64::from(i) / 7.0,
            |i: u32| 0.1 * f64::from(i),
        ] {
            assert_eq!(told(number), [""; 0]);
        }
    }

    #[test]
    fn a_small_class_is_pointed_out() {
        let notes = notes("x,y\n1,a\n2,a\n1,a\n3,a\n1,a\n2,b\n");
        assert_eq!(notes.len(), 1);
        assert!(notes[0].starts_with("class \"b\" has 1 row:"), "{notes:?}");
    }
}
