//! Rows that a worker sends chunk by chunk: which to ask for, and which to keep.

use crate::sorted::SortedMap;

/// Rows that are asked for at once.
pub(crate) const CHUNK: u32 = 64;
/// Chunks that are kept.
const MAX_CHUNKS: usize = 40;

/// Some chunks of many rows.
#[derive(Debug, Clone)]
pub(crate) struct RowChunks<T> {
    here: SortedMap<u32, Vec<T>>,
    asked: Vec<u32>,
}

impl<T> Default for RowChunks<T> {
    fn default() -> Self {
        Self { here: SortedMap::new(), asked: Vec::new() }
    }
}

impl<T> RowChunks<T> {
    /// The first rows of the chunks to ask for, so that `count` rows from `first` will be here.
    pub(crate) fn want(&mut self, first: u32, count: u32) -> Vec<u32> {
        let chunks = (first / CHUNK)..=((first + count) / CHUNK);
        let firsts = chunks.map(|chunk| chunk * CHUNK);
        let open: Vec<u32> = firsts.filter(|first| !self.asked.contains(first)).collect();
        self.asked.extend(&open);
        open
    }

    /// Takes the chunk that begins with row `first`, and drops the one that is farthest from it if there
    /// are too many.
    pub(crate) fn take(&mut self, first: u32, rows: Vec<T>) {
        self.here.insert(first, rows);
        while self.here.len() > MAX_CHUNKS {
            let far = self.here.keys().copied().max_by_key(|chunk| chunk.abs_diff(first));
            let Some(far) = far else { break };
            self.here.remove(&far);
            self.asked.retain(|chunk| *chunk != far);
        }
    }

    /// A row, if it is here.
    pub(crate) fn row(&self, row: u32) -> Option<&T> {
        let first = row - row % CHUNK;
        self.here.get(&first)?.get((row - first) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_asked_for_once() {
        let mut chunks = RowChunks::<u32>::default();
        assert_eq!(chunks.want(60, 10), [0, 64]);
        assert_eq!(chunks.want(0, 70), Vec::<u32>::new());
        assert_eq!(chunks.want(120, 20), [128]);
    }

    #[test]
    fn rows_are_found_in_their_chunk() {
        let mut chunks = RowChunks::default();
        chunks.take(64, (64..100).collect());
        assert_eq!((chunks.row(64), chunks.row(99)), (Some(&64), Some(&99)));
        assert_eq!((chunks.row(63), chunks.row(100)), (None, None));
    }

    #[test]
    fn what_is_far_is_dropped_and_asked_for_anew() {
        let mut chunks = RowChunks::default();
        for chunk in 0..=40 {
            chunks.want(chunk * CHUNK, 1);
            chunks.take(chunk * CHUNK, vec![chunk]);
        }
        assert_eq!((chunks.row(0), chunks.row(CHUNK)), (None, Some(&1)));
        assert_eq!(chunks.want(0, 1), [0]);
    }
}
