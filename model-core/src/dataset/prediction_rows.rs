//! CSV bytes to rows for a model that is there already: its schema says what each column holds.
//!
//! A cell that the schema does not take, or one too many, is a fault of its row and of no other: each
//! row is a valid [`FeatureRow`] or the list of its faults. What concerns whole columns is a
//! [`RowsNote`].

use std::error::Error;
use std::fmt;

use super::cells::{Cell, Column, NumericCells, shown_decimal};
use super::infer::Changes;
use super::table::{OddRows, Reading, Table, list};
use super::{DatasetError, DecimalMark, Note};
use crate::schema::row::shortened;
use crate::schema::{Feature, FeatureKind, FeatureRow, RowError, Schema, SourceKind, Value};

/// The rows of a file as a schema reads them, with the text they were read from.
#[derive(Debug)]
pub struct CsvRows {
    table: Table,
    schema: Schema,
    inputs: Vec<Input>,
    /// The decimal mark that its numbers show, if they agree on one.
    shown: Option<DecimalMark>,
    /// `None` for a row with faults. They are found again when they are asked for: a file may have
    /// many times its own size of them.
    rows: Vec<Option<FeatureRow>>,
    notes: Vec<RowsNote>,
}

/// A column that the schema asks for.
#[derive(Debug)]
struct Input {
    name: String,
    /// Where it stands in the file; absent if every row goes without.
    at: Option<usize>,
    cells: Cells,
    /// The first of the features that its cells yield.
    first_feature: usize,
}

/// How an input's cells are read.
#[derive(Debug)]
enum Cells {
    Numbers(NumericCells),
    Categories,
    Source(SourceKind),
}

impl Input {
    /// The features that its cells yield.
    fn features(&self) -> std::ops::Range<usize> {
        let n = match &self.cells {
            Cells::Source(kind) => kind.n_features(),
            Cells::Numbers(_) | Cells::Categories => 1,
        };
        self.first_feature..self.first_feature + n
    }

    fn text<'a>(&self, table: &'a Table, row: usize) -> &'a str {
        self.at.map_or("", |at| table.cell(row, at))
    }

    /// Writes what its cell in this row yields into the places of its features; the first fault, if
    /// there is one.
    fn read(
        &self,
        table: &Table,
        schema: &Schema,
        row: usize,
        values: &mut [f64],
    ) -> Result<(), RowError> {
        let (text, marks) = (self.text(table, row), table.marks());
        let feature = self.first_feature;
        let mut put = |feature: usize, value: Value<'_>| {
            let value = schema.encode(feature, value)?;
            values.iter_mut().skip(feature).take(1).for_each(|place| *place = value);
            Ok(())
        };
        match &self.cells {
            Cells::Numbers(cells) => put(
                feature,
                match cells.read(table, text) {
                    Cell::Missing => Value::Missing,
                    Cell::Number(number) => Value::Number(number),
                    Cell::Infinite => Value::Number(f64::INFINITY),
                    Cell::Text => Value::Text(text),
                },
            ),
            Cells::Categories if marks.always(text) => put(feature, Value::Missing),
            Cells::Categories => put(feature, Value::Text(text)),
            Cells::Source(kind) => {
                let is_missing = match kind {
                    SourceKind::Text { .. } => marks.always(text),
                    SourceKind::DateTime { .. } => marks.among_numbers(text),
                };
                if is_missing {
                    return self.features().try_for_each(|at| put(at, Value::Missing));
                }
                let parts = kind.values(text).ok_or(RowError::WrongType { feature })?;
                let mut parts = self.features().zip(parts);
                parts.try_for_each(|(at, part)| put(at, Value::Number(part)))
            }
        }
    }

    /// What its cells should hold.
    fn expected(&self, schema: &Schema) -> String {
        match &self.cells {
            Cells::Source(kind) => kind.expected().to_owned(),
            Cells::Numbers(_) | Cells::Categories => {
                schema.features.get(self.first_feature).map_or_else(String::new, expected)
            }
        }
    }
}

