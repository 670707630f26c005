//! Lists that are read from bytes of anybody's: what would be too long is refused before there is room made for it.

use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A list of at most `MOST` items, for `deserialize_with`.
///
/// # Errors
/// If there are more, or one cannot be read.
pub(super) fn up_to<'de, const MOST: usize, T, D>(reader: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    up_to_with(reader, MOST, |_| 0, 0)
}

/// A list of at most `most` items, which have at most `most_parts` together, as `parts` counts those of one.
///
/// # Errors
/// If there are more, or one cannot be read.
pub(super) fn up_to_with<'de, T, D>(
    reader: D,
    most: usize,
    parts: fn(&T) -> usize,
    most_parts: usize,
) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    reader.deserialize_seq(Few { most, parts, most_parts })
}

/// A list of at most `MOST` items.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct UpTo<const MOST: usize, T>(pub(super) Vec<T>);

impl<'de, const MOST: usize, T: Deserialize<'de>> Deserialize<'de> for UpTo<MOST, T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        up_to::<MOST, T, D>(reader).map(Self)
    }
}

/// Reads as many items as there may be.
struct Few<T> {
    most: usize,
    parts: fn(&T) -> usize,
    most_parts: usize,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Few<T> {
    type Value = Vec<T>;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(text, "a list of at most {}", self.most)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let (mut items, mut n_parts) = (Vec::new(), 0);
        while let Some(item) = list.next_element::<T>()? {
            n_parts += (self.parts)(&item);
            if items.len() == self.most || n_parts > self.most_parts {
                return Err(A::Error::invalid_length(items.len() + 1, &self));
            }
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_read_as_there_may_be() {
        let read = |n: usize| {
            postcard::from_bytes::<UpTo<3, u8>>(&postcard::to_allocvec(&vec![7_u8; n]).unwrap())
        };
        assert_eq!(read(3).unwrap().0, [7; 3]);
        assert!(read(4).is_err());
        assert_eq!(
            postcard::to_allocvec(&UpTo::<3, u8>(vec![7])),
            postcard::to_allocvec(&vec![7_u8])
        );
    }
}
