//! What a caller would like to get (RFC 9110, section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// How much `media_type` is wanted, from 0 (not, or not named) to 1. Other parameters than `q`
/// aren't compared, and wildcards name nothing.
pub(crate) fn quality(headers: &HeaderMap, media_type: &str) -> f64 {
    let lists = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = lists.flat_map(|list| list.split(','));
    ranges.filter_map(|range| quality_in(range, media_type)).fold(0.0, f64::max)
}

/// The quality that one range gives `media_type`; one without a number is worth nothing.
fn quality_in(range: &str, media_type: &str) -> Option<f64> {
    let mut parts = range.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(media_type) {
        return None;
    }
    let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some(q.map_or(1.0, |q| model_core::parse_number(q.trim()).unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(accept: &'static str, expected: f64) {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        let found = quality(&headers, "text/plain");
        assert!((found - expected).abs() < 1e-6, "{accept}: {found}");
    }

    #[test]
    fn the_best_range_counts() {
        check("text/plain", 1.0);
        check("a/b;q=0.9, Text/Plain;version=1.0.0;q=0.3,text/plain ; q=0.5", 0.5);
        check("text/plain;q=0", 0.0);
        check("text/plain;q=x", 0.0);
        check("*/*, text/*, text/plainer", 0.0);
    }
}
