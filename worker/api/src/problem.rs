//! Errors on the wire: problem details as RFC 9457 defines them.

use serde::{Deserialize, Serialize};

/// Media type of every error body.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was refused, and what to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Names the kind of problem: a relative reference to its section of `/docs`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words; the same for every occurrence.
    pub title: String,
    /// The HTTP status, repeated for those who only see the body.
    #[cfg_attr(feature = "openapi", schema(minimum = 400, maximum = 599))]
    pub status: u16,
    /// What went wrong this time, and what to do about it.
    pub detail: String,
    /// Every fault that was found in the body; empty if the problem isn't about the body's content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
}

/// One fault in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemError {
    /// JSON pointer (RFC 6901) to the value at fault; `""` is the whole body.
    pub pointer: String,
    /// What kind of fault, for programs: `out_of_range`, `unknown_field`, `duplicate_key`, ...
    pub code: String,
    /// The fault in words, saying what to change.
    pub detail: String,
}
