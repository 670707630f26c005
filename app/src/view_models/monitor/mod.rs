//! What the page Monitor shows: `report` is what versions said and how it turned out, `metrics` what the edge
//! counts, `log` a row of the log and the rows over time, `drift` the rows against those that trained the model,
//! `the_loop` what was decided and what is wanted, `when` times.

pub(crate) mod drift;
pub(crate) mod log;
pub(crate) mod metrics;
pub(crate) mod report;
pub(crate) mod the_loop;
pub(crate) mod when;

use super::registry_words;
use crate::edge::EdgeError;
use crate::i18n::t;

/// Why the edge says nothing of its traffic, and what to do.
pub(crate) fn trouble(error: &EdgeError) -> String {
    match error {
        EdgeError::Unauthorized => registry_words::trouble(error),
        EdgeError::Forbidden { .. } => t!(
            "This key may not do that. The report and the log take the scope “read”, labels “feedback”, and erasing “admin”; the owner's token may do it all."
        )
        .to_owned(),
        error => error.sentence(),
    }
}
