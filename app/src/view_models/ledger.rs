//! The edge's ledger: whether its chain holds, worked out here, and what its entries say.

use model_core::digest::Digest;
use serde_json::{Map, Value};
use tepal_api::AuditEntry;

use super::families::served_family;
use super::format::{NBSP, trimmed, words};
use crate::i18n::t;

/// What the first entry names as the hash before it.
const BEFORE_THE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Whether the chain holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Each entry is what its hash says and follows from the one before.
    Whole {
        /// Entries.
        n: usize,
        /// Hash of the last one.
        head: String,
    },
    /// An entry is not what its hash says.
    Altered {
        /// Its number.
        at: u64,
    },
    /// An entry does not follow from the one before it.
    Unlinked {
        /// Its number.
        at: u64,
    },
    /// The chain holds, and the entry is not in it that a change of this tab was answered with.
    Rewritten,
}

/// Goes through all `entries`, oldest first; `noted` is a hash that must be among theirs.
pub(crate) fn verify(entries: &[AuditEntry], noted: Option<&str>) -> Verdict {
    let mut before = BEFORE_THE_FIRST;
    for (expected, entry) in (1_u64..).zip(entries) {
        let at = entry.sequence;
        if Digest::of(entry.canonical().as_bytes()).to_string() != entry.hash {
            return Verdict::Altered { at };
        }
        if entry.previous_hash != before || at != expected {
            return Verdict::Unlinked { at };
        }
        before = &entry.hash;
    }
    match noted {
        Some(noted) if !entries.iter().any(|entry| entry.hash == noted) => Verdict::Rewritten,
        _ => Verdict::Whole { n: entries.len(), head: before.to_owned() },
    }
}

impl Verdict {
    /// Whether nothing is wrong.
    pub(crate) const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole { .. })
    }

    /// The verdict in words.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Whole { n, head } => t!(
                "Whole: this tab has computed every entry's hash anew ({n} in all), and each follows from the one before. Whoever notes the last hash, {head}, can tell later whether anything up to here was changed.",
                n,
                head
            ),
            Self::Altered { at } => t!(
                "Broken at entry {at}: it is not what its hash says, so it was changed after it was written. Do not rely on it, nor on what follows.",
                at
            ),
            Self::Unlinked { at } => t!(
                "Broken at entry {at}: it does not follow from the entry before it, so something between them was left out, put in or changed. Do not rely on it, nor on what follows.",
                at
            ),
            Self::Rewritten => t!(
                "Broken: the entries follow from each other, but the one that a change from this tab was answered with is not among them. The ledger was written anew."
            )
            .to_owned(),
        }
    }
}

/// A share in hundredths of a per cent.
pub(crate) fn share(basis_points: u64) -> String {
    format!("{}{NBSP}%", trimmed(basis_points as f64 / 100.0, 2))
}

/// A time of the wire as it is read: to the minute, in UTC.
pub(crate) fn moment(at: &str) -> String {
    let minute = at.get(..16).unwrap_or(at);
    format!("{} UTC", minute.replace('T', " "))
}

fn number(details: &Map<String, Value>, name: &str) -> Option<u64> {
    details.get(name).and_then(Value::as_u64)
}

fn told<'a>(details: &'a Map<String, Value>, name: &str) -> &'a str {
    details.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn side<'a>(details: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    details.get(name).and_then(Value::as_object)
}

