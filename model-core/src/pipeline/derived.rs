//! Columns made of two others: ratios and products.

use serde::{Deserialize, Serialize};

use crate::dataset::{ColumnKind, Dataset};
use crate::model::FitError;

/// Which columns are derived from the numeric ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DerivedFeatures {
    /// None.
    #[default]
    None,
    /// The ratio of each pair.
    Ratios,
    /// The product of each pair.
    Products,
    /// Both.
    RatiosAndProducts,
}

impl DerivedFeatures {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::None, Self::Ratios, Self::Products, Self::RatiosAndProducts];

    /// The name on the wire and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ratios => "ratios",
            Self::Products => "products",
            Self::RatiosAndProducts => "ratios_and_products",
        }
    }

    /// The columns derived for this data set.
    ///
    /// # Errors
    /// [`FitError::DerivedSources`] if pairs of its numeric columns would be too many.
    pub(super) fn columns_for(self, dataset: &Dataset) -> Result<Vec<Derived>, FitError> {
        if self == Self::None {
            return Ok(Vec::new());
        }
        let columns = dataset.columns().iter().enumerate();
        let numeric: Vec<u32> = columns
            .filter(|(_, column)| column.kind == ColumnKind::Numeric)
            .map(|(at, _)| at as u32)
            .collect();
        if numeric.len() > MAX_SOURCES {
            return Err(FitError::DerivedSources { found: numeric.len(), limit: MAX_SOURCES });
        }
        let mut derived = Vec::new();
        for (at, &first) in numeric.iter().enumerate() {
            for &second in &numeric[at + 1..] {
                if matches!(self, Self::Ratios | Self::RatiosAndProducts) {
                    derived.push(Derived { operation: Operation::Ratio, first, second });
                }
                if matches!(self, Self::Products | Self::RatiosAndProducts) {
                    derived.push(Derived { operation: Operation::Product, first, second });
                }
            }
        }
        Ok(derived)
    }
}

/// Most numeric columns that pairs are made of: 190 pairs.
const MAX_SOURCES: usize = 20;

/// Derived values keep within this; farther out no model changes its answer.
pub(crate) const MAX_DERIVED: f64 = 1e100;

/// How two values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// First over second; 0 if the second is 0.
    Ratio,
    /// First times second.
    Product,
}

/// A derived column: an operation on two columns of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// What is done.
    pub operation: Operation,
    /// Index of the first column.
    pub first: u32,
    /// Index of the second column.
    pub second: u32,
}

impl Derived {
    /// The derived value of these two.
    #[must_use]
    pub fn of(&self, first: f64, second: f64) -> f64 {
        let value = match self.operation {
            Operation::Ratio if second == 0.0 => 0.0,
            Operation::Ratio => first / second,
            Operation::Product => first * second,
        };
        value.clamp(-MAX_DERIVED, MAX_DERIVED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_numeric_columns_are_combined() {
        let data = Dataset::from_csv(
            b"x,colour,z,y\n1,red,2,a\n2,blue,3,b\n3,red,4,a\n",
            &crate::CsvOptions::default(),
        )
        .unwrap();
        let columns = DerivedFeatures::RatiosAndProducts.columns_for(&data).unwrap();
        let derived = |operation| Derived { operation, first: 0, second: 2 };
        assert_eq!(columns, [derived(Operation::Ratio), derived(Operation::Product)]);
        assert_eq!((columns[0].of(1.0, 2.0), columns[1].of(3.0, 2.0)), (0.5, 6.0));
        assert_eq!(columns[0].of(1.0, 0.0), 0.0);
        assert_eq!(columns[1].of(1e300, 1e300), 1e100);
        assert!(DerivedFeatures::None.columns_for(&data).unwrap().is_empty());
    }
}
