//! A catalogue of texts as the page fetches it.
//!
//! `app/locales/de.json` has the English text beside the German one, for people and for the test that compares it
//! with the source. What is sent has a hash in the place of the English: the page has that already.

use std::collections::BTreeMap;

use crate::failure::{Failure, Outcome};

/// The texts of the catalogue `json`: in the first line the hashes of the English ones, four characters each, and then
/// a line for each text, sorted, so that like stands beside like: compressed, the file is a sixth smaller than
/// with the hashes among the texts.
///
/// # Errors
/// If it is no object of texts, a text has several lines, or two English texts have one hash.
pub(super) fn texts(json: &str) -> Outcome<String> {
    let catalogue: BTreeMap<String, String> = serde_json::from_str(json)
        .map_err(|error| Failure::new(format!("a catalogue in app/locales: {error}")))?;
    let mut hashes: BTreeMap<u32, &str> = BTreeMap::new();
    for (english, text) in &catalogue {
        if text.contains('\n') {
            return Err(Failure::new(format!("the translation of {english:?} has several lines")));
        }
        if let Some(other) = hashes.insert(hash(english), english) {
            let why = format!("{english:?} and {other:?} have the same hash: change one of them");
            return Err(Failure::new(why));
        }
    }
    let mut lines: Vec<(&String, &String)> = catalogue.iter().collect();
    lines.sort_unstable_by_key(|(english, text)| (*text, *english));
    let hashes = lines.iter().flat_map(|(english, _)| characters(hash(english))).collect();
    let texts = lines.into_iter().map(|(_, text)| text.as_str());
    Ok(std::iter::once(hashes).chain(texts.map(str::to_owned)).collect::<Vec<_>>().join("\n"))
}

/// FNV-1a of 32 bits, folded to 24 as its authors say, as `i18n` in the page computes it.
fn hash(text: &str) -> u32 {
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash >> 24 ^ hash & 0xff_ffff
}

/// Six bits each, the highest first, as the characters from `0` on.
fn characters(hash: u32) -> [char; 4] {
    [18, 12, 6, 0].map(|shift| char::from(b'0' + (hash >> shift & 63) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_its_authors() {
        // draft-eastlake-fnv, appendix C.
        assert_eq!((hash(""), hash("foobar")), (0x81 ^ 0x1c_9dc5, 0xbf ^ 0x9c_f968));
    }

    #[test]
    fn the_hashes_stand_before_the_sorted_texts() {
        let json = r#"{"Rows": "Zeilen", "{n} rows": "{n} Zeilen", "All": "Alle"}"#;
        let hashes = ["All", "Rows", "{n} rows"].map(|english| characters(hash(english)));
        let hashes: String = hashes.iter().flatten().collect();
        assert_eq!(texts(json), Ok(format!("{hashes}\nAlle\nZeilen\n{{n}} Zeilen")));
        assert_eq!(characters(0), ['0'; 4]);
        assert_eq!(characters(0xff_ffff), ['o'; 4]);
        assert_eq!(characters(1 << 18 | 2 << 12 | 10), ['1', '2', '0', ':']);
    }

    #[test]
    fn what_the_page_could_not_read_is_refused() {
        assert!(texts(r#"{"a": "b\nc"}"#).is_err());
        assert!(texts("[]").is_err());
    }
}
