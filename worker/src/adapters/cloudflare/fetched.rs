//! What is elsewhere, over HTTPS: an issuer's keys, and those who are told of alerts.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use futures_util::{StreamExt, pin_mut};
use worker::send::SendFuture;
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Headers, Method, Request, RequestInit,
    RequestRedirect, Response,
};

use crate::ports::{KeySetSource, StorageError, WebhookSender};

/// An issuer that answers later is taken for away: somebody waits for it.
const ISSUER_TIMEOUT: Duration = Duration::from_secs(5);
/// So is a receiver of alerts, which is asked again.
const RECEIVER_TIMEOUT: Duration = Duration::from_secs(10);

/// `fetch`.
pub(super) struct FetchedKeySets;

#[async_trait]
impl KeySetSource for FetchedKeySets {
    async fn fetch(&self, url: &str, max_bytes: usize) -> Result<Vec<u8>, StorageError> {
        let read = async |signal| document(url, max_bytes, signal).await;
        SendFuture::new(in_time(ISSUER_TIMEOUT, read)).await
    }
}

/// `fetch`, too.
pub(super) struct FetchedWebhooks;

#[async_trait]
impl WebhookSender for FetchedWebhooks {
    async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<u16, StorageError> {
        let post = async |signal| {
            let sent = Headers::new();
            sent.set("content-type", "application/json")?;
            headers.iter().try_for_each(|(name, value)| sent.set(name, value))?;
            let mut init = RequestInit::new();
            init.with_method(Method::Post).with_headers(sent).with_body(Some(body.into()));
            let response = send(url, init, &signal).await?;
            Ok(Ok(response.status_code()))
        };
        SendFuture::new(in_time(RECEIVER_TIMEOUT, post)).await
    }
}

async fn in_time<T>(
    timeout: Duration,
    work: impl AsyncFnOnce(AbortSignal) -> worker::Result<Result<T, StorageError>>,
) -> Result<T, StorageError> {
    let controller = AbortController::default();
    let work = work(controller.signal());
    let late = Delay::from(timeout);
    pin_mut!(work, late);
    let answer = match select(work, late).await {
        Either::Left((done, _)) => done.map_err(unreachable).flatten(),
        Either::Right(_) => Err(unreachable("it didn't answer in time")),
    };
    // Ends what is under way still; what was read to its end isn't touched by it.
    controller.abort();
    answer
}

/// What answers at `url`, which the settings alone say: redirections aren't followed.
async fn send(url: &str, mut init: RequestInit, signal: &AbortSignal) -> worker::Result<Response> {
    init.with_redirect(RequestRedirect::Manual);
    let request = Request::new_with_init(url, &init)?;
    Fetch::Request(request).send_with_signal(signal).await
}

async fn document(
    url: &str,
    max_bytes: usize,
    signal: AbortSignal,
) -> worker::Result<Result<Vec<u8>, StorageError>> {
    let mut response = send(url, RequestInit::new(), &signal).await?;
    let status = response.status_code();
    if status != 200 {
        return Ok(Err(unreachable(format!("it answers {status}"))));
    }
    let mut bytes = Vec::new();
    let mut body = response.stream()?;
    while let Some(chunk) = body.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > max_bytes {
            return Ok(Err(StorageError::Corrupt("the document is too long".into())));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Ok(bytes))
}

fn unreachable(error: impl std::fmt::Display) -> StorageError {
    StorageError::Unreachable(error.to_string())
}
