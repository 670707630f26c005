//! The table of `cargo xtask bench drift`: `drift WINDOWS` prints it as Markdown.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

use std::thread;

use model_core::drift::DriftError;
use tepal_bench::Failure;
use tepal_bench::drift::{Moved, Population, Rates, ScoredRule, Simulation};

const SEED: u64 = 2026;

fn main() -> Result<(), Failure> {
    let n_windows = match std::env::args().nth(1) {
        Some(text) => text.parse::<usize>()?.max(20),
        None => 2000,
    };
    let titles: Vec<&str> = ScoredRule::ALL.iter().map(|rule| rule.title()).collect();
    println!("{n_windows} windows a row; per cent of them with an alarm (at 5 % false alarms)\n");
    println!("| population | rows | moved | {} |", titles.join(" | "));
    println!("| --- | --- | --- |{}", " --- |".repeat(titles.len()));
    let populations = Population::all();
    // Each part has a generator of its own, so the order in which they run does not matter.
    thread::scope(|scope| {
        let mut parts = Vec::new();
        for population in &populations {
            for n_window in [30, 50, 100, 500] {
                parts.push(scope.spawn(move || lines(population, n_window, n_windows)));
            }
        }
        for part in parts {
            let lines = part.join().map_err(|_| "a thread of the simulation failed")??;
            lines.iter().for_each(|line| println!("{line}"));
        }
        Ok(())
    })
}

/// The table's lines for windows of one size.
fn lines(
    population: &Population,
    n_window: usize,
    n_windows: usize,
) -> Result<Vec<String>, DriftError> {
    let simulation = Simulation::new(population, n_window, n_windows, SEED)?;
    let line = |moved: &str, rates: &Rates| {
        let cells = rates.own.iter().zip(rates.level);
        let cells: Vec<String> = cells
            .map(|(own, level)| format!("{:.1} ({:.1})", 100.0 * own, 100.0 * level))
            .collect();
        format!("| {} | {n_window} | {moved} | {} |", population.name, cells.join(" | "))
    };
    let mut lines = vec![line("none", &simulation.false_alarms)];
    for (moved, name) in [(Moved::One, "one"), (Moved::All, "all")] {
        for shift in [0.25, 0.5, 1.0] {
            let rates = simulation.detections(moved, shift)?;
            lines.push(line(&format!("{name} by {shift} sd"), &rates));
        }
    }
    Ok(lines)
}
