//! Bytes to text: UTF-8, or Windows-1252 where the user says so.
//!
//! Nothing is guessed: in an encoding of one byte a letter any bytes are some text, and a wrong one
//! would pass for names and categories. What bytes look like is said in the refusal instead.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{DatasetError, Note};
use crate::schema::row::shortened;

/// How a file's letters are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// Windows-1252, which spreadsheets of western Europe save as "CSV" or "ANSI"; Latin-1
    /// (ISO 8859-1) is read alike but for control characters.
    Windows1252,
}

impl Encoding {
    /// The encoding that is called `name`, upper and lower case alike; `None` if there is none here.
    ///
    /// ```
    /// use model_core::dataset::Encoding;
    /// assert_eq!(Encoding::from_name("Windows-1252"), Some(Encoding::Windows1252));
    /// assert_eq!(Encoding::from_name("latin1"), Some(Encoding::Windows1252));
    /// assert_eq!(Encoding::from_name("utf-16"), None);
    /// ```
    ///
    /// Source: the labels of <https://encoding.spec.whatwg.org/#names-and-labels>, the usual ones.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "windows-1252" | "cp1252" | "iso-8859-1" | "latin-1" | "latin1" => {
                Some(Self::Windows1252)
            }
            _ => None,
        }
    }
}

/// The letters of the bytes 0x80 to 0x9F in Windows-1252; the five bytes that it does not define are
/// control characters, as browsers read them.
///
/// Source: <https://encoding.spec.whatwg.org/index-windows-1252.txt>.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The bytes' text as Windows-1252; there is no wrong one.
fn windows_1252(bytes: &[u8]) -> String {
    let letter = |&byte: &u8| match byte {
        0x80..=0x9F => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    };
    bytes.iter().map(letter).collect()
}

/// The text of a file, without its byte order mark, and what should be known of it.
///
/// # Errors
/// [`DatasetError::Encoding`] for what is no text of one of the encodings, and
/// [`DatasetError::NotUtf8`].
pub(super) fn decode(
    bytes: &[u8],
    stated: Option<Encoding>,
) -> Result<(Cow<'_, str>, Option<Note>), DatasetError> {
    check(bytes)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes);
    match stated {
        Some(Encoding::Windows1252) if bytes.is_ascii() => {}
        Some(Encoding::Windows1252) => {
            let note = text.ok().and_then(looks_like_utf8);
            return Ok((Cow::Owned(windows_1252(bytes)), note));
        }
        Some(Encoding::Utf8) | None => {}
    }
    match text {
        Ok(text) => Ok((Cow::Borrowed(text), None)),
        Err(error) => Err(not_utf8(bytes, error.valid_up_to())),
    }
}

/// The note on text in UTF-8 that is read as Windows-1252, with its first word that comes out as
/// another.
fn looks_like_utf8(text: &str) -> Option<Note> {
    let at = text.find(|c: char| !c.is_ascii())?;
    let (before, behind) = text.split_at(at);
    let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
    let is_between = |c: char| c.is_ascii() && !c.is_alphanumeric();
    let start = before.rfind(is_between).map_or(0, |between| between + 1);
    let end = at + behind.find(is_between).unwrap_or(behind.len());
    let word = shortened(text.get(start..end)?);
    let read_as = windows_1252(word.as_bytes());
    Some(Note::LooksLikeUtf8 { line, example: word, read_as })
}

/// Names the line that is not UTF-8, and what it seems to be.
fn not_utf8(bytes: &[u8], at: usize) -> DatasetError {
    let before = bytes.get(..at).unwrap_or_default();
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let rest = bytes.get(start..).unwrap_or_default();
    let end = rest.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(rest.len());
    let shown = windows_1252(rest.get(..end).unwrap_or_default());
    let is_latin = looks_like_windows_1252(bytes);
    DatasetError::NotUtf8 { line, is_latin, text: shortened(&shown) }
}

/// Whether bytes that are not UTF-8 look like text of one byte a letter in a language of western
/// Europe.
///
/// Its letters beyond ASCII stand between plain ones, hardly more than two of them side by side. Those
/// of Cyrillic or Greek in one byte, and of Asia in two, come in rows; and a file of UTF-8 in which a
/// letter was cut holds whole ones, too.
fn looks_like_windows_1252(bytes: &[u8]) -> bool {
    let (mut n_letters, mut n_alone, mut n_utf8) = (0_usize, 0_usize, 0_usize);
    for run in bytes.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        if run.first().is_none_or(u8::is_ascii) {
            continue;
        }
        let is_undefined = |byte: &u8| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
        if std::str::from_utf8(run).is_ok() {
            n_utf8 += run.len();
        } else if run.iter().any(is_undefined) {
            return false;
        }
        n_letters += run.len();
        n_alone += if run.len() <= 2 { run.len() } else { 0 };
    }
    2 * n_alone >= n_letters && 2 * n_utf8 < n_letters
}

