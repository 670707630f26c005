//! What the registry keeps, read from documents and written to them.

use model_core::lifecycle::Policy;
use model_core::sort_items;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ledger;
use crate::ports::{
    AuditEntry, DatasetRecord, Deployment, DocumentStore, KeyRange, KeyRecord, ModelRef,
    RegistryError, Table, Version,
};
use crate::services::documents::{number_key, parse, text};

/// Keys of [`Table::State`].
const STATE: &str = "state";
const COPIED: &str = "copied_generation";

/// What there is one of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) generation: u64,
    pub(super) last_version: u64,
    pub(super) last_sequence: u64,
    pub(super) audit_head: String,
    pub(super) deployment: Option<Deployment>,
    /// Champions before the one that serves, the last one at the end.
    #[serde(default)]
    pub(super) former_champions: Vec<ModelRef>,
    #[serde(default)]
    pub(super) revoked_keys: Vec<RevokedKey>,
    /// Archived versions; not known of a registry from before they were counted.
    #[serde(default)]
    pub(super) archived: Option<u64>,
    /// What its owner wants of the loop; as by default if it was never said.
    #[serde(default)]
    pub(super) policy: Policy,
}

/// A key that is refused until it expires anyway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RevokedKey {
    pub(super) key_id: String,
    pub(super) expires_at_millis: i64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            generation: 0,
            last_version: 0,
            last_sequence: 0,
            audit_head: ledger::BEFORE_THE_FIRST.to_owned(),
            deployment: None,
            former_champions: Vec::new(),
            revoked_keys: Vec::new(),
            archived: Some(0),
            policy: Policy::default(),
        }
    }
}

/// A store with the registry's own types.
pub(super) struct Documents<'a, S>(pub(super) &'a S);

