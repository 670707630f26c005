//! One measurement as the user types or drags it: the text, what it means, what to say about it.

use model_core::{Feature, FeatureKind, NumericRange, Range};

use super::format::{self, NBSP};

/// What a field's text means for its feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Entry {
    /// Inside the training range, or the index of a category.
    Usual(f64),
    /// Accepted, but outside what the model was trained on, or the index of the category that rare
    /// and unknown ones share.
    Unusual(f64),
    /// Left empty, where rows may lack a value.
    Missing,
    /// No value can be taken from it.
    Refused(Refusal),
}

/// Why a text gives no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing was typed.
    Empty,
    /// Not a finite number.
    NotANumber,
    /// Outside the hard range.
    OutOfRange,
    /// Not one of the categories.
    NoCategory,
}

impl Entry {
    /// Reads `text`: a number, in which a decimal comma counts as a point, or a category's name.
    pub(crate) fn read(text: &str, feature: &Feature) -> Self {
        if text.trim().is_empty() {
            return if feature.nullable { Self::Missing } else { Self::Refused(Refusal::Empty) };
        }
        match &feature.kind {
            FeatureKind::Numeric(range) => Self::read_number(text, range),
            FeatureKind::Categorical(names) => {
                let code = names.iter().position(|name| name == text);
                match (code, feature.other.map(f64::from)) {
                    (Some(code), other) if other != Some(code as f64) => Self::Usual(code as f64),
                    (_, Some(other)) => Self::Unusual(other),
                    (_, None) => Self::Refused(Refusal::NoCategory),
                }
            }
        }
    }

    fn read_number(text: &str, range: &NumericRange) -> Self {
        match text.trim().replace(',', ".").parse::<f64>() {
            Ok(value) if !value.is_finite() => Self::Refused(Refusal::NotANumber),
            Ok(value) if !range.hard.contains(value) => Self::Refused(Refusal::OutOfRange),
            Ok(value) if !range.training.contains(value) => Self::Unusual(value),
            Ok(value) => Self::Usual(value),
            Err(_) => Self::Refused(Refusal::NotANumber),
        }
    }

    /// What stands for it in a row (NaN for no value), if anything does.
    pub(crate) const fn value(self) -> Option<f64> {
        match self {
            Self::Usual(value) | Self::Unusual(value) => Some(value),
            Self::Missing => Some(f64::NAN),
            Self::Refused(_) => None,
        }
    }

    /// What to tell the user, if anything.
    pub(crate) fn remark(self, feature: &Feature) -> Option<String> {
        if self == Self::Missing {
            return Some("No value: the model takes a typical one.".to_owned());
        }
        let Some(&NumericRange { training, hard, decimals }) = feature.numeric() else {
            return match self {
                Self::Refused(_) => Some("Choose one of the list.".to_owned()),
                Self::Unusual(_) => Some("Rare and unknown ones share this.".to_owned()),
                Self::Usual(_) | Self::Missing => None,
            };
        };
        let allowed = || span(hard, 0, feature.unit.as_deref());
        match self {
            Self::Usual(_) | Self::Missing => None,
            Self::Unusual(_) => Some(format!(
                "Unusual: the model was trained on {}.",
                span(training, decimals, feature.unit.as_deref())
            )),
            Self::Refused(Refusal::Empty) => Some(format!("Enter a number from {}.", allowed())),
            Self::Refused(Refusal::OutOfRange) => {
                Some(format!("Out of range. Allowed is {}.", allowed()))
            }
            Self::Refused(Refusal::NotANumber | Refusal::NoCategory) => {
                Some(format!("Not a number. Enter one from {}.", allowed()))
            }
        }
    }
}

/// `4.3 to 7.9 cm`; more decimals than asked for if the bounds need them.
pub(crate) fn span(range: Range, decimals: u8, unit: Option<&str>) -> String {
    let unit = unit.map_or_else(String::new, |unit| format!("{NBSP}{unit}"));
    let write = |value: f64| {
        let exact = value.to_string();
        let fixed = format::decimal(value, decimals);
        if fixed.parse() == Ok(value) { fixed } else { exact }
    };
    format!("{} to {}{unit}", write(range.min), write(range.max))
}

/// A slider's attributes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slider {
    /// Least value: the least training value.
    pub(crate) min: String,
    /// Greatest value: the greatest training value.
    pub(crate) max: String,
    /// One unit of the training values' last decimal.
    pub(crate) step: String,
}

impl Slider {
    /// The slider of a feature.
    pub(crate) fn of(range: &NumericRange) -> Self {
        let decimals = usize::from(range.decimals);
        let step =
            if decimals == 0 { "1".to_owned() } else { format!("0.{}1", "0".repeat(decimals - 1)) };
        Self {
            min: format::decimal(range.training.min, range.decimals),
            max: format::decimal(range.training.max, range.decimals),
            step,
        }
    }

