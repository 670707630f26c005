//! What of the platform's allowance was used.

use serde::{Deserialize, Serialize};

/// Something that the platform counts, and allows so much of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A key of KV was asked for.
    KvRead,
    /// A key of KV was written.
    KvWrite,
    /// A Durable Object was called, or its alarm rang.
    ObjectRequest,
    /// SQLite read a row.
    RowRead,
    /// SQLite wrote a row, a deleted one or an index entry, or an alarm was set.
    RowWritten,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::KvRead, Self::KvWrite, Self::ObjectRequest, Self::RowRead, Self::RowWritten];

    /// The store, and what is done there, as metrics name them.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::KvRead => ("kv", "read"),
            Self::KvWrite => ("kv", "write"),
            Self::ObjectRequest => ("durable_object", "request"),
            Self::RowRead => ("durable_object", "row_read"),
            Self::RowWritten => ("durable_object", "row_written"),
        }
    }
}

/// How often each was done, or may be. As JSON it is a list in the order of [`Operation::ALL`], which is
/// only added to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
pub struct Usage([u64; Operation::ALL.len()]);

impl Usage {
    /// How often this was done.
    #[must_use]
    pub fn of(&self, operation: Operation) -> u64 {
        self.0.get(operation as usize).copied().unwrap_or(0)
    }

    /// This one was done `n` times more.
    pub fn add(&mut self, operation: Operation, n: u64) {
        if let Some(total) = self.0.get_mut(operation as usize) {
            *total = total.saturating_add(n);
        }
    }

    /// All that `other` did was done too.
    pub fn add_all(&mut self, other: &Self) {
        for operation in Operation::ALL {
            self.add(operation, other.of(operation));
        }
    }
}

impl From<Vec<u64>> for Usage {
    fn from(list: Vec<u64>) -> Self {
        let mut usage = Self::default();
        for (operation, n) in Operation::ALL.into_iter().zip(list) {
            usage.add(operation, n);
        }
        usage
    }
}

impl From<Usage> for Vec<u64> {
    fn from(usage: Usage) -> Self {
        usage.0.to_vec()
    }
}

impl FromIterator<(Operation, u64)> for Usage {
    fn from_iter<I: IntoIterator<Item = (Operation, u64)>>(counts: I) -> Self {
        let mut usage = Self::default();
        for (operation, n) in counts {
            usage.add(operation, n);
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_before_an_operation_was_counted_is_read() {
        let usage: Usage = crate::json::from_str("[1,2]").unwrap();
        assert_eq!((usage.of(Operation::KvWrite), usage.of(Operation::RowWritten)), (2, 0));
        let all: Usage = Operation::ALL.into_iter().zip(1..).collect();
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(text, "[1,2,3,4,5]");
        assert_eq!(crate::json::from_str::<Usage>(&text).unwrap(), all);
        assert_eq!(
            crate::json::from_str::<Usage>("[1,2,3,4,5,6]").unwrap(),
            all,
            "of a later version"
        );
    }
}