/// What a file is that begins as no table does.
fn markup(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let begins = |text: &str| {
        head.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()))
    };
    if ["<!doctype", "<html", "<table", "<?xml"].into_iter().any(begins) {
        return Some("a web page or XML");
    }
    if begins("{\\rtf") {
        return Some("a text document (RTF)");
    }
    // A bracket, perhaps another, and a name in quotes.
    let mut bytes = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    let opens = matches!(bytes.next(), Some(b'{' | b'['));
    let next = bytes.next();
    let quoted =
        next == Some(&b'"') || matches!(next, Some(b'{' | b'[')) && bytes.next() == Some(&b'"');
    (opens && quoted).then_some("JSON")
}

/// Tells text in encodings that are not read, and what is no text, from what can be read.
fn check(bytes: &[u8]) -> Result<(), DatasetError> {
    let found = if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        "UTF-16 text"
    } else if bytes.starts_with(b"PK\x03\x04") {
        "a zip archive, perhaps a spreadsheet"
    } else if bytes.starts_with(b"\x1F\x8B") {
        "compressed (gzip)"
    } else {
        let head = bytes.get(..1000).unwrap_or(bytes);
        if let Some(found) = markup(head) {
            return Err(DatasetError::Encoding { found });
        }
        // In ASCII text written as UTF-16 every other byte is zero.
        let zeros = head.iter().filter(|&&byte| byte == 0).count();
        match zeros {
            0 => return Ok(()),
            _ if zeros * 3 >= head.len() => "UTF-16 text or binary",
            _ => "binary: it holds zero bytes",
        }
    };
    Err(DatasetError::Encoding { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(bytes: &[u8]) -> (String, Option<Note>) {
        let (text, note) = decode(bytes, Some(Encoding::Windows1252)).unwrap();
        (text.into_owned(), note)
    }

    #[test]
    fn every_byte_is_a_letter_of_windows_1252() {
        let (text, note) = stated(b"Stra\xDFe, 5 \x80, \x84\xC4\x93 \x96 \x8E\x9F\x99\xFF");
        assert_eq!((text.as_str(), note), ("Straße, 5 €, „Ä“ – ŽŸ™ÿ", None));
        let (text, _) = stated(b"\x81\x8D\x8F\x90\x9D");
        assert_eq!(text, "\u{81}\u{8d}\u{8f}\u{90}\u{9d}");
        let all: Vec<u8> = (1..=255).collect();
        let letters = stated(&all).0;
        assert_eq!(letters.chars().count(), 255);
        let unlike = letters.chars().zip(1_u32..).filter(|(c, byte)| u32::from(*c) != *byte);
        assert_eq!(unlike.count(), 27);
    }

    #[test]
    fn utf_8_that_is_stated_to_be_windows_1252_is_noted() {
        let (text, note) = stated("a,b\nin Köln,1\n".as_bytes());
        assert_eq!(text, "a,b\nin KÃ¶ln,1\n");
        let (example, read_as) = ("Köln".to_owned(), "KÃ¶ln".to_owned());
        assert_eq!(note, Some(Note::LooksLikeUtf8 { line: 2, example, read_as }));
        // A byte order mark is no text in any case, and ASCII is the same in both.
        assert_eq!(stated(b"\xEF\xBB\xBFa,b\n"), ("a,b\n".to_owned(), None));
    }

    #[test]
    fn bytes_are_told_from_those_of_other_encodings() {
        let is_latin = |bytes: &[u8]| {
            let error = decode(bytes, None).unwrap_err();
            error.looks_like_windows_1252()
        };
        for latin in [&b"Stra\xDFe;gr\xF6\xDFer\n"[..], b"5 \x80\n", b"caf\xE9, \xE0 No\xEBl\n"] {
            assert!(is_latin(latin), "{latin:?}");
        }
        for other in [
            // Cyrillic in windows-1251, Japanese in Shift JIS, and a letter of UTF-8 that was cut.
            &b"\xE3\xEE\xF0\xEE\xE4,\xE8\xEC\xFF\n"[..],
            b"\x93\x8C\x8B\x9E,\x91\xE5\x8D\xE3\n",
            b"f\xC3\xBCr, sp\xC3\xA4t, sch\xC3\n",
        ] {
            assert!(!is_latin(other), "{other:?}");
        }
    }
}
