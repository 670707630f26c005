//! Reading JSON: a struct is read from an object, and from nothing else.
//!
//! What serde derives takes a struct from an array of its members in their order, too. Nobody sends that and no contract
//! has it, and the half of each reader that does it would be a tenth of the Worker's program.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// The value that `text` is the JSON of.
///
/// # Errors
/// If `text` is no JSON, or that of something else.
pub(crate) fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Plain(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// A reader, or what one hands on of an array, an object or an enum, in which structs are objects.
struct Plain<R>(R);

/// Hands on what is no struct and holds none, as it is.
macro_rules! as_it_is {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method(visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Plain<D> {
    type Error = D::Error;

    // Who takes anything (a JSON value, what a tagged enum holds) reads what it took by a reader of its own.
    as_it_is! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier
        deserialize_ignored_any
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_option(OfOne(visitor))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_newtype_struct(name, OfOne(visitor))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_seq(OfArray(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_tuple(len, OfArray(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_tuple_struct(name, len, OfArray(visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_map(OfObject(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_struct(name, fields, OfObject(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, OfEnum(visitor))
    }
}

/// Takes one value, or none.
struct OfOne<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OfOne<V> {
    type Value = V::Value;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(text)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        self.0.visit_some(Plain(reader))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        reader: D,
    ) -> Result<Self::Value, D::Error> {
        self.0.visit_newtype_struct(Plain(reader))
    }

    // JSON that is kept as the text that it is.
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        self.0.visit_map(object)
    }
}

/// Takes an array, and no object.
struct OfArray<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OfArray<V> {
    type Value = V::Value;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        self.0.visit_seq(Plain(array))
    }
}

/// Takes an object, and no array.
struct OfObject<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OfObject<V> {
    type Value = V::Value;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(text)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        self.0.visit_map(Plain(object))
    }
}

/// Takes an enum.
struct OfEnum<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OfEnum<V> {
    type Value = V::Value;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(text)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Self::Value, A::Error> {
        self.0.visit_enum(Plain(data))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Plain<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Plain(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Plain<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        // A key is no struct, but it may be a type of its own that is one text.
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Plain(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Plain<A> {
    type Error = A::Error;
    type Variant = Plain<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.0.variant_seed(seed)?;
        Ok((value, Plain(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Plain<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Plain(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, OfArray(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, OfObject(visitor))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Plain<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Plain(reader))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::Value;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        a: u64,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Number(u64);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Pair(Inner, String);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Choice {
        Nothing,
        One(Inner),
        Two(Inner, u64),
        Named { inner: Inner },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole<'a> {
        #[serde(borrow)]
        text: &'a str,
        inner: Option<Inner>,
        nothing: Option<Inner>,
        #[serde(default)]
        left_out: u64,
        list: Vec<Inner>,
        map: BTreeMap<String, Inner>,
        number: Number,
        pair: Pair,
        choices: Vec<Choice>,
        fixed: [f64; 3],
        value: Value,
        boxed: Box<Inner>,
    }

    #[test]
    fn what_serde_reads_from_objects_is_read_alike() {
        let inner = |a| Inner { a };
        let whole = Whole {
            text: "as it stands",
            inner: Some(inner(1)),
            nothing: None,
            left_out: 2,
            list: vec![inner(3), inner(4)],
            map: BTreeMap::from([("a".to_owned(), inner(5))]),
            number: Number(6),
            pair: Pair(inner(7), "seven".to_owned()),
            choices: vec![
                Choice::Nothing,
                Choice::One(inner(8)),
                Choice::Two(inner(9), 10),
                Choice::Named { inner: inner(11) },
            ],
            fixed: [0.1, 1e-300, 1.797_693_134_862_315_7e308],
            value: serde_json::json!({"any": [1, "thing", null]}),
            boxed: Box::new(inner(12)),
        };
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<Whole<'_>>(&text).unwrap(), whole);
        assert_eq!(from_str::<Whole<'_>>(&text).unwrap(), whole);
        let raw: BTreeMap<String, &RawValue> = from_str(r#"{"a": {"b":  1}}"#).unwrap();
        assert_eq!(raw["a"].get(), r#"{"b":  1}"#);
    }

    #[test]
    fn an_array_is_no_struct_wherever_it_stands() {
        assert!(serde_json::from_str::<Inner>("[1]").is_ok(), "serde takes it");
        let refused = |text: &str, error: Option<serde_json::Error>| {
            let error = error.unwrap_or_else(|| panic!("{text} was read")).to_string();
            assert!(error.contains("invalid type: sequence, expected struct"), "{text}: {error}");
        };
        refused("at the top", from_str::<Inner>("[1]").err());
        refused("in an array", from_str::<Vec<Inner>>("[[1]]").err());
        refused("in an object", from_str::<BTreeMap<String, Inner>>(r#"{"a": [1]}"#).err());
        refused("in an option", from_str::<Option<Inner>>("[1]").err());
        refused("in a tuple", from_str::<Pair>(r#"[[1], ""]"#).err());
        refused("in a variant", from_str::<Choice>(r#"{"one": [1]}"#).err());
        refused("in a named one", from_str::<Choice>(r#"{"named": {"inner": [1]}}"#).err());
        let error = from_str::<Choice>(r#"{"named": [{"a": 1}]}"#).unwrap_err().to_string();
        assert!(error.contains("invalid type: sequence"), "{error}");
    }

    #[test]
    fn what_follows_the_value_and_a_wrong_value_are_told_with_their_place() {
        let [rest, wrong] = [r#"{"a": 1} 2"#, "{\n\"a\": -1}"].map(from_str::<Inner>);
        assert!(
            rest.unwrap_err().to_string().starts_with("trailing characters at line 1 column 10")
        );
        assert!(wrong.unwrap_err().to_string().contains("at line 2 column 7"));
    }
}
