//! Tables of documents with transactions: what a registry rests on.

use super::{Breach, Outcome, cases, same};
use crate::ports::{DocumentStore, KeyRange, StorageError, Table};

/// Tables that hold nothing yet.
pub(crate) struct Stand<D> {
    documents: D,
}

impl<D: DocumentStore> Stand<D> {
    pub(crate) fn new(documents: D) -> Self {
        Self { documents }
    }

    fn put(&self, keys: &[&str]) -> Outcome {
        for key in keys {
            self.documents.put(Table::Aliases, key, &format!("[{key:?}]"))?;
        }
        Ok(())
    }

    fn keys(
        &self,
        beyond: Option<&str>,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<String>, Breach> {
        let range = KeyRange { beyond, descending, limit };
        let found = self.documents.list(Table::Aliases, range)?;
        if let Some((key, document)) =
            found.iter().find(|(key, text)| *text != format!("[{key:?}]"))
        {
            return Err(Breach(format!("{document} is listed under {key}")));
        }
        Ok(found.into_iter().map(|(key, _)| key).collect())
    }
}

cases! {
    on Stand<D>, for [D: DocumentStore];
    natively {
        super::Stand::new(crate::adapters::memory::MemoryDocuments::default())
    };
    a_document_stands_under_its_key_in_its_table,
    a_document_is_given_back_to_the_byte,
    keys_are_in_the_order_of_their_bytes,
    a_list_goes_on_beyond_a_key_in_its_direction,
    work_that_fails_changes_nothing,
    work_within_work_fails_by_itself,
}

async fn a_document_stands_under_its_key_in_its_table<D: DocumentStore>(on: &Stand<D>) -> Outcome {
    let documents = &on.documents;
    same!(documents.get(Table::State, "a")?, None);
    documents.put(Table::State, "a", "1")?;
    documents.put(Table::Keys, "a", "2")?;
    documents.put(Table::State, "a", "3")?;
    same!(documents.get(Table::State, "a")?, Some("3".to_owned()), "the last one");
    same!(documents.get(Table::Keys, "a")?, Some("2".to_owned()), "another table");
    documents.delete(Table::State, "a")?;
    documents.delete(Table::State, "a")?;
    same!(documents.get(Table::State, "a")?, None);
    same!(documents.get(Table::Keys, "a")?, Some("2".to_owned()), "still there");
    Ok(())
}

async fn a_document_is_given_back_to_the_byte<D: DocumentStore>(on: &Stand<D>) -> Outcome {
    let long = format!("\"{}\"", "x".repeat(100_000));
    for text in ["", "{\"a\": 1.50}", "\"it's \\u0000 größer, 🌱\"", "' OR 1=1 --", &long] {
        on.documents.put(Table::Versions, text, text)?;
        same!(on.documents.get(Table::Versions, text)?.as_deref(), Some(text));
    }
    Ok(())
}

async fn keys_are_in_the_order_of_their_bytes<D: DocumentStore>(on: &Stand<D>) -> Outcome {
    on.put(&["b", "é", "B", "a", "10", "9", "ab", "🌱", "_"])?;
    // UTF-8 orders as code points do.
    let ordered = ["10", "9", "B", "_", "a", "ab", "b", "é", "🌱"];
    same!(on.keys(None, false, 99)?, ordered);
    let reversed: Vec<&str> = ordered.into_iter().rev().collect();
    same!(on.keys(None, true, 99)?, reversed);
    Ok(())
}

async fn a_list_goes_on_beyond_a_key_in_its_direction<D: DocumentStore>(on: &Stand<D>) -> Outcome {
    on.documents.put(Table::Versions, "bb", "another table")?;
    on.put(&["a", "b", "c", "d"])?;
    on.documents.put(Table::State, "c", "another table")?;
    same!(on.keys(None, false, 3)?, ["a", "b", "c"]);
    same!(on.keys(Some("b"), false, 9)?, ["c", "d"]);
    same!(on.keys(Some("b0"), false, 9)?, ["c", "d"], "of a key that isn't there");
    same!(on.keys(Some("c"), true, 1)?, ["b"]);
    same!(on.keys(Some("a"), true, 9)?, Vec::<String>::new());
    same!(on.keys(Some("d"), false, 9)?, Vec::<String>::new());
    same!(on.keys(None, true, 0)?, Vec::<String>::new());
    Ok(())
}

fn refused() -> StorageError {
    StorageError::Corrupt("told to fail".to_owned())
}

async fn work_that_fails_changes_nothing<D: DocumentStore>(on: &Stand<D>) -> Outcome {
    on.put(&["a", "b"])?;
    let outcome = on.documents.atomically(|| {
        on.documents.put(Table::Aliases, "a", "changed")?;
        on.documents.put(Table::Aliases, "c", "new")?;
        on.documents.delete(Table::Aliases, "b")?;
        // It sees what it did itself.
        match on.documents.get(Table::Aliases, "a")?.as_deref() {
            Some("changed") => Err::<(), _>(refused()),
            _ => Ok(()),
        }
    });
    same!(outcome, Err(refused()));
    same!(on.keys(None, false, 9)?, ["a", "b"]);
    let outcome = on.documents.atomically(|| {
        on.documents.delete(Table::Aliases, "b")?;
        Ok::<_, StorageError>(7)
    });
    same!(outcome, Ok(7));
    same!(on.keys(None, false, 9)?, ["a"]);
    Ok(())
}

async fn work_within_work_fails_by_itself<D: DocumentStore>(on: &Stand<D>) -> Outcome {
    let outcome = on.documents.atomically(|| {
        on.documents.put(Table::Aliases, "a", "[\"a\"]")?;
        let inner = on.documents.atomically(|| {
            on.documents.put(Table::Aliases, "b", "[\"b\"]")?;
            Err::<(), _>(refused())
        });
        Ok::<_, StorageError>(inner)
    });
    same!(outcome, Ok(Err(refused())));
    same!(on.keys(None, false, 9)?, ["a"]);
    Ok(())
}
