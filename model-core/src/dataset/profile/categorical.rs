//! The summary of one categorical column.

use crate::order::sort_by;

use serde::{Deserialize, Serialize};

/// Most categories that a profile lists.
pub const MAX_COMMON: usize = 20;

/// What a categorical column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoricalProfile {
    /// Rows without a category: NaN, or a code that stands for none.
    pub missing: u32,
    /// Categories that occur.
    pub distinct: u32,
    /// The most common categories that occur, at most [`MAX_COMMON`], most common first and in code
    /// order among equals.
    pub most_common: Vec<CategoryCount>,
    /// Code of the most common category; absent if none occurs.
    pub mode: Option<u32>,
}

/// Rows of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryCount {
    /// Its code.
    pub code: u32,
    /// What the code stands for.
    pub category: String,
    /// How many.
    pub count: u32,
}

impl CategoricalProfile {
    /// The profile of one code a row, an index into `categories`.
    #[must_use]
    pub fn of(categories: &[String], codes: &[f64]) -> Self {
        let mut counts = vec![0_u32; categories.len()];
        let mut missing = 0;
        for &code in codes {
            // A negative or fractional code would be cut to that of another category.
            let index = code as usize;
            match counts.get_mut(index) {
                Some(count) if index as f64 == code => *count += 1,
                _ => missing += 1,
            }
        }
        let mut order: Vec<usize> = (0..counts.len()).filter(|&code| counts[code] > 0).collect();
        sort_by(&mut order, &mut |a, b| counts[b].cmp(&counts[a]));
        let most_common = order.iter().take(MAX_COMMON).map(|&code| CategoryCount {
            code: code as u32,
            category: categories[code].clone(),
            count: counts[code],
        });
        Self {
            missing,
            distinct: order.len() as u32,
            most_common: most_common.collect(),
            mode: order.first().map(|&code| code as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn categories(n: usize) -> Vec<String> {
        (0..n).map(|code| format!("c{code}")).collect()
    }

    #[test]
    fn common_categories_come_first_and_equals_in_code_order() {
        let codes = [3.0, 1.0, 3.0, f64::NAN, 0.0, 1.0, 2.0];
        let profile = CategoricalProfile::of(&categories(5), &codes);
        let common: Vec<_> = profile.most_common.iter().map(|c| (c.code, c.count)).collect();
        assert_eq!(common, [(1, 2), (3, 2), (0, 1), (2, 1)]);
        assert_eq!((profile.missing, profile.distinct, profile.mode), (1, 4, Some(1)));
        assert_eq!(profile.most_common[1].category, "c3");
    }

    #[test]
    fn the_list_is_cut_and_the_count_is_not() {
        let codes: Vec<f64> = (0..30).map(f64::from).collect();
        let profile = CategoricalProfile::of(&categories(30), &codes);
        assert_eq!((profile.most_common.len(), profile.distinct), (MAX_COMMON, 30));
    }

    #[test]
    fn codes_that_stand_for_nothing_are_missing() {
        let profile = CategoricalProfile::of(&categories(2), &[-1.0, 0.5, 2.0, f64::INFINITY]);
        assert_eq!((profile.missing, profile.distinct, profile.mode), (4, 0, None));
        assert_eq!(CategoricalProfile::of(&[], &[]).mode, None);
    }
}
