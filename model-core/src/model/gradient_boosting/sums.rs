//! Sums of gradients, hessians and row counts, in whole numbers.
//!
//! A tree's gradients and hessians are rounded to multiples of a power of two, 2^-30 or so of the
//! greatest, as integers. Their sums are then exact in any order, so that a node's histogram less
//! that of its one child *is* that of the other, a sum has the same bits everywhere, and a bin is
//! two integers: the gradients, and the hessians with the row count above them. Shi et al.,
//! "Quantized training of gradient boosting decision trees", NeurIPS 2022, do it with far fewer bits.

/// Gradients of some rows; and their number above the bits of their hessians.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums([u64; 2]);

impl Sums {
    #[inline]
    pub(super) fn add(&mut self, other: Self) {
        self.0[0] = self.0[0].wrapping_add(other.0[0]);
        self.0[1] = self.0[1].wrapping_add(other.0[1]);
    }

    #[inline]
    pub(super) fn subtract(&mut self, other: Self) {
        self.0[0] = self.0[0].wrapping_sub(other.0[0]);
        self.0[1] = self.0[1].wrapping_sub(other.0[1]);
    }

    #[inline]
    pub(super) fn without(mut self, other: Self) -> Self {
        self.subtract(other);
        self
    }

    /// The sum of gradients, in units of the scale.
    #[inline]
    pub(super) fn gradient(self) -> f64 {
        self.0[0].cast_signed() as f64
    }

    /// No row, so no gradient or hessian either.
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0[1] == 0
    }
}

/// What one unit is, and where the row count begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// Units in a gradient of 1.
    gradient: f64,
    /// Units in a hessian of 1.
    hessian: f64,
    count_shift: u32,
}

/// Most bits of one row's gradient or hessian; with more rows fewer are left.
const MAX_BITS: u32 = 30;
/// Bits of a double: sums up to them are exact as such.
const DOUBLE_BITS: u32 = 53;

impl Scale {
    /// The finest scale whose sums over `n_samples` rows hold these greatest gradients and hessians.
    pub(super) fn new(n_samples: usize, gradient: f64, hessian: f64) -> Self {
        let count_bits = usize::BITS - n_samples.leading_zeros();
        let count_shift = u64::BITS - count_bits;
        let bits = |room: u32| MAX_BITS.min(room.saturating_sub(count_bits));
        Self {
            gradient: units(gradient, bits(DOUBLE_BITS)),
            hessian: units(hessian, bits(DOUBLE_BITS.min(count_shift))),
            count_shift,
        }
    }

    /// One row.
    #[inline]
    pub(super) fn row(&self, gradient: f64, hessian: f64) -> Sums {
        let gradient = gradient * self.gradient;
        let gradient = (gradient + 0.5_f64.copysign(gradient)) as i64;
        let hessian = (hessian * self.hessian + 0.5) as u64;
        Sums([gradient.cast_unsigned(), hessian | 1 << self.count_shift])
    }

    #[inline]
    pub(super) fn count(&self, sums: Sums) -> u64 {
        sums.0[1] >> self.count_shift
    }

    /// The sum of hessians, in units.
    #[inline]
    pub(super) fn hessian(&self, sums: Sums) -> f64 {
        // Within 53 bits, where the conversion of a signed number is the faster one.
        (sums.0[1] & ((1 << self.count_shift) - 1)).cast_signed() as f64
    }

    /// A hessian in units.
    pub(super) fn hessian_units(&self, hessian: f64) -> f64 {
        hessian * self.hessian
    }

    /// What a step is worth that was computed from sums in units, as gradient by hessian.
    pub(super) fn step(&self, step: f64) -> f64 {
        step * (self.hessian / self.gradient)
    }

    /// What a gain is worth that was computed in units, as squared gradient by hessian.
    pub(super) fn gain(&self, gain: f64) -> f64 {
        gain * (self.hessian / self.gradient / self.gradient)
    }
}

/// The power of two that brings `greatest` below `2^bits`, within what can be squared.
fn units(greatest: f64, bits: u32) -> f64 {
    let (_, exponent) = libm::frexp(greatest);
    libm::ldexp(1.0, (bits as i32 - exponent).clamp(-300, 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_and_counted() {
        let scale = Scale::new(3, 0.9, 0.25);
        let rows = [(-0.9, 0.25), (0.4, 0.125), (0.0, 0.0)];
        let mut all = Sums::default();
        rows.iter().for_each(|&(gradient, hessian)| all.add(scale.row(gradient, hessian)));
        assert_eq!(scale.count(all), 3);
        assert_eq!(scale.hessian(all), scale.hessian_units(0.375));
        assert!((all.gradient() / scale.gradient + 0.5).abs() < 2e-9);
        let last = scale.row(0.0, 0.0);
        assert_eq!(scale.count(all.without(last)), 2);
        assert_eq!(all.without(last).gradient(), all.gradient());
    }

    #[test]
    fn the_most_rows_do_not_overflow_into_the_count() {
        for n in [1_usize, 127, 128, 200_000, (1 << 26) - 1] {
            let scale = Scale::new(n, 1.0, 0.25);
            let (bits, row) = (scale.count_shift, scale.row(-1.0, 0.25));
            let hessian = row.0[1] & ((1 << bits) - 1);
            let all = u128::from(hessian) * n as u128;
            assert!(all < 1 << bits.min(DOUBLE_BITS), "{n}");
            assert!(row.gradient().abs() * (n as f64) < 9e15, "{n}");
        }
    }

    #[test]
    fn vanishing_gradients_stay_finite() {
        for greatest in [0.0, 1e-320, 1e-200] {
            let scale = Scale::new(10, greatest, greatest);
            let row = scale.row(greatest, greatest);
            assert!(scale.step(row.gradient()).is_finite());
            assert!(scale.gain(row.gradient()).is_finite());
        }
    }
}
