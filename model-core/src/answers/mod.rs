//! A model's answers to the rows of a CSV file, as a CSV file: its cells as they stand, and columns with
//! the answers behind them.
//!
//! The last two steps of [`rows_from_csv`](crate::Schema::rows_from_csv): each row is answered, or refused
//! with all its faults; a refused row keeps its cells and costs no other row its answer. Whoever drives it
//! may stop between two rows.

mod summary;

pub use self::summary::AnswerSummary;
use crate::artifact::{Artifact, Prediction};
use crate::dataset::{CsvRows, DecimalMark, RowFault, csv_record};
use crate::schema::{FeatureRow, Schema};

/// Kinds of warning, as the edge calls them.
const OUTSIDE: &str = "outside_training_range";
const UNKNOWN: &str = "unknown_category";
const NONE_CONFORMS: &str = "no_class_conforms";

/// What a row was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct RowAnswer {
    /// The answer, or every fault of the row.
    pub answer: Result<Prediction, Vec<RowFault>>,
    /// What to know of the answer: each kind of warning with the columns that it is about; empty if there
    /// is nothing.
    pub warnings: String,
}

impl RowAnswer {
    /// What `model` says of row `index` (from 0) of `file`, which its schema read; `None` beyond the last.
    #[must_use]
    pub fn of(model: &Artifact, file: &CsvRows, index: usize) -> Option<Self> {
        Some(match file.row(index)? {
            Ok(row) => {
                let answer = model.predict(row);
                let warnings = warnings(model.schema(), row, &answer);
                Self { answer: Ok(answer), warnings }
            }
            Err(faults) => Self { answer: Err(faults), warnings: String::new() },
        })
    }

    /// The classes that cannot be excluded, with `|` between; the answer alone where no class conforms.
    /// `None` without an answer, and of a model that makes no sets.
    #[must_use]
    pub fn set(&self, schema: &Schema) -> Option<String> {
        let set = self.answer.as_ref().ok()?.answered_set()?;
        let names = set.iter().filter_map(|class| schema.classes.get(class));
        Some(names.map(String::as_str).collect::<Vec<_>>().join("|"))
    }

    /// Why there is no answer: every fault, with `; ` between; empty if there is one.
    #[must_use]
    pub fn error(&self) -> String {
        let faults = self.answer.as_ref().err().into_iter().flatten();
        faults.map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

/// Answers a file row by row, and writes it with the answers.
///
/// The added columns are `prediction`, `confidence`, `p_` and the name of each class, `prediction_set` if the
/// model makes sets, `warnings` and `error`. One whose name the file has gets a number behind it.
///
/// ```
/// use model_core::answers::AnswerWriter;
/// use model_core::{Artifact, DEFAULT_ARTIFACT};
/// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
/// let csv = b"sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n5.1,?,1.4,0.2\n";
/// let file = model.schema().rows_from_csv(csv)?;
/// let mut writer = AnswerWriter::new(&model, &file);
/// while writer.next_row().is_some() {}
/// let (csv, summary) = writer.finish();
/// assert!(csv.starts_with(b"sepal_length,sepal_width,petal_length,petal_width,prediction,confidence,"));
/// assert_eq!((summary.n_answered(), summary.n_refused()), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AnswerWriter<'a> {
    model: &'a Artifact,
    file: &'a CsvRows,
    /// What is written so far.
    csv: String,
    separator: char,
    decimal: DecimalMark,
    summary: AnswerSummary,
    next: usize,
}

impl<'a> AnswerWriter<'a> {
    /// Begins with the names of the columns. Whatever the file's own notation, commas separate and the added
    /// numbers have points: what programs read everywhere.
    #[must_use]
    pub fn new(model: &'a Artifact, file: &'a CsvRows) -> Self {
        Self::in_notation(model, file, b',', DecimalMark::Point)
    }

    /// As [`new`](Self::new), with the separator and the decimal mark of the file: what the spreadsheet that
    /// wrote it opens again.
    ///
    /// ```
    /// use model_core::answers::AnswerWriter;
    /// use model_core::{Artifact, DEFAULT_ARTIFACT};
    /// let model = Artifact::from_bytes(DEFAULT_ARTIFACT)?;
    /// let csv = b"sepal_length;sepal_width;petal_length;petal_width\n5,1;3,5;1,4;0,2\n";
    /// let file = model.schema().rows_from_csv(csv)?;
    /// let mut writer = AnswerWriter::like_file(&model, &file);
    /// writer.next_row();
    /// let (csv, _) = writer.finish();
    /// assert!(String::from_utf8_lossy(&csv).contains("\n5,1;3,5;1,4;0,2;setosa;0,9"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn like_file(model: &'a Artifact, file: &'a CsvRows) -> Self {
        Self::in_notation(model, file, file.separator(), file.decimal_mark())
    }

    fn in_notation(
        model: &'a Artifact,
        file: &'a CsvRows,
        separator: u8,
        decimal: DecimalMark,
    ) -> Self {
        let mut added = added_columns(model);
        let mut summary = AnswerSummary::default();
        summary.rename_taken(file.header(), &mut added);
        let separator = char::from(separator);
        let csv = String::new();
        let mut writer = Self { model, file, csv, separator, decimal, summary, next: 0 };
        writer.write(&file.header().iter().cloned().chain(added).collect::<Vec<_>>());
        writer
    }

