//! Clock, randomness, limiter and late work of the platform.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use worker::send::SendFuture;
use worker::{Context, Delay, Env, RateLimiter, console_log, js_sys};

use crate::ports::{self, Background, BoxFuture, Clock, Entropy, EntropyError, RequestLog};

/// `Date.now()` and `setTimeout`.
pub(super) struct EdgeClock;

impl Clock for EdgeClock {
    fn now_millis(&self) -> i64 {
        js_sys::Date::now() as i64
    }

    fn sleep(&self, millis: u32) -> BoxFuture<()> {
        Box::pin(SendFuture::new(Delay::from(Duration::from_millis(u64::from(millis)))))
    }
}

/// Random bytes are drawn from the platform so many at a time: a call into it costs more than an id.
const POOL_BYTES: usize = 1_024;

/// `crypto.getRandomValues`, in gulps.
#[derive(Default)]
pub(super) struct EdgeEntropy {
    pool: Mutex<Vec<u8>>,
}

impl Entropy for EdgeEntropy {
    fn bytes(&self) -> Result<[u8; 16], EntropyError> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < 16 {
            let mut fresh = vec![0; POOL_BYTES];
            getrandom::fill(&mut fresh).map_err(|_| EntropyError)?;
            *pool = fresh;
        }
        let rest = pool.len().saturating_sub(16);
        let bytes = pool.split_off(rest);
        bytes.try_into().map_err(|_| EntropyError)
    }
}

/// The rate limiting binding `LIMITER`; without it nobody is limited.
pub(super) struct EdgeLimiter {
    binding: Option<RateLimiter>,
}

impl EdgeLimiter {
    pub(super) fn new(env: &Env) -> Self {
        Self { binding: env.rate_limiter("LIMITER").ok() }
    }
}

#[async_trait]
impl ports::RateLimiter for EdgeLimiter {
    async fn admit(&self, key: &str) -> bool {
        let Some(binding) = &self.binding else { return true };
        let outcome = SendFuture::new(binding.limit(key.to_owned())).await;
        outcome.map_or(true, |outcome| outcome.success)
    }
}

/// `console.log`.
pub(super) struct Console;

impl RequestLog for Console {
    fn write(&self, line: &str) {
        console_log!("{line}");
    }
}

/// `ctx.waitUntil` of one request.
pub(super) struct Late {
    context: Context,
}

impl Late {
    pub(super) fn new(context: Context) -> Self {
        Self { context }
    }
}

impl Background for Late {
    fn spawn(&self, work: BoxFuture<()>) {
        self.context.wait_until(work);
    }
}
