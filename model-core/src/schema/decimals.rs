//! Values as whole numbers over a power of ten, where that loses no bit.

/// The fewest decimals (at most 6) that write every value exactly.
#[must_use]
pub(crate) fn decimals(values: impl Iterator<Item = f64> + Clone) -> u8 {
    (0..6_u8).find(|&scale| values.clone().all(|v| scaled(v, scale).is_some())).unwrap_or(6)
}

/// Powers of ten that `f64` holds exactly.
const POWERS_OF_TEN: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// `value * 10^scale` as an integer, if dividing it again gives the same bits.
#[must_use]
pub(crate) fn scaled(value: f64, scale: u8) -> Option<i64> {
    let power = POWERS_OF_TEN.get(usize::from(scale))?;
    let integer = (value * power).round();
    let fits = integer.abs() < (1_i64 << 53) as f64;
    (fits && unscaled(integer as i64, scale)?.to_bits() == value.to_bits())
        .then_some(integer as i64)
}

/// `integer / 10^scale`.
#[must_use]
pub(crate) fn unscaled(integer: i64, scale: u8) -> Option<f64> {
    POWERS_OF_TEN.get(usize::from(scale)).map(|power| integer as f64 / power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_those_of_the_text() {
        assert_eq!(decimals([5.1, 4.0, 0.2].into_iter()), 1);
        assert_eq!(decimals([5.0, 4.0].into_iter()), 0);
        assert_eq!(decimals([1.0 / 3.0].into_iter()), 6);
        assert_eq!(scaled(-0.0, 0), None, "minus zero would lose its sign");
    }
}
