//! JSON Web Tokens as bearers (RFC 7519, RFC 9068, RFC 8725): reading one, and what it must say.
//!
//! Nothing of a token is trusted here: whether its signature is the issuer's is asked by [`super::issuer`],
//! with a key that the settings name. Keys and addresses of keys that a token brings along are not read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::IgnoredAny;

use super::jwks::Algorithm;
use super::scope::{Scope, Scopes};

/// Longest token that is read; those of the known issuers have 1 to 3 KB.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Clocks of issuer and edge may differ by so much.
const LEEWAY_SECS: f64 = 60.0;

/// May stand before a scope's word, for issuers that serve several applications.
const SCOPE_PREFIX: &str = "tepal:";

/// A token that was read, and not yet verified.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) algorithm: Algorithm,
    /// Which of the issuer's keys signed it, if it says so.
    pub(super) kid: Option<String>,
    /// What is signed.
    pub(super) signed: &'a [u8],
    pub(super) signature: Vec<u8>,
    pub(super) claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
}

/// What a token says.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    /// Whom it is about.
    pub(super) sub: String,
    aud: Words,
    /// Seconds since the Unix epoch, possibly with a fraction.
    exp: f64,
    nbf: Option<f64>,
    scope: Option<Words>,
    scp: Option<Words>,
}

/// One text or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Several(Vec<String>),
}

/// When a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    Valid,
    NotYet,
    Expired,
}

impl<'a> Token<'a> {
    /// The token that `text` is; `None` if it is none that could be verified here.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        if text.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let mut parts = text.split(|byte| *byte == b'.');
        let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let signed = text.get(..header.len() + 1 + payload.len())?;
        let header: Header = part(header)?;
        let is_access_token = header.typ.as_deref().is_none_or(|typ| {
            let typ = typ.to_ascii_lowercase();
            matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
        });
        // Whatever `crit` names would have to be understood (RFC 7515, section 4.1.11).
        if !is_access_token || header.crit.is_some() {
            return None;
        }
        let claims: Claims = part(payload)?;
        Some(Self {
            algorithm: Algorithm::named(&header.alg)?,
            kid: header.kid,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
            claims,
        })
    }
}

impl Claims {
    /// Whether it is this issuer's, for this audience, about somebody.
    pub(super) fn are_for(&self, issuer: &str, audience: &str) -> bool {
        let meant = match &self.aud {
            Words::One(one) => one == audience,
            Words::Several(several) => several.iter().any(|one| one == audience),
        };
        self.iss == issuer && meant && !self.sub.is_empty()
    }

    /// Whether they count at this time.
    pub(super) fn validity(&self, now_millis: i64) -> Validity {
        let now = now_millis as f64 / 1_000.0;
        if now >= self.exp + LEEWAY_SECS {
            Validity::Expired
        } else if self.nbf.is_some_and(|nbf| now + LEEWAY_SECS < nbf) {
            Validity::NotYet
        } else {
            Validity::Valid
        }
    }

    /// The scopes that they grant: those of `scope` (RFC 8693) and `scp`, which either are one text of words
    /// or a list. Words of other applications are passed over.
    pub(super) fn scopes(&self) -> Scopes {
        let claims = [self.scope.as_ref(), self.scp.as_ref()].into_iter().flatten();
        let texts = claims.flat_map(|words| match words {
            Words::One(one) => std::slice::from_ref(one),
            Words::Several(several) => several.as_slice(),
        });
        let words = texts.flat_map(|text| text.split(' '));
        words
            .filter_map(|word| Scope::named(word.strip_prefix(SCOPE_PREFIX).unwrap_or(word)))
            .collect()
    }
}

