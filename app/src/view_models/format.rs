//! Numbers as people read them: shares, times, sizes.

use crate::i18n::{self, t};

/// No-break space between a number and its unit.
pub(crate) const NBSP: char = '\u{a0}';

/// `value` with a fixed number of decimals, as a file has it and a field takes it: with a point.
pub(crate) fn plain(value: f64, decimals: u8) -> String {
    format!("{value:.*}", usize::from(decimals))
}

/// `value` with a fixed number of decimals, as a field has it in the language of the page.
pub(crate) fn typed(value: f64, decimals: u8) -> String {
    let mark = i18n::decimal_mark();
    plain(value, decimals).replace('.', mark.encode_utf8(&mut [0; 4]))
}

/// `value` with a fixed number of decimals, as the language of the page writes it where it is read.
pub(crate) fn decimal(value: f64, decimals: u8) -> String {
    told(&plain(value, decimals))
}

/// A number as a program writes it, as the language of the page does.
pub(crate) fn told(number: &str) -> String {
    let mark = i18n::decimal_mark();
    number.replace('.', mark.encode_utf8(&mut [0; 4])).replace('-', "\u{2212}")
}

/// `value` with at most that many decimals: without zeros at the end.
pub(crate) fn trimmed(value: f64, decimals: u8) -> String {
    let text = decimal(value, decimals);
    let mark = i18n::decimal_mark();
    if text.contains(mark) {
        text.trim_end_matches('0').trim_end_matches(mark).to_owned()
    } else {
        text
    }
}

/// A share as a percentage with one decimal. What rounding would turn into certainty is written
/// as a bound: a probability of 0.99997 is not 100 %.
pub(crate) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if value < 100.0 && value > 99.9 {
        format!(">{NBSP}{}{NBSP}%", decimal(99.9, 1))
    } else if value > 0.0 && value < 0.1 {
        format!("<{NBSP}{}{NBSP}%", decimal(0.1, 1))
    } else {
        format!("{}{NBSP}%", decimal(value, 1))
    }
}

/// A share as a whole number of percent, without the sign.
pub(crate) fn whole_percent(share: f64) -> String {
    format!("{:.0}", 100.0 * share)
}

/// A duration: tenths under ten milliseconds, whole milliseconds above, seconds above one.
pub(crate) fn millis(duration_millis: f64) -> String {
    if duration_millis < 0.05 {
        format!("< {}{NBSP}ms", decimal(0.1, 1))
    } else if duration_millis < 9.95 {
        format!("{}{NBSP}ms", decimal(duration_millis, 1))
    } else if duration_millis < 999.5 {
        format!("{duration_millis:.0}{NBSP}ms")
    } else {
        format!("{}{NBSP}s", decimal(duration_millis / 1000.0, 1))
    }
}

/// A duration to the nearest unit that it is more than one of.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = |value: f64, one: &str, many: &str| {
        let n = value.round().max(1.0) as usize;
        format!("{n}{NBSP}{}", if n == 1 { one } else { many })
    };
    match seconds {
        seconds if seconds < 90.0 => whole(seconds, t!("second"), t!("seconds")),
        seconds if seconds < 90.0 * 60.0 => whole(seconds / 60.0, t!("minute"), t!("minutes")),
        seconds => whole(seconds / 3600.0, t!("hour"), t!("hours")),
    }
}

/// A size in bytes or kilobytes (of 1,000 bytes).
pub(crate) fn bytes(n_bytes: usize) -> String {
    if n_bytes < 1000 {
        format!("{n_bytes}{NBSP}B")
    } else {
        format!("{}{NBSP}KB", decimal(n_bytes as f64 / 1000.0, 1))
    }
}

/// `count` with a noun in the right number.
pub(crate) fn count(count: usize, singular: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { singular } else { plural })
}

/// A whole number with marks between its thousands.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(i18n::thousands_mark());
        }
        text.push(digit);
    }
    text
}

/// A class or target name as a word: `iris_kind` reads `iris kind`.
pub(crate) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// `message` as a sentence: those of the library have no capital and no full stop.
pub(crate) fn sentence(message: &str) -> String {
    capitalised(message) + "."
}

/// `text` with a capital in front, if it begins with a letter of English or German: its first letter is one of our
/// sentences. The capitals of all scripts would be a table of 5 KB.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| match first {
        'à'..='ö' | 'ø'..='þ' => char::from(first as u8 - 32),
        other => other.to_ascii_uppercase(),
    });
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_a_capital_and_a_full_stop() {
        assert_eq!(sentence("column 3 is empty"), "Column 3 is empty.");
        assert_eq!((sentence("3 rows"), sentence("")), ("3 rows.".to_owned(), ".".to_owned()));
        for letter in ('a'..='z').chain('ß'..='ÿ') {
            // Of ß and ÿ the capitals are two letters and far away; no German word begins with either.
            let expected = if "ß÷ÿ".contains(letter) {
                letter.into()
            } else {
                letter.to_uppercase().to_string()
            };
            assert_eq!(capitalised(&format!("{letter}x")), format!("{expected}x"));
        }
        assert_eq!(capitalised("Äpfel"), "Äpfel");
    }

    fn check(actual: &str, expected: &str) {
        assert_eq!(actual.replace(NBSP, " "), expected);
    }

    #[test]
    fn less_than_nothing_has_a_minus_where_it_is_read_and_a_hyphen_in_a_field() {
        check(&decimal(-1.25, 2), "\u{2212}1.25");
        check(&trimmed(-1.5, 3), "\u{2212}1.5");
        check(&told("1.0e-7"), "1.0e\u{2212}7");
        check(&typed(-1.25, 2), "-1.25");
    }

    #[test]
    fn near_certainty_is_not_rounded_to_certainty() {
        check(&percent(1.0), "100.0 %");
        check(&percent(0.999_97), "> 99.9 %");
        check(&percent(0.621), "62.1 %");
        check(&percent(0.000_3), "< 0.1 %");
        check(&percent(0.0), "0.0 %");
    }

    #[test]
    fn durations_keep_two_figures() {
        check(&millis(0.01), "< 0.1 ms");
        check(&millis(1.94), "1.9 ms");
        check(&millis(9.97), "10 ms");
        check(&millis(14.4), "14 ms");
        check(&millis(2_340.0), "2.3 s");
    }

    #[test]
    fn long_durations_have_the_unit_that_fits() {
        for (seconds, words) in [
            (0.2, "1 second"),
            (59.6, "60 seconds"),
            (95.0, "2 minutes"),
            (5_000.0, "83 minutes"),
            (9_000.0, "3 hours"),
        ] {
            check(&duration(seconds), words);
        }
    }

    #[test]
    fn sizes_are_in_thousands() {
        check(&bytes(999), "999 B");
        check(&bytes(4_812), "4.8 KB");
    }

    #[test]
    fn thousands_are_parted() {
        check(&thousands(7), "7");
        check(&thousands(1_000), "1,000");
        check(&thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(count(1, "flower", "flowers"), "1 flower");
        assert_eq!(count(30, "flower", "flowers"), "30 flowers");
    }
}
