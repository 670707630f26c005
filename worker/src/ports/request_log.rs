//! Where the Worker writes what it did: one line a request.

/// Takes lines of JSON, for people and for the platform's log.
pub trait RequestLog: Send + Sync {
    /// Writes one line, which holds no secret, no feature and no address.
    fn write(&self, line: &str);
}
