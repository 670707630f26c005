//! Model files, which their readers check: a store gives back what it has, and makes nothing of it.

use super::{Outcome, cases, same};
use crate::ports::{ArtifactKey, ArtifactStore};

/// A store of files, and names of files that it doesn't have yet.
pub(crate) struct Stand<A> {
    artifacts: A,
    prefix: String,
}

impl<A: ArtifactStore> Stand<A> {
    /// On `artifacts`, where no name begins with `prefix`.
    pub(crate) fn new(artifacts: A, prefix: String) -> Self {
        Self { artifacts, prefix }
    }

    fn id(&self, n: u32) -> String {
        format!("{}{n}", self.prefix)
    }
}

cases! {
    on Stand<A>, for [A: ArtifactStore];
    natively {
        super::Stand::new(crate::adapters::memory::MemoryArtifacts::default(), "a".to_owned())
    };
    a_file_that_was_never_stored_is_none,
    a_file_is_given_back_to_the_byte,
    bytes_that_are_not_what_the_id_says_are_given_back_as_they_are,
    what_is_deleted_is_gone_and_its_namesake_of_another_kind_stays,
}

async fn a_file_that_was_never_stored_is_none<A: ArtifactStore>(on: &Stand<A>) -> Outcome {
    same!(on.artifacts.get(ArtifactKey::Model(&on.id(1))).await?, None);
    on.artifacts.put(ArtifactKey::Model(&on.id(2)), vec![1]).await?;
    same!(on.artifacts.get(ArtifactKey::Model(&on.id(1))).await?, None, "another file is there");
    Ok(())
}

async fn a_file_is_given_back_to_the_byte<A: ArtifactStore>(on: &Stand<A>) -> Outcome {
    let every_byte: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    for (n, file) in [(1, Vec::new()), (2, vec![0; 3]), (3, vec![0xff, 0xfe]), (4, every_byte)] {
        on.artifacts.put(ArtifactKey::Model(&on.id(n)), file.clone()).await?;
        on.artifacts.put(ArtifactKey::Model(&on.id(n)), file.clone()).await?;
        same!(
            on.artifacts.get(ArtifactKey::Model(&on.id(n))).await? == Some(file),
            true,
            "file {n}"
        );
    }
    Ok(())
}

async fn bytes_that_are_not_what_the_id_says_are_given_back_as_they_are<A: ArtifactStore>(
    on: &Stand<A>,
) -> Outcome {
    on.artifacts.put(ArtifactKey::Model(&on.id(1)), b"what was published".to_vec()).await?;
    on.artifacts.put(ArtifactKey::Model(&on.id(1)), b"what was altered".to_vec()).await?;
    same!(
        on.artifacts.get(ArtifactKey::Model(&on.id(1))).await?,
        Some(b"what was altered".to_vec())
    );
    Ok(())
}

async fn what_is_deleted_is_gone_and_its_namesake_of_another_kind_stays<A: ArtifactStore>(
    on: &Stand<A>,
) -> Outcome {
    let id = on.id(1);
    let (model, dataset) = (ArtifactKey::Model(&id), ArtifactKey::Dataset(&id));
    on.artifacts.put(model, b"a model".to_vec()).await?;
    on.artifacts.put(dataset, b"rows".to_vec()).await?;
    on.artifacts.delete(dataset).await?;
    on.artifacts.delete(dataset).await?;
    same!(on.artifacts.get(dataset).await?, None);
    same!(on.artifacts.get(model).await?, Some(b"a model".to_vec()));
    Ok(())
}
