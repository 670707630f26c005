//! Classes with hardly any rows: kept, left out, or made one.
//!
//! A rare class stops nothing. Kept, it trains; the split holds a row of it out only where another
//! is left to learn from (see [`Folds`](crate::split::Folds)), so that of a class with a single
//! row nothing is ever measured.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Dataset, DatasetError, Note};

/// A class with fewer rows is rare, unless another number is asked for: it cannot be in each of
/// five folds.
pub const MIN_CLASS_ROWS: u32 = 5;

/// Classes that a note names before it only counts.
const MAX_NAMED: usize = 8;

/// What becomes of classes with fewer rows than are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RareClasses {
    /// They stay as they are: the default.
    #[default]
    Keep,
    /// Their rows are left out.
    Drop,
    /// They become one class, if they are two or more.
    Merge,
}

impl RareClasses {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Drop, Self::Merge];

    /// The name on the wire and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::Merge => "merge",
        }
    }
}

/// What became of which rare classes, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RareClassNote {
    /// What became of them.
    pub treatment: RareClasses,
    /// The class that they are now, if they were merged.
    pub merged_into: Option<String>,
    /// So many rows make a class that is not rare.
    pub min_rows: u32,
    /// The classes and their rows.
    pub classes: Vec<(String, u32)>,
}

impl RareClassNote {
    fn new(treatment: RareClasses, min_rows: u32, classes: Vec<(String, u32)>) -> Self {
        Self { treatment, merged_into: None, min_rows, classes }
    }

    /// Rows of all of them.
    #[must_use]
    pub fn n_rows(&self) -> u32 {
        self.classes.iter().map(|(_, rows)| rows).sum()
    }

    fn named(&self) -> String {
        let named = self.classes.iter().take(MAX_NAMED);
        let named: Vec<String> = named.map(|(class, rows)| format!("{class:?} ({rows})")).collect();
        match self.classes.len().saturating_sub(MAX_NAMED) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }
}

impl fmt::Display for RareClassNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, min_rows, n_rows, named) =
            (self.classes.len(), self.min_rows, self.n_rows(), self.named());
        let (classes, have, are, their) = if n == 1 {
            ("class", "has", "is", "its")
        } else {
            ("classes", "have", "are", "their")
        };
        let rows = if n_rows == 1 { "row" } else { "rows" };
        match (&self.merged_into, self.treatment) {
            (Some(into), _) => write!(
                f,
                "{n} {classes} with fewer than {min_rows} rows {are} one class {into:?} of {n_rows} {rows}: {named}"
            ),
            (None, RareClasses::Drop) => write!(
                f,
                "{n} {classes} with fewer than {min_rows} rows {are} left out with {their} {n_rows} {rows}: {named}"
            ),
            (None, _) => {
                write!(f, "{n} {classes} {have} fewer than {min_rows} rows: {named}; ")?;
                let single = self.classes.iter().filter(|(_, rows)| *rows == 1).count();
                f.write_str(match single {
                    0 => "figures for them mean little",
                    _ => "figures for them mean little, and a single row trains and is never held out",
                })?;
                f.write_str("; such classes can be dropped or merged")
            }
        }
    }
}

/// A note of the classes of `data` with fewer than `min_rows` rows, which stay; `None` without.
pub(super) fn kept(data: &Dataset, min_rows: u32) -> Option<Note> {
    let classes = rare(data, min_rows);
    let note = RareClassNote::new(RareClasses::Keep, min_rows, classes);
    (!note.classes.is_empty()).then_some(Note::RareClasses(note))
}

/// Classes with a row and fewer than `min_rows`, and their rows.
fn rare(data: &Dataset, min_rows: u32) -> Vec<(String, u32)> {
    let counts = data.class_counts();
    let counted = data.classes.iter().zip(counts);
    let is_rare = |&(_, rows): &(&String, u32)| (1..min_rows).contains(&rows);
    counted.filter(is_rare).map(|(class, rows)| (class.clone(), rows)).collect()
}

