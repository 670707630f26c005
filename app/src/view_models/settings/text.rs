//! Parameters as texts of a form, and back.

use model_core::model::ClassWeight;
use model_core::model::forest::MaxFeatures;
use model_core::model::gradient_boosting::EarlyStopping;
use model_core::model::k_nearest_neighbors::NeighborWeights;
use model_core::model::svm::{Gamma, Kernel};

use crate::view_models::measurement::number;

/// A value that a form holds as text.
pub(super) trait Text: Sized {
    /// The text of it.
    fn text(&self) -> String;
    /// What the text means, if it means something.
    fn of(text: &str) -> Option<Self>;
}

impl Text for f64 {
    fn text(&self) -> String {
        if *self != 0.0 && self.abs() < 1e-4 { format!("{self:e}") } else { self.to_string() }
    }

    fn of(text: &str) -> Option<Self> {
        number(text)
    }
}

impl Text for u32 {
    fn text(&self) -> String {
        self.to_string()
    }

    fn of(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Text for u8 {
    fn text(&self) -> String {
        self.to_string()
    }

    fn of(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Empty where there is no limit.
impl Text for Option<u32> {
    fn text(&self) -> String {
        self.map(|limit| limit.to_string()).unwrap_or_default()
    }

    fn of(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }
}

impl Text for MaxFeatures {
    fn text(&self) -> String {
        match self {
            Self::Sqrt => "sqrt".to_owned(),
            Self::All => "all".to_owned(),
            Self::Count(count) => count.to_string(),
        }
    }

    fn of(text: &str) -> Option<Self> {
        match text {
            "sqrt" => Some(Self::Sqrt),
            "all" => Some(Self::All),
            count => count.parse().ok().map(Self::Count),
        }
    }
}

impl Text for Gamma {
    fn text(&self) -> String {
        match self {
            Self::Scale => "scale".to_owned(),
            Self::Auto => "auto".to_owned(),
            Self::Value(value) => value.text(),
        }
    }

    fn of(text: &str) -> Option<Self> {
        match text {
            "scale" => Some(Self::Scale),
            "auto" => Some(Self::Auto),
            value => number(value).map(Self::Value),
        }
    }
}

/// Which one; what a polynomial has besides is set apart.
impl Text for Kernel {
    fn text(&self) -> String {
        match self {
            Self::Rbf => "rbf",
            Self::Linear => "linear",
            Self::Poly { .. } => "poly",
        }
        .to_owned()
    }

    fn of(text: &str) -> Option<Self> {
        match text {
            "rbf" => Some(Self::Rbf),
            "linear" => Some(Self::Linear),
            "poly" => Some(Self::poly()),
            _ => None,
        }
    }
}

impl Text for ClassWeight {
    fn text(&self) -> String {
        match self {
            Self::Balanced => "balanced",
            Self::Uniform | Self::Values(_) => "uniform",
        }
        .to_owned()
    }

    fn of(text: &str) -> Option<Self> {
        match text {
            "uniform" => Some(Self::Uniform),
            "balanced" => Some(Self::Balanced),
            _ => None,
        }
    }
}

impl Text for NeighborWeights {
    fn text(&self) -> String {
        match self {
            Self::Uniform => "uniform",
            Self::Distance => "distance",
        }
        .to_owned()
    }

    fn of(text: &str) -> Option<Self> {
        match text {
            "uniform" => Some(Self::Uniform),
            "distance" => Some(Self::Distance),
            _ => None,
        }
    }
}

impl Text for EarlyStopping {
    fn text(&self) -> String {
        match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
        }
        .to_owned()
    }

    fn of(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "on" => Some(Self::On),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_short() {
        assert_eq!((1e-9.text().as_str(), 0.1.text().as_str()), ("1e-9", "0.1"));
        assert_eq!(f64::of("1e-9"), Some(1e-9));
        assert_eq!(f64::of("0,5"), Some(0.5));
    }

    #[test]
    fn nothing_typed_is_no_limit() {
        assert_eq!(<Option<u32>>::of(""), Some(None));
        assert_eq!(<Option<u32>>::of("3"), Some(Some(3)));
        assert_eq!(<Option<u32>>::of("three"), None);
    }
}