/// Why a row cannot be answered: one of its cells, or their number.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RowFault {
    /// A cell that the schema does not take.
    Cell(CellError),
    /// It has more or fewer cells than the header: which column each belongs to is unknown. Always
    /// [`DatasetError::RowWidth`], with the row's line.
    Width(DatasetError),
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell(error) => error.fmt(f),
            Self::Width(error) => error.fmt(f),
        }
    }
}

impl Error for RowFault {}

impl From<RowFault> for DatasetError {
    fn from(fault: RowFault) -> Self {
        match fault {
            RowFault::Cell(error) => error.into(),
            RowFault::Width(error) => error,
        }
    }
}

/// A cell that the schema does not take.
#[derive(Debug, Clone, PartialEq)]
pub struct CellError {
    /// Its row, counted from 1 below the header.
    pub row: usize,
    /// Its column's name, shortened.
    pub column: String,
    /// Its text, shortened; empty if there is none.
    pub text: String,
    /// What would do.
    pub expected: String,
    /// What is wrong with it.
    pub error: RowError,
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DatasetError::from(self.clone()).fmt(f)
    }
}

impl Error for CellError {}

impl From<CellError> for DatasetError {
    fn from(cell: CellError) -> Self {
        let CellError { row, column, text, expected, error } = cell;
        match error {
            RowError::Missing { .. } => Self::NoValue { row, column, expected },
            _ => Self::BadCell { row, column, text, expected, hint: String::new(), mark: None },
        }
    }
}

/// What somebody should know of a file of rows; no row is refused for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowsNote {
    /// How the file, or a column's numbers, were read.
    Reading(Note),
    /// Columns that the model does not know were passed over.
    UnknownColumns {
        /// Their names, as they stand in the file.
        columns: Vec<String>,
        /// The columns of the model, for a message.
        known: String,
    },
    /// The file does not have columns that the model can do without: no row has a value there.
    NoColumns {
        /// Their names.
        columns: Vec<String>,
        /// The columns of the file, for a message.
        found: String,
    },
}

impl fmt::Display for RowsNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reading(note) => note.fmt(f),
            Self::UnknownColumns { columns, known } => {
                let (columns, are, them) = counted(columns);
                write!(
                    f,
                    "{columns} {are} passed over: the model does not know {them}; it reads {known}"
                )
            }
            Self::NoColumns { columns, found } => {
                let (columns, are, _) = counted(columns);
                write!(
                    f,
                    "{columns} {are} not in the file: every row is answered without a value there; \
                     the columns are {found}"
                )
            }
        }
    }
}

/// `column "a"` or `columns "a", "b"`, and the words that go with one or several.
fn counted(columns: &[String]) -> (String, &'static str, &'static str) {
    let quoted: Vec<String> = columns.iter().map(|name| format!("{:?}", shortened(name))).collect();
    let names = list(quoted.iter().map(String::as_str));
    match columns {
        [_] => (format!("column {names}"), "is", "it"),
        _ => (format!("columns {names}"), "are", "them"),
    }
}

