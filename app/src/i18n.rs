//! The language of the page. English stands in the source, where it is used; every other language is a
//! catalogue beside it, `locales/LANGUAGE.json`, which is fetched when it is wanted (ADR 0012).
//!
//! [`t!`] marks a text for translation and gives it in the language of the page: a `&'static str`, or a
//! `String` if it has holes (`t!("{n} rows of {name}", n, name = file.name())`). [`key!`] marks a text
//! that is kept in a constant or table; [`text`] gives it later. A text without translation is English.
//! A test compares what is marked with the catalogues.

use std::cell::{Cell, RefCell};
use std::fmt::{Display, Write as _};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// A text in the language of the page: see the module.
macro_rules! t {
    ($key:literal) => { $crate::i18n::text($key) };
    ($key:literal, $($name:ident $(= $value:expr)?),+ $(,)?) => {
        $crate::i18n::fill($key, &[$((stringify!($name), &$crate::i18n::hole!($name $(= $value)?))),+])
    };
}

/// The value of a hole: what is stated, or the variable of its name.
macro_rules! hole {
    ($name:ident = $value:expr) => {
        $value
    };
    ($name:ident) => {
        $name
    };
}

/// Marks a text for translation and leaves it as it is.
macro_rules! key {
    ($key:literal) => {
        $key
    };
}

pub(crate) use {hole, key, t};

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// As the source has it.
    English,
    /// `locales/de.json`.
    German,
}

impl Language {
    /// In the order in which they are offered.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its code after BCP 47, the `lang` of the document.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What it calls itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The language that the document says it is for: `boot.js` has decided, from what was chosen before
    /// and what the browser asks for.
    pub(crate) fn of_document() -> Self {
        let code = root().and_then(|root| root.get_attribute("lang"));
        let named = |language: &Self| code.as_deref() == Some(language.code());
        Self::ALL.into_iter().find(named).unwrap_or(Self::English)
    }

    /// Its texts; fetched once, for as long as the page lives.
    async fn catalogue(self) -> Option<Catalogue> {
        let known = |known: &Vec<(Self, Catalogue)>| {
            known.iter().find(|(language, _)| *language == self).map(|(_, catalogue)| *catalogue)
        };
        if let Some(known) = KNOWN.with_borrow(known) {
            return Some(known);
        }
        let selector = format!("meta[name=words-{}]", self.code());
        let address = document().query_selector(&selector).ok()??.get_attribute("content")?;
        let response = JsFuture::from(window().fetch_with_str(&address)).await.ok()?;
        let response = response.dyn_into::<Response>().ok().filter(Response::ok)?;
        let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        let catalogue = read(text.leak());
        KNOWN.with_borrow_mut(|known| known.push((self, catalogue)));
        Some(catalogue)
    }
}

/// Texts of a language, each behind the hash of the English one.
type Catalogue = &'static [(u32, &'static str)];

thread_local! {
    /// Of the language that the page is in; none for English.
    static CATALOGUE: Cell<Option<Catalogue>> = const { Cell::new(None) };
    /// What was fetched.
    static KNOWN: RefCell<Vec<(Language, Catalogue)>> = const { RefCell::new(Vec::new()) };
}

/// The language did not arrive; the page stays in the one that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotFetched;

/// Puts the page into `language`: what is drawn from now on is in it.
///
/// # Errors
/// If its catalogue cannot be fetched.
pub(crate) async fn take(language: Language) -> Result<(), NotFetched> {
    let catalogue = match language {
        Language::English => None,
        other => Some(other.catalogue().await.ok_or(NotFetched)?),
    };
    CATALOGUE.set(catalogue);
    say(language);
    Ok(())
}

/// Remembers `language` for the next visit.
pub(crate) fn remember(language: Language) {
    let storage = window().local_storage().ok().flatten();
    // Where nothing may be kept, the browser's own language decides again next time.
    let _ = storage.map(|storage| storage.set_item("tepal-language", language.code()));
}

