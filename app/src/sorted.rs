//! A map and a set as sorted lists: for the some hundred names that a page has as fast as the standard library's
//! trees, of which each type of key and value would bring 3 KB of code into the page.

use std::borrow::Borrow;

/// Values by key, in the order of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Of nothing.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(own, _)| own.borrow().cmp(key))
    }

    /// The value of `key`.
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    /// Whether `key` has a value.
    pub(crate) fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Gives `key` this value, whatever it had before.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.place(&key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    /// The value of `key`, which is `value` if it had none.
    pub(crate) fn or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = self.place(&key).unwrap_or_else(|at| {
            self.0.insert(at, (key, value));
            at
        });
        &mut self.0[at].1
    }

    /// Takes the value of `key` out.
    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }

    /// Takes everything out.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, in the order of the keys.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::new();
        for (key, value) in pairs {
            map.insert(key, value);
        }
        map
    }
}

/// Different items in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SortedSet<T>(Vec<T>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ord> SortedSet<T> {
    /// Takes `item`; `false` if it was there.
    pub(crate) fn insert(&mut self, item: T) -> bool {
        let place = self.0.binary_search(&item);
        place.map_err(|at| self.0.insert(at, item)).is_err()
    }

    /// Whether `item` is there.
    pub(crate) fn contains<Q: Ord + ?Sized>(&self, item: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.0.binary_search_by(|own| own.borrow().cmp(item)).is_ok()
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them as a list.
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::default();
        for item in items {
            set.insert(item);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_map_is_what_the_standard_library_s_is(steps: Vec<(bool, u8, u8)>) {
            let (mut own, mut expected) = (SortedMap::new(), BTreeMap::new());
            for (removes, key, value) in steps {
                let key = key % 16;
                if removes {
                    prop_assert_eq!(own.remove(&key), expected.remove(&key));
                } else {
                    own.insert(key, value);
                    expected.insert(key, value);
                }
                prop_assert_eq!(own.get(&key), expected.get(&key));
                prop_assert_eq!(own.contains_key(&key), expected.contains_key(&key));
            }
            prop_assert_eq!(own.len(), expected.len());
            prop_assert!(own.iter().eq(expected.iter()));
            let copy: SortedMap<u8, u8> = expected.into_iter().rev().collect();
            prop_assert_eq!(copy, own);
        }

        #[test]
        fn a_set_is_what_the_standard_library_s_is(items: Vec<u8>) {
            let (mut own, mut expected) = (SortedSet::default(), BTreeSet::new());
            for item in items {
                prop_assert_eq!(own.insert(item), expected.insert(item));
                prop_assert!(own.contains(&item));
            }
            prop_assert!(own.into_vec().into_iter().eq(expected));
        }
    }

    #[test]
    fn what_is_there_is_not_replaced_by_what_would_be_put_where_nothing_is() {
        let mut map = SortedMap::new();
        *map.or_insert("a", 1) += 1;
        assert_eq!(*map.or_insert("a", 7), 2);
        map.clear();
        assert!(map.is_empty());
    }
}
