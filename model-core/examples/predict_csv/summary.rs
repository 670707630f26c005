//! What is said at the end: rows answered and refused, why, what to know of the answers, and what
//! to do about it.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use model_core::dataset::{CsvRows, RowFault};
use model_core::{FeatureRow, Prediction, RowError, Schema};

/// Kinds of warning, as the edge calls them.
pub(crate) const OUTSIDE: &str = "outside_training_range";
pub(crate) const UNKNOWN: &str = "unknown_category";
pub(crate) const NONE_CONFORMS: &str = "no_class_conforms";

/// Faults that are listed; the others are counted.
const LISTED: usize = 5;

/// Counts, and the first of each kind.
#[derive(Default)]
pub(crate) struct Summary {
    n_answered: usize,
    n_refused: usize,
    /// The first faults, in words.
    faults: Vec<String>,
    n_faults: usize,
    /// Whether a fault is an unknown category, and whether one is a gap.
    kinds: [bool; 2],
    outside: Warned,
    unknown: Warned,
    none_conforms: Warned,
    /// Added columns whose names were taken, with the names that they got.
    renamed: Vec<(String, String)>,
    error_column: String,
}

/// Rows with a kind of warning.
#[derive(Default)]
struct Warned {
    n_rows: usize,
    first: String,
}

impl Warned {
    fn add(&mut self, first: impl FnOnce() -> String) {
        self.n_rows += 1;
        if self.n_rows == 1 {
            self.first = first();
        }
    }
}

impl Summary {
    /// How many rows have no answer.
    pub(crate) fn n_refused(&self) -> usize {
        self.n_refused
    }

    /// Gives each of `added` that is in `header` a free name: its own with a number behind. The last
    /// one is that of the errors.
    pub(crate) fn rename_taken(&mut self, header: &[String], added: &mut [String]) {
        let mut taken: BTreeSet<String> = header.iter().cloned().collect();
        for name in added.iter_mut() {
            let wanted = name.clone();
            let mut n = 1;
            while !taken.insert(name.clone()) {
                n += 1;
                *name = format!("{wanted}_{n}");
            }
            if n > 1 {
                self.renamed.push((wanted, name.clone()));
            }
        }
        self.error_column = added.last().cloned().unwrap_or_default();
    }

    /// Counts a row that is answered.
    pub(crate) fn answered(
        &mut self,
        schema: &Schema,
        file: &CsvRows,
        index: usize,
        row: &FeatureRow,
        answer: &Prediction,
    ) {
        self.n_answered += 1;
        let place = |at: usize| format!("row {}, column {:?}", index + 1, schema.features[at].name);
        if let Some(at) = row.outside_training(schema).next() {
            self.outside.add(|| {
                let (text, value) = (file.text(index, at), row.values()[at].to_string());
                let value =
                    if text == value { value } else { format!("{text:?}, read as {value},") };
                let seen = schema.features[at].numeric().map(|range| range.training);
                let (min, max) = seen.map_or((0.0, 0.0), |seen| (seen.min, seen.max));
                format!("{}: {value} is outside {min} to {max}", place(at))
            });
        }
        if let Some(at) = row.unknown_categories(schema).next() {
            self.unknown.add(|| {
                let text = file.text(index, at);
                let other = schema.features[at].other_category().unwrap_or_default();
                format!("{}: {text:?} counts as {other:?}", place(at))
            });
        }
        if answer.no_class_conforms() {
            self.none_conforms.add(|| format!("row {}", index + 1));
        }
    }

    /// Counts a row that is not.
    pub(crate) fn refused(&mut self, faults: Vec<RowFault>) {
        self.n_refused += 1;
        self.n_faults += faults.len();
        for fault in faults {
            if let RowFault::Cell(cell) = &fault {
                self.kinds[0] |= matches!(cell.error, RowError::UnknownCategory { .. });
                self.kinds[1] |= matches!(cell.error, RowError::Missing { .. });
            }
            if self.faults.len() < LISTED {
                self.faults.push(fault.to_string());
            }
        }
    }

    /// What would have the refused rows answered.
    fn remedies(&self) -> String {
        let [unknown, gap] = self.kinds;
        let mut remedies = "correct the cells".to_owned();
        if unknown {
            remedies += ", or train with --unknown other, so that unknown categories share one";
        }
        if gap {
            remedies += ", or train with --allow-missing, so that gaps are allowed everywhere";
        }
        remedies
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (wanted, name) in &self.renamed {
            writeln!(f, "note: the file has a column {wanted:?}: the added one is {name:?}")?;
        }
        write!(f, "{} answered", rows(self.n_answered))?;
        match self.n_refused {
            0 => writeln!(f)?,
            n => writeln!(f, ", {n} refused; the column {:?} says why", self.error_column)?,
        }
        for fault in &self.faults {
            writeln!(f, "  {fault}")?;
        }
        if self.n_faults > self.faults.len() {
            writeln!(f, "  and {} more", self.n_faults - self.faults.len())?;
        }
        if self.n_refused > 0 {
            writeln!(f, "  to have such rows answered: {}", self.remedies())?;
        }
        let kinds = [
            (OUTSIDE, &self.outside),
            (UNKNOWN, &self.unknown),
            (NONE_CONFORMS, &self.none_conforms),
        ];
        for (code, Warned { n_rows, first }) in kinds {
            if *n_rows > 0 {
                writeln!(f, "warning {code}: {}, the first: {first}", rows(*n_rows))?;
            }
        }
        Ok(())
    }
}

fn rows(n: usize) -> String {
    if n == 1 { "1 row".to_owned() } else { format!("{n} rows") }
}
