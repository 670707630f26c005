//! The contract suite on SQLite, KV and Durable Objects. A test asks a shard's object for the names,
//! and then for one case after the other, each of an object that is new. Beside it, an answer that no
//! route gives.

use std::time::Duration;

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use futures_util::stream;
use worker::send::SendFuture;
use worker::{Delay, Env, Error, State, js_sys};

use super::artifacts::KvArtifacts;
use super::log::DurableLog;
use super::pointer_copy::KvPointerCopy;
use super::segments::KvSegments;
use super::sql_documents::SqlDocuments;
use super::sql_shard::SqlShard;
use crate::contract::{Breach, artifacts, documents, erasure, labels, log, pointer_copy, shard};
use crate::ports::{SegmentStore, ShardId, StorageError, StoredSegment};

/// Names of all cases, by suite.
pub(super) fn cases() -> Vec<String> {
    let of_shard = shard::NAMES.iter().map(|case| format!("shard/{case}"));
    let of_erasure = erasure::NAMES.iter().map(|case| format!("erasure/{case}"));
    let of_labels = labels::NAMES.iter().map(|case| format!("labels/{case}"));
    of_shard
        .chain(of_labels)
        .chain(of_erasure)
        .chain(log::NAMES.iter().map(|case| format!("log/{case}")))
        .chain(documents::NAMES.iter().map(|case| format!("documents/{case}")))
        .chain(artifacts::NAMES.iter().map(|case| format!("artifacts/{case}")))
        .chain(pointer_copy::NAMES.iter().map(|case| format!("pointer_copy/{case}")))
        .collect()
}

/// Runs a case and says what was broken.
///
/// # Errors
/// [`StorageError::Corrupt`] if there is no such case.
pub(super) async fn run(
    case: &str,
    number: ShardId,
    state: &State,
    segments: KvSegments,
    env: &Env,
) -> Result<Option<String>, StorageError> {
    let segments = Shifted { segments, by_millis: js_sys::Date::now() as i64 };
    // An object has one kind of store: they number their migrations each from 1.
    let stand = || {
        Ok(shard::Stand::new(number, SqlShard::open(state.storage(), Arc::default())?, segments))
    };
    let outcome = match case.split_once('/') {
        Some(("shard", case)) => shard::run(case, &stand()?).await,
        Some(("erasure", case)) => erasure::run(case, &stand()?).await,
        Some(("labels", case)) => labels::run(case, &stand()?).await,
        Some(("log", case)) => {
            log::run(case, &log::Stand::new(DurableLog::new(env.clone()), number)).await
        }
        Some(("documents", case)) => {
            let documents = SqlDocuments::open(state.storage(), Arc::default())?;
            documents::run(case, &documents::Stand::new(documents)).await
        }
        Some(("artifacts", case)) => {
            let prefix = format!("contract-{number}-");
            let artifacts = KvArtifacts::new(env.clone());
            artifacts::run(case, &artifacts::Stand::new(artifacts, prefix)).await
        }
        Some(("pointer_copy", case)) => {
            let copy = KvPointerCopy::new(env.clone());
            pointer_copy::run(case, &pointer_copy::Stand::new(copy)).await
        }
        _ => None,
    };
    let outcome = outcome.ok_or_else(|| StorageError::Corrupt(format!("no case {case}")))?;
    Ok(outcome.err().map(|Breach(what)| what))
}

/// KV under the time of a suite that begins at 0.
struct Shifted {
    segments: KvSegments,
    by_millis: i64,
}

#[async_trait]
impl SegmentStore for Shifted {
    async fn put(
        &self,
        shard: ShardId,
        segment: u64,
        ndjson: String,
        meta: &StoredSegment,
        until_millis: i64,
    ) -> Result<(), StorageError> {
        let until_millis = until_millis + self.by_millis;
        self.segments.put(shard, segment, ndjson, meta, until_millis).await
    }

    async fn delete(&self, shard: ShardId, segment: u64) -> Result<(), StorageError> {
        self.segments.delete(shard, segment).await
    }

    async fn get(&self, shard: ShardId, segment: u64) -> Result<Option<String>, StorageError> {
        self.segments.get(shard, segment).await
    }
}

/// Path of [`endless`].
pub(super) const ENDLESS: &str = "/contract/endless";

/// Length of a line, so that what stands between Worker and caller doesn't wait long for more.
const LINE_BYTES: usize = 16 * 1024;

/// An answer of numbered lines that never ends, so that only its pieces can be handed on.
pub(super) fn endless() -> http::Response<Body> {
    let lines = stream::unfold(0_u32, |n| {
        SendFuture::new(async move {
            Delay::from(Duration::from_millis(5)).await;
            Some((
                Ok::<_, Error>(Bytes::from(format!("line {n}{}\n", " ".repeat(LINE_BYTES)))),
                n.wrapping_add(1),
            ))
        })
    });
    http::Response::new(Body::from_stream(lines))
}
