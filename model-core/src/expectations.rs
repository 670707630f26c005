//! What a model's training data was like, as conditions that other data can be held against.
//!
//! They follow from the [`Schema`] and so travel with the model. A single row is checked by
//! [`Schema::row`]; this is the check of a whole data set, before it retrains a model.

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::schema::row::{is_code, shortened};
use crate::schema::{Feature, FeatureKind, Range, Schema};

/// Conditions on the columns of a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expectations {
    /// The model's input columns: names, types, hard ranges, categories and shares of missing
    /// values.
    pub features: Vec<Feature>,
    /// The classes that labels may take.
    pub classes: Vec<String>,
}

/// A condition that does not hold. Rows are counted from 1, as in the file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// A column is not there.
    #[error("column {column:?} is missing")]
    NoColumn {
        /// Its name.
        column: String,
    },
    /// A column changed between numeric and categorical.
    #[error("column {column:?} was {expected} and is {found}")]
    Type {
        /// Its name.
        column: String,
        /// `numeric` or `categorical`.
        expected: &'static str,
        /// `numeric` or `categorical`.
        found: &'static str,
    },
    /// Values lie outside the hard range.
    #[error("column {column:?}: {n_rows} values outside {} to {}, the first in row {first_row}: {value}", range.min, range.max)]
    Range {
        /// The column.
        column: String,
        /// How many.
        n_rows: usize,
        /// The first one's row.
        first_row: usize,
        /// The first one.
        value: f64,
        /// What was expected.
        range: Range,
    },
    /// Categories that training did not know.
    #[error(
        "column {column:?}: {n_rows} rows with an unknown category, the first in row {first_row}: {category:?}"
    )]
    Category {
        /// The column.
        column: String,
        /// How many rows.
        n_rows: usize,
        /// The first one's row.
        first_row: usize,
        /// The first one's category, shortened.
        category: String,
    },
    /// More rows lack a value than chance would explain.
    #[error("column {column:?}: {:.1} % of the rows have no value, {:.1} % had none in training", 100.0 * share, 100.0 * expected)]
    MissingShare {
        /// The column.
        column: String,
        /// Share of rows without a value.
        share: f64,
        /// The same in training.
        expected: f64,
    },
    /// A class that the model does not know.
    #[error("class {class:?} is new")]
    Class {
        /// Its name, shortened.
        class: String,
    },
}

impl Schema {
    /// The conditions that data of this schema meets.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// assert_eq!(iris.schema().expectations().features.len(), 4);
    /// ```
    #[must_use]
    pub fn expectations(&self) -> Expectations {
        Expectations { features: self.features.clone(), classes: self.classes.clone() }
    }
}

impl Expectations {
    /// Every condition that `data` does not meet, in the order of the columns; columns beyond the
    /// expected ones do not matter.
    ///
    /// ```
    /// let iris = model_core::Dataset::iris();
    /// let expected = iris.schema().expectations();
    /// assert!(expected.violations(&iris).is_empty());
    /// # use model_core::{CsvOptions, Dataset};
    /// let other = Dataset::from_csv(b"x,species\n1,setosa\n2,rose\n", &CsvOptions::default())?;
    /// assert_eq!(expected.violations(&other).len(), 5, "four columns and a class");
    /// # Ok::<(), model_core::DatasetError>(())
    /// ```
    #[must_use]
    pub fn violations(&self, data: &Dataset) -> Vec<Violation> {
        let mut violations = Vec::new();
        for feature in &self.features {
            let column = feature.name.clone();
            match data.schema().feature_index(&column) {
                Some(index) => check_column(feature, data, index, &mut violations),
                None => violations.push(Violation::NoColumn { column }),
            }
        }
        let new = data.schema().classes.iter().filter(|class| !self.classes.contains(class));
        violations.extend(new.map(|class| Violation::Class { class: shortened(class) }));
        violations
    }
}

