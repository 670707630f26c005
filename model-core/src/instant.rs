//! Instants as text: RFC 3339 in UTC.
//!
//! Three lines of a calendar that dates of data sets need anyway, instead of a library whose part in this was 20 KB of the Worker's
//! upload. Tests hold it to that library.

use crate::schema::{civil_of_days, days_since_1970, is_date};

const DAY_MILLIS: i64 = 86_400_000;

/// `millis` since the Unix epoch, such as `2026-01-01T00:00:00.000Z`; `None` if they are not in the years 1 to 9999.
///
/// ```
/// use model_core::instant::rfc3339_millis;
/// assert_eq!(rfc3339_millis(1_767_225_600_007).as_deref(), Some("2026-01-01T00:00:00.007Z"));
/// assert_eq!(rfc3339_millis(i64::MAX), None);
/// ```
#[must_use]
pub fn rfc3339_millis(millis: i64) -> Option<String> {
    let (year, month, day) = civil_of_days(millis.div_euclid(DAY_MILLIS));
    if !(1..=9999).contains(&year) {
        return None;
    }
    let of_day = millis.rem_euclid(DAY_MILLIS);
    let (seconds, millis) = (of_day / 1_000, of_day % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"))
}

/// Milliseconds since the Unix epoch of an RFC 3339 text, whose further digits are cut off; `None` if it is none.
///
/// ```
/// use model_core::instant::parse_rfc3339;
/// assert_eq!(parse_rfc3339("2026-01-01T01:00:00+01:00"), Some(1_767_225_600_000));
/// assert_eq!(parse_rfc3339("2026-02-30T00:00:00Z"), None);
/// ```
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let mut rest = text.as_bytes();
    let year = digits(&mut rest, 4)?;
    let month = after(&mut rest, b"-").and_then(|()| digits(&mut rest, 2))?;
    let day = after(&mut rest, b"-").and_then(|()| digits(&mut rest, 2))?;
    let hour = after(&mut rest, b"Tt ").and_then(|()| digits(&mut rest, 2))?;
    let minute = after(&mut rest, b":").and_then(|()| digits(&mut rest, 2))?;
    let second = after(&mut rest, b":").and_then(|()| digits(&mut rest, 2))?;
    let mut millis = 0;
    if after(&mut rest, b".").is_some() {
        let n = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (fraction, others) =
            rest.split_at_checked(n).filter(|(digits, _)| !digits.is_empty())?;
        let digit = |at: usize| fraction.get(at).map_or(0, |digit| i64::from(digit - b'0'));
        millis = digit(0) * 100 + digit(1) * 10 + digit(2);
        rest = others;
    }
    let offset = match rest {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), ..] => {
            after(&mut rest, b"+-")?;
            let hours = digits(&mut rest, 2)?;
            let minutes = after(&mut rest, b":").and_then(|()| digits(&mut rest, 2))?;
            if !rest.is_empty() || hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if *sign == b'-' { -60 } else { 60 }
        }
        _ => return None,
    };
    let [year, month, day] = [year, month, day].map(|part| part as i32);
    // A leap second is the last one that the day has here.
    let is_sound =
        is_date(year, month as u32, day as u32) && hour < 24 && minute < 60 && second <= 60;
    let days = is_sound.then(|| days_since_1970(year, month as u32, day as u32))?;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second.min(59) - offset;
    Some(seconds * 1_000 + millis)
}

/// Takes a byte that is one of these.
fn after(rest: &mut &[u8], bytes: &[u8]) -> Option<()> {
    let (first, others) = rest.split_first()?;
    bytes.contains(first).then(|| *rest = others)
}

/// Takes so many digits.
fn digits(rest: &mut &[u8], n: usize) -> Option<i64> {
    let (digits, others) = rest.split_at_checked(n)?;
    *rest = others;
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The years 1 to 9999.
    const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

    proptest! {
        #[test]
        fn it_is_what_a_library_for_time_says(millis in RANGE, minutes in -1_439_i64..1_440) {
            let text = rfc3339_millis(millis).unwrap();
            let there = jiff::Timestamp::from_millisecond(millis).unwrap();
            prop_assert_eq!(&text, &format!("{there:.3}"));
            prop_assert_eq!(parse_rfc3339(&text), Some(millis));
            // The same by a clock that is so many minutes ahead.
            if let Some(local) = rfc3339_millis(millis + minutes * 60_000) {
                let sign = if minutes < 0 { '-' } else { '+' };
                let ahead = minutes.abs();
                let local = format!("{}{sign}{:02}:{:02}", local.trim_end_matches('Z'), ahead / 60, ahead % 60);
                prop_assert_eq!(parse_rfc3339(&local), Some(millis));
            }
        }

        #[test]
        fn what_it_reads_that_library_reads_so(text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,5})?(Z|[+-][0-2][0-9]:[0-5][0-9])") {
            if let Some(millis) = parse_rfc3339(&text) {
                let there = text.parse::<jiff::Timestamp>();
                // It has no instants of the years before 1 and after 9999 either, and its offsets end at 25:59.
                if let Ok(there) = there {
                    prop_assert_eq!(there.as_nanosecond().div_euclid(1_000_000), i128::from(millis));
                }
            } else if let Ok(there) = text.parse::<jiff::Timestamp>() {
                prop_assert!(text.starts_with("0000") || text.contains("+2") || text.contains("-2"), "{}: {}", text, there);
            }
        }

        #[test]
        fn any_text_is_read_without_panic(text in "[0-9TZtz:.+ -]{0,30}|.{0,30}") {
            let _ = parse_rfc3339(&text);
        }
    }

    #[test]
    fn beyond_the_calendar_there_is_nothing() {
        for millis in [i64::MIN, *RANGE.start() - 1, *RANGE.end() + 1, i64::MAX] {
            assert_eq!(rfc3339_millis(millis), None, "{millis}");
        }
        for text in [
            "",
            "yesterday",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-1-1T00:00:00Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
