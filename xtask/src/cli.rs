//! What may be typed after `cargo xtask`.

use std::path::PathBuf;

use lexopt::prelude::*;

use crate::bench;
use crate::failure::{Failure, Outcome};

/// The text of `cargo xtask help`.
pub(crate) const HELP: &str = "\
cargo xtask COMMAND

  dev [--port 8787]     set up what is missing, build, serve on this machine, rebuild on change;
                        MONITOR_SECONDS=2 before it has the watcher look every two seconds
  test [--only NAME]    set up what is missing, then run every check, or the one named
  build                 page into dist/, Worker into worker/build/, ready to deploy
  serve [--port 8787]   like dev, but built for release and without watching
  size                  print what is downloaded and uploaded, and fail where it is too much
  screenshots           picture every state of every page, at four sizes, in light and dark (5 minutes):
      --out FOLDER      where to; target/screenshots if it is not said
      --only TEXT       states whose name holds it
  simulate              labelled traffic against a running server, and what its loop makes of it (1 minute):
      --scenario NAME   drift (if it is not said), degrade, bad-challenger or steady
      --port 8787       where the server listens; `dev` starts one
      --seed 1          other rows
      --by-alarm        waits for the looks that the server has by itself, instead of asking for each
  lighthouse            print Lighthouse's figures of each page on a phone and a desk (6 minutes):
      --repeat 3        runs of which the median is taken
  bench training        time fit and predict of each family, natively and in wasm, beside
                        scikit-learn in the same run (20 minutes; docs/BENCHMARKS.md):
      --families A,B    only these families
      --rows A,B        only these of iris, 150, 1000, 10000
      --repeat 5        runs of which the median is taken
      --quick           once, on iris and 150 rows: whether it works
      --markdown        print the table as Markdown
  bench drift           how often each drift rule cries drift, with and without any (2 minutes;
                        docs/guide/drift.md):
      --quick           a tenth of the windows
  bench loop            how often a challenger is promoted, a champion taken back or trained anew, and drift
                        told, by how much there is of it (5 minutes; docs/guide/the-loop.md):
      --quick           a tenth of the streams
  bench edge            requests/s and latency of the built Worker beside an empty handler, and the
                        owner's questions over a million logged rows (6 minutes; docs/BENCHMARKS.md):
      --against FOLDER  another build of the Worker, measured in turn with this one
      --quick           a moment, on few rows: whether it works
  bench page            how long a visitor waits, in Chromium: slider, training, a dropped file, and for how
                        long the page's thread is busy (2 minutes; docs/BENCHMARKS.md):
      --repeat 5        runs of which the median is taken
      --markdown        print the table as Markdown
  train-default         rebuild model-core/data/iris.tepal
  help                  this text";

/// wrangler's own default, so that documentation of either fits both.
const DEFAULT_PORT: u16 = 8787;

/// Windows a rate of `bench drift` is counted from: its standard error is 1.1 points at most.
const DRIFT_WINDOWS: u32 = 2000;

/// Streams of labels a rate of `bench loop` is counted from: its standard error is half a point at most.
const LOOP_STREAMS: u32 = 10_000;

/// Runs of Lighthouse, as its authors advise.
const LIGHTHOUSE_RUNS: usize = 3;

/// What is played if it is not said.
const SCENARIO: &str = "drift";

/// Runs of `bench page`.
const BENCH_RUNS: usize = 5;

/// A parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Build,
    Dev {
        port: u16,
    },
    Serve {
        port: u16,
    },
    /// Prints the address once a server answers there; `dev` and `serve` start it.
    Announce {
        port: u16,
    },
    Test {
        only: Option<String>,
    },
    Size,
    Screenshots {
        out: Option<PathBuf>,
        only: Option<String>,
    },
    Lighthouse {
        repeat: usize,
    },
    Simulate {
        scenario: String,
        port: u16,
        seed: u64,
        by_alarm: bool,
    },
    BenchTraining(bench::Options),
    BenchDrift {
        n_windows: u32,
    },
    BenchLoop {
        n_streams: u32,
    },
    BenchEdge {
        against: Option<PathBuf>,
        quick: bool,
    },
    BenchPage {
        repeat: usize,
        markdown: bool,
    },
    TrainDefault,
}

