//! The table of `cargo xtask bench loop`: `lifecycle STREAMS` prints it as Markdown.

#![allow(clippy::print_stdout, reason = "what is measured is printed")]

use std::thread;

use model_core::lifecycle::Policy;
use tepal_bench::Failure;
use tepal_bench::lifecycle::{Ends, Models};

const SEED: u64 = 2026;

fn main() -> Result<(), Failure> {
    let n_streams = match std::env::args().nth(1) {
        Some(text) => text.parse::<u64>()?.max(20),
        None => 10_000,
    };
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
    // Each has a generator of its own, so the order in which they run does not matter.
    thread::scope(|scope| {
        let halves = cases.chunks(cases.len().div_ceil(2));
        let halves: Vec<_> = halves
            .map(|cases| {
                let line = move |models: &Models| line(*models, n_streams);
                scope.spawn(move || cases.iter().map(line).collect::<Vec<_>>())
            })
            .collect();
        for half in halves {
            let lines = half.join().map_err(|_| "a thread of the simulation failed")?;
            lines.iter().for_each(|line| println!("{line}"));
        }
        Ok(())
    })
}

fn line(models: Models, n_streams: u64) -> String {
    let policy = Policy::default();
    let trials = models.trials(&policy, n_streams, SEED);
    let probations = models.probations(&policy, n_streams, SEED + 1);
    let published = models.published(n_streams, SEED + 2);
    let half = |ends: &Ends| ends.median_labels().map_or("–".to_owned(), |n| n.to_string());
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
