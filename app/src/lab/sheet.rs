//! What is shown of a file that was opened, and of its rows.

use model_core::dataset::{CellTexts, Correlation, DatasetProfile};
use model_core::sort_items;
use model_core::{Dataset, DatasetError};
use serde::{Deserialize, Serialize};

use super::pairs::Pairs;
use super::remark::{Fault, Remark};
use super::strips::{Strip, strips};

/// Faulty rows that are listed.
const MAX_FAULTS: usize = 100;
/// Pairs of columns that are listed.
const MAX_PAIRS: usize = 10;
/// Columns of the correlation matrix.
const MAX_MATRIX: usize = 12;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// The names of its columns; none if it holds no table.
    pub(crate) names: Vec<String>,
    /// Rows below the names, faulty ones included.
    pub(crate) n_rows: u32,
    /// What separates its cells.
    pub(crate) separator: Option<char>,
    /// What can be learnt from, or why nothing can.
    pub(crate) sheet: Result<Sheet, Fault>,
    /// Rows that are wider or narrower than the header; at most so many are listed.
    pub(crate) odd_rows: Vec<Fault>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sheet {
    /// Rows that are used.
    pub(crate) n_rows: u32,
    /// Rows without a label, which were dropped.
    pub(crate) n_dropped: u32,
    /// The column to learn.
    pub(crate) target: String,
    /// Its classes.
    pub(crate) classes: Vec<ClassCount>,
    /// One a column, in the order of the file.
    pub(crate) strips: Vec<Strip>,
    /// What the reader has to say.
    pub(crate) remarks: Vec<Remark>,
    /// How the file was read.
    pub(crate) found: Found,
    /// Rows that repeat an earlier one.
    pub(crate) n_duplicates: u32,
    /// The columns of numbers that move together most.
    pub(crate) correlated: Vec<Correlated>,
    /// Correlation of the first columns of numbers, each with each.
    pub(crate) correlation: CorrelationMatrix,
    /// Rows for the pair plot, if there are two columns of numbers.
    pub(crate) pairs: Option<Pairs>,
}

/// A class and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClassCount {
    /// Its name.
    pub(crate) name: String,
    /// Its rows.
    pub(crate) n_rows: u32,
}

/// How the file was found to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    /// The decimal mark that its columns show, if they show one.
    pub(crate) decimal: Option<char>,
    /// Whether its first line is taken for a row.
    pub(crate) has_no_header: bool,
}

/// Two columns and their correlation, -1 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Correlated {
    /// One.
    pub(crate) first: String,
    /// The other.
    pub(crate) second: String,
    /// Pearson's r.
    pub(crate) r: f64,
}

/// Columns and their correlation, each with each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CorrelationMatrix {
    /// Names of the columns.
    pub(crate) columns: Vec<String>,
    /// Row by row; absent where a column does not vary.
    pub(crate) values: Vec<Option<f64>>,
}

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowText {
    /// Its cells, one a column.
    pub(crate) cells: Vec<CellText>,
    /// Its class, if it has one.
    pub(crate) class: Option<u32>,
    /// What is wrong with it as a whole.
    pub(crate) fault: Option<String>,
}

/// A cell as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CellText {
    /// Its text, shortened.
    pub(crate) text: String,
    /// What is to be noted of it.
    pub(crate) mark: CellMark,
}

/// What is to be noted of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CellMark {
    /// Nothing.
    Plain,
    /// It says "no value".
    Missing,
    /// The file is refused for it.
    Faulty,
}

impl Opened {
    /// What is shown of a file with these cells, if it has any, of which `data` was made.
    pub(super) fn of(
        cells: Result<&CellTexts, &DatasetError>,
        data: &Result<Dataset, DatasetError>,
    ) -> Self {
        let fault = |error| Self {
            names: Vec::new(),
            n_rows: 0,
            separator: None,
            sheet: Err(Fault::of(error)),
            odd_rows: Vec::new(),
        };
        let cells = match cells {
            Ok(cells) => cells,
            Err(error) => return fault(error),
        };
        let odd_rows = (0..cells.n_rows()).filter_map(|row| cells.fault(row));
        Self {
            names: cells.names().to_vec(),
            n_rows: cells.n_rows() as u32,
            separator: Some(char::from(cells.separator())),
            odd_rows: match data {
                Ok(_) => Vec::new(),
                Err(_) => odd_rows.take(MAX_FAULTS).map(|error| Fault::of(&error)).collect(),
            },
            sheet: data.as_ref().map(|data| Sheet::of(data, cells)).map_err(Fault::of),
        }
    }
}

impl Sheet {
    fn of(data: &Dataset, cells: &CellTexts) -> Self {
        let profile = data.profile();
        let schema = data.schema();
        let classes = schema.classes.iter().zip(&profile.class_counts);
        let decimal = data.reading().and_then(|reading| reading.decimal);
        let has_no_header = |note| matches!(note, &model_core::dataset::Note::NoHeader { .. });
        Self {
            n_rows: data.n_samples() as u32,
            n_dropped: data.n_dropped() as u32,
            target: schema.target.clone(),
            classes: classes
                .map(|(name, &n_rows)| ClassCount { name: name.clone(), n_rows })
                .collect(),
            strips: strips(data, cells, &profile.columns),
            remarks: data.notes().iter().map(Remark::of).collect(),
            found: Found {
                decimal: decimal.map(model_core::dataset::DecimalMark::as_char),
                has_no_header: data.notes().iter().any(has_no_header),
            },
            n_duplicates: profile.duplicate_rows,
            correlated: correlated(&profile),
            correlation: correlation(&profile),
            pairs: Pairs::of(data),
        }
    }
}

/// Name of a column by its place in the correlation.
fn correlated_name(profile: &DatasetProfile, at: usize) -> String {
    let column = profile.correlation.columns.get(at).and_then(|&it| profile.columns.get(it));
    column.map_or_else(String::new, |column| column.name.clone())
}

fn correlation(profile: &DatasetProfile) -> CorrelationMatrix {
    let (p, shown) =
        (profile.correlation.columns.len(), MAX_MATRIX.min(profile.correlation.columns.len()));
    let value = |row: usize, column: usize| {
        profile.correlation.values.get(row * p + column).copied().flatten()
    };
    CorrelationMatrix {
        columns: (0..shown).map(|at| correlated_name(profile, at)).collect(),
        values: (0..shown).flat_map(|row| (0..shown).map(move |at| value(row, at))).collect(),
    }
}

/// The pairs of columns with the greatest correlation, either way.
fn correlated(profile: &DatasetProfile) -> Vec<Correlated> {
    let Correlation { columns, values } = &profile.correlation;
    let name = |at: usize| correlated_name(profile, at);
    let p = columns.len();
    let mut pairs: Vec<(usize, usize, f64)> = Vec::new();
    for first in 0..p {
        for second in first + 1..p {
            if let Some(Some(r)) = values.get(first * p + second) {
                pairs.push((first, second, *r));
            }
        }
    }
    sort_items(&mut pairs, &mut |a, b| b.2.abs().total_cmp(&a.2.abs()));
    let pairs = pairs.into_iter().take(MAX_PAIRS);
    pairs
        .map(|(first, second, r)| Correlated { first: name(first), second: name(second), r })
        .collect()
}