fn check_column(feature: &Feature, data: &Dataset, index: usize, found: &mut Vec<Violation>) {
    let column = || feature.name.clone();
    let values =
        || (0..data.n_samples()).map(move |row| (data.file_row(row), data.row(row)[index]));
    let Some(theirs) = data.schema().features.get(index) else { return };
    match (&feature.kind, &theirs.kind) {
        (FeatureKind::Numeric(range), FeatureKind::Numeric(_)) => {
            let range = range.hard;
            let outside = || values().filter(|(_, v)| !v.is_nan() && !range.contains(*v));
            if let Some((first_row, value)) = outside().next() {
                let (column, n_rows) = (column(), outside().count());
                found.push(Violation::Range { column, n_rows, first_row, value, range });
            }
        }
        // A category that rare and unknown ones share holds whatever comes.
        (FeatureKind::Categorical(_), FeatureKind::Categorical(_)) if feature.other.is_some() => {}
        (FeatureKind::Categorical(known), FeatureKind::Categorical(names)) => {
            let name_of = |value: f64| {
                is_code(value, names.len()).then(|| names.get(value as usize)).flatten()
            };
            let is_new = |name: &String| known.binary_search(name).is_err();
            let unknown =
                || values().filter_map(|(row, v)| Some((row, name_of(v).filter(|n| is_new(n))?)));
            if let Some((first_row, category)) = unknown().next() {
                let (column, n_rows) = (column(), unknown().count());
                let category = shortened(category);
                found.push(Violation::Category { column, n_rows, first_row, category });
            }
        }
        (expected, kind) => found.push(Violation::Type {
            column: column(),
            expected: type_name(expected),
            found: type_name(kind),
        }),
    }
    let n = data.n_samples().max(1) as f64;
    let share = values().filter(|(_, value)| value.is_nan()).count() as f64 / n;
    let expected = feature.missing_share;
    // Three standard deviations of a share of n rows, and a row for shares next to 0.
    let most = if feature.nullable {
        expected + 3.0 * (expected * (1.0 - expected) / n).sqrt() + 1.0 / n
    } else {
        0.0
    };
    if share > most {
        found.push(Violation::MissingShare { column: column(), share, expected });
    }
}

const fn type_name(kind: &FeatureKind) -> &'static str {
    match kind {
        FeatureKind::Numeric(_) => "numeric",
        FeatureKind::Categorical(_) => "categorical",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::CsvOptions;

    fn read(csv: &str) -> Dataset {
        Dataset::from_csv(csv.as_bytes(), &CsvOptions::default()).unwrap()
    }

    fn violations(of: &str) -> Vec<String> {
        let training = read("x,colour,y\n1,red,a\n2,blue,b\n,red,a\n3,red,b\n");
        let found = training.schema().expectations().violations(&read(of));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn data_like_the_training_data_meets_them() {
        assert_eq!(violations("x,colour,more,y\n1,red,0,a\n,blue,1,b\n"), Vec::<String>::new());
    }

    #[test]
    fn unknown_categories_are_expected_where_they_share_one() {
        let options = CsvOptions { unknown_other: true, ..CsvOptions::default() };
        let training = Dataset::from_csv(b"colour,y\nred,a\nblue,b\nred,b\n", &options).unwrap();
        let found =
            training.schema().expectations().violations(&read("colour,y\ngreen,a\nred,b\n"));
        assert_eq!(found, []);
    }

    #[test]
    fn gaps_are_expected_no_more_often_for_being_allowed() {
        let options = CsvOptions { allow_missing: true, ..CsvOptions::default() };
        let training = Dataset::from_csv(b"x,y\n1,a\n2,b\n3,b\n", &options).unwrap();
        let gaps = |csv: &str| training.schema().expectations().violations(&read(csv)).len();
        assert_eq!(gaps("x,y\n1,a\n,b\n2,b\n"), 0);
        assert_eq!(gaps("x,y\n1,a\n,b\n,b\n"), 1);
    }

    #[test]
    fn every_violation_names_column_and_row() {
        assert_eq!(
            violations("x,colour,y\n1,red,a\n100,green,c\n"),
            [
                "column \"x\": 1 values outside 0 to 9, the first in row 2: 100",
                "column \"colour\": 1 rows with an unknown category, the first in row 2: \"green\"",
                "class \"c\" is new",
            ]
        );
        assert_eq!(
            violations("x,y\nbig,a\nsmall,b\n,a\n"),
            ["column \"x\" was numeric and is categorical", "column \"colour\" is missing",]
        );
        let rows = "x,colour,y\n1,red,a\n2,,b\n1,red,b\n";
        assert_eq!(
            violations(rows),
            ["column \"colour\": 33.3 % of the rows have no value, 0.0 % had none in training"]
        );
    }
}
