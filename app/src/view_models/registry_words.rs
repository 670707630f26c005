//! The registry in words: what its tables hold, and what each change will do before it is done.

use model_core::{Family, WithoutRowsError};
use tepal_api::{
    DeploymentMode, DeploymentRequest, DeploymentResponse, KeyInfo, ModelVersion, ServedVersion,
};

use super::families::served_family;
use super::format::{self, capitalised};
use super::ledger::{moment, share};
use crate::edge::EdgeError;
use crate::edge::registry::Snapshot;
use crate::i18n::t;

/// A change that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Lets a version serve.
    Promote {
        /// Which.
        version: u64,
    },
    /// Tries a version beside the champion.
    Try {
        /// Which.
        version: u64,
        /// Its share of the requests, in hundredths of a per cent.
        basis_points: u16,
        /// Whether it answers, or is only asked.
        mode: DeploymentMode,
    },
    /// Ends the trial.
    EndTrial,
    /// Brings back the previous champion.
    RollBack,
    /// Lets anybody download the champion's file, or nobody.
    Open(bool),
    /// Lets an alias stand for a version, or for none.
    Alias {
        /// Its name.
        alias: String,
        /// The version.
        version: Option<u64>,
    },
    /// Revokes a key.
    Revoke {
        /// Its id.
        key_id: String,
    },
    /// Deletes rows that the edge keeps to train on.
    DeleteRows {
        /// Their hash.
        data_hash: String,
    },
}

/// What a change will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Names the change.
    pub(crate) title: String,
    /// What will happen, a sentence each.
    pub(crate) sentences: Vec<String>,
    /// What stands on the button that does it.
    pub(crate) confirm: String,
}

/// "version 3 (Random forest)".
pub(crate) fn version_name(models: &[ModelVersion], version: u64) -> String {
    match models.iter().find(|model| model.version == version) {
        Some(model) => {
            t!("version {version} ({family})", version, family = served_family(&model.family))
        }
        None => t!("version {version}", version),
    }
}

/// Who answers at the edge.
pub(crate) fn who_answers(snapshot: &Snapshot) -> String {
    let DeploymentResponse { champion, challenger, split_basis_points, mode, .. } =
        &snapshot.deployment;
    let name = |it: &ServedVersion| version_name(&snapshot.models, it.version);
    let champion = capitalised(&name(champion));
    let share = share(u64::from(*split_basis_points));
    match (challenger, mode) {
        (None, _) => t!("{champion} answers all requests.", champion),
        (Some(it), DeploymentMode::Live) => t!(
            "{champion} answers; {challenger} is tried beside it and answers {share} of the requests.",
            champion,
            challenger = name(it),
            share
        ),
        (Some(it), DeploymentMode::Shadow) => t!(
            "{champion} answers all requests; {challenger} is tried in its shadow: of {share} of them the log keeps what it would have said.",
            champion,
            challenger = name(it),
            share
        ),
    }
}

