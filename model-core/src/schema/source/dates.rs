//! Dates and times in the orders that people write them, and the numbers made of them.
//!
//! A zone is read, and the time is the one on the wall all the same. Source of the day count: Howard
//! Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.

use serde::{Deserialize, Serialize};

/// In which order the numbers of a date stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `2024-03-04`, `2024/3/4`, `20240304`, `2024-03`.
    YearMonthDay,
    /// `4.3.2024`, `04/03/24`, `4 March 2024`.
    DayMonthYear,
    /// `3/4/2024`, `March 4, 2024`.
    MonthDayYear,
    /// `17:45`, `5:45 PM`: a time without a date.
    Clock,
}

impl DateOrder {
    /// Every order.
    pub const ALL: [Self; 4] =
        [Self::YearMonthDay, Self::DayMonthYear, Self::MonthDayYear, Self::Clock];

    /// What is expected, in words, with the [`example`](Self::example).
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::YearMonthDay => "a date such as 2024-03-31",
            Self::DayMonthYear => "a date such as 31.3.2024",
            Self::MonthDayYear => "a date such as 3/31/2024",
            Self::Clock => "a time such as 17:45",
        }
    }

    /// A date or a time in this order.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::YearMonthDay => "2024-03-31",
            Self::DayMonthYear => "31.3.2024",
            Self::MonthDayYear => "3/31/2024",
            Self::Clock => "17:45",
        }
    }
}

/// A feature made of a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// The year.
    Year,
    /// The month, 1 to 12.
    Month,
    /// The day of the week, 1 (Monday) to 7.
    DayOfWeek,
    /// The hour with its minutes as a fraction, 0 to below 24; a time without a date may count on into
    /// the night, to below 48.
    Hour,
    /// Days since 1 January 1970, the time of day as a fraction.
    ElapsedDays,
}

impl DatePart {
    /// The least that it can be: of the year 0.
    pub(super) const fn least(self) -> f64 {
        match self {
            Self::Year | Self::Hour => 0.0,
            Self::Month | Self::DayOfWeek => 1.0,
            Self::ElapsedDays => -719_528.0,
        }
    }

    /// The greatest that it can be: of the year 9999.
    pub(super) const fn greatest(self, order: DateOrder) -> f64 {
        match self {
            Self::Year => 9999.0,
            Self::Month => 12.0,
            Self::DayOfWeek => 7.0,
            Self::Hour if matches!(order, DateOrder::Clock) => MOST_HOURS as f64,
            Self::Hour => 24.0,
            Self::ElapsedDays => 2_932_897.0,
        }
    }

    /// Every part.
    pub const ALL: [Self; 5] =
        [Self::Year, Self::Month, Self::DayOfWeek, Self::Hour, Self::ElapsedDays];

    /// The name behind the column's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::DayOfWeek => "day_of_week",
            Self::Hour => "hour",
            Self::ElapsedDays => "elapsed_days",
        }
    }
}

/// A date, a time, or both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    year: i32,
    month: u32,
    day: u32,
    /// Hours since midnight.
    hour: f64,
    pub(crate) has_time: bool,
    /// Minutes that the zone is before or behind Greenwich, if one is stated.
    pub(crate) zone: Option<i32>,
}

impl Moment {
    pub(crate) fn part(&self, part: DatePart) -> f64 {
        let days = days_since_1970(self.year, self.month, self.day);
        match part {
            DatePart::Year => f64::from(self.year),
            DatePart::Month => f64::from(self.month),
            // The first day of 1970 was a Thursday.
            DatePart::DayOfWeek => (days + 3).rem_euclid(7) as f64 + 1.0,
            DatePart::Hour => self.hour,
            DatePart::ElapsedDays => days as f64 + self.hour / 24.0,
        }
    }
}

/// Days since 1970 of a date of the Gregorian calendar.
pub(crate) fn days_since_1970(year: i32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = i64::from((153 * ((month + 9) % 12) + 2) / 5 + day - 1);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day since 1970: the way back (`civil_from_days` there).
pub(crate) fn civil_of_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month + 2) / 5 + 1) as u32;
    let month = (if month < 10 { month + 3 } else { month - 9 }) as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Whether there is such a date, in the years 1 to 9999.
