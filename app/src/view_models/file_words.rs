//! What Classify says of a file of rows, all of it in one place.

use model_core::{ConfusionMatrix, Schema};

use super::comparison::Accuracy;
use super::format::{self, count};
pub(crate) use super::sheet_words::show_row;
use crate::i18n::{key, t};
use crate::lab::{AnsweredFile, Truth};

pub(crate) const HEADING: &str = key!("Classify a file");
pub(crate) const CHOOSE: &str = key!("Choose a CSV file");
pub(crate) const CHOOSE_OTHER: &str = key!("Choose another file");
pub(crate) const STOP: &str = key!("Stop");
pub(crate) const STOPPED: &str =
    key!("Stopped. The file is still here: have it answered again, or choose another.");
pub(crate) const AGAIN: &str = key!("Answer it again");
pub(crate) const FORGET: &str = key!("Forget this file");
pub(crate) const DOWNLOAD: &str = key!("Download with the answers");
pub(crate) const OTHER_MODEL: &str =
    key!("Another model answers now than the one that answered this file.");
pub(crate) const READING: &str = key!("Reading …");
pub(crate) const PROBLEMS: &str = key!("Rows without an answer");
pub(crate) const NOTES: &str = key!("What was found odd");
pub(crate) const TRUTH: &str = key!("Beside what is true");
pub(crate) const ROWS: &str = key!("Rows and answers");
pub(crate) const HINT: &str =
    key!("What begins with -- is an option of the command line, which trains models.");

/// What to drop, for a model of this schema.
pub(crate) fn invitation(schema: &Schema) -> String {
    let columns: Vec<&str> = schema.input_columns().map(|column| column.name()).collect();
    let shown = columns.iter().take(8).copied().collect::<Vec<_>>().join(", ");
    let columns =
        if columns.len() > 8 { t!("{columns} and others", columns = shown) } else { shown };
    t!(
        "Drop a CSV file here, or choose one: a row a case, with the columns {columns} in any order. If it has {target} too, you see how good the answers are. It stays in this tab.",
        columns,
        target = schema.target
    )
}

/// How far it is.
pub(crate) fn answering(n_answered: u32, n_rows: u32) -> String {
    let rows = count(n_rows as usize, t!("row"), t!("rows"));
    t!("{n_answered} of {rows} answered", n_answered, rows)
}

/// What became of it, for screen readers.
pub(crate) fn spoken(file: &AnsweredFile) -> String {
    file.summary.first().cloned().unwrap_or_default()
}

/// Answers by class: `setosa 50, versicolor 51`.
pub(crate) fn by_class(schema: &Schema, file: &AnsweredFile) -> String {
    let classes = schema.classes.iter().zip(&file.by_class).filter(|(_, count)| **count > 0);
    let classes = classes.map(|(class, count)| format!("{class} {count}"));
    classes.collect::<Vec<_>>().join(", ")
}

/// The confusion matrix of what is true and what was answered, if any row says.
pub(crate) fn confusion(schema: &Schema, truth: &Truth) -> Option<ConfusionMatrix> {
    let confusion = ConfusionMatrix::from_counts(schema.classes.len(), truth.counts.clone())?;
    (confusion.total() > 0).then_some(confusion)
}

/// How good the answers are.
pub(crate) fn accuracy(confusion: &ConfusionMatrix) -> String {
    let accuracy = Accuracy::of(confusion);
    t!(
        "{share} right: {n_correct} of {n_total}, 95\u{a0}% interval {interval}\u{a0}%.",
        share = format::percent(accuracy.share),
        n_correct = accuracy.n_correct,
        n_total = accuracy.n_total,
        interval = accuracy.interval_text()
    )
}

/// Rows of which nothing is known to be true.
pub(crate) fn unknown(truth: &Truth) -> Option<String> {
    let first = truth.first_unknown.as_ref()?;
    Some(match truth.n_unknown {
        1 => t!("1 row is left out of this, the first because of {first}.", first),
        n => t!("{n} rows are left out of this, the first because of {first}.", n, first),
    })
}

/// `flowers.csv` with its answers is `flowers-answers.csv`.
pub(crate) fn download_name(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}-answers.csv")
}

/// Why the worker is gone; marked, to be translated where it is shown.
pub(crate) const fn worker_gone(was_there: bool) -> &'static str {
    if was_there {
        key!(
            "Answering broke off: the file may need more memory than this browser has. Leave out rows, and try again."
        )
    } else {
        key!("The program that reads files did not arrive. Check the connection and try again.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::iris_schema;
    use crate::view_models::format::NBSP;

    #[test]
    fn the_invitation_names_what_a_row_needs() {
        let words = invitation(&iris_schema());
        assert!(
            words.contains("the columns sepal_length, sepal_width, petal_length, petal_width in")
        );
        assert!(words.contains("If it has species too"));
    }

    #[test]
    fn accuracy_is_told_with_its_interval_and_what_it_leaves_out() {
        let truth = Truth {
            counts: vec![10, 0, 0, 0, 9, 1, 0, 0, 10],
            n_unknown: 1,
            first_unknown: Some(
                "row 31, column \"species\": expected one of a, b, got \"c\"".into(),
            ),
        };
        let confusion = confusion(&iris_schema(), &truth).unwrap();
        let words = accuracy(&confusion).replace(NBSP, " ");
        assert_eq!(words, "96.7 % right: 29 of 30, 95 % interval 83 to 99 %.");
        assert!(
            unknown(&truth)
                .unwrap()
                .starts_with("1 row is left out of this, the first because of row 31")
        );
        let none = Truth { counts: vec![0; 9], ..truth };
        assert_eq!(super::confusion(&iris_schema(), &none), None);
    }

    #[test]
    fn a_download_is_called_like_its_file() {
        assert_eq!(download_name("my.flowers.csv"), "my.flowers-answers.csv");
        assert_eq!(download_name("flowers"), "flowers-answers.csv");
    }
}