/// What `action` will do to the registry as it is; none if it is so already, or cannot be.
pub(crate) fn plan(action: &Action, snapshot: &Snapshot) -> Option<Plan> {
    let deployment = &snapshot.deployment;
    let name = |version: u64| version_name(&snapshot.models, version);
    let champion = name(deployment.champion.version);
    let trial = deployment.challenger.as_ref().map(|it| it.version);
    let mut sentences = Vec::new();
    let (title, confirm) = match action {
        Action::Promote { version } => {
            if *version == deployment.champion.version {
                return None;
            }
            let promoted = name(*version);
            sentences.push(t!(
                "From now on /predict is answered by {promoted}; {champion} stays and can be put back.",
                promoted,
                champion
            ));
            let data = |version: u64| {
                snapshot.models.iter().find(|it| it.version == version).map(|it| &it.name)
            };
            if let (Some(new), Some(old)) = (data(*version), data(deployment.champion.version))
                && new != old
            {
                sentences.push(t!(
                    "It learned from {new}, the other one from {old}: programs that go on sending rows of {old} will be refused.",
                    new,
                    old
                ));
            }
            if trial == Some(*version) {
                sentences.push(t!("With that its trial ends.").to_owned());
            } else if let Some(trial) = trial {
                sentences.push(t!("The trial of {name} goes on.", name = name(trial)));
            }
            (t!("Promote {promoted}", promoted), t!("Promote version {version}", version))
        }
        Action::Try { version, basis_points, mode } => {
            let tried = name(*version);
            let share = share(u64::from(*basis_points));
            sentences.push(match mode {
                DeploymentMode::Live => t!(
                    "From now on {tried} answers {share} of the requests to /predict and {champion} the rest. Who sends an x-tepal-key stays with one of them.",
                    tried,
                    share,
                    champion
                ),
                DeploymentMode::Shadow => t!(
                    "From now on {tried} is asked about {share} of the requests to /predict, too. What it says is only logged: {champion} goes on answering all of them.",
                    tried,
                    share,
                    champion
                ),
            });
            if let Some(trial) = trial.filter(|trial| trial != version) {
                sentences.push(t!("The trial of {name} ends.", name = name(trial)));
            }
            (t!("Try {tried}", tried), t!("Try version {version}", version))
        }
        Action::EndTrial => {
            let tried = name(trial?);
            sentences.push(t!(
                "From now on {champion} answers all requests to /predict; {tried} stays and can be tried again.",
                champion,
                tried
            ));
            (t!("End the trial of {tried}", tried), t!("End the trial").to_owned())
        }
        Action::RollBack => {
            let previous = deployment.previous_champion.as_ref()?.version;
            let back = name(previous);
            sentences.push(t!(
                "From now on /predict is answered by {back} again, and by it alone; {champion} stays and can be promoted again.",
                back,
                champion
            ));
            (
                t!("Roll back to {back}", back),
                t!("Roll back to version {version}", version = previous),
            )
        }
        Action::Open(is_public) => {
            if *is_public == deployment.public_artifact {
                return None;
            }
            let n = snapshot.models.iter().find(|it| it.version == deployment.champion.version);
            let rows = n.map_or(0, |it| it.carries_rows) as usize;
            if *is_public {
                sentences.push(t!(
                    "From now on anybody may download the file of {champion}, and the pages of this site answer with it in the tab.",
                    champion
                ));
                if rows > 0 {
                    let rows = format::count(rows, t!("row"), t!("rows"));
                    sentences.push(t!(
                        "It carries {rows} of the data as they are: whoever has it has them.",
                        rows
                    ));
                }
                (t!("Open the file of {champion}", champion), t!("Open the file").to_owned())
            } else {
                sentences.push(t!(
                    "From now on nobody may download the file of {champion} without a token. Who has it already keeps it.",
                    champion
                ));
                (t!("Close the file of {champion}", champion), t!("Close the file").to_owned())
            }
        }
        Action::Alias { alias, version } => {
            match version {
                Some(version) => sentences.push(t!(
                    "From now on {alias} stands for {name} in the API.",
                    alias,
                    name = name(*version)
                )),
                None => sentences.push(t!("From now on {alias} stands for no version.", alias)),
            }
            sentences.push(t!("It does not change who answers.").to_owned());
            (t!("Alias {alias}", alias), t!("Set the alias").to_owned())
        }
        Action::Revoke { key_id } => {
            let keys = snapshot.keys.as_ref().ok()?;
            let key = keys.iter().find(|key| key.key_id == *key_id)?;
            if key.revoked_at.is_some() {
                return None;
            }
            sentences.push(t!(
                "From now on the key “{name}” is refused: here at once, elsewhere within seconds. It cannot be put back; whoever needs one gets another.",
                name = key.name
            ));
            (t!("Revoke the key “{name}”", name = key.name), t!("Revoke it").to_owned())
        }
        Action::DeleteRows { data_hash } => {
            let kept = snapshot.datasets.as_ref().ok()?;
            let kept = kept.iter().find(|it| it.data_hash == *data_hash)?;
            sentences.push(t!(
                "The edge forgets the {rows} rows of {name}, and trains without them. Models that learnt from them stay.",
                rows = format::thousands(kept.rows as usize),
                name = kept.name
            ));
            (t!("Delete the rows of {name}", name = kept.name), t!("Delete them").to_owned())
        }
    };
    Some(Plan { title, sentences, confirm })
}

/// What has happened, once `action` is done.
pub(crate) fn done(action: &Action, snapshot: &Snapshot) -> String {
    match action {
        Action::Revoke { .. } => t!("The key is revoked.").to_owned(),
        Action::Alias { .. } => t!("The alias is set.").to_owned(),
        Action::DeleteRows { .. } => t!("The rows are deleted.").to_owned(),
        _ => t!("Done. {who}", who = who_answers(snapshot)),
    }
}