impl Dataset {
    /// The same rows with classes of fewer than `min_rows` rows kept, left out or made one; a note
    /// names and counts them.
    ///
    /// The merged class comes last and is called `other`, or `other 2` and so on if there is a
    /// class of that name. A single rare class has nothing to be merged with and is kept. A recorded
    /// split goes on without the rows that are left out.
    ///
    /// # Errors
    /// [`DatasetError::FewClasses`] if fewer than two classes would be left.
    ///
    /// ```
    /// use model_core::dataset::{CsvOptions, Dataset, RareClasses};
    /// let csv = format!("x,y\n{}7,c\n8,d\n", "1,a\n2,b\n".repeat(5));
    /// let data = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
    /// let merged = data.clone().with_rare_classes(RareClasses::Merge, 5)?;
    /// assert_eq!(merged.schema().classes, ["a", "b", "other"]);
    /// let left = data.with_rare_classes(RareClasses::Drop, 5)?;
    /// assert_eq!((left.n_classes(), left.n_samples()), (2, 10));
    /// # Ok::<(), model_core::dataset::DatasetError>(())
    /// ```
    pub fn with_rare_classes(
        self,
        treatment: RareClasses,
        min_rows: u32,
    ) -> Result<Self, DatasetError> {
        let rare = rare(&self, min_rows);
        let n_others = self.class_counts().iter().filter(|&&rows| rows >= min_rows).count();
        let merges = treatment == RareClasses::Merge && rare.len() > 1;
        let drops = treatment == RareClasses::Drop && !rare.is_empty();
        let left = n_others + usize::from(merges);
        if (merges || drops) && left < 2 {
            let found = left;
            return Err(DatasetError::FewClasses { target: self.target, found, min_rows });
        }
        let mut note = RareClassNote::new(treatment, min_rows, rare);
        let mut data = match (drops, merges) {
            (true, _) => self.without(&note.classes),
            (_, true) => {
                let name = self.free_class_name();
                note.merged_into = Some(name.clone());
                self.merged(&note.classes, name)
            }
            _ => {
                note.treatment = RareClasses::Keep;
                self
            }
        };
        data.notes.retain(|note| !matches!(note, Note::RareClasses(_)));
        if !note.classes.is_empty() {
            data.notes.push(Note::RareClasses(note.clone()));
        }
        if note.treatment != RareClasses::Keep {
            data.notes.extend(kept(&data, min_rows));
        }
        let rows: Vec<usize> = (0..data.n_samples()).collect();
        data.schema = data.schema_of(&rows);
        Ok(data)
    }