/// What an entry says was done, in sentences.
pub(crate) fn entry_words(entry: &AuditEntry) -> String {
    let details = &entry.details;
    let version = number(details, "version").unwrap_or_default();
    match entry.action.as_str() {
        "publish" => match told(details, "family") {
            "" => t!("Version {version}, the built-in model, was registered.", version),
            family => {
                let family = served_family(family);
                t!("Version {version} ({family}) was published.", version, family)
            }
        },
        "retrain" => {
            let family = served_family(told(details, "family"));
            let rows = number(details, "rows").unwrap_or_default();
            t!(
                "The edge trained version {version} ({family}) on {rows} labelled rows.",
                version,
                family,
                rows
            )
        }
        "describe" => t!("Version {version} was described anew.", version),
        "alias" => {
            let alias = told(details, "alias");
            match number(details, "to") {
                Some(to) => t!("{alias} stands for version {version} now.", alias, version = to),
                None => t!("{alias} stands for no version any more.", alias),
            }
        }
        action if is_deployment(action) => deployed(entry),
        "key_minted" => {
            let key = told(details, "key_id");
            t!("Key {key} was minted.", key)
        }
        "key_revoked" => {
            let key = told(details, "key_id");
            t!("Key {key} was revoked.", key)
        }
        "dataset_kept" => {
            let rows = number(details, "rows").unwrap_or_default();
            t!("{rows} rows to train on are kept.", rows)
        }
        "dataset_deleted" => t!("Rows to train on were deleted.").to_owned(),
        "erase" | "erased" => t!("Logged predictions were erased.").to_owned(),
        other => words(other),
    }
}

/// Whether it changed who answers, by hand or by the loop.
fn is_deployment(action: &str) -> bool {
    matches!(action, "deploy" | "rollback" | "rollout" | "promote")
}

/// From whom to whom.
fn deployed(entry: &AuditEntry) -> String {
    let details = &entry.details;
    let (Some(from), Some(to)) = (side(details, "from"), side(details, "to")) else {
        return words(&entry.action);
    };
    let mut said = Vec::new();
    let (before, after) = (number(from, "champion"), number(to, "champion"));
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        said.push(match entry.action.as_str() {
            "rollback" => {
                t!("Rolled back from version {before} to version {after}.", before, after)
            }
            _ => t!("Version {after} serves in place of version {before}.", after, before),
        });
    }
    let trial = |side: &Map<String, Value>| {
        let points = number(side, "split_basis_points").unwrap_or_default();
        (number(side, "challenger"), points, told(side, "mode") == "shadow")
    };
    match (trial(from), trial(to)) {
        (before, after) if before == after => {}
        (_, (Some(version), points, false)) => {
            said.push(t!(
                "Version {version} is tried on {share} of the requests.",
                version,
                share = share(points)
            ));
        }
        (_, (Some(version), points, true)) => {
            said.push(t!(
                "Version {version} is tried in the shadow, on {share} of the requests.",
                version,
                share = share(points)
            ));
        }
        ((Some(version), ..), (None, ..)) => {
            said.push(t!("Version {version} is not tried any more.", version));
        }
        _ => {}
    }
    let is_public =
        |side: &Map<String, Value>| side.get("public_artifact") == Some(&Value::Bool(true));
    match (is_public(from), is_public(to)) {
        (false, true) => said.push(t!("Anybody may download the champion's file.").to_owned()),
        (true, false) => said.push(t!("The champion's file is not public any more.").to_owned()),
        _ => {}
    }
    match told(details, "reason") {
        "" => {}
        reason => said.push(t!("Reason: {reason}", reason)),
    }
    said.join(" ")
}

/// What an alias stood for at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// From when on.
    pub(crate) at: String,
    /// The version; none if the alias was taken away.
    pub(crate) version: Option<u64>,
    /// Who said so.
    pub(crate) actor: String,
}

