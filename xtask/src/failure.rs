//! The one error of this program: a sentence for whoever typed the command.

use std::fmt;
use std::path::Path;

/// Why a command stopped, as a sentence that says what to do where that is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure(String);

/// What every step of this program returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure that reads `sentence`.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// "cannot `doing` `path`: the system's reason".
    pub(crate) fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self(format!("{error}; `cargo xtask help` lists what there is"))
    }
}
