//! An issuer's public keys (RFC 7517), those that sign with RS256 or ES256.
//!
//! What is anything else — symmetric keys, other curves, keys for encryption, short moduli — is passed over:
//! a set may hold more than this Worker uses, and what isn't in the set here can verify nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use crate::ports::PublicKey;

/// Longest set that is read.
pub(crate) const MAX_SET_BYTES: usize = 64 * 1024;

/// RSA moduli of 2,048 to 4,096 bits: shorter ones aren't safe (RFC 7518, section 3.3), longer ones slow.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// How tokens may be signed. `none` and the symmetric ones aren't among them, so neither no key nor a
/// public one taken for a secret can verify a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    const fn is_of(self, key: &PublicKey) -> bool {
        matches!(
            (self, key),
            (Self::Rs256, PublicKey::Rsa { .. }) | (Self::Es256, PublicKey::P256 { .. })
        )
    }
}

/// Public keys with their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KeySet(Vec<(Option<String>, PublicKey)>);

#[derive(Deserialize)]
struct WireSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct WireKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// The usable keys of a set; `None` if `text` is no set at all.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        if text.len() > MAX_SET_BYTES {
            return None;
        }
        let set: WireSet = crate::json::from_str(std::str::from_utf8(text).ok()?).ok()?;
        Some(Self(set.keys.into_iter().filter_map(usable).collect()))
    }

    /// The key that `algorithm` is verified with: the one of that name, or the only one if the token names
    /// none. Two that could be meant are none.
    pub(super) fn find(&self, algorithm: Algorithm, kid: Option<&str>) -> Option<&PublicKey> {
        let named = |name: &Option<String>| kid.is_none_or(|kid| name.as_deref() == Some(kid));
        let mut fitting = self.0.iter().filter(|(name, key)| named(name) && algorithm.is_of(key));
        match (fitting.next(), fitting.next()) {
            (Some((_, key)), None) => Some(key),
            _ => None,
        }
    }
}

fn usable(key: Value) -> Option<(Option<String>, PublicKey)> {
    let key: WireKey = serde_json::from_value(key).ok()?;
    let signs = key.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
    let verifies = key.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !signs || !verifies {
        return None;
    }
    let for_algorithm = |name: &str| key.alg.as_deref().is_none_or(|alg| alg == name);
    let public = match key.kty.as_str() {
        "RSA" if for_algorithm("RS256") => {
            let (modulus, exponent) = (number(key.n.as_deref()?)?, number(key.e.as_deref()?)?);
            let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
            let fits = MODULUS_BYTES.contains(&modulus.len()) && (1..=4).contains(&exponent.len());
            (fits && is_odd(&modulus) && is_odd(&exponent) && exponent != [1]).then_some(())?;
            PublicKey::Rsa { modulus, exponent }
        }
        "EC" if for_algorithm("ES256") && key.crv.as_deref() == Some("P-256") => {
            PublicKey::P256 { x: coordinate(key.x.as_deref()?)?, y: coordinate(key.y.as_deref()?)? }
        }
        _ => return None,
    };
    Some((key.kid, public))
}

/// A number in base64url, without zeros in front.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).map(<[u8]>::to_vec)
}

fn coordinate(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A modulus of so many bytes in base64url, which no primes belong to.
    fn modulus(bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xff; bytes])
    }

    fn n_usable(key: &Value) -> usize {
        let set = json!({ "keys": [key] }).to_string();
        KeySet::read(set.as_bytes()).unwrap().0.len()
    }

    #[test]
    fn what_cannot_verify_is_passed_over() {
        let rsa = json!({ "kty": "RSA", "kid": "a", "n": modulus(256), "e": "AQAB" });
        let point = URL_SAFE_NO_PAD.encode([1; 32]);
        let ec = json!({ "kty": "EC", "crv": "P-256", "x": point, "y": point });
        assert_eq!([n_usable(&rsa), n_usable(&ec)], [1, 1]);
        let with = |key: &Value, member: &str, value: Value| {
            let mut key = key.clone();
            key[member] = value;
            key
        };
        for unusable in [
            json!({ "kty": "oct", "k": "c2VjcmV0" }),
            json!({ "kty": "RSA" }),
            json!("no key"),
            with(&rsa, "use", json!("enc")),
            with(&rsa, "key_ops", json!(["encrypt"])),
            with(&rsa, "alg", json!("RS512")),
            with(&rsa, "alg", json!("HS256")),
            with(&rsa, "n", json!(modulus(128))),
            with(&rsa, "n", json!(modulus(1024))),
            with(&rsa, "e", json!("AQ")),
            with(&rsa, "e", json!("")),
            with(&rsa, "n", json!("no base64!")),
            with(&ec, "crv", json!("P-384")),
            with(&ec, "x", json!(modulus(31))),
            with(&ec, "alg", json!("ES384")),
        ] {
            assert_eq!(n_usable(&unusable), 0, "{unusable}");
        }
    }

    #[test]
    fn a_key_is_found_by_name_and_kind() {
        let rsa = |kid: &str| json!({ "kty": "RSA", "kid": kid, "n": modulus(256), "e": "AQAB" });
        let point = URL_SAFE_NO_PAD.encode([1; 32]);
        let ec = json!({ "kty": "EC", "crv": "P-256", "kid": "a", "x": point, "y": point });
        let set = json!({ "keys": [rsa("a"), rsa("b"), rsa("b"), ec] }).to_string();
        let set = KeySet::read(set.as_bytes()).unwrap();
        assert!(matches!(set.find(Algorithm::Rs256, Some("a")), Some(PublicKey::Rsa { .. })));
        assert!(matches!(set.find(Algorithm::Es256, Some("a")), Some(PublicKey::P256 { .. })));
        assert!(set.find(Algorithm::Es256, None).is_some(), "the only one of its kind");
        assert_eq!(set.find(Algorithm::Rs256, None), None, "several of a kind");
        assert_eq!(set.find(Algorithm::Rs256, Some("b")), None, "two of one name");
        assert_eq!(set.find(Algorithm::Es256, Some("b")), None);
        assert_eq!(set.find(Algorithm::Rs256, Some("c")), None);
    }

    #[test]
    fn what_is_no_set_is_none() {
        let long = format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(MAX_SET_BYTES));
        for text in ["", "[]", "{}", "{\"keys\": 1}", &"[".repeat(10_000), &long] {
            assert_eq!(KeySet::read(text.as_bytes()), None);
        }
    }
}
