//! The digest of a data set in slices of bounded work.

use super::{ColumnKind, Dataset};
use crate::budget::Budget;
use crate::digest::{Digest, Digester};

/// A [digest](Dataset::digest) on its way.
#[derive(Debug)]
pub(crate) struct Digesting {
    digester: Digester,
    values_done: usize,
    is_over: bool,
}

impl Digesting {
    /// The digest of what was seen.
    pub(crate) fn finish(self) -> Digest {
        self.digester.finish()
    }
}

/// Values that become bytes before they are digested.
const DIGESTED_AT_ONCE: usize = 1024;
/// Without instructions for it.
const UNITS_A_DIGESTED_BYTE: u64 = 4;

impl Dataset {
    /// A digest that has seen names and classes, and no row.
    pub(crate) fn begin_digest(&self) -> Digesting {
        let mut digester = Digester::default();
        let mut text = |text: &str| {
            digester.update(&(text.len() as u64).to_le_bytes());
            digester.update(text.as_bytes());
        };
        text(&self.target);
        for column in &self.columns {
            text(&column.name);
            if let ColumnKind::Categorical(categories) = &column.kind {
                categories.iter().for_each(|category| text(category));
            }
        }
        self.classes.iter().for_each(|class| text(class));
        Digesting { digester, values_done: 0, is_over: false }
    }

    /// Digests values, and at last labels, until the budget is spent; returns whether more is to
    /// come.
    pub(crate) fn digest_on(&self, digesting: &mut Digesting, budget: &mut Budget) -> bool {
        let left = self.values.get(digesting.values_done..).unwrap_or_default();
        for values in left.chunks(DIGESTED_AT_ONCE) {
            if budget.is_spent() {
                return true;
            }
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            digesting.digester.update(&bytes);
            digesting.values_done += values.len();
            budget.spend(bytes.len(), UNITS_A_DIGESTED_BYTE);
        }
        if !digesting.is_over {
            digesting.is_over = true;
            self.labels.iter().for_each(|label| digesting.digester.update(&label.to_le_bytes()));
        }
        false
    }
}
