use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use serde_json::json;

use super::*;
use crate::adapters::memory::MemoryDocuments;
use crate::ports::{
    AuditEntry, Change, DatasetRecord, Deployment, Extent, KeyRecord, Mode, Pointer, PointerCopy,
    Published, Rescoring, StorageError, Table,
};

fn model(n: u8) -> Published {
    Published {
        model_id: format!("{n:064x}"),
        family: "svm".into(),
        name: "iris".into(),
        bytes: 5_000,
        trained_at_millis: 0,
        test_accuracy: Some(0.9),
        cv_accuracy_mean: None,
        carries_rows: 150,
        interface: "same".into(),
        rescored: Rescoring::Verified { n_rows: 30 },
    }
}

/// A registry, and requests as one owner sends them.
#[derive(Default)]
struct Owner {
    store: MemoryDocuments,
}

impl Owner {
    /// With so many versions, the first of which serves.
    fn with_versions(n: u8) -> Self {
        let owner = Self::default();
        owner.must(Change::Bootstrap { model: model(1) });
        for n in 2..=n {
            owner.must(Change::Publish { model: model(n), retrained: None });
        }
        owner
    }

    fn send(&self, change: Change, if_generation: Option<u64>) -> Result<Changed, RegistryError> {
        let actor = "owner".to_owned();
        super::change(
            &self.store,
            &ChangeRequest {
                change,
                actor,
                at_millis: 1_767_225_600_000,
                if_generation,
                then: None,
            },
        )
    }

    fn must(&self, change: Change) -> Changed {
        self.send(change, None).unwrap()
    }

    fn refused(&self, change: Change) -> RegistryError {
        let before = self.pointer();
        let error = self.send(change, None).unwrap_err();
        assert_eq!(self.pointer(), before, "nothing was changed");
        error
    }

    fn extent(&self) -> Extent {
        match query(&self.store, &Query::Extent).unwrap() {
            Answer::Extent { extent } => extent,
            other => panic!("{other:?}"),
        }
    }

    fn pointer(&self) -> Option<Pointer> {
        let Answer::Pointer { pointer } = query(&self.store, &Query::Pointer).unwrap() else {
            panic!("no pointer");
        };
        pointer
    }

    fn deployment(&self) -> Deployment {
        self.pointer().unwrap().deployment
    }

    /// Number and names of the versions.
    fn names(&self) -> Vec<(u64, Vec<String>)> {
        let asked = Query::Versions { before: None, limit: 100 };
        let Answer::Versions { versions, .. } = query(&self.store, &asked).unwrap() else {
            panic!("no versions");
        };
        versions.into_iter().map(|(version, names)| (version.version, names)).collect()
    }

    fn entries(&self) -> Vec<AuditEntry> {
        let asked = Query::Audit { before: None, limit: 100 };
        let Answer::Audit { mut entries, .. } = query(&self.store, &asked).unwrap() else {
            panic!("no ledger");
        };
        entries.reverse();
        entries
    }

    fn broken_at(&self) -> Option<u64> {
        let Answer::Verified { broken_at, .. } = query(&self.store, &Query::Verify).unwrap() else {
            panic!("not verified");
        };
        broken_at
    }
}

fn deploy(champion: u64, challenger: Option<u64>, split: u16) -> Change {
    Change::Deploy {
        champion: Some(champion),
        challenger: Some(challenger),
        split_basis_points: Some(split),
        mode: None,
        public_artifact: None,
        probation: false,
        reason: Some("why not".into()),
        evidence: None,
    }
}

#[test]
fn an_empty_registry_has_nobody_to_serve() {
    let owner = Owner::default();
    assert_eq!(owner.pointer(), None);
    assert!(matches!(owner.refused(deploy(1, None, 0)), RegistryError::Conflict { .. }));
    assert_eq!(owner.broken_at(), None);
}

#[test]
fn the_first_model_serves_and_later_ones_wait() {
    let owner = Owner::with_versions(3);
    let names = [(3, vec![]), (2, vec![]), (1, vec!["champion".to_owned()])];
    assert_eq!(owner.names(), names);
    // A second isolate that found the registry empty comes too late and changes nothing.
    let late = owner.must(Change::Bootstrap { model: model(1) });
    assert_eq!((late.fresh, late.version, late.generation), (false, Some(1), 3));
}

