//! Randomness.

/// The source has no random bytes to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes can be drawn")]
pub struct EntropyError;

/// A cryptographic source of random bytes.
pub trait Entropy: Send + Sync {
    /// Sixteen fresh random bytes.
    ///
    /// # Errors
    /// [`EntropyError`] if there are none. Nothing may stand in for them: two isolates that draw the
    /// same name tag their batches alike, and the log then takes one's rows for the other's.
    fn bytes(&self) -> Result<[u8; 16], EntropyError>;
}
