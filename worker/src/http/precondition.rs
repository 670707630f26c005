//! Changes of what is shared: which state they were meant for (RFC 9110, section 13.1.1; RFC 6585).

use axum::extract::FromRequestParts;
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::app::App;
use crate::error::ApiError;

/// The generation that a change needs, from `If-Match`; `None` for `*`, which any satisfies. A handler
/// that takes it asks for the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfGeneration(pub(crate) Option<u64>);

impl FromRequestParts<App> for IfGeneration {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        let value = parts.headers.get(IF_MATCH).ok_or(ApiError::PreconditionMissing)?;
        read(value).ok_or(ApiError::PreconditionUnreadable)
    }
}

fn read(value: &HeaderValue) -> Option<IfGeneration> {
    let text = value.to_str().ok()?.trim();
    if text == "*" {
        return Some(IfGeneration(None));
    }
    // What compresses an answer on its way weakens the tag (RFC 9110, section 8.8.3.3). It is the
    // generation still, which is all that is compared.
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    tag.parse().ok().map(|generation| IfGeneration(Some(generation)))
}

/// Tells which generation an answer is of.
pub(crate) fn set_generation(headers: &mut HeaderMap, generation: u64) {
    if let Ok(tag) = HeaderValue::try_from(format!("\"{generation}\"")) {
        headers.insert(ETAG, tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_generation_and_a_star_any() {
        let read = |text: &'static str| read(&HeaderValue::from_static(text));
        assert_eq!(read("\"12\""), Some(IfGeneration(Some(12))));
        assert_eq!(read("W/\"12\""), Some(IfGeneration(Some(12))), "weakened on its way");
        assert_eq!(read(" * "), Some(IfGeneration(None)));
        for bad in ["12", "\"x\"", "w/\"12\"", "\"1\", \"2\"", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
        let mut headers = HeaderMap::new();
        set_generation(&mut headers, 12);
        assert_eq!(headers[ETAG], "\"12\"");
    }
}
