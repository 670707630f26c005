//! Query parameters.

use percent_encoding::percent_decode_str;

/// Name and value of each parameter, decoded; at most 16 of them.
pub(crate) fn form(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter(|pair| !pair.is_empty()).take(16).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Undoes percent encoding. A `+` stays: it is part of a time's offset more often than a space.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
