//! Build, run and test Tepal: `cargo xtask help`.
//!
//! Build logic in Rust, so that it runs wherever the project compiles: it stands on the
//! standard library and starts other programs, without a shell between. It knows nothing
//! of models; what needs the learner is an example of this package.

#![allow(clippy::print_stdout, reason = "a command-line program speaks on stdout")]

mod bench;
mod build;
mod cli;
mod console;
mod failure;
mod page;
mod process;
mod python;
mod server;
mod setup;
mod size;
mod suite;
mod workspace;

use std::process::ExitCode;

use cli::Command;
use failure::{Failure, Outcome};
use workspace::Workspace;

fn main() -> ExitCode {
    match cli::parse(lexopt::Parser::from_env()).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Outcome {
    let workspace = Workspace::find()?;
    match command {
        Command::Help => {
            console::say(cli::HELP);
            Ok(())
        }
        Command::Build => build::command(&workspace),
        Command::Dev { port } => server::dev(&workspace, port),
        Command::Serve { port } => server::serve(&workspace, port),
        Command::Announce { port } => {
            server::announce(&workspace, port);
            Ok(())
        }
        Command::Test { only } => suite::run(&workspace, only.as_deref()),
        Command::Size => {
            build::ensure(&workspace, build::Profile::Release)?;
            size::check(&workspace)
        }
        Command::Screenshots { out, only } => {
            page::screenshots(&workspace, out.as_deref(), only.as_deref())
        }
        Command::Lighthouse { repeat } => page::lighthouse(&workspace, repeat),
        // From the workspace's folder, where `.dev.vars` has the owner's token.
        Command::Simulate { scenario, port, seed, by_alarm } => workspace
            .cargo("run")
            .args(["--quiet", "--package", "tepal-simulate", "--", "--scenario", &scenario])
            .args(["--port", &port.to_string(), "--seed", &seed.to_string()])
            .args(by_alarm.then_some("--by-alarm"))
            .run(),
        Command::BenchTraining(options) => bench::training(&workspace, &options),
        Command::BenchDrift { n_windows } => workspace
            .cargo("run")
            .args(["--quiet", "--package", "tepal-bench", "--example", "drift", "--"])
            .arg(n_windows.to_string())
            .run(),
        Command::BenchLoop { n_streams } => workspace
            .cargo("run")
            .args(["--quiet", "--package", "tepal-bench", "--example", "lifecycle", "--"])
            .arg(n_streams.to_string())
            .run(),
        Command::BenchEdge { against, quick } => bench::edge(&workspace, against.as_deref(), quick),
        Command::BenchPage { repeat, markdown } => bench::page(&workspace, repeat, markdown),
        Command::TrainDefault => train_default(&workspace),
    }
}

/// Runs the example that trains: this program itself does without the learner.
fn train_default(workspace: &Workspace) -> Outcome {
    // `model-core` embeds the file, so even an empty one lets it compile.
    let path = workspace.path("model-core/data/iris.tepal");
    if !path.exists() {
        std::fs::write(&path, "").map_err(|error| Failure::file("write", &path, &error))?;
    }
    workspace
        .cargo("run")
        .args(["--quiet", "--package", "xtask", "--example", "train_default"])
        .run()
}
