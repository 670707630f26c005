//! HTTP around the handlers: reading bodies, judging callers, writing answers.
//!
//! [`problem`] is the only file that chooses an error's status, [`headers`] the only one that names
//! a request's headers.

pub(crate) mod accept;
pub(crate) mod access;
pub(crate) mod admission;
pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod cors;
pub(crate) mod envelope;
pub(crate) mod etag;
pub(crate) mod headers;
pub(crate) mod path;
pub(crate) mod precondition;
pub(crate) mod problem;
pub(crate) mod query;
