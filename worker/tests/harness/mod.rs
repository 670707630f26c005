//! A Worker on the memory adapters, and requests against it.

// Each test file uses its own part of this module.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]
#![allow(dead_code, reason = "shared by several test programs")]

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use futures_util::stream;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use model_core::{CsvOptions, Dataset, Family, TrainParams};
use serde_json::{Value, json};
use tepal_worker::adapters::memory::{
    CountingLimiter, Inline, Lines, ManualClock, MemoryArtifacts, MemoryKeySets, MemoryLog,
    MemoryPage, MemoryPointerCopy, MemoryRegistry, MemorySegments, MemoryWatcher, NativeSignatures,
    SeededEntropy,
};
use tepal_worker::app::{App, Ports, Scope};
use tepal_worker::config::Config;
use tepal_worker::router::router;
use tower::ServiceExt;

pub(crate) const OWNER_TOKEN: &str = "the owner's token";

/// 2026-01-01T00:00:00Z
pub(crate) const NEW_YEAR: i64 = 1_767_225_600_000;

pub(crate) const SETOSA: &str =
    r#"{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}"#;

/// The page's document, and what the site's assets tell with it.
pub(crate) const PAGE: &str = "<!doctype html><title>the page</title>";
pub(crate) const PAGE_HEADERS: [(&str, &str); 8] = [
    ("content-type", "text/html"),
    ("content-security-policy", "default-src 'self'"),
    ("cache-control", "public, max-age=0, must-revalidate"),
    ("etag", "\"0f\""),
    ("allow", "GET, HEAD"),
    ("content-encoding", "br"),
    ("content-length", "7"),
    ("cf-cache-status", "HIT"),
];

/// The file of a logistic regression of the rows of `csv`.
pub(crate) fn trained(csv: &str, options: &CsvOptions) -> Vec<u8> {
    let data = Dataset::from_csv(csv.as_bytes(), options).unwrap();
    let params =
        TrainParams { cv_folds: 0, test_size: 0.0, ..TrainParams::new(Family::LogisticRegression) };
    params.train(&data).unwrap().to_bytes()
}

pub(crate) struct Edge {
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) entropy: Arc<SeededEntropy>,
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) segments: Arc<MemorySegments>,
    pub(crate) registry: Arc<MemoryRegistry>,
    pub(crate) artifacts: Arc<MemoryArtifacts>,
    pub(crate) pointer_copy: Arc<MemoryPointerCopy>,
    pub(crate) watcher: Arc<MemoryWatcher>,
    pub(crate) key_sets: Arc<MemoryKeySets>,
    pub(crate) lines: Arc<Lines>,
    pub(crate) background: Arc<Inline>,
}

/// What several isolates share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) registry: Arc<MemoryRegistry>,
    pub(crate) artifacts: Arc<MemoryArtifacts>,
    pub(crate) pointer_copy: Arc<MemoryPointerCopy>,
    pub(crate) key_sets: Arc<MemoryKeySets>,
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) segments: Arc<MemorySegments>,
    /// How many isolates there are; each draws other random numbers.
    isolates: Arc<AtomicU64>,
}

impl Default for Shared {
    fn default() -> Self {
        let pointer_copy = Arc::new(MemoryPointerCopy::default());
        let clock = Arc::new(ManualClock::new(NEW_YEAR));
        let segments = Arc::new(MemorySegments::default());
        Self {
            log: Arc::new(MemoryLog::new(clock.clone(), segments.clone(), 5_000, 7)),
            segments,
            isolates: Arc::default(),
            clock,
            registry: Arc::new(MemoryRegistry::new(pointer_copy.clone())),
            artifacts: Arc::default(),
            pointer_copy,
            key_sets: Arc::default(),
        }
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or(serde_json::Value::Null)
    }
}

