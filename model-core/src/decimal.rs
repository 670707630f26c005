//! The double nearest to a decimal number.
//!
//! The standard library reads decimals, too, by a table of 10 KB that no compression makes smaller and that every
//! visitor of the page would load (ADR 0011). What is computed here instead is the same to the bit, for any number
//! of digits: nearly all numbers that people write take one multiplication or division of doubles, those with
//! more digits one of integers, and the rest integers of any length.

/// Digits that a `u64` holds whatever they are.
const SHORT: usize = 19;
/// Digits that settle on which side of the middle between two doubles a number lies; what comes after them
/// only counts as something or nothing. The middle with the most digits has 767.
const LONG: usize = 800;
/// Powers of ten that are doubles.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
/// The greatest power of five that a `u64` holds.
const MOST_FIVES: u32 = 27;

/// The number that `text` is, rounded to the nearest double, ties to the even one: all that `str::parse` takes for an
/// `f64`, with the same result. `None` for anything else.
///
/// ```
/// assert_eq!(model_core::parse_number("-2.5e3"), Some(-2500.0));
/// assert_eq!(model_core::parse_number("0.1000000000000000055511151231257827"), Some(0.1));
/// assert_eq!(model_core::parse_number("1e999"), Some(f64::INFINITY));
/// assert_eq!(model_core::parse_number("2,5"), None);
/// ```
#[must_use]
pub fn parse_number(text: &str) -> Option<f64> {
    let (bare, negative) = match text.as_bytes() {
        [b'-', bare @ ..] => (bare, true),
        [b'+', bare @ ..] => (bare, false),
        bare => (bare, false),
    };
    let value = match Decimal::of(bare) {
        Some(decimal) => decimal.nearest(),
        None if is_word(bare, "inf") || is_word(bare, "infinity") => f64::INFINITY,
        None if is_word(bare, "nan") => f64::NAN,
        None => return None,
    };
    Some(if negative { -value } else { value })
}

fn is_word(text: &[u8], word: &str) -> bool {
    text.eq_ignore_ascii_case(word.as_bytes())
}

/// A decimal number without its sign.
struct Decimal<'a> {
    /// Digits, and a point at most.
    mantissa: &'a [u8],
    /// The first [`SHORT`] digits after zeros.
    short: u64,
    /// How many digits there are after the zeros in front.
    n_digits: usize,
    /// The power of ten that the last digit counts.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let at = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
        let (mantissa, behind) = text.split_at(at.unwrap_or(text.len()));
        let mut exponent = match behind {
            [] => 0,
            [_, written @ ..] => whole_number(written)?,
        };
        let (mut short, mut n_digits) = (0_u64, 0);
        let (mut any, mut point) = (false, false);
        for &byte in mantissa {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    exponent -= i64::from(point);
                    // Zeros in front are none of the digits.
                    if n_digits > 0 || byte > b'0' {
                        if n_digits < SHORT {
                            short = short * 10 + u64::from(byte - b'0');
                        }
                        n_digits += 1;
                    }
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        any.then_some(Self { mantissa, short, n_digits, exponent })
    }

    fn nearest(&self) -> f64 {
        let Self { short, n_digits, exponent, .. } = *self;
        // The power of ten above the first digit: beyond all doubles, or below half of the smallest.
        let magnitude = exponent.saturating_add_unsigned(n_digits as u64);
        if short == 0 || magnitude < -330 {
            return 0.0;
        }
        if magnitude > 310 {
            return f64::INFINITY;
        }
        let tens = exponent.unsigned_abs();
        if n_digits > SHORT || tens > u64::from(MOST_FIVES) {
            return self.nearest_by_any_length();
        }
        if short <= 1 << 53
            && let Some(power) = TENS.get(tens as usize)
        {
            let short = short as f64;
            return if exponent < 0 { short / power } else { short * power };
        }
        let power = 5_u64.pow(tens as u32);
        let exponent = exponent as i32;
        if exponent >= 0 {
            return rounded(u128::from(short) * u128::from(power), false, exponent);
        }
        // Both with their highest bit in front, so that the quotient is between a half and two.
        let (above, below) = (short.leading_zeros(), power.leading_zeros());
        let (quotient, rest) = divided(short << above, power << below);
        let shift = below as i32 - above as i32 - (u64::BITS as i32 - 1);
        rounded(quotient.into(), rest != 0, exponent + shift)
    }

    /// The same for any number of digits and any power of ten.
    fn nearest_by_any_length(&self) -> f64 {
        let mut digits = self.mantissa.iter().filter(|byte| byte.is_ascii_digit());
        let mut digits = digits.by_ref().skip_while(|byte| **byte == b'0');
        let mut above = Whole(Vec::new());
        for byte in digits.by_ref().take(LONG) {
            above.multiply_add(10, u32::from(byte - b'0'));
        }
        let n_more = self.n_digits.saturating_sub(LONG);
        let mut exponent = self.exponent.saturating_add_unsigned(n_more as u64) as i32;
        if n_more > 0 {
            above.multiply_add(10, u32::from(digits.any(|byte| *byte > b'0')));
            exponent -= 1;
        }
        let mut below = Whole(vec![1]);
        let scaled = if exponent < 0 { &mut below } else { &mut above };
        for _ in 0..exponent.unsigned_abs() {
            scaled.multiply_add(5, 0);
        }
        // As above: a quotient between a half and two, and then bit by bit.
        let (n_above, n_below) = (above.n_bits(), below.n_bits());
        above.shift(n_below.saturating_sub(n_above));
        below.shift(n_above.saturating_sub(n_below));
        let mut quotient = 0;
        for _ in 0..u64::BITS {
            quotient <<= 1;
            if above.subtract(&below) {
                quotient |= 1;
            }
            above.shift(1);
        }
        let shift = n_above as i32 - n_below as i32 - (u64::BITS as i32 - 1);
        rounded(quotient, !above.0.is_empty(), exponent + shift)
    }
}

