//! `simulate --scenario NAME`: plays labelled traffic against a running server and tells what its loop makes of it.
//!
//! The same seed plays the same rows. It publishes models of its own, lets them serve and sets a policy, so it is for a server of
//! one's own; it says so, and puts the policy back in the end. A story that does not end as it should is an error.

#![allow(clippy::print_stdout, reason = "it tells a story")]

mod client;
mod story;
mod world;

use std::process::ExitCode;

use lexopt::prelude::*;

use client::Client;
use story::{Scenario, Story};

const HELP: &str = "\
labelled traffic against a running server, and what its loop makes of it

  --scenario NAME   drift (if it is not said), degrade, bad-challenger or steady
  --port 8787       where the server listens; `MONITOR_SECONDS=2 cargo xtask dev` starts one
  --seed 1          other rows
  --by-alarm        waits for the looks that the server has by itself, instead of asking for each
  -h, --help        this";

/// Why a story could not be told, or did not end as it should.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Usage(#[from] lexopt::Error),
    #[error("no server answers at {0}: `MONITOR_SECONDS=2 cargo xtask dev` starts one")]
    Nobody(String),
    #[error("{0}")]
    Refused(String),
    #[error("the server's answer can't be read: {0}")]
    Unreadable(String),
    #[error("{0}")]
    Ending(String),
    #[error("a model could not be trained: {0}")]
    Training(String),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let (mut scenario, mut port, mut seed) = (Scenario::Drift, 8787_u16, 1_u64);
    let mut is_by_alarm = false;
    let mut parser = lexopt::Parser::from_env();
    while let Some(option) = parser.next()? {
        match option {
            Long("scenario") => scenario = Scenario::named(&parser.value()?.string()?)?,
            Long("port") => port = parser.value()?.parse()?,
            Long("seed") => seed = parser.value()?.parse()?,
            Long("by-alarm") => is_by_alarm = true,
            Short('h') | Long("help") => {
                println!("{HELP}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let token = token().ok_or_else(|| {
        let why = "no owner's token: it is read from OWNER_TOKEN, or from .dev.vars, which `cargo xtask dev` writes";
        Failure::Refused(why.to_owned())
    })?;
    let client = Client::new(port, token);
    Story::begin(client, scenario, seed, is_by_alarm)?.tell()
}

/// The owner's token: from the environment, or where `cargo xtask dev` wrote it.
fn token() -> Option<String> {
    if let Ok(token) = std::env::var("OWNER_TOKEN") {
        return Some(token);
    }
    let vars = std::fs::read_to_string(".dev.vars").ok()?;
    let line = vars.lines().find_map(|line| line.strip_prefix("OWNER_TOKEN="))?;
    Some(line.trim_matches('"').to_owned())
}
