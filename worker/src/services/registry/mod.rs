//! The registry: what was published, what serves, who changed it, over a [`DocumentStore`].
//!
//! It runs inside the registry's Durable Object at the edge and in-process natively. Every change is one
//! transaction: it checks the generation that it depends on, changes documents, writes one entry of the
//! ledger, and raises the generation. So of two owners at once one is told that the other was faster.

mod change;
mod documents;
pub(crate) mod ledger;
mod query;

use documents::Documents;

use crate::ports::{
    Answer, ChangeRequest, Changed, DocumentStore, Pointer, PointerCopy, Query, RegistryError,
};

/// Does a change in `store`.
///
/// # Errors
/// [`RegistryError`]; nothing was changed then.
pub(crate) fn change(
    store: &impl DocumentStore,
    request: &ChangeRequest,
) -> Result<Changed, RegistryError> {
    store.atomically(|| change::apply(store, request))
}

/// Answers from `store`.
///
/// # Errors
/// [`RegistryError::Storage`] if it can't be read.
pub(crate) fn query(store: &impl DocumentStore, query: &Query) -> Result<Answer, RegistryError> {
    query::answer(store, query)
}

/// Brings the copy of the pointer up to the registry, if it isn't. To be called after a change, and
/// again until it succeeds.
///
/// # Errors
/// [`RegistryError::Storage`] if the copy isn't known to be up to date.
pub(crate) async fn copy_pointer(
    store: &impl DocumentStore,
    copy: &dyn PointerCopy,
) -> Result<(), RegistryError> {
    let copied = Documents(store).copied_generation()?;
    let Answer::Pointer { pointer: Some(pointer) } = query(store, &Query::Pointer)? else {
        return Ok(());
    };
    let Pointer { generation, .. } = pointer;
    if generation <= copied {
        return Ok(());
    }
    copy.put(&pointer).await?;
    // While this waited a later pointer may have been copied.
    let documents = Documents(store);
    if documents.copied_generation()? < generation {
        documents.set_copied_generation(generation)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