impl CsvRows {
    /// Names of the file's columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.table.header
    }

    /// How many rows the file has.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// What separates cells: stated or found.
    #[must_use]
    pub fn separator(&self) -> u8 {
        self.table.separator
    }

    /// The decimal mark of its numbers. Where they show none, or two, that which files with its separator
    /// usually have: a comma beside semicolons.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// use model_core::dataset::DecimalMark;
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let csv = b"sepal_length;sepal_width;petal_length;petal_width\n5,1;3,5;1,4;0,2\n";
    /// let file = model.schema().rows_from_csv(csv)?;
    /// assert_eq!((file.separator(), file.decimal_mark()), (b';', DecimalMark::Comma));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn decimal_mark(&self) -> DecimalMark {
        let usual = if self.separator() == b';' { DecimalMark::Comma } else { DecimalMark::Point };
        self.shown.unwrap_or(usual)
    }

    /// Row `index` (from 0), or every fault in it; `None` beyond the last.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Result<&FeatureRow, Vec<RowFault>>> {
        let row = self.rows.get(index)?.as_ref();
        Some(row.ok_or_else(|| self.faults(index)))
    }

    /// The rows, from the first down: each valid, or every fault in it.
    pub fn rows(&self) -> impl Iterator<Item = Result<&FeatureRow, Vec<RowFault>>> {
        (0..self.n_rows()).filter_map(|index| self.row(index))
    }

    /// The cells of row `index` as they stand in the file, as many as columns.
    pub fn cells(&self, index: usize) -> impl Iterator<Item = &str> {
        self.table.cells(index)
    }

    /// The text of row `index` in the column that this feature is made of; empty if the file lacks
    /// the column.
    #[must_use]
    pub fn text(&self, index: usize, feature: usize) -> &str {
        let input = self.inputs.iter().find(|input| input.features().contains(&feature));
        input.map_or("", |input| input.text(&self.table, index))
    }

    /// Index of the class that row `index` states in the target's column; `None` if the file does not
    /// have the column, or the row.
    ///
    /// # Errors
    /// [`DatasetError::NoValue`] for an empty cell, [`DatasetError::BadCell`] for a text that is no
    /// class of the schema.
    pub fn label(&self, index: usize) -> Option<Result<u32, DatasetError>> {
        let at = self.table.position(&self.schema.target)?;
        let text = (index < self.n_rows()).then(|| self.table.cell(index, at))?;
        let class = self.schema.classes.iter().position(|class| class == text);
        Some(class.map(|class| class as u32).ok_or_else(|| {
            let (row, column) = (index + 1, shortened(&self.schema.target));
            let classes = list(self.schema.classes.iter().map(String::as_str));
            let expected = format!("one of {classes}");
            if self.table.marks().always(text) {
                return DatasetError::NoValue { row, column, expected };
            }
            let (text, hint) = (shortened(text), String::new());
            DatasetError::BadCell { row, column, text, expected, hint, mark: None }
        }))
    }

    /// What is to be said of the file and its columns.
    #[must_use]
    pub fn notes(&self) -> &[RowsNote] {
        &self.notes
    }

    /// What a reader that takes only files without a fault refuses this one for: a column that the
    /// model does not know, one that is not there, or the first cell that the schema does not take.
    #[must_use]
    pub fn first_fault(&self) -> Option<DatasetError> {
        let of_columns = self.notes.iter().find_map(|note| match note {
            RowsNote::Reading(_) => None,
            RowsNote::UnknownColumns { columns, known } => {
                let (column, known) = (shortened(columns.first()?), known.clone());
                Some(DatasetError::UnknownColumn { column, known })
            }
            RowsNote::NoColumns { columns, found } => {
                let (column, columns) = (shortened(columns.first()?), found.clone());
                Some(DatasetError::MissingColumn { column, columns })
            }
        });
        of_columns.or_else(|| {
            let first = self.rows.iter().position(Option::is_none)?;
            self.faults(first).into_iter().next().map(DatasetError::from)
        })
    }

    fn faults(&self, index: usize) -> Vec<RowFault> {
        if let Some(error) = self.table.odd_row(index) {
            return vec![RowFault::Width(error)];
        }
        let mut values = vec![0.0; self.schema.features.len()];
        let fault = |input: &Input| {
            let error = input.read(&self.table, &self.schema, index, &mut values).err()?;
            Some(RowFault::Cell(CellError {
                row: index + 1,
                column: shortened(&input.name),
                text: shortened(input.text(&self.table, index)),
                expected: input.expected(&self.schema),
                error,
            }))
        };
        self.inputs.iter().filter_map(fault).collect()
    }
}

