//! The one source of randomness: a seeded splitmix64 stream, the same on every platform.
//!
//! Source: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.

/// What a stream is for; two purposes under one seed never share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Which rows are held out.
    Split,
    /// Which rows belong to which cross-validation fold.
    Folds,
    /// Which rows belong to which fold when they are shuffled and split again: repeat 1 and on, as
    /// `Folds` is the first.
    Repeat(u32),
    /// The parameters of one candidate of a search.
    Trial(u32),
    /// Which rows calibrate an SVM's probabilities.
    Calibration,
    /// Which training rows are used, if not all are.
    MaxRows,
    /// Which rows travel with the model.
    ReferenceSample,
    /// The forest that says which columns matter.
    Selection,
    /// Which rows say when boosting stops.
    EarlyStopping,
    /// The order of the rows in later passes of a model that learns on.
    Passes,
    /// The bootstrap and feature draws of one tree.
    Tree(u32),
    /// The rows that an explanation compares with.
    Background,
    /// The orders in which Shapley values let features join.
    Permutations,
    /// The shuffles of a column whose importance is measured.
    Importance,
    /// The rows around one row that a surrogate is fitted to.
    Surrogate,
    /// Inputs made up by a test or a bench.
    Synthetic,
}

impl Purpose {
    const fn stream(self) -> u64 {
        match self {
            Self::Split => 1,
            Self::Folds => 2,
            Self::Calibration => 3,
            Self::ReferenceSample => 4,
            Self::Synthetic => 5,
            Self::Selection => 6,
            Self::MaxRows => 7,
            Self::EarlyStopping => 8,
            Self::Passes => 9,
            Self::Background => 20,
            Self::Permutations => 21,
            Self::Importance => 22,
            Self::Surrogate => 23,
            // Trees start far from the others, so that a new purpose moves no forest.
            Self::Tree(index) => (1 << 32) | index as u64,
            Self::Repeat(index) => (1 << 40) | index as u64,
            Self::Trial(index) => (1 << 41) | index as u64,
        }
    }
}

/// A splitmix64 generator.
///
/// ```
/// use model_core::rng::{Purpose, SplitMix64};
/// let mut a = SplitMix64::for_purpose(42, Purpose::Split);
/// let mut b = SplitMix64::for_purpose(42, Purpose::Split);
/// assert_eq!(a.next_u64(), b.next_u64());
/// ```
#[derive(Debug, Clone)]
pub struct SplitMix64 {
    state: u64,
}

/// The golden ratio's fraction in 64 bits, the increment of the reference implementation.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

impl SplitMix64 {
    /// The stream that `seed` alone names.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The stream of `purpose` under `seed`, independent of the other purposes' streams.
    #[must_use]
    pub fn for_purpose(seed: u64, purpose: Purpose) -> Self {
        let mut root = Self::new(seed);
        let mixed = root.next_u64() ^ purpose.stream().wrapping_mul(GAMMA);
        Self::new(Self::new(mixed).next_u64())
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`, each as likely as the next; 0 if `bound` is 0.
    ///
    /// Source: Lemire, "Fast random integer generation in an interval", TOMACS 29 (2019).
    pub fn below(&mut self, bound: u32) -> u32 {
        let bound = u64::from(bound);
        let mut product = (self.next_u64() >> 32) * bound;
        if (product & 0xFFFF_FFFF) < bound {
            let threshold = ((1_u64 << 32) - bound) % bound.max(1);
            while (product & 0xFFFF_FFFF) < threshold {
                product = (self.next_u64() >> 32) * bound;
            }
        }
        (product >> 32) as u32
    }

    /// A number in `[0, 1)` with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Puts `items` in a random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last as u32 + 1) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_of_seed_zero_is_the_published_one() {
        // First outputs of the reference implementation for seed 0.
        let mut rng = SplitMix64::new(0);
        assert_eq!(rng.next_u64(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(rng.next_u64(), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn below_stays_below_and_reaches_every_value() {
        let mut rng = SplitMix64::new(7);
        let mut seen = [0_u32; 6];
        for _ in 0..6000 {
            seen[rng.below(6) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (850..1150).contains(&count)), "{seen:?}");
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
    }

    #[test]
    fn purposes_do_not_share_numbers() {
        let first = |purpose| SplitMix64::for_purpose(42, purpose).next_u64();
        assert_ne!(first(Purpose::Split), first(Purpose::Folds));
        assert_ne!(first(Purpose::Tree(0)), first(Purpose::Tree(1)));
        assert_ne!(first(Purpose::Tree(1)), first(Purpose::Repeat(1)));
        assert_ne!(first(Purpose::Repeat(1)), first(Purpose::Repeat(2)));
    }

    #[test]
    fn shuffle_keeps_every_item() {
        let mut items: Vec<u32> = (0..100).collect();
        SplitMix64::new(1).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
