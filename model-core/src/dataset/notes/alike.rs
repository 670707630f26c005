//! Texts that a careful reader would take for one: spelt in two cases, with a full stop, with an
//! accent encoded in two ways, or one number written twice.

use super::{Counted, Difference};
use crate::order::sort_items;

/// Groups of texts that look alike, each with its difference. `texts` are different and counted.
pub(super) fn groups(texts: &[Counted]) -> Vec<(Vec<Counted>, Difference)> {
    let keyed = texts.iter().enumerate().map(|(at, (text, _))| (key(text), at));
    let mut keyed: Vec<(String, usize)> = keyed.collect();
    sort_items(&mut keyed, &mut |a, b| a.0.cmp(&b.0));
    keyed
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|group| group.len() > 1)
        .map(|group| {
            let members: Vec<Counted> = group.iter().map(|(_, at)| texts[*at].clone()).collect();
            let difference = difference(&members);
            (members, difference)
        })
        .collect()
}

/// What texts that look alike have in common.
fn key(text: &str) -> String {
    match crate::parse_number(text) {
        Some(number) if number.is_finite() => number.to_string(),
        _ => lower(&bare(&decomposed(text))),
    }
}

fn difference(texts: &[Counted]) -> Difference {
    let agree = |form: fn(&str) -> String| {
        let first = form(&texts[0].0);
        texts.iter().all(|(text, _)| form(text) == first)
    };
    if texts.iter().all(|(text, _)| crate::parse_number(text).is_some()) {
        Difference::Number
    } else if agree(decomposed) {
        Difference::Encoding
    } else if agree(lower) {
        Difference::Case
    } else if agree(bare) {
        Difference::Punctuation
    } else {
        Difference::Several
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// Without blanks, hyphens, underscores, and the marks that end a sentence.
fn bare(text: &str) -> String {
    let means_nothing = |c: char| {
        c.is_whitespace()
            || matches!(c, '-' | '_' | '\u{ad}' | '\u{200b}' | '\u{2010}'..='\u{2014}')
    };
    let kept: String = text.chars().filter(|&c| !means_nothing(c)).collect();
    let stripped = kept.trim_end_matches(['.', ',', ';', ':', '!']);
    // A text of nothing else is what it is.
    if stripped.is_empty() { text.to_owned() } else { stripped.to_owned() }
}

/// Letters with an accent in one character, by the accent: base letters, then the composed ones.
/// Source: the canonical decompositions of Unicode's Latin-1 Supplement and Latin Extended-A.
const COMPOSED: [(char, &str, &str); 11] = [
    ('\u{300}', "AEIOUaeiouNn", "ÀÈÌÒÙàèìòùǸǹ"),
    ('\u{301}', "AEIOUYaeiouyCcLlNnRrSsZz", "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹź"),
    ('\u{302}', "AEIOUaeiouCcGgHhJjSsWwYy", "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷ"),
    ('\u{303}', "ANOanoIiUu", "ÃÑÕãñõĨĩŨũ"),
    ('\u{308}', "AEIOUYaeiouy", "ÄËÏÖÜŸäëïöüÿ"),
    ('\u{30a}', "AaUu", "ÅåŮů"),
    ('\u{327}', "CcGKkLlNnRrSsTt", "ÇçĢĶķĻļŅņŖŗŞşŢţ"),
    ('\u{30c}', "CcDdEeNnRrSsTtZz", "ČčĎďĚěŇňŘřŠšŤťŽž"),
    ('\u{328}', "AaEeIiUu", "ĄąĘęĮįŲų"),
    ('\u{304}', "AaEeIiOoUu", "ĀāĒēĪīŌōŪū"),
    ('\u{30b}', "OoUu", "ŐőŰű"),
];

/// Accents as characters of their own.
fn decomposed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let parts = COMPOSED.iter().find_map(|(accent, bases, composed)| {
            let at = composed.chars().position(|one| one == c)?;
            Some((bases.chars().nth(at)?, *accent))
        });
        match parts {
            Some((base, accent)) if !c.is_ascii() => out.extend([base, accent]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: &[(&[&str], Difference)]) {
        let counted: Vec<Counted> = texts.iter().map(|text| ((*text).to_owned(), 1)).collect();
        let found = groups(&counted);
        let got: Vec<(Vec<&str>, Difference)> = found
            .iter()
            .map(|(texts, difference)| {
                (texts.iter().map(|(text, _)| text.as_str()).collect(), *difference)
            })
            .collect();
        let expected: Vec<(Vec<&str>, Difference)> =
            expected.iter().map(|(texts, difference)| (texts.to_vec(), *difference)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn texts_that_look_alike_are_grouped() {
        check(&["RIPE", "Ripe", "green", "ripe"], &[(&["RIPE", "Ripe", "ripe"], Difference::Case)]);
        check(&["cracked", "cracked."], &[(&["cracked", "cracked."], Difference::Punctuation)]);
        check(&["new york", "new-york"], &[(&["new york", "new-york"], Difference::Punctuation)]);
        check(
            &["ros\u{e9}", "rose\u{301}", "rose"],
            &[(&["ros\u{e9}", "rose\u{301}"], Difference::Encoding)],
        );
        check(
            &["0", "0.0", "1", "1.0"],
            &[(&["0", "0.0"], Difference::Number), (&["1", "1.0"], Difference::Number)],
        );
        check(&["Yes ", "yes!"], &[(&["Yes ", "yes!"], Difference::Several)]);
        check(&["a", "b", "-", "--", "+"], &[]);
        check(&["10", "1.0", "100"], &[]);
    }

    #[test]
    fn the_table_of_accents_is_even() {
        for (_, bases, composed) in COMPOSED {
            assert_eq!(bases.chars().count(), composed.chars().count(), "{composed}");
        }
    }
}