/// Digits with a sign or none, held within what a `Decimal` can make use of.
fn whole_number(text: &[u8]) -> Option<i64> {
    let (digits, sign) = match text {
        [b'-', digits @ ..] => (digits, -1),
        [b'+', digits @ ..] => (digits, 1),
        digits => (digits, 1),
    };
    let mut number = 0_i64;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        // Far more than a text has digits, and far from the end of `i64`.
        number = (number * 10 + i64::from(byte - b'0')).min(1 << 50);
    }
    (!digits.is_empty()).then_some(sign * number)
}

/// `number` times two to the power of 63 by `divisor`, and the rest; both have their highest bit in front.
///
/// By hand, two digits of 32 bits each: a division of 128 bits is a function of its own in WebAssembly, and slower.
fn divided(number: u64, divisor: u64) -> (u64, u64) {
    const LOW: u64 = u32::MAX as u64;
    let digit = |rest: u64, next: u64| {
        // An estimate by the divisor's upper half is at most two too high.
        let (mut digit, mut left) = (rest / (divisor >> 32), rest % (divisor >> 32));
        while digit > LOW || digit * (divisor & LOW) > (left << 32 | next) {
            digit -= 1;
            left += divisor >> 32;
            if left > LOW {
                break;
            }
        }
        (digit, (rest << 32 | next).wrapping_sub(digit.wrapping_mul(divisor)))
    };
    let (high, rest) = digit(number >> 1, (number & 1) << 31);
    let (low, rest) = digit(rest, 0);
    (high << 32 | low, rest)
}

/// `number` and, if `more`, a little above it, times two to the power of `exponent`.
fn rounded(number: u128, more: bool, exponent: i32) -> f64 {
    const FRACTION_BITS: i32 = f64::MANTISSA_DIGITS as i32 - 1;
    /// The power of two that the last bit of the smallest doubles counts.
    const LOWEST: i32 = f64::MIN_EXP - f64::MANTISSA_DIGITS as i32;
    let highest = exponent + (u128::BITS - number.leading_zeros()) as i32 - 1;
    if highest >= f64::MAX_EXP {
        return f64::INFINITY;
    }
    let lowest = (highest - FRACTION_BITS).max(LOWEST);
    let mantissa = match u32::try_from(lowest - exponent) {
        Ok(0) | Err(_) => number << exponent.abs_diff(lowest),
        // Below half of the smallest double.
        Ok(n_dropped) if n_dropped > u128::BITS => 0,
        Ok(n_dropped) => {
            let kept = number.checked_shr(n_dropped).unwrap_or(0);
            let dropped = number - kept.checked_shl(n_dropped).unwrap_or(0);
            let half = 1 << (n_dropped - 1);
            let is_up = dropped > half || dropped == half && (more || kept & 1 == 1);
            kept + u128::from(is_up)
        }
    };
    // The first bit of a mantissa counts one in the exponent's field, and so does what rounding carries over.
    let field = (lowest - LOWEST) as u64;
    f64::from_bits((field << FRACTION_BITS) + mantissa as u64)
}

