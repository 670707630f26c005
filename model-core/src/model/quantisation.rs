//! Fitted numbers in fewer bits, for a smaller artifact.
//!
//! A quantised model is an ordinary model whose numbers happen to fit the narrower form: what is
//! stored is read back to the same bits, and it predicts the same everywhere.

use serde::{Deserialize, Serialize};

/// How a fitted model's numbers are narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantisation {
    /// Single precision.
    F32,
    /// Single precision, and 255 levels where a family has many numbers of one kind.
    Int8,
}

impl Quantisation {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::F32, Self::Int8];

    /// The name on the wire and on the command line: `f32` or `int8`.
    ///
    /// ```
    /// assert_eq!(model_core::Quantisation::F32.as_str(), "f32");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
    }
}

/// The nearest number of single precision, finite for what is finite.
pub(crate) fn to_f32(value: f64) -> f32 {
    (value as f32).clamp(f32::MIN, f32::MAX)
}

/// The nearest number of single precision, as a double.
pub(crate) fn narrowed(value: f64) -> f64 {
    f64::from(to_f32(value))
}

/// Whether the number is one of single precision.
pub(crate) fn is_narrow(value: f64) -> bool {
    narrowed(value) == value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        for form in Quantisation::ALL {
            assert_eq!(serde_json::to_value(form).unwrap(), form.as_str());
        }
    }

    #[test]
    fn narrowed_numbers_stay_finite() {
        for value in [0.1, -1e300, 1e300, 1e-60, 16_777_217.0] {
            assert!(narrowed(value).is_finite() && is_narrow(narrowed(value)));
        }
        assert!(!is_narrow(0.1) && is_narrow(0.5));
    }
}
