//! A receiver of alerts without a network.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::ports::{StorageError, WebhookSender};

/// A message that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Where to.
    pub url: String,
    /// Its headers.
    pub headers: BTreeMap<&'static str, String>,
    /// What it says.
    pub body: String,
}

/// Keeps what is posted to any address, and answers what it is told to.
#[derive(Debug, Default)]
pub struct MemoryWebhooks {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    posted: Vec<Posted>,
    /// `None` if it is away.
    status: Option<u16>,
}

impl Default for State {
    fn default() -> Self {
        Self { posted: Vec::new(), status: Some(200) }
    }
}

impl MemoryWebhooks {
    /// What came so far, in the order in which it came, and is forgotten.
    pub fn take(&self) -> Vec<Posted> {
        std::mem::take(&mut self.lock().posted)
    }

    /// Which status is answered from now on; `None` if nothing is.
    pub fn set_status(&self, status: Option<u16>) {
        self.lock().status = status;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl WebhookSender for MemoryWebhooks {
    async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<u16, StorageError> {
        let mut state = self.lock();
        let headers = headers.iter().cloned().collect();
        state.posted.push(Posted { url: url.to_owned(), headers, body: body.to_owned() });
        state.status.ok_or_else(|| StorageError::Unreachable("told to be away".into()))
    }
}
