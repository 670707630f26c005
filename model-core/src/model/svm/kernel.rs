//! The kernel of a fitted machine: its form with all numbers known.

use super::blocks::{dots, squared_distances};
use super::exp::{LANES, exp};
use super::params::{COEF0, DEGREES, Gamma, Kernel, SvmParams};
use crate::model::{MAX_PARAMETER, TrainingRows};

/// A kernel with its numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MachineKernel {
    /// `a·b`.
    Linear,
    /// `exp(-gamma · ‖a − b‖²)`.
    Rbf {
        /// Above 0.
        gamma: f64,
    },
    /// `(gamma · a·b + coef0)^degree`, kept within [`MAX_PARAMETER`].
    Poly {
        /// Above 0.
        gamma: f64,
        /// 1 to 10.
        degree: u32,
        /// -1e6 to 1e6.
        coef0: f64,
    },
}

impl MachineKernel {
    /// The kernel that `params` ask for on these rows.
    pub(super) fn resolve(params: &SvmParams, rows: TrainingRows<'_>) -> Self {
        let gamma = match params.gamma {
            Gamma::Value(gamma) => gamma,
            Gamma::Auto => 1.0 / rows.n_features.max(1) as f64,
            Gamma::Scale => scale_gamma(rows),
        };
        match params.kernel {
            Kernel::Linear => Self::Linear,
            Kernel::Rbf => Self::Rbf { gamma },
            Kernel::Poly { degree, coef0 } => Self::Poly { gamma, degree, coef0 },
        }
    }

    /// Whether the numbers are in their ranges.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_width = |gamma: f64| gamma.is_finite() && gamma > 0.0;
        match *self {
            Self::Linear => true,
            Self::Rbf { gamma } => is_width(gamma),
            Self::Poly { gamma, degree, coef0 } => {
                is_width(gamma) && DEGREES.contains(&degree) && COEF0.contains(&coef0)
            }
        }
    }

    /// The kernel of each row of a block with `row`, as prediction works it out.
    #[inline]
    pub(super) fn values(&self, block: &[f64], row: &[f64]) -> [f64; LANES] {
        match *self {
            Self::Rbf { gamma } => exp(squared_distances(block, row).map(|d| -gamma * d)),
            Self::Linear | Self::Poly { .. } => self.of_dots(dots(block, row)),
        }
    }

    /// The kernel from dot products, for those that need no more.
    #[inline]
    pub(super) fn of_dots(&self, dots: [f64; LANES]) -> [f64; LANES] {
        match *self {
            Self::Poly { gamma, degree, coef0 } => dots.map(|dot| {
                let base = gamma * dot + coef0;
                power(base, degree).clamp(-MAX_PARAMETER, MAX_PARAMETER)
            }),
            Self::Linear | Self::Rbf { .. } => dots,
        }
    }
}

/// `base^degree`, one factor after the other: `powi` may round as it likes.
#[inline]
fn power(base: f64, degree: u32) -> f64 {
    (1..degree).fold(base, |product, _| product * base)
}

/// `1 / (n_features · variance of all values)`; 1 if the values do not vary.
fn scale_gamma(rows: TrainingRows<'_>) -> f64 {
    let n = rows.values.len().max(1) as f64;
    let mean = rows.values.iter().sum::<f64>() / n;
    let variance = rows.values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    let gamma = 1.0 / (rows.n_features as f64 * variance);
    if gamma.is_finite() && gamma > 0.0 { gamma } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Blocks;
    use super::*;

    fn value(kernel: MachineKernel, a: &[f64], b: &[f64]) -> f64 {
        let blocks = Blocks::new(std::iter::once(a), a.len());
        kernel.values(blocks.iter().next().unwrap(), b)[0]
    }

    #[test]
    fn values_follow_their_formulas() {
        let (a, b) = ([1.0, 2.0], [3.0, -0.5]);
        assert_eq!(value(MachineKernel::Linear, &a, &b), 2.0);
        let poly = MachineKernel::Poly { gamma: 0.5, degree: 3, coef0: 1.0 };
        assert_eq!(value(poly, &a, &b), 8.0);
        let rbf = MachineKernel::Rbf { gamma: 0.1 };
        assert_eq!(value(rbf, &a, &b), libm::exp(-0.1 * 10.25));
    }

    #[test]
    fn a_power_beyond_all_bounds_stays_finite() {
        let poly = MachineKernel::Poly { gamma: 1e90, degree: 9, coef0: 0.0 };
        assert_eq!(value(poly, &[1e90], &[-1e90]), -MAX_PARAMETER);
    }

    #[test]
    fn numbers_out_of_range_are_not_sound() {
        let poly = |gamma, degree, coef0| MachineKernel::Poly { gamma, degree, coef0 };
        assert!(MachineKernel::Linear.is_sound() && poly(1.0, 10, -3.0).is_sound());
        for bad in [poly(0.0, 3, 0.0), poly(1.0, 0, 0.0), poly(1.0, 11, 0.0), poly(1.0, 3, 1e7)] {
            assert!(!bad.is_sound(), "{bad:?}");
        }
        for gamma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(!MachineKernel::Rbf { gamma }.is_sound());
        }
    }

    #[test]
    fn gamma_is_resolved_as_scikit_learn_does() {
        let rows = TrainingRows {
            values: &[0.0, 1.0, 2.0, 3.0],
            labels: &[0, 1],
            n_features: 2,
            n_classes: 2,
        };
        let gamma =
            |gamma| MachineKernel::resolve(&SvmParams { gamma, ..SvmParams::default() }, rows);
        assert_eq!(gamma(Gamma::Scale), MachineKernel::Rbf { gamma: 1.0 / (2.0 * 1.25) });
        assert_eq!(gamma(Gamma::Auto), MachineKernel::Rbf { gamma: 0.5 });
        assert_eq!(gamma(Gamma::Value(7.0)), MachineKernel::Rbf { gamma: 7.0 });
    }
}
