//! HTTP around the handlers: reading bodies, judging callers, writing answers.
//!
//! [`problem`] is the only file that chooses an error's status.

pub(crate) mod accept;
pub(crate) mod admission;
pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod cors;
pub(crate) mod envelope;
pub(crate) mod owner;
pub(crate) mod problem;
