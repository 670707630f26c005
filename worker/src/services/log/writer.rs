//! Sends batches to the isolate's shard.

use std::sync::Arc;

use crate::ports::{Batch, Clock, LogRow, PredictionLog, ShardId, StorageError};
use crate::services::log::buffer::LogBuffer;
use crate::services::metrics::CounterKey;

/// Waits before the second and the third try of a batch.
const RETRY_MILLIS: [u32; 2] = [50, 250];

/// The isolate's way into the log.
#[derive(Clone)]
pub(crate) struct LogWriter {
    pub(crate) buffer: Arc<LogBuffer>,
    pub(crate) log: Arc<dyn PredictionLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) shard: ShardId,
}

impl LogWriter {
    /// Sends what is pending. A batch that can't be sent stays for the next flush.
    ///
    /// # Errors
    /// [`StorageError`] of the last batch that failed.
    pub(crate) async fn flush(&self) -> Result<(), StorageError> {
        self.send_all(self.buffer.take(false, self.clock.now_millis())).await
    }

    /// Sends everything that isn't known to have arrived, also what other requests are sending
    /// at this moment: afterwards the log holds all that this isolate has answered so far.
    ///
    /// # Errors
    /// [`StorageError`] of the last batch that failed.
    pub(crate) async fn catch_up(&self) -> Result<(), StorageError> {
        let now = self.clock.now_millis();
        self.buffer.telemetry().stamp(now);
        self.send_all(self.buffer.take(true, now)).await
    }

    /// Appends `row` and its counts, and what else is pending, before it returns.
    ///
    /// # Errors
    /// [`StorageError`] if the row isn't known to be in the log. Either it is, with its counts, and
    /// only the confirmation was lost, or neither is; the next flush doesn't bring it.
    pub(crate) async fn append_now(
        &self,
        row: LogRow,
        counts: &[(CounterKey, u64)],
    ) -> Result<(), StorageError> {
        let id = row.id.clone();
        let Some(batch) = self.buffer.take_with(row, counts, self.clock.now_millis()) else {
            return Ok(());
        };
        let outcome = self.send(&batch).await;
        if outcome.is_err() {
            self.buffer.withdraw(&batch.tag, &id, counts);
        }
        outcome
    }

    async fn send_all(&self, batches: Vec<Arc<Batch>>) -> Result<(), StorageError> {
        let mut result = Ok(());
        for batch in batches {
            if let Err(error) = self.send(&batch).await {
                result = Err(error);
            }
        }
        result
    }

    async fn send(&self, batch: &Batch) -> Result<(), StorageError> {
        let mut outcome = self.log.append(self.shard, batch).await;
        for millis in RETRY_MILLIS {
            if outcome.is_ok() {
                break;
            }
            self.clock.sleep(millis).await;
            outcome = self.log.append(self.shard, batch).await;
        }
        match &outcome {
            Ok(()) => self.buffer.acknowledge(&batch.tag),
            Err(_) => {
                self.buffer.put_back(&batch.tag);
                self.buffer.telemetry().count(CounterKey::LogFlushFailures, 1);
            }
        }
        outcome
    }
}
