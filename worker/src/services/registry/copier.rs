//! The copy of the pointer, kept up with the registry.

use std::sync::atomic::{AtomicBool, Ordering};

use super::documents::Documents;
use super::query;
use crate::ports::{Answer, DocumentStore, PointerCopy, Query, RegistryError};

/// Copies one pointer after the other: of two at once the older could arrive last, and stay.
#[derive(Debug, Default)]
pub(crate) struct Copier {
    busy: AtomicBool,
}

/// Says that nobody is at it any more, also if whoever was is dropped while it waits.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Copier {
    /// Brings the copy up to the registry, if it isn't, and says whether it is now; not if another call is
    /// at it, which looks again before it ends. To be called after a change, and again until it succeeds.
    ///
    /// # Errors
    /// [`RegistryError::Storage`] if the copy isn't known to be up to date.
    pub(crate) async fn run(
        &self,
        store: &impl DocumentStore,
        copy: &dyn PointerCopy,
    ) -> Result<bool, RegistryError> {
        if self.busy.swap(true, Ordering::SeqCst) {
            return Ok(false);
        }
        let _done = Done(&self.busy);
        // Nothing waits between the last look and the end, so no change is missed.
        loop {
            let Answer::Pointer { pointer: Some(pointer) } = query(store, &Query::Pointer)? else {
                return Ok(true);
            };
            let documents = Documents(store);
            if pointer.generation <= documents.copied_generation()? {
                return Ok(true);
            }
            copy.put(&pointer).await?;
            documents.set_copied_generation(pointer.generation)?;
        }
    }
}
