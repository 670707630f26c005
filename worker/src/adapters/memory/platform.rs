//! Clock, randomness, limiter and late work without a platform.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use model_core::rng::SplitMix64;

use crate::ports::{Background, BoxFuture, Clock, Entropy, EntropyError, RateLimiter, RequestLog};

/// A clock that moves when told to; sleeping moves it too, and takes no time.
#[derive(Debug)]
pub struct ManualClock {
    millis: std::sync::Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn new(millis: i64) -> Self {
        Self { millis: std::sync::Arc::new(AtomicI64::new(millis)) }
    }

    /// Moves it on.
    pub fn advance(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_millis(&self) -> i64 {
        self.millis.load(Ordering::SeqCst)
    }

    fn sleep(&self, millis: u32) -> BoxFuture<()> {
        let clock = std::sync::Arc::clone(&self.millis);
        Box::pin(async move {
            clock.fetch_add(i64::from(millis), Ordering::SeqCst);
        })
    }
}

/// Numbers that look random and are the same in every run.
#[derive(Debug)]
pub struct SeededEntropy {
    stream: Mutex<SplitMix64>,
    failing: AtomicBool,
}

impl SeededEntropy {
    /// A source that starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { stream: Mutex::new(SplitMix64::new(seed)), failing: AtomicBool::new(false) }
    }

    /// Whether there are no bytes to be had from now on.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }
}

impl Entropy for SeededEntropy {
    fn bytes(&self) -> Result<[u8; 16], EntropyError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(EntropyError);
        }
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        let number = (u128::from(stream.next_u64()) << 64) | u128::from(stream.next_u64());
        Ok(number.to_be_bytes())
    }
}

/// Admits so many requests of a key, for good.
#[derive(Debug)]
pub struct CountingLimiter {
    limit: u32,
    counts: Mutex<BTreeMap<String, u32>>,
}

impl CountingLimiter {
    /// A limiter that admits `limit` requests of each key.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, counts: Mutex::default() }
    }
}

#[async_trait]
impl RateLimiter for CountingLimiter {
    async fn admit(&self, key: &str) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key.to_owned()).or_insert(0);
        *count = count.saturating_add(1);
        *count <= self.limit
    }
}

/// Keeps the lines that it is given.
#[derive(Debug, Default)]
pub struct Lines {
    lines: Mutex<Vec<String>>,
}

impl Lines {
    /// What was written so far.
    #[must_use]
    pub fn written(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl RequestLog for Lines {
    fn write(&self, line: &str) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}

/// Keeps late work until it is asked to run it.
#[derive(Default)]
pub struct Inline {
    work: Mutex<Vec<BoxFuture<()>>>,
}

impl Inline {
    /// Runs what has been handed over so far.
    pub async fn run(&self) {
        let work = std::mem::take(&mut *self.work.lock().unwrap_or_else(PoisonError::into_inner));
        for future in work {
            future.await;
        }
    }
}

impl Background for Inline {
    fn spawn(&self, work: BoxFuture<()>) {
        self.work.lock().unwrap_or_else(PoisonError::into_inner).push(work);
    }
}