    /// `other`, or the first of `other 2`, `other 3` and so on that no class is called, in whatever
    /// case.
    fn free_class_name(&self) -> String {
        let is_free =
            |name: &String| !self.classes.iter().any(|class| class.eq_ignore_ascii_case(name));
        let numbered = (2..).map(|n| format!("other {n}"));
        std::iter::once("other".to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }

    /// The rows of the other classes. The schema is not made anew.
    fn without(self, classes: &[(String, u32)]) -> Self {
        let is_left = |class: &String| !classes.iter().any(|(rare, _)| rare == class);
        let mut names = Vec::new();
        let place = |class: String| {
            is_left(&class).then(|| {
                names.push(class);
                names.len() as u32 - 1
            })
        };
        let new_label: Vec<Option<u32>> = self.classes.into_iter().map(place).collect();
        let label = |row: usize| *new_label.get(*self.labels.get(row)? as usize)?;
        let rows: Vec<usize> = (0..self.labels.len()).filter(|&row| label(row).is_some()).collect();
        let mut new_row = vec![None; self.labels.len()];
        rows.iter().enumerate().for_each(|(new, &row)| new_row[row] = Some(new));
        let p = self.columns.len().max(1);
        let values = self.values.chunks_exact(p).zip(&new_row).filter(|(_, new)| new.is_some());
        let in_file = |&row: &usize| match &self.file_rows {
            Some(rows) => rows.get(row).copied().unwrap_or(row),
            None => row,
        };
        Self {
            values: values.flat_map(|(row, _)| row).copied().collect(),
            labels: rows.iter().filter_map(|&row| label(row)).collect(),
            file_rows: Some(rows.iter().map(in_file).collect()),
            recorded_split: self.recorded_split.map(|split| split.renumbered(&new_row)),
            classes: names,
            ..self
        }
    }

    /// All rows, those of `classes` in one class `name`, the last. The schema is not made anew.
    fn merged(self, classes: &[(String, u32)], name: String) -> Self {
        let is_rare = |class: &String| classes.iter().any(|(rare, _)| rare == class);
        let mut names: Vec<String> = Vec::new();
        let last = (self.classes.len() - classes.len()) as u32;
        let place = |class: String| {
            if is_rare(&class) {
                return last;
            }
            names.push(class);
            names.len() as u32 - 1
        };
        let new_label: Vec<u32> = self.classes.into_iter().map(place).collect();
        names.push(name);
        let label = |label: u32| new_label.get(label as usize).copied().unwrap_or(last);
        let labels = self.labels.into_iter().map(label).collect();
        Self { labels, classes: names, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{CsvOptions, RecordedSplit};

    fn data(classes: &str) -> Dataset {
        let csv: String =
            classes.chars().map(|class| format!("{},{class}\n", class as u32)).collect();
        Dataset::from_csv(format!("x,y\n{csv}").as_bytes(), &CsvOptions::default()).unwrap()
    }

    fn notes(data: &Dataset) -> Vec<String> {
        let rare = data.notes().iter().filter(|note| matches!(note, Note::RareClasses(_)));
        rare.map(ToString::to_string).collect()
    }

    #[test]
    fn rare_classes_are_named_and_counted_in_one_note() {
        let told = notes(&data("aaaaabbbbbcddd"));
        assert_eq!(
            told,
            [
                "2 classes have fewer than 5 rows: \"c\" (1), \"d\" (3); figures for them mean little, \
                 and a single row trains and is never held out; such classes can be dropped or merged"
            ]
        );
        assert!(notes(&data("aaaaabbbbb")).is_empty());
    }

    #[test]
    fn rows_that_are_left_out_take_their_class_along() {
        let left = data("aacaabdbbbbad").with_rare_classes(RareClasses::Drop, 3).unwrap();
        assert_eq!(left.schema().classes, ["a", "b"]);
        assert_eq!(left.class_counts(), [5, 5]);
        assert_eq!((left.row(2), left.file_row(2)), ([97.0].as_slice(), 4));
        assert_eq!(left.row_in_file(3), None);
        assert_eq!(
            notes(&left),
            [
                "2 classes with fewer than 3 rows are left out with their 3 rows: \"c\" (1), \"d\" (2)"
            ]
        );
        let text = data("aaaab").with_rare_classes(RareClasses::Drop, 3).unwrap_err().to_string();
        assert!(text.contains("\"y\"") && text.contains("fewer than 3 rows"), "{text}");
    }

    #[test]
    fn merged_classes_are_one_whose_name_is_free() {
        let merged = data("aacaabdbbbba").with_rare_classes(RareClasses::Merge, 3).unwrap();
        assert_eq!(merged.schema().classes, ["a", "b", "other"]);
        assert_eq!(merged.class_counts(), [5, 5, 2]);
        let told = notes(&merged);
        assert!(told[0].contains("are one class \"other\" of 2 rows: \"c\" (1), \"d\" (1)"));
        assert!(told[1].starts_with("1 class has fewer than 3 rows: \"other\" (2)"), "{told:?}");

        let csv = format!("x,y\n{}1,Other\n1,other 2\n1,z\n", "1,a\n2,b\n".repeat(5));
        let named = Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap();
        let merged = named.with_rare_classes(RareClasses::Merge, 3).unwrap();
        assert_eq!(merged.schema().classes, ["a", "b", "other 3"]);
    }

    #[test]
    fn a_single_rare_class_has_nothing_to_be_merged_with() {
        let kept = data("aaabbbc").with_rare_classes(RareClasses::Merge, 3).unwrap();
        assert_eq!(kept.schema().classes, ["a", "b", "c"]);
        assert!(notes(&kept)[0].starts_with("1 class has fewer than 3 rows: \"c\" (1)"));
        let other = data("aaabbbc").with_rare_classes(RareClasses::Keep, 2).unwrap();
        assert_eq!(other.digest(), kept.digest());
    }

    #[test]
    fn a_recorded_split_goes_on_without_the_rows_that_are_left_out() {
        let split = RecordedSplit {
            source: String::new(),
            seed: 42,
            test_size: 0.25,
            train: vec![0, 1, 2, 4, 5],
            test: vec![3, 6],
            folds: vec![vec![0, 4], vec![1, 2, 5]],
        };
        let recorded = data("aacabbb").with_recorded_split(split).unwrap();
        let left = recorded.with_rare_classes(RareClasses::Drop, 2).unwrap();
        let split = left.recorded_split().unwrap();
        assert_eq!(
            (&split.train[..], &split.test[..]),
            ([0, 1, 3, 4].as_slice(), [2, 5].as_slice())
        );
        assert_eq!(split.folds, [[0, 3], [1, 4]]);
        assert_eq!(split.check(6), Ok(()));
    }
}