/// What a part of a token says.
fn part<T: DeserializeOwned>(encoded: &[u8]) -> Option<T> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    crate::json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.AAAA", part(header), part(claims))
    }

    fn claims() -> Value {
        json!({ "iss": "i", "sub": "s", "aud": "a", "exp": 1_000, "scope": "read" })
    }

    fn with(member: &str, value: Value) -> Claims {
        let mut claims = claims();
        claims[member] = value;
        serde_json::from_value(claims).unwrap()
    }

    #[test]
    fn only_signatures_by_public_keys_are_read() {
        let read =
            |alg: &str| Token::read(token(&json!({ "alg": alg }), &claims()).as_bytes()).is_some();
        assert!(read("RS256") && read("ES256"));
        for alg in ["none", "None", "", "HS256", "RS384", "PS256", "ES256K", "EdDSA", "rs256"] {
            assert!(!read(alg), "{alg}");
        }
    }

    #[test]
    fn other_uses_of_the_format_are_none() {
        let read = |header: Value| Token::read(token(&header, &claims()).as_bytes()).is_some();
        assert!(read(json!({ "alg": "ES256", "typ": "at+JWT" })));
        assert!(read(json!({ "alg": "ES256", "typ": "application/at+jwt" })));
        for header in [
            json!({ "alg": "ES256", "typ": "dpop+jwt" }),
            json!({ "alg": "ES256", "crit": ["b64"], "b64": false }),
            json!({ "alg": ["ES256"] }),
            json!(["ES256"]),
            json!({}),
        ] {
            assert!(!read(header.clone()), "{header}");
        }
    }

    #[test]
    fn a_member_that_stands_twice_makes_it_none() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let header = part(r#"{"alg":"none","alg":"ES256"}"#);
        let token = format!("{header}.{}.AAAA", part(&claims().to_string()));
        assert!(Token::read(token.as_bytes()).is_none());
    }

    #[test]
    fn they_are_for_one_issuer_and_one_audience() {
        assert!(with("aud", json!("a")).are_for("i", "a"));
        assert!(with("aud", json!(["b", "a"])).are_for("i", "a"));
        assert!(!with("aud", json!([])).are_for("i", "a"));
        assert!(!with("aud", json!("a b")).are_for("i", "a"));
        assert!(!with("iss", json!("i/")).are_for("i", "a"));
        assert!(!with("sub", json!("")).are_for("i", "a"));
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        let at = |claims: &Claims, secs: i64| claims.validity(secs * 1_000);
        let claims = with("nbf", json!(500.5));
        assert_eq!(at(&claims, 440), Validity::NotYet);
        assert_eq!(at(&claims, 441), Validity::Valid);
        assert_eq!(at(&claims, 1_059), Validity::Valid);
        assert_eq!(at(&claims, 1_060), Validity::Expired);
    }

    #[test]
    fn scopes_are_words_or_lists_with_or_without_our_name_before_them() {
        let names = |member: &str, value: Value| {
            let mut all = claims();
            all.as_object_mut().unwrap().remove("scope");
            all[member] = value;
            serde_json::from_value::<Claims>(all).unwrap().scopes().names()
        };
        assert_eq!(names("scope", json!("openid tepal:publish  read")), ["publish", "read"]);
        assert_eq!(names("scp", json!(["predict", "tepal:admin", "x"])), ["predict", "admin"]);
        assert_eq!(names("scp", json!("feedback")), ["feedback"]);
        assert!(names("scope", json!("")).is_empty());
        assert!(names("scope", json!("Admin tepal: tepal:tepal:admin readers")).is_empty());
        assert!(names("roles", json!(["admin"])).is_empty());
    }

    #[test]
    fn what_nests_or_runs_on_is_none() {
        let deep = format!("{}1{}", "[".repeat(3_000), "]".repeat(3_000));
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
        for payload in [
            deep.clone(),
            format!(r#"{{"iss":"i","sub":"s","exp":1,"aud":{deep}}}"#),
            r#"{"iss":"i","sub":"s","exp":1e400,"aud":"a"}"#.to_owned(),
            r#"{"iss":"i","sub":"s","aud":"a"}"#.to_owned(),
        ] {
            let token = format!("{header}.{}.AAAA", URL_SAFE_NO_PAD.encode(payload));
            assert!(Token::read(token.as_bytes()).is_none());
        }
        let long = token(&json!({ "alg": "ES256", "x": "x".repeat(MAX_TOKEN_BYTES) }), &claims());
        assert!(Token::read(long.as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_without_a_panic(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Token::read(&text);
        }

        #[test]
        fn any_header_and_payload_are_read_without_a_panic(header in ".{0,60}", payload in ".{0,60}") {
            let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
            let text = format!("{}.{}.AAAA", part(&header), part(&payload));
            let _ = Token::read(text.as_bytes());
        }
    }
}
