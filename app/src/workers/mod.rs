//! The programs that compute beside the page's thread, and how the page and they talk.
//!
//! A worker starts the same program as the page and loads the part that it is named after (ADR 0011).
//!
//! A message is an array of two: bytes in postcard, a request or an event of the `Program`, and what
//! cannot or need not be copied, a file as the browser's own `Blob` or a buffer that changes hands. The
//! first message is the worker's, and empty: it is loaded and listens. Until it comes, requests wait.
//!
//! A worker answers one request after the other and is not interrupted; who wants to stop it drops its
//! `Client`, which ends it in the middle of whatever it does.

mod client;
mod server;

use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::client::{Attachment, Client, Failure};
pub(crate) use self::server::{Port, serve};
pub use self::server::{own_name, run};
use crate::not_loaded::NotLoaded;

/// Answers what the page asks, as long as the worker lives.
pub type Serve = fn();

/// A worker's program on its way here.
pub type LoadingProgram = Pin<Box<dyn Future<Output = Result<Serve, NotLoaded>>>>;

/// A program that runs in a worker, as both ends know it.
pub(crate) trait Program {
    /// What the page asks.
    type Request: Serialize + DeserializeOwned;
    /// What the program says.
    type Event: Serialize + DeserializeOwned;
    /// Name of its workers.
    const NAME: &'static str;
}
