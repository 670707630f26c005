//! Child processes: quiet on stdin, clean of Cargo's own variables, loud when they fail.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use crate::failure::{Failure, Outcome};

/// A child process to run.
pub(crate) struct Process {
    command: Command,
    shown: String,
}

impl Process {
    /// `program`, found on PATH unless it is a path, with nothing on its stdin.
    ///
    /// `cargo run` leaves the variables of the xtask package in the environment. A
    /// build script that watches one of them would be rerun by our cargo and again
    /// by the user's, so they are taken out.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_package_variable) {
                command.env_remove(name);
            }
        }
        let shown =
            Path::new(program).file_stem().unwrap_or(program).to_string_lossy().into_owned();
        Self { command, shown }
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        let arg = arg.as_ref();
        self.shown.push(' ');
        self.shown.push_str(&arg.to_string_lossy());
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<I>(self, args: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the working directory.
    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Keeps cargo, wherever it runs below, from a line for each of hundreds of packages
    /// where nobody watches its progress bar.
    pub(crate) fn quiet_cargo(self) -> Self {
        if std::io::stderr().is_terminal() {
            return self;
        }
        self.env("CARGO_TERM_QUIET", "true")
    }

    /// Runs it with our own stdout and stderr.
    ///
    /// # Errors
    /// If it cannot be started or does not exit with 0.
    pub(crate) fn run(mut self) -> Outcome {
        let status = self.command.status();
        let status = status.map_err(|error| self.not_started(&error))?;
        self.check(status)
    }

    /// Runs it and returns its stdout; its stderr stays ours.
    ///
    /// # Errors
    /// If it cannot be started, does not exit with 0, or writes something that is not UTF-8.
    pub(crate) fn read(mut self) -> Outcome<String> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output();
        let output = output.map_err(|error| self.not_started(&error))?;
        self.check(output.status)?;
        String::from_utf8(output.stdout)
            .map_err(|_| Failure::new(format!("`{}` wrote something other than text", self.shown)))
    }

    /// Whether it starts and exits with 0; what it writes is dropped.
    pub(crate) fn succeeds(mut self) -> bool {
        let command = self.command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Starts it and does not wait.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn start(mut self) -> Outcome {
        let child = self.command.spawn();
        child.map(drop).map_err(|error| self.not_started(&error))
    }

    /// Starts it to be asked line by line; its stderr stays ours.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn converse(mut self) -> Outcome<Conversation> {
        let command = self.command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let child = command.spawn();
        let mut child = child.map_err(|error| self.not_started(&error))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        Ok(Conversation { child, questions, answers, shown: self.shown })
    }

    /// Becomes it, where the system can do that, so that a signal to this program is
    /// a signal to it and nothing is left running; waits for it elsewhere.
    ///
    /// # Errors
    /// If it cannot be started; where this program waits, also if it does not exit with 0.
    #[cfg(unix)]
    pub(crate) fn become_it(mut self) -> Outcome {
        use std::os::unix::process::CommandExt as _;
        let error = self.command.exec();
        Err(self.not_started(&error))
    }

    /// Waits for it: Windows cannot replace a process, but sends Ctrl-C to both.
    ///
    /// # Errors
    /// If it cannot be started or does not exit with 0.
    #[cfg(not(unix))]
    pub(crate) fn become_it(self) -> Outcome {
        self.run()
    }

    fn not_started(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("cannot start `{}`: {error}", self.shown))
    }

    fn check(&self, status: ExitStatus) -> Outcome {
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("`{}`: {status}", self.shown)))
    }
}

/// A child that writes a line for every line it reads. It ends when this is dropped, and by
/// itself when this program ends and with it the child's stdin.
pub(crate) struct Conversation {
    child: Child,
    questions: Option<ChildStdin>,
    answers: Option<BufReader<ChildStdout>>,
    shown: String,
}

impl Conversation {
    /// Sends `line` and returns the answer.
    ///
    /// # Errors
    /// If the child is gone.
    pub(crate) fn ask(&mut self, line: &str) -> Outcome<String> {
        let sent = self.questions.as_mut().map(|stdin| writeln!(stdin, "{line}"));
        match sent {
            Some(Ok(())) => self.read(),
            _ => Err(self.gone()),
        }
    }

    /// The next line it writes, without being asked.
    ///
    /// # Errors
    /// If the child is gone.
    pub(crate) fn read(&mut self) -> Outcome<String> {
        let mut line = String::new();
        match self.answers.as_mut().map(|stdout| stdout.read_line(&mut line)) {
            Some(Ok(bytes)) if bytes > 0 => Ok(line.trim_end().to_owned()),
            _ => Err(self.gone()),
        }
    }

    fn gone(&self) -> Failure {
        Failure::new(format!("`{}` stopped before it answered", self.shown))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.questions = None;
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Variables that `cargo run` sets for the package it runs.
fn is_package_variable(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || name.starts_with("CARGO_BIN_")
        || matches!(name, "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_variables_of_a_package_are_taken_out() {
        assert!(is_package_variable("CARGO_PKG_VERSION"));
        assert!(is_package_variable("CARGO_MANIFEST_DIR"));
        assert!(!is_package_variable("CARGO_HOME"));
        assert!(!is_package_variable("CARGO_TARGET_DIR"));
        assert!(!is_package_variable("PATH"));
    }

    #[test]
    #[cfg(unix)]
    fn a_conversation_goes_line_by_line_until_the_child_is_gone() {
        let mut echo = Process::new("cat").converse().unwrap();
        assert_eq!(echo.ask("one"), Ok("one".to_owned()));
        assert_eq!(echo.ask("two"), Ok("two".to_owned()));
        let mut gone = Process::new("true").converse().unwrap();
        let sentence = gone.read().unwrap_err().to_string();
        assert_eq!(sentence, "`true` stopped before it answered");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = Process::new("no-such-program-here").arg("--now").run();
        let sentence = failure.unwrap_err().to_string();
        assert!(sentence.starts_with("cannot start `no-such-program-here --now`"), "{sentence}");
    }
}
