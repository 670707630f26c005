//! Keys: what they may do stands in them, signed.
//!
//! `tepal_` + payload + `.` + HMAC-SHA256 of everything before the dot under `KEY_SECRET`, both parts in
//! unpadded base64url. The payload is 26 bytes: version 1, 16 bytes of id, a byte of scopes, and the second
//! since the Unix epoch from which on it counts no more, big-endian. Name and owner of a key are known to
//! the registry alone. The secret isn't made from the owner's token: whoever holds a key could then try
//! tokens until one fits, on their own machine.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::scope::Scopes;
use crate::config::Secret;

const PREFIX: &str = "tepal_";

/// The only form of payload so far.
const VERSION: u8 = 1;

const PAYLOAD_BYTES: usize = 26;

/// Prefix, 26 bytes, dot, 32 bytes: no other length is looked at.
const KEY_CHARS: usize = PREFIX.len() + 35 + 1 + 43;

/// What a key says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its public id: `key_` and 32 hex digits.
    pub(crate) id: String,
    pub(crate) scopes: Scopes,
    /// From when on it counts no more; whole seconds.
    pub(crate) expires_at_millis: i64,
}

/// Whether a credential wants to be a key. The owner's token may do so too, so it is compared first.
pub(super) fn looks_like_one(token: &[u8]) -> bool {
    token.starts_with(PREFIX.as_bytes())
}

/// Signs keys, and knows those that it signed.
#[derive(Clone)]
pub(crate) struct KeySigner {
    mac: Hmac<Sha256>,
}

impl KeySigner {
    pub(crate) fn new(secret: &Secret) -> Option<Self> {
        let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
        Some(Self { mac })
    }

    /// A key with these scopes, told apart by `random`, that counts until `expires_at_millis`, rounded up
    /// to a second; first as it is sent, then what it says.
    pub(crate) fn mint(
        &self,
        random: [u8; 16],
        scopes: Scopes,
        expires_at_millis: i64,
    ) -> (String, Key) {
        let expires_at_secs = expires_at_millis.max(0).div_euclid(1_000)
            + i64::from(expires_at_millis.max(0) % 1_000 > 0);
        let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
        payload.push(VERSION);
        payload.extend_from_slice(&random);
        payload.push(scopes.bits());
        payload.extend_from_slice(&expires_at_secs.to_be_bytes());
        let signed = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&payload));
        let mut mac = self.mac.clone();
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        let expires_at_millis = expires_at_secs.saturating_mul(1_000);
        (format!("{signed}.{signature}"), Key { id: id(&random), scopes, expires_at_millis })
    }

    /// What a key says, if it was signed with this secret. That it has expired or was revoked is for
    /// others to find.
    pub(crate) fn read(&self, token: &[u8]) -> Option<Key> {
        if token.len() != KEY_CHARS {
            return None;
        }
        let token = str::from_utf8(token).ok()?;
        let (signed, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let mut mac = self.mac.clone();
        mac.update(signed.as_bytes());
        // In constant time.
        mac.verify_slice(&signature).ok()?;
        let payload = URL_SAFE_NO_PAD.decode(signed.strip_prefix(PREFIX)?).ok()?;
        let (&version, rest) = payload.split_first()?;
        let (random, rest) = rest.split_first_chunk::<16>()?;
        let (&scopes, expires) = rest.split_first()?;
        let expires_at_secs = i64::from_be_bytes(expires.try_into().ok()?);
        (version == VERSION).then_some(())?;
        Some(Key {
            id: id(random),
            scopes: Scopes::of_bits(scopes)?,
            expires_at_millis: expires_at_secs.saturating_mul(1_000),
        })
    }
}

fn id(random: &[u8; 16]) -> String {
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("key_{hex}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scope::Scope;
    use super::*;

    fn signer(secret: &str) -> KeySigner {
        KeySigner::new(&Secret::from(secret.to_owned())).unwrap()
    }

    fn minted() -> (String, Key) {
        signer("one secret").mint([7; 16], Scopes::from_iter([Scope::Read]), 1_767_225_600_001)
    }

    #[test]
    fn a_key_says_what_it_was_minted_with() {
        let (token, key) = minted();
        assert_eq!(token.len(), KEY_CHARS);
        assert_eq!(key.id, format!("key_{}", "07".repeat(16)));
        assert_eq!(key.expires_at_millis, 1_767_225_601_000, "rounded up");
        assert_eq!(signer("one secret").read(token.as_bytes()), Some(key));
    }

    #[test]
    fn another_secret_knows_it_not() {
        assert_eq!(signer("another secret").read(minted().0.as_bytes()), None);
    }

    #[test]
    fn no_character_of_it_can_be_changed() {
        let (token, _) = minted();
        let signer = signer("one secret");
        for at in 0..token.len() {
            for other in [b'A', b'B', b'0', b'_', b'.', b'=', 0, 0xff] {
                let mut altered = token.clone().into_bytes();
                if altered[at] != other {
                    altered[at] = other;
                    assert_eq!(signer.read(&altered), None, "{at} {other}");
                }
            }
            assert_eq!(signer.read(&token.as_bytes()[..at]), None);
        }
    }

    /// Only a later version of this file could have signed these.
    #[test]
    fn a_payload_of_another_version_or_with_other_scopes_is_none() {
        let signer = signer("one secret");
        for (at, byte) in [(0, 2), (17, 32), (17, 255)] {
            let mut payload = [0; PAYLOAD_BYTES];
            payload[0] = VERSION;
            payload[at] = byte;
            let signed = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(payload));
            let mut mac = signer.mac.clone();
            mac.update(signed.as_bytes());
            let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
            assert_eq!(signer.read(format!("{signed}.{signature}").as_bytes()), None);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_without_a_panic(token in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(signer("one secret").read(&token), None);
        }

        #[test]
        fn every_key_leads_back(
            random in any::<[u8; 16]>(), bits in 0_u8..32, expires in 0_i64..253_402_300_800_000,
        ) {
            let signer = signer("one secret");
            let scopes = Scopes::of_bits(bits).unwrap();
            let (token, key) = signer.mint(random, scopes, expires);
            prop_assert_eq!(signer.read(token.as_bytes()), Some(key));
        }
    }
}
