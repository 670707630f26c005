//! Instants as they are written on the wire.

pub(crate) use model_core::instant::parse_rfc3339;

/// `millis` since the Unix epoch as RFC 3339 in UTC with milliseconds, such as
/// `2026-01-01T00:00:00.000Z`. Times beyond the year 9999 read as the epoch.
#[must_use]
pub(crate) fn rfc3339_millis(millis: i64) -> String {
    let text = model_core::instant::rfc3339_millis(millis);
    text.unwrap_or_else(|| "1970-01-01T00:00:00.000Z".to_owned())
}

/// The hour of `millis` since the Unix epoch: the first 13 characters of [`rfc3339_millis`].
#[must_use]
pub(crate) fn hour(millis: i64) -> String {
    let mut text = rfc3339_millis(millis);
    text.truncate(13);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_always_written() {
        assert_eq!(rfc3339_millis(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339_millis(1_767_225_600_007), "2026-01-01T00:00:00.007Z");
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(parse_rfc3339("2026-01-01T00:00:00.007Z"), Some(1_767_225_600_007));
        assert_eq!(parse_rfc3339("2026-01-01T01:00:00+01:00"), Some(1_767_225_600_000));
        assert_eq!(parse_rfc3339("yesterday"), None);
    }
}
