//! A page of rows from several sources, each of which may have stopped early.
//!
//! Invariant: below the id that a source stopped at there may be rows that nobody has read, so nothing
//! older than that is on the page. So a page can end anywhere, by rows, by bytes or by what it cost to
//! look for them, and the next one goes on from there.

use crate::ports::{LogPage, LogRow};

/// Most bytes of records on a page; a single longer record is a page. An isolate has 128 MB, and a
/// page is there several times over while it is merged and written.
pub(crate) const PAGE_BYTES: u64 = 2 * 1024 * 1024;

/// The newest rows of all sources so far.
#[derive(Debug)]
pub(crate) struct Merge {
    limit: usize,
    max_bytes: u64,
    rows: Vec<LogRow>,
    /// Nothing older can be on the page.
    oldest: Option<String>,
}

impl Merge {
    /// An empty page of at most `limit` rows and `max_bytes` of records.
    pub(crate) fn new(limit: usize, max_bytes: u64) -> Self {
        Self { limit, max_bytes, rows: Vec::new(), oldest: None }
    }

    /// Adds a source's rows: those from the id `next` up, or all.
    pub(crate) fn add(&mut self, rows: impl IntoIterator<Item = LogRow>, next: Option<String>) {
        self.rows.extend(rows);
        self.oldest = self.oldest.take().max(next);
        self.rows.sort_unstable_by(|a, b| b.id.cmp(&a.id));
        self.rows.dedup_by(|a, b| a.id == b.id);
        if let Some(oldest) = &self.oldest {
            self.rows.retain(|row| row.id >= *oldest);
        }
        let fitting = self.fitting();
        if fitting < self.rows.len() {
            self.rows.truncate(fitting);
            if let Some(last) = self.rows.last() {
                self.oldest = self.oldest.take().max(Some(last.id.clone()));
            }
        }
    }

    /// Whether neither row `id` nor any older one can be on the page.
    pub(crate) fn is_beyond(&self, id: &str) -> bool {
        self.oldest.as_deref().is_some_and(|oldest| id < oldest)
    }

    /// The page.
    pub(crate) fn finish(self) -> LogPage {
        LogPage { rows: self.rows, next: self.oldest }
    }

    /// How many of the rows fit.
    fn fitting(&self) -> usize {
        let mut bytes = 0;
        let fits = |row: &LogRow| {
            bytes += row.record.len() as u64;
            bytes <= self.max_bytes
        };
        let by_bytes = self.rows.iter().take(self.limit).map(fits).take_while(|fits| *fits).count();
        by_bytes.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::rows::{numbers, row};

    fn merged(limit: usize, max_bytes: u64, sources: &[(&[u64], bool)]) -> (Vec<u64>, bool) {
        let mut merge = Merge::new(limit, max_bytes);
        for (rows, more) in sources {
            let next = rows.last().filter(|_| *more).map(|last| row(*last).id);
            merge.add(rows.iter().copied().map(row), next);
        }
        let LogPage { rows, next } = merge.finish();
        (numbers(&rows).unwrap(), next.is_some())
    }

    #[test]
    fn sources_that_are_at_their_end_are_merged_whole() {
        assert_eq!(merged(9, 9_000, &[(&[1, 5, 3], false), (&[4, 2], false)]).0, [5, 4, 3, 2, 1]);
        assert_eq!(merged(9, 9_000, &[(&[3, 1], false), (&[3, 2], false)]), (vec![3, 2, 1], false));
    }

    #[test]
    fn nothing_below_a_source_that_stopped_early_is_on_the_page() {
        let early = (&[9, 6][..], true);
        let whole = (&[8, 7, 5, 1][..], false);
        for sources in [[early, whole], [whole, early]] {
            assert_eq!(merged(9, 9_000, &sources), (vec![9, 8, 7, 6], true));
        }
        assert_eq!(merged(9, 9_000, &[early, (&[8, 7], true)]), (vec![9, 8, 7], true));
    }

    #[test]
    fn a_source_without_a_row_ends_the_page_where_it_stopped() {
        let mut merge = Merge::new(9, 9_000);
        merge.add([9, 7, 5].map(row), None);
        merge.add([], Some(row(6).id));
        let LogPage { rows, next } = merge.finish();
        assert_eq!((numbers(&rows).unwrap(), next), (vec![9, 7], Some(row(6).id)));
    }

    #[test]
    fn a_page_ends_by_rows_or_by_bytes_but_has_a_row() {
        let bytes = row(1).record.len() as u64;
        let rows = (&[5, 4, 3, 2][..], false);
        assert_eq!(merged(3, 9_000, &[rows]), (vec![5, 4, 3], true));
        assert_eq!(merged(4, 9_000, &[rows]), (vec![5, 4, 3, 2], false));
        assert_eq!(merged(9, 2 * bytes, &[rows]), (vec![5, 4], true));
        assert_eq!(merged(9, 1, &[rows, (&[7], false)]), (vec![7], true));
    }
}