    /// Answers the next row and writes it; `None` after the last.
    pub fn next_row(&mut self) -> Option<RowAnswer> {
        let answered = RowAnswer::of(self.model, self.file, self.next)?;
        let schema = self.model.schema();
        let mut cells: Vec<String> = self.file.cells(self.next).map(str::to_owned).collect();
        match &answered.answer {
            Ok(answer) => {
                let numbers =
                    std::iter::once(answer.confidence()).chain(answer.probabilities.clone());
                cells.push(self.model.class_name(answer).to_owned());
                cells.extend(numbers.map(|number| self.number(number)));
                cells.extend(answered.set(schema));
            }
            Err(_) => {
                let n_answer = added_columns(self.model).len() - 2;
                cells.extend(std::iter::repeat_n(String::new(), n_answer));
            }
        }
        cells.extend([answered.warnings.clone(), answered.error()]);
        self.write(&cells);
        self.summary.count(schema, self.file, self.next, &answered);
        self.next += 1;
        Some(answered)
    }

    /// The file as far as it is written, and what is to be said of it.
    #[must_use]
    pub fn finish(self) -> (Vec<u8>, AnswerSummary) {
        (self.csv.into_bytes(), self.summary)
    }

    fn number(&self, number: f64) -> String {
        let text = number.to_string();
        match self.decimal {
            DecimalMark::Point => text,
            DecimalMark::Comma => text.replace('.', ","),
        }
    }

    fn write(&mut self, cells: &[String]) {
        self.csv += &csv_record(cells, self.separator);
        self.csv.push('\n');
    }
}

/// The columns that are added, before any is renamed.
fn added_columns(model: &Artifact) -> Vec<String> {
    let mut added = vec!["prediction".to_owned(), "confidence".to_owned()];
    added.extend(model.schema().classes.iter().map(|class| format!("p_{class}")));
    added.extend(model.conformal().map(|_| "prediction_set".to_owned()));
    added.extend(["warnings".to_owned(), "error".to_owned()]);
    added
}

/// What to know of an answer: each kind of warning, with the columns that it is about.
fn warnings(schema: &Schema, row: &FeatureRow, answer: &Prediction) -> String {
    let mut warnings = Vec::new();
    let mut of_columns = |code: &str, columns: Vec<usize>| {
        if !columns.is_empty() {
            let names = columns.into_iter().filter_map(|at| schema.features.get(at));
            let names: Vec<&str> = names.map(|feature| feature.name.as_str()).collect();
            warnings.push(format!("{code}: {}", names.join(", ")));
        }
    };
    of_columns(OUTSIDE, row.outside_training(schema).collect());
    of_columns(UNKNOWN, row.unknown_categories(schema).collect());
    if answer.no_class_conforms() {
        warnings.push(NONE_CONFORMS.to_owned());
    }
    warnings.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DEFAULT_ARTIFACT;

    fn answered(csv: &[u8]) -> (String, AnswerSummary, Vec<RowAnswer>) {
        let model = Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap();
        let file = model.schema().rows_from_csv(csv).unwrap();
        let mut writer = AnswerWriter::new(&model, &file);
        let answers: Vec<RowAnswer> = std::iter::from_fn(|| writer.next_row()).collect();
        let (csv, summary) = writer.finish();
        (String::from_utf8(csv).unwrap(), summary, answers)
    }

    #[test]
    fn a_refused_row_keeps_its_cells_and_says_why() {
        let csv =
            b"sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n5.1,x,1.4,\n";
        let (csv, summary, answers) = answered(csv);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("5.1,3.5,1.4,0.2,setosa,0.97"), "{}", lines[1]);
        assert!(lines[2].starts_with("5.1,x,1.4,,,,,,,,,\"row 2, column"), "{}", lines[2]);
        assert_eq!((summary.n_answered(), summary.n_refused()), (1, 1));
        assert_eq!(answers[1].answer.as_ref().unwrap_err().len(), 2, "every fault is told");
        assert!(answers[0].error().is_empty() && answers[0].warnings.is_empty());
    }

    #[test]
    fn an_added_column_whose_name_is_taken_gets_another() {
        let csv =
            b"sepal_length,sepal_width,petal_length,petal_width,prediction\n5.1,3.5,1.4,0.2,a\n";
        let (csv, summary, _) = answered(csv);
        assert!(csv.lines().next().unwrap().contains(",prediction,prediction_2,confidence,"));
        assert!(summary.to_string().contains("the added one is \"prediction_2\""));
    }

    #[test]
    fn answers_like_the_file_are_read_back_as_the_file_was() {
        let model = Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap();
        let head = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
        for (separator, mark) in [(";", ","), ("\t", ","), ("|", "."), (",", ".")] {
            let row = ["5.1", "3.5", "1.4", "0.2"].map(|cell| cell.replace('.', mark));
            let csv = format!("{}\n{}\n", head.join(separator), row.join(separator));
            let file = model.schema().rows_from_csv(csv.as_bytes()).unwrap();
            let mut writer = AnswerWriter::like_file(&model, &file);
            let answer = writer.next_row().unwrap().answer.unwrap();
            let (csv, _) = writer.finish();
            let text = String::from_utf8(csv.clone()).unwrap();
            let confidence = answer.confidence().to_string().replace('.', mark);
            let line = [&row.join(separator), "setosa", &confidence].join(separator);
            assert!(text.lines().nth(1).unwrap().starts_with(&line), "{text}");
            let again = model.schema().rows_from_csv(&csv).unwrap();
            let values = |file: &CsvRows| file.row(0).unwrap().unwrap().values().to_vec();
            assert_eq!(values(&again), values(&file));
        }
    }

    #[test]
    fn what_was_written_so_far_is_a_whole_file() {
        let model = Artifact::from_bytes(DEFAULT_ARTIFACT).unwrap();
        let csv = b"sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n6,3,5,2\n";
        let file = model.schema().rows_from_csv(csv).unwrap();
        let mut writer = AnswerWriter::new(&model, &file);
        writer.next_row();
        let (csv, summary) = writer.finish();
        assert_eq!((csv.split(|byte| *byte == b'\n').count(), summary.n_answered()), (3, 1));
    }
}
