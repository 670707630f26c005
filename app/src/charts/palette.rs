//! The chart's colours, read from the CSS tokens: they change with the system's colour scheme.

use plotters::style::RGBColor;

use crate::view_models::class_mark::N_SERIES;
use crate::view_models::scene::Tone;

/// Ink of a page whose tokens cannot be read.
const FALLBACK: RGBColor = RGBColor(96, 96, 96);

/// A value for each tone, and the family that labels are set in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Palette {
    ink: RGBColor,
    quiet: RGBColor,
    rule: RGBColor,
    paper: RGBColor,
    sheet: RGBColor,
    moss: RGBColor,
    warn: RGBColor,
    warn_soft: RGBColor,
    classes: [RGBColor; N_SERIES],
    class_softs: [RGBColor; N_SERIES],
    /// CSS font family.
    pub(crate) font_family: String,
}

impl Palette {
    /// Reads every token through `token`, which gets names such as `--ink`.
    pub(crate) fn read(token: impl Fn(&str) -> String) -> Self {
        let color = |name: &str| hex_color(token(name).trim()).unwrap_or(FALLBACK);
        Self {
            ink: color("--ink"),
            quiet: color("--ink-quiet"),
            rule: color("--rule"),
            paper: color("--paper"),
            sheet: color("--sheet"),
            moss: color("--moss"),
            warn: color("--warn"),
            warn_soft: color("--warn-soft"),
            classes: std::array::from_fn(|index| color(&format!("--class-{}", index + 1))),
            class_softs: std::array::from_fn(|index| color(&format!("--class-{}-soft", index + 1))),
            font_family: token("--sans").trim().to_owned(),
        }
    }

    /// The tokens as they apply to the document now.
    pub(crate) fn of_document() -> Self {
        let style = web_sys::window().and_then(|window| {
            let root = window.document()?.document_element()?;
            window.get_computed_style(&root).ok().flatten()
        });
        Self::read(|name| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.unwrap_or_default()
        })
    }

    /// The colour of a tone.
    pub(crate) fn color(&self, tone: Tone) -> RGBColor {
        match tone {
            Tone::Ink => self.ink,
            Tone::Quiet => self.quiet,
            Tone::Rule => self.rule,
            Tone::Paper => self.paper,
            Tone::Sheet => self.sheet,
            Tone::Moss => self.moss,
            Tone::Warn => self.warn,
            Tone::WarnSoft => self.warn_soft,
            Tone::Class(class) => self.classes.get(class).copied().unwrap_or(self.ink),
            Tone::ClassSoft(class) => self.class_softs.get(class).copied().unwrap_or(self.paper),
        }
    }
}

/// `#rrggbb` or, as a minifier may leave it, `#rgb`.
fn hex_color(text: &str) -> Option<RGBColor> {
    let digits = text.strip_prefix('#')?;
    let nibbles: Vec<u8> = digits
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect::<Option<_>>()?;
    match nibbles[..] {
        [r, g, b] => Some(RGBColor(17 * r, 17 * g, 17 * b)),
        [r1, r0, g1, g0, b1, b0] => Some(RGBColor(16 * r1 + r0, 16 * g1 + g0, 16 * b1 + b0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_colors_long_and_short() {
        assert_eq!(hex_color("#2f66b0"), Some(RGBColor(0x2f, 0x66, 0xb0)));
        assert_eq!(hex_color("#fff"), Some(RGBColor(255, 255, 255)));
        assert_eq!(hex_color("red"), None);
        assert_eq!(hex_color("#12345"), None);
    }

    /// Every token that a chart reads is in the stylesheet, as hex, in light and in dark.
    #[test]
    fn every_tone_has_a_token() {
        let css = include_str!("../../style/tokens.css");
        let palette = Palette::read(|name| {
            let lines: Vec<&str> =
                css.lines().filter(|line| line.trim().starts_with(&format!("{name}:"))).collect();
            assert!(!lines.is_empty(), "{name}");
            for line in &lines {
                let value = line.split(':').nth(1).unwrap().trim().trim_end_matches(';');
                assert!(name == "--sans" || hex_color(value).is_some(), "{line}");
            }
            lines[0].split(':').nth(1).unwrap().trim_end_matches(';').to_owned()
        });
        assert_eq!(palette.color(Tone::Class(0)), RGBColor(0x2f, 0x66, 0xb0));
    }

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(RGBColor(r, g, b): RGBColor) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { power_2_4((value + 0.055) / 1.055) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    /// `x^2.4` without the platform's `powf`: `x^2` times the fifth root of `x^2`, by Newton.
    fn power_2_4(x: f64) -> f64 {
        let square = x * x;
        let mut root = 1.0;
        for _ in 0..60 {
            root -= (root * root * root * root * root - square) / (5.0 * root * root * root * root);
        }
        square * root
    }

    fn contrast(a: RGBColor, b: RGBColor) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The tokens of a scheme: each block of `blocks` overrules those before it.
    fn scheme(blocks: &[&str]) -> Palette {
        Palette::read(|name| {
            let start = format!("{name}:");
            let value = |block: &&str| {
                let line = block.lines().find(|line| line.trim().starts_with(&start))?;
                Some(line.split(':').nth(1)?.trim().trim_end_matches(';').to_owned())
            };
            blocks.iter().rev().find_map(value).unwrap_or_default()
        })
    }

    #[test]
    fn text_and_marks_have_their_contrast_in_light_and_dark_and_where_more_is_asked_for() {
        let css = include_str!("../../style/tokens.css");
        let blocks: Vec<&str> = css.split("@media (").collect();
        let [light, dark, more, more_dark, ..] = blocks[..] else {
            panic!("{} blocks", blocks.len())
        };
        assert!(dark.starts_with("prefers-color-scheme: dark)"));
        assert!(more.starts_with("prefers-contrast: more) {"));
        assert!(more_dark.starts_with("prefers-contrast: more) and (prefers-color-scheme: dark)"));
        for (name, blocks, for_text, for_marks) in [
            ("light", &[light][..], 4.5, 3.0),
            ("dark", &[light, dark], 4.5, 3.0),
            ("light, more contrast", &[light, more], 7.0, 4.5),
            ("dark, more contrast", &[light, dark, more, more_dark], 7.0, 4.5),
        ] {
            check_contrast(name, &scheme(blocks), for_text, for_marks);
        }
    }

    fn check_contrast(scheme: &str, palette: &Palette, for_text: f64, for_marks: f64) {
        let ratio = |a: Tone, b: Tone| contrast(palette.color(a), palette.color(b));
        for ground in [Tone::Paper, Tone::Sheet] {
            for text in [Tone::Ink, Tone::Quiet, Tone::Moss, Tone::Warn] {
                let ratio = ratio(text, ground);
                assert!(ratio >= for_text, "{scheme}: {text:?} on {ground:?} is {ratio:.2}");
            }
            for class in 0..N_SERIES {
                let ratio = ratio(Tone::Class(class), ground);
                assert!(ratio >= for_marks, "{scheme}: class {class} on {ground:?} is {ratio:.2}");
            }
        }
        for class in 0..N_SERIES {
            let ratio = ratio(Tone::Ink, Tone::ClassSoft(class));
            assert!(ratio >= for_text, "{scheme}: text on class {class} is {ratio:.2}");
        }
        let ratio = ratio(Tone::Ink, Tone::WarnSoft);
        assert!(ratio >= for_text, "{scheme}: text on a confused cell is {ratio:.2}");
    }
}
