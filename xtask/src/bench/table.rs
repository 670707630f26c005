//! Figures as aligned text and as Markdown.

use super::figures::Compared;
use super::targets::{Target, Verdict};

/// Cells, those of a column aligned: the first columns left, as they are words.
pub(super) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// How many columns are words.
    n_words: usize,
}

/// Every comparison, a row each.
pub(super) fn of(compared: &[Compared]) -> Table {
    Table {
        header: vec![
            "data",
            "model",
            "fit ms",
            "sklearn",
            "ratio",
            "wasm ms",
            "first",
            "wasm/native",
            "us/row",
            "sklearn",
            "right %",
            "sklearn",
            "peak MB",
            "wasm",
            "sklearn",
        ],
        rows: compared.iter().map(cells).collect(),
        n_words: 2,
    }
}

/// Every promise and how it ended.
pub(super) fn targets(targets: &[Target]) -> Table {
    let row = |target: &Target| {
        let with_unit = |value| format!("{} {}", figure(value), target.unit).trim().to_owned();
        let verdict = match target.verdict() {
            Verdict::Met => "met",
            Verdict::Missed => "MISSED",
            Verdict::NotMeasured => "not measured",
        };
        vec![
            target.what.clone(),
            verdict.to_owned(),
            maybe(target.value, with_unit),
            with_unit(target.limit),
        ]
    };
    Table {
        header: vec!["target", "verdict", "measured", "at most"],
        rows: targets.iter().map(row).collect(),
        n_words: 2,
    }
}

fn cells(row: &Compared) -> Vec<String> {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let megabytes = |bytes: f64| figure(bytes / 1e6);
    let (ours, wasm, theirs) = (&row.ours, &row.wasm, row.theirs.as_ref());
    vec![
        row.data.clone(),
        row.kind.label(&row.family),
        figure(ours.fit_millis),
        maybe(theirs.map(|theirs| theirs.fit_millis), figure),
        maybe(row.fit_ratio(), ratio),
        figure(wasm.fit_millis),
        maybe(wasm.first_millis, figure),
        ratio(row.wasm_ratio()),
        maybe(ours.predict_micros, figure),
        maybe(theirs.and_then(|theirs| theirs.predict_micros), figure),
        maybe(ours.accuracy, percent),
        maybe(theirs.and_then(|theirs| theirs.accuracy), percent),
        maybe(ours.peak_bytes, megabytes),
        maybe(wasm.peak_bytes, megabytes),
        maybe(theirs.and_then(|theirs| theirs.peak_bytes), megabytes),
    ]
}

fn maybe(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

fn ratio(value: f64) -> String {
    if value < 0.1 { format!("{value:.3}") } else { format!("{value:.2}") }
}

/// Three digits that count, and no exponent.
pub(super) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// "10,000".
pub(super) fn thousands(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1_000), number % 1_000),
    }
}

impl Table {
    /// Columns two spaces apart, a line under the header.
    pub(super) fn text(&self) -> String {
        let widths = self.widths();
        let rule = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("  ");
        let header: Vec<String> = self.header.iter().map(|&cell| cell.to_owned()).collect();
        let mut lines = vec![self.line(&header, &widths, "  "), rule];
        lines.extend(self.rows.iter().map(|row| self.line(row, &widths, "  ")));
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    /// A Markdown table that also reads as text.
    pub(super) fn markdown(&self) -> String {
        let widths = self.widths();
        let rule = widths.iter().enumerate().map(|(at, width)| match at < self.n_words {
            true => "-".repeat(*width),
            false => format!("{}:", "-".repeat(width.saturating_sub(1))),
        });
        let rule = rule.collect::<Vec<_>>().join(" | ");
        let header: Vec<String> = self.header.iter().map(|&cell| cell.to_owned()).collect();
        let mut lines = vec![self.line(&header, &widths, " | "), rule];
        lines.extend(self.rows.iter().map(|row| self.line(row, &widths, " | ")));
        lines.iter().map(|line| format!("| {line} |\n")).collect()
    }

    /// The widest cell of each column, three at least, as Markdown's rule needs.
    fn widths(&self) -> Vec<usize> {
        let width = |(at, name): (usize, &&str)| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).fold(name.len().max(3), usize::max)
        };
        self.header.iter().enumerate().map(width).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize], between: &str) -> String {
        let cells = cells.iter().zip(widths).enumerate().map(|(at, (cell, &width))| {
            if at < self.n_words { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join(between)
    }
}

#[cfg(test)]
mod tests {
    use super::super::figures::{Figures, Kind};
    use super::*;

    fn compared() -> Vec<Compared> {
        let figures = |fit_millis, accuracy| Figures {
            fit_millis,
            first_millis: Some(3.0 * fit_millis),
            predict_micros: Some(0.0543),
            accuracy: Some(accuracy),
            peak_bytes: Some(2.78e6),
            ..Figures::default()
        };
        let forest = Compared {
            data: "Iris".into(),
            family: "random_forest".into(),
            kind: Kind::Defaults,
            ours: figures(1.063, 0.96667),
            wasm: figures(2.0, 0.96667),
            theirs: Some(figures(89.8, 0.9)),
        };
        vec![Compared { theirs: None, family: "new".into(), ..forest.clone() }, forest]
    }

    #[test]
    fn text_is_aligned_and_a_missing_counterpart_is_a_dash() {
        let expected = "\
data  model          fit ms  sklearn  ratio  wasm ms  first  wasm/native  us/row  sklearn  right %  sklearn  peak MB  wasm  sklearn
----  -------------  ------  -------  -----  -------  -----  -----------  ------  -------  -------  -------  -------  ----  -------
Iris  new              1.06        -      -     2.00   6.00         1.88   0.054        -     96.7        -     2.78  2.78        -
Iris  random_forest    1.06     89.8  0.012     2.00   6.00         1.88   0.054    0.054     96.7     90.0     2.78  2.78     2.78
";
        assert_eq!(of(&compared()).text(), expected);
    }

    #[test]
    fn markdown_aligns_numbers_right() {
        let targets = [
            Target { what: "one prediction".into(), limit: 0.1, unit: "us", value: Some(0.054) },
            Target { what: "a fit".into(), limit: 2.0, unit: "", value: Some(2.5) },
            Target { what: "another".into(), limit: 2.0, unit: "", value: None },
        ];
        let expected = "\
| target         | verdict      | measured |  at most |
| -------------- | ------------ | -------: | -------: |
| one prediction | met          | 0.054 us | 0.100 us |
| a fit          | MISSED       |     2.50 |     2.00 |
| another        | not measured |        - |     2.00 |
";
        assert_eq!(super::targets(&targets).markdown(), expected);
    }

    #[test]
    fn figures_have_three_digits() {
        for (value, text) in [(0.0543, "0.054"), (1.063, "1.06"), (89.8, "89.8"), (812.4, "812")] {
            assert_eq!(figure(value), text);
        }
        assert_eq!(thousands(10_000), "10,000");
        assert_eq!(thousands(150), "150");
    }
}
