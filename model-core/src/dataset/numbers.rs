//! A cell's text as a number, however people write one.
//!
//! What a mark means is a property of a column, and often of the file: the dot of `9.039` groups
//! thousands where other columns have decimal commas. So a column is looked at as a whole
//! ([`Marks`]), then its [`NumberFormat`] is chosen, and only then its cells are read. Signs that
//! stand for nothing but the unit (`%`, currencies, `cm`) are taken out, and are the same in a column.

use serde::{Deserialize, Serialize};

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1.5`
    Point,
    /// `1,5`
    Comma,
}

impl DecimalMark {
    /// The mark itself.
    #[must_use]
    pub const fn as_char(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    pub(super) const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberFormat {
    pub(super) decimal: DecimalMark,
    /// Whether the other mark groups digits; else it is a decimal mark, too.
    pub(super) other_groups: bool,
}

/// The parts of a text that may be a number.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Parts<'a> {
    negative: bool,
    /// Whether the minus stands behind the digits.
    minus_behind: bool,
    /// Digits and marks, then perhaps an exponent.
    body: &'a str,
    /// What stands before and behind, without blanks: a currency, `%`, a unit.
    sign: &'a str,
    is_prefix: bool,
}

/// What may group digits besides comma and dot.
const fn groups(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}')
}

const fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2212}' | '\u{2013}')
}

/// Short forms of currencies that are no codes of three letters.
pub(super) fn is_currency_word(text: &str) -> bool {
    matches!(text, "kr" | "Rs" | "Rs." | "R$" | "zł" | "Kč" | "Ft" | "US$" | "Fr.")
}

fn is_currency(text: &str) -> bool {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_symbol = |c| {
        matches!(c, '$' | '¢' | '£' | '¥' | '₩' | '₪' | '₫' | '€' | '₴' | '₹' | '₺' | '₽' | '฿')
    };
    is_code || is_currency_word(text) || (!text.is_empty() && text.chars().all(is_symbol))
}

/// Whether a text behind a number can be its unit: letters and the signs of units, no digits.
fn is_unit(text: &str) -> bool {
    let sign = |c: char| {
        c.is_alphabetic()
            || matches!(c, '%' | '‰' | '°' | '²' | '³' | '/' | '·' | '"' | '″' | '′' | '.')
    };
    !text.is_empty() && text.chars().count() <= 12 && text.chars().all(sign)
}

/// Where a number begins: at a digit, or at a mark before one that is no part of a word, as in `Rs.5`.
fn number_start(text: &str) -> Option<usize> {
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let is_mark = matches!(c, '.' | ',') && !before.is_some_and(char::is_alphabetic);
        if c.is_ascii_digit() || (is_mark && next_is_digit) {
            return Some(at);
        }
        before = Some(c);
    }
    None
}

/// A dash instead of cents: `5.-`, `5,–`.
fn is_whole_price(sign: &str) -> bool {
    let dashes = sign.strip_prefix(['.', ',']).unwrap_or_default();
    matches!(dashes.chars().count(), 1 | 2)
        && dashes.chars().all(|c| is_minus(c) || c == '\u{2014}')
}

/// Cuts a text into sign, digits and unit; `None` if it cannot be a number.
fn parts(text: &str) -> Option<Parts<'_>> {
    let text = text.trim();
    // Accountants' way: (5) is -5.
    let (inner, mut negative) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let start = number_start(inner)?;
    let (before, rest) = inner.split_at(start);
    let mut prefix = before.trim();
    let bare = |text: &str| text.trim_matches(|c| is_minus(c) || c == '+').len() < text.len();
    if bare(prefix) {
        let minus = prefix.chars().filter(|&c| is_minus(c)).count();
        let signs = prefix.chars().filter(|&c| is_minus(c) || c == '+').count();
        if signs > 1 || negative {
            return None;
        }
        negative = minus == 1;
        prefix = prefix.trim_matches(|c: char| is_minus(c) || c == '+' || c.is_whitespace());
    }
    // The body ends behind the last digit, or behind a mark that ends the text.
    let (mut end, mut after_digit) = (0, false);
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let next_is_digit = next.is_some_and(|next| next.is_ascii_digit());
        let belongs = match c {
            '0'..='9' => true,
            '.' | ',' => next_is_digit || (after_digit && next.is_none()),
            c => groups(c) && after_digit && next_is_digit,
        };
        if !belongs {
            break;
        }
        (end, after_digit) = (at + c.len_utf8(), c.is_ascii_digit());
    }
    let exponent = exponent(rest.get(end..)?);
    let (body, suffix) = rest.split_at(end + exponent);
    let mut suffix = suffix.trim();
    // Some ledgers write the minus behind. One digit with a minus may be a mark at school.
    let minus_behind = !negative && body.bytes().filter(u8::is_ascii_digit).nth(1).is_some();
    let behind = suffix.strip_prefix(is_minus).map(str::trim).filter(|_| minus_behind);
    let behind = behind.filter(|rest| rest.is_empty() || *rest == "%" || is_currency(rest));
    if let Some(rest) = behind {
        (negative, suffix) = (true, rest);
    }
    let minus_behind = behind.is_some();
    let (sign, is_prefix) = match (prefix, suffix) {
        ("", suffix) => (suffix, false),
        (prefix, "") if is_currency(prefix) => (prefix, true),
        _ => return None,
    };
    let sound = body.bytes().any(|byte| byte.is_ascii_digit())
        && (sign.is_empty()
            || is_prefix
            || is_currency(sign)
            || is_unit(sign)
            || is_whole_price(sign));
    sound.then_some(Parts { negative, minus_behind, body, sign, is_prefix })
}

/// Length of the exponent that `text` begins with: `e`, a sign, digits.
fn exponent(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !matches!(bytes.first(), Some(b'e' | b'E')) {
        return 0;
    }
    let signed = usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
    let digits = bytes.iter().skip(1 + signed).take_while(|byte| byte.is_ascii_digit()).count();
    let ends = !bytes.get(1 + signed + digits).is_some_and(u8::is_ascii_alphanumeric);
    if digits > 0 && ends { 1 + signed + digits } else { 0 }
}

/// How the marks of a column's numbers are used.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    /// Numbers only if the point is the decimal mark: `0.5`, `12.75`, `1,234.5`, `1,234,567`.
    point: usize,
    /// Numbers only if the comma is.
    comma: usize,
    /// Numbers either way, by the mark in them: `9.039`, `9,039`.
    either_point: usize,
    either_comma: usize,
    /// Whole numbers of one to three digits, without a mark.
    n_short: usize,
    /// Whole numbers of four digits and more, without a mark.
    n_long: usize,
    /// Cells that are numbers in some format.
    pub(super) n_numbers: usize,
}

impl Marks {
    /// Takes a cell into account that is not missing; one that is no number does not count.
    pub(super) fn add(&mut self, text: &str) {
        let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
        if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
            self.n_numbers += 1;
            self.n_short += usize::from(digits.len() <= 3);
            self.n_long += usize::from(digits.len() > 3);
            return;
        }
        let in_format = |decimal| read(text, NumberFormat { decimal, other_groups: true });
        match (in_format(DecimalMark::Point), in_format(DecimalMark::Comma)) {
            (None, None) => return,
            (Some(_), None) => self.point += 1,
            (None, Some(_)) => self.comma += 1,
            (Some(point), Some(comma)) if point.value.to_bits() != comma.value.to_bits() => {
                // One mark with three digits behind it.
                if text.contains('.') { self.either_point += 1 } else { self.either_comma += 1 }
            }
            (Some(point), Some(_)) if point.change == Change::None => {
                self.n_short += usize::from(point.value.abs() < 1000.0);
                self.n_long += usize::from(point.value.abs() >= 1000.0);
            }
            // Grouped by blanks or apostrophes.
            _ => {}
        }
        self.n_numbers += 1;
    }

    const fn either(&self, mark: DecimalMark) -> usize {
        match mark {
            DecimalMark::Point => self.either_point,
            DecimalMark::Comma => self.either_comma,
        }
    }

    /// The decimal mark that this column shows beyond doubt; `None` if it shows none, or both.
    pub(super) const fn decimal(&self) -> Option<DecimalMark> {
        match (self.point, self.comma) {
            (1.., 0) => Some(DecimalMark::Point),
            (0, 1..) => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// How to read the column, where `stated` says the decimal mark or other columns of the file
    /// have `shown` it, and what of that was a guess.
    pub(super) fn format(
        &self,
        stated: Option<DecimalMark>,
        shown: Option<DecimalMark>,
    ) -> (NumberFormat, Guess) {
        let groups =
            |decimal: DecimalMark, guess| (NumberFormat { decimal, other_groups: true }, guess);
        if let Some(decimal) = stated {
            return groups(decimal, Guess::None);
        }
        if self.point > 0 && self.comma > 0 {
            return (
                NumberFormat { decimal: DecimalMark::Point, other_groups: false },
                Guess::BothMarks,
            );
        }
        let known = match self.decimal() {
            Some(decimal) => Some(decimal),
            None => shown,
        };
        if let Some(decimal) = known {
            let grouped = self.either(decimal.other()) > 0;
            return groups(decimal, if grouped { Guess::Groups } else { Guess::None });
        }
        let mark = match (self.either_point, self.either_comma) {
            (0, 0) => return groups(DecimalMark::Point, Guess::None),
            (_, 0) => DecimalMark::Point,
            (0, _) => DecimalMark::Comma,
            // `1.234` and `1,234` in one column.
            _ => {
                return (
                    NumberFormat { decimal: DecimalMark::Point, other_groups: false },
                    Guess::BothMarks,
                );
            }
        };
        // Whoever groups digits writes 905 beside 9.039; with decimals it would be 905.000.
        if self.n_short > 0 && self.n_long == 0 {
            return groups(mark.other(), Guess::Groups);
        }
        groups(mark, Guess::Decimal)
    }
}

/// What was guessed about a column's marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    /// Nothing: the column or the file shows it.
    None,
    /// A mark that could be a decimal one was taken to group digits.
    Groups,
    /// A mark that could group digits was taken for a decimal one.
    Decimal,
    /// Comma and point are both taken for decimal marks.
    BothMarks,
}

/// A number with what was taken out of its text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Read<'a> {
    /// The value; perhaps infinite.
    pub(super) value: f64,
    /// The unit, percent sign or currency; empty if there is none.
    pub(super) sign: &'a str,
    /// What else was changed in the text before it was read.
    pub(super) change: Change,
}

/// What a text had that a plain number has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing, or a decimal comma.
    None,
    /// Marks or blanks between groups of digits.
    Groups,
    /// Brackets, a minus that is none on a keyboard, or one behind the digits.
    Minus,
}

/// The number that a trimmed text is in this format; `None` if it is none.
pub(super) fn read(text: &str, format: NumberFormat) -> Option<Read<'_>> {
    let is_plain =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if format.decimal == DecimalMark::Point
        && text.bytes().all(is_plain)
        && let Some(value) = crate::parse_number(text)
    {
        return Some(Read { value, sign: "", change: Change::None });
    }
    if is_infinite(text) {
        return Some(Read { value: f64::INFINITY, sign: "", change: Change::None });
    }
    let Parts { negative, minus_behind, body, sign, .. } = parts(text)?;
    let mantissa = body.find(['e', 'E']).map_or(body, |at| &body[..at]);
    let mut normalised = String::with_capacity(body.len() + 1);
    if negative {
        normalised.push('-');
    }
    let (mut changed, mut has_decimal) = (false, false);
    let mut groups_ok = true;
    // Digits since the last mark of groups; a group has three, in India two if another follows.
    let (mut run, mut n_groups) = (0_usize, 0_usize);
    let begins_with_zero = mantissa.starts_with('0');
    for c in mantissa.chars() {
        let is_decimal =
            c == format.decimal.as_char() || (matches!(c, '.' | ',') && !format.other_groups);
        if c.is_ascii_digit() {
            normalised.push(c);
            run += usize::from(!has_decimal);
        } else if is_decimal {
            if has_decimal {
                return None;
            }
            groups_ok &= n_groups == 0 || run == 3;
            has_decimal = true;
            normalised.push('.');
        } else {
            if has_decimal {
                return None;
            }
            groups_ok &= !begins_with_zero
                && if n_groups == 0 { (1..=3).contains(&run) } else { matches!(run, 2 | 3) };
            (run, n_groups, changed) = (0, n_groups + 1, true);
        }
    }
    groups_ok &= has_decimal || n_groups == 0 || run == 3;
    if !groups_ok {
        return None;
    }
    normalised.push_str(body.get(mantissa.len()..).unwrap_or_default());
    let value = crate::parse_number(&normalised)?;
    let odd_minus = negative && (minus_behind || !text.contains('-'));
    let change = match (changed, odd_minus) {
        (true, _) => Change::Groups,
        (false, true) => Change::Minus,
        (false, false) => Change::None,
    };
    Some(Read { value, sign, change })
}

fn is_infinite(text: &str) -> bool {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    bare.eq_ignore_ascii_case("inf") || bare.eq_ignore_ascii_case("infinity")
}

/// Whether a text is a number in some format that bears no unit, but perhaps a currency or `%`: what
/// nobody would name a column.
pub(super) fn is_bare_number(text: &str) -> bool {
    let bare =
        |parts: Parts<'_>| parts.sign.is_empty() || parts.sign == "%" || is_currency(parts.sign);
    crate::parse_number(text).is_some_and(f64::is_finite) || parts(text).is_some_and(bare)
}

/// Whether a text could be a number in some format.
pub(super) fn looks_numeric(text: &str) -> bool {
    crate::parse_number(text).is_some() || parts(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: NumberFormat = NumberFormat { decimal: DecimalMark::Point, other_groups: true };
    const COMMA: NumberFormat = NumberFormat { decimal: DecimalMark::Comma, other_groups: true };

    fn value(text: &str, format: NumberFormat) -> Option<f64> {
        read(text, format).map(|read| read.value)
    }

    #[test]
    fn plain_numbers_are_read() {
        for (text, number) in [
            ("1.5", 1.5),
            ("-2e3", -2000.0),
            ("+5", 5.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e-3", 0.001),
            ("1e400", f64::INFINITY),
            ("-inf", f64::INFINITY),
        ] {
            assert_eq!(value(text, POINT), Some(number), "{text}");
        }
        for text in [
            "",
            "abc",
            "1-2",
            "2024-03-04",
            "05:15",
            "3+",
            "1.2.3",
            "0x1F",
            "--5",
            "1e",
            "A10",
            "+-5",
            "NaN",
        ] {
            assert!(!read(text, POINT).is_some_and(|read| read.sign.is_empty()), "{text}");
        }
    }

    #[test]
    fn groups_are_of_three_digits() {
        for (text, number) in [
            ("1,234", 1234.0),
            ("1,234,567.5", 1_234_567.5),
            ("2 260", 2260.0),
            ("2\u{202f}260", 2260.0),
            ("2\u{a0}260,000", 2_260_000.0),
            ("1'234.5", 1234.5),
            ("12,34,567", 1_234_567.0),
            ("1.2345", 1.2345),
        ] {
            assert_eq!(value(text, POINT), Some(number), "{text}");
        }
        for text in ["1,23", "0,123", "1234,567", "1,2345", "1 23", "1.234.567", "1.5,5"] {
            assert_eq!(value(text, POINT), None, "{text}");
        }
        assert_eq!(value("8.681,75", COMMA), Some(8681.75));
        assert_eq!(value("5.027.707", COMMA), Some(5_027_707.0));
        assert_eq!(value("1,5", COMMA), Some(1.5));
        assert_eq!(value("1.5", COMMA), None);
    }

    #[test]
    fn signs_and_units_are_taken_out() {
        for (text, number, sign) in [
            ("19.6%", 19.6, "%"),
            ("19.6 %", 19.6, "%"),
            ("€43.97", 43.97, "€"),
            ("-€5", -5.0, "€"),
            ("€-5", -5.0, "€"),
            ("USD 1,200", 1200.0, "USD"),
            ("1200 EUR", 1200.0, "EUR"),
            ("5.2 cm", 5.2, "cm"),
            ("74bhp", 74.0, "bhp"),
            ("12 km/h", 12.0, "km/h"),
            ("Rs.5", 5.0, "Rs."),
            ("Rs. 1,74,414.50", 174_414.5, "Rs."),
            ("12.-", 12.0, ".-"),
            ("12,\u{2013}", 12.0, ",\u{2013}"),
            ("$.50", 0.5, "$"),
            ("-3.5°C", -3.5, "°C"),
        ] {
            let read = read(text, POINT).unwrap();
            assert_eq!((read.value, read.sign), (number, sign), "{text}");
        }
        assert!(read("room 5", POINT).is_none());
    }

    #[test]
    fn a_minus_may_be_typographic_or_brackets() {
        for text in ["\u{2212}5", "\u{2013}5", "(5)", "(5.0)", "5.0-", "5.0 \u{2212}", "5.00- €"]
        {
            let read = read(text, POINT).unwrap();
            assert_eq!((read.value, read.change), (-5.0, Change::Minus), "{text}");
        }
        assert_eq!(value("($1,234.50)", POINT), Some(-1234.5));
        for text in ["(-5)", "-5.0-", "5-", "12-13", "12--"] {
            assert_eq!(value(text, POINT), None, "{text}");
        }
    }

    /// The format of a column of these cells, and its guess, in short.
    fn format(cells: &str, shown: Option<DecimalMark>) -> (char, bool, Guess) {
        let mut marks = Marks::default();
        cells.split(' ').for_each(|cell| marks.add(cell));
        let (format, guess) = marks.format(None, shown);
        (format.decimal.as_char(), format.other_groups, guess)
    }

    #[test]
    fn a_column_shows_what_its_marks_are() {
        let check = |cells, expected| assert_eq!(format(cells, None), expected, "{cells}");
        check("1.5 2 3.25", ('.', true, Guess::None));
        check("1,5 2", (',', true, Guess::None));
        check("928.992 5.027.707", (',', true, Guess::Groups));
        check("937,10 8.681,75", (',', true, Guess::None));
        check("0.286 1.765", ('.', true, Guess::None));
        check("12345.678 1.765", ('.', true, Guess::None));
        check("1.5 1,5", ('.', false, Guess::BothMarks));
        check("905 9.039", (',', true, Guess::Groups));
        check("561 3,920", ('.', true, Guess::Groups));
        check("1.765 12.724", ('.', true, Guess::Decimal));
        check("1.765 12.724 1500", ('.', true, Guess::Decimal));
        check("1,029 12,141", (',', true, Guess::Decimal));
    }

    #[test]
    fn other_columns_show_what_this_one_does_not() {
        let (point, comma) = (Some(DecimalMark::Point), Some(DecimalMark::Comma));
        assert_eq!(format("905 9.039", comma), (',', true, Guess::Groups));
        assert_eq!(format("9.039 9.541", comma), (',', true, Guess::Groups));
        assert_eq!(format("9.039 905", point), ('.', true, Guess::None));
        assert_eq!(format("1,029 12,141", comma), (',', true, Guess::None));
        assert_eq!(format("1.5 2.5", comma), ('.', true, Guess::None), "its own marks come first");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[0-9.,' \u{a0}eE+()€%c−-]{0,12}") {
            for format in [POINT, COMMA, NumberFormat { other_groups: false, ..POINT }] {
                let _ = read(&text, format);
            }
            let mut marks = Marks::default();
            marks.add(&text);
        }

        #[test]
        fn what_a_program_writes_is_read_as_it_was(number in proptest::num::f64::NORMAL) {
            proptest::prop_assert_eq!(value(&number.to_string(), POINT), Some(number));
            proptest::prop_assert_eq!(value(&format!("{number:e}"), POINT), Some(number));
        }
    }
}