#[test]
fn the_same_model_keeps_its_version() {
    let owner = Owner::with_versions(2);
    let again = owner.must(Change::Publish { model: model(2), retrained: None });
    assert_eq!((again.fresh, again.version, again.generation), (false, Some(2), 2));
    assert_eq!(owner.entries().len(), 2);
    assert_eq!(owner.must(Change::Publish { model: model(3), retrained: None }).version, Some(3));
}

#[test]
fn of_two_owners_at_once_one_is_told() {
    let owner = Owner::with_versions(3);
    let generation = owner.pointer().unwrap().generation;
    owner.send(deploy(2, None, 0), Some(generation)).unwrap();
    let late = owner.send(deploy(3, None, 0), Some(generation)).unwrap_err();
    assert_eq!(late, RegistryError::Stale { generation: generation + 1 });
    assert_eq!(owner.deployment().champion.version, 2);
    assert_eq!(owner.entries().len(), 4, "what was refused is no entry");
}

#[test]
fn a_rollback_brings_back_one_champion_after_the_other() {
    let owner = Owner::with_versions(4);
    owner.must(deploy(2, None, 0));
    owner.must(deploy(3, Some(4), 2_000));
    let rollback = || Change::Rollback { reason: None, evidence: None };
    owner.must(rollback());
    let now = owner.deployment();
    assert_eq!((now.champion.version, now.challenger, now.split_basis_points), (2, None, 0));
    assert_eq!(now.previous_champion.map(|it| it.version), Some(1));
    owner.must(rollback());
    assert_eq!(owner.deployment().champion.version, 1);
    assert!(matches!(owner.refused(rollback()), RegistryError::Conflict { .. }));
}

#[test]
fn a_deployment_that_makes_no_sense_is_refused() {
    let owner = Owner::with_versions(3);
    let member = |error| match error {
        RegistryError::Invalid { member, .. } => member,
        other => panic!("{other}"),
    };
    assert_eq!(member(owner.refused(deploy(1, Some(1), 1))), "challenger");
    assert_eq!(member(owner.refused(deploy(1, None, 1))), "split_basis_points");
    assert_eq!(member(owner.refused(deploy(1, Some(2), 10_001))), "split_basis_points");
    let nobody = RegistryError::NotFound { what: "version 9".into() };
    assert_eq!(owner.refused(deploy(9, None, 0)), nobody);
    let long = Change::Rollback { reason: Some("x".repeat(501)), evidence: None };
    owner.must(deploy(2, None, 0));
    assert_eq!(member(owner.refused(long)), "reason");
}

#[test]
fn a_challenger_takes_the_same_rows_and_knows_the_same_classes() {
    let owner = Owner::with_versions(1);
    let other = Published { interface: "other".into(), ..model(2) };
    owner.must(Change::Publish { model: other, retrained: None });
    assert!(matches!(owner.refused(deploy(1, Some(2), 0)), RegistryError::Conflict { .. }));
    // As a champion it is its owner's business what callers send.
    owner.must(deploy(2, None, 0));
    assert!(matches!(owner.refused(deploy(2, Some(1), 0)), RegistryError::Conflict { .. }));
}

#[test]
fn what_is_absent_from_a_deployment_stays() {
    let owner = Owner::with_versions(3);
    owner.must(deploy(1, Some(2), 2_000));
    let only = |mode, split| Change::Deploy {
        champion: None,
        challenger: None,
        split_basis_points: split,
        mode,
        public_artifact: Some(true),
        probation: false,
        reason: None,
        evidence: None,
    };
    owner.must(only(Some(Mode::Shadow), None));
    let now = owner.deployment();
    assert_eq!((now.challenger.map(|it| it.version), now.split_basis_points), (Some(2), 2_000));
    assert!(now.public_artifact && now.mode == Mode::Shadow);
    // A challenger that is promoted is nobody's challenger.
    owner.must(Change::SetAlias { alias: "champion".into(), version: 2 });
    let now = owner.deployment();
    assert_eq!((now.champion.version, now.challenger, now.split_basis_points), (2, None, 0));
}