/// What a deployment is asked to be for `action`; none if that is no matter of the deployment.
pub(crate) fn request(action: &Action, reason: Option<String>) -> Option<DeploymentRequest> {
    let asked = DeploymentRequest { reason, ..DeploymentRequest::default() };
    Some(match action {
        Action::Promote { version } => DeploymentRequest { champion: Some(*version), ..asked },
        Action::Try { version, basis_points, mode } => DeploymentRequest {
            challenger: Some(Some(*version)),
            split_basis_points: Some(*basis_points),
            mode: Some(*mode),
            ..asked
        },
        Action::EndTrial => DeploymentRequest { challenger: Some(None), ..asked },
        Action::Open(is_public) => DeploymentRequest { public_artifact: Some(*is_public), ..asked },
        Action::RollBack
        | Action::Alias { .. }
        | Action::Revoke { .. }
        | Action::DeleteRows { .. } => return None,
    })
}

/// A share as it is typed, in per cent, in hundredths of one; none of what is no share.
pub(crate) fn basis_points(text: &str) -> Option<u16> {
    let text = text.trim().trim_end_matches('%').trim_end().replace(',', ".");
    let percent = model_core::parse_number(&text)?;
    (0.0..=100.0).contains(&percent).then(|| (percent * 100.0).round() as u16)
}

/// Tags as they are typed: with commas between them.
pub(crate) fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').map(str::trim) {
        if !tag.is_empty() && !tags.iter().any(|it| it == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// The share of test rows that a version got right, as its table has it.
pub(crate) fn accuracy(model: &ModelVersion) -> String {
    match (model.test_accuracy, model.cv_accuracy_mean) {
        (Some(share), _) => format::percent(share),
        (None, Some(share)) => t!("{share} in cross-validation", share = format::percent(share)),
        (None, None) => t!("not measured").to_owned(),
    }
}

/// How many rows of its data a version carries.
pub(crate) fn rows_carried(model: &ModelVersion) -> String {
    match model.carries_rows as usize {
        0 => t!("none").to_owned(),
        n => format::thousands(n),
    }
}

/// Why a model of `family` cannot be published without rows; none if it can.
pub(crate) fn needs_rows(family: Family) -> Option<&'static str> {
    WithoutRowsError::of_family(family).map(|error| rows_refusal(&error))
}

/// Why a model cannot be without rows.
pub(crate) fn rows_refusal(error: &WithoutRowsError) -> &'static str {
    match error {
        WithoutRowsError::TrainingRows => t!(
            "Without rows it cannot be: nearest neighbours answers from its training rows, which are the model. Logistic regression, a forest or gradient boosting can."
        ),
        WithoutRowsError::SupportVectors => t!(
            "Without rows it cannot be: the support vectors of an SVM are rows of the training data. Logistic regression, a forest or gradient boosting can."
        ),
        _ => t!(
            "Without rows it cannot be: a class has a single training row, which naive Bayes keeps as the mean of the class. Logistic regression, a forest or gradient boosting can."
        ),
    }
}

/// What became of a key.
pub(crate) fn key_state(key: &KeyInfo, now: &str) -> (String, bool) {
    match &key.revoked_at {
        Some(at) => (t!("revoked {moment}", moment = moment(at)), false),
        None if key.expires_at.as_str() <= now => {
            (t!("expired {moment}", moment = moment(&key.expires_at)), false)
        }
        None => (t!("until {moment}", moment = moment(&key.expires_at)), true),
    }
}

