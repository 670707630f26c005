//! `GET /api/v1/predictions/export`.

use std::collections::BTreeSet;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, Uri};
use tepal_api::{Problem, ProblemError};

use super::predictions::{MAX_LIMIT, read_query};
use crate::app::App;
use crate::error::ApiError;
use crate::http::access::{Allowed, Read};
use crate::http::admission::Admitted;
use crate::http::{answer, query};
use crate::ports::{HistoryQuery, ShardId, StorageError};
use crate::services::export::{Export, ExportFormat};
use crate::services::log::reader;

/// Logged predictions as a file
///
/// All that the filters select, newest first, in a stream. What is too long for one answer ends with a line
/// that holds `next_cursor`, and the next part goes on from that `cursor`. A CSV is of one version, because versions may have
/// other features; cells that a spreadsheet would take for formulas begin with an apostrophe.
#[utoipa::path(
    get,
    path = "/api/v1/predictions/export",
    tag = "monitoring",
    security(("owner" = [])),
    params(
        ("format" = String, Query, description = "`ndjson` or `csv`"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` at the end of the part before"),
        ("from" = Option<String>, Query, description = "Only predictions made at this RFC 3339 time or later"),
        ("to" = Option<String>, Query, description = "Only predictions made before this RFC 3339 time"),
        ("version" = Option<u64>, Query, description = "Only predictions of this registry version; needed for a CSV"),
        ("class" = Option<String>, Query, description = "Only predictions of this class"),
        ("labelled" = Option<bool>, Query, description = "Only predictions with a label, or only those without"),
        ("outcome" = Option<String>, Query, description = "`right` or `wrong`: only predictions that turned out so"),
    ),
    responses(
        (status = 200, description = "The file", content((String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 400, description = "A parameter can't be used", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No token, or a wrong one", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The key may not do that", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "No owner token is configured, or the log can't be read", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn show(
    _admitted: Admitted,
    _allowed: Allowed<Read>,
    State(app): State<App>,
    uri: Uri,
) -> Result<Response, ApiError> {
    let (format, asked) = read(uri.query().unwrap_or("")).map_err(ApiError::Query)?;
    app.writer.catch_up().await?;
    // What fails at once is a problem; later there is only the end of the stream to say so.
    let log = app.ports.log.as_ref();
    let shards = reader::all_shards(log, app.config.log_shards).await?;
    let calls = CALLS.checked_div(shards.len()).unwrap_or(CALLS).max(1);
    let mut pages =
        Pages { app, shards, pages_left: calls, export: Some((Export::new(format), asked)) };
    let first = pages.next().await?.unwrap_or_default();
    let pages = stream::unfold((Some(first), pages), |(first, mut pages)| async move {
        let page = match first {
            Some(first) => Ok(first),
            None => pages.next().await.transpose()?,
        };
        Some((page.map(Bytes::from), (None, pages)))
    });
    let (media_type, ending) = format.names();
    let mut response = answer::text(media_type, Body::from_stream(pages));
    if let Ok(value) =
        HeaderValue::try_from(format!("attachment; filename=\"predictions.{ending}\""))
    {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Most calls to shards of one export: a request has 1,000 to the platform's own services.
const CALLS: usize = 900;

/// The pages that are left.
struct Pages {
    app: App,
    shards: BTreeSet<ShardId>,
    pages_left: usize,
    /// `None` after the last page, or one that couldn't be had.
    export: Option<(Export, HistoryQuery)>,
}

impl Pages {
    /// The text of the next page, if there is one.
    async fn next(&mut self) -> Result<Option<String>, StorageError> {
        let Some((mut export, mut query)) = self.export.take() else { return Ok(None) };
        let page = reader::page_of(self.app.ports.log.as_ref(), &self.shards, &query).await?;
        let mut text = export.page(&page.rows)?;
        self.pages_left = self.pages_left.saturating_sub(1);
        if page.next.is_some() && self.pages_left > 0 {
            query.before_id = page.next;
            self.export = Some((export, query));
        } else {
            text.push_str(&export.end(page.next.as_deref()));
        }
        Ok(Some(text))
    }
}

/// Format and filters, or every parameter that can't be used.
fn read(text: &str) -> Result<(ExportFormat, HistoryQuery), Vec<ProblemError>> {
    let filters: Vec<&str> = text.split('&').filter(|pair| !pair.starts_with("format=")).collect();
    let (mut asked, mut faults) = match read_query(&filters.join("&")) {
        Ok(asked) => (asked, Vec::new()),
        Err(faults) => (HistoryQuery::default(), faults),
    };
    let mut fault = |pointer: &str, code: &str, detail: &str| {
        let [pointer, code, detail] = [pointer, code, detail].map(str::to_owned);
        faults.push(ProblemError { pointer, code, detail });
    };
    let mut format = None;
    for (name, value) in query::form(text) {
        match (name.as_str(), value.as_str()) {
            ("format", "ndjson") => format = Some(ExportFormat::Ndjson),
            ("format", "csv") => format = Some(ExportFormat::Csv),
            ("limit", _) => fault("?limit", "unknown_parameter", "an export has no pages"),
            _ => {}
        }
    }
    if format.is_none() {
        fault("?format", "missing_parameter", "format must be ndjson or csv");
    }
    let has_version = query::form(text).any(|(name, _)| name == "version");
    if format == Some(ExportFormat::Csv) && !has_version {
        fault("?version", "missing_parameter", "name the version: a CSV has the columns of one");
    }
    asked.limit = MAX_LIMIT;
    match format {
        Some(format) if faults.is_empty() => Ok((format, asked)),
        _ => Err(faults),
    }
}
