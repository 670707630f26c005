//! Which rows of a long table are drawn: those in sight and a few around them.

/// Height of a row, in CSS pixels.
pub(crate) const ROW_PX: f64 = 32.0;
/// Rows that are drawn above and below those in sight, so that scrolling shows no gap.
const AROUND: u32 = 6;
/// Browsers stop making elements higher somewhere beyond this; more rows share its pixels.
const MAX_TOTAL_PX: f64 = 8_000_000.0;

/// What is drawn, and the empty heights around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RowWindow {
    /// The first row that is drawn, from 0.
    pub(crate) first: u32,
    /// How many are drawn.
    pub(crate) count: u32,
    /// Height above them, in pixels.
    pub(crate) above_px: f64,
    /// Height below them.
    pub(crate) below_px: f64,
}

impl RowWindow {
    /// The window of `n_rows` that are scrolled by `scroll_px`, `height_px` of them in sight.
    pub(crate) fn of(n_rows: u32, scroll_px: f64, height_px: f64) -> Self {
        let total_px = total_px(n_rows);
        let in_sight = (height_px / ROW_PX).ceil() as u32 + 1;
        let top = top_row(n_rows, scroll_px, height_px);
        let first = top.saturating_sub(AROUND);
        let count = (in_sight + 2 * AROUND).min(n_rows - first.min(n_rows));
        let is_whole = total_px >= f64::from(n_rows) * ROW_PX;
        let above_px = if is_whole {
            f64::from(first) * ROW_PX
        } else {
            (scroll_px - f64::from(top - first) * ROW_PX).max(0.0)
        };
        let below_px = (total_px - above_px - f64::from(count) * ROW_PX).max(0.0);
        Self { first, count, above_px, below_px }
    }
}

/// How far to scroll so that `row` is in sight.
pub(crate) fn scroll_to(n_rows: u32, row: u32, height_px: f64) -> f64 {
    let row = f64::from(row.min(n_rows.saturating_sub(1)));
    let total_px = total_px(n_rows);
    let rows_px = f64::from(n_rows) * ROW_PX;
    let wanted = (row * ROW_PX - height_px / 3.0).max(0.0);
    if total_px >= rows_px {
        wanted
    } else {
        wanted / (rows_px - height_px) * (total_px - height_px)
    }
}

fn total_px(n_rows: u32) -> f64 {
    (f64::from(n_rows) * ROW_PX).min(MAX_TOTAL_PX)
}

/// The row at the upper edge.
fn top_row(n_rows: u32, scroll_px: f64, height_px: f64) -> u32 {
    let (total_px, rows_px) = (total_px(n_rows), f64::from(n_rows) * ROW_PX);
    let scroll_px = scroll_px.max(0.0);
    let at = if total_px >= rows_px {
        scroll_px / ROW_PX
    } else {
        scroll_px / (total_px - height_px).max(1.0) * (rows_px - height_px) / ROW_PX
    };
    (at as u32).min(n_rows.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_are_drawn_of_however_many() {
        for n_rows in [0, 1, 30, 100_000, 1_000_000] {
            let total = total_px(n_rows);
            for scroll in [0.0, 50.0, total / 2.0, (total - 400.0).max(0.0)] {
                let window = RowWindow::of(n_rows, scroll, 400.0);
                assert!(window.count <= 26 && window.first + window.count <= n_rows);
                let height = window.above_px + f64::from(window.count) * ROW_PX + window.below_px;
                assert!((height - total).abs() < 20.0 * ROW_PX, "{n_rows} {scroll}: {height}");
            }
        }
    }

    #[test]
    fn the_last_row_is_drawn_at_the_lower_end() {
        for n_rows in [10, 100_000, 1_000_000] {
            let end = (total_px(n_rows) - 400.0).max(0.0);
            let window = RowWindow::of(n_rows, end, 400.0);
            assert_eq!(window.first + window.count, n_rows, "{n_rows}");
        }
    }

    #[test]
    fn a_row_that_is_scrolled_to_is_drawn() {
        for n_rows in [5, 344, 100_000, 1_000_000] {
            for row in [0, n_rows / 3, n_rows - 1] {
                let scroll = scroll_to(n_rows, row, 400.0);
                let window = RowWindow::of(n_rows, scroll, 400.0);
                let drawn = window.first..window.first + window.count;
                assert!(drawn.contains(&row), "{row} of {n_rows}: {drawn:?}");
            }
        }
    }
}
