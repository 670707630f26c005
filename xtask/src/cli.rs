//! What may be typed after `cargo xtask`.

use lexopt::prelude::*;

use crate::failure::{Failure, Outcome};

/// The text of `cargo xtask help`.
pub(crate) const HELP: &str = "\
cargo xtask COMMAND

  dev [--port 8787]     set up what is missing, build, serve on this machine, rebuild on change
  test [--only NAME]    set up what is missing, then run every check, or the one named
  build                 page into dist/, Worker into worker/build/, ready to deploy
  serve [--port 8787]   like dev, but built for release and without watching
  size                  print what is downloaded and uploaded, and fail where it is too much
  train-default         rebuild data/iris.tepal
  help                  this text";

/// wrangler's own default, so that documentation of either fits both.
const DEFAULT_PORT: u16 = 8787;

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
    let mut port = DEFAULT_PORT;
    let mut only = None;
    while let Some(option) = parser.next()? {
        match option {
            Long("port") if takes_port(&name) => port = parser.value()?.parse()?,
            Long("only") if name == "test" => only = Some(parser.value()?.string()?),
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
        "train-default" => Ok(Command::TrainDefault),
        _ => Err(Failure::new(format!(
            "there is no command `{name}`; `cargo xtask help` lists what there is"
        ))),
    }
}

fn takes_port(command: &str) -> bool {
    matches!(command, "dev" | "serve" | "announce")
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
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refuse("deploy", "no command `deploy`");
        refuse("build --port 1", "--port");
        refuse("dev --port 70000", "70000");
        refuse("dev --only x", "--only");
    }
}
