//! What a support vector machine is asked for.

use serde::{Deserialize, Serialize};

use crate::model::{ClassWeight, ParamError, check_positive};

/// Likeness of two rows `a` and `b`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernel {
    /// `exp(-gamma · ‖a − b‖²)`, the default.
    #[default]
    Rbf,
    /// `a·b`; has no use for gamma.
    Linear,
    /// `(gamma · a·b + coef0)^degree`.
    Poly {
        /// 1 to 10; default 3.
        #[serde(default = "default_degree")]
        degree: u32,
        /// -1e6 to 1e6; default 0.
        #[serde(default)]
        coef0: f64,
    },
}

const fn default_degree() -> u32 {
    3
}

/// Degrees of [`Kernel::Poly`].
pub(super) const DEGREES: std::ops::RangeInclusive<u32> = 1..=10;
/// Values of `coef0` of [`Kernel::Poly`].
pub(super) const COEF0: std::ops::RangeInclusive<f64> = -1e6..=1e6;

impl Kernel {
    /// The polynomial kernel with its defaults, degree 3 and `coef0` 0.
    #[must_use]
    pub const fn poly() -> Self {
        Self::Poly { degree: default_degree(), coef0: 0.0 }
    }

    fn check(self) -> Result<(), ParamError> {
        let Self::Poly { degree, coef0 } = self else { return Ok(()) };
        if !DEGREES.contains(&degree) {
            let value = f64::from(degree);
            return Err(ParamError { name: "degree", value, expected: "1 to 10" });
        }
        if !COEF0.contains(&coef0) {
            return Err(ParamError { name: "coef0", value: coef0, expected: "-1e6 to 1e6" });
        }
        Ok(())
    }
}

/// Scale of the RBF and polynomial kernels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gamma {
    /// `1 / (n_features · variance of all values)`, scikit-learn's default and ours.
    #[default]
    Scale,
    /// `1 / n_features`.
    Auto,
    /// This number.
    Value(f64),
}

/// Parameters of the support vector machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SvmParams {
    /// Penalty of a row on the wrong side; default 1.
    pub c: f64,
    /// The kernel; default [`Kernel::Rbf`].
    pub kernel: Kernel,
    /// Scale of the kernel; default [`Gamma::Scale`].
    pub gamma: Gamma,
    /// What each class multiplies C by; default [`ClassWeight::Uniform`].
    pub class_weight: ClassWeight,
}

impl Default for SvmParams {
    fn default() -> Self {
        Self {
            c: 1.0,
            kernel: Kernel::default(),
            gamma: Gamma::default(),
            class_weight: ClassWeight::default(),
        }
    }
}

impl SvmParams {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`ParamError`] names the first of these that is out of its range: C and a numeric gamma
    /// (finite, above 0), degree (1 to 10), coef0 (-1e6 to 1e6), class weights (1e-6 to 1e6).
    pub fn check(&self) -> Result<(), ParamError> {
        check_positive("C", self.c)?;
        self.kernel.check()?;
        if let Gamma::Value(gamma) = self.gamma {
            check_positive("gamma", gamma)?;
        }
        self.class_weight.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(params: SvmParams) -> String {
        params.check().unwrap_err().to_string()
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let with = |kernel| SvmParams { kernel, ..SvmParams::default() };
        let poly = |degree, coef0| with(Kernel::Poly { degree, coef0 });
        assert_eq!(message(poly(0, 0.0)), "parameter degree is 0: expected 1 to 10");
        assert_eq!(message(poly(11, 0.0)), "parameter degree is 11: expected 1 to 10");
        assert_eq!(message(poly(3, f64::NAN)), "parameter coef0 is NaN: expected -1e6 to 1e6");
        for gamma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let gamma = Gamma::Value(gamma);
            let text = message(SvmParams { gamma, ..SvmParams::default() });
            assert!(text.starts_with("parameter gamma is"), "{text}");
        }
        let class_weight = ClassWeight::Values(vec![1.0, 0.0]);
        let text = message(SvmParams { class_weight, ..SvmParams::default() });
        assert!(text.starts_with("parameter class_weight is 0"), "{text}");
        for kernel in [Kernel::Rbf, Kernel::Linear, Kernel::poly()] {
            assert_eq!(with(kernel).check(), Ok(()));
        }
    }

    #[test]
    fn what_is_not_said_is_the_default() {
        let read = |json| serde_json::from_str::<SvmParams>(json).unwrap();
        assert_eq!(read("{}"), SvmParams::default());
        assert_eq!(read(r#"{"kernel": {"poly": {}}}"#).kernel, Kernel::poly());
        assert_eq!(read(r#"{"c": 2.0, "gamma": "auto"}"#).gamma, Gamma::Auto);
    }
}
