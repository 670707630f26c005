//! A set of classes, by index, in sixteen bytes.

use crate::dataset::MAX_CLASSES;

// A data set has no more classes than there are bits.
const _: () = assert!(MAX_CLASSES <= 128);

/// Some of a model's classes; indices are those of the schema.
///
/// ```
/// use model_core::conformal::ClassSet;
/// let set: ClassSet = [2, 0].into_iter().collect();
/// assert!(set.contains(0) && !set.contains(1));
/// assert_eq!(set.iter().collect::<Vec<_>>(), [0, 2]);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassSet(u128);

impl ClassSet {
    /// The classes in it, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..128).filter(move |&class| self.contains(class))
    }

    /// As [`iter`](Self::iter), in a list.
    #[must_use]
    pub fn to_vec(self) -> Vec<usize> {
        self.iter().collect()
    }

    /// Whether `class` is in it.
    #[must_use]
    pub fn contains(self, class: usize) -> bool {
        bit(class) & self.0 != 0
    }

    /// How many classes are in it.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<usize> for ClassSet {
    /// Indices that no data set has are passed over.
    fn from_iter<I: IntoIterator<Item = usize>>(classes: I) -> Self {
        Self(classes.into_iter().fold(0, |set, class| set | bit(class)))
    }
}

fn bit(class: usize) -> u128 {
    u32::try_from(class).ok().and_then(|class| 1_u128.checked_shl(class)).unwrap_or(0)
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
        let set: ClassSet = [128, usize::MAX].into_iter().collect();
        assert!(set.is_empty() && !set.contains(usize::MAX));
        assert_eq!(set, ClassSet::default());
    }
}
