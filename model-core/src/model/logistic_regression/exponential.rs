//! e^x for many x at once, for the training objective.
//!
//! libm's `exp` takes half of a fit: it branches on its argument, and so neither pipelines nor
//! vectorises. This one is additions and multiplications in a fixed order, hence the same bits
//! everywhere too. Source of the method: Muller, "Elementary Functions" (2016), chapter 11,
//! reduction by multiples of ln 2.

/// Adding and subtracting 1.5 · 2^52 rounds to an integer, which stands in the lowest bits between.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// The first 32 bits of ln 2, so that its product with a small integer is exact, and the rest.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1 / 13! down to 1 / 0!: the series is good to 2^-57 where it is used, up to ½ ln 2.
const SERIES: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// Turns each x, none above 0, into e^x, within 2 units in the last place; below -708 into
/// e^-708, which is as good as 0. What is not a number stays so.
pub(super) fn exponentials(numbers: &mut [f64]) {
    for number in numbers {
        *number = exponential(*number);
    }
}

#[inline]
fn exponential(x: f64) -> f64 {
    // Not `max`, which would make a number of what is none.
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUNDER;
    let power = shifted - ROUNDER;
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    let series = SERIES.iter().fold(0.0, |sum, factor| sum * rest + factor);
    // Times 2^power, by way of the exponent's bits.
    f64::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 52))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    #[test]
    fn it_is_libms_within_two_units() {
        let mut rng = SplitMix64::new(8);
        for at in 0..200_000 {
            let x = -rng.unit() * [1e-9, 1.0, 40.0, 708.0][at % 4];
            let (got, expected) = (exponential(x), libm::exp(x));
            let apart = got.to_bits().abs_diff(expected.to_bits());
            assert!(apart <= 2, "{x}: {got} {expected}");
        }
    }

    #[test]
    fn the_ends_are_exact() {
        let mut numbers = [0.0, -0.0, -708.5, f64::NEG_INFINITY, f64::NAN];
        exponentials(&mut numbers);
        assert_eq!(numbers[..2], [1.0, 1.0]);
        assert!(numbers[2..4].iter().all(|&number| number > 0.0 && number < 1e-300));
        assert!(numbers[4].is_nan());
    }
}
