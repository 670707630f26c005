//! A date that is typical of rows, as it is typed: made from the features that were made of dates.
//!
//! Source of the calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

use model_core::schema::{DateOrder, DatePart, SourceKind};

/// The date, or the time of day, whose features are typical; `typical` says what is typical of one of them, by
/// its place among them. `None` of a text, and of features that do not tell which day it was.
pub(super) fn typical_date(
    kind: &SourceKind,
    typical: impl Fn(usize) -> Option<f64>,
) -> Option<String> {
    let SourceKind::DateTime { order, parts } = kind else { return None };
    let part = |wanted| typical(parts.iter().position(|part| *part == wanted)?);
    let hour = part(DatePart::Hour);
    if *order == DateOrder::Clock {
        return hour.map(clock);
    }
    let days = part(DatePart::ElapsedDays)?.floor();
    // Within the years that a date can have; a file may hold any number.
    let (year, month, day) =
        (-719_528.0..=2_932_897.0).contains(&days).then(|| civil(days as i64))?;
    let date = match order {
        DateOrder::DayMonthYear => format!("{day}.{month}.{year:04}"),
        DateOrder::MonthDayYear => format!("{month}/{day}/{year:04}"),
        DateOrder::YearMonthDay | DateOrder::Clock => format!("{year:04}-{month:02}-{day:02}"),
    };
    Some(hour.map_or(date.clone(), |hour| format!("{date} {}", clock(hour))))
}

/// Hours with their minutes as a fraction.
fn clock(hour: f64) -> String {
    let minutes = (60.0 * hour).round().clamp(0.0, 2_879.0) as u32;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Year, month and day of so many days since 1 January 1970.
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (400 * era + year_of_era + i64::from(month <= 2), month, day)
}

/// Days from 1 January 1970 to a date of the calendar.
pub(super) fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_lead_to_each_other() {
        for days in [0, 1, 58, 59, 60, 10_957, 11_016, 20_785, 47_540] {
            let (year, month, day) = civil(days);
            assert_eq!(days_since_1970(year, month, day), days);
        }
    }

    #[test]
    fn a_typical_date_reads_back_as_the_features_it_was_made_of() {
        let parts = DatePart::ALL.to_vec();
        for (text, order) in [
            ("2024-02-29", DateOrder::YearMonthDay),
            ("1969-12-31", DateOrder::YearMonthDay),
            ("31.3.2024", DateOrder::DayMonthYear),
            ("3/31/1900", DateOrder::MonthDayYear),
        ] {
            let kind = SourceKind::DateTime { order, parts: parts.clone() };
            let values = kind.values(text).unwrap();
            let typed = typical_date(&kind, |at| values.get(at).copied()).unwrap();
            assert_eq!(typed, format!("{text} 00:00"));
            assert_eq!(kind.values(&typed), Some(values));
        }
    }

    #[test]
    fn times_are_hours_and_minutes() {
        let parts = vec![DatePart::Hour];
        let kind = SourceKind::DateTime { order: DateOrder::Clock, parts };
        assert_eq!(typical_date(&kind, |_| Some(5.25)).as_deref(), Some("05:15"));
        assert_eq!(kind.values("05:15"), Some(vec![5.25]));
    }

    #[test]
    fn what_does_not_tell_a_day_is_none() {
        let kind = |parts| SourceKind::DateTime { order: DateOrder::YearMonthDay, parts };
        assert_eq!(typical_date(&kind(vec![DatePart::Month]), |_| Some(3.0)), None);
        assert_eq!(typical_date(&kind(vec![DatePart::ElapsedDays]), |_| Some(1e300)), None);
        assert_eq!(typical_date(&kind(vec![DatePart::ElapsedDays]), |_| None), None);
        assert_eq!(typical_date(&SourceKind::Text { n_buckets: 4 }, |_| Some(1.0)), None);
    }
}
