//! The programs that compute beside the page's thread, and how the page and they talk.
//!
//! A message is an array of two: bytes in postcard, a request or an event of the [`Program`], and what
//! cannot or need not be copied, a file as the browser's own `Blob` or a buffer that changes hands. The
//! first message is the worker's, and empty: it is loaded and listens. Until it comes, requests wait.
//!
//! A worker answers one request after the other and is not interrupted; who wants to stop it drops its
//! [`Client`], which ends it in the middle of whatever it does.

mod client;
mod server;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::client::{Attachment, Client, Failure};
pub(crate) use self::server::{Port, serve};

/// A program that runs in a worker, as both ends know it.
pub(crate) trait Program {
    /// What the page asks.
    type Request: Serialize + DeserializeOwned;
    /// What the program says.
    type Event: Serialize + DeserializeOwned;
    /// Where its loader lies. Absolute, so that deep links find it too.
    const LOADER_PATH: &'static str;
}
