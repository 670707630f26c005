//! One row of the table: a model of a run.

use std::cmp::Ordering;
use std::sync::Arc;

use model_core::{Family, wilson_interval};

use crate::i18n::t;
use crate::runs::{Run, RunModel};
use crate::view_models::comparison::Accuracy;
use crate::view_models::families::family_name;
use crate::view_models::format;
use crate::view_models::typical_date::civil;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The model's family.
    Family,
    /// Accuracy on the test part.
    Accuracy,
    /// Log loss in cross-validation.
    LogLoss,
    /// F1 on the test part.
    F1,
    /// Size of the file.
    Size,
    /// Name of the data set.
    Data,
    /// Seed.
    Seed,
    /// When the training was started.
    When,
    /// How long the whole training took.
    Duration,
    /// Tags.
    Tags,
}

impl Column {
    /// From left to right.
    pub(crate) const ALL: [Self; 10] = [
        Self::Family,
        Self::Accuracy,
        Self::LogLoss,
        Self::F1,
        Self::Size,
        Self::Data,
        Self::Seed,
        Self::When,
        Self::Duration,
        Self::Tags,
    ];

    /// What a filter calls it.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::Accuracy => "accuracy",
            Self::LogLoss => "log_loss",
            Self::F1 => "f1",
            Self::Size => "size",
            Self::Data => "data",
            Self::Seed => "seed",
            Self::When => "when",
            Self::Duration => "duration",
            Self::Tags => "tag",
        }
    }

    /// Its head.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Family => t!("Model"),
            Self::Accuracy => t!("Accuracy"),
            Self::LogLoss => t!("Log loss"),
            Self::F1 => t!("F1"),
            Self::Size => t!("Size"),
            Self::Data => t!("Data"),
            Self::Seed => t!("Seed"),
            Self::When => t!("When"),
            Self::Duration => t!("Duration"),
            Self::Tags => t!("Tags"),
        }
    }

    /// Whether its greater end is asked for first.
    pub(crate) const fn is_best_high(self) -> bool {
        matches!(self, Self::Accuracy | Self::F1 | Self::When)
    }

    /// Whether it holds numbers.
    pub(crate) const fn is_number(self) -> bool {
        !matches!(self, Self::Family | Self::Data | Self::Tags)
    }
}

/// What names a row: its run, and its model by its place in the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowId {
    /// Id of the run.
    pub(crate) run: String,
    /// Place of the model.
    pub(crate) model: usize,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunRow {
    /// The run.
    pub(crate) run: Arc<Run>,
    /// Place of the model in it.
    pub(crate) at: usize,
    /// When the run was started, in milliseconds since 1970 as the clock on the wall has them.
    pub(crate) local_millis: f64,
}

impl RunRow {
    /// The rows of `runs`; `offset` gives the minutes that a time lies behind UTC where the user is.
    pub(crate) fn all(runs: &[Arc<Run>], offset: impl Fn(f64) -> f64) -> Vec<Self> {
        let of_run = |run: &Arc<Run>| {
            let started = run.started_at_millis;
            let (run, local_millis) = (Arc::clone(run), started - 60_000.0 * offset(started));
            (0..run.models.len()).map(move |at| Self { run: Arc::clone(&run), at, local_millis })
        };
        runs.iter().flat_map(of_run).collect()
    }

    /// What names it.
    pub(crate) fn id(&self) -> RowId {
        RowId { run: self.run.id.clone(), model: self.at }
    }

    /// Its model.
    pub(crate) fn model(&self) -> &RunModel {
        &self.run.models[self.at]
    }

    /// Accuracy on the test part, with its interval.
    pub(crate) fn accuracy(&self) -> Option<Accuracy> {
        let (n_correct, n_total) = self.model().test.filter(|(_, n_total)| *n_total > 0)?;
        Some(Accuracy {
            share: f64::from(n_correct) / f64::from(n_total),
            n_correct,
            n_total,
            interval: wilson_interval(n_correct, n_total),
        })
    }

    /// Name of its family for people.
    pub(crate) fn family(&self) -> String {
        let code = &self.model().family;
        code.parse::<Family>()
            .map_or_else(|_| code.clone(), |family| family_name(family).to_owned())
    }

    /// The number in `column`, if it is one of numbers and this one is known.
    pub(crate) fn number(&self, column: Column) -> Option<f64> {
        let model = self.model();
        match column {
            Column::Accuracy => self.accuracy().map(|accuracy| accuracy.share),
            Column::LogLoss => model.log_loss,
            Column::F1 => model.f1,
            Column::Size => Some(f64::from(model.n_bytes)),
            Column::Seed => model_core::parse_number(&self.run.seed),
            Column::When => Some(self.local_millis),
            Column::Duration => Some(self.run.total_millis),
            Column::Family | Column::Data | Column::Tags => None,
        }
    }

