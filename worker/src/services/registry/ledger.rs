//! The audit ledger: entries that each carry the hash of the one before.
//!
//! An entry's hash is the SHA-256 of its canonical JSON (RFC 8785) without the member `hash`. It holds the
//! hash of the entry before, so whoever notes a hash can tell later whether anything up to there was
//! changed, left out or put in. Entries hold text, whole numbers and truths only, for which canonical
//! JSON is what `serde_json` writes for sorted keys; keys are ASCII, so sorting bytes sorts them.

use model_core::filled;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::ports::AuditEntry;

/// What the first entry names as the hash before it.
pub(crate) const BEFORE_THE_FIRST: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// The entry that follows on the one with hash `previous_hash`.
pub(crate) fn entry(
    sequence: u64,
    at: String,
    actor: String,
    action: &str,
    details: Map<String, Value>,
    previous_hash: String,
) -> AuditEntry {
    let action = action.to_owned();
    let hash = String::new();
    let mut entry = AuditEntry { sequence, at, actor, action, details, previous_hash, hash };
    entry.hash = hash_of(&entry);
    entry
}

/// Whether the entry is what its hash says.
pub(crate) fn is_whole(entry: &AuditEntry) -> bool {
    entry.hash == hash_of(entry)
}

fn hash_of(entry: &AuditEntry) -> String {
    let AuditEntry { sequence, at, actor, action, details, previous_hash, hash: _ } = entry;
    // A `Map` of serde_json keeps its keys sorted.
    let canonical = json!({
        "sequence": sequence,
        "at": at,
        "actor": actor,
        "action": action,
        "details": details,
        "previous_hash": previous_hash,
    });
    let digest = Sha256::digest(canonical.to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Largest whole number that every reader of JSON takes for itself (RFC 8785, section 3.2.2.3).
const MAX_SAFE: u64 = (1 << 53) - 1;

/// `details` with text for numbers that have more than one form, however deep they are.
pub(crate) fn plain(details: Map<String, Value>) -> Map<String, Value> {
    filled(details.into_iter().map(|(key, value)| (key, plain_value(value))))
}

fn plain_value(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let magnitude = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            let is_safe = magnitude.is_some_and(|magnitude| magnitude <= MAX_SAFE);
            if is_safe { Value::Number(number) } else { Value::String(number.to_string()) }
        }
        Value::Array(values) => values.into_iter().map(plain_value).collect(),
        Value::Object(members) => Value::Object(plain(members)),
        other => other,
    }
}

/// Whether all names, however deep, are ASCII.
pub(crate) fn has_plain_names(members: &Map<String, Value>) -> bool {
    fn is_plain(value: &Value) -> bool {
        match value {
            Value::Array(values) => values.iter().all(is_plain),
            Value::Object(members) => has_plain_names(members),
            _ => true,
        }
    }
    members.iter().all(|(name, value)| name.is_ascii() && is_plain(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first() -> AuditEntry {
        let details =
            Map::from_iter([("version".to_owned(), json!(1)), ("a".into(), json!("é\n"))]);
        let at = "2026-01-01T00:00:00.000Z".to_owned();
        entry(1, at, "owner".into(), "publish", details, BEFORE_THE_FIRST.into())
    }

    /// The hash of the text below, made with `sha256sum`.
    #[test]
    fn the_hash_is_that_of_the_canonical_text() {
        let text = format!(
            "{{\"action\":\"publish\",\"actor\":\"owner\",\"at\":\"2026-01-01T00:00:00.000Z\",\
             \"details\":{{\"a\":\"é\\n\",\"version\":1}},\"previous_hash\":\"{BEFORE_THE_FIRST}\",\
             \"sequence\":1}}"
        );
        let digest = Sha256::digest(text);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(first().hash, hex);
        assert_eq!(hex, "3b5df3c59f981cc2477f5ce014cd6796fc2415f3201a0c49cda65d14844c41e0");
    }

    /// Whoever reads the ledger elsewhere, as the page does, checks it by the wire's text.
    #[test]
    fn the_text_on_the_wire_has_the_same_hash() {
        let details = json!({
            "to": {"champion": 2, "mode": "live", "public": false}, "reason": null,
            "changed": ["tags", "\"é\u{1}\\"], "a": -3,
        });
        let Value::Object(details) = details else { panic!("no object") };
        let at = "2026-01-01T00:00:00.000Z".to_owned();
        let entry = entry(2, at, "owner".into(), "deploy", details, first().hash);
        let AuditEntry { sequence, at, actor, action, details, previous_hash, hash } = entry;
        let wire = tepal_api::AuditEntry {
            sequence,
            at,
            actor,
            action,
            details,
            previous_hash,
            hash: String::new(),
        };
        let digest = Sha256::digest(wire.canonical());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, hex);
    }

    #[test]
    fn whatever_is_changed_breaks_the_hash() {
        assert!(is_whole(&first()));
        assert!(!is_whole(&AuditEntry { actor: "somebody".into(), ..first() }));
        assert!(!is_whole(&AuditEntry { sequence: 2, ..first() }));
        assert!(!is_whole(&AuditEntry { previous_hash: String::new(), ..first() }));
        assert!(!is_whole(&AuditEntry { details: Map::new(), ..first() }));
    }

    #[test]
    fn fractions_are_kept_as_text() {
        let details =
            json!({"a": 0.5, "n": 3, "deep": [{"b": -1.5e9, "m": -3}], "large": 1u64 << 53});
        let Value::Object(details) = details else { panic!("no object") };
        let plain = Value::from(plain(details));
        let expected = json!({
            "a": "0.5", "n": 3, "deep": [{"b": "-1500000000.0", "m": -3}], "large": "9007199254740992",
        });
        assert_eq!(plain, expected);
    }
}