    /// The field's text for a slider's value: a browser writes 3.0 as `3`, which looks like a
    /// coarser measurement.
    pub(crate) fn text(range: &NumericRange, slider_value: &str) -> String {
        let value = slider_value.parse().map(|value| format::decimal(value, range.decimals));
        value.unwrap_or_else(|_| slider_value.to_owned())
    }

    /// Where the thumb stands for `value`: at the end of the track if that lies outside it.
    pub(crate) fn position(range: &NumericRange, value: f64) -> String {
        format::decimal(value.clamp(range.training.min, range.training.max), range.decimals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::{iris_schema, mixed};

    fn entry(text: &str) -> Entry {
        Entry::read(text, &iris_schema().features[0])
    }

    fn remark(text: &str) -> Option<String> {
        entry(text).remark(&iris_schema().features[0]).map(|remark| remark.replace(NBSP, " "))
    }

    #[test]
    fn numbers_inside_the_training_range_pass_without_a_word() {
        assert_eq!(entry("5.9"), Entry::Usual(5.9));
        assert_eq!(entry(" 5,9 "), Entry::Usual(5.9));
        assert_eq!(remark("5.9"), None);
    }

    #[test]
    fn values_beyond_training_are_taken_with_a_warning() {
        assert_eq!(entry("9.5"), Entry::Unusual(9.5));
        assert_eq!(
            remark("9.5").as_deref(),
            Some("Unusual: the model was trained on 4.3 to 7.9 cm.")
        );
    }

    #[test]
    fn what_cannot_be_taken_says_what_can() {
        for text in ["", "abc", "NaN", "inf", "1e400", "10.01", "-0.1", "5.1.2"] {
            assert_eq!(entry(text).value(), None, "{text}");
            assert!(remark(text).is_some_and(|remark| remark.contains("0 to 10 cm")), "{text}");
        }
        assert_eq!(remark("11").as_deref(), Some("Out of range. Allowed is 0 to 10 cm."));
    }

    #[test]
    fn a_category_is_its_index_and_nothing_else_is() {
        let schema = mixed().schema().clone();
        let [colour, shape] = [1, 3].map(|index| &schema.features[index]);
        assert_eq!(Entry::read("red", colour), Entry::Usual(1.0));
        for (text, refusal) in [("", Refusal::Empty), ("1", Refusal::NoCategory)] {
            let entry = Entry::read(text, colour);
            assert_eq!(entry, Entry::Refused(refusal));
            assert_eq!(entry.remark(colour).as_deref(), Some("Choose one of the list."));
        }
        assert_eq!(Entry::read("", shape), Entry::Missing);
        assert_eq!(Entry::read("round", shape).remark(shape), None);
    }

    #[test]
    fn what_rare_and_unknown_categories_share_is_taken_with_a_remark() {
        let mut colour = mixed().schema().features[1].clone();
        colour.other = Some(0);
        assert_eq!(Entry::read("red", &colour), Entry::Usual(1.0));
        for text in ["blue", "mauve"] {
            let entry = Entry::read(text, &colour);
            assert_eq!(entry, Entry::Unusual(0.0), "{text}");
            let remark = entry.remark(&colour);
            assert_eq!(remark.as_deref(), Some("Rare and unknown ones share this."));
        }
    }

    #[test]
    fn a_number_may_be_left_out_where_the_data_lacks_some() {
        let schema = mixed().schema().clone();
        let [weight, width] = [0, 2].map(|index| &schema.features[index]);
        let entry = Entry::read(" ", width);
        assert!(entry.value().is_some_and(f64::is_nan));
        assert!(entry.remark(width).is_some_and(|remark| remark.starts_with("No value")));
        assert_eq!(Entry::read("", weight), Entry::Refused(Refusal::Empty));
    }

    #[test]
    fn slider_follows_the_training_values() {
        let range = *iris_schema().features[0].numeric().unwrap();
        let slider = Slider::of(&range);
        assert_eq!(
            (slider.min.as_str(), slider.max.as_str(), slider.step.as_str()),
            ("4.3", "7.9", "0.1")
        );
        assert_eq!(Slider::position(&range, 9.5), "7.9");
        assert_eq!(Slider::text(&range, "5"), "5.0");
        let whole = NumericRange { decimals: 0, ..range };
        assert_eq!(Slider::of(&whole).step, "1");
        let fine = NumericRange { decimals: 3, ..range };
        assert_eq!(Slider::of(&fine).step, "0.001");
    }
}
