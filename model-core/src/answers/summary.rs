//! What is said at the end: rows answered and refused, why, what to know of the answers, and what
//! to do about it.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use super::{NONE_CONFORMS, OUTSIDE, RowAnswer, UNKNOWN};
use crate::artifact::Prediction;
use crate::dataset::{CsvRows, RowFault};
use crate::schema::{FeatureRow, RowError, Schema};

/// Faults that are listed; the others are counted.
const LISTED: usize = 5;

/// Rows answered and refused, the first faults, and the first of each kind of warning; displayed in lines,
/// as the command line says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerSummary {
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

impl AnswerSummary {
    /// How many rows are answered.
    #[must_use]
    pub fn n_answered(&self) -> usize {
        self.n_answered
    }

    /// How many rows have no answer.
    #[must_use]
    pub fn n_refused(&self) -> usize {
        self.n_refused
    }

    /// How many answers there are with a warning of each kind: outside of training, an unknown category, no
    /// class that conforms.
    #[must_use]
    pub fn n_warned(&self) -> [usize; 3] {
        [self.outside.n_rows, self.unknown.n_rows, self.none_conforms.n_rows]
    }

    /// Counts a row.
    pub(super) fn count(
        &mut self,
        schema: &Schema,
        file: &CsvRows,
        index: usize,
        answered: &RowAnswer,
    ) {
        match (&answered.answer, file.row(index)) {
            (Ok(answer), Some(Ok(row))) => self.answered(schema, file, index, row, answer),
            (Err(faults), _) => self.refused(faults),
            // An answered row is one.
            (Ok(_), _) => {}
        }
    }

    /// Gives each of `added` that is in `header` a free name: its own with a number behind. The last
    /// one is that of the errors.
    pub(super) fn rename_taken(&mut self, header: &[String], added: &mut [String]) {
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
    fn answered(
        &mut self,
        schema: &Schema,
        file: &CsvRows,
        index: usize,
        row: &FeatureRow,
        answer: &Prediction,
    ) {
        self.n_answered += 1;
        let name = |at: usize| schema.features.get(at).map_or("", |feature| feature.name.as_str());
        let place = |at: usize| format!("row {}, column {:?}", index + 1, name(at));
        if let Some(at) = row.outside_training(schema).next() {
            self.outside.add(|| {
                let text = file.text(index, at);
                let value = row.values().get(at).copied().unwrap_or(f64::NAN).to_string();
                let value =
                    if text == value { value } else { format!("{text:?}, read as {value},") };
                let feature = schema.features.get(at);
                let seen = feature.and_then(|of| of.numeric()).map(|range| range.training);
                let (min, max) = seen.map_or((0.0, 0.0), |seen| (seen.min, seen.max));
                format!("{}: {value} is outside {min} to {max}", place(at))
            });
        }
        if let Some(at) = row.unknown_categories(schema).next() {
            self.unknown.add(|| {
                let text = file.text(index, at);
                let feature = schema.features.get(at);
                let other = feature.and_then(|of| of.other_category()).unwrap_or_default();
                format!("{}: {text:?} counts as {other:?}", place(at))
            });
        }
        if answer.no_class_conforms() {
            self.none_conforms.add(|| format!("row {}", index + 1));
        }
    }

    /// Counts a row that is not.
    fn refused(&mut self, faults: &[RowFault]) {
        self.n_refused += 1;
        self.n_faults += faults.len();
        for fault in faults {
            if let RowFault::Cell(cell) = fault {
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

impl Display for AnswerSummary {
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
