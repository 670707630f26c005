//! What an isolate counts, on its way to the log, and how log and registry stood when they were asked last.
//!
//! Counting waits for nothing and needs no log. Deltas travel with the next batch, under its tag, so that
//! a retry counts once ([`Telemetry::take`]). The totals of all shards, and how the registry stands, are
//! read at most once in a few seconds, however often somebody asks. While one doesn't answer nothing
//! is known of it, rather than what was true long ago: totals must not fall, whichever isolate is asked.

use model_core::filled;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join3;

use tepal_api::Watching;

use super::log::reader::{self, LogStatus};
use super::log::writer::LogWriter;
use super::metrics::{CounterKey, DurationClass};
use crate::ports::{
    Answer, Counters, Extent, Query, Registry, ShardId, Usage, WatchAnswer, WatchQuestion, Watcher,
};

/// Whoever was to stamp durations and hasn't after so long was lost with its request.
const LOST_STAMP_MILLIS: i64 = 1_000;

/// Who didn't answer is asked again after so long.
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
        filled(counters.into_iter().map(|(key, n)| (key.to_text(), n)))
    }
}

/// How log and registry stood a moment ago.
#[derive(Debug)]
pub(crate) struct Totals {
    log: Cached<LogStatus>,
    registry: Cached<Extent>,
    watching: Cached<(Watching, Usage)>,
}

/// One look at the totals.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    /// `None` if nobody knows.
    pub(crate) log: Option<Arc<LogStatus>>,
    /// Whether the log answered when it was asked last.
    pub(crate) log_is_up: bool,
    /// `None` if nobody knows.
    pub(crate) registry: Option<Arc<Extent>>,
    /// Whether the registry answered when it was asked last.
    pub(crate) registry_is_up: bool,
    /// How watching goes, and what it has used; `None` if nobody knows.
    pub(crate) watching: Option<Arc<(Watching, Usage)>>,
}

impl Totals {
    /// Reads anew what is older than `max_age_millis`.
    pub(crate) fn new(max_age_millis: i64) -> Self {
        Self {
            log: Cached::new(max_age_millis),
            registry: Cached::new(max_age_millis),
            watching: Cached::new(max_age_millis),
        }
    }

    /// How they stand, with what this isolate has answered so far if they are asked anew.
    pub(crate) async fn snapshot(
        &self,
        writer: &LogWriter,
        shards: ShardId,
        registry: &dyn Registry,
        watcher: &dyn Watcher,
    ) -> Snapshot {
        let now = writer.clock.now_millis();
        let log = self.log.look(now, async {
            writer.catch_up().await.ok()?;
            reader::status(writer.log.as_ref(), shards).await.ok()
        });
        let registry = self.registry.look(now, async {
            match registry.query(&Query::Extent).await {
                Ok(Answer::Extent { extent }) => Some(extent),
                _ => None,
            }
        });
        let watching = self.watching.look(now, async {
            match watcher.ask(&WatchQuestion::Status).await {
                Ok(WatchAnswer::Watching { watching, usage }) => Some((watching, usage)),
                _ => None,
            }
        });
        let ((log, log_is_up), (registry, registry_is_up), (watching, _)) =
            join3(log, registry, watching).await;
        Snapshot { log, log_is_up, registry, registry_is_up, watching }
    }
}

/// What somebody said last.
#[derive(Debug)]
struct Cached<T> {
    max_age_millis: i64,
    inner: Mutex<Known<T>>,
}

#[derive(Debug)]
struct Known<T> {
    value: Option<Arc<T>>,
    read_at: Option<i64>,
    failed_at: Option<i64>,
}

impl<T> Cached<T> {
    fn new(max_age_millis: i64) -> Self {
        let known = Known { value: None, read_at: None, failed_at: None };
        Self { max_age_millis, inner: Mutex::new(known) }
    }

    fn lock(&self) -> MutexGuard<'_, Known<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, read anew by `read` if it is due, and whether the last reading succeeded. After one
    /// that failed what is known stands as long as it always does, and no longer: another isolate
    /// may have shown later totals since.
    async fn look(
        &self,
        now: i64,
        read: impl Future<Output = Option<T>>,
    ) -> (Option<Arc<T>>, bool) {
        if self.is_due(now) {
            let found = read.await;
            let mut known = self.lock();
            match found {
                // One that was begun later has ended sooner; totals must not fall.
                Some(_) if known.read_at.is_some_and(|at| at > now) => {}
                Some(value) => {
                    let value = Some(Arc::new(value));
                    *known = Known { value, read_at: Some(now), failed_at: None };
                }
                None => known.failed_at = Some(now),
            }
        }
        let known = self.lock();
        let is_up = known.failed_at.is_none();
        let is_recent = known.read_at.is_some_and(|at| now - at <= self.max_age_millis);
        (known.value.clone().filter(|_| is_up || is_recent), is_up)
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
    use crate::adapters::memory::{
        ManualClock, MemoryArtifacts, MemoryLog, MemoryPointerCopy, MemoryRegistry, MemorySegments,
        MemoryWatcher,
    };
    use crate::config::Config;
    use crate::services::log::buffer::LogBuffer;

    struct Isolate {
        clock: Arc<ManualClock>,
        log: Arc<MemoryLog>,
        registry: Arc<MemoryRegistry>,
        watcher: MemoryWatcher,
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
            let registry = Arc::<MemoryRegistry>::default();
            let watcher = MemoryWatcher::new(
                clock.clone(),
                registry.clone(),
                Arc::<MemoryArtifacts>::default(),
                Arc::<MemoryPointerCopy>::default(),
                log.clone(),
                &Config::read(|_| None).unwrap(),
            );
            Self { clock, log, registry, watcher, writer, totals: Totals::new(5_000) }
        }

        async fn snapshot(&self) -> Snapshot {
            let Self { writer, registry, watcher, totals, .. } = self;
            totals.snapshot(writer, 1, registry.as_ref(), watcher).await
        }

        async fn dropped(&self) -> (Option<u64>, bool) {
            let snapshot = self.snapshot().await;
            let key = CounterKey::LogRowsDropped.to_text();
            let count = |log: Arc<LogStatus>| log.counters.get(&key).copied().unwrap_or(0);
            (snapshot.log.map(count), snapshot.log_is_up)
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
    async fn without_a_log_totals_stand_no_longer_than_with_one() {
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
        isolate.clock.advance(1_000);
        assert_eq!(isolate.dropped().await, (None, false), "other isolates may have shown more");
        isolate.log.refuse(0);
        isolate.clock.advance(1_000);
        assert_eq!(isolate.dropped().await, (Some(2), true));
    }

    #[tokio::test]
    async fn the_registry_is_asked_beside_the_log_and_may_be_away() {
        let isolate = Isolate::new();
        let look = async || isolate.snapshot().await;
        isolate.registry.set_failing(true);
        let away = look().await;
        assert!(away.registry.is_none() && !away.registry_is_up && away.log_is_up);
        assert_eq!(away.watching.unwrap().0.n_looks, 0);
        isolate.registry.set_failing(false);
        isolate.clock.advance(5_000);
        let back = look().await;
        assert!(back.registry.is_some_and(|extent| extent.versions == 0) && back.registry_is_up);
        look().await;
        assert_eq!(isolate.registry.queries(), 2, "once in a while");
    }
}
