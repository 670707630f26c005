//! The answers to a file of rows: what the command line's `predict_csv` does, with the rows to look at. Pure,
//! so that tests run it natively.

use std::sync::Arc;

use model_core::answers::{AnswerSummary, AnswerWriter, RowAnswer};
use model_core::dataset::{CsvRows, Encoding, Reading};
use model_core::{Artifact, DatasetError};
use serde::{Deserialize, Serialize};

use super::desk::MAX_SHOWN_COLUMNS;
use super::remark::Fault;

/// Characters of a cell that are shown.
const MAX_SHOWN: usize = 80;
/// Problems that are listed.
const MAX_PROBLEMS: usize = 100;
/// Rows between two words of progress.
const STEP: usize = 256;
/// What spreadsheets know UTF-8 by.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnsweredFile {
    /// Names of its columns.
    pub(crate) names: Vec<String>,
    /// Its rows.
    pub(crate) n_rows: u32,
    /// Those that are answered.
    pub(crate) n_answered: u32,
    /// Answers by class.
    pub(crate) by_class: Vec<u32>,
    /// What the reader has to say, in the words of the command line.
    pub(crate) notes: Vec<String>,
    /// What there is to say of the answers, in its lines.
    pub(crate) summary: Vec<String>,
    /// Cells and rows that cannot be taken; at most so many are listed.
    pub(crate) problems: Vec<Fault>,
    /// How the answers compare, if the file says what is true.
    pub(crate) truth: Option<Truth>,
}

/// Answers beside what is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Truth {
    /// Rows by true class and answer, row by row of the confusion matrix.
    pub(crate) counts: Vec<u32>,
    /// Answered rows whose true class is not given, or is none of the model's.
    pub(crate) n_unknown: u32,
    /// The first of them, in words.
    pub(crate) first_unknown: Option<String>,
}

/// A row with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnsweredRow {
    /// Its cells, shortened.
    pub(crate) cells: Vec<String>,
    /// Its answer, or why there is none.
    pub(crate) answer: Result<ShortAnswer, String>,
}

/// An answer as the table shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShortAnswer {
    /// The class.
    pub(crate) class: u32,
    /// Its probability.
    pub(crate) confidence: f64,
    /// The classes that cannot be excluded, if the model says.
    pub(crate) set: Option<String>,
    /// What to know of it; empty if there is nothing.
    pub(crate) warnings: String,
    /// Whether the file says that another class is true.
    pub(crate) is_wrong: bool,
}

/// A file that was answered.
#[derive(Debug)]
pub(super) struct Answering {
    model: Arc<Artifact>,
    file: CsvRows,
    csv: Vec<u8>,
}

impl Answering {
    /// Reads a file, written as `reading` states, and has `model` answer its rows. `tell` hears how many are answered, and of how many.
    ///
    /// # Errors
    /// Why the file holds no rows for the model, in the words of the command line.
    pub(super) fn of(
        model: Arc<Artifact>,
        bytes: &[u8],
        reading: &Reading,
        tell: &mut dyn FnMut(u32, u32),
    ) -> Result<(Self, AnsweredFile), Fault> {
        let file = model.schema().rows_from_csv_as(bytes, reading);
        let file = file.map_err(|error| Fault::of(&error))?;
        let n_rows = file.n_rows();
        let mut writer = AnswerWriter::like_file(&model, &file);
        let mut tally = Tally::new(model.schema().classes.len());
        for index in 0..n_rows {
            if index % STEP == 0 {
                tell(index as u32, n_rows as u32);
            }
            let Some(answered) = writer.next_row() else { break };
            tally.count(&file, index, answered);
        }
        let (mut csv, summary) = writer.finish();
        let is_marked = bytes.starts_with(BYTE_ORDER_MARK);
        if is_marked || reading.encoding == Some(Encoding::Windows1252) {
            // Else the spreadsheet that wrote the file would take the letters for others.
            csv.splice(..0, BYTE_ORDER_MARK.iter().copied());
        }
        let answered = tally.file(&file, &summary);
        Ok((Self { model, file, csv }, answered))
    }

