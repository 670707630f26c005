//! Signatures without WebCrypto, and an issuer's keys without a network.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::ports::{KeySetSource, StorageError};

/// Documents that stand at one address or are away, and how often they were asked for.
#[derive(Debug, Default)]
pub struct MemoryKeySets {
    document: Mutex<Option<Vec<u8>>>,
    fetches: AtomicU32,
}

impl MemoryKeySets {
    /// What is answered from now on; `None` if nothing is.
    pub fn set(&self, document: Option<Vec<u8>>) {
        *self.document.lock().unwrap_or_else(PoisonError::into_inner) = document;
    }

    /// How often it was asked for.
    #[must_use]
    pub fn fetches(&self) -> u32 {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeySetSource for MemoryKeySets {
    async fn fetch(&self, _url: &str, max_bytes: usize) -> Result<Vec<u8>, StorageError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let document = self.document.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let document =
            document.ok_or_else(|| StorageError::Unreachable("told to be away".into()))?;
        if document.len() > max_bytes {
            return Err(StorageError::Corrupt("the document is too long".into()));
        }
        Ok(document)
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub use native::NativeSignatures;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use async_trait::async_trait;
    use p256::ecdsa;
    use rsa::BoxedUint;
    use rsa::pkcs1v15;
    use rsa::sha2::Sha256;
    use rsa::signature::Verifier;

    use crate::ports::{PublicKey, SignatureVerifier};

    /// Signatures checked in this process.
    #[derive(Debug, Clone, Copy, Default)]
    pub struct NativeSignatures;

    #[async_trait]
    impl SignatureVerifier for NativeSignatures {
        async fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
            match key {
                PublicKey::Rsa { modulus, exponent } => rsa(modulus, exponent, message, signature),
                PublicKey::P256 { x, y } => p256(x, y, message, signature),
            }
            .is_some()
        }
    }

    fn rsa(modulus: &[u8], exponent: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
        let number = BoxedUint::from_be_slice_vartime;
        let key = rsa::PublicKey::new(number(modulus), number(exponent)).ok()?;
        let signature = pkcs1v15::Signature::try_from(signature).ok()?;
        pkcs1v15::VerifyingKey::<Sha256>::new(key).verify(message, &signature).ok()
    }

    fn p256(x: &[u8; 32], y: &[u8; 32], message: &[u8], signature: &[u8]) -> Option<()> {
        // SEC 1: 4, then both coordinates.
        let point = [&[4], &x[..], &y[..]].concat();
        let key = ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
        let signature = ecdsa::Signature::from_slice(signature).ok()?;
        key.verify(message, &signature).ok()
    }
}
