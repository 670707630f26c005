//! What handlers reach: the isolate's ports and settings, and the request's own surroundings.

use std::sync::{Arc, OnceLock};

use crate::config::Config;
use crate::ports::{
    Background, Clock, Entropy, ModelSource, PageSource, PredictionLog, RateLimiter, ShardId,
};
use crate::services::log::buffer::LogBuffer;
use crate::services::log::writer::LogWriter;

/// The ports that a Worker runs on; they outlive requests.
#[derive(Clone)]
pub struct Ports {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The model that serves.
    pub models: Arc<dyn ModelSource>,
    /// The prediction log.
    pub log: Arc<dyn PredictionLog>,
    /// The page.
    pub page: Arc<dyn PageSource>,
    /// Counts requests per caller.
    pub limiter: Arc<dyn RateLimiter>,
}

/// An isolate's Worker, cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What an [`App`] holds; its parts are this crate's own.
pub struct Inner {
    pub(crate) config: Config,
    pub(crate) ports: Ports,
    pub(crate) writer: LogWriter,
    /// The OpenAPI document with the id of the model that it was made for.
    pub(crate) openapi: OnceLock<(String, String)>,
}

impl App {
    /// A Worker with these settings on these ports. It names itself, and chooses its log shard,
    /// at random; on Workers that is allowed in a handler only, not while the module loads.
    #[must_use]
    pub fn new(config: Config, ports: Ports) -> Self {
        let name = ports.entropy.bytes();
        let isolate: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let shard: ShardId = name[0] % config.log_shards;
        let writer = LogWriter {
            buffer: Arc::new(LogBuffer::new(isolate)),
            log: Arc::clone(&ports.log),
            clock: Arc::clone(&ports.clock),
            shard,
        };
        Self(Arc::new(Inner { config, ports, writer, openapi: OnceLock::new() }))
    }
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What belongs to one request only; travels in its extensions.
#[derive(Clone)]
pub struct Scope {
    /// Runs what is left to do after the answer.
    pub background: Arc<dyn Background>,
    /// Where the request came from, if the platform says so. It is counted by, never stored.
    pub address: Option<String>,
}
