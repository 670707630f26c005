//! Times of the log: those that ids carry, as the wire writes them and as people read them, in UTC.

/// When the prediction with this id was made, in milliseconds since 1970: a UUIDv7 begins with that.
pub(crate) fn of_id(id: &str) -> Option<u64> {
    let (high, rest) = id.trim().split_once('-')?;
    let (low, _) = rest.split_once('-')?;
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if (high.len(), low.len()) != (8, 4) || id.trim().len() != 36 || !is_hex(high) || !is_hex(low) {
        return None;
    }
    Some(u64::from_str_radix(high, 16).ok()? << 16 | u64::from_str_radix(low, 16).ok()?)
}

/// A time as RFC 3339 has it, to the millisecond.
pub(crate) fn rfc3339(millis: u64) -> String {
    let text = i64::try_from(millis).ok().and_then(model_core::instant::rfc3339_millis);
    text.unwrap_or_default()
}

/// A time of the wire as it is read, to the second.
pub(crate) fn second(at: &str) -> String {
    at.get(..19).unwrap_or(at).replace('T', " ")
}

/// The time of day of a time of the wire, to the second.
pub(crate) fn time_of_day(at: &str) -> &str {
    at.get(11..19).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_when() {
        let millis = of_id(" 01a2078e-34b3-76fa-a5fb-8ea0e8894b00").unwrap();
        assert_eq!(millis, 0x01a2_078e_34b3);
        assert_eq!(of_id("01a2078e-34b3-76fa-a5fb"), None);
        assert_eq!(of_id("g1a2078e-34b3-76fa-a5fb-8ea0e8894b00"), None);
        assert_eq!(of_id("x"), None);
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(rfc3339(1_709_164_800_001), "2024-02-29T00:00:00.001Z");
        assert_eq!(rfc3339(1_767_225_599_999), "2025-12-31T23:59:59.999Z");
        let at = rfc3339(1_767_225_599_999);
        assert_eq!((second(&at).as_str(), time_of_day(&at)), ("2025-12-31 23:59:59", "23:59:59"));
    }
}
