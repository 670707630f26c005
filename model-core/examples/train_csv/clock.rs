//! The clock of this program, and seconds in words: the library reads none.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Share of a time limit that is planned with; the rest is for what a forecast cannot know.
const PLANNED_SHARE: f64 = 0.8;
/// Share of a time limit after which nothing goes on.
const LAST_SHARE: f64 = 0.95;

#[expect(clippy::disallowed_methods, reason = "this program runs natively")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this program runs natively")]
pub(crate) fn wall_clock_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Seconds that a run may take, from when it began.
#[derive(Clone, Copy)]
pub(crate) struct TimeLimit {
    pub(crate) seconds: f64,
    /// Whether somebody asked for it.
    pub(crate) is_stated: bool,
    began: Instant,
}

impl TimeLimit {
    pub(crate) fn new(seconds: f64, is_stated: bool, began: Instant) -> Self {
        Self { seconds, is_stated, began }
    }

    /// Seconds that may still be planned with.
    pub(crate) fn left(&self) -> f64 {
        (PLANNED_SHARE * self.seconds - self.began.elapsed().as_secs_f64()).max(0.0)
    }

    /// Whether what is not done by now has to be given up.
    pub(crate) fn is_over(&self) -> bool {
        self.began.elapsed().as_secs_f64() > LAST_SHARE * self.seconds
    }
}

/// `12 s`, `14 min`, `5.2 h`: as exact as a forecast is.
pub(crate) fn in_words(seconds: f64) -> String {
    match seconds {
        ..1.0 => "less than a second".to_owned(),
        ..100.0 => format!("{seconds:.0} s"),
        ..6_000.0 => format!("{:.0} min", seconds / 60.0),
        ..36_000.0 => format!("{:.1} h", seconds / 3_600.0),
        _ => format!("{:.0} h", seconds / 3_600.0),
    }
}
