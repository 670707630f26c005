//! Categories too rare to learn from, as one category that unknown ones belong to as well.
//!
//! The counts are those of all rows of the file, whatever their labels, so nothing of a label
//! reaches a column. Source: scikit-learn's `OneHotEncoder(min_frequency=…,
//! handle_unknown="infrequent_if_exist")`.

use super::{Column, ColumnKind, MAX_CATEGORIES, Note};

/// A category with so many rows is never rare: enough to see how often each of two classes comes.
const ENOUGH_ROWS: usize = 10;
/// In a small file one row in so many is enough. A category of one row is always rare: at most one
/// of the parts that the rows are split into holds it.
const ROWS_PER_CATEGORY: usize = 100;

/// How many rows a category needs in a file of `n_rows`: one in a hundred, from 2 to 10.
const fn least_rows(n_rows: usize) -> usize {
    match n_rows / ROWS_PER_CATEGORY {
        0..=2 => 2,
        enough @ 3..ENOUGH_ROWS => enough,
        _ => ENOUGH_ROWS,
    }
}

/// Gives a categorical column the category that its rare ones share, `other` if no category is
/// called so, and the rows of those to it; what was done.
pub(super) fn share_one(column: &mut Column, values: &mut [f64]) -> Option<Note> {
    let ColumnKind::Categorical(names) = &column.kind else { return None };
    let mut counts = vec![0_usize; names.len()];
    for value in values.iter().filter(|value| !value.is_nan()) {
        if let Some(count) = counts.get_mut(*value as usize) {
            *count += 1;
        }
    }
    let least = least_rows(values.len());
    let mut is_rare: Vec<bool> = counts.iter().map(|&count| count < least).collect();
    if names.len() >= MAX_CATEGORIES && !is_rare.contains(&true) {
        // There must be room for the shared one.
        let rarest = counts.iter().enumerate().min_by_key(|(_, count)| **count);
        rarest.into_iter().for_each(|(code, _)| is_rare[code] = true);
    }
    let part = |rare: bool| names.iter().zip(&is_rare).filter(move |(_, is)| **is == rare);
    let mut kept: Vec<String> = part(false).map(|(name, _)| name.clone()).collect();
    let example = part(true).next().map(|(name, _)| name.clone());
    let other = free_name(&kept);
    let at = kept.partition_point(|name| *name < other);
    kept.insert(at, other.clone());

    let mut codes = Vec::with_capacity(is_rare.len());
    let mut next = 0;
    for &rare in &is_rare {
        next += usize::from(next == at);
        codes.push(if rare { at } else { next });
        next += usize::from(!rare);
    }
    let mut n_rows = 0;
    for value in values.iter_mut().filter(|value| !value.is_nan()) {
        let old = *value as usize;
        n_rows += usize::from(is_rare.get(old) == Some(&true));
        *value = codes.get(old).copied().unwrap_or(at) as f64;
    }
    let n_categories = is_rare.iter().filter(|rare| **rare).count();
    column.kind = ColumnKind::Categorical(kept);
    column.other = Some(at as u32);
    let column = column.name.clone();
    Some(Note::RareCategories { column, other, n_categories, n_rows, example, least })
}

/// `other`, or the first of `other 2`, `other 3` … that is no category.
fn free_name(names: &[String]) -> String {
    let is_free = |name: &String| names.binary_search(name).is_err();
    let mut name = "other".to_owned();
    let mut n = 1;
    while !is_free(&name) {
        n += 1;
        name = format!("other {n}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The column and its values once rare categories share one, and the note.
    fn shared(names: &[&str], codes: &[usize]) -> (Vec<String>, u32, Vec<f64>, String) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let mut column =
            Column { kind: ColumnKind::Categorical(names), ..Column::numeric("colour") };
        let mut values: Vec<f64> = codes.iter().map(|&code| code as f64).collect();
        let note = share_one(&mut column, &mut values).unwrap().to_string();
        let ColumnKind::Categorical(names) = column.kind else { unreachable!("it was one") };
        (names, column.other.unwrap(), values, note)
    }

    #[test]
    fn categories_of_one_row_share_one_in_a_small_file() {
        let (names, other, values, note) =
            shared(&["blue", "pink", "red", "teal"], &[0, 1, 2, 0, 2, 3]);
        assert_eq!(names, ["blue", "other", "red"]);
        assert_eq!(other, 1);
        assert_eq!(values, [0.0, 1.0, 2.0, 0.0, 2.0, 1.0]);
        assert_eq!(
            note,
            "column \"colour\": 2 categories with fewer than 2 rows, such as \"pink\", share \
             \"other\" with unknown ones, 2 rows in all (leave --unknown out to keep them apart)"
        );
    }

    #[test]
    fn where_none_is_rare_the_shared_one_has_no_rows() {
        let (names, other, values, note) = shared(&["x", "z"], &[0, 1, 0, 1]);
        assert_eq!((names, other), (vec!["other".into(), "x".into(), "z".into()], 0));
        assert_eq!(values, [1.0, 2.0, 1.0, 2.0]);
        assert_eq!(
            note,
            "column \"colour\": no category is rare; unknown ones will be \"other\", of which the \
             model learns nothing (leave --unknown out to refuse them)"
        );
    }

    #[test]
    fn a_category_called_other_is_not_mixed_up() {
        let (names, other, values, _) = shared(&["other", "rare", "x"], &[0, 0, 1, 2, 2]);
        assert_eq!((names, other), (vec!["other".into(), "other 2".into(), "x".into()], 1));
        assert_eq!(values, [0.0, 0.0, 1.0, 2.0, 2.0]);
        // A rare one of that name is what the name says.
        assert_eq!(shared(&["other", "x"], &[0, 1, 1]).0, ["other", "x"]);
    }

    #[test]
    fn how_rare_is_rare_grows_with_the_file() {
        let sizes = [5, 200, 350, 999, 1000, 1_000_000];
        assert_eq!(sizes.map(least_rows), [2, 2, 3, 9, 10, 10]);
    }

    #[test]
    fn the_limit_of_categories_holds() {
        let names: Vec<String> = (0..MAX_CATEGORIES).map(|i| format!("{i:04}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // None is rare; the first has a row less than the others.
        let mut codes: Vec<usize> =
            (0..ENOUGH_ROWS * MAX_CATEGORIES).map(|i| i % MAX_CATEGORIES).collect();
        codes.extend(1..MAX_CATEGORIES);
        let (shared, other, values, _) = shared(&names, &codes);
        assert_eq!(shared.len(), MAX_CATEGORIES);
        assert_eq!(f64::from(other), values[0]);
    }
}