impl Schema {
    /// The rows that a CSV file holds for this schema: each valid, or with its faults.
    ///
    /// Columns may stand in any order. The target and the columns that training left out are
    /// passed over, and so is any other that the schema does not know, with a note. A column that
    /// is not there has no value in any row, with a note, if the schema allows that.
    ///
    /// ```
    /// # use model_core::{CsvOptions, Dataset};
    /// let data = Dataset::from_csv(b"x,colour,y\n1,red,a\n2,blue,b\n3,red,a\n", &CsvOptions::default())?;
    /// let file = data.schema().rows_from_csv(b"colour,x\nred,2\ngreen,1\n")?;
    /// let rows: Vec<_> = file.rows().collect();
    /// assert_eq!(rows[0].as_ref().unwrap().values(), [2.0, 1.0], "blue is 0, red is 1");
    /// assert_eq!(
    ///     rows[1].as_ref().unwrap_err()[0].to_string(),
    ///     "row 2, column \"colour\": expected one of blue, red, got \"green\"",
    /// );
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Dataset::from_csv`](crate::Dataset::from_csv) for what is no table, a file none of whose
    /// rows is as wide as its header included;
    /// [`DatasetError::MissingColumn`] if a column is not there that every row needs, or if not one
    /// of the schema's is.
    pub fn rows_from_csv(&self, bytes: &[u8]) -> Result<CsvRows, DatasetError> {
        self.rows_from_csv_as(bytes, &Reading::default())
    }

    /// As [`rows_from_csv`](Self::rows_from_csv) of a file that is written as `reading` states.
    ///
    /// ```
    /// # use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// use model_core::dataset::Reading;
    /// let csv = b"sepal_length;sepal_width;petal_length;petal_width\n5,1;3,5;1,4;0,2\n";
    /// let reading = Reading { separator: Some(b';'), ..Reading::default() };
    /// let rows = model.schema().rows_from_csv_as(csv, &reading)?;
    /// assert!(matches!(rows.row(0), Some(Ok(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`rows_from_csv`](Self::rows_from_csv).
    pub fn rows_from_csv_as(
        &self,
        bytes: &[u8],
        reading: &Reading,
    ) -> Result<CsvRows, DatasetError> {
        let mut table = Table::read_with(bytes, reading, OddRows::Kept)?;
        let (inputs, shown) = self.inputs(&table);
        let needs_value = |input: &Input| {
            let features = self.features.get(input.features()).unwrap_or_default();
            features.iter().any(|feature| !feature.nullable)
        };
        let none_is_there = inputs.iter().all(|input| input.at.is_none());
        let mut absent = inputs.iter().filter(|input| input.at.is_none());
        if let Some(input) = absent.find(|input| none_is_there || needs_value(input)) {
            let column = shortened(&input.name);
            return Err(DatasetError::MissingColumn { column, columns: table.names() });
        }
        let mut values = vec![0.0; self.features.len()];
        let mut read = |row: usize| {
            if table.odd_row(row).is_some() {
                return None;
            }
            inputs.iter().try_for_each(|input| input.read(&table, self, row, &mut values)).ok()?;
            // Each value was checked above.
            self.row(&values).ok()
        };
        let rows = (0..table.n_rows()).map(&mut read).collect();
        let mut notes = std::mem::take(&mut table.notes);
        inputs.iter().for_each(|input| notes_on_numbers(&table, input, &mut notes));
        let mut notes: Vec<RowsNote> = notes.into_iter().map(RowsNote::Reading).collect();
        notes.extend(self.notes_on_columns(&table, &inputs));
        Ok(CsvRows { table, schema: self.clone(), inputs, shown, rows, notes })
    }

    /// The columns that make a row, where they stand, and how their cells are read; and the decimal mark that
    /// their numbers show.
    fn inputs(&self, table: &Table) -> (Vec<Input>, Option<DecimalMark>) {
        let mut inputs = Vec::new();
        let mut next = 0;
        while let Some(feature) = self.features.get(next) {
            let source = self.sources.iter().find(|source| source.first_feature == next);
            let name = source.map_or(&feature.name, |source| &source.name);
            let cells =
                source.map_or(Cells::Categories, |source| Cells::Source(source.kind.clone()));
            let at = table.position(name);
            let input = Input { name: name.clone(), at, cells, first_feature: next };
            next = input.features().end.max(next + 1);
            inputs.push(input);
        }
        let is_number = |input: &Input| {
            let feature = self.features.get(input.first_feature);
            matches!(input.cells, Cells::Categories)
                && feature.is_some_and(|feature| feature.numeric().is_some())
        };
        let numbers = inputs.iter().filter(|input| is_number(input));
        let numbers: Vec<usize> = numbers.filter_map(|input| input.at).collect();
        let shown = shown_decimal(table, &numbers, &table.whole_rows());
        for input in &mut inputs {
            let Some(feature) = self.features.get(input.first_feature) else { continue };
            let (Cells::Categories, Some(at), Some(range)) =
                (&input.cells, input.at, feature.numeric())
            else {
                continue;
            };
            input.cells = Cells::Numbers(NumericCells::of(table, at, shown, Some(range.training)));
        }
        (inputs, shown)
    }