/// Each alias that there is or was, with what it stood for, latest first: it stands in the ledger.
pub(crate) fn alias_histories(entries: &[AuditEntry]) -> Vec<(String, Vec<Step>)> {
    let mut histories: Vec<(String, Vec<Step>)> = Vec::new();
    let mut note = |alias: &str, version: Option<u64>, entry: &AuditEntry| {
        let step = Step { at: moment(&entry.at), version, actor: entry.actor.clone() };
        match histories.iter_mut().find(|(name, _)| name == alias) {
            Some((_, steps)) if steps.first().is_some_and(|last| last.version == version) => {}
            Some((_, steps)) => steps.insert(0, step),
            None if version.is_none() => {}
            None => histories.push((alias.to_owned(), vec![step])),
        }
    };
    for entry in entries {
        let details = &entry.details;
        match entry.action.as_str() {
            // The embedded model, which comes first, serves.
            "publish" if entry.sequence == 1 => note("champion", number(details, "version"), entry),
            "alias" => note(told(details, "alias"), number(details, "to"), entry),
            action if is_deployment(action) => {
                if let Some(to) = side(details, "to") {
                    note("champion", number(to, "champion"), entry);
                    note("challenger", number(to, "challenger"), entry);
                }
            }
            _ => {}
        }
    }
    histories
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A chain of these actions.
    pub(crate) fn chain(entries: &[(&str, Value)]) -> Vec<AuditEntry> {
        let mut chain: Vec<AuditEntry> = Vec::new();
        for (sequence, (action, details)) in (1..).zip(entries) {
            let Value::Object(details) = details.clone() else { panic!("no object") };
            let previous = chain.last().map_or(BEFORE_THE_FIRST, |entry| &entry.hash).to_owned();
            let mut entry = AuditEntry {
                sequence,
                at: format!("2026-01-01T00:0{sequence}:00.000Z"),
                actor: "owner".to_owned(),
                action: (*action).to_owned(),
                details,
                previous_hash: previous,
                hash: String::new(),
            };
            entry.hash = Digest::of(entry.canonical().as_bytes()).to_string();
            chain.push(entry);
        }
        chain
    }

    fn deployment(champion: u64, challenger: Option<u64>, points: u64, mode: &str) -> Value {
        json!({
            "champion": champion, "challenger": challenger, "split_basis_points": points,
            "mode": mode, "public_artifact": false,
        })
    }

    fn story() -> Vec<AuditEntry> {
        let (one, two) = (deployment(1, None, 0, "live"), deployment(2, None, 0, "live"));
        let trial = deployment(2, Some(1), 2_050, "shadow");
        chain(&[
            ("publish", json!({"version": 1, "model_id": "a"})),
            ("publish", json!({"version": 2, "family": "random_forest"})),
            ("deploy", json!({"from": one, "to": two, "reason": "it is better"})),
            ("alias", json!({"alias": "stable", "from": null, "to": 1})),
            ("deploy", json!({"from": two, "to": trial, "reason": null})),
            ("rollback", json!({"from": trial, "to": one, "reason": null})),
            ("alias", json!({"alias": "stable", "from": 1, "to": null})),
            ("key_minted", json!({"key_id": "key_1", "scopes": ["read"]})),
        ])
    }

    #[test]
    fn steps_of_a_trial_are_told_as_changes_of_who_answers() {
        let alone = |champion| deployment(champion, None, 0, "live");
        let shadow = deployment(1, Some(2), 10_000, "shadow");
        let probation = deployment(2, Some(1), 10_000, "shadow");
        let told = chain(&[
            ("publish", json!({"version": 1, "model_id": "a"})),
            ("retrain", json!({"version": 2, "family": "random_forest", "rows": 120, "parent": 1})),
            ("rollout", json!({"from": alone(1), "to": shadow, "reason": null})),
            ("promote", json!({"from": deployment(1, Some(2), 5_000, "live"), "to": probation})),
            ("rollout", json!({"from": probation, "to": alone(2), "reason": "it has passed"})),
        ]);
        let words = told.iter().map(entry_words).collect::<Vec<_>>();
        let trained = "The edge trained version 2 (Random forest) on 120 labelled rows.";
        assert_eq!(words[1], trained);
        assert!(words[2].starts_with("Version 2 is tried in the shadow"), "{}", words[2]);
        assert!(words[3].starts_with("Version 2 serves in place of version 1."), "{}", words[3]);
        assert_eq!(words[4], "Version 1 is not tried any more. Reason: it has passed");
        let histories = alias_histories(&told);
        let (_, champion) = histories.iter().find(|(name, _)| name == "champion").unwrap();
        assert_eq!(
            champion.iter().map(|step| step.version).collect::<Vec<_>>(),
            [Some(2), Some(1)]
        );
    }

    /// The worker's own entry, hashed there with `sha256sum` (its test of the ledger).
    #[test]
    fn an_entry_of_the_worker_is_whole() {
        let entry = AuditEntry {
            sequence: 1,
            at: "2026-01-01T00:00:00.000Z".into(),
            actor: "owner".into(),
            action: "publish".into(),
            details: Map::from_iter([("version".to_owned(), json!(1)), ("a".into(), json!("é\n"))]),
            previous_hash: BEFORE_THE_FIRST.into(),
            hash: "3b5df3c59f981cc2477f5ce014cd6796fc2415f3201a0c49cda65d14844c41e0".into(),
        };
        assert!(verify(&[entry], None).is_whole());
    }

    #[test]
    fn what_was_changed_left_out_or_put_elsewhere_is_found_where_it_is() {
        let whole = story();
        let head = whole[7].hash.clone();
        assert_eq!(verify(&whole, Some(&whole[3].hash)), Verdict::Whole { n: 8, head });
        let mut altered = whole.clone();
        altered[2].actor = "somebody".into();
        assert_eq!(verify(&altered, None), Verdict::Altered { at: 3 });
        assert!(verify(&altered, None).sentence().contains("Broken at entry 3"));
        let mut left_out = whole.clone();
        left_out.remove(4);
        assert_eq!(verify(&left_out, None), Verdict::Unlinked { at: 6 });
        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert_eq!(verify(&swapped, None), Verdict::Unlinked { at: 3 });
        assert_eq!(verify(&whole[1..], None), Verdict::Unlinked { at: 2 });
    }

    /// Whoever owns the database can write a chain that holds; not one with the hash that was noted.
    #[test]
    fn a_ledger_that_was_written_anew_lacks_what_was_noted() {
        let noted = story()[5].hash.clone();
        let anew = chain(&[("publish", json!({"version": 1}))]);
        assert_eq!(verify(&anew, Some(&noted)), Verdict::Rewritten);
        assert_eq!(verify(&story()[..5], Some(&noted)), Verdict::Rewritten);
        assert!(verify(&anew, None).is_whole());
    }

    #[test]
    fn entries_say_what_was_done() {
        let said: Vec<String> = story().iter().map(entry_words).collect();
        let expected = [
            "Version 1, the built-in model, was registered.",
            "Version 2 (Random forest) was published.",
            "Version 2 serves in place of version 1. Reason: it is better",
            "stable stands for version 1 now.",
            "Version 1 is tried in the shadow, on 20.5 % of the requests.",
            "Rolled back from version 2 to version 1. Version 1 is not tried any more.",
            "stable stands for no version any more.",
            "Key key_1 was minted.",
        ];
        let said: Vec<String> = said.iter().map(|text| text.replace(NBSP, " ")).collect();
        assert_eq!(said, expected);
        assert_eq!(moment("2026-01-01T00:01:00.000Z"), "2026-01-01 00:01 UTC");
    }

    #[test]
    fn aliases_have_the_history_that_the_ledger_tells() {
        let histories = alias_histories(&story());
        let versions = |alias: &str| -> Vec<Option<u64>> {
            let found = histories.iter().find(|(name, _)| name == alias).unwrap();
            found.1.iter().map(|step| step.version).collect()
        };
        assert_eq!(versions("champion"), [Some(1), Some(2), Some(1)]);
        assert_eq!(versions("challenger"), [None, Some(1)]);
        assert_eq!(versions("stable"), [None, Some(1)]);
    }
}