/// Why the registry does not open, with what to do about it here.
pub(crate) fn trouble(error: &EdgeError) -> String {
    match error {
        EdgeError::Unauthorized => t!(
            "The edge does not know this token. Look for a typo, or ask whoever runs this site: the owner's is what “npx wrangler secret put OWNER_TOKEN” was given, and under “cargo xtask dev” it stands in the file .dev.vars. A key counts until it expires or is revoked."
        )
        .to_owned(),
        EdgeError::Forbidden { .. } => t!(
            "This key may not read the registry: that takes one with the scope “read”. With “publish” it can publish all the same."
        )
        .to_owned(),
        error => error.sentence(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;
    use tepal_api::DatasetInfo;

    /// Three versions: 1 serves, 2 and 3 wait; 3 learned from other data.
    pub(crate) fn snapshot() -> Snapshot {
        let model = |version: u64, family: &str, name: &str| -> ModelVersion {
            serde_json::from_value(json!({
                "version": version, "model_id": format!("id{version}"), "family": family,
                "name": name, "bytes": 900, "created_at": "2026-01-01T00:00:00.000Z",
                "aliases": [], "description": "", "tags": [], "archived": false,
                "test_accuracy": 0.9, "cv_accuracy_mean": null, "carries_rows": 150,
                "verified_rows": 30,
            }))
            .unwrap()
        };
        let deployment = serde_json::from_value(json!({
            "generation": 4, "champion": {"version": 1, "model_id": "id1"}, "challenger": null,
            "split_basis_points": 0, "mode": "live", "public_artifact": false,
            "previous_champion": null,
        }));
        let key = |id: &str, revoked_at: Option<&str>| KeyInfo {
            key_id: id.to_owned(),
            name: "the shop".to_owned(),
            scopes: vec!["predict".to_owned()],
            created_at: "2026-01-01T00:00:00.000Z".to_owned(),
            expires_at: "2026-02-01T00:00:00.000Z".to_owned(),
            revoked_at: revoked_at.map(str::to_owned),
        };
        Snapshot {
            deployment: deployment.unwrap(),
            models: vec![
                model(3, "svm", "penguins"),
                model(2, "random_forest", "iris"),
                model(1, "svm", "iris"),
            ],
            entries: Vec::new(),
            keys: Ok(vec![key("a", None), key("b", Some("2026-01-03T00:00:00.000Z"))]),
            datasets: Ok(vec![DatasetInfo {
                data_hash: "ab".to_owned(),
                name: "penguins".to_owned(),
                rows: 344,
                bytes: 20_000,
                kept_at: "2026-01-02T00:00:00.000Z".to_owned(),
            }]),
        }
    }

    fn trying(mode: DeploymentMode) -> Snapshot {
        let mut snapshot = snapshot();
        let challenger = Some(ServedVersion { version: 2, model_id: "id2".into() });
        snapshot.deployment = DeploymentResponse {
            challenger,
            split_basis_points: 2_000,
            mode,
            previous_champion: Some(ServedVersion { version: 3, model_id: "id3".into() }),
            trial: None,
            ..snapshot.deployment
        };
        snapshot
    }

    fn check(action: Action, snapshot: &Snapshot, title: &str, sentences: &[&str]) {
        let plan = plan(&action, snapshot).unwrap();
        assert_eq!(plan.title, title);
        let said: Vec<String> =
            plan.sentences.iter().map(|text| text.replace(format::NBSP, " ")).collect();
        assert_eq!(said, sentences);
        assert!(!plan.confirm.is_empty());
    }

    #[test]
    fn promoting_says_who_answers_from_now_on_and_who_stays() {
        check(
            Action::Promote { version: 2 },
            &snapshot(),
            "Promote version 2 (Random forest)",
            &[
                "From now on /predict is answered by version 2 (Random forest); version 1 (SVM) stays and can be put back.",
            ],
        );
        check(
            Action::Promote { version: 3 },
            &trying(DeploymentMode::Live),
            "Promote version 3 (SVM)",
            &[
                "From now on /predict is answered by version 3 (SVM); version 1 (SVM) stays and can be put back.",
                "It learned from penguins, the other one from iris: programs that go on sending rows of iris will be refused.",
                "The trial of version 2 (Random forest) goes on.",
            ],
        );
        assert_eq!(plan(&Action::Promote { version: 1 }, &snapshot()), None);
    }

    #[test]
    fn a_trial_says_whose_answers_are_given() {
        let try_it = |mode| Action::Try { version: 2, basis_points: 2_000, mode };
        check(
            try_it(DeploymentMode::Live),
            &snapshot(),
            "Try version 2 (Random forest)",
            &[
                "From now on version 2 (Random forest) answers 20 % of the requests to /predict and version 1 (SVM) the rest. Who sends an x-tepal-key stays with one of them.",
            ],
        );
        let shadow = plan(&try_it(DeploymentMode::Shadow), &snapshot()).unwrap();
        assert!(shadow.sentences[0].contains("only logged: version 1 (SVM) goes on"));
        assert_eq!(plan(&Action::EndTrial, &snapshot()), None);
        let end = plan(&Action::EndTrial, &trying(DeploymentMode::Live)).unwrap();
        assert!(end.sentences[0].starts_with("From now on version 1 (SVM) answers all"));
    }

    #[test]
    fn rolling_back_names_who_comes_back() {
        assert_eq!(plan(&Action::RollBack, &snapshot()), None);
        check(
            Action::RollBack,
            &trying(DeploymentMode::Live),
            "Roll back to version 3 (SVM)",
            &[
                "From now on /predict is answered by version 3 (SVM) again, and by it alone; version 1 (SVM) stays and can be promoted again.",
            ],
        );
    }

    #[test]
    fn opening_a_file_says_whose_rows_are_in_it() {
        let plan = plan(&Action::Open(true), &snapshot()).unwrap();
        assert!(plan.sentences[1].contains("150 rows of the data"), "{plan:?}");
        assert_eq!(super::plan(&Action::Open(false), &snapshot()), None);
    }

    #[test]
    fn a_key_is_revoked_once() {
        let revoke = |id: &str| plan(&Action::Revoke { key_id: id.into() }, &snapshot());
        assert_eq!(revoke("a").unwrap().title, "Revoke the key “the shop”");
        assert_eq!((revoke("b"), revoke("c")), (None, None));
        let Ok(keys) = snapshot().keys else { panic!("keys") };
        let state = |at: usize, now: &str| key_state(&keys[at], now);
        assert_eq!(state(0, "2026-01-05").0, "until 2026-02-01 00:00 UTC");
        assert_eq!(state(0, "2026-03-05"), ("expired 2026-02-01 00:00 UTC".to_owned(), false));
        assert_eq!(state(1, "2026-01-05"), ("revoked 2026-01-03 00:00 UTC".to_owned(), false));
    }

    #[test]
    fn rows_are_deleted_that_are_kept() {
        let delete = |hash: &str| plan(&Action::DeleteRows { data_hash: hash.into() }, &snapshot());
        let asked = delete("ab").unwrap();
        assert_eq!(asked.title, "Delete the rows of penguins");
        assert!(asked.sentences[0].contains("forgets the 344 rows"), "{asked:?}");
        assert_eq!(delete("cd"), None);
    }

    #[test]
    fn who_answers_is_one_sentence() {
        let said = |snapshot: &Snapshot| who_answers(snapshot).replace(format::NBSP, " ");
        assert_eq!(said(&snapshot()), "Version 1 (SVM) answers all requests.");
        assert!(said(&trying(DeploymentMode::Live)).contains("answers 20 % of the requests"));
        assert!(said(&trying(DeploymentMode::Shadow)).contains("in its shadow: of 20 %"));
    }

    #[test]
    fn each_request_asks_for_its_change_alone() {
        let body = |action: &Action| {
            serde_json::to_value(request(action, Some("why".into())).unwrap()).unwrap()
        };
        assert_eq!(body(&Action::Promote { version: 2 }), json!({"champion": 2, "reason": "why"}));
        assert_eq!(body(&Action::EndTrial), json!({"challenger": null, "reason": "why"}));
        let mode = DeploymentMode::Shadow;
        assert_eq!(
            body(&Action::Try { version: 2, basis_points: 500, mode }),
            json!({"challenger": 2, "split_basis_points": 500, "mode": "shadow", "reason": "why"})
        );
        assert_eq!(request(&Action::RollBack, None), None);
    }

    #[test]
    fn shares_and_tags_are_read_as_they_are_typed() {
        let shares = [("20", Some(2_000)), (" 12,5 % ", Some(1_250)), ("100", Some(10_000))];
        for (text, expected) in shares {
            assert_eq!(basis_points(text), expected, "{text}");
        }
        for text in ["", "-1", "100.1", "a", "NaN"] {
            assert_eq!(basis_points(text), None, "{text}");
        }
        assert_eq!(tags(" a, b b,,a "), ["a", "b b"]);
    }

    #[test]
    fn families_that_are_made_of_rows_say_so() {
        assert!(needs_rows(Family::Svm).unwrap().contains("support vectors"));
        assert_eq!(needs_rows(Family::RandomForest), None);
    }

    #[test]
    fn a_wrong_token_says_where_the_right_one_is() {
        let said = trouble(&EdgeError::Unauthorized);
        assert!(said.contains("wrangler secret put OWNER_TOKEN") && said.contains(".dev.vars"));
        assert!(trouble(&EdgeError::Offline).contains("offline"));
    }
}
