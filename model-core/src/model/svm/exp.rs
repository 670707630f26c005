//! `libm::exp` of several numbers at once, to the same bits.
//!
//! Kernel values are most of what a fit and a prediction cost, and the exponential is most of a
//! kernel value. `libm::exp` decides by branches and calls `scalbn`, which no compiler turns into
//! vector instructions; here the same operations stand in the same order, without branches.
//!
//! Source: Sun's fdlibm, `e_exp.c`, for the method and its constants: `x = k ln 2 + r`, and
//! `exp(r) = 1 + r + r c / (2 − c)` with `c = r − r² P(r²)`, `P` fitted by Remez.

/// Numbers that are worked on together.
pub(super) const LANES: usize = 8;

/// ln 2 in two parts, so that `x − k ln 2` keeps its digits.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
const INVERSE_LN_2: f64 = f64::from_bits(0x3ff7_1547_652b_82fe);
/// Coefficients of `P`, lowest power first.
const P: [f64; 5] = [
    f64::from_bits(0x3fc5_5555_5555_553e),
    f64::from_bits(0xbf66_c16c_16be_bd93),
    f64::from_bits(0x3f11_566a_af25_de2c),
    f64::from_bits(0xbebb_bd41_c5d2_6bf1),
    f64::from_bits(0x3e66_3769_72be_a4d0),
];
/// Below this size, as `libm` tells it from the upper half of the bits, `k` is 0: about ½ ln 2.
const UNREDUCED: f64 = f64::from_bits(0x3fd6_2e43_0000_0000);
/// Below this size, told likewise, the answer is `1 + x`: about 2⁻²⁸.
const TINY: f64 = f64::from_bits(0x3e30_0001_0000_0000);
/// The range worked on here: results are normal numbers, and `k` is not above 0. Kernels are all
/// but always within; what is not goes to `libm` itself.
const LEAST: f64 = -708.0;
const MOST: f64 = 0.34;
/// Adding this to a small number rounds it to a whole one, which stands in the lowest bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// The exponentials of `x`, bit for bit those of `libm::exp`.
#[inline]
pub(super) fn exp(x: [f64; LANES]) -> [f64; LANES] {
    let within = x.map(|x| x.clamp(LEAST, MOST));
    let mut out = within.map(exp_within);
    // One comparison for all lanes; it fails for NaN too.
    let outside = x.iter().zip(&within).fold(0.0, |sum, (x, within)| sum + (x - within).abs());
    if outside != 0.0 {
        for (out, x) in out.iter_mut().zip(x) {
            if !(LEAST..=MOST).contains(&x) {
                *out = libm::exp(x);
            }
        }
    }
    out
}

/// For `LEAST <= x <= MOST`.
#[inline]
fn exp_within(x: f64) -> f64 {
    // Towards 0, as a cast to an integer rounds: up, for what is negative.
    let exact = INVERSE_LN_2 * x - 0.5;
    let nearest = (exact + ROUNDER) - ROUNDER;
    let upwards = nearest + if nearest < exact { 1.0 } else { 0.0 };
    let k = if x > -UNREDUCED { 0.0 } else { upwards };
    let high = x - k * LN_2_HIGH;
    let low = k * LN_2_LOW;
    let r = high - low;
    let square = r * r;
    let c =
        r - square * (P[0] + square * (P[1] + square * (P[2] + square * (P[3] + square * P[4]))));
    let y = 1.0 + (r * c / (2.0 - c) - low + high);
    let y = if x.abs() < TINY { 1.0 + x } else { y };
    // 2^k from its exponent field; the product is exact, being a normal number.
    let power = f64::from_bits(((k + ROUNDER).to_bits() << 52).wrapping_add(1023 << 52));
    y * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SplitMix64;

    fn check(x: f64) {
        for (lane, got) in exp([x, -1.0, x, 0.0, -800.0, x, -3.5, x]).into_iter().enumerate() {
            let want = libm::exp([x, -1.0, x, 0.0, -800.0, x, -3.5, x][lane]);
            assert_eq!(got.to_bits(), want.to_bits(), "exp of {x:e} in lane {lane}");
        }
    }

    #[test]
    fn random_numbers_have_the_bits_of_libm() {
        let mut rng = SplitMix64::new(3);
        for scale in [1e-12, 1e-8, 0.1, 1.0, 4.0, 30.0, 800.0] {
            for _ in 0..20_000 {
                check(-scale * rng.unit());
            }
        }
        for _ in 0..20_000 {
            check(2.0 * rng.unit() - 1.0);
        }
    }

    #[test]
    fn borders_have_the_bits_of_libm() {
        let halves = (0..2046).map(|i| -0.5 * f64::from(i) * std::f64::consts::LN_2);
        let borders = [UNREDUCED, TINY, LEAST, MOST, 0.0, 1e-300, 710.0, 708.39, 745.14];
        for border in halves.chain(borders).chain(borders.map(|x| -x)) {
            let bits = border.to_bits();
            for near in [0, 1, 2, 3, 1 << 20, (1 << 32) - 1, 1 << 32] {
                check(f64::from_bits(bits + near));
                check(f64::from_bits(bits.saturating_sub(near)));
            }
        }
        [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::MAX].into_iter().for_each(check);
    }
}
