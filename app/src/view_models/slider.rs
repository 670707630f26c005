//! A slider over the training values of a number, and ranges in words.

use model_core::{NumericRange, Range};

use super::comparison::in_full;
use super::format::{self, NBSP};
use crate::i18n::t;

/// `4.3 to 7.9 cm`; more decimals than asked for if the bounds need them.
pub(crate) fn span(range: Range, decimals: u8, unit: Option<&str>) -> String {
    let unit = unit.map_or_else(String::new, |unit| format!("{NBSP}{unit}"));
    let [low, high] = bounds(range, decimals);
    t!("{low} to {high}", low, high) + &unit
}

/// `4.3` and `7.9`; more decimals than asked for if they need them.
pub(crate) fn bounds(range: Range, decimals: u8) -> [String; 2] {
    [range.min, range.max].map(|value| {
        let is_exact = model_core::parse_number(&format::plain(value, decimals)) == Some(value);
        if is_exact { format::decimal(value, decimals) } else { in_full(value) }
    })
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
            min: format::plain(range.training.min, range.decimals),
            max: format::plain(range.training.max, range.decimals),
            step,
        }
    }

    /// The field's text for a slider's value, as the language of the page writes it: a browser writes 3.0
    /// as `3`, which looks like a coarser measurement.
    pub(crate) fn text(range: &NumericRange, slider_value: &str) -> String {
        let value = model_core::parse_number(slider_value)
            .map(|value| format::typed(value, range.decimals));
        value.unwrap_or_else(|| slider_value.to_owned())
    }

    /// Where the thumb stands for `value`: at the end of the track if that lies outside it.
    pub(crate) fn position(range: &NumericRange, value: f64) -> String {
        format::plain(on_track(range, value), range.decimals)
    }

    /// The same, to be read out.
    pub(crate) fn spoken(range: &NumericRange, value: f64) -> String {
        format::decimal(on_track(range, value), range.decimals)
    }
}

fn on_track(range: &NumericRange, value: f64) -> f64 {
    value.clamp(range.training.min, range.training.max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::fixtures::iris_schema;

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
