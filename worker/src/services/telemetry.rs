//! What an isolate counts, on its way to the log, and the totals that the log gave last.
//!
//! Counting waits for nothing and needs no log. Deltas travel with the next batch, under its tag, so that
//! a retry counts once ([`Telemetry::take`]). The totals of all shards are read at most once in a few
//! seconds, however often somebody asks; while the log doesn't answer the last ones stand, for totals
//! must not fall, and whoever shows them says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::log::writer::LogWriter;
use super::metrics::{CounterKey, DurationClass};
use crate::ports::{Counters, PredictionLog, ShardId};
use crate::services::log::reader;

/// Whoever was to stamp durations and hasn't after so long was lost with its request.
const LOST_STAMP_MILLIS: i64 = 1_000;

/// After a log that didn't answer it is asked again after so long.
const RETRY_MILLIS: i64 = 1_000;

/// An isolate's counters.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    counters: BTreeMap<CounterKey, u64>,
    unstamped: Vec<(DurationClass, i64)>,
    stamping_since: Option<i64>,
}

impl Telemetry {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds `n` to a counter.
    pub(crate) fn count(&self, key: CounterKey, n: u64) {
        *self.lock().counters.entry(key).or_insert(0) += n;
    }

    /// Notes a request whose answer is ready; [`Self::stamp`] will say how long it took.
    /// `true` if the caller has to arrange for that.
    pub(crate) fn finish(
        &self,
        class: DurationClass,
        started_millis: i64,
        now_millis: i64,
    ) -> bool {
        let mut inner = self.lock();
        inner.unstamped.push((class, started_millis));
        let pending =
            inner.stamping_since.is_some_and(|since| now_millis - since < LOST_STAMP_MILLIS);
        if !pending {
            inner.stamping_since = Some(now_millis);
        }
        !pending
    }

    /// Counts the durations of all finished requests as ending now.
    pub(crate) fn stamp(&self, now_millis: i64) {
        let mut inner = self.lock();
        inner.stamping_since = None;
        for (class, started) in std::mem::take(&mut inner.unstamped) {
            let millis = u64::try_from(now_millis - started).unwrap_or(0);
            for (key, n) in class.counts(millis) {
                *inner.counters.entry(key).or_insert(0) += n;
            }
        }
    }

    /// Whether nothing is to be sent, now or once durations are stamped.
    pub(crate) fn is_empty(&self) -> bool {
        let inner = self.lock();
        inner.counters.is_empty() && inner.unstamped.is_empty()
    }

    /// What was counted since the last time, which the caller sends.
    pub(crate) fn take(&self) -> Counters {
        let counters = std::mem::take(&mut self.lock().counters);
        counters.into_iter().map(|(key, n)| (key.to_text(), n)).collect()
    }
}

/// The totals of all shards, as they were a moment ago.
#[derive(Debug)]
pub(crate) struct Totals {
    max_age_millis: i64,
    inner: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    totals: Option<Arc<Counters>>,
    read_at: Option<i64>,
    failed_at: Option<i64>,
}

/// One look at the totals.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// The last ones that were read; `None` if none ever were.
    pub(crate) totals: Option<Arc<Counters>>,
    /// Whether the log answered when it was asked last.
    pub(crate) log_is_up: bool,
}

impl Totals {
    /// Reads anew what is older than `max_age_millis`.
    pub(crate) fn new(max_age_millis: i64) -> Self {
        Self { max_age_millis, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The totals, with what this isolate has answered so far if they are read anew.
    pub(crate) async fn snapshot(
        &self,
        writer: &LogWriter,
        log: &dyn PredictionLog,
        shards: ShardId,
    ) -> Snapshot {
        let now = writer.clock.now_millis();
        if self.is_due(now) {
            let read = async {
                writer.catch_up().await?;
                reader::counters(log, shards).await
            };
            let read = read.await;
            let mut known = self.lock();
            match read {
                Ok(totals) => {
                    *known = Known {
                        totals: Some(Arc::new(totals)),
                        read_at: Some(now),
                        failed_at: None,
                    };
                }
                Err(_) => known.failed_at = Some(now),
            }
        }
        let known = self.lock();
        Snapshot { totals: known.totals.clone(), log_is_up: known.failed_at.is_none() }
    }

    fn is_due(&self, now_millis: i64) -> bool {
        let known = self.lock();
        let within = |at: Option<i64>, millis: i64| {
            at.is_some_and(|at| (0..millis).contains(&(now_millis - at)))
        };
        !within(known.failed_at, RETRY_MILLIS.min(self.max_age_millis))
            && (known.failed_at.is_some() || !within(known.read_at, self.max_age_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::memory::{ManualClock, MemoryLog, MemorySegments};
    use crate::services::log::buffer::LogBuffer;

    struct Isolate {
        clock: Arc<ManualClock>,
        log: Arc<MemoryLog>,
        writer: LogWriter,
        totals: Totals,
    }

    impl Isolate {
        fn new() -> Self {
            let clock = Arc::new(ManualClock::new(0));
            let log =
                Arc::new(MemoryLog::new(clock.clone(), Arc::<MemorySegments>::default(), 10, 7));
            let telemetry = Arc::new(Telemetry::default());
            let buffer = Arc::new(LogBuffer::new("isolate".into(), telemetry));
            let writer = LogWriter { buffer, log: log.clone(), clock: clock.clone(), shard: 0 };
            Self { clock, log, writer, totals: Totals::new(5_000) }
        }

        async fn dropped(&self) -> (Option<u64>, bool) {
            let snapshot = self.totals.snapshot(&self.writer, self.log.as_ref(), 1).await;
            let key = CounterKey::LogRowsDropped.to_text();
            let count = |totals: Arc<Counters>| totals.get(&key).copied().unwrap_or(0);
            (snapshot.totals.map(count), snapshot.log_is_up)
        }

        fn count(&self) {
            self.writer.buffer.telemetry().count(CounterKey::LogRowsDropped, 1);
        }
    }

    #[tokio::test]
    async fn totals_are_read_once_in_a_while() {
        let isolate = Isolate::new();
        isolate.count();
        assert_eq!(isolate.dropped().await, (Some(1), true));
        isolate.count();
        isolate.clock.advance(4_999);
        assert_eq!(isolate.dropped().await, (Some(1), true));
        isolate.clock.advance(1);
        assert_eq!(isolate.dropped().await, (Some(2), true));
    }

    #[tokio::test]
    async fn without_a_log_the_last_totals_stand() {
        let isolate = Isolate::new();
        isolate.log.refuse(u32::MAX);
        isolate.count();
        assert_eq!(isolate.dropped().await, (None, false));
        isolate.log.refuse(0);
        assert_eq!(isolate.dropped().await, (None, false), "it was asked a moment ago");
        isolate.clock.advance(1_000);
        assert_eq!(isolate.dropped().await, (Some(1), true), "nothing was lost");
        isolate.log.refuse(u32::MAX);
        isolate.count();
        isolate.clock.advance(5_000);
        assert_eq!(isolate.dropped().await, (Some(1), false));
    }
}
