use proptest::prelude::*;

use super::*;

type Members<'a> = Vec<(String, Value<'a>)>;

fn read(text: &[u8]) -> Result<(Value<'_>, Members<'_>), JsonError> {
    let mut members = Vec::new();
    let whole = read_object(text, 32, |key, value| members.push((key.into_owned(), value)))?;
    Ok((whole, members))
}

fn fault(text: &[u8]) -> Fault {
    read(text).unwrap_err().fault
}

#[test]
fn members_come_in_order_and_twice_if_they_stand_twice() {
    let (whole, members) =
        read(br#" {"b": 1.5, "a": "x", "b": null, "c": [1, {"d": []}]} "#).unwrap();
    assert_eq!(whole, Value::Object);
    let expected = [
        ("b", Value::Number(1.5)),
        ("a", Value::Text("x".into())),
        ("b", Value::Null),
        ("c", Value::Array),
    ];
    assert_eq!(members, expected.map(|(key, value)| (key.to_owned(), value)));
}

#[test]
fn keys_are_unescaped() {
    let (_, members) = read(br#"{"a\u00e9\n\ud83d\ude00\/": 1}"#).unwrap();
    assert_eq!(members[0].0, "aé\n😀/");
}

#[test]
fn texts_are_unescaped_and_copied_only_for_that() {
    let (_, members) = read(br#"{"a": "a\u00e9\"\\\ud83d\ude00", "b": "rot"}"#).unwrap();
    assert_eq!(members[0].1, Value::Text("aé\"\\😀".into()));
    assert!(matches!(&members[1].1, Value::Text(Cow::Borrowed("rot"))));
}

#[test]
fn other_values_than_objects_are_named() {
    assert_eq!(read(b"[1, 2, [3]]").unwrap().0, Value::Array);
    assert_eq!(read(b"[]").unwrap().0, Value::Array);
    assert_eq!(read(b" 12 ").unwrap().0, Value::Number(12.0));
    assert_eq!(read(b"\"{}\"").unwrap().0, Value::Text("{}".into()));
    assert_eq!(read(b"null").unwrap().0, Value::Null);
}

#[test]
fn faults_are_told_apart() {
    assert_eq!(fault(b""), Fault::Empty);
    assert_eq!(fault(b" \n"), Fault::Empty);
    assert_eq!(fault(b"\xef\xbb\xbf{}"), Fault::ByteOrderMark);
    assert_eq!(fault(b"{\"a\": \"\xff\"}"), Fault::NotUtf8);
    assert_eq!(fault(b"{"), Fault::EndsEarly);
    assert_eq!(fault(br#"{"a": "x"#), Fault::EndsEarly);
    assert_eq!(fault(b"{} {}"), Fault::TrailingText);
    assert_eq!(fault(b"{\"a\": \"\n\"}"), Fault::ControlCharacter);
    assert_eq!(fault(br#"{"a": "\x"}"#), Fault::Escape);
    assert_eq!(fault(br#"{"a": "\ud800"}"#), Fault::Escape);
    assert!(matches!(fault(br#"{"a": 1,}"#), Fault::Expected(_)));
    assert!(matches!(fault(br"{'a': 1}"), Fault::Expected(_)));
    assert!(matches!(fault(br#"{"a" 1}"#), Fault::Expected(_)));
}

/// One of each kind for each fault, alone, first, last and inside other values.
#[test]
fn what_is_no_json_number_breaks_a_rule_that_is_named() {
    use NumberFault as N;
    let cases: [(&[&str], NumberFault); 13] = [
        (&["NaN", "nan", "NAN", "-NaN", "+NaN", "-nan"], N::NotFinite),
        (&["Infinity", "-Infinity", "+Infinity", "inf", "-Inf", "undefined"], N::NotFinite),
        (&["+5.1", "+0", "+.5", "-+1", "++1", "+ 1", "+1e3"], N::PlusSign),
        (&["--1", "--.5", "---1"], N::SecondSign),
        (&["-", "- 5", "-e3", "-x", "-\"1\""], N::NoDigitAfterMinus),
        (&["\u{2212}5.1", "\u{2013}0.5", "\u{2212}.5"], N::OtherMinus),
        (&[".5", "-.5", ".5e3"], N::NoDigitBeforePoint),
        (&["5.", "-5.", "1.e3", "0.", "1.E+3", "1.x", "1..2"], N::NoDigitAfterPoint),
        (&["1e", "1E", "1e+", "1e-", "1.5e", "0e", "1e+-3", "1ex"], N::NoDigitInExponent),
        (&["01", "-01", "00", "007.5", "-00.5"], N::LeadingZero),
        (&["0x1F", "0XFF", "-0x1", "0b101", "0o17"], N::NotDecimal),
        (&["1.2.3", "1e5.5", "1.5."], N::SecondPoint),
        (&["1_000", "1'000.5", "1\u{a0}000", "12\u{202f}345"], N::Grouped),
    ];
    for (numbers, expected) in cases {
        for number in numbers {
            for text in [
                format!("{{\"a\": {number}}}"),
                format!("{{\"a\":{number},\"b\":1}}"),
                format!("{{\"b\": 1, \"a\": {number} }}"),
                format!("{{\"b\": [1, {{\"c\": {number}}}]}}"),
                format!("[{number}]"),
            ] {
                assert_eq!(fault(text.as_bytes()), Fault::Number(expected), "{text}");
            }
        }
    }
}

#[test]
fn a_comma_within_a_number_is_told_from_one_behind_it() {
    let comma = Fault::Number(NumberFault::Comma);
    assert_eq!(fault(br#"{"a": 5,1}"#), comma);
    assert_eq!(fault(br#"{"a":5,1,"b":3,5}"#), comma);
    assert_eq!(fault(br#"{"a": 1,000.5}"#), comma);
    assert_eq!(fault(br#"[{"a": 5,1}]"#), comma);
    let key = Fault::Expected("a key in double quotes");
    assert_eq!(fault(br#"{"a": 5, 1: 2}"#), key);
    assert_eq!(fault(br#"{"a": 5,1: 2}"#), key);
    assert_eq!(fault(br#"{"a": "5",1}"#), key);
    assert_eq!(fault(br#"{"a": 5,}"#), key);
    assert!(read(b"[5,1]").is_ok());
}

/// A text that is cut off within a number is told as that.
#[test]
fn a_number_that_the_text_ends_in_is_not_at_fault() {
    for text in ["{\"a\": -", "{\"a\": 5.", "{\"a\": 5e", "{\"a\": 5e-", "{\"a\": 5"] {
        assert_eq!(fault(text.as_bytes()), Fault::EndsEarly, "{text}");
    }
}

#[test]
fn other_words_are_not_taken_for_numbers() {
    let lower_case = Fault::Expected("true, false or null in lower case");
    let value = Fault::Expected("a value: a number, a string, true, false or null");
    for (word, expected) in [
        ("True", lower_case),
        ("FALSE", lower_case),
        ("Null", lower_case),
        ("None", value),
        ("nil", value),
        ("NaNs", value),
        ("Infinite", value),
        ("undefinedly", value),
        ("under", value),
        ("x", value),
        ("tru", value),
        ("\u{2013}", value),
        (".", value),
        ("...", value),
        ("..5", value),
        ("'a'", value),
    ] {
        assert_eq!(fault(format!("{{\"a\": {word}}}").as_bytes()), expected, "{word}");
    }
}

#[test]
fn signs_without_end_are_refused_at_the_second() {
    for sign in ["+", "-", ".", "\u{2212}"] {
        let error = read(sign.repeat(100_000).as_bytes()).unwrap_err();
        assert!(error.column <= 2, "{sign}: {error}");
    }
}

#[test]
fn faults_are_located() {
    let number = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
    assert!(number(r#"{"a": +5}"#).starts_with("line 1, column 7: a JSON number has no plus"));
    assert!(number("{\n\"a\": 5.}").starts_with("line 2, column 8: a digit has to stand after"));
    let error = read(b"{\n  \"a\": x\n}").unwrap_err();
    assert_eq!((error.line, error.column), (2, 8));
}

#[test]
fn numbers_beyond_a_double_are_well_formed_and_huge() {
    let (_, members) = read(br#"{"a": 1e400, "b": -1e999, "c": 1e-400}"#).unwrap();
    let values: Vec<Value> = members.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, [Value::HugeNumber, Value::HugeNumber, Value::Number(0.0)]);
}

#[test]
fn nesting_is_counted_from_the_outermost_container() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(nested(32).as_bytes()).is_ok());
    assert_eq!(fault(nested(33).as_bytes()), Fault::TooDeep(32));
    assert_eq!(fault("[".repeat(1_000_000).as_bytes()), Fault::TooDeep(32));
    let inside = |depth: usize| format!("{{\"a\": {}}}", nested(depth));
    assert!(read(inside(31).as_bytes()).is_ok());
    assert_eq!(fault(inside(32).as_bytes()), Fault::TooDeep(32));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever serde_json accepts this accepts, and the other way round, in well-formed texts
    /// as in ones with a byte changed; and both read the same bits.
    #[test]
    fn agrees_with_serde_json(value in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = serde_json::to_vec(&value).unwrap();
        prop_assert!(read(&text).is_ok());
        if let serde_json::Value::Object(map) = &value {
            let (_, members) = read(&text).unwrap();
            prop_assert_eq!(members.len(), map.len());
            for (key, read) in members {
                match read {
                    Value::Number(number) => {
                        prop_assert_eq!(Some(number.to_bits()), map[&key].as_f64().map(f64::to_bits));
                    }
                    Value::Text(text) => prop_assert_eq!(Some(&*text), map[&key].as_str()),
                    _ => {}
                }
            }
        }
        let at = at.index(text.len());
        text[at] = byte;
        let theirs = serde_json::from_slice::<serde_json::Value>(&text);
        match read(&text) {
            Ok(_) => prop_assert!(theirs.is_ok() || theirs.unwrap_err().to_string().contains("out of range")),
            Err(_) => prop_assert!(theirs.is_err()),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }
}
