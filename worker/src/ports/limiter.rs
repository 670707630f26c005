//! How often somebody may ask.

use async_trait::async_trait;

/// Counts requests per key over a fixed period.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts one request of `key`; `false` if it is over the limit.
    ///
    /// A limiter that can't be asked lets the request pass: it protects, it must not be what fails.
    async fn admit(&self, key: &str) -> bool;
}
