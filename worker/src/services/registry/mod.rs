//! The registry: what was published, what serves, who changed it, over a [`DocumentStore`].
//!
//! It runs inside the registry's Durable Object at the edge and in-process natively. Every change is one
//! transaction: it checks the generation that it depends on, changes documents, writes one entry of the
//! ledger, and raises the generation. So of two owners at once one is told that the other was faster.

mod change;
mod copier;
mod documents;
pub(crate) mod ledger;
mod query;

pub(crate) use change::MAX_REASON;
pub(crate) use copier::Copier;

use crate::ports::{Answer, ChangeRequest, Changed, DocumentStore, Query, RegistryError};

/// Does a change in `store`, and answers what was to be answered of the state after it.
///
/// # Errors
/// [`RegistryError`]; nothing was changed then.
pub(crate) fn change(
    store: &impl DocumentStore,
    request: &ChangeRequest,
) -> Result<Changed, RegistryError> {
    store.atomically(|| {
        let mut changed = change::apply(store, request)?;
        changed.then = request.then.as_ref().map(|then| query(store, then)).transpose()?;
        Ok(changed)
    })
}

/// Answers from `store`.
///
/// # Errors
/// [`RegistryError::Storage`] if it can't be read.
pub(crate) fn query(store: &impl DocumentStore, query: &Query) -> Result<Answer, RegistryError> {
    query::answer(store, query)
}

#[cfg(test)]
mod tests;
