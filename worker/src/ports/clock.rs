//! The time of day.

use super::BoxFuture;

/// A wall clock.
///
/// At the edge it stands still between I/O, so differences within one handler can read 0.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now_millis(&self) -> i64;

    /// Resolves after at least `millis` milliseconds.
    fn sleep(&self, millis: u32) -> BoxFuture<()>;
}
