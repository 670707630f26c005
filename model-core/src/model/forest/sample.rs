//! Bootstrap samples, and what their rows weigh in integers.

/// Class and number of draws of a row in one word: sorted keys carry it along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(pub(super) u32);

/// A row of a bootstrap sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) row: u32,
    pub(super) code: Code,
}

/// How class and draws share a [`Code`], and what they weigh.
#[derive(Debug)]
pub(super) struct Coding {
    /// Bits of the draws.
    shift: u32,
    weights: Vec<u32>,
}

impl Coding {
    /// For classes of these weights, which the rows drawn in total must not overflow; see
    /// [`integer_weights`].
    pub(super) fn new(weights: Vec<u32>) -> Self {
        Self { shift: (weights.len() as u32).leading_zeros(), weights }
    }

    pub(super) fn n_classes(&self) -> usize {
        self.weights.len()
    }

    /// The code of a row drawn `draws` times. More draws than fit, which no sample will see (one
    /// of 100 classes leaves 25 bits), count as the most that fit.
    pub(super) fn code(&self, class: u32, draws: u32) -> Code {
        Code(class << self.shift | draws.min((1 << self.shift) - 1))
    }

    #[inline]
    pub(super) fn class(&self, code: Code) -> usize {
        (code.0 >> self.shift) as usize
    }

    #[inline]
    pub(super) fn draws(&self, code: Code) -> u32 {
        code.0 & ((1 << self.shift) - 1)
    }

    /// Draws times the class's weight.
    #[inline]
    pub(super) fn weight(&self, code: Code) -> u32 {
        self.draws(code) * self.weights[self.class(code)]
    }
}

/// Most that a sample may weigh: its square fits 64 bits.
const MAX_TOTAL: u64 = 1 << 31;

/// The class weights in integers, so that sums of them and of their squares are exact.
///
/// The greatest becomes the highest power of two at which `n_samples` draws of it stay within
/// 2^31, the others are rounded to its scale (none to 0), and all are divided by what they share:
/// equal weights become 1, and twice the weight is the same as twice the draws.
pub(super) fn integer_weights(weights: &[f64], n_samples: usize) -> Vec<u32> {
    let most = (MAX_TOTAL / (n_samples as u64).max(1)).max(1);
    let scale = f64::from(1_u32 << most.ilog2());
    let greatest = weights.iter().copied().fold(0.0, f64::max);
    let scaled = weights.iter().map(|weight| (weight / greatest * scale).round().max(1.0) as u32);
    let scaled: Vec<u32> = scaled.collect();
    let shared = scaled.iter().copied().fold(0, greatest_common_divisor).max(1);
    scaled.iter().map(|weight| weight / shared).collect()
}

fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_weights_keep_their_ratios() {
        assert_eq!(integer_weights(&[0.7, 0.7, 0.7], 150), [1, 1, 1]);
        assert_eq!(integer_weights(&[1.0, 2.0, 0.25], 150), [4, 8, 1]);
        assert_eq!(integer_weights(&[1e-6, 1e6], 200_000), [1, 8192]);
        let weights = integer_weights(&[2.0, 4.0 / 6.0], 4);
        let ratio = f64::from(weights[0]) / f64::from(weights[1]);
        assert!((ratio - 3.0).abs() < 1e-8, "{weights:?}");
    }

    #[test]
    fn no_sample_overflows() {
        for n_samples in [1_u32, 2, 3, 150, 200_000, 1 << 31] {
            let weights = integer_weights(&[1.0, 0.3], n_samples as usize);
            assert!(weights.iter().all(|&w| u64::from(w) * u64::from(n_samples) <= MAX_TOTAL));
        }
    }

    #[test]
    fn codes_are_read_back() {
        for n_classes in [2, 3, 100] {
            let coding = Coding::new(vec![7; n_classes]);
            for class in 0..n_classes as u32 {
                let code = coding.code(class, 12);
                assert_eq!((coding.class(code), coding.draws(code)), (class as usize, 12));
                assert_eq!(coding.weight(code), 84);
            }
        }
    }
}