#[test]
fn the_leave_to_download_is_the_champions_own() {
    let owner = Owner::with_versions(3);
    let open = |champion| {
        let Change::Deploy { challenger, split_basis_points, mode, reason, evidence, .. } =
            deploy(1, None, 0)
        else {
            panic!("no deployment");
        };
        let public_artifact = Some(true);
        Change::Deploy {
            champion,
            challenger,
            split_basis_points,
            mode,
            public_artifact,
            probation: false,
            reason,
            evidence,
        }
    };
    let alias = || Change::SetAlias { alias: "champion".into(), version: 3 };
    let rollback = || Change::Rollback { reason: None, evidence: None };
    // Version 1 carries its owner's rows, and nobody said that they may be downloaded.
    for (opened, another) in [(2, rollback()), (2, deploy(3, None, 0)), (2, alias())] {
        owner.must(deploy(1, None, 0));
        owner.must(open(Some(opened)));
        assert!(owner.deployment().public_artifact);
        owner.must(another);
        assert!(!owner.deployment().public_artifact, "{}", owner.deployment().champion.version);
    }
    owner.must(deploy(1, None, 0));
    owner.must(open(None));
    owner.must(deploy(1, Some(2), 2_000));
    assert!(owner.deployment().public_artifact, "the same champion");
}

#[test]
fn what_changes_nothing_is_no_entry() {
    let owner = Owner::with_versions(2);
    let describe = |tags: Option<Vec<String>>| Change::Describe {
        version: 2,
        description: None,
        tags,
        archived: None,
    };
    let alias = || Change::SetAlias { alias: "best".into(), version: 2 };
    owner.must(describe(Some(vec!["red".into()])));
    owner.must(alias());
    owner.must(deploy(2, Some(1), 5));
    let before = (owner.pointer(), owner.entries().len());
    for nothing in [
        describe(None),
        describe(Some(vec!["red".into()])),
        alias(),
        deploy(2, Some(1), 5),
        Change::SetAlias { alias: "champion".into(), version: 2 },
    ] {
        let changed = owner.must(nothing.clone());
        assert!(!changed.fresh, "{nothing:?}");
        assert_eq!((owner.pointer(), owner.entries().len()), before, "{nothing:?}");
    }
}

#[test]
fn a_challenger_in_the_shadow_needs_a_share() {
    let owner = Owner::with_versions(2);
    let shadow = |split| Change::Deploy {
        champion: None,
        challenger: Some(Some(2)),
        split_basis_points: split,
        mode: Some(Mode::Shadow),
        public_artifact: None,
        probation: false,
        reason: None,
        evidence: None,
    };
    let error = owner.refused(shadow(None));
    assert!(error.to_string().contains("10000"), "{error}");
    owner.must(shadow(Some(10_000)));
}

#[test]
fn evidence_is_kept_in_numbers_that_every_reader_reads_alike() {
    let owner = Owner::with_versions(2);
    let with = |evidence: serde_json::Value| Change::Deploy {
        champion: Some(2),
        challenger: None,
        split_basis_points: None,
        mode: None,
        public_artifact: None,
        probation: false,
        reason: None,
        evidence: evidence.as_object().cloned(),
    };
    for bad in [json!({"text": "x".repeat(2_048)}), json!({"deep": [{"größe": 1}]})] {
        let error = owner.refused(with(bad));
        assert!(matches!(error, RegistryError::Invalid { ref member, .. } if member == "evidence"));
    }
    owner.must(with(json!({"labelled": 120, "accuracy": {"2": 0.97}})));
    let last = owner.entries().pop().unwrap();
    let kept = json!({"labelled": 120, "accuracy": {"2": "0.97"}});
    assert_eq!(last.details["evidence"], kept);
    assert_eq!(owner.broken_at(), None);
}

#[test]
fn who_publishes_first_does_not_serve_by_that() {
    let owner = Owner::default();
    let error = owner.refused(Change::Publish { model: model(1), retrained: None });
    assert!(matches!(error, RegistryError::Storage { .. }), "{error}");
}

