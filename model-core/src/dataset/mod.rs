//! Labelled rows in memory: where the data's way begins.
//!
//! A [`Dataset`] that exists is valid: rectangular, each value finite, the index of a category or
//! missing (NaN), with at least two classes and every label inside them. It comes from a CSV file
//! ([`Dataset::from_csv`]: `table` finds the cells, `infer` their types, `notes` tells what was
//! made of them) or is the built-in Iris ([`Dataset::iris`]). Rows without labels are
//! read by [`Schema::rows_from_csv`](crate::Schema::rows_from_csv).

mod bounded;
mod cell_texts;
mod cells;
mod codes;
mod column;
mod csv;
mod dialect;
mod digesting;
mod encoding;
mod error;
mod handing_over;
mod header;
mod infer;
mod iris;
mod known_rows;
mod labelled_rows;
mod labels;
mod limits;
mod missing;
mod notes;
mod numbers;
#[cfg(feature = "drift")]
mod odd_cells;
mod prediction_rows;
mod profile;
mod rare_categories;
mod rare_classes;
mod recorded_split;
mod records;
#[cfg(feature = "drift")]
pub(crate) mod sample;
mod sidecar;
mod table;
mod written;

pub use self::cell_texts::CellTexts;
pub use self::column::{Column, ColumnKind};
pub(crate) use self::column::{MAX_INDICATORS, n_shares};
pub use self::csv::CsvOptions;
pub(crate) use self::digesting::Digesting;
pub use self::encoding::Encoding;
pub use self::error::DatasetError;
pub use self::header::HeaderLine;
pub use self::labelled_rows::Dataset;
pub(crate) use self::limits::MAX_ENCODED_VALUES;
pub use self::limits::{MAX_CATEGORIES, MAX_CLASSES, MAX_COLUMNS, MAX_CSV_BYTES, MAX_ROWS};
pub use self::missing::{MISSING, MISSING_AMONG_NUMBERS};
pub use self::notes::{CodeSign, Counted, Difference, Note, Passed, QuoteStyle};
pub use self::numbers::DecimalMark;
#[cfg(feature = "drift")]
pub use self::odd_cells::{OddCells, Oddity};
pub use self::prediction_rows::{CellError, CsvRows, RowFault, RowsNote};
pub use self::profile::{
    CategoricalProfile, CategoryCount, ColumnProfile, ColumnSummary, Correlation, DatasetProfile,
    Histogram, MAX_COMMON, MAX_CORRELATED, NumericProfile, ProfileColumn,
};
pub use self::rare_classes::{MIN_CLASS_ROWS, RareClassNote, RareClasses};
pub use self::recorded_split::RecordedSplit;
pub use self::sidecar::{Checksum, Sidecar, SidecarFeature};
pub use self::table::Reading;
pub use self::written::csv_record;