    /// The file with the answers, as the command line makes it but in the notation of the file: separator,
    /// decimal mark and byte order mark.
    pub(super) fn csv(&self) -> &[u8] {
        &self.csv
    }

    /// `count` rows from `first`, from 0; as many of them as there are.
    pub(super) fn rows(&self, first: usize, count: usize) -> Vec<AnsweredRow> {
        let end = first.saturating_add(count).min(self.file.n_rows());
        (first..end).filter_map(|index| self.row(index)).collect()
    }

    fn row(&self, index: usize) -> Option<AnsweredRow> {
        let answered = RowAnswer::of(&self.model, &self.file, index)?;
        let cells = self.file.cells(index).take(MAX_SHOWN_COLUMNS);
        let cells = cells.map(|cell| cell.chars().take(MAX_SHOWN).collect()).collect();
        let answer = match &answered.answer {
            Ok(answer) => Ok(ShortAnswer {
                class: answer.class as u32,
                confidence: answer.confidence(),
                set: answered.set(self.model.schema()),
                warnings: answered.warnings.clone(),
                is_wrong: self
                    .file
                    .label(index)
                    .is_some_and(|label| label.is_ok_and(|class| class as usize != answer.class)),
            }),
            Err(_) => Err(answered.error()),
        };
        Some(AnsweredRow { cells, answer })
    }
}

/// What is counted on the way.
struct Tally {
    by_class: Vec<u32>,
    problems: Vec<Fault>,
    truth: Option<Truth>,
}

impl Tally {
    fn new(n_classes: usize) -> Self {
        Self { by_class: vec![0; n_classes], problems: Vec::new(), truth: None }
    }

    fn count(&mut self, file: &CsvRows, index: usize, answered: RowAnswer) {
        let n_classes = self.by_class.len();
        let class = match answered.answer {
            Ok(answer) => answer.class,
            Err(faults) => {
                let room = MAX_PROBLEMS.saturating_sub(self.problems.len());
                let faults = faults.into_iter().take(room).map(DatasetError::from);
                self.problems.extend(faults.map(|error| Fault::of(&error)));
                return;
            }
        };
        self.by_class.iter_mut().skip(class).take(1).for_each(|count| *count += 1);
        let Some(label) = file.label(index) else { return };
        let truth = self.truth.get_or_insert_with(|| Truth {
            counts: vec![0; n_classes * n_classes],
            n_unknown: 0,
            first_unknown: None,
        });
        match label {
            Ok(actual) => {
                let place = actual as usize * n_classes + class;
                truth.counts.iter_mut().skip(place).take(1).for_each(|count| *count += 1);
            }
            Err(error) => {
                truth.n_unknown += 1;
                truth.first_unknown.get_or_insert_with(|| error.to_string());
            }
        }
    }

