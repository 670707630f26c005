//! What a log shard's object is asked, and answers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::object_call::ObjectCall;
use crate::ports::{
    Asked, Erasure, FlushReport, HistoryQuery, HourSpan, Label, LabelStatus, Progress, ShardId,
    ShardStatus, StorageError, Tally,
};

/// One of [`crate::ports::PredictionLog`]'s calls.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ShardCall {
    /// The attachment is the batch.
    Append {
        shard: ShardId,
    },
    History {
        shard: ShardId,
        query: HistoryQuery,
    },
    Flush {
        shard: ShardId,
    },
    Status,
    Label {
        shard: ShardId,
        labels: Vec<Label>,
    },
    Tallies {
        span: HourSpan,
    },
    Erase {
        shard: ShardId,
        what: Erasure,
        asked: Asked,
    },
    /// To the directory: this shard has rows.
    NoteShard {
        shard: ShardId,
    },
    /// To the directory: which have?
    Shards,
    /// Names the cases of the contract suite.
    #[cfg(feature = "contract-suite")]
    ContractCases,
    /// Runs one of them: of a shard on the object's own storage, where `shard` is a number that no
    /// other object has; of the log on that shard and the next.
    #[cfg(feature = "contract-suite")]
    ContractCase {
        case: String,
        shard: ShardId,
    },
}

/// The answer to the call of the same name.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ShardAnswer {
    Append,
    /// The attachment is the rows, one record a line.
    History {
        next: Option<String>,
    },
    Flush(FlushReport),
    Status(ShardStatus),
    Label(Vec<LabelStatus>),
    Tallies(Vec<Tally>),
    Erase(Progress),
    NoteShard,
    Shards(BTreeSet<ShardId>),
    #[cfg(feature = "contract-suite")]
    ContractCases(Vec<String>),
    /// What was broken, if anything was.
    #[cfg(feature = "contract-suite")]
    ContractCase(Option<String>),
}

impl ObjectCall for ShardCall {
    type Answer = ShardAnswer;
    type Error = StorageError;
}