    /// What stands in `column`.
    pub(crate) fn text(&self, column: Column) -> String {
        let model = self.model();
        let dash = || "–".to_owned();
        match column {
            Column::Family => self.family(),
            Column::Accuracy => {
                self.accuracy().map_or_else(dash, |accuracy| format::percent(accuracy.share))
            }
            Column::LogLoss => model.log_loss.map_or_else(dash, |it| format::decimal(it, 3)),
            Column::F1 => model.f1.map_or_else(dash, |it| format::decimal(it, 3)),
            Column::Size => format::bytes(model.n_bytes as usize),
            Column::Data => self.run.data_name.clone(),
            Column::Seed => self.run.seed.clone(),
            Column::When => date_and_time(self.local_millis),
            Column::Duration => format::millis(self.run.total_millis),
            Column::Tags => self.run.tags.join(", "),
        }
    }

    /// The value of a parameter, if the model has one of this name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.model().parameters().find(|(of, _)| *of == name).map(|(_, value)| value)
    }

    /// Whether `words`, in lower case, stand somewhere in it.
    pub(crate) fn says(&self, words: &str) -> bool {
        let (run, model) = (&self.run, self.model());
        let texts =
            [&run.data_name, &run.notes, &run.data_hash, &model.id, &model.family, &model.lineage];
        let all = texts.into_iter().chain(&run.tags).chain(&run.file);
        let mut said = self.family().to_lowercase();
        for text in all {
            said.push('\n');
            said += &text.to_lowercase();
        }
        words.split_whitespace().all(|word| said.contains(word))
    }

    /// The order of two rows in `column`; what is not known comes last either way.
    pub(crate) fn compare(&self, other: &Self, column: Column, descending: bool) -> Ordering {
        let order = if column.is_number() {
            match (self.number(column), other.number(column)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (Some(_), None) => return Ordering::Less,
                (None, Some(_)) => return Ordering::Greater,
                (None, None) => Ordering::Equal,
            }
        } else {
            self.text(column).to_lowercase().cmp(&other.text(column).to_lowercase())
        };
        if descending { order.reverse() } else { order }
    }
}

/// `2026-11-28 01:14`, of milliseconds since 1970 as the clock on the wall has them.
pub(crate) fn date_and_time(local_millis: f64) -> String {
    const DAY_MILLIS: f64 = 86_400_000.0;
    // Whatever a file holds, it is a year that can be written.
    let millis = local_millis.clamp(0.0, 2.5e14);
    let days = (millis / DAY_MILLIS).floor();
    let (year, month, day) = civil(days as i64);
    let minutes = ((millis - days * DAY_MILLIS) / 60_000.0) as u32;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::runs::tests::run;
    use crate::view_models::fixtures::{built_in, mixed};

    /// Two rows: the built-in model, and one without a test part.
    pub(crate) fn rows() -> Vec<RunRow> {
        let noted = Run {
            notes: "The first one".to_owned(),
            tags: vec!["baseline".to_owned()],
            ..run("a", &[built_in()])
        };
        let later = run("b", &[mixed()]);
        let later = Run {
            started_at_millis: later.started_at_millis + 60_000.0,
            seed: "7".to_owned(),
            ..later
        };
        RunRow::all(&[Arc::new(noted), Arc::new(later)], |_| -60.0)
    }

    #[test]
    fn a_row_says_what_the_record_holds() {
        let rows = rows();
        let texts = |row: &RunRow| {
            Column::ALL.map(|column| row.text(column).replace(format::NBSP, " ")).to_vec()
        };
        let first = texts(&rows[0]);
        assert_eq!(first[0], "SVM");
        assert!(first[1].ends_with(" %") && first[5] == "iris" && first[6] == "42", "{first:?}");
        assert_eq!(first[9], "baseline");
        let second = texts(&rows[1]);
        assert_eq!(&second[1..4], ["–", "–", "–"]);
    }

    #[test]
    fn times_are_those_of_the_clock_on_the_wall() {
        assert_eq!(date_and_time(0.0), "1970-01-01 00:00");
        assert_eq!(date_and_time(1_795_828_440_000.0), "2026-11-28 01:14");
        assert_eq!(date_and_time(f64::NAN).len(), 16);
        let row = &rows()[0];
        assert_eq!(row.local_millis - row.run.started_at_millis, 3_600_000.0);
    }

    #[test]
    fn words_are_found_wherever_they_stand() {
        let row = &rows()[0];
        for words in ["svm", "first", "baseline", "iris", "rbf svm", "kernel"] {
            assert!(row.says(words), "{words}");
        }
        assert!(!row.says("forest") && !row.says("svm forest"));
    }

    #[test]
    fn what_is_not_known_comes_last_either_way() {
        let rows = rows();
        for descending in [false, true] {
            assert_eq!(rows[0].compare(&rows[1], Column::Accuracy, descending), Ordering::Less);
        }
        assert_eq!(rows[0].compare(&rows[1], Column::Seed, false), Ordering::Greater);
        assert_eq!(rows[0].compare(&rows[1], Column::When, true), Ordering::Greater);
    }
}
