//! Pseudonyms of people: an HMAC instead of what the caller sent.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256 of `subject` under `secret`, 64 hex digits.
///
/// The same person gets the same pseudonym as long as the secret stays, and nobody without the
/// secret can tell who it was, nor try names until one fits.
#[must_use]
pub(crate) fn pseudonym(secret: &str, subject: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(subject);
    let bytes = mac.finalize().into_bytes();
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    #[test]
    fn is_the_standard_hmac() {
        assert_eq!(
            pseudonym("Jefe", b"what do ya want for nothing?").unwrap(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
