//! What handlers reach: the isolate's ports and settings, and the request's own surroundings.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::config::Config;
use crate::ports::{
    ArtifactStore, Background, Clock, Entropy, EntropyError, KeySetSource, PageSource, PointerCopy,
    PredictionLog, RateLimiter, Registry, RequestLog, ShardId, SignatureVerifier, Watcher,
};
use crate::services::access::{Access, IssuerPorts};
use crate::services::log::buffer::LogBuffer;
use crate::services::log::writer::LogWriter;
use crate::services::serving::Serving;
use crate::services::telemetry::{Snapshot, Telemetry, Totals};
use crate::services::usage::Metered;

/// The ports that a Worker runs on; they outlive requests.
#[derive(Clone)]
pub struct Ports {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// What was published, and what serves.
    pub registry: Arc<dyn Registry>,
    /// The published models' files.
    pub artifacts: Arc<dyn ArtifactStore>,
    /// Tells who serves when the registry doesn't.
    pub pointer_copy: Arc<dyn PointerCopy>,
    /// The prediction log.
    pub log: Arc<dyn PredictionLog>,
    /// Looks at the traffic.
    pub watcher: Arc<dyn Watcher>,
    /// The page.
    pub page: Arc<dyn PageSource>,
    /// Takes a line a request.
    pub request_log: Arc<dyn RequestLog>,
    /// Counts requests per caller.
    pub limiter: Arc<dyn RateLimiter>,
    /// Checks signatures of an OAuth issuer.
    pub signatures: Arc<dyn SignatureVerifier>,
    /// Reads the issuer's keys.
    pub key_sets: Arc<dyn KeySetSource>,
}

/// An isolate's Worker, cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What an [`App`] holds; its parts are this crate's own.
pub struct Inner {
    pub(crate) config: Config,
    pub(crate) ports: Ports,
    pub(crate) access: Access,
    /// The isolate's random name, and how many requests it has named after itself.
    name: String,
    requests: AtomicU64,
    /// Whether the watcher is known to look by itself.
    pub(crate) is_watched: Arc<AtomicBool>,
    pub(crate) writer: LogWriter,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) totals: Totals,
    pub(crate) serving: Arc<Serving>,
    /// The OpenAPI document with id and version of the model that it was made for.
    pub(crate) openapi: Mutex<Option<(String, u64, String)>>,
}

impl App {
    /// A Worker with these settings on these ports. It names itself, and chooses its log shard,
    /// at random; on Workers that is allowed in a handler only, not while the module loads.
    ///
    /// # Errors
    /// [`EntropyError`] if there is no randomness for that.
    pub fn new(config: Config, ports: Ports) -> Result<Self, EntropyError> {
        let name = ports.entropy.bytes()?;
        let isolate: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
        let shard: ShardId = name[0] % config.log_shards;
        let telemetry = Arc::<Telemetry>::default();
        let counts = || Arc::clone(&telemetry);
        let ports = Ports {
            artifacts: Arc::new(Metered { store: ports.artifacts, counts: counts() }),
            pointer_copy: Arc::new(Metered { store: ports.pointer_copy, counts: counts() }),
            ..ports
        };
        let writer = LogWriter {
            buffer: Arc::new(LogBuffer::new(isolate.clone(), Arc::clone(&telemetry))),
            log: Arc::clone(&ports.log),
            clock: Arc::clone(&ports.clock),
            shard,
        };
        let serving = Arc::new(Serving::new(
            Arc::clone(&ports.registry),
            Arc::clone(&ports.artifacts),
            Arc::clone(&ports.pointer_copy),
            Arc::clone(&ports.clock),
            i64::from(config.pointer_ttl_secs) * 1_000,
            u64::from(config.model_cache_mib) << 20,
        ));
        let issuer_ports = IssuerPorts {
            signatures: Arc::clone(&ports.signatures),
            key_sets: Arc::clone(&ports.key_sets),
        };
        let access = Access::new(&config, issuer_ports);
        let totals = Totals::new(i64::from(config.metrics_max_age_secs) * 1_000);
        Ok(Self(Arc::new(Inner {
            config,
            ports,
            access,
            name: isolate,
            requests: AtomicU64::new(0),
            is_watched: Arc::default(),
            writer,
            telemetry,
            totals,
            serving,
            openapi: Mutex::default(),
        })))
    }
}

impl Inner {
    /// A name for a request that the platform gave none.
    pub(crate) fn next_request(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.name.get(..8).unwrap_or_default())
    }

    /// How log and registry stood a moment ago.
    pub(crate) async fn totals(&self) -> Snapshot {
        let registry = self.ports.registry.as_ref();
        let watcher = self.ports.watcher.as_ref();
        self.totals.snapshot(&self.writer, self.config.log_shards, registry, watcher).await
    }
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// A request's [`Scope`], if it came with one.
#[derive(Clone)]
pub(crate) struct Surroundings(Option<Scope>);

impl Surroundings {
    /// Where to leave work for after the answer.
    pub(crate) fn background(&self) -> Option<&Arc<dyn Background>> {
        self.0.as_ref().map(|scope| &scope.background)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Surroundings {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.get::<Scope>().cloned()))
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
