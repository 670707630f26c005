//! Free text as numbers: how long it is, and which words it holds.
//!
//! Words are hashed into a fixed number of buckets, so that no word of a training row travels with
//! the model and a word that training did not see does no harm. Source: Weinberger et al., "Feature
//! hashing for large scale multitask learning", ICML 2009; the hash is FNV-1a with 32 bits (Fowler,
//! Noll and Vo).

/// Most buckets of a column.
pub(crate) const MAX_BUCKETS: u16 = 100;

/// Characters, words, and for each bucket 1 if a word of the text falls there, else 0.
pub(super) fn values(text: &str, n_buckets: u16) -> Vec<f64> {
    let mut values = vec![0.0; 2 + usize::from(n_buckets)];
    let mut n_words = 0_u32;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        n_words += 1;
        if n_buckets > 0 {
            let bucket = hash(word) % u32::from(n_buckets);
            values[2 + bucket as usize] = 1.0;
        }
    }
    values[0] = text.chars().count() as f64;
    values[1] = f64::from(n_words);
    values
}

/// FNV-1a over the word's bytes in lower case.
fn hash(word: &str) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut buffer = [0; 4];
    for c in word.chars().flat_map(char::to_lowercase) {
        for byte in c.encode_utf8(&mut buffer).bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fall_into_buckets_whatever_their_case() {
        assert_eq!(hash("foobar"), 0xbf9c_f968, "the published test vector");
        assert_eq!(hash("FooBar"), hash("foobar"));
        let values = values("Nice, nice day: 5", 8);
        assert_eq!(values[..2], [17.0, 4.0]);
        let n_held = values[2..].iter().filter(|value| **value == 1.0).count();
        assert!((1..=3).contains(&n_held), "three different words: {values:?}");
        assert_eq!(super::values("", 0), [0.0, 0.0]);
    }
}
