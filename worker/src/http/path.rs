//! Names in paths.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::app::App;
use crate::error::ApiError;
use crate::ports::RegistryError;

/// The one name in a route's path, decoded. One that isn't UTF-8 names nothing.
#[derive(Debug)]
pub(crate) struct Segment(pub(crate) String);

impl FromRequestParts<App> for Segment {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        let Path(name) =
            path.map_err(|_| RegistryError::NotFound { what: "thing of such a name".into() })?;
        Ok(Self(name))
    }
}
