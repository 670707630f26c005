//! What the user sees: one line before a long step, one with its time after it.

use std::time::{Duration, Instant};

use crate::failure::Outcome;

/// Prints one line.
pub(crate) fn say(line: impl AsRef<str>) {
    println!("{}", line.as_ref());
}

/// Runs `work` between a line that says what it does and one that says how long it took.
///
/// # Errors
/// Those of `work`, unchanged; the closing line is then left out.
pub(crate) fn step<T>(doing: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    say(format!("==> {doing}"));
    let clock = Clock::start();
    let value = work()?;
    say(format!("    done in {}", duration(clock.elapsed())));
    Ok(value)
}

/// A started stopwatch.
pub(crate) struct Clock(Instant);

impl Clock {
    /// Starts now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the ban protects wasm32-unknown-unknown; this program is native only"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// "0.4 s", "12 s" or "3 min 05 s".
pub(crate) fn duration(time: Duration) -> String {
    let secs = time.as_secs();
    match secs {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{secs} s"),
        _ => format!("{} min {:02} s", secs / 60, secs % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_at_their_scale() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(12)), "12 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