impl Edge {
    /// With an owner, without a rate limit.
    pub(crate) fn new() -> Self {
        Self::with(&[("OWNER_TOKEN", OWNER_TOKEN), ("RATE_LIMIT", "off")])
    }

    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::on(&Shared::default(), MemoryPage::new(PAGE, &PAGE_HEADERS), settings)
    }

    /// As [`new`](Self::new), on what other isolates use too.
    pub(crate) fn beside(shared: &Shared) -> Self {
        let settings = [("OWNER_TOKEN", OWNER_TOKEN), ("RATE_LIMIT", "off")];
        Self::on(shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &settings)
    }

    /// As [`new`](Self::new), with the model in this file as the champion, version 2.
    pub(crate) async fn with_model(file: &[u8]) -> Self {
        let edge = Self::new();
        edge.publish(file.to_vec()).await;
        edge.change("PUT", "/api/v1/deployment", &json!({"champion": 2})).await;
        let settings = [("OWNER_TOKEN", OWNER_TOKEN), ("RATE_LIMIT", "off")];
        let shared = edge.with_a_new_log();
        Self::on(&shared, MemoryPage::new(PAGE, &PAGE_HEADERS), &settings)
    }

    /// What it uses, but for a log in which there is nothing.
    pub(crate) fn with_a_new_log(&self) -> Shared {
        let segments = Arc::new(MemorySegments::default());
        Shared {
            log: Arc::new(MemoryLog::new(self.clock.clone(), segments.clone(), 5_000, 7)),
            segments,
            isolates: Arc::default(),
            clock: self.clock.clone(),
            registry: self.registry.clone(),
            artifacts: self.artifacts.clone(),
            pointer_copy: self.pointer_copy.clone(),
            key_sets: self.key_sets.clone(),
        }
    }

    /// Publishes a model file as the owner.
    pub(crate) async fn publish(&self, file: Vec<u8>) -> Answer {
        self.upload("/api/v1/models", file).await
    }

    /// Sends a file as the owner.
    pub(crate) async fn upload(&self, path: &str, file: Vec<u8>) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {OWNER_TOKEN}"))
            .header("content-type", "application/octet-stream");
        self.send(request.body(Body::from(file)).unwrap()).await
    }

    /// A change as the owner, meant for any state.
    pub(crate) async fn change(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.change_if(method, path, body, "*").await
    }

    /// A change as the owner, meant for the state with this tag.
    pub(crate) async fn change_if(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        tag: &str,
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {OWNER_TOKEN}"))
            .header("if-match", tag)
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Pointer, code and detail of each fault of `body`, which must be refused.
    pub(crate) async fn faults(&self, body: &Value) -> Vec<[String; 3]> {
        let answer = self.predict(body.to_string()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", answer.text);
        let text = |fault: &Value, member: &str| fault[member].as_str().unwrap().to_owned();
        let problem = answer.json();
        let faults = problem["errors"].as_array().unwrap().iter();
        let members = ["pointer", "code", "detail"];
        faults.map(|fault| members.map(|member| text(fault, member))).collect()
    }

    /// Whose page was never built.
    pub(crate) fn without_a_page() -> Self {
        Self::on(&Shared::default(), MemoryPage::default(), &[])
    }

    pub(crate) fn on(shared: &Shared, page: MemoryPage, settings: &[(&str, &str)]) -> Self {
        let Shared { clock, registry, artifacts, pointer_copy, key_sets, log, segments, isolates } =
            shared.clone();
        let entropy = Arc::new(SeededEntropy::new(42 + isolates.fetch_add(1, Ordering::SeqCst)));
        let lines = Arc::new(Lines::default());
        log.note_in(registry.clone());
        let mut all = vec![
            ("CORS_ORIGINS", "*"),
            ("SUBJECT_SECRET", "a secret"),
            // What was just counted is to be seen.
            ("METRICS_MAX_AGE_SECS", "0"),
        ];
        all.extend_from_slice(settings);
        let config = Config::read(|name| {
            all.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        });
        let watcher = Arc::new(MemoryWatcher::new(
            clock.clone(),
            registry.clone(),
            artifacts.clone(),
            pointer_copy.clone(),
            log.clone(),
            config.as_ref().unwrap(),
        ));
        let ports = Ports {
            clock: clock.clone(),
            entropy: entropy.clone(),
            registry: registry.clone(),
            artifacts: artifacts.clone(),
            pointer_copy: pointer_copy.clone(),
            log: log.clone(),
            watcher: watcher.clone(),
            page: Arc::new(page),
            request_log: lines.clone(),
            limiter: Arc::new(CountingLimiter::new(3)),
            signatures: Arc::new(NativeSignatures),
            key_sets: key_sets.clone(),
        };
        let router = router(App::new(config.unwrap(), ports).unwrap());
        let background = Arc::default();
        Self {
            router,
            clock,
            entropy,
            log,
            segments,
            registry,
            artifacts,
            pointer_copy,
            watcher,
            key_sets,
            lines,
            background,
        }
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let scope =
            Scope { background: self.background.clone(), address: Some("192.0.2.1".into()) };
        request.extensions_mut().insert(scope);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn as_owner(&self, method: &str, path: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {OWNER_TOKEN}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn predict(&self, body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        let request = Request::post("/predict")
            .header("content-type", "application/json")
            .header("content-length", body.len());
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Lets what was left for after the answers happen.
    pub(crate) async fn settle(&self) {
        self.background.run().await;
    }
}

/// A body whose length nobody knows beforehand.
pub(crate) fn chunked(bytes: &[u8]) -> Body {
    let chunks: Vec<_> = bytes
        .chunks(4_096)
        .map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)))
        .collect();
    Body::from_stream(stream::iter(chunks))
}
