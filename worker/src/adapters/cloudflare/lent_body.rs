//! A request's body, which outlives the handler that may not want it.
//!
//! A handler that refuses a request leaves its body unread. Answering while a client, or a proxy
//! in front of the Worker, is still sending makes some of them report a broken connection instead
//! of the answer. So what is left is read and thrown away first, up to a limit.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt};
use worker::{Error, web_sys};

/// Enough for a body of 10 MB; whoever sends more has to live with what comes back.
const MOST_DRAINED_BYTES: usize = 16 * 1024 * 1024;

type Slot = Arc<Mutex<Option<worker::Body>>>;

/// Where an unread body ends up.
pub(super) struct Leftover(Slot);

/// The handler's end of the body; gives it back when it is dropped unread.
struct ReturnedBody {
    body: Option<worker::Body>,
    home: Slot,
}

/// A body for the router, and the place where it comes back.
pub(super) fn lend(stream: Option<web_sys::ReadableStream>) -> (Body, Leftover) {
    let home = Slot::default();
    let leftover = Leftover(Arc::clone(&home));
    let Some(stream) = stream else { return (Body::empty(), leftover) };
    let body = ReturnedBody { body: Some(worker::Body::new(stream)), home };
    (Body::from_stream(body), leftover)
}

impl Leftover {
    /// No body was handed over.
    pub(super) fn none() -> Self {
        Self(Slot::default())
    }

    /// Reads what the handler left.
    pub(super) async fn drain(self) {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut body) = body else { return };
        let mut drained = 0;
        while let Some(Ok(chunk)) = body.next().await {
            drained += chunk.len();
            if drained > MOST_DRAINED_BYTES {
                return;
            }
        }
    }
}

impl Stream for ReturnedBody {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let next = body.poll_next_unpin(context);
        if let Poll::Ready(None | Some(Err(_))) = next {
            self.body = None;
        }
        next
    }
}

impl Drop for ReturnedBody {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            *self.home.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
