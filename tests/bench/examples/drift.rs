//! The table of `cargo xtask bench drift`: `drift WINDOWS` prints it as Markdown.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

use std::thread;

use model_core::drift::DriftError;
use tepal_bench::Failure;
use tepal_bench::drift::{Moved, Population, Rates, ScoredRule, Simulation, Watched};

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
        Ok::<_, Failure>(())
    })?;
    println!("\nwindows of 200 rows, one every quarter of an hour, all against one reference\n");
    println!(
        "| population | three in a row, a month | alarms a month | one column by 0.35 sd | by 0.5 sd |"
    );
    println!("| --- | --- | --- | --- | --- |");
    thread::scope(|scope| {
        let parts: Vec<_> =
            populations.iter().map(|it| scope.spawn(move || watched(it, n_windows))).collect();
        for part in parts {
            println!("{}", part.join().map_err(|_| "a thread of the simulation failed")??);
        }
        Ok(())
    })
}

/// The line of who looks every quarter of an hour: alarms without drift, and windows until one with it.
fn watched(population: &Population, n_windows: usize) -> Result<String, DriftError> {
    const ROWS: usize = 200;
    let months = Watched::without_drift(population, ROWS, (n_windows / 10, 60), SEED)?;
    let told = |shift| {
        let [half, most] = Watched::delay(population, ROWS, shift, n_windows / 10, SEED)?;
        let words = |at: Option<usize>| at.map_or("> 40".to_owned(), |at| at.to_string());
        Ok::<_, DriftError>(format!("{} ({})", words(half), words(most)))
    };
    let Watched { three_in_a_row, alarms } = months;
    Ok(format!(
        "| {} | {three_in_a_row:.2} | {alarms:.2} | {} | {} |",
        population.name,
        told(0.35)?,
        told(0.5)?
    ))
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
