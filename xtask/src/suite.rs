//! `test`: every check, in an order where the cheap ones fail first.

mod checks;
mod mlflow;
mod node_tests;
mod onnx;
mod parity;

use std::time::Duration;

use crate::console::{Clock, duration, say};
use crate::failure::{Failure, Outcome};
use crate::python::{MLFLOW, ONNXRUNTIME, Packages};
use crate::setup::{self, Need};
use crate::workspace::Workspace;

/// One part of the tests.
struct Part {
    /// What `--only` calls it.
    name: &'static str,
    /// Its place in a plain `cargo xtask test`.
    when: When,
    /// What must be set up for it.
    needs: &'static [Need],
    run: fn(&Workspace) -> Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Always.
    Always,
    /// Always where there is a Python for these; skipped elsewhere.
    WithPython(&'static Packages),
    /// Only by name.
    Asked,
}

/// In the order in which they run. Parts that compile the same thing stand together, and
/// all of them share Cargo's target directory and its flags.
const PARTS: &[Part] = &[
    Part { name: "fmt", when: When::Always, needs: &[], run: checks::fmt },
    Part { name: "deny", when: When::Always, needs: &[Need::CargoDeny], run: checks::deny },
    Part { name: "clippy", when: When::Always, needs: &[Need::WasmTarget], run: checks::clippy },
    Part { name: "features", when: When::Always, needs: &[], run: checks::features },
    Part { name: "fuzz", when: When::Always, needs: &[], run: checks::fuzz },
    Part { name: "native", when: When::Always, needs: &[], run: checks::native },
    Part { name: "package", when: When::Always, needs: &[], run: checks::package },
    Part { name: "onnx", when: When::WithPython(&ONNXRUNTIME), needs: &[], run: onnx::run },
    Part { name: "mlflow", when: When::WithPython(&MLFLOW), needs: &[], run: mlflow::run },
    Part { name: "doc", when: When::Always, needs: &[], run: checks::doc },
    Part { name: "build", when: When::Always, needs: setup::BUILD, run: checks::build },
    Part { name: "size", when: When::Always, needs: setup::BUILD, run: checks::size },
    Part { name: "parity", when: When::Always, needs: setup::BUILD_AND_BROWSER, run: parity::run },
    Part { name: "worker", when: When::Always, needs: setup::BUILD, run: node_tests::worker },
    Part {
        name: "page",
        when: When::Always,
        needs: setup::BUILD_AND_BROWSER,
        run: node_tests::page,
    },
    // Asks the network for the newest advisories, so that the same commit may pass today
    // and fail tomorrow: a job of its own, beside the tests.
    Part {
        name: "advisories",
        when: When::Asked,
        needs: &[Need::CargoDeny],
        run: checks::advisories,
    },
    // Asks the Python package index for scikit-learn, 60 MB of it.
    Part { name: "bench", when: When::Asked, needs: &[], run: checks::bench },
];

/// Sets up what is missing, then runs the parts, or the one named `only`.
///
/// # Errors
/// If there is no such part, something is missing that cannot be installed, or a part
/// fails; the parts after it are then not run.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>) -> Outcome {
    let parts = select(only)?;
    let needs: Vec<Need> = parts.iter().flat_map(|part| part.needs).copied().collect();
    let clock = Clock::start();
    setup::ensure(workspace, &needs)?;
    let mut times = vec![("set up", clock.elapsed())];
    let mut skipped = Vec::new();
    for part in &parts {
        say(format!("\n==> {}", part.name));
        if let When::WithPython(packages) = part.when
            && let Some(reason) = packages.out_of_reach(workspace)?
        {
            say(format!("skipped: {reason}"));
            skipped.push(part.name);
            continue;
        }
        let clock = Clock::start();
        let result = (part.run)(workspace);
        times.push((part.name, clock.elapsed()));
        if let Err(failure) = result {
            say(table(&times));
            return Err(Failure::new(format!(
                "{name} failed: {failure}\nto run it again: cargo xtask test --only {name}",
                name = part.name
            )));
        }
    }
    say(table(&times));
    say(format!("{} in {}", summary(parts.len(), &skipped), duration(clock.elapsed())));
    Ok(())
}

/// What became of so many parts; one that was skipped has not passed.
fn summary(count: usize, skipped: &[&str]) -> String {
    match (count, skipped) {
        (1, []) => "passed".to_owned(),
        (1, _) => "skipped, not passed".to_owned(),
        (_, []) => format!("all {count} parts passed"),
        _ => {
            let passed = count - skipped.len();
            format!("{passed} of {count} parts passed, skipped: {}", skipped.join(", "))
        }
    }
}

fn select(only: Option<&str>) -> Outcome<Vec<&'static Part>> {
    let parts: Vec<_> = PARTS
        .iter()
        .filter(|part| only.map_or(part.when != When::Asked, |name| part.name == name))
        .collect();
    if parts.is_empty() {
        let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        return Err(Failure::new(format!(
            "there is no part `{}`; there are {}",
            only.unwrap_or_default(),
            names.join(", ")
        )));
    }
    Ok(parts)
}

/// Minutes by part, and their sum.
fn table(times: &[(&str, Duration)]) -> String {
    let total = times.iter().map(|(_, time)| *time).sum();
    let lines: Vec<_> = times
        .iter()
        .copied()
        .chain([("total", total)])
        .map(|(name, time)| format!("{name:<12} {:>6.1} min", time.as_secs_f64() / 60.0))
        .collect();
    format!("\n{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: Option<&str>) -> Vec<&'static str> {
        select(only).unwrap().iter().map(|part| part.name).collect()
    }

    #[test]
    fn everything_runs_but_what_must_be_asked_for() {
        let names = names(None);
        assert_eq!(names.first(), Some(&"fmt"));
        assert_eq!(names.last(), Some(&"page"));
        assert!(!names.contains(&"advisories") && !names.contains(&"bench"));
    }

    #[test]
    fn one_part_runs_by_name() {
        assert_eq!(names(Some("clippy")), ["clippy"]);
        assert_eq!(names(Some("advisories")), ["advisories"]);
    }

    #[test]
    fn an_unknown_part_is_told_the_known_ones() {
        let sentence = select(Some("lint")).map(drop).unwrap_err().to_string();
        assert!(
            sentence.contains("`lint`") && sentence.contains("clippy, features, fuzz"),
            "{sentence}"
        );
    }

    #[test]
    fn what_was_skipped_has_not_passed() {
        assert_eq!(summary(1, &[]), "passed");
        assert_eq!(summary(1, &["onnx"]), "skipped, not passed");
        assert_eq!(summary(12, &[]), "all 12 parts passed");
        assert_eq!(summary(12, &["onnx"]), "11 of 12 parts passed, skipped: onnx");
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let times = [("fmt", Duration::from_secs(6)), ("clippy", Duration::from_secs(84))];
        let expected =
            "\nfmt             0.1 min\nclippy          1.4 min\ntotal           1.5 min\n";
        assert_eq!(table(&times), expected);
    }
}
