//! Around every handler: counts, durations, security headers, CORS, and what is left to do after
//! the answer.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use serde::Serialize;

use super::answer::Degraded;
use super::cors::CrossOrigin;
use super::headers;
use super::problem::ProblemKind;
use crate::app::{App, Scope};
use crate::ports::{Background, WatchQuestion};
use crate::services::log::buffer::{Flush, GATHER_MILLIS};
use crate::services::metrics::{CounterKey, DurationClass};

/// What the envelope knows of the router around it.
#[derive(Clone)]
pub(crate) struct Enveloped {
    pub(crate) app: App,
    /// Paths that pages of other origins may call, each with a method.
    pub(crate) cross_origin: Arc<[(&'static str, Method)]>,
}

/// Runs the rest of the router and completes its answer.
pub(crate) async fn envelope(
    State(Enveloped { app, cross_origin }): State<Enveloped>,
    request: Request,
    next: Next,
) -> Response {
    let started = app.ports.clock.now_millis();
    let background = request.extensions().get::<Scope>().map(|scope| Arc::clone(&scope.background));
    let route = route(&request);
    let method = method(request.method());
    let id = request_id(&app, request.headers());
    let cross = CrossOrigin::of(&request, &cross_origin);

    let mut response = next.run(request).await;

    secure(response.headers_mut());
    if let Some(cross) = cross {
        cross.answer(&app.config.cors, response.headers_mut());
    }
    if app.config.request_log {
        let status = response.status().as_u16();
        let millis = app.ports.clock.now_millis() - started;
        let kind = response.extensions().get::<ProblemKind>().map(|ProblemKind(kind)| *kind);
        let degraded = response.extensions().get::<Degraded>().is_some();
        let line = Line { request: &id, route: &route, method, status, millis, kind, degraded };
        app.ports.request_log.write(&line.text());
    }
    let class = status_class(response.status().as_u16());
    app.telemetry.count(CounterKey::Requests(route.clone(), method.into(), class.into()), 1);
    after_answer(&app, background, route, started);
    response
}

/// What the log says of one request. Clocks stand still between I/O, so `millis` may be 0.
#[derive(Serialize)]
struct Line<'a> {
    request: &'a str,
    route: &'a str,
    method: &'a str,
    status: u16,
    millis: i64,
    #[serde(rename = "problem", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    degraded: bool,
}

impl Line<'_> {
    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The platform's name for the request, which its caller sees too; elsewhere the isolate's own.
fn request_id(app: &App, sent: &HeaderMap) -> String {
    if !app.config.request_log {
        return String::new();
    }
    let ray = sent.get(headers::RAY).and_then(|ray| ray.to_str().ok());
    let fits = |ray: &&str| ray.len() <= 64 && ray.bytes().all(|b| b.is_ascii_graphic());
    ray.filter(fits).map(str::to_owned).unwrap_or_else(|| app.next_request())
}

/// The route's pattern, so that a metric has as many series as there are routes.
fn route(request: &Request) -> Cow<'static, str> {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or(Cow::Borrowed("other"), |path| Cow::Owned(path.as_str().to_owned()))
}

fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

const fn status_class(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// Sees to stamping durations and sending what is pending, if no other request does.
fn after_answer(
    app: &App,
    background: Option<Arc<dyn Background>>,
    route: Cow<'static, str>,
    started: i64,
) {
    let now = app.ports.clock.now_millis();
    let stamp = app.telemetry.finish(DurationClass(route), started, now);
    let flush = app.writer.buffer.claim(now);
    let Some(background) = background.filter(|_| stamp || flush != Flush::Never) else { return };
    let writer = app.writer.clone();
    let watcher = Arc::clone(&app.ports.watcher);
    let is_watched = Arc::clone(&app.is_watched);
    background.spawn(Box::pin(async move {
        if stamp {
            // A timer is the cheapest I/O; after it the clock has moved on.
            writer.clock.sleep(0).await;
            writer.buffer.telemetry().stamp(writer.clock.now_millis());
        }
        match flush {
            Flush::Never => return,
            Flush::Soon => writer.clock.sleep(GATHER_MILLIS).await,
            Flush::Now => {}
        }
        // A batch that isn't delivered stays in the buffer and is counted if it is given up.
        let _undelivered = writer.flush().await;
        // There is something to watch: once in an isolate's life the watcher hears so.
        if !is_watched.load(Ordering::Relaxed) {
            let woken = watcher.ask(&WatchQuestion::Status).await;
            is_watched.store(woken.is_ok(), Ordering::Relaxed);
        }
    }));
}

/// Headers that every answer carries. A handler's own content security policy stands.
pub(crate) fn secure(headers: &mut HeaderMap) {
    const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOTHING));
    let fixed: [(HeaderName, &str); 5] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