#[test]
fn what_is_asked_with_a_change_is_answered_of_the_state_after_it() {
    let owner = Owner::with_versions(2);
    let asked = |change, then| ChangeRequest {
        change,
        actor: "owner".into(),
        at_millis: 0,
        if_generation: None,
        then: Some(then),
    };
    let changed = super::change(&owner.store, &asked(deploy(2, None, 0), Query::Aliases)).unwrap();
    let aliases = vec![("champion".to_owned(), 2)];
    assert_eq!(changed.then, Some(Answer::Aliases { generation: changed.generation, aliases }));
    let then = Query::Model { model_id: model(3).model_id };
    let published = super::change(
        &owner.store,
        &asked(Change::Publish { model: model(3), retrained: None }, then),
    );
    let Ok(Changed { then: Some(Answer::Versions { generation, versions, .. }), .. }) = published
    else {
        panic!("no version");
    };
    assert_eq!((generation, versions[0].0.version), (4, 3));
}

/// A copy that takes nothing until it is let, and notes what came in which order.
#[derive(Default)]
struct SlowCopy {
    lets: AtomicUsize,
    put: Mutex<Vec<u64>>,
}

#[async_trait::async_trait]
impl PointerCopy for SlowCopy {
    async fn put(&self, pointer: &Pointer) -> Result<(), StorageError> {
        let wait = |_: &mut Context<'_>| {
            let (set, get) = (Ordering::SeqCst, Ordering::SeqCst);
            let one_less = self.lets.fetch_update(set, get, |lets| lets.checked_sub(1));
            if one_less.is_ok() { Poll::Ready(()) } else { Poll::Pending }
        };
        poll_fn(wait).await;
        self.put.lock().unwrap().push(pointer.generation);
        Ok(())
    }

    async fn get(&self) -> Result<Option<Pointer>, StorageError> {
        Ok(None)
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn an_older_pointer_never_overtakes_a_newer_one_on_its_way_to_the_copy() {
    let owner = Owner::with_versions(2);
    let (copier, copy) = (Copier::default(), SlowCopy::default());
    let mut first = pin!(copier.run(&owner.store, &copy));
    assert!(poll(first.as_mut()).is_pending());
    owner.must(deploy(2, None, 0));
    let mut second = pin!(copier.run(&owner.store, &copy));
    let looked = poll(second.as_mut());
    assert_eq!(looked, Poll::Ready(Ok(false)), "somebody is at it: the caller is to look again");
    copy.lets.store(2, Ordering::SeqCst);
    assert_eq!(poll(first.as_mut()), Poll::Ready(Ok(true)));
    assert_eq!(*copy.put.lock().unwrap(), [2, 3]);
    let mut again = pin!(copier.run(&owner.store, &copy));
    assert_eq!(poll(again.as_mut()), Poll::Ready(Ok(true)), "it is up to date");
}

#[test]
fn a_copy_that_was_cut_off_is_made_by_the_next_call() {
    let owner = Owner::with_versions(2);
    let (copier, copy) = (Copier::default(), SlowCopy::default());
    let mut cut_off = Box::pin(copier.run(&owner.store, &copy));
    assert!(poll(cut_off.as_mut()).is_pending());
    drop(cut_off);
    copy.lets.store(1, Ordering::SeqCst);
    let mut next = pin!(copier.run(&owner.store, &copy));
    assert_eq!(poll(next.as_mut()), Poll::Ready(Ok(true)));
    assert_eq!(*copy.put.lock().unwrap(), [2]);
}

#[test]
fn aliases_stand_for_versions() {
    let owner = Owner::with_versions(3);
    let set = |alias: &str, version| Change::SetAlias { alias: alias.into(), version };
    owner.must(set("best-yet", 2));
    owner.must(set("challenger", 2));
    assert_eq!(owner.names()[1], (2, vec!["challenger".to_owned(), "best-yet".to_owned()]));
    owner.must(set("best-yet", 3));
    for bad in ["", "Best", "1st", "a b", &"x".repeat(65)] {
        assert!(matches!(owner.refused(set(bad, 1)), RegistryError::Invalid { .. }), "{bad}");
    }
    let delete = |alias: &str| Change::DeleteAlias { alias: alias.into() };
    owner.must(delete("challenger"));
    owner.must(delete("best-yet"));
    assert!(matches!(owner.refused(delete("champion")), RegistryError::Conflict { .. }));
    assert!(matches!(owner.refused(delete("best-yet")), RegistryError::NotFound { .. }));
    assert!(matches!(owner.refused(delete("challenger")), RegistryError::NotFound { .. }));
}

#[test]
fn what_is_in_use_is_not_archived_and_what_is_archived_not_used() {
    let owner = Owner::with_versions(2);
    let archive = |version, archived| Change::Describe {
        version,
        description: Some("a model".into()),
        tags: Some(vec!["red".into()]),
        archived: Some(archived),
    };
    assert!(matches!(owner.refused(archive(1, true)), RegistryError::Conflict { .. }));
    owner.must(archive(2, true));
    assert_eq!(owner.extent().archived, 1);
    owner.must(archive(2, true));
    assert_eq!(owner.extent().archived, 1, "it was archived already");
    assert!(matches!(owner.refused(deploy(2, None, 0)), RegistryError::Conflict { .. }));
    owner.must(archive(2, false));
    assert_eq!((owner.extent().versions, owner.extent().archived), (2, 0));
    owner.must(deploy(2, None, 0));
    // The texts can be changed, and may name people: the ledger holds none of them.
    let text = serde_json::to_string(&owner.entries()).unwrap();
    assert!(!text.contains("a model") && !text.contains("red"), "{text}");
}

#[test]
fn revoked_keys_travel_with_the_pointer_until_they_expire() {
    let owner = Owner::with_versions(1);
    let key = |key_id: &str, days: i64| KeyRecord {
        key_id: key_id.into(),
        name: "app".into(),
        scopes: vec!["predict".into()],
        created_at_millis: 0,
        expires_at_millis: 1_767_225_600_000 + days * 86_400_000,
        revoked_at_millis: None,
    };
    for (id, days) in [("a", 1), ("b", -1)] {
        owner.must(Change::MintKey { key: key(id, days) });
        owner.must(Change::RevokeKey { key_id: id.into() });
    }
    let twice = owner.refused(Change::MintKey { key: key("a", 1) });
    assert!(matches!(twice, RegistryError::Conflict { .. }));
    assert_eq!(owner.pointer().unwrap().revoked_keys, ["a"]);
    let unknown = owner.refused(Change::RevokeKey { key_id: "c".into() });
    assert_eq!(unknown, RegistryError::NotFound { what: "key c".into() });
}

#[test]
fn a_full_list_of_keys_forgets_those_that_have_expired() {
    let owner = Owner::with_versions(1);
    let key = |number: usize, days: i64| KeyRecord {
        key_id: format!("key_{number:04}"),
        name: "app".into(),
        scopes: vec!["predict".into()],
        created_at_millis: 0,
        expires_at_millis: 1_767_225_600_000 + days * 86_400_000,
        revoked_at_millis: None,
    };
    let mint = |number| Change::MintKey { key: key(number, 1) };
    for number in 0..1_000 {
        let key = key(number, if number < 2 { -1 } else { 1 });
        documents::Documents(&owner.store).set_key(&key).unwrap();
    }
    let ids = || {
        let Answer::Keys { keys } = query(&owner.store, &Query::Keys).unwrap() else {
            panic!("not the keys")
        };
        keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>()
    };
    assert_eq!(ids().len(), 1_000);
    owner.must(mint(1_000));
    assert_eq!(ids().len(), 999);
    assert!(!ids().contains(&"key_0001".to_owned()));
    owner.must(mint(1_001));
    let full = owner.refused(mint(1_002));
    assert!(matches!(full, RegistryError::Conflict { .. }));
}

#[test]
fn every_change_is_one_entry_that_follows_from_the_one_before() {
    let owner = Owner::with_versions(2);
    let changed = owner.must(deploy(2, Some(1), 500));
    let details = [("count".to_owned(), json!(3)), ("share".to_owned(), json!(0.5))];
    owner.must(Change::Note { action: "erase".into(), details: details.into_iter().collect() });
    let entries = owner.entries();
    let actions: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["publish", "publish", "deploy", "erase"]);
    assert_eq!(entries[2].hash, changed.audit_head);
    assert_eq!(entries[2].details["reason"], "why not");
    assert_eq!(owner.broken_at(), None);
}

