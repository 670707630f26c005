//! The tables of `cargo xtask bench loop`: `lifecycle STREAMS` prints them as Markdown.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

use std::thread;

use model_core::drift::DriftError;
use model_core::lifecycle::Policy;
use tepal_bench::Failure;
use tepal_bench::drift::{Population, Watched};
use tepal_bench::lifecycle::{Champion, Ends, Models};

const SEED: u64 = 2026;
/// Labels for which a champion is watched.
const WATCHED_LABELS: u64 = 2_000;
/// Rows of a window.
const WINDOW_ROWS: usize = 200;

fn main() -> Result<(), Failure> {
    let n_streams = match std::env::args().nth(1) {
        Some(text) => text.parse::<u64>()?.max(20),
        None => 10_000,
    };
    trials(n_streams)?;
    accuracies(n_streams)?;
    drifts(usize::try_from(n_streams)? / 50)
}

fn trials(n_streams: u64) -> Result<(), Failure> {
    println!(
        "{n_streams} streams of labels each, a look after each label that tells the two apart, default policy\n"
    );
    println!(
        "| gain of the new model | rows at which they differ | promoted, in % | within 500 labels | within 2,000 | half of them within | taken back, in % | within 500 labels | half of them within | \"2 points on 30 rows\", in % |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut cases = Vec::new();
    for gain in [-0.1, -0.05, -0.02, 0.0, 0.02, 0.05, 0.1] {
        for more in [0.04, 0.16] {
            cases.push(Models { gain, differ: more + f64::abs(gain) });
        }
    }
    print_all(&cases, |models| Ok(trial(*models, n_streams)))
}

fn trial(models: Models, n_streams: u64) -> String {
    let policy = Policy::default();
    let trials = models.trials(&policy, n_streams, SEED);
    let probations = models.probations(&policy, n_streams, SEED + 1);
    let published = models.published(n_streams, SEED + 2);
    let Models { gain, differ } = models;
    format!(
        "| {:+.0} points | {:.0} % | {:.1} | {:.1} | {:.1} | {} | {:.1} | {:.1} | {} | {:.1} |",
        100.0 * gain,
        100.0 * differ,
        trials.acted_within(u64::MAX),
        trials.acted_within(500),
        trials.acted_within(2_000),
        half(&trials),
        probations.acted_within(u64::MAX),
        probations.acted_within(500),
        half(&probations),
        published.acted_within(u64::MAX),
    )
}

fn accuracies(n_streams: u64) -> Result<(), Failure> {
    println!(
        "\n{n_streams} streams of {WATCHED_LABELS} labels each, default policy, which asks for an accuracy of 90 %\n"
    );
    println!(
        "| accuracy | labels a look | trained anew, in % | within 200 labels | within 500 | half of them within | \"newest 30 under 90 %\", in % | half of them within |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut cases = Vec::new();
    for accuracy in [0.97, 0.95, 0.92, 0.9, 0.88, 0.85, 0.8, 0.7] {
        for labels_a_look in [5, 50] {
            cases.push(Champion { accuracy, labels_a_look });
        }
    }
    print_all(&cases, |champion| Ok(accuracy(*champion, n_streams)))
}

fn accuracy(champion: Champion, n_streams: u64) -> String {
    let policy = Policy::default();
    let asked = champion.asked_anew(&policy, WATCHED_LABELS, n_streams, SEED);
    let published = champion.published(WATCHED_LABELS, n_streams, SEED + 1);
    let Champion { accuracy, labels_a_look } = champion;
    format!(
        "| {:.0} % | {labels_a_look} | {:.1} | {:.1} | {:.1} | {} | {:.1} | {} |",
        100.0 * accuracy,
        asked.acted_within(u64::MAX),
        asked.acted_within(200),
        asked.acted_within(500),
        half(&asked),
        published.acted_within(u64::MAX),
        half(&published),
    )
}

fn drifts(n_references: usize) -> Result<(), Failure> {
    println!(
        "\n{n_references} references each, windows of {WINDOW_ROWS} rows, one every quarter of an hour; alarms a month of 60 windows each without drift, windows \
         until the alarm for half of the drifts and for nine in ten\n"
    );
    println!(
        "| population | Evidently's default, a month | three in a row, a month | alarms a month | one column by 0.35 sd | by 0.5 sd | by 1 sd |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    print_all(&Population::all(), |population| drift(population, n_references))
}

fn drift(population: &Population, n_references: usize) -> Result<String, DriftError> {
    let months = Watched::without_drift(population, WINDOW_ROWS, (n_references, 60), SEED)?;
    let Watched { three_in_a_row, alarms, evidently } = months;
    let mut line =
        format!("| {} | {evidently:.1} | {three_in_a_row:.2} | {alarms:.2} |", population.name);
    for shift in [0.35, 0.5, 1.0] {
        let delays = Watched::delay(population, WINDOW_ROWS, shift, n_references, SEED)?;
        let [half, most] = delays.map(|at| at.map_or("> 40".to_owned(), |at| at.to_string()));
        line += &format!(" {half} ({most}) |");
    }
    Ok(line)
}

/// Prints the lines of all cases, in their order. Each has a generator of its own, so the order in which they run does not matter.
fn print_all<C: Sync>(
    cases: &[C],
    line: impl Fn(&C) -> Result<String, DriftError> + Sync,
) -> Result<(), Failure> {
    thread::scope(|scope| {
        let line = &line;
        let halves: Vec<_> = cases
            .chunks(cases.len().div_ceil(2))
            .map(|cases| scope.spawn(move || cases.iter().map(line).collect::<Result<Vec<_>, _>>()))
            .collect();
        for half in halves {
            let lines = half.join().map_err(|_| "a thread of the simulation failed")??;
            lines.iter().for_each(|line| println!("{line}"));
        }
        Ok(())
    })
}

fn half(ends: &Ends) -> String {
    ends.median_labels().map_or("–".to_owned(), |n| n.to_string())
}
