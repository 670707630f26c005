//! The query of an address: parameters that a link brings along, such as
//! `/?model=…&sepal_length=5.1`.
//!
//! A parameter is the name of a column, or [`MODEL`]. All others belong to somebody else and are
//! left as they are.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The parameter that names the model to answer, by its id; no column can be given by this name.
pub(crate) const MODEL: &str = "model";

/// What is written as a code: all but letters, digits and the four marks that mean nothing in an address.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The query that a link from an address with `current` leads to, if its own is `link`: parameters
/// stay, but for those that the link gives anew. Both begin with `?` or are empty.
pub(crate) fn carried(current: &str, link: &str) -> String {
    let given: Vec<String> = pairs(link).map(|(name, _)| decoded(name)).collect();
    let is_given = |pair: &&str| given.contains(&decoded(split(pair).0));
    let kept = parts(current).filter(|pair| !is_given(pair));
    let all: Vec<&str> = kept.chain(parts(link)).collect();
    if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
}

/// The query of a link that carries a model and values by the names of their columns. What has no value
/// is left out, and so is a column that is called like [`MODEL`].
pub(crate) fn shared_query(model_id: &str, values: &[(String, String)]) -> String {
    let carried = values.iter().filter(|(name, value)| name != MODEL && !value.is_empty());
    let pairs = carried.map(|(name, value)| format!("&{}={}", encoded(name), encoded(value)));
    format!("?{MODEL}={model_id}{}", pairs.collect::<String>())
}

fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, UNRESERVED)
}

/// The parameters of a query, decoded, in their order.
pub(crate) fn parameters(query: &str) -> Vec<(String, String)> {
    pairs(query).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// What stands for itself in a query: the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The query with these parameters, from its question mark on; empty without any.
pub(crate) fn of(parameters: &[(String, String)]) -> String {
    let encoded = |text| utf8_percent_encode(text, ESCAPED);
    let mut query = String::new();
    for (name, value) in parameters {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.extend(encoded(name.as_str()));
        query.push('=');
        query.extend(encoded(value.as_str()));
    }
    query
}

fn parts(query: &str) -> impl Iterator<Item = &str> {
    query.trim_start_matches('?').split('&').filter(|part| !part.is_empty())
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    parts(query).map(split)
}

fn split(part: &str) -> (&str, &str) {
    part.split_once('=').unwrap_or((part, ""))
}

/// Text of the form `application/x-www-form-urlencoded`; what is no code stands for itself.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_survive_a_link_without_any() {
        let query = "?model=ab&sepal_length=5.1&utm_source=x%20y&flag";
        assert_eq!(carried(query, ""), query);
        assert_eq!(carried("", ""), "");
        assert_eq!(carried("?", "?"), "");
    }

    #[test]
    fn parameters_are_read_as_they_were_written() {
        let given = [("sepal length", "5.1"), ("sky & sea", "grün=50 %"), ("gap", "")];
        let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let query = of(&given);
        assert_eq!(parameters(&query), given);
        assert!(query.is_ascii() && !query.contains(' '), "{query}");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn what_a_link_gives_takes_the_place_of_what_was_there() {
        assert_eq!(carried("?a=1&b=2", "?b=3&c=4"), "?a=1&b=3&c=4");
        assert_eq!(carried("?petal%5Fwidth=1&z=%zz", "?petal_width=2"), "?z=%zz&petal_width=2");
        assert_eq!(carried("", "?a=1"), "?a=1");
    }

    #[test]
    fn a_shared_link_reads_back_as_what_was_shared() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let values = [
            pair("petal_length", "1,4"),
            pair("a & b", "grün=+ ?"),
            pair("gap", ""),
            pair("model", "x"),
        ];
        let query = shared_query("ab12", &values);
        let read = parameters(&query);
        assert_eq!(read, [pair("model", "ab12"), values[0].clone(), values[1].clone()]);
        let plain = shared_query("ab12", &[pair("petal_length", "1.4")]);
        assert_eq!(plain, "?model=ab12&petal_length=1.4");
    }

    #[test]
    fn names_and_values_are_decoded() {
        let check = |query: &str, name: &str, value: &str| {
            assert_eq!(parameters(query), [(name.to_owned(), value.to_owned())], "{query}");
        };
        check("?sepal+length=5%2C1", "sepal length", "5,1");
        check("?sky=gr%C3%BCn", "sky", "grün");
        check("a=b=c", "a", "b=c");
        check("?flag", "flag", "");
        for odd in ["?x=%", "?x=%z1", "?x=%f"] {
            check(odd, "x", odd.trim_start_matches("?x="));
        }
        check("?x=%ff", "x", "\u{fffd}");
        assert_eq!(parameters("?&&"), []);
    }
}
