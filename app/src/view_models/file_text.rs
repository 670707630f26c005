//! Names and texts of files that are saved.

use model_core::dataset::csv_record;

/// A file's name for `title`: its words up to the first mark of punctuation, in small letters.
pub(crate) fn file_name(title: &str) -> String {
    let end = title.find([',', '.', ':', '·', '?']).unwrap_or(title.len());
    let mut name = String::new();
    for letter in title.get(..end).unwrap_or_default().chars().take(60) {
        if letter.is_alphanumeric() {
            name.extend(letter.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "chart".to_owned() } else { name.to_owned() }
}

/// `rows` as CSV (RFC 4180).
pub(crate) fn csv(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for row in rows {
        text += &csv_record(row, ',');
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_of_the_title() {
        for (title, name) in [
            ("Accuracy of each model, in percent", "accuracy-of-each-model"),
            ("Confusion matrix · SVM. 1 of 30", "confusion-matrix"),
            ("  Größe & Zeit ", "größe-zeit"),
            ("", "chart"),
            ("?!", "chart"),
        ] {
            assert_eq!(file_name(title), name);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows = [vec!["a, b".to_owned(), "c".to_owned()], vec!["say \"x\"".to_owned()]];
        assert_eq!(csv(&rows), "\"a, b\",c\r\n\"say \"\"x\"\"\"\r\n");
        assert_eq!(csv(&[]), "");
    }
}
