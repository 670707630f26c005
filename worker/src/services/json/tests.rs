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
    assert_eq!(fault(br#"{"a": NaN}"#), Fault::NoSuchNumber);
    assert_eq!(fault(br#"{"a": nan}"#), Fault::NoSuchNumber);
    assert_eq!(fault(br#"{"a": Infinity}"#), Fault::NoSuchNumber);
    assert_eq!(fault(br#"{"a": -Infinity}"#), Fault::NoSuchNumber);
    assert_eq!(fault(br#"{"a": undefined}"#), Fault::NoSuchNumber);
    assert_eq!(fault(b"{} {}"), Fault::TrailingText);
    assert_eq!(fault(b"{\"a\": \"\n\"}"), Fault::ControlCharacter);
    assert_eq!(fault(br#"{"a": "\x"}"#), Fault::Escape);
    assert_eq!(fault(br#"{"a": "\ud800"}"#), Fault::Escape);
    assert!(matches!(fault(br#"{"a": 1,}"#), Fault::Expected(_)));
    assert!(matches!(fault(br"{'a': 1}"), Fault::Expected(_)));
    assert!(matches!(fault(br#"{"a": 01}"#), Fault::Expected(_)));
    assert!(matches!(fault(br#"{"a" 1}"#), Fault::Expected(_)));
}

#[test]
fn faults_are_located() {
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