/// A whole number of any length: 32 bits each, the lowest first, the last of them not zero.
struct Whole(Vec<u32>);

impl Whole {
    fn multiply_add(&mut self, factor: u32, more: u32) {
        let mut carry = u64::from(more);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn n_bits(&self) -> usize {
        let last = self.0.last().map_or(0, |limb| 32 - limb.leading_zeros() as usize);
        self.0.len().saturating_sub(1) * 32 + last
    }

    fn shift(&mut self, n_bits: usize) {
        if n_bits >= 32 {
            self.0.splice(..0, std::iter::repeat_n(0, n_bits / 32));
        }
        self.multiply_add(1 << (n_bits % 32), 0);
    }

    /// Takes `other` away if it is not greater, and says whether it was taken.
    fn subtract(&mut self, other: &Self) -> bool {
        let order = self.0.len().cmp(&other.0.len());
        if order.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev())).is_lt() {
            return false;
        }
        let mut borrowed = 0;
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        for (limb, other) in self.0.iter_mut().zip(others) {
            let rest = i64::from(*limb) - i64::from(other) - borrowed;
            *limb = rest as u32;
            borrowed = i64::from(rest < 0);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As the standard library reads it, bit for bit.
    fn assert_as_std(text: &str) {
        let (ours, std) = (parse_number(text), text.parse::<f64>().ok());
        assert_eq!(ours.map(f64::to_bits), std.map(f64::to_bits), "{text}: {ours:?}, not {std:?}");
    }

    #[test]
    fn what_is_no_number_is_none() {
        let refused = [
            "",
            "-",
            "+",
            ".",
            "e5",
            ".e5",
            "1e",
            "1e+",
            "1e-",
            "1e1.5",
            "1.2.3",
            "--1",
            "+-1",
            "1,5",
            " 1",
            "1 ",
            "0x10",
            "1_000",
            "infinite",
            "na",
            "nan1",
            "1f",
            "٣",
            "½",
            "1e5e5",
            "\u{2212}1",
        ];
        for text in refused {
            assert_eq!(parse_number(text), None, "{text:?}");
            assert_as_std(text);
        }
    }

    #[test]
    fn every_notation_of_the_standard_library_is_read() {
        let taken = [
            "0",
            "-0",
            "+0",
            "0.0",
            "-0e5",
            "0e999999999999",
            "1",
            "+1",
            "-1",
            "1.",
            ".5",
            "-.5",
            "5.e3",
            "1E5",
            "1e+5",
            "1e-5",
            "007",
            "1e0000000000000000000000005",
            "inf",
            "-inf",
            "INF",
            "+Infinity",
            "nan",
            "-NaN",
            "1e999999999999999999999",
            "-1e999999999999999999999",
            "1e-999999999999999999999",
        ];
        taken.iter().for_each(|text| {
            assert!(parse_number(text).is_some(), "{text}");
            assert_as_std(text);
        });
    }

    #[test]
    fn a_division_is_that_of_wider_numbers() {
        let ends = [
            1 << 63,
            (1 << 63) + 1,
            (1 << 63) | 0xffff_ffff,
            u64::MAX - 0xffff_ffff,
            u64::MAX - 1,
            u64::MAX,
        ];
        for (number, divisor) in ends.iter().flat_map(|a| ends.map(|b| (*a, b))) {
            let wide = u128::from(number) << 63;
            let expected = (wide / u128::from(divisor), wide % u128::from(divisor));
            let (quotient, rest) = divided(number, divisor);
            assert_eq!((quotient.into(), rest.into()), expected, "{number:x} by {divisor:x}");
        }
    }

    #[test]
    fn the_edges_of_doubles_are_met() {
        let edges = [
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1.8e308",
            "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "2.225073858507201e-308",
            "4.9406564584124654e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.47032822920623272e-324",
            "5e-324",
            "3e-324",
            "2e-324",
            "1e-400",
            "9007199254740992",
            "9007199254740993",
            "9007199254740994",
            "9007199254740995",
            "9007199254740993.0000000000000001",
            "9007199254740992.99999999999999999999999999999999999999",
            "18446744073709551615",
            "18446744073709551616",
            "9223372036854775807",
            "0.1",
            "0.2",
            "0.3",
            "123456789012345678",
            "1234567890123456789",
            "12345678901234567890",
            "1e22",
            "1e23",
            "8.5e27",
            "8.5e28",
            "1e-22",
            "1e-23",
            "1e-27",
            "1e-28",
            "9999999999999999999e27",
            "9999999999999999999e-27",
            "6929495644600919.5",
            "3.7455744005952583e15",
            "2.2250738585072011360574097967091319759348195463516456480234261097248222220210769455165295239081350879141491589130396211068700864386945946455276572074078206217433799881410632673292535522868813721490129811224514518898490572223072852551331557550159143974763979834118019993239624e-308",
        ];
        edges.iter().for_each(|text| assert_as_std(text));
    }

    #[test]
    fn more_digits_than_are_kept_still_break_a_tie() {
        // 2^-1074 / 2, the middle between zero and the smallest double, has 751 digits.
        let middle = format!("{:.1075}", f64::from_bits(1)).replacen("0.", "", 1);
        let half = format!("0.{}", {
            let mut carry = 0;
            let halved = middle.bytes().map(|byte| {
                let digit = carry * 10 + u32::from(byte - b'0');
                carry = digit % 2;
                char::from_digit(digit / 2, 10).unwrap()
            });
            halved.collect::<String>()
        });
        assert_eq!(parse_number(&half), Some(0.0));
        for (more, expected) in [("1", 1), ("0000000000000000001", 1), (&"0".repeat(500), 0)] {
            let text = format!("{half}{more}");
            assert_eq!(parse_number(&text).map(f64::to_bits), Some(expected), "…{more}");
            assert_as_std(&text);
        }
        assert_as_std(&format!("{}1e-2000", "0".repeat(900)));
        assert_as_std(&format!("{}e-900", "123456789".repeat(130)));
        assert_as_std(&format!("0.{}7", "0".repeat(320)));
    }

    /// A double and its neighbour, and the decimal number exactly between them.
    fn middle(bits: u64) -> String {
        let (low, high) = (f64::from_bits(bits), f64::from_bits(bits + 1));
        let (low, high) = (format!("{low:.1080}"), format!("{high:.1080}"));
        // Their digits added and halved: both have as many after the point.
        let width = low.len().max(high.len());
        let (low, high) = (format!("{low:0>width$}"), format!("{high:0>width$}"));
        let mut rest = 0;
        let mut text = String::new();
        let mut sums: Vec<(char, u32)> = low
            .chars()
            .zip(high.chars())
            .map(|(a, b)| (a, a.to_digit(10).unwrap_or(0) + b.to_digit(10).unwrap_or(0)))
            .collect();
        for at in (1..sums.len()).rev() {
            if sums[at].1 >= 10 && sums[at].0 != '.' {
                let above = if sums[at - 1].0 == '.' { at - 2 } else { at - 1 };
                sums[at].1 -= 10;
                sums[above].1 += 1;
            }
        }
        for (place, sum) in sums {
            if place == '.' {
                text.push('.');
                continue;
            }
            let digit = rest * 10 + sum;
            rest = digit % 2;
            text += &(digit / 2).to_string();
        }
        text
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn numbers_as_programs_write_them(bits: u64) {
            let value = f64::from_bits(bits);
            for text in [format!("{value}"), format!("{value:e}"), format!("{value:.16e}"), format!("{value:.18e}"), format!("{value:.3}")] {
                assert_as_std(&text);
            }
            if value.is_finite() {
                prop_assert_eq!(parse_number(&format!("{value:?}")).map(f64::to_bits), Some(bits));
            }
        }

        #[test]
        fn numbers_as_people_write_them(text in "[-+]?[0-9]{0,22}(\\.[0-9]{0,22})?([eE][-+]?[0-9]{1,3})?") {
            assert_as_std(&text);
        }

        #[test]
        fn numbers_of_any_length(text in "[0-9]{0,60}\\.[0-9]{0,900}(e-?[0-9]{1,3})?") {
            assert_as_std(&text);
        }

        #[test]
        fn a_division_of_any_two(number: u64, divisor: u64) {
            let (number, divisor) = (number | 1 << 63, divisor | 1 << 63);
            let wide = u128::from(number) << 63;
            let (quotient, rest) = divided(number, divisor);
            prop_assert_eq!(u128::from(quotient), wide / u128::from(divisor));
            prop_assert_eq!(u128::from(rest), wide % u128::from(divisor));
        }

        #[test]
        fn anything_else(text in "[-+.0-9eEinfINFatyA ]{0,12}") {
            assert_as_std(&text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_middle_between_two_doubles(bits in 0..0x7fe0_0000_0000_0000_u64) {
            let middle = middle(bits);
            assert_as_std(&middle);
            assert_as_std(&format!("{middle}1"));
            assert_as_std(middle.trim_end_matches('0'));
        }
    }
}
