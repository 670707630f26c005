//! `bench page`: how long a visitor waits, in Chromium, beside what we want to reach;
//! `tests/bench/page.mjs` does the work.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::table;
use super::targets::Target;
use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::page;
use crate::workspace::Workspace;

/// A figure to reach: its name in the file of figures, what it is of, the most that keeps it, and
/// its unit.
type Line = (&'static str, &'static str, f64, &'static str);

/// In the order in which a visitor meets them.
const LINES: [Line; 8] = [
    ("slider_frames", "slider to drawn answer", 1.0, "frames"),
    ("slider_millis", "the same, from the event to the painted frame", 16.7, "ms"),
    ("iris_millis", "Iris, all families, 5 folds, the first time", 1000.0, "ms"),
    ("iris_again_millis", "the same, once more", 1000.0, "ms"),
    ("training_task_millis", "longest task of the page's thread meanwhile", 200.0, "ms"),
    ("penguins_read_millis", "penguins, from the drop to what was made of them", 3000.0, "ms"),
    ("penguins_trained_millis", "penguins, from the drop to results", 3000.0, "ms"),
    ("large_task_millis", "longest task while 100,000 x 20 are read", 100.0, "ms"),
];

/// Builds what is missing, measures `repeat` times and prints the medians beside what is to be
/// reached, as Markdown if it is to be so.
///
/// # Errors
/// If page or Worker can't be built, or the page doesn't do what is timed. A slow one is no error:
/// times depend on the machine.
pub(crate) fn page(workspace: &Workspace, repeat: usize, markdown: bool) -> Outcome {
    page::ensure(workspace)?;
    let file = workspace.path("target/bench/page.json");
    page::playwright(workspace)
        .arg("--config")
        .arg(workspace.path("tests/bench/page.config.mjs"))
        .env("BENCH_RUNS", repeat.to_string())
        .env("BENCH_FIGURES", &file)
        .run()?;
    let figures = read(&file)?;
    let table = table::targets(&targets(&figures));
    let text = if markdown { table.markdown() } else { table.text() };
    say(format!("\n{text}\nMedians of {repeat}, each in a browser with empty caches"));
    if let Some(millis) = figures.get("large_read_millis").and_then(Value::as_f64) {
        say(format!("100,000 rows x 20 columns are read in {:.1} s", millis / 1000.0));
    }
    Ok(())
}

fn read(file: &Path) -> Outcome<Value> {
    let text = fs::read_to_string(file).map_err(|error| Failure::file("read", file, &error))?;
    super::parse(&text, |value| value.is_object().then(|| value.clone()))
}

/// Every line with what was measured of it, if anything was.
fn targets(figures: &Value) -> Vec<Target> {
    let target = |(name, what, limit, unit): &Line| Target {
        what: (*what).to_owned(),
        limit: *limit,
        unit,
        value: figures.get(name).and_then(Value::as_f64),
    };
    LINES.iter().map(target).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::targets::Verdict;
    use super::*;

    #[test]
    fn a_figure_that_is_missing_is_neither_met_nor_missed() {
        let figures = json!({ "slider_frames": 1, "iris_millis": 1200.5 });
        let verdicts: Vec<_> = targets(&figures).iter().map(Target::verdict).collect();
        assert_eq!(verdicts[..3], [Verdict::Met, Verdict::NotMeasured, Verdict::Missed]);
    }
}
