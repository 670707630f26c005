//! How a program ends: with the code of what it did, 0 unless it says otherwise, or with code 2 and
//! one line that says what went wrong.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::{ExitCode, Termination};

pub(crate) type Failure = Box<dyn Error>;

/// The exit code of a program of this name; its failure goes to the standard error.
pub(crate) fn exit(name: &str, result: Result<impl Termination, Failure>) -> ExitCode {
    let failure = match result {
        Ok(done) => return done.report(),
        Err(failure) => failure,
    };
    let pipe = failure.downcast_ref::<io::Error>().map(io::Error::kind);
    if pipe == Some(ErrorKind::BrokenPipe) {
        // Whoever reads has read enough, as `head` has.
        return ExitCode::SUCCESS;
    }
    eprintln!("{name}: {failure}");
    ExitCode::from(2)
}

/// Writes a result to the standard output.
///
/// # Errors
/// If nobody takes it; [`exit`] forgives a reader that left.
pub(crate) fn print(result: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(result.as_ref())?;
    Ok(out.flush()?)
}
