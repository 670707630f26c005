//! A set of classes, by index, a bit each.

use crate::dataset::MAX_CLASSES;

/// Words of 64 bits, enough for every class that a data set may have.
const N_WORDS: usize = MAX_CLASSES.div_ceil(64);

/// Some of a model's classes; indices are those of the schema.
///
/// ```
/// use model_core::conformal::ClassSet;
/// let set: ClassSet = [2, 0].into_iter().collect();
/// assert!(set.contains(0) && !set.contains(1));
/// assert_eq!(set.iter().collect::<Vec<_>>(), [0, 2]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassSet([u64; N_WORDS]);

impl ClassSet {
    /// The classes in it, ascending.
    ///
    /// ```
    /// use model_core::ClassSet;
    /// let set: ClassSet = [2, 0].into_iter().collect();
    /// assert_eq!(set.iter().sum::<usize>(), 2);
    /// ```
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..64 * N_WORDS).filter(move |&class| self.contains(class))
    }

    /// As [`iter`](Self::iter), in a list.
    ///
    /// ```
    /// use model_core::ClassSet;
    /// let set: ClassSet = [2, 0].into_iter().collect();
    /// assert_eq!(set.to_vec(), [0, 2]);
    /// ```
    #[must_use]
    pub fn to_vec(self) -> Vec<usize> {
        self.iter().collect()
    }

    /// Whether `class` is in it.
    ///
    /// ```
    /// use model_core::ClassSet;
    /// let set: ClassSet = [2, 0].into_iter().collect();
    /// assert!(set.contains(2) && !set.contains(1));
    /// ```
    #[must_use]
    pub fn contains(self, class: usize) -> bool {
        self.0.get(class / 64).is_some_and(|word| word >> (class % 64) & 1 == 1)
    }

    /// How many classes are in it.
    ///
    /// ```
    /// use model_core::ClassSet;
    /// let set: ClassSet = [2, 0].into_iter().collect();
    /// assert_eq!(set.len(), 2);
    /// ```
    #[must_use]
    pub fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether none is.
    ///
    /// ```
    /// use model_core::ClassSet;
    /// let set: ClassSet = [2, 0].into_iter().collect();
    /// assert!(!set.is_empty() && ClassSet::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

impl FromIterator<usize> for ClassSet {
    /// Indices that no data set has are passed over.
    fn from_iter<I: IntoIterator<Item = usize>>(classes: I) -> Self {
        let mut set = Self::default();
        for class in classes {
            if let Some(word) = set.0.get_mut(class / 64) {
                *word |= 1 << (class % 64);
            }
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_place_and_others_have_none() {
        for class in 0..MAX_CLASSES {
            let set: ClassSet = [class].into_iter().collect();
            assert_eq!((set.to_vec(), set.len()), (vec![class], 1));
        }
        let set: ClassSet = [64 * N_WORDS, usize::MAX].into_iter().collect();
        assert!(set.is_empty() && !set.contains(usize::MAX));
        assert_eq!(set, ClassSet::default());
    }
}
