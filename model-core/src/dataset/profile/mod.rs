//! What a data set looks like before anything is trained: a summary of each column, how numeric
//! columns move together, the class balance and repeated rows.
//!
//! Pure functions over columns; missing values are NaN. A column costs `n log n`, correlation
//! `p² n` over the first [`MAX_CORRELATED`] numeric columns, so that 200,000 rows by 500 columns
//! take seconds. All figures are finite.

mod categorical;
mod correlation;
mod duplicates;
mod numeric;

use serde::{Deserialize, Serialize};

pub use self::categorical::{CategoricalProfile, CategoryCount, MAX_COMMON};
pub use self::correlation::{Correlation, MAX_CORRELATED};
pub use self::numeric::{Histogram, NumericProfile};

/// One column's values, as the profile reads them.
#[derive(Debug, Clone, Copy)]
pub enum ProfileColumn<'a> {
    /// Numbers.
    Numeric {
        /// Name in the CSV.
        name: &'a str,
        /// One a row, NaN for missing.
        values: &'a [f64],
    },
    /// Categories.
    Categorical {
        /// Name in the CSV.
        name: &'a str,
        /// What the codes stand for.
        categories: &'a [String],
        /// Index into `categories`, one a row, NaN for missing.
        codes: &'a [f64],
    },
}

impl ProfileColumn<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Numeric { name, .. } | Self::Categorical { name, .. } => name,
        }
    }

    fn values(&self) -> &[f64] {
        match self {
            Self::Numeric { values, .. } | Self::Categorical { codes: values, .. } => values,
        }
    }
}

/// What one column holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Name in the CSV.
    pub name: String,
    /// The summary, by kind.
    #[serde(flatten)]
    pub summary: ColumnSummary,
}

/// The summary of a column, told apart by `kind` in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ColumnSummary {
    /// Of numbers.
    Numeric(NumericProfile),
    /// Of categories.
    Categorical(CategoricalProfile),
}

/// What a data set holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetProfile {
    /// Rows.
    pub n_rows: u32,
    /// One a feature column, in their order.
    pub columns: Vec<ColumnProfile>,
    /// Between numeric columns.
    pub correlation: Correlation,
    /// Rows of each class, in class order.
    pub class_counts: Vec<u32>,
    /// Rows that repeat an earlier one, label included, bit by bit; missing equals missing.
    pub duplicate_rows: u32,
}

impl DatasetProfile {
    /// The profile of these columns and class indices, one a row each.
    ///
    /// Labels that are no class are in no class count.
    ///
    /// ```
    /// use model_core::dataset::{DatasetProfile, ProfileColumn};
    /// let values = [1.0, 2.0, f64::NAN, 1.0];
    /// let column = ProfileColumn::Numeric { name: "length", values: &values };
    /// let profile = DatasetProfile::of(&[column], &[0, 1, 1, 0], 2);
    /// assert_eq!((profile.class_counts, profile.duplicate_rows), (vec![2, 2], 1));
    /// ```
    #[must_use]
    pub fn of(columns: &[ProfileColumn<'_>], labels: &[u32], n_classes: usize) -> Self {
        let mut class_counts = vec![0; n_classes];
        for &label in labels {
            if let Some(count) = class_counts.get_mut(label as usize) {
                *count += 1;
            }
        }
        let profiles: Vec<ColumnProfile> = columns
            .iter()
            .map(|column| ColumnProfile {
                name: column.name().to_owned(),
                summary: match column {
                    ProfileColumn::Numeric { values, .. } => {
                        ColumnSummary::Numeric(NumericProfile::of(values))
                    }
                    ProfileColumn::Categorical { categories, codes, .. } => {
                        ColumnSummary::Categorical(CategoricalProfile::of(categories, codes))
                    }
                },
            })
            .collect();
        let numeric: Vec<(usize, &[f64], &NumericProfile)> = columns
            .iter()
            .zip(&profiles)
            .enumerate()
            .filter_map(|(index, (column, profile))| match &profile.summary {
                ColumnSummary::Numeric(profile) => Some((index, column.values(), profile)),
                ColumnSummary::Categorical(_) => None,
            })
            .collect();
        let values: Vec<&[f64]> = columns.iter().map(ProfileColumn::values).collect();
        Self {
            n_rows: labels.len() as u32,
            correlation: Correlation::of(&numeric),
            class_counts,
            duplicate_rows: duplicates::count(&values, labels),
            columns: profiles,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_profiled() {
        let (x, y) = ([1.0, 2.0, 3.0, 1.0, 1.0], [2.0, 4.0, 6.0, 2.0, 2.0]);
        let codes = [0.0, 1.0, f64::NAN, 0.0, 0.0];
        let categories = ["red".to_owned(), "blue".to_owned()];
        let columns = [
            ProfileColumn::Numeric { name: "x", values: &x },
            ProfileColumn::Categorical { name: "colour", categories: &categories, codes: &codes },
            ProfileColumn::Numeric { name: "y", values: &y },
        ];
        let profile = DatasetProfile::of(&columns, &[0, 1, 1, 0, 1], 2);
        assert_eq!((profile.n_rows, profile.duplicate_rows), (5, 1));
        assert_eq!(profile.class_counts, [2, 3]);
        assert_eq!(profile.correlation.columns, [0, 2]);
        let correlation = profile.correlation.values[1].unwrap();
        assert!((correlation - 1.0).abs() < 1e-15, "{correlation}");

        let json = serde_json::to_value(&profile).unwrap();
        assert_eq!(json["columns"][0]["kind"], "numeric");
        assert_eq!(json["columns"][1]["kind"], "categorical");
        assert_eq!(json["columns"][1]["most_common"][0]["category"], "red");
        assert_eq!(serde_json::from_value::<DatasetProfile>(json).unwrap(), profile);
    }

    #[test]
    fn nothing_has_an_empty_profile() {
        let profile = DatasetProfile::of(&[], &[], 0);
        assert_eq!((profile.n_rows, profile.duplicate_rows), (0, 0));
        assert!(profile.correlation.values.is_empty() && profile.columns.is_empty());
        let column = ProfileColumn::Numeric { name: "x", values: &[] };
        let profile = DatasetProfile::of(&[column], &[], 2);
        assert_eq!(profile.class_counts, [0, 0]);
        assert_eq!(profile.correlation.values, [None]);
    }
}
