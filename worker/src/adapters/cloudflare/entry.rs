//! Events of the Worker: fetch and cron.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::response::IntoResponse;
use tower_service::Service;
use worker::{Context, Env, ScheduleContext, ScheduledEvent, console_error, event, web_sys};

use super::artifacts::KvArtifacts;
use super::fetched::FetchedKeySets;
use super::log::DurableLog;
use super::page::AssetPage;
use super::platform::{Console, EdgeClock, EdgeEntropy, EdgeLimiter, Late};
use super::pointer_copy::KvPointerCopy;
use super::registry::DurableRegistry;
use super::request::{Incoming, incoming};
use super::response::outgoing;
use super::signature::WebSignatures;
use super::watcher::DurableWatcher;
use crate::app::{App, Ports, Scope};
use crate::config::{Config, ConfigError};
use crate::error::ApiError;
use crate::http::envelope::secure;
use crate::ports::WatchQuestion;
use crate::router::router;
use crate::services::log::reader;

/// What an isolate builds once, on its first event.
struct Isolate {
    app: App,
    router: Router,
}

static ISOLATE: OnceLock<Isolate> = OnceLock::new();

/// Bindings are the same objects for all events of an isolate, so they can be kept. A start that
/// fails is tried again by the next event.
fn isolate(env: &Env) -> Result<&'static Isolate, ApiError> {
    if let Some(isolate) = ISOLATE.get() {
        return Ok(isolate);
    }
    let config = settings(env)?;
    let ports = Ports {
        clock: Arc::new(EdgeClock),
        entropy: Arc::new(EdgeEntropy::default()),
        registry: Arc::new(DurableRegistry::new(env.clone())),
        artifacts: Arc::new(KvArtifacts::new(env.clone())),
        pointer_copy: Arc::new(KvPointerCopy::new(env.clone())),
        log: Arc::new(DurableLog::new(env.clone())),
        watcher: Arc::new(DurableWatcher::new(env.clone())),
        page: Arc::new(AssetPage::new(env.clone())),
        limiter: Arc::new(EdgeLimiter::new(env)),
        request_log: Arc::new(Console),
        signatures: Arc::new(WebSignatures),
        key_sets: Arc::new(FetchedKeySets),
    };
    let app = App::new(config, ports)?;
    let isolate = Isolate { router: router(app.clone()), app };
    Ok(ISOLATE.get_or_init(|| isolate))
}

/// Variables and secrets by name.
pub(super) fn settings(env: &Env) -> Result<Config, ConfigError> {
    Config::read(|name| env.var(name).ok().map(|value| value.to_string()))
}

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    let isolate = match isolate(&env) {
        Ok(isolate) => isolate,
        Err(error) => {
            let mut response = error.into_response();
            secure(response.headers_mut());
            return outgoing(response).await;
        }
    };
    let Incoming { mut request, leftover, address } = incoming(&request).await?;
    let scope = Scope { background: Arc::new(Late::new(context)), address };
    request.extensions_mut().insert(scope);
    #[cfg(feature = "contract-suite")]
    if request.uri().path() == super::contract_suite::ENDLESS {
        return outgoing(super::contract_suite::endless()).await;
    }
    let mut router = isolate.router.clone();
    // The router's error type is uninhabited: every failure is already an answer.
    let response = match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    leftover.drain().await;
    outgoing(response).await
}

/// The safety net under the objects' own alarms: flushes what the shards missed, drops what is old, wakes the watcher.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    let app = match isolate(&env) {
        Ok(isolate) => &isolate.app,
        Err(error) => {
            console_error!("cron: {error}");
            return;
        }
    };
    if let Err(error) = reader::flush(app.ports.log.as_ref(), app.config.log_shards).await {
        console_error!("cron: {error}");
    }
    if let Err(error) = app.ports.watcher.ask(&WatchQuestion::Status).await {
        console_error!("cron: {error}");
    }
}