impl<S: DocumentStore> Documents<'_, S> {
    fn read<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &str,
    ) -> Result<Option<T>, RegistryError> {
        Ok(self.0.get(table, key)?.as_deref().map(parse).transpose()?)
    }

    fn write(&self, table: Table, key: &str, value: &impl Serialize) -> Result<(), RegistryError> {
        Ok(self.0.put(table, key, &text(value)?)?)
    }

    fn page<T: DeserializeOwned>(
        &self,
        table: Table,
        range: KeyRange<'_>,
    ) -> Result<Vec<T>, RegistryError> {
        let documents = self.0.list(table, range)?;
        documents.iter().map(|(_, document)| Ok(parse(document)?)).collect()
    }

    pub(super) fn state(&self) -> Result<State, RegistryError> {
        Ok(self.read(Table::State, STATE)?.unwrap_or_default())
    }

    pub(super) fn set_state(&self, state: &State) -> Result<(), RegistryError> {
        self.write(Table::State, STATE, state)
    }

    /// Generation of the last pointer that is known to be copied.
    pub(super) fn copied_generation(&self) -> Result<u64, RegistryError> {
        Ok(self.read(Table::State, COPIED)?.unwrap_or_default())
    }

    pub(super) fn set_copied_generation(&self, generation: u64) -> Result<(), RegistryError> {
        self.write(Table::State, COPIED, &generation)
    }

    pub(super) fn version(&self, version: u64) -> Result<Option<Version>, RegistryError> {
        self.read(Table::Versions, &number_key(version))
    }

    pub(super) fn set_version(&self, version: &Version) -> Result<(), RegistryError> {
        self.write(Table::Versions, &number_key(version.version), version)
    }

    /// At most `limit` versions below `before`, newest first.
    pub(super) fn versions(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Version>, RegistryError> {
        self.newest_first(Table::Versions, before, limit)
    }

    /// How many versions are archived: as it was counted, or, where it never was, found by reading all.
    pub(super) fn n_archived(&self, state: &State) -> Result<u64, RegistryError> {
        if let Some(archived) = state.archived {
            return Ok(archived);
        }
        let all = self.versions(None, usize::MAX)?;
        let archived = all.iter().filter(|version| version.archived).count();
        Ok(u64::try_from(archived).unwrap_or(u64::MAX))
    }

    pub(super) fn version_of_model(&self, model_id: &str) -> Result<Option<u64>, RegistryError> {
        self.read(Table::VersionsOfModels, model_id)
    }

    pub(super) fn set_version_of_model(
        &self,
        model_id: &str,
        version: u64,
    ) -> Result<(), RegistryError> {
        self.write(Table::VersionsOfModels, model_id, &version)
    }

    pub(super) fn alias(&self, alias: &str) -> Result<Option<u64>, RegistryError> {
        self.read(Table::Aliases, alias)
    }

    pub(super) fn set_alias(&self, alias: &str, version: u64) -> Result<(), RegistryError> {
        self.write(Table::Aliases, alias, &version)
    }

    pub(super) fn delete_alias(&self, alias: &str) -> Result<(), RegistryError> {
        Ok(self.0.delete(Table::Aliases, alias)?)
    }

    /// Every free alias with its version, by name.
    pub(super) fn aliases(&self) -> Result<Vec<(String, u64)>, RegistryError> {
        let all = KeyRange { beyond: None, descending: false, limit: usize::MAX };
        let documents = self.0.list(Table::Aliases, all)?;
        documents.into_iter().map(|(alias, version)| Ok((alias, parse(&version)?))).collect()
    }

    pub(super) fn add_entry(&self, entry: &AuditEntry) -> Result<(), RegistryError> {
        self.write(Table::Audit, &number_key(entry.sequence), entry)
    }

    /// At most `limit` entries of the ledger below `before`, newest first.
    pub(super) fn entries(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, RegistryError> {
        self.newest_first(Table::Audit, before, limit)
    }

    /// At most `limit` entries beyond number `after`, oldest first.
    pub(super) fn entries_after(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<AuditEntry>, RegistryError> {
        let beyond = number_key(after);
        let range = KeyRange { beyond: Some(&beyond), descending: false, limit };
        self.page(Table::Audit, range)
    }

    pub(super) fn key(&self, key_id: &str) -> Result<Option<KeyRecord>, RegistryError> {
        self.read(Table::Keys, key_id)
    }

    pub(super) fn set_key(&self, key: &KeyRecord) -> Result<(), RegistryError> {
        self.write(Table::Keys, &key.key_id, key)
    }

    pub(super) fn delete_key(&self, key_id: &str) -> Result<(), RegistryError> {
        Ok(self.0.delete(Table::Keys, key_id)?)
    }

    pub(super) fn keys(&self) -> Result<Vec<KeyRecord>, RegistryError> {
        self.page(Table::Keys, KeyRange { beyond: None, descending: true, limit: usize::MAX })
    }

    pub(super) fn dataset(&self, data_hash: &str) -> Result<Option<DatasetRecord>, RegistryError> {
        self.read(Table::Datasets, data_hash)
    }

    pub(super) fn set_dataset(&self, dataset: &DatasetRecord) -> Result<(), RegistryError> {
        self.write(Table::Datasets, &dataset.data_hash, dataset)
    }

    pub(super) fn delete_dataset(&self, data_hash: &str) -> Result<(), RegistryError> {
        Ok(self.0.delete(Table::Datasets, data_hash)?)
    }

    /// All of them, those first that were kept last.
    pub(super) fn datasets(&self) -> Result<Vec<DatasetRecord>, RegistryError> {
        let all = KeyRange { beyond: None, descending: false, limit: usize::MAX };
        let mut datasets: Vec<DatasetRecord> = self.page(Table::Datasets, all)?;
        sort_items(&mut datasets, &mut |a, b| b.kept_at_millis.cmp(&a.kept_at_millis));
        Ok(datasets)
    }

    fn newest_first<T: DeserializeOwned>(
        &self,
        table: Table,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<T>, RegistryError> {
        let beyond = before.map(number_key);
        self.page(table, KeyRange { beyond: beyond.as_deref(), descending: true, limit })
    }
}
