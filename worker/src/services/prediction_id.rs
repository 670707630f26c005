//! Ids of predictions: UUIDv7 (RFC 9562) whose last byte is the log shard.
//!
//! They sort by time, and the shard that keeps a row can be told from its id alone, however many
//! shards are written to by then.

use uuid::{Builder, Uuid};

use crate::ports::ShardId;

/// Characters of an id.
pub(crate) const ID_LENGTH: usize = 36;

/// A new id for `now_millis`, from 16 `random` bytes, kept by `shard`.
#[must_use]
pub(crate) fn new(now_millis: i64, random: [u8; 16], shard: ShardId) -> String {
    let [r0, r1, r2, r3, r4, r5, r6, r7, r8, ..] = random;
    let counter_random_bytes = [r0, r1, r2, r3, r4, r5, r6, r7, r8, shard];
    build(now_millis, &counter_random_bytes)
}

/// The least id of any prediction made at or after `now_millis`.
#[must_use]
pub(crate) fn first_of(now_millis: i64) -> String {
    build(now_millis, &[0; 10])
}

/// The least id beyond `id`; that itself if it is none.
#[must_use]
pub(crate) fn after(id: &str) -> String {
    let next = |id: Uuid| Uuid::from_u128(id.as_u128().saturating_add(1)).hyphenated().to_string();
    Uuid::try_parse(id).map_or_else(|_| id.to_owned(), next)
}

/// Whether `text` could be an id: the 36 characters of a UUID, in lower case.
#[must_use]
pub(crate) fn is_id(text: &str) -> bool {
    Uuid::try_parse(text).is_ok_and(|id| id.hyphenated().to_string() == text)
}

/// The shard that keeps the prediction; `None` if `id` is no id.
#[must_use]
pub(crate) fn shard_of(id: &str) -> Option<ShardId> {
    let last = id.get(id.len().checked_sub(2)?..)?;
    is_id(id).then(|| ShardId::from_str_radix(last, 16).ok()).flatten()
}

/// When the prediction was made, in milliseconds since the Unix epoch; `None` if `id` is no id.
#[must_use]
pub(crate) fn millis_of(id: &str) -> Option<i64> {
    let (high, low) = (id.get(..8)?, id.get(9..13)?);
    let number = |digits| i64::from_str_radix(digits, 16).ok();
    is_id(id).then_some(())?;
    Some((number(high)? << 16) | number(low)?)
}

fn build(now_millis: i64, random: &[u8; 10]) -> String {
    let millis = u64::try_from(now_millis).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, random).into_uuid().hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_byte_is_the_shard() {
        let id = new(1_767_225_600_000, [0xab; 16], 7);
        assert_eq!(id, "019b76da-a800-7bab-abab-ababababab07");
        assert!(is_id(&id));
        assert_eq!(shard_of(&id), Some(7));
        assert_eq!(shard_of("x"), None);
        assert_eq!(millis_of(&id), Some(1_767_225_600_000));
        assert_eq!((millis_of("x"), millis_of(&first_of(0))), (None, Some(0)));
    }

    #[test]
    fn ids_sort_by_time() {
        assert!(new(1_000, [0xff; 16], 255) < new(1_001, [0; 16], 0));
        assert!(first_of(1_000) <= new(1_000, [0; 16], 0));
        assert!(first_of(1_001) > new(1_000, [0xff; 16], 255));
    }

    #[test]
    fn nothing_is_between_an_id_and_the_one_after_it() {
        let id = "019b76da-a800-7fff-ffff-ffffffffffff";
        assert_eq!(after(id), "019b76da-a800-8000-0000-000000000000");
        assert!(*id < *after(id));
        assert_eq!(after("x"), "x");
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in
            ["", "x", "019B76DA-A800-7BAB-ABAB-ABABABABAB07", "019b76daa8007bababababababab0707"]
        {
            assert!(!is_id(text), "{text}");
        }
    }
}