    fn notes_on_columns(&self, table: &Table, inputs: &[Input]) -> Vec<RowsNote> {
        let is_unknown = |name: &&String| {
            let passed_over = **name == self.target || self.left_out.contains(name);
            let is_row_names = table.row_names.as_ref() == Some(name);
            !passed_over && !is_row_names && inputs.iter().all(|input| input.name != **name)
        };
        let unknown: Vec<String> = table.header.iter().filter(is_unknown).cloned().collect();
        let absent = inputs.iter().filter(|input| input.at.is_none());
        let absent: Vec<String> = absent.map(|input| input.name.clone()).collect();
        let mut notes = Vec::new();
        if !unknown.is_empty() {
            let known = list(inputs.iter().map(|input| input.name.as_str()));
            notes.push(RowsNote::UnknownColumns { columns: unknown, known });
        }
        if !absent.is_empty() {
            notes.push(RowsNote::NoColumns { columns: absent, found: table.names() });
        }
        notes
    }
}

/// What was changed in the texts of a column of numbers, or guessed.
fn notes_on_numbers(table: &Table, input: &Input, notes: &mut Vec<Note>) {
    let (Cells::Numbers(cells), Some(at)) = (&input.cells, input.at) else { return };
    let rows = table.whole_rows();
    let column = Column::new(table, at, &rows);
    let mut changes = Changes::default();
    let mut values = Vec::with_capacity(rows.len());
    for (place, text) in column.texts().enumerate() {
        let read = cells.number(table, text);
        if let Some(read) = &read {
            changes.add(text, read, place);
        }
        values.push(read.map_or(f64::NAN, |read| read.value));
    }
    changes.note(&column, &values, cells.guess(), notes);
}

