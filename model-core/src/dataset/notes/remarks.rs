//! What is remarkable about the columns and classes of a data set that was read.

use std::collections::BTreeMap;

use super::{Difference, Note};
use crate::dataset::rare_classes::{self, MIN_CLASS_ROWS};
use crate::dataset::{ColumnKind, Dataset};
use crate::schema::decimals;

/// Fewer rows than this are not taken for a numbering.
const LEAST_NUMBERED_ROWS: usize = 20;
/// A column with more values than one for so many rows tells rows apart rather than classes.
const ROWS_PER_VALUE: usize = 4;
/// Categories and classes that are compared with each other.
const MOST_COMPARED: usize = 2_000;

/// What is remarkable about the columns and classes of `data`, of which `read` was noted before.
pub(in crate::dataset) fn remarks(data: &Dataset, read: &[Note]) -> Vec<Note> {
    let mut notes = Vec::new();
    for (at, column) in data.columns().iter().enumerate() {
        if data.schema().source_of(at).is_some() {
            // Made here: nobody wants to hear of it as of a column of the file.
            continue;
        }
        let name = || column.name.clone();
        let values = || data.column(at);
        let first = data.row(0)[at];
        if values().all(|value| value.to_bits() == first.to_bits()) {
            notes.push(Note::Constant { column: name() });
        } else if let Some(n_missing) = one_value_and_gaps(values()) {
            notes.push(Note::OneValueAndGaps { column: name(), n_missing });
        } else if column.kind == ColumnKind::Numeric && numbers_rows(values()) {
            notes.push(Note::NumberIdentifier { column: name() });
        } else if let Some(distinct) = tells_class(data, at) {
            notes.push(Note::TellsClass { column: name(), distinct });
        }
        if column.kind == ColumnKind::Numeric
            && let Some((distinct, n_single)) = falling_together(values())
        {
            notes.push(Note::FallTogether { column: name(), distinct, n_single });
        }
        if let ColumnKind::Categorical(categories) = &column.kind {
            let mut counts = vec![0_usize; categories.len()];
            for value in values().filter(|value| !value.is_nan()) {
                if let Some(count) = counts.get_mut(value as usize) {
                    *count += 1;
                }
            }
            // Codes are known to differ where numbers would not.
            let is_code =
                |note: &Note| matches!(note, Note::Codes { column: of, .. } if *of == column.name);
            let are_codes = read.iter().any(is_code);
            let by_number =
                |note: &Note| matches!(note, Note::Alike { difference: Difference::Number, .. });
            let found = alike(&column.name, categories, counts.into_iter());
            notes.extend(found.filter(|note| !(are_codes && by_number(note))));
        }
    }
    notes.extend(duplicates(data));
    let classes = &data.schema().classes;
    let counts = data.class_counts();
    notes.extend(alike(&data.schema().target, classes, counts.iter().map(|&n| n as usize)));
    notes.extend(rare_classes::kept(data, MIN_CLASS_ROWS));
    notes
}

/// How many values are missing, if there are some and all others are equal.
fn one_value_and_gaps(values: impl Iterator<Item = f64>) -> Option<usize> {
    let (mut first, mut n_missing) = (None, 0);
    for value in values {
        if value.is_nan() {
            n_missing += 1;
        } else if *first.get_or_insert(value) != value {
            return None;
        }
    }
    (n_missing > 0).then_some(n_missing)
}

/// Numbers that are written for no value where only numbers can be.
const PLACEHOLDERS: [f64; 10] =
    [-99.0, -999.0, -9999.0, -99_999.0, 99.0, 999.0, 9999.0, 99_999.0, 999_999.0, 9_999_999.0];

/// One of [`PLACEHOLDERS`] that stands in two cells at least, farther from all other values than these
/// are from each other; and in how many cells.
pub(in crate::dataset) fn placeholder(
    values: impl Iterator<Item = f64> + Clone,
) -> Option<(f64, usize)> {
    let is_candidate = |value: &f64| PLACEHOLDERS.contains(value);
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.clone().filter(|value| !value.is_nan() && !is_candidate(value)) {
        (least, greatest) = (least.min(value), greatest.max(value));
    }
    // Two values tell nothing of how far others may be.
    if least >= greatest {
        return None;
    }
    let width = greatest - least;
    PLACEHOLDERS.into_iter().find_map(|value| {
        let n_cells = values.clone().filter(|other| *other == value).count();
        let gap = if value < least { least - value } else { value - greatest };
        (n_cells > 1 && gap > width).then_some((value, n_cells))
    })
}

/// A note for each group of texts of a column that look alike.
fn alike(
    column: &str,
    texts: &[String],
    counts: impl Iterator<Item = usize>,
) -> impl Iterator<Item = Note> {
    let counted: Vec<_> = texts.iter().cloned().zip(counts).take(MOST_COMPARED).collect();
    let column = column.to_owned();
    super::alike::groups(&counted).into_iter().map(move |(texts, difference)| Note::Alike {
        column: column.clone(),
        texts,
        difference,
    })
}

/// Whether the values number the rows: whole numbers, all different, that rise from row to row,
/// perhaps with gaps; or consecutive ones in any order.
fn numbers_rows(values: impl Iterator<Item = f64>) -> bool {
    let mut values: Vec<f64> = values.collect();
    if values.len() < LEAST_NUMBERED_ROWS || values.iter().any(|value| value.trunc() != *value) {
        return false;
    }
    if values.windows(2).all(|pair| pair[0] < pair[1]) {
        return true;
    }
    crate::order::sort_values(&mut values);
    values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
}

/// How many values column `at` has, if each goes with one class only and they are few beside the
/// rows; a missing value counts as one.
fn tells_class(data: &Dataset, at: usize) -> Option<usize> {
    let most = data.n_samples() / ROWS_PER_VALUE;
    let mut class_of: BTreeMap<u64, usize> = BTreeMap::new();
    for (value, &label) in data.column(at).zip(data.labels()) {
        let label = label as usize;
        let class = *class_of.entry(value.to_bits()).or_insert(label);
        if class != label || class_of.len() > most {
            return None;
        }
    }
    Some(class_of.len())
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
    let is_of_file = |at: &usize| data.schema().source_of(*at).is_none();
    let mut order: Vec<usize> = (0..columns.len()).filter(is_of_file).collect();
    // Stable, so that of equal columns the first in the file comes first.
    crate::order::sort_by(&mut order, &mut |a, b| bits(a).cmp(bits(b)));
    let mut found: BTreeMap<u64, usize> = BTreeMap::new();
    for pair in order.windows(2) {
        if columns[pair[0]].kind == columns[pair[1]].kind && bits(pair[0]).eq(bits(pair[1])) {
            let first = found.get(&(pair[0] as u64)).copied().unwrap_or(pair[0]);
            found.insert(pair[1] as u64, first);
        }
    }
    let note = |(column, of): (u64, usize)| Note::Duplicate {
        column: columns[column as usize].name.clone(),
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
                "column \"name\" is left out: it names rows (30 different texts, such as \"n0\"; --categorical name to use it)",
                "column \"empty\" is left out: it holds no values",
                "column \"id\" numbers the rows: drop it, unless the order of the rows matters (--drop id)",
                "column \"one\" has one value only: it tells nothing",
                "column \"same\" is the same as column \"x\": drop one of them (--drop same)",
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
        assert!(notes[0].starts_with("1 class has fewer than 5 rows: \"b\" (1);"), "{notes:?}");
    }
}
