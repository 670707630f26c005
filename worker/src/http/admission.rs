//! The rate limit.

use axum::extract::{FromRequestParts, MatchedPath};
use futures_util::future::BoxFuture;
use http::request::Parts;

use super::access::presented;
use crate::app::{App, Scope};
use crate::error::ApiError;
use crate::services::metrics::CounterKey;

/// Proof that the caller is within the rate limit. A handler that takes it first is limited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted;

impl FromRequestParts<App> for Admitted {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        admit(parts, app).await
    }
}

/// In a box: else each handler has the whole of it in its own code.
fn admit<'a>(parts: &'a mut Parts, app: &'a App) -> BoxFuture<'a, Result<Admitted, ApiError>> {
    Box::pin(async move {
        if !app.config.rate_limit {
            return Ok(Admitted);
        }
        // By who is asking if that is proven, so that nobody escapes the limit by inventing keys; else
        // by the connecting address, which is handed to the limiter and kept nowhere.
        let caller = presented(parts, app).await.ok().flatten();
        let counted_by = caller.and_then(|caller| caller.counted_by());
        let address = parts.extensions.get::<Scope>().and_then(|scope| scope.address.as_deref());
        if app.ports.limiter.admit(counted_by.as_deref().or(address).unwrap_or("unknown")).await {
            return Ok(Admitted);
        }
        let route = parts.extensions.get::<MatchedPath>().map_or("other", MatchedPath::as_str);
        app.telemetry.count(CounterKey::RateLimited(route.to_owned().into()), 1);
        Err(ApiError::RateLimited { period_secs: app.config.rate_period_secs })
    })
}
