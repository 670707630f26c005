//! Randomness.

/// A cryptographic source of random bytes.
pub trait Entropy: Send + Sync {
    /// Sixteen fresh random bytes.
    fn bytes(&self) -> [u8; 16];
}
