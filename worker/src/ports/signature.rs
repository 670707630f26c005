//! Signatures of others, and the keys to check them by.

use async_trait::async_trait;

use super::StorageError;

/// A public key that signatures are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RS256). Big-endian, without zeros in front.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The public exponent.
        exponent: Vec<u8>,
    },
    /// ECDSA on P-256 with SHA-256 (ES256); possibly no point of the curve.
    P256 {
        /// The first coordinate, big-endian.
        x: [u8; 32],
        /// The second.
        y: [u8; 32],
    },
}

/// Checks signatures: WebCrypto at the edge.
#[async_trait]
pub trait SignatureVerifier: Send + Sync {
    /// Whether `signature` (as in RFC 7518, section 3: for ES256 both numbers, 32 bytes each) is of `message`
    /// by whoever has the private half of `key`. A key that can't be used verifies nothing.
    async fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool;
}

/// Reads an issuer's public keys.
#[async_trait]
pub trait KeySetSource: Send + Sync {
    /// What stands at `url`, if it is at most `max_bytes` long. Redirections aren't followed.
    ///
    /// # Errors
    /// [`StorageError`] if nothing answers there within seconds, or something else than a document.
    async fn fetch(&self, url: &str, max_bytes: usize) -> Result<Vec<u8>, StorageError>;
}