/// Writes `entry` over the one with this number.
fn tamper(owner: &Owner, sequence: u64, change: impl FnOnce(&mut AuditEntry)) {
    let mut entry = owner.entries()[sequence as usize - 1].clone();
    change(&mut entry);
    let text = serde_json::to_string(&entry).unwrap();
    let key = crate::services::documents::number_key(sequence);
    owner.store.put(Table::Audit, &key, &text).unwrap();
}

#[test]
fn a_ledger_that_was_touched_says_where() {
    let fresh = || Owner::with_versions(4);
    let owner = fresh();
    tamper(&owner, 2, |entry| entry.actor = "somebody".into());
    assert_eq!(owner.broken_at(), Some(2));
    // Made whole again by itself, it isn't what the next one names.
    let owner = fresh();
    tamper(&owner, 2, |entry| {
        *entry = ledger::entry(
            2,
            entry.at.clone(),
            "somebody".into(),
            "publish",
            entry.details.clone(),
            entry.previous_hash.clone(),
        );
    });
    assert_eq!(owner.broken_at(), Some(3));
    let owner = fresh();
    owner.store.delete(Table::Audit, &crate::services::documents::number_key(4)).unwrap();
    assert_eq!(owner.broken_at(), Some(4), "the last one is missing");
}

#[test]
fn pages_hold_each_version_once() {
    let owner = Owner::with_versions(7);
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let asked = Query::Versions { before, limit: 3 };
        let Answer::Versions { versions, more, .. } = query(&owner.store, &asked).unwrap() else {
            panic!("no versions");
        };
        seen.extend(versions.iter().map(|(version, _)| version.version));
        before = seen.last().copied();
        if !more {
            break;
        }
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn something_unreadable_is_an_error_and_changes_nothing() {
    let owner = Owner::with_versions(2);
    owner.store.put(Table::State, "state", "{").unwrap();
    let error = owner.send(Change::Publish { model: model(3), retrained: None }, None).unwrap_err();
    let corrupt = StorageError::Corrupt(String::new()).to_string();
    assert!(error.to_string().contains(corrupt.trim_end()), "{error}");
}

fn rows(n: u8) -> DatasetRecord {
    DatasetRecord {
        data_hash: format!("{n:064x}"),
        name: "penguins".into(),
        rows: 344,
        bytes: 20_000,
        interface: "same".into(),
        kept_at_millis: i64::from(n),
    }
}

#[test]
fn rows_are_kept_once_sixteen_at_most_and_the_newest_come_first() {
    let owner = Owner::default();
    let keep = |n: u8| owner.send(Change::KeepDataset { dataset: rows(n) }, None);
    for n in 1..=16 {
        assert!(keep(n).unwrap().fresh);
    }
    assert!(!keep(3).unwrap().fresh, "they are there");
    let later = DatasetRecord { kept_at_millis: 99, ..rows(3) };
    let again = owner.send(Change::KeepDataset { dataset: later }, None).unwrap();
    assert!(!again.fresh, "they are kept since they were first");
    assert!(matches!(keep(17), Err(RegistryError::Conflict { .. })));
    let drop_third = Change::DropDataset { data_hash: rows(3).data_hash };
    assert!(owner.send(drop_third.clone(), None).unwrap().fresh);
    assert!(matches!(owner.send(drop_third, None), Err(RegistryError::NotFound { .. })));
    assert!(keep(17).unwrap().fresh, "there is room again");
    let Answer::Datasets { datasets } = query(&owner.store, &Query::Datasets).unwrap() else {
        panic!("data sets were asked for")
    };
    assert_eq!((&datasets[0], &datasets[1], datasets.len()), (&rows(17), &rows(16), 16));
}

#[test]
fn requests_and_answers_survive_their_way() {
    let changes = [
        deploy(1, None, 0),
        deploy(1, Some(2), 5),
        Change::Deploy {
            champion: None,
            challenger: None,
            split_basis_points: None,
            mode: Some(Mode::Shadow),
            public_artifact: None,
            probation: false,
            reason: None,
            evidence: None,
        },
        Change::Publish { model: model(1), retrained: None },
        Change::KeepDataset { dataset: rows(1) },
        Change::DropDataset { data_hash: rows(1).data_hash },
    ];
    for change in changes {
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(crate::json::from_str::<Change>(&text).unwrap(), change, "{text}");
    }
    let owner = Owner::with_versions(2);
    for asked in [Query::Pointer, Query::Verify, Query::Versions { before: None, limit: 5 }] {
        let answer = query(&owner.store, &asked).unwrap();
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(crate::json::from_str::<Answer>(&text).unwrap(), answer, "{text}");
    }
}