/// Parses what follows the name of the program.
///
/// # Errors
/// For an unknown command or option, or a value that does not fit.
pub(crate) fn parse(mut parser: lexopt::Parser) -> Outcome<Command> {
    let name = match parser.next()? {
        None | Some(Short('h') | Long("help")) => return Ok(Command::Help),
        Some(Value(name)) => name.string()?,
        Some(other) => return Err(other.unexpected().into()),
    };
    if name == "bench" {
        return parse_bench(parser);
    }
    let mut port = DEFAULT_PORT;
    let (mut only, mut out) = (None, None);
    let mut repeat = LIGHTHOUSE_RUNS;
    let (mut scenario, mut seed, mut by_alarm) = (SCENARIO.to_owned(), 1, false);
    while let Some(option) = parser.next()? {
        match option {
            Long("port") if takes_port(&name) => port = parser.value()?.parse()?,
            Long("only") if takes_only(&name) => only = Some(parser.value()?.string()?),
            Long("repeat") if name == "lighthouse" => repeat = at_least_one(&mut parser)?,
            Long("scenario") if name == "simulate" => scenario = parser.value()?.string()?,
            Long("seed") if name == "simulate" => seed = parser.value()?.parse()?,
            Long("by-alarm") if name == "simulate" => by_alarm = true,
            Long("out") if name == "screenshots" => out = Some(PathBuf::from(parser.value()?)),
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    match name.as_str() {
        "help" => Ok(Command::Help),
        "build" => Ok(Command::Build),
        "dev" => Ok(Command::Dev { port }),
        "serve" => Ok(Command::Serve { port }),
        "announce" => Ok(Command::Announce { port }),
        "test" => Ok(Command::Test { only }),
        "size" => Ok(Command::Size),
        "lighthouse" => Ok(Command::Lighthouse { repeat }),
        "screenshots" => Ok(Command::Screenshots { out, only }),
        "simulate" => Ok(Command::Simulate { scenario, port, seed, by_alarm }),
        "train-default" => Ok(Command::TrainDefault),
        _ => Err(Failure::new(format!(
            "there is no command `{name}`; `cargo xtask help` lists what there is"
        ))),
    }
}

/// Parses what follows `bench`.
fn parse_bench(mut parser: lexopt::Parser) -> Outcome<Command> {
    match parser.next()? {
        Some(Value(what)) if what == "training" => {}
        Some(Value(what)) if what == "drift" => {
            let n_windows = quick_or_whole(parser, DRIFT_WINDOWS)?;
            return Ok(
                n_windows.map_or(Command::Help, |n_windows| Command::BenchDrift { n_windows })
            );
        }
        Some(Value(what)) if what == "loop" => {
            let n_streams = quick_or_whole(parser, LOOP_STREAMS)?;
            return Ok(
                n_streams.map_or(Command::Help, |n_streams| Command::BenchLoop { n_streams })
            );
        }
        Some(Value(what)) if what == "edge" => return parse_bench_edge(parser),
        Some(Value(what)) if what == "page" => return parse_bench_page(parser),
        Some(Short('h') | Long("help")) => return Ok(Command::Help),
        _ => {
            let there_is = "`cargo xtask bench training`, `bench drift`, `bench loop`, `bench edge` and `bench page`";
            return Err(Failure::new(format!("what to bench? there are {there_is}")));
        }
    }
    let mut options = bench::Options::default();
    while let Some(option) = parser.next()? {
        match option {
            Long("families") => options.families = Some(list(&parser.value()?.string()?)),
            Long("rows") => options.sizes = bench::sizes(&list(&parser.value()?.string()?))?,
            Long("repeat") => options.repeat = at_least_one(&mut parser)?,
            Long("quick") => options.be_quick(),
            Long("markdown") => options.markdown = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Command::BenchTraining(options))
}

/// `whole`, or a tenth of it with `--quick`; nothing if help is asked for.
fn quick_or_whole(mut parser: lexopt::Parser, whole: u32) -> Outcome<Option<u32>> {
    let mut n = whole;
    while let Some(option) = parser.next()? {
        match option {
            Long("quick") => n = whole / 10,
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(n))
}

/// Parses what follows `bench edge`.
fn parse_bench_edge(mut parser: lexopt::Parser) -> Outcome<Command> {
    let (mut against, mut quick) = (None, false);
    while let Some(option) = parser.next()? {
        match option {
            Long("against") => against = Some(PathBuf::from(parser.value()?)),
            Long("quick") => quick = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Command::BenchEdge { against, quick })
}

/// Parses what follows `bench page`.
fn parse_bench_page(mut parser: lexopt::Parser) -> Outcome<Command> {
    let (mut repeat, mut markdown) = (BENCH_RUNS, false);
    while let Some(option) = parser.next()? {
        match option {
            Long("repeat") => repeat = at_least_one(&mut parser)?,
            Long("markdown") => markdown = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Command::BenchPage { repeat, markdown })
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).collect()
}

/// How often: the value of `--repeat`.
fn at_least_one(parser: &mut lexopt::Parser) -> Outcome<usize> {
    match parser.value()?.parse()? {
        0 => Err(Failure::new("--repeat 0 measures nothing: give at least 1")),
        times => Ok(times),
    }
}

fn takes_port(command: &str) -> bool {
    matches!(command, "dev" | "serve" | "announce" | "simulate")
}

fn takes_only(command: &str) -> bool {
    matches!(command, "test" | "screenshots")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Command) {
        let args = line.split_ascii_whitespace();
        assert_eq!(parse(lexopt::Parser::from_args(args)), Ok(expected));
    }

    #[track_caller]
    fn refuse(line: &str, part: &str) {
        let args = line.split_ascii_whitespace();
        let sentence = parse(lexopt::Parser::from_args(args)).unwrap_err().to_string();
        assert!(sentence.contains(part), "{sentence}");
    }

    #[test]
    fn commands_and_their_options() {
        check("", Command::Help);
        check("dev", Command::Dev { port: 8787 });
        check("dev --port 9000", Command::Dev { port: 9000 });
        check("serve --port=9001", Command::Serve { port: 9001 });
        check("test", Command::Test { only: None });
        check("test --only clippy", Command::Test { only: Some("clippy".into()) });
        check("test --help", Command::Help);
        check("train-default", Command::TrainDefault);
        let simulate = |name: &str, port, seed, by_alarm| Command::Simulate {
            scenario: name.into(),
            port,
            seed,
            by_alarm,
        };
        check("simulate", simulate("drift", 8787, 1, false));
        let all = "simulate --scenario steady --port 9 --seed 7 --by-alarm";
        check(all, simulate("steady", 9, 7, true));
    }

    #[test]
    fn lighthouse_runs_three_times_or_as_often_as_wanted() {
        check("lighthouse", Command::Lighthouse { repeat: 3 });
        check("lighthouse --repeat 5", Command::Lighthouse { repeat: 5 });
        refuse("lighthouse --repeat 0", "at least 1");
    }

    #[test]
    fn pictures_of_some_states_go_where_they_are_wanted() {
        check("screenshots", Command::Screenshots { out: None, only: None });
        let (out, only) = (Some(PathBuf::from("pictures")), Some("data".into()));
        check("screenshots --only data --out pictures", Command::Screenshots { out, only });
        refuse("test --out pictures", "--out");
    }

    #[test]
    fn a_bench_and_its_filters() {
        check("bench training", Command::BenchTraining(bench::Options::default()));
        let mut quick = bench::Options::default();
        quick.be_quick();
        check("bench training --quick", Command::BenchTraining(quick));
        let some = bench::Options {
            families: Some(vec!["svm".into(), "random_forest".into()]),
            sizes: bench::sizes(&["iris".into(), "10000".into()]).unwrap(),
            repeat: 3,
            markdown: true,
        };
        let line =
            "bench training --families svm,random_forest --rows iris,10000 --repeat 3 --markdown";
        check(line, Command::BenchTraining(some));
        refuse("bench", "bench training");
        refuse("bench training --rows 151", "151");
        refuse("bench training --repeat 0", "at least 1");
    }

    #[test]
    fn a_bench_of_drift() {
        check("bench drift", Command::BenchDrift { n_windows: 2000 });
        check("bench drift --quick", Command::BenchDrift { n_windows: 200 });
        check("bench drift --help", Command::Help);
        refuse("bench drift --repeat 3", "--repeat");
        refuse("bench", "bench drift");
    }

    #[test]
    fn a_bench_of_the_edge() {
        check("bench edge", Command::BenchEdge { against: None, quick: false });
        let against = Some(PathBuf::from("other"));
        check("bench edge --quick --against other", Command::BenchEdge { against, quick: true });
        refuse("bench edge --rows 3", "--rows");
    }

    #[test]
    fn a_bench_of_the_page() {
        check("bench page", Command::BenchPage { repeat: 5, markdown: false });
        let often = Command::BenchPage { repeat: 9, markdown: true };
        check("bench page --repeat 9 --markdown", often);
        refuse("bench page --rows 3", "--rows");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refuse("deploy", "no command `deploy`");
        refuse("build --port 1", "--port");
        refuse("dev --port 70000", "70000");
        refuse("dev --only x", "--only");
    }
}
