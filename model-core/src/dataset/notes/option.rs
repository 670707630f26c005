//! Options of the command line as a message advises them: with the name or the text that is meant,
//! in quotes where a shell needs them.

use super::Counted;
use crate::schema::row::shortened;

/// Options that a sentence may list before it is no sentence any more.
const MOST_LISTED: usize = 3;

/// An option with a column's name, shortened.
pub(super) fn option(name: &str, column: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ',' | '/' | '%' | ':');
    let column = shortened(column);
    if !column.is_empty() && column.chars().all(is_plain) {
        format!("--{name} {column}")
    } else {
        format!("--{name} {column:?}")
    }
}

/// The option that adds a mark of missing values. A text too long for a message is not cut: what is
/// stated has to be the whole cell.
pub(in crate::dataset) fn also_missing(text: &str) -> String {
    if shortened(text) == text {
        option("also-missing", text)
    } else {
        "--also-missing with that text".to_owned()
    }
}

/// What adds these marks, and when: `--also-missing n/a if it means no value`.
pub(super) fn also_missing_each(texts: &[Counted]) -> String {
    match texts {
        [(text, _)] => format!("{} if it means no value", also_missing(text)),
        [(first, _), .., _] if texts.len() > MOST_LISTED => {
            format!("{} and so on, for each that means no value", also_missing(first))
        }
        _ => {
            let options: Vec<String> = texts.iter().map(|(text, _)| also_missing(text)).collect();
            format!("{} if they mean no value", options.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_in_quotes_where_a_shell_needs_them() {
        assert_eq!(also_missing("n/a"), "--also-missing n/a");
        assert_eq!(also_missing("12,,5"), "--also-missing 12,,5");
        assert_eq!(also_missing("k. A."), "--also-missing \"k. A.\"");
        assert_eq!(also_missing("*"), "--also-missing \"*\"");
        assert_eq!(also_missing(&"x".repeat(61)), "--also-missing with that text");
    }

    #[test]
    fn many_marks_are_not_listed() {
        let told = |texts: &[&str]| {
            let counted: Vec<Counted> = texts.iter().map(|text| ((*text).to_owned(), 1)).collect();
            also_missing_each(&counted)
        };
        assert_eq!(told(&["-"]), "--also-missing - if it means no value");
        assert_eq!(told(&["a", "b"]), "--also-missing a --also-missing b if they mean no value");
        assert_eq!(
            told(&["a", "b", "c", "d"]),
            "--also-missing a and so on, for each that means no value"
        );
    }
}