/// What a feature takes: `a number from 0 to 10 cm`, `one of blue, red`.
fn expected(feature: &Feature) -> String {
    match &feature.kind {
        FeatureKind::Numeric(range) => {
            let unit = feature.unit.as_deref().map_or_else(String::new, |unit| format!(" {unit}"));
            format!("a number from {} to {}{unit}", range.hard.min, range.hard.max)
        }
        FeatureKind::Categorical(_) if feature.other.is_some() => "a text".to_owned(),
        FeatureKind::Categorical(categories) => {
            format!("one of {}", list(categories.iter().map(String::as_str)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{CsvOptions, Dataset, HeaderLine};

    const TRAINING: &str = "id,x,colour,y\nn1,1,red,a\nn2,2,blue,b\nn3,,red,a\nn4,3,red,b\n";

    fn read_by(options: CsvOptions, csv: &str) -> Result<CsvRows, String> {
        let options = CsvOptions { drop: vec!["id".into()], ..options };
        let data = Dataset::from_csv(TRAINING.as_bytes(), &options).unwrap();
        data.schema().rows_from_csv(csv.as_bytes()).map_err(|error| error.to_string())
    }

    /// Each row's values, or its faults in words.
    fn read(csv: &str) -> Vec<Result<Vec<f64>, String>> {
        let rows = read_by(CsvOptions::default(), csv).unwrap();
        let in_words = |errors: Vec<RowFault>| {
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        rows.rows().map(|row| row.map(|row| row.values().to_vec()).map_err(in_words)).collect()
    }

    fn notes(csv: &str) -> Vec<String> {
        let rows = read_by(CsvOptions::default(), csv).unwrap();
        rows.notes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn columns_are_found_by_name() {
        let expected = [Ok(vec![1.5, 0.0]), Ok(vec![2.0, 1.0])];
        assert_eq!(read("colour;x\nblue;1,5\nred;2\n"), expected);
        assert_eq!(read("y,colour,id,x\na,blue,k,1\n"), [Ok(vec![1.0, 0.0])]);
        assert!(read("colour,x\nblue,NA\n")[0].as_ref().unwrap()[0].is_nan());
        let one = Dataset::from_csv(b"x,y\n1,a\n2,b\n", &CsvOptions::default()).unwrap();
        assert_eq!(one.schema().rows_from_csv(b"x\n1\n2\n").unwrap().n_rows(), 2);
    }

    #[test]
    fn a_faulty_cell_is_a_fault_of_its_row_alone() {
        let rows = read("colour,x\nred,1\ngreen,1\n,1\nred,big\nblue,10\ngreen,inf\nred,2\n");
        let fault = |row: usize, column: &str, what: &str| {
            format!("row {row}, column {column:?}: expected {what}")
        };
        let (colours, numbers) = ("one of blue, red, got", "a number from 0 to 9, got");
        let expected = [
            Ok(vec![1.0, 1.0]),
            Err(fault(2, "colour", &format!("{colours} \"green\""))),
            Err(fault(3, "colour", &format!("{colours} no value"))),
            Err(fault(4, "x", &format!("{numbers} \"big\""))),
            Err(fault(5, "x", &format!("{numbers} \"10\""))),
            Err(fault(6, "x", &format!("{numbers} \"inf\""))
                + "; "
                + &fault(6, "colour", &format!("{colours} \"green\""))),
            Ok(vec![2.0, 1.0]),
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_row_of_another_width_is_a_fault_of_that_row_alone() {
        let rows = read("colour,x\nred,1\nred,1,5\n\nblue\nblue,2\n");
        let width = |row: usize, line: usize, cells: &str| {
            Err(format!("row {row} (line {line}) has {cells}"))
        };
        let expected = [
            Ok(vec![1.0, 1.0]),
            width(2, 3, "3 cells where the header has 2: \"red,1,5\""),
            width(3, 5, "1 cell where the header has 2: \"blue\""),
            Ok(vec![2.0, 0.0]),
        ];
        assert_eq!(rows, expected);
        // What stands in other columns has no say in how the numbers of a column are written.
        assert_eq!(notes("colour,x\nred,1\nblue,2\n").len(), 0);
        assert_eq!(notes("colour,x\nred,1\nred,1 000,5\nblue,2\n").len(), 0);
        // There is nothing to answer in a file of such rows alone, be there one cell less or two more.
        let header = Some(HeaderLine::Line(1));
        let options = CsvOptions { allow_missing: true, ..CsvOptions::default() };
        let data = Dataset::from_csv(TRAINING.as_bytes(), &options).unwrap();
        for (csv, cells) in [
            ("id,colour,x\nn1,red\nn2,blue\n", "2 cells where the header has 3"),
            ("colour,x\nred,1,2,3\nblue,1,2,3\n", "4 cells where the header has 2"),
        ] {
            let reading = Reading { header, ..Reading::default() };
            let refused = data.schema().rows_from_csv_as(csv.as_bytes(), &reading).unwrap_err();
            assert!(refused.to_string().starts_with(&format!("row 1 (line 2) has {cells}")));
        }
        let rows = read_by(CsvOptions::default(), "colour,x\nred,1\nred,1,5\nred,2\n");
        let rows = rows.unwrap();
        let fault = rows.first_fault().unwrap().to_string();
        assert!(fault.starts_with("row 2 (line 3) has 3 cells"), "{fault}");
        assert_eq!(rows.cells(1).collect::<Vec<_>>(), ["red", "1"]);
    }

    #[test]
    fn columns_too_many_and_too_few_are_told() {
        assert_eq!(notes("colour,x\nred,1\n"), [] as [String; 0]);
        assert_eq!(
            notes("colour,x,z\nred,1,1\n"),
            ["column \"z\" is passed over: the model does not know it; it reads x, colour"]
        );
        assert_eq!(
            notes("w,colour,z\n1,red,1\n"),
            [
                "columns \"w\", \"z\" are passed over: the model does not know them; it reads x, \
                 colour",
                "column \"x\" is not in the file: every row is answered without a value there; \
                 the columns are w, colour, z",
            ]
        );
        let refused = |csv: &str| read_by(CsvOptions::default(), csv).unwrap_err();
        assert_eq!(
            refused("x,y\n1,a\n"),
            "there is no column \"colour\", which the model needs; the columns are x, y"
        );
        // A model that can do without each column cannot do without all.
        let options = CsvOptions { allow_missing: true, ..CsvOptions::default() };
        assert!(read_by(options.clone(), "u,v\n1,a\n").unwrap_err().contains("\"x\""));
        let gaps = read_by(options, "x,y\n1,a\n,b\n").unwrap();
        assert!(gaps.rows().all(|row| row.is_ok_and(|row| row.values()[1].is_nan())));
    }

    #[test]
    fn a_date_is_read_as_its_features() {
        let mut csv = "day,y\n".to_owned();
        for i in 0..30 {
            csv += &format!("2024-{:02}-{:02},{}\n", 1 + i / 12, 1 + i % 28, ["a", "b"][i % 2]);
        }
        let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let schema = data.schema();
        let file = schema.rows_from_csv(b"day\n2024-02-03\nsoon\nNA\n2924-02-03\n").unwrap();
        assert!(schema.features.len() > 1 && file.notes().is_empty());
        let row = |index| file.row(index).unwrap();
        let n_outside = |index: usize| row(index).unwrap().outside_training(schema).count();
        assert_eq!(n_outside(0), 0);
        assert!(n_outside(3) > 0, "a later date is no fault");
        let fault = |index: usize| {
            let faults = row(index).unwrap_err();
            assert_eq!(faults.len(), 1, "{faults:?}");
            faults[0].to_string()
        };
        let expected = "column \"day\": expected a date such as 2024-03-31, got";
        assert_eq!(fault(1), format!("row 2, {expected} \"soon\""));
        assert_eq!(fault(2), format!("row 3, {expected} no value"));
        assert_eq!(file.text(1, schema.features.len() - 1), "soon");
    }

    #[test]
    fn what_is_guessed_of_numbers_is_told() {
        let training = "load,y\n200,a\n4173,b\n900,a\n1250,b\n";
        let data = Dataset::from_csv(training.as_bytes(), &CsvOptions::default()).unwrap();
        let read = |csv: &str| {
            let file = data.schema().rows_from_csv(csv.as_bytes()).unwrap();
            let values: Vec<f64> = file.rows().map(|row| row.unwrap().values()[0]).collect();
            (values, file.notes().iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(read("load\n310\n4100\n"), (vec![310.0, 4100.0], vec![]));
        let (values, notes) = read("load\n2.128\n3.902\n312\n");
        assert_eq!(values, [2128.0, 3902.0, 312.0]);
        let [note] = notes.as_slice() else { panic!("{notes:?}") };
        assert!(note.contains("\"load\"") && note.contains("\"2.128\" is read as 2128"), "{note}");
    }

    #[test]
    fn a_strict_reader_is_told_the_first_fault() {
        let fault = |csv: &str| {
            let rows = read_by(CsvOptions::default(), csv).unwrap();
            rows.first_fault().map(|fault| fault.to_string())
        };
        assert_eq!(fault("colour,x\nred,1\n"), None);
        let check = |csv: &str, message: &str| assert_eq!(fault(csv).as_deref(), Some(message));
        check(
            "colour,x,z\ngreen,1,1\n",
            "there is a column \"z\" that the model does not know; it reads x, colour",
        );
        check(
            "colour,y\nred,1\n",
            "there is no column \"x\", which the model needs; the columns are colour, y",
        );
        check(
            "colour,x\nred,1\ngreen,big\n",
            "row 2, column \"x\": expected a number from 0 to 9, got \"big\"",
        );
    }

    #[test]
    fn unknown_categories_share_one_where_training_was_told_so() {
        let options = CsvOptions { unknown_other: true, ..CsvOptions::default() };
        let rows = read_by(options, "colour,x\nred,1\ngreen,1\nother,2\n,1\n").unwrap();
        let codes: Vec<_> = rows.rows().map(|row| row.map(|row| row.values()[1]).ok()).collect();
        // Blue has one row and shares "other".
        assert_eq!(codes, [Some(1.0), Some(0.0), Some(0.0), None]);
        assert_eq!(rows.text(1, 1), "green");
        let fault = rows.first_fault().unwrap().to_string();
        assert_eq!(fault, "row 4, column \"colour\": expected a text, got no value");
    }
}
