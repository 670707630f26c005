//! One cell's text: missing, a number, or a text.

/// What stands for "no value", besides an empty cell; upper and lower case alike.
const MISSING: [&str; 4] = ["NA", "NaN", "null", "?"];

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    /// Nothing: empty, `NA`, `NaN`, `null` or `?`.
    Missing,
    /// A finite number.
    Number(f64),
    /// A number beyond what a double holds, or `inf`.
    Infinite,
    /// Anything else.
    Text,
}

/// Reads a trimmed cell; a single comma counts as the decimal point if `decimal_comma`.
pub(super) fn read(text: &str, decimal_comma: bool) -> Cell {
    if text.is_empty() || MISSING.iter().any(|token| text.eq_ignore_ascii_case(token)) {
        return Cell::Missing;
    }
    let parsed = if decimal_comma && text.contains(',') && !text.contains('.') {
        // A second comma leaves text that is no number.
        text.replacen(',', ".", 1).parse::<f64>()
    } else {
        text.parse::<f64>()
    };
    match parsed {
        Ok(number) if number.is_finite() => Cell::Number(number),
        Ok(_) => Cell::Infinite,
        Err(_) => Cell::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read() {
        let check = |text: &str, comma: bool, cell: Cell| assert_eq!(read(text, comma), cell);
        for missing in ["", "NA", "na", "NaN", "nan", "NULL", "?"] {
            check(missing, false, Cell::Missing);
        }
        check("1.5", false, Cell::Number(1.5));
        check("-2e3", true, Cell::Number(-2000.0));
        check("1,5", true, Cell::Number(1.5));
        check("1,5", false, Cell::Text);
        check("1,5,2", true, Cell::Text);
        check("1.234,5", true, Cell::Text);
        check("1e400", false, Cell::Infinite);
        check("-inf", false, Cell::Infinite);
        check("infinity", false, Cell::Infinite);
        check("abc", false, Cell::Text);
    }
}