    fn file(self, file: &CsvRows, summary: &AnswerSummary) -> AnsweredFile {
        AnsweredFile {
            names: file.header().iter().take(MAX_SHOWN_COLUMNS).cloned().collect(),
            n_rows: file.n_rows() as u32,
            n_answered: summary.n_answered() as u32,
            by_class: self.by_class,
            notes: file.notes().iter().map(ToString::to_string).collect(),
            summary: summary.to_string().lines().map(|line| line.trim().to_owned()).collect(),
            problems: self.problems,
            truth: self.truth,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::built_in;

    const IRIS: &[u8] = include_bytes!("../../../model-core/data/iris.csv");

    fn answered(csv: &[u8]) -> Result<(Answering, AnsweredFile), Fault> {
        Answering::of(Arc::new(built_in()), csv, &Reading::default(), &mut |_, _| {})
    }

    #[test]
    fn a_file_with_the_target_says_how_good_the_answers_are() {
        let (answering, file) = answered(IRIS).unwrap();
        let truth = file.truth.unwrap();
        let right: u32 = (0..3).map(|class| truth.counts[4 * class]).sum();
        assert_eq!((file.n_rows, file.n_answered, truth.n_unknown), (150, 150, 0));
        assert!(right > 140 && truth.counts.iter().sum::<u32>() == 150, "{truth:?}");
        assert_eq!(file.by_class.iter().sum::<u32>(), 150);
        let wrong = answering.rows(0, 150).into_iter();
        let wrong = wrong.filter(|row| row.answer.as_ref().is_ok_and(|answer| answer.is_wrong));
        assert_eq!(wrong.count() as u32, 150 - right);
    }

    #[test]
    fn rows_that_cannot_be_taken_say_why_and_cost_no_other_row_its_answer() {
        let csv = b"sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n5.1,x,1.4,0.2\n1,2\n";
        let (answering, file) = answered(csv).unwrap();
        assert_eq!((file.n_rows, file.n_answered), (3, 1));
        let places: Vec<_> = file.problems.iter().map(|it| (it.row, it.column.clone())).collect();
        assert_eq!(places, [(Some(2), Some("sepal_width".into())), (Some(3), None)]);
        assert!(file.problems[0].text.starts_with("row 2, column \"sepal_width\": expected a"));
        assert_eq!(
            file.summary[0],
            "1 row answered, 2 rows refused; the column \"error\" says why".replace("2 rows", "2")
        );
        let rows = answering.rows(0, 10);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0].answer.as_ref().map(|answer| answer.class), Ok(0));
        assert_eq!(rows[1].answer.as_ref().unwrap_err(), &file.problems[0].text);
        assert_eq!(file.truth, None);
    }

    #[test]
    fn a_class_that_the_model_does_not_know_is_counted_apart() {
        let csv = b"sepal_length,sepal_width,petal_length,petal_width,species\n5.1,3.5,1.4,0.2,setosa\n6,3,5,2,rosa\n6,3,5,2,\n";
        let truth = answered(csv).unwrap().1.truth.unwrap();
        assert_eq!((truth.counts[0], truth.counts.iter().sum::<u32>(), truth.n_unknown), (1, 1, 2));
        assert!(truth.first_unknown.unwrap().contains("rosa"));
    }

    #[test]
    fn a_file_of_other_columns_is_refused_in_the_readers_words() {
        let fault = answered(b"a,b\n1,2\n").unwrap_err();
        assert!(
            fault.text.contains("sepal_length") && fault.text.contains("a, b"),
            "{}",
            fault.text
        );
    }

    #[test]
    fn the_answers_open_in_the_spreadsheet_that_wrote_the_file() {
        let csv = "sepal_length;sepal_width;petal_length;petal_width;Größe\n5,1;3,5;1,4;0,2;ä\n";
        let excel = ["\u{feff}", csv].concat();
        let text = |bytes: &[u8], reading: &Reading| {
            let file = Answering::of(Arc::new(built_in()), bytes, reading, &mut |_, _| {});
            String::from_utf8(file.unwrap().0.csv().to_vec()).unwrap()
        };
        let plain = Reading::default();
        assert!(text(excel.as_bytes(), &plain).starts_with("\u{feff}sepal_length;"));
        assert!(text(csv.as_bytes(), &plain).contains("\n5,1;3,5;1,4;0,2;ä;setosa;0,9"));
        let old: Vec<u8> = csv.chars().map(|letter| letter as u8).collect();
        let stated = Reading { encoding: Some(Encoding::Windows1252), ..plain };
        let answers = text(&old, &stated);
        assert!(answers.starts_with("\u{feff}sepal_length;") && answers.contains("Größe"));
    }

    #[test]
    fn progress_is_told_from_the_first_row_on() {
        let mut told = Vec::new();
        let line = b"5.1,3.5,1.4,0.2\n".repeat(600);
        let csv =
            [b"sepal_length,sepal_width,petal_length,petal_width\n".as_slice(), &line].concat();
        Answering::of(Arc::new(built_in()), &csv, &Reading::default(), &mut |done, n_rows| {
            told.push((done, n_rows));
        })
        .unwrap();
        assert_eq!(told, [(0, 600), (256, 600), (512, 600)]);
    }
}
