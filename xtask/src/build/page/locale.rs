//! A catalogue of texts as the page fetches it.
//!
//! `app/locales/de.json` has the English text beside the German one, for people and for the test that compares it
//! with the source. What is sent has a hash in the place of the English: the page has that already.

use std::collections::BTreeMap;

use crate::failure::{Failure, Outcome};

/// The texts of the catalogue `json`, one a line: the hash of the English text in radix 36, a blank, the text. The
/// hashes ascend, so that the page finds a text without a table.
///
/// # Errors
/// If it is no object of texts, a text has several lines, or two English texts have one hash.
pub(super) fn texts(json: &str) -> Outcome<String> {
    let catalogue: BTreeMap<String, String> = serde_json::from_str(json)
        .map_err(|error| Failure::new(format!("a catalogue in app/locales: {error}")))?;
    let mut texts: BTreeMap<u32, (&str, &str)> = BTreeMap::new();
    for (english, text) in &catalogue {
        if text.contains('\n') {
            return Err(Failure::new(format!("the translation of {english:?} has several lines")));
        }
        let hash = fnv_1a(english);
        if let Some((other, _)) = texts.insert(hash, (english, text)) {
            let why = format!("{english:?} and {other:?} have the same hash: change one of them");
            return Err(Failure::new(why));
        }
    }
    let line = |(hash, (_, text)): (u32, (&str, &str))| format!("{} {text}\n", radix_36(hash));
    Ok(texts.into_iter().map(line).collect())
}

/// FNV-1a of 32 bits, as `i18n` in the page computes it.
fn fnv_1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn radix_36(number: u32) -> String {
    let digits = std::iter::successors(Some(number), |rest| (*rest >= 36).then_some(rest / 36));
    let digits: Vec<char> = digits.filter_map(|rest| char::from_digit(rest % 36, 36)).collect();
    digits.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_its_authors() {
        // draft-eastlake-fnv, appendix C.
        assert_eq!((fnv_1a(""), fnv_1a("foobar")), (0x811c_9dc5, 0xbf9c_f968));
    }

    #[test]
    fn a_line_has_the_hash_and_the_text() {
        let json = r#"{"Rows": "Zeilen", "{n} rows": "{n} Zeilen"}"#;
        let mut lines = [("Rows", "Zeilen"), ("{n} rows", "{n} Zeilen")]
            .map(|(english, text)| (fnv_1a(english), text));
        lines.sort_unstable();
        let expected = lines.map(|(hash, text)| format!("{} {text}\n", radix_36(hash))).concat();
        assert_eq!(texts(json), Ok(expected));
        assert_eq!((radix_36(0).as_str(), radix_36(37).as_str()), ("0", "11"));
    }

    #[test]
    fn what_the_page_could_not_read_is_refused() {
        assert!(texts(r#"{"a": "b\nc"}"#).is_err());
        assert!(texts("[]").is_err());
    }
}