/// Tells the browser which language the document is in.
pub(crate) fn say(language: Language) {
    let set = root().map(|root| root.set_attribute("lang", language.code()));
    debug_assert!(!matches!(set, Some(Err(_))), "lang is an attribute");
}

fn root() -> Option<web_sys::Element> {
    document().document_element()
}

/// Reads what the build makes of a catalogue: a line of hashes, four characters each, and a line for each text.
fn read(file: &'static str) -> Catalogue {
    let (hashes, texts) = file.split_once('\n').unwrap_or_default();
    let number = |digits: &[u8]| {
        digits.iter().fold(0, |number, digit| number << 6 | u32::from(digit.wrapping_sub(b'0')))
    };
    let hashes = hashes.as_bytes().chunks(4).map(number);
    hashes.zip(texts.lines()).collect::<Vec<_>>().leak()
}

/// The mark between a whole number and its decimals.
pub(crate) fn decimal_mark() -> char {
    if is_english() { '.' } else { ',' }
}

/// The mark between thousands.
pub(crate) fn thousands_mark() -> char {
    if is_english() { ',' } else { '.' }
}

fn is_english() -> bool {
    CATALOGUE.get().is_none()
}

/// A text that was marked, in the language of the page.
pub(crate) fn text(key: &'static str) -> &'static str {
    match CATALOGUE.get() {
        None => key,
        Some(catalogue) => {
            // One after the other: of a thousand, that is under a microsecond.
            let wanted = hash(key);
            catalogue.iter().find(|(hash, _)| *hash == wanted).map_or(key, |(_, text)| text)
        }
    }
}

/// As [`text`], with its holes filled: each `{name}` by the value of that name.
pub(crate) fn fill(key: &'static str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::new();
    let mut rest = text(key);
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(of, _)| *of == name) {
            // Writing to a string does not fail.
            let _ = write!(filled, "{value}");
        }
        rest = after;
    }
    filled + rest
}

/// FNV-1a of 32 bits, folded to 24, as the build computes it for the catalogue.
fn hash(text: &str) -> u32 {
    let hash = text
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash >> 24 ^ hash & 0xff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts the page into a language of these texts.
    fn german(texts: &[(&str, &str)]) {
        let digits = |hash: u32| [18, 12, 6, 0].map(|shift| b'0' + (hash >> shift & 63) as u8);
        let mut file: String =
            texts.iter().flat_map(|(key, _)| digits(hash(key))).map(char::from).collect();
        texts.iter().for_each(|(_, text)| file += &format!("\n{text}"));
        CATALOGUE.set(Some(read(file.leak())));
    }

    #[test]
    fn the_hash_is_that_of_its_authors() {
        // draft-eastlake-fnv, appendix C.
        assert_eq!((hash(""), hash("foobar")), (0x81 ^ 0x1c_9dc5, 0xbf ^ 0x9c_f968));
    }

    #[test]
    fn a_text_is_in_the_language_of_the_page_or_in_english() {
        assert_eq!(text("Rows"), "Rows");
        german(&[("Cancel", "Abbrechen"), ("Rows", "Zeilen")]);
        assert_eq!((text("Cancel"), text("Rows")), ("Abbrechen", "Zeilen"));
        assert_eq!(text("Columns"), "Columns");
        assert_eq!((decimal_mark(), thousands_mark()), (',', '.'));
    }

    #[test]
    fn what_is_no_catalogue_leaves_the_page_in_english() {
        for file in ["", "nonsense", "0000", "0000\n", "é\nRows\n"] {
            CATALOGUE.set(Some(read(file)));
            assert_eq!(text("Rows"), "Rows", "{file:?}");
        }
    }

    #[test]
    fn holes_are_filled_by_name_in_the_order_of_the_language() {
        let n = 3;
        assert_eq!(t!("{n} rows of {file}", n, file = "a{n}.csv"), "3 rows of a{n}.csv");
        german(&[("{n} rows of {file}", "{file}: {n} Zeilen, {n}")]);
        assert_eq!(t!("{n} rows of {file}", n, file = "a.csv"), "a.csv: 3 Zeilen, 3");
    }
}
