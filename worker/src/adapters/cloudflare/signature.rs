//! WebCrypto: signatures of an OAuth issuer.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{JSON, Promise, Uint8Array};
use worker::send::SendFuture;
use worker::wasm_bindgen::{self, JsValue, prelude::wasm_bindgen};

use crate::ports::{PublicKey, SignatureVerifier};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        extractable: bool,
        usages: &JsValue,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"])]
    fn verify(
        algorithm: &JsValue,
        key: &JsValue,
        signature: &Uint8Array,
        data: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

/// `crypto.subtle`.
pub(super) struct WebSignatures;

#[async_trait]
impl SignatureVerifier for WebSignatures {
    async fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        // It refuses what is no key, and no signature, by an exception.
        let verified = SendFuture::new(verified(key, message, signature)).await;
        verified.is_ok_and(|verified| verified.as_bool() == Some(true))
    }
}

async fn verified(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<JsValue, JsValue> {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (jwk, algorithm) = match key {
        PublicKey::Rsa { modulus, exponent } => (
            json!({ "kty": "RSA", "n": encode(modulus), "e": encode(exponent) }),
            json!({ "name": "RSASSA-PKCS1-v1_5", "hash": "SHA-256" }),
        ),
        PublicKey::P256 { x, y } => (
            json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) }),
            json!({ "name": "ECDSA", "namedCurve": "P-256", "hash": "SHA-256" }),
        ),
    };
    let algorithm = object(&algorithm)?;
    let usages = object(&json!(["verify"]))?;
    let key = import_key("jwk", &object(&jwk)?, &algorithm, false, &usages)?;
    let key = JsFuture::from(key).await?;
    let [signature, message] = [signature, message].map(Uint8Array::from);
    JsFuture::from(verify(&algorithm, &key, &signature, &message)?).await
}

fn object(value: &Value) -> Result<JsValue, JsValue> {
    JSON::parse(&value.to_string())
}