pub(crate) fn is_date(year: i32, month: u32, day: u32) -> bool {
    (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
}

fn days_in(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The moment that a trimmed text says in this order; `None` if it says none.
pub(crate) fn read(text: &str, order: DateOrder) -> Option<Moment> {
    // Longer than any date: words, or worse.
    if text.len() > 48 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if order == DateOrder::Clock {
        let (hour, zone) = clock(text)?;
        return Some(Moment { year: 1970, month: 1, day: 1, hour, has_time: true, zone });
    }
    let (date, time) = cut(text);
    let (year, month, day) = date_of(date, order)?;
    let sound = is_date(year, month, day);
    let (hour, zone) = match time {
        "" => (0.0, None),
        // Behind a date the next day has a date of its own.
        time => clock(time).filter(|(hour, _)| *hour < 24.0)?,
    };
    let has_time = !time.is_empty();
    sound.then_some(Moment { year, month, day, hour, has_time, zone })
}

/// Cuts a text before its time, which holds the first colon; without one there is none.
fn cut(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else { return (text, "") };
    let before = text.get(..colon).unwrap_or_default();
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (date, time) = text.split_at(colon - digits);
    (date.trim_end_matches(['T', 't', ' ', ',']), time)
}

/// Year, month and day of a text without a time.
fn date_of(text: &str, order: DateOrder) -> Option<(i32, u32, u32)> {
    if order == DateOrder::YearMonthDay
        && text.len() == 8
        && text.bytes().all(|b| b.is_ascii_digit())
    {
        let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
        let year = number(0..4).filter(|year| (1900..2100).contains(year))?;
        return Some((year as i32, number(4..6)?, number(6..8)?));
    }
    let is_between = |c: char| matches!(c, '-' | '/' | '.' | ' ' | ',' | '\u{a0}');
    let mut parts = [""; 3];
    let mut n = 0;
    for part in text.split(is_between).filter(|part| !part.is_empty()) {
        if n == 0 && is_day_of_week(part) {
            continue;
        }
        *parts.get_mut(n)? = part;
        n += 1;
    }
    if n == 2 {
        return if order == DateOrder::YearMonthDay { month_of_year(text, parts) } else { None };
    }
    if n != 3 {
        return None;
    }
    // Four digits in front are a year in any order: `2024-03-04` among `4.3.2024`.
    let begins_with_year = parts[0].len() == 4 && parts[0].bytes().all(|b| b.is_ascii_digit());
    let order = if begins_with_year { DateOrder::YearMonthDay } else { order };
    let number = |part: &str| {
        let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ordinal = matches!(part.get(digits.len()..), Some("" | "st" | "nd" | "rd" | "th"));
        let short = digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if ordinal && short { digits.parse::<u32>().ok() } else { None }
    };
    let [first, second, third] = parts;
    let (year, month, day) = match order {
        DateOrder::YearMonthDay => (first, second, third),
        DateOrder::DayMonthYear => (third, second, first),
        DateOrder::MonthDayYear => (third, first, second),
        DateOrder::Clock => return None,
    };
    let month = month_by_name(month).or_else(|| number(month).filter(|_| month.len() <= 2))?;
    let day = number(day).filter(|&day| day <= 31)?;
    let year = match (year.len(), number(year)?) {
        (4, year) => year,
        // As POSIX reads two digits; nobody begins a date with them.
        (2, short) if order != DateOrder::YearMonthDay => {
            short + if short < 69 { 2000 } else { 1900 }
        }
        _ => return None,
    };
    Some((year as i32, month, day))
}

/// The first day of `2024-03`, `03/2024`, `March 2024` or `Mar-24`; of no other pair: 3.4 is a number,
/// and `Mar 24` may be a day.
fn month_of_year(text: &str, [first, second, _]: [&str; 3]) -> Option<(i32, u32, u32)> {
    let is_year = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(month) = month_by_name(first) {
        let year: i32 = second.parse().ok()?;
        let year = match second.len() {
            4 => year,
            2 if text.contains('-') => year + if year < 69 { 2000 } else { 1900 },
            _ => return None,
        };
        return Some((year, month, 1));
    }
    let (year, month) = match (is_year(first), is_year(second)) {
        (true, _) if text.contains('-') && second.len() == 2 => (first, second),
        (_, true) if text.contains('/') && first.len() <= 2 => (second, first),
        _ => return None,
    };
    Some((year.parse().ok()?, month.parse().ok()?, 1))
}

const MONTHS: [&[&str]; 12] = [
    &["jan", "january", "januar"],
    &["feb", "february", "februar"],
    &["mar", "march", "mär", "märz", "mrz"],
    &["apr", "april"],
    &["may", "mai"],
    &["jun", "june", "juni"],
    &["jul", "july", "juli"],
    &["aug", "august"],
    &["sep", "sept", "september"],
    &["oct", "october", "okt", "oktober"],
    &["nov", "november"],
    &["dec", "december", "dez", "dezember"],
];

/// In small letters, as far as the names here have others: the tables for every script are 15 KB, and whoever
/// predicts would load them.
fn lower(text: &str) -> String {
    text.chars().map(|c| if c == 'Ä' { 'ä' } else { c.to_ascii_lowercase() }).collect()
}

fn month_by_name(text: &str) -> Option<u32> {
    let lower = lower(text);
    (1..).zip(MONTHS).find(|(_, names)| names.contains(&lower.as_str())).map(|(month, _)| month)
}

fn is_day_of_week(text: &str) -> bool {
    let lower = lower(text);
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let begins = days.iter().any(|day| lower.starts_with(day));
    begins
        && lower.bytes().all(|byte| byte.is_ascii_alphabetic())
        && (lower.len() == 3 || lower.ends_with("day"))
}

/// A time of day ends before the second midnight: timetables count a night's hours on, 25:10.
const MOST_HOURS: u32 = 48;

/// Hours since midnight of `17:45`, `17:45:30.5`, `5:45 PM`, and the zone in minutes if one is stated.
fn clock(text: &str) -> Option<(f64, Option<i32>)> {
    let mut text = text.trim();
    let mut zone = None;
    if let Some(rest) = text.strip_suffix(['Z', 'z']) {
        (text, zone) = (rest, Some(0));
    } else if let Some(at) = text.rfind(['+', '-']) {
        let offset = text.get(at + 1..)?;
        let sound = matches!(offset.len(), 2 | 4 | 5)
            && offset.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
        if !sound {
            return None;
        }
        let number = |part: Option<&str>| part.unwrap_or_default().parse::<i32>().unwrap_or(0);
        let minutes = 60 * number(offset.get(..2))
            + number(offset.get(offset.len() - 2..).filter(|_| offset.len() > 2));
        zone = Some(if text.get(at..=at) == Some("-") { -minutes } else { minutes });
        text = text.get(..at)?;
    }
    let upper = text.to_ascii_uppercase();
    let half = |mark: &str| upper.strip_suffix(mark).map(|rest| rest.trim_end().len());
    let am = half("AM").or_else(|| half("A.M."));
    let pm = half("PM").or_else(|| half("P.M."));
    let text = text.get(..am.or(pm).unwrap_or(text.len()))?.trim();
    let mut parts = text.split(':');
    let two_digits = |part: &str| {
        let sound = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if sound { part.parse::<u32>().ok() } else { None }
    };
    let hours = two_digits(parts.next()?)?;
    let minutes = parts.next().filter(|part| part.len() == 2).and_then(two_digits)?;
    let seconds = match parts.next() {
        None => 0.0,
        Some(part) => {
            let whole = part.split(['.', ',']).next()?;
            two_digits(whole).filter(|_| whole.len() == 2)?;
            crate::parse_number(&part.replace(',', "."))?
        }
    };
    if parts.next().is_some() || minutes > 59 || seconds >= 61.0 {
        return None;
    }
    let hours = match (am.is_some(), pm.is_some()) {
        (false, false) => (hours < MOST_HOURS).then_some(hours)?,
        (_, is_pm) => {
            (1..=12).contains(&hours).then_some(hours % 12 + if is_pm { 12 } else { 0 })?
        }
    };
    Some((f64::from(hours) + f64::from(minutes) / 60.0 + seconds / 3600.0, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str, order: DateOrder) -> Option<(i32, u32, u32)> {
        read(text, order).map(|moment| (moment.year, moment.month, moment.day))
    }

    #[test]
    fn dates_are_read_in_their_order() {
        use DateOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        for (text, order) in [
            ("2024-03-04", YearMonthDay),
            ("2024/3/4", YearMonthDay),
            ("20240304", YearMonthDay),
            ("2024-03-04T05:15:00Z", YearMonthDay),
            ("2024-03-04 05:15+01:00", YearMonthDay),
            ("4.3.2024", DayMonthYear),
            ("04/03/24", DayMonthYear),
            ("4 March 2024", DayMonthYear),
            ("4. März 2024", DayMonthYear),
            ("04-Mar-2024", DayMonthYear),
            ("Mon, 4 Mar 2024 05:15", DayMonthYear),
            ("3/4/2024", MonthDayYear),
            ("March 4, 2024", MonthDayYear),
            ("Mar 4th 2024, 5:15 PM", MonthDayYear),
        ] {
            assert_eq!(day(text, order), Some((2024, 3, 4)), "{text}");
        }
        for text in ["2024-03", "03/2024", "3/2024", "March 2024", "Mar-2024", "Mar-24"] {
            assert_eq!(day(text, YearMonthDay), Some((2024, 3, 1)), "{text}");
        }
        assert_eq!(day("2024-03-04", DayMonthYear), Some((2024, 3, 4)));
        let zone = |text| read(text, YearMonthDay).unwrap().zone;
        assert_eq!(zone("2024-03-04 05:15"), None);
        assert_eq!(zone("2024-03-04T05:15Z"), Some(0));
        assert_eq!(zone("2024-03-04 05:15-03:30"), Some(-210));
        assert_eq!(day("1.2.99", DayMonthYear), Some((1999, 2, 1)));
    }

    #[test]
    fn an_example_is_what_is_expected() {
        for order in DateOrder::ALL {
            assert!(read(order.example(), order).is_some());
            assert!(order.expected().ends_with(order.example()));
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for order in DateOrder::ALL {
            for text in [
                "",
                "5",
                "3.14",
                "1.2.3",
                "2024-13-01",
                "2023-02-29",
                "31.4.2024",
                "12:60",
                "1-2",
                "a-b-c",
                "192.168.0.1",
                "48:00",
                "2024-03-04 24:00",
                "99999999",
                "2024-03-04 x",
                "13:00 PM",
            ] {
                assert_eq!(read(text, order), None, "{text} {order:?}");
            }
        }
        assert!(read("29.2.2024", DateOrder::DayMonthYear).is_some());
    }

    #[test]
    fn parts_are_those_of_the_calendar() {
        let moment = read("2024-03-04 06:00", DateOrder::YearMonthDay).unwrap();
        let parts = DatePart::ALL.map(|part| moment.part(part));
        assert_eq!(parts, [2024.0, 3.0, 1.0, 6.0, 19786.25]);
        let day = |text| read(text, DateOrder::YearMonthDay).unwrap();
        assert_eq!(day("1970-01-01").part(DatePart::ElapsedDays), 0.0);
        assert_eq!(day("1970-01-01").part(DatePart::DayOfWeek), 4.0);
        assert_eq!(day("1969-12-31").part(DatePart::ElapsedDays), -1.0);
        assert_eq!(day("0001-01-01").part(DatePart::ElapsedDays), -719_162.0);
        let hour = |text| read(text, DateOrder::Clock).unwrap().hour;
        assert_eq!((hour("05:15"), hour("12:00 AM"), hour("12:30 pm")), (5.25, 0.0, 12.5));
        assert_eq!(hour("23:59:30.5"), 23.0 + 59.0 / 60.0 + 30.5 / 3600.0);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[0-9TZ:./, +aäMarPmé−-]{0,20}") {
            for order in DateOrder::ALL {
                let _ = read(&text, order);
            }
        }
    }
}
