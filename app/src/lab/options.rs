//! How the user wants a file to be read, as it travels and as it is kept.

use model_core::dataset::{MIN_CLASS_ROWS, RareClasses, Reading};
use model_core::schema::DateOrder;
use model_core::{CsvOptions, Dataset, DatasetError};
use serde::{Deserialize, Serialize};

/// What the user stated; what is not stated is found out. What the page offers of [`CsvOptions`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SheetOptions {
    /// The column to learn; the last one if absent.
    pub(crate) target: Option<String>,
    /// Columns to leave out.
    pub(crate) drop: Vec<String>,
    /// Columns to take for categories.
    pub(crate) categorical: Vec<String>,
    /// Columns to take for numbers.
    pub(crate) numeric: Vec<String>,
    /// How the file is written.
    pub(crate) reading: Reading,
    /// In which order dates are written, where they can be read in two ways.
    pub(crate) dates: Option<DateOrder>,
    /// Whether rare categories share one that unknown ones belong to.
    #[serde(default)]
    pub(crate) unknown_other: bool,
    /// Whether a later row may lack a value where none of these does.
    #[serde(default)]
    pub(crate) allow_missing: bool,
    /// What becomes of classes with fewer rows than [`MIN_CLASS_ROWS`].
    #[serde(default)]
    pub(crate) rare_classes: RareClasses,
}

impl SheetOptions {
    /// All of it, for a data set of this name.
    pub(crate) fn csv(&self, name: &str) -> CsvOptions {
        CsvOptions {
            name: Some(name.to_owned()),
            target: self.target.clone(),
            drop: self.drop.clone(),
            categorical: self.categorical.clone(),
            numeric: self.numeric.clone(),
            dates: self.dates,
            reading: self.reading.clone(),
            unknown_other: self.unknown_other,
            allow_missing: self.allow_missing,
            ..CsvOptions::default()
        }
    }

    /// The data set that a file holds, read like this.
    ///
    /// # Errors
    /// As [`Dataset::from_csv`] and [`Dataset::with_rare_classes`].
    pub(super) fn read(&self, bytes: &[u8], name: &str) -> Result<Dataset, DatasetError> {
        Dataset::from_csv(bytes, &self.csv(name))?
            .with_rare_classes(self.rare_classes, MIN_CLASS_ROWS)
    }

    /// The texts that the user states to mean "no value", and whether those that the reader knows do not.
    pub(crate) fn marks(&self) -> (&[String], bool) {
        let Reading { missing, also_missing, .. } = &self.reading;
        (missing.as_deref().unwrap_or(also_missing), missing.is_some())
    }

    /// States them.
    pub(crate) fn state_marks(&mut self, marks: Vec<String>, only_these: bool) {
        let (missing, also_missing) =
            if only_these { (Some(marks), Vec::new()) } else { (None, marks) };
        self.reading = Reading { missing, also_missing, ..self.reading.clone() };
    }

    /// States that `text` means "no value", beside what does so already.
    pub(crate) fn add_mark(&mut self, text: &str) {
        let (marks, only_these) = self.marks();
        let mut marks = marks.to_vec();
        if !marks.iter().any(|mark| mark == text) {
            marks.push(text.to_owned());
        }
        self.state_marks(marks, only_these);
    }

    /// The same without what is said of single columns: for a file whose columns are read anew.
    pub(crate) fn of_file(&self) -> Self {
        Self {
            target: None,
            drop: Vec::new(),
            categorical: Vec::new(),
            numeric: Vec::new(),
            ..self.clone()
        }
    }

    /// States what `column` is to be, instead of what was stated of it before.
    pub(crate) fn state(&mut self, column: &str, wish: Wish) {
        for list in [&mut self.drop, &mut self.categorical, &mut self.numeric] {
            list.retain(|name| name != column);
        }
        match wish {
            Wish::AsFound => {}
            Wish::Numbers => self.numeric.push(column.to_owned()),
            Wish::Categories => self.categorical.push(column.to_owned()),
            Wish::LeaveOut => self.drop.push(column.to_owned()),
        }
    }

    /// What was stated of `column`.
    pub(crate) fn wish(&self, column: &str) -> Wish {
        let holds = |list: &[String]| list.iter().any(|name| name == column);
        if holds(&self.drop) {
            Wish::LeaveOut
        } else if holds(&self.categorical) {
            Wish::Categories
        } else if holds(&self.numeric) {
            Wish::Numbers
        } else {
            Wish::AsFound
        }
    }
}

/// What the user wants a column to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// What the reader finds.
    AsFound,
    /// Numbers.
    Numbers,
    /// Categories.
    Categories,
    /// Left out.
    LeaveOut,
}

impl Wish {
    /// Every wish, in the order in which they are offered.
    pub(crate) const ALL: [Self; 4] =
        [Self::AsFound, Self::Numbers, Self::Categories, Self::LeaveOut];

    /// Its name in a form.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::AsFound => "found",
            Self::Numbers => "numbers",
            Self::Categories => "categories",
            Self::LeaveOut => "out",
        }
    }

    /// The wish of this name.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_wish_for_a_column_counts() {
        let mut options = SheetOptions::default();
        for wish in Wish::ALL {
            options.state("x", wish);
            assert_eq!(options.wish("x"), wish);
            assert_eq!(Wish::from_key(wish.key()), Some(wish));
        }
        options.state("x", Wish::AsFound);
        assert_eq!(options, SheetOptions::default());
    }

    #[test]
    fn marks_are_added_to_those_that_count_or_stand_alone() {
        let mut options = SheetOptions::default();
        options.add_mark("12,,5");
        options.add_mark("12,,5");
        assert_eq!(options.marks(), (&["12,,5".to_owned()][..], false));
        assert_eq!(options.reading.missing, None, "those that the reader knows count, too");
        options.state_marks(vec!["x".to_owned()], true);
        options.add_mark("y");
        assert_eq!(options.marks(), (&["x".to_owned(), "y".to_owned()][..], true));
        options.state_marks(Vec::new(), false);
        assert_eq!(options, SheetOptions::default());
    }

    #[test]
    fn what_is_said_of_the_file_outlives_its_columns() {
        let reading = Reading { separator: Some(b';'), ..Reading::default() };
        let mut options = SheetOptions { reading, ..SheetOptions::default() };
        options.target = Some("y".into());
        options.state("x", Wish::LeaveOut);
        assert_eq!(options.csv("d").drop, ["x"]);
        let of_file = options.of_file();
        let separator = of_file.reading.separator;
        assert_eq!((separator, of_file.drop.len(), of_file.target), (Some(b';'), 0, None));
    }
}
