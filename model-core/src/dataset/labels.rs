//! Class names and labels from the texts of the target column.

use std::collections::BTreeMap;

/// Class names and the label of each text: sorted by value if all are numbers, else by name.
pub(super) fn encode_labels(texts: &[&str]) -> (Vec<String>, Vec<u32>) {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    // One by one, as `the types of columns are found: collecting would sort them by code of its own.
    for text in texts {
        codes.insert(text, 0);
    }
    let distinct: Vec<&str> = codes.keys().copied().collect();
    let mut order: Vec<usize> = (0..distinct.len()).collect();
    let number = |text: &str| crate::parse_number(text).filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = distinct.iter().map(|class| number(class)).collect();
    if let Some(numbers) = numbers {
        // Stable: texts of one number, such as 1 and 1.0, stay sorted by name.
        crate::order::sort_by(&mut order, &mut |a, b| numbers[a].total_cmp(&numbers[b]));
    }
    let classes: Vec<&str> = order.into_iter().map(|at| distinct[at]).collect();
    for (class, code) in classes.iter().zip(0..) {
        codes.insert(class, code);
    }
    let code = |text: &&str| codes.get(text).copied().unwrap_or_default() as u32;
    let labels = texts.iter().map(code).collect();
    (classes.into_iter().map(str::to_owned).collect(), labels)
}
