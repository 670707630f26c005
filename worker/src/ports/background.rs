//! Work that goes on after the answer has left.

use std::future::Future;
use std::pin::Pin;

/// A boxed future that may change threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// Keeps a request's surroundings alive until its late work is done (`wait_until` at the edge).
///
/// Unlike the other ports this one belongs to a single request.
pub trait Background: Send + Sync {
    /// Runs `work` to its end without holding up the answer.
    fn spawn(&self, work: BoxFuture<()>);
}
