//! Pages of what is numbered, newest first: `limit` and `cursor`.

use tepal_api::ProblemError;

use crate::error::ApiError;
use crate::http::query;

/// Most items of a page.
const MAX_LIMIT: usize = 1_000;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) limit: usize,
    /// Only numbers below this one.
    pub(super) before: Option<u64>,
}

/// The page that a query asks for.
///
/// # Errors
/// [`ApiError::Query`] with every parameter that can't be used.
pub(super) fn read(query: Option<&str>, default_limit: usize) -> Result<Page, ApiError> {
    let mut page = Page { limit: default_limit, before: None };
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, code: &str, detail: &str| {
        let [pointer, code, detail] = [pointer, code, detail].map(str::to_owned);
        faults.push(ProblemError { pointer, code, detail });
    };
    for (name, value) in query::form(query.unwrap_or("")) {
        match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => page.limit = limit,
                _ => fault("?limit", "out_of_range", "limit must be a number from 1 to 1000"),
            },
            "cursor" => match value.parse() {
                Ok(before) => page.before = Some(before),
                Err(_) => fault("?cursor", "not_a_cursor", "cursor must be a next_cursor"),
            },
            _ => fault("?", "unknown_parameter", "known are limit and cursor"),
        }
    }
    if faults.is_empty() { Ok(page) } else { Err(ApiError::Query(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_faulty_parameter_is_named() {
        assert_eq!(read(None, 5).unwrap(), Page { limit: 5, before: None });
        assert_eq!(read(Some("cursor=7&limit=2"), 5).unwrap(), Page { limit: 2, before: Some(7) });
        let ApiError::Query(faults) = read(Some("limit=0&cursor=x&y=1"), 5).unwrap_err() else {
            panic!("no fault of the query");
        };
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["?limit", "?cursor", "?"]);
    }
}
