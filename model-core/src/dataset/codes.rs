//! Digits that are no amounts: what a number would not keep of a text.
//!
//! Where two different texts of a column are one number, what tells their rows apart may be lost: zeros
//! in front, powers of ten that were meant as names, digits beyond the 53 bits of a double.

use super::Note;
use super::notes::CodeSign;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// The column holds codes.
    Code { why: CodeSign, n_cells: usize, example: String },
    /// Zeros in front of numbers of one width.
    LeadingZeros { n_cells: usize, example: String },
    /// Two texts are one number.
    SameNumber { first: String, second: String, like_dates: bool },
    /// More digits than a number holds.
    Long { n_cells: usize, example: String, read_as: String },
}

impl Finding {
    pub(super) fn note(self, column: String) -> Note {
        match self {
            Self::Code { why, n_cells, example } => Note::Codes { column, why, n_cells, example },
            Self::LeadingZeros { n_cells, example } => {
                Note::LeadingZeros { column, n_cells, example }
            }
            Self::SameNumber { first, second, like_dates } => {
                Note::SameNumber { column, first, second, like_dates }
            }
            Self::Long { n_cells, example, read_as } => {
                Note::LongNumbers { column, n_cells, example, read_as }
            }
        }
    }
}

/// Rows that are compared with each other.
const MOST_COMPARED: usize = 100_000;
/// Zero-padded numbers of this width count something, such as months, and are no codes.
const PADDED_WIDTH: usize = 2;
/// From so many digits on a whole number may be beyond what a double holds exactly.
const LONG_DIGITS: usize = 16;

/// Looks at the texts of a column whose cells were all read as `values`, NaN for none.
pub(super) fn find<'a>(
    texts: impl Iterator<Item = &'a str>,
    n_rows: usize,
    values: &[f64],
) -> Option<Finding> {
    let mut texts_of: Vec<&str> = Vec::with_capacity(n_rows.min(MOST_COMPARED));
    let mut zeros = Seen::default();
    let mut powers = Seen::default();
    let mut long = Seen::default();
    let (mut only_digits, mut n_whole, mut has_fraction, mut widths) =
        (true, 0, false, (usize::MAX, 0));
    for (text, value) in texts.zip(values) {
        if texts_of.len() < MOST_COMPARED {
            texts_of.push(text);
        }
        if value.is_nan() {
            continue;
        }
        let bare = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
        let is_whole = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole {
            n_whole += 1;
            widths = (widths.0.min(bare.len()), widths.1.max(bare.len()));
            if bare.len() > 1 && bare.starts_with('0') {
                zeros.add(text);
            }
            if bare.len() >= LONG_DIGITS && bare.parse::<u128>() != Ok(value.abs() as u128) {
                long.add(text);
            }
        } else {
            only_digits = false;
            let is_power = bare.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
                [mantissa, exponent].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
            });
            if is_power {
                powers.add(text);
            } else {
                has_fraction = true;
            }
        }
    }
    let code = |why, seen: &Seen| Finding::Code { why, n_cells: seen.n, example: seen.example() };
    if zeros.n > 0 && !has_fraction {
        let padded = only_digits && widths == (PADDED_WIDTH, PADDED_WIDTH);
        return Some(if padded {
            Finding::LeadingZeros { n_cells: zeros.n, example: zeros.example() }
        } else {
            code(CodeSign::LeadingZeros, &zeros)
        });
    }
    if powers.n > 0 && n_whole > 0 && !has_fraction {
        return Some(code(CodeSign::Exponents, &powers));
    }
    let same = same_number(&texts_of, values);
    if long.n > 0 {
        if same.is_some() {
            return Some(code(CodeSign::LongDigits, &long));
        }
        let place = texts_of.iter().position(|text| *text == long.example());
        let read_as =
            place.and_then(|place| values.get(place)).map_or_else(String::new, f64::to_string);
        return Some(Finding::Long { n_cells: long.n, example: long.example(), read_as });
    }
    let (first, second) = same?;
    let like_dates =
        texts_of.iter().zip(values).all(|(text, value)| value.is_nan() || is_day_and_month(text));
    Some(Finding::SameNumber { first, second, like_dates })
}

/// How many cells of a kind there are, and the first.
#[derive(Default)]
struct Seen {
    n: usize,
    first: Option<String>,
}

impl Seen {
    fn add(&mut self, text: &str) {
        self.n += 1;
        if self.first.is_none() {
            self.first = Some(text.to_owned());
        }
    }

    fn example(&self) -> String {
        self.first.clone().unwrap_or_default()
    }
}

/// Two different texts of one value.
fn same_number(texts: &[&str], values: &[f64]) -> Option<(String, String)> {
    let bits = |at: usize| values.get(at).map_or(0, |value| value.to_bits());
    let mut places: Vec<usize> = (0..texts.len())
        .filter(|&at| values.get(at).is_some_and(|value| !value.is_nan()))
        .collect();
    crate::order::sort_by(&mut places, &mut |a, b| {
        bits(a).cmp(&bits(b)).then(texts[a].cmp(texts[b]))
    });
    let pair = places
        .windows(2)
        .find(|pair| bits(pair[0]) == bits(pair[1]) && texts[pair[0]] != texts[pair[1]])?;
    Some((texts[pair[0]].to_owned(), texts[pair[1]].to_owned()))
}

/// `14.1` and `1.10`, but not `14.13` or `0.5`.
fn is_day_and_month(text: &str) -> bool {
    let Some((day, month)) = text.split_once('.') else { return false };
    let within = |part: &str, most: u32| {
        part.len() <= 2 && part.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n))
    };
    within(day, 31) && within(month, 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in these cells, in short.
    fn found(cells: &str) -> String {
        let cells: Vec<&str> = cells.split(' ').collect();
        let values: Vec<f64> = cells.iter().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
        match find(cells.iter().copied(), cells.len(), &values) {
            None => "nothing".into(),
            Some(Finding::Code { why, n_cells, example }) => format!("{why:?} {n_cells} {example}"),
            Some(Finding::LeadingZeros { n_cells, example }) => {
                format!("zeros {n_cells} {example}")
            }
            Some(Finding::SameNumber { first, second, like_dates }) => {
                format!("{first} is {second}{}", if like_dates { ", dates" } else { "" })
            }
            Some(Finding::Long { n_cells, example, .. }) => format!("long {n_cells} {example}"),
        }
    }

    #[test]
    fn what_a_number_would_not_keep_is_found() {
        assert_eq!(found("0042 42 0107"), "LeadingZeros 2 0042");
        assert_eq!(found("0012 0140 1205"), "LeadingZeros 2 0012");
        assert_eq!(found("01 02 12"), "zeros 2 01");
        assert_eq!(found("3E2 300 12e1"), "Exponents 2 3E2");
        assert_eq!(found("1.1 1.10 14.2"), "1.1 is 1.10, dates");
        assert_eq!(found("1.2 1.20 1.3"), "1.2 is 1.20");
        assert_eq!(found("2.5 2.50 13.75"), "2.5 is 2.50");
        assert_eq!(
            found("4611686018427387905 4611686018427387904"),
            "LongDigits 1 4611686018427387905"
        );
        assert_eq!(found("12345678901234567890123 5"), "long 1 12345678901234567890123");
    }

    #[test]
    fn amounts_are_left_alone() {
        for cells in [
            "1 2 300",
            "0.5 0.25",
            "1e-3 2.5e4 7",
            "1e5 2e5",
            "0 0 1",
            "00.5 7",
            "9007199254740992 5",
            "NA 0 5",
        ] {
            assert_eq!(found(cells), "nothing", "{cells}");
        }
    }
}
