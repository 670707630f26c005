//! Numbers of a JSON text (RFC 8259, section 6), and what is often sent in their place.
//!
//! Other notations have numbers that JSON has not: a sign or a point in front, zeros, commas,
//! hexadecimal digits. Each is refused with the rule that it breaks, since whoever wrote it takes
//! it for a number and would look for the fault elsewhere.

use super::{Fault, Reader, Value};

/// Why something that is meant for a number isn't one of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NumberFault {
    #[error("NaN, Infinity and undefined aren't JSON; send a finite number")]
    NotFinite,
    #[error("a JSON number has no plus sign; leave it out")]
    PlusSign,
    #[error("a JSON number has one minus sign at most; leave out the others")]
    SecondSign,
    #[error("the minus sign of a JSON number is the plain hyphen; send that instead")]
    OtherMinus,
    #[error("a digit has to follow the minus sign of a JSON number")]
    NoDigitAfterMinus,
    #[error("a digit has to stand before the point of a JSON number; for .5 send 0.5")]
    NoDigitBeforePoint,
    #[error("a digit has to stand after the point of a JSON number; for 5. send 5.0")]
    NoDigitAfterPoint,
    #[error("a digit has to follow the e of a JSON number, or the one sign behind the e")]
    NoDigitInExponent,
    #[error("a JSON number doesn't start with a zero that another digit follows; leave it out")]
    LeadingZero,
    #[error("a JSON number is decimal; hexadecimal, octal and binary digits aren't known")]
    NotDecimal,
    #[error("a JSON number has one point at most, before its exponent")]
    SecondPoint,
    #[error("nothing stands between the digits of a JSON number; leave out what groups them")]
    Grouped,
    #[error("a JSON number has no comma; a point stands before its decimals, nothing elsewhere")]
    Comma,
}

/// Words that other notations have for what is no finite number.
const NOT_FINITE: [&str; 4] = ["nan", "infinity", "inf", "undefined"];

/// Hyphens, dashes and the sign itself, as word processors put them in the place of `-`.
const OTHER_MINUS: [char; 5] = ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2212}'];

/// What groups the digits of long numbers elsewhere, but for comma and point.
const GROUPING: [char; 6] = ['_', '\'', '\u{2019}', '\u{a0}', '\u{2009}', '\u{202f}'];

impl<'a> Reader<'a> {
    /// Reads a number from its minus sign or its first digit on.
    pub(super) fn number(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.at;
        if self.take(b'-') {
            self.digit_after_minus()?;
        }
        self.whole_part()?;
        if self.take(b'.') {
            self.digits(NumberFault::NoDigitAfterPoint)?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _signed = self.take(b'+') || self.take(b'-');
            self.digits(NumberFault::NoDigitInExponent)?;
        }
        self.number_is_over()?;
        // Correctly rounded, as serde_json is with `float_roundtrip`.
        let number: f64 = self
            .text
            .get(start..self.at)
            .and_then(model_core::parse_number)
            .ok_or(Fault::Expected("a number"))?;
        Ok(if number.is_finite() { Value::Number(number) } else { Value::HugeNumber })
    }

    /// The rule that what comes next breaks, if it is meant for a number and doesn't begin as one.
    pub(super) fn no_number(&self) -> Option<NumberFault> {
        let first = self.rest().chars().next()?;
        let behind = Reader { at: self.at + first.len_utf8(), ..*self };
        let digit_follows = matches!(behind.peek(), Some(b'0'..=b'9'));
        let point_follows = behind.peek() == Some(b'.');
        match first {
            _ if self.is_not_finite() => Some(NumberFault::NotFinite),
            '+' if behind.is_not_finite() => Some(NumberFault::NotFinite),
            '+' => Some(NumberFault::PlusSign),
            '.' if digit_follows => Some(NumberFault::NoDigitBeforePoint),
            minus if OTHER_MINUS.contains(&minus) && (digit_follows || point_follows) => {
                Some(NumberFault::OtherMinus)
            }
            _ => None,
        }
    }

    /// Whether a digit and a comma were read last and more digits follow: `5,1` where `5.1` or
    /// `51` is meant. Before a colon they are a key without its quotes.
    pub(super) fn is_within_comma_number(&self) -> bool {
        let before = self.text.as_bytes().get(..self.at).unwrap_or(&[]);
        let rest = self.rest();
        let behind = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        matches!(before, [.., b'0'..=b'9', b','])
            && behind.len() < rest.len()
            && !behind.trim_start().starts_with(':')
    }

    fn is_not_finite(&self) -> bool {
        NOT_FINITE.into_iter().any(|word| self.is_at_word(word))
    }

    fn digit_after_minus(&self) -> Result<(), Fault> {
        let fault = match self.peek().ok_or(Fault::EndsEarly)? {
            b'0'..=b'9' => return Ok(()),
            b'-' => NumberFault::SecondSign,
            _ => self.no_number().unwrap_or(NumberFault::NoDigitAfterMinus),
        };
        Err(Fault::Number(fault))
    }

    fn whole_part(&mut self) -> Result<(), Fault> {
        if !self.take(b'0') {
            return self.digits(NumberFault::NoDigitAfterMinus);
        }
        match self.peek() {
            Some(b'0'..=b'9') => Err(Fault::Number(NumberFault::LeadingZero)),
            Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B') => {
                Err(Fault::Number(NumberFault::NotDecimal))
            }
            _ => Ok(()),
        }
    }

    /// Walks over digits, of which there has to be one.
    fn digits(&mut self, none: NumberFault) -> Result<(), Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.peek() {
            _ if self.at > start => Ok(()),
            Some(_) => Err(Fault::Number(none)),
            None => Err(Fault::EndsEarly),
        }
    }

    /// Refuses what goes on like a number behind one; anything else is for the caller to judge.
    fn number_is_over(&self) -> Result<(), Fault> {
        match self.rest().chars().next() {
            Some('.') => Err(Fault::Number(NumberFault::SecondPoint)),
            Some(next) if GROUPING.contains(&next) => Err(Fault::Number(NumberFault::Grouped)),
            _ => Ok(()),
        }
    }
}
