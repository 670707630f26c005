//! An issuer's keys, read over HTTPS.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use futures_util::{StreamExt, pin_mut};
use worker::send::SendFuture;
use worker::{AbortController, AbortSignal, Delay, Fetch, Request, RequestInit, RequestRedirect};

use crate::ports::{KeySetSource, StorageError};

/// An issuer that answers later is taken for away: somebody waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// `fetch`.
pub(super) struct FetchedKeySets;

#[async_trait]
impl KeySetSource for FetchedKeySets {
    async fn fetch(&self, url: &str, max_bytes: usize) -> Result<Vec<u8>, StorageError> {
        SendFuture::new(in_time(url, max_bytes)).await
    }
}

async fn in_time(url: &str, max_bytes: usize) -> Result<Vec<u8>, StorageError> {
    let controller = AbortController::default();
    let read = read(url, max_bytes, controller.signal());
    let late = Delay::from(TIMEOUT);
    pin_mut!(read, late);
    let answer = match select(read, late).await {
        Either::Left((read, _)) => read.map_err(unreachable).flatten(),
        Either::Right(_) => Err(unreachable("it didn't answer in time")),
    };
    // Ends what is under way still; what was read to its end isn't touched by it.
    controller.abort();
    answer
}

async fn read(
    url: &str,
    max_bytes: usize,
    signal: AbortSignal,
) -> worker::Result<Result<Vec<u8>, StorageError>> {
    let mut init = RequestInit::new();
    // Where keys come from is said by the settings alone.
    init.with_redirect(RequestRedirect::Manual);
    let request = Request::new_with_init(url, &init)?;
    let mut response = Fetch::Request(request).send_with_signal(&signal).await?;
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
