//! Each class has a colour and a shape, the same in every list, chart and drawing.
//!
//! The colours are the tokens `--class-1` to `--class-8` of `style/tokens.css`; the shapes stand
//! here. Beyond eight classes the series starts again, and the label tells classes apart.

/// Colours and shapes there are before the series repeats.
pub(crate) const N_SERIES: usize = 8;

/// The position of a class in the series of colours and shapes, from 0.
pub(crate) const fn series(class: usize) -> usize {
    class % N_SERIES
}

/// Corners of the shape of `class` in a box of 16 by 16; none for the circle.
///
/// Polygons are drawn to about the same area as the circle of radius 6, so that no class looks
/// heavier than another.
pub(crate) const fn corners(class: usize) -> &'static [(f64, f64)] {
    match series(class) {
        1 => &[(8.0, 1.4), (15.0, 13.8), (1.0, 13.8)],
        2 => &[(8.0, 0.6), (15.4, 8.0), (8.0, 15.4), (0.6, 8.0)],
        3 => &[(2.6, 2.6), (13.4, 2.6), (13.4, 13.4), (2.6, 13.4)],
        4 => &[
            (5.4, 1.2),
            (10.6, 1.2),
            (10.6, 5.4),
            (14.8, 5.4),
            (14.8, 10.6),
            (10.6, 10.6),
            (10.6, 14.8),
            (5.4, 14.8),
            (5.4, 10.6),
            (1.2, 10.6),
            (1.2, 5.4),
            (5.4, 5.4),
        ],
        5 => &[(8.0, 1.0), (14.9, 6.0), (12.3, 14.2), (3.7, 14.2), (1.1, 6.0)],
        6 => &[
            (8.0, 0.4),
            (10.3, 5.3),
            (15.6, 5.9),
            (11.7, 9.6),
            (12.7, 14.9),
            (8.0, 12.3),
            (3.3, 14.9),
            (4.3, 9.6),
            (0.4, 5.9),
            (5.7, 5.3),
        ],
        7 => &[(4.5, 1.8), (11.5, 1.8), (15.0, 8.0), (11.5, 14.2), (4.5, 14.2), (1.0, 8.0)],
        _ => &[],
    }
}

/// Radius of the circle in the same box.
pub(crate) const CIRCLE_RADIUS: f64 = 6.2;

/// The corners as the `points` of an SVG polygon.
pub(crate) fn points(corners: &[(f64, f64)]) -> String {
    let points: Vec<String> = corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_differ_within_the_series_and_stay_in_their_box() {
        for class in 0..N_SERIES {
            for other in 0..class {
                assert_ne!(corners(class), corners(other));
            }
            assert!(
                corners(class)
                    .iter()
                    .all(|(x, y)| (0.0..=16.0).contains(x) && (0.0..=16.0).contains(y))
            );
        }
        assert_eq!(corners(1), corners(9));
    }

    #[test]
    fn tokens_define_every_colour_of_the_series_in_light_and_dark() {
        let css = include_str!("../../style/tokens.css");
        for number in 1..=N_SERIES {
            // And once more for each where more contrast is asked for.
            assert_eq!(css.matches(&format!("--class-{number}:")).count(), 4);
            assert_eq!(css.matches(&format!("--class-{number}-soft:")).count(), 2);
        }
    }
}
