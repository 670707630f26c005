//! Questions, answered from one look at the store.

use super::change::names;
use super::documents::{Documents, State};
use super::ledger;
use crate::ports::{
    Answer, Deployment, DocumentStore, Extent, Pointer, Query, RegistryError, Version,
};

/// Most versions or entries of one answer.
const MAX_PAGE: usize = 1_000;

/// Entries that are read at a time while the ledger is verified.
const VERIFIED_AT_A_TIME: usize = 500;

/// The answer.
pub(super) fn answer(store: &impl DocumentStore, query: &Query) -> Result<Answer, RegistryError> {
    let documents = Documents(store);
    match query {
        Query::Pointer => pointer(&documents),
        Query::Version { version } => {
            let found = documents.version(*version)?;
            versions(&documents, found.into_iter().collect(), false)
        }
        Query::Model { model_id } => {
            let version = documents.version_of_model(model_id)?;
            let found = version.map(|version| documents.version(version)).transpose()?.flatten();
            versions(&documents, found.into_iter().collect(), false)
        }
        Query::Versions { before, limit } => {
            let limit = (*limit).clamp(1, MAX_PAGE);
            let mut page = documents.versions(*before, limit + 1)?;
            let more = page.len() > limit;
            page.truncate(limit);
            versions(&documents, page, more)
        }
        Query::Alias { alias } => {
            let deployment = documents.state()?.deployment;
            let version = match (alias.as_str(), deployment) {
                ("champion", deployment) => deployment.map(|it| it.champion.version),
                ("challenger", deployment) => {
                    deployment.and_then(|it| it.challenger).map(|it| it.version)
                }
                _ => documents.alias(alias)?,
            };
            let found = version.map(|version| documents.version(version)).transpose()?.flatten();
            versions(&documents, found.into_iter().collect(), false)
        }
        Query::Aliases => {
            let State { generation, deployment, .. } = documents.state()?;
            let mut aliases = documents.aliases()?;
            if let Some(Deployment { champion, challenger, .. }) = deployment {
                aliases.push(("champion".to_owned(), champion.version));
                aliases.extend(challenger.map(|it| ("challenger".to_owned(), it.version)));
            }
            Ok(Answer::Aliases { generation, aliases })
        }
        Query::Audit { before, limit } => {
            let limit = (*limit).clamp(1, MAX_PAGE);
            let mut entries = documents.entries(*before, limit + 1)?;
            let more = entries.len() > limit;
            entries.truncate(limit);
            Ok(Answer::Audit { entries, more })
        }
        Query::Verify => verify(&documents),
        Query::Keys => Ok(Answer::Keys { keys: documents.keys()? }),
        Query::Datasets => Ok(Answer::Datasets { datasets: documents.datasets()? }),
        Query::Extent => {
            let state = documents.state()?;
            let extent = Extent {
                generation: state.generation,
                versions: state.last_version,
                archived: documents.n_archived(&state)?,
                audit_entries: state.last_sequence,
                deployment: state.deployment,
                bytes: store.bytes(),
                usage: store.usage(),
            };
            Ok(Answer::Extent { extent })
        }
        Query::Policy => {
            let State { generation, policy, .. } = documents.state()?;
            Ok(Answer::Policy { generation, policy: Box::new(policy) })
        }
    }
}

fn pointer<S: DocumentStore>(documents: &Documents<'_, S>) -> Result<Answer, RegistryError> {
    let state = documents.state()?;
    let revoked_keys = state.revoked_keys.into_iter().map(|key| key.key_id).collect();
    let generation = state.generation;
    let pointer =
        state.deployment.map(|deployment| Pointer { generation, deployment, revoked_keys });
    Ok(Answer::Pointer { pointer })
}

fn versions<S: DocumentStore>(
    documents: &Documents<'_, S>,
    found: Vec<Version>,
    more: bool,
) -> Result<Answer, RegistryError> {
    let state = documents.state()?;
    let free = documents.aliases()?;
    let named = |version: Version| {
        let names = names(version.version, state.deployment.as_ref(), &free);
        (version, names)
    };
    let versions = found.into_iter().map(named).collect();
    Ok(Answer::Versions { generation: state.generation, versions, more })
}

/// Goes through the ledger from its first entry: each must be whole, name the one before, and follow on
/// it in number; the last must be the one that the state names.
fn verify<S: DocumentStore>(documents: &Documents<'_, S>) -> Result<Answer, RegistryError> {
    let state = documents.state()?;
    let mut head = ledger::BEFORE_THE_FIRST.to_owned();
    let mut entries = 0;
    loop {
        let page = documents.entries_after(entries, VERIFIED_AT_A_TIME)?;
        if page.is_empty() {
            break;
        }
        for entry in page {
            let follows = entry.sequence == entries + 1 && entry.previous_hash == head;
            if !follows || !ledger::is_whole(&entry) {
                return Ok(Answer::Verified { entries, head, broken_at: Some(entries + 1) });
            }
            entries = entry.sequence;
            head = entry.hash;
        }
    }
    let complete = entries == state.last_sequence && head == state.audit_head;
    let broken_at = (!complete).then_some(entries + 1);
    Ok(Answer::Verified { entries, head, broken_at })
}
