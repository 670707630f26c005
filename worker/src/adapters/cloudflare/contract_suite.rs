//! The contract suite on SQLite, KV and Durable Objects. A test asks a shard's object for the names,
//! and then for one case after the other, each of an object that is new.

use worker::Env;

use super::log::DurableLog;
use super::segments::KvSegments;
use super::sql_shard::SqlShard;
use crate::contract::{Breach, log, shard};
use crate::ports::{ShardId, StorageError};

/// Names of all cases, by suite.
pub(super) fn cases() -> Vec<String> {
    let of_shard = shard::NAMES.iter().map(|case| format!("shard/{case}"));
    of_shard.chain(log::NAMES.iter().map(|case| format!("log/{case}"))).collect()
}

/// Runs a case and says what was broken.
///
/// # Errors
/// [`StorageError::Corrupt`] if there is no such case.
pub(super) async fn run(
    case: &str,
    number: ShardId,
    store: SqlShard,
    segments: KvSegments,
    env: &Env,
) -> Result<Option<String>, StorageError> {
    let outcome = match case.split_once('/') {
        Some(("shard", case)) => {
            shard::run(case, &shard::Stand::new(number, store, segments)).await
        }
        Some(("log", case)) => {
            log::run(case, &log::Stand::new(DurableLog::new(env.clone()), number)).await
        }
        _ => None,
    };
    let outcome = outcome.ok_or_else(|| StorageError::Corrupt(format!("no case {case}")))?;
    Ok(outcome.err().map(|Breach(what)| what))
}
