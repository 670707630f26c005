//! Runs as MLflow keeps them in files, as a zip: an experiment for each data set, a run for each model.
//!
//! MLflow 3.10 and later bring such a folder into a database (`mlflow migrate-filestore`), which
//! `tests/mlflow/read_back.py` tries; its file store itself reads it, too. Texts that people wrote come into names of
//! files only where MLflow takes them as such ([`file_name`]); whole they are in the files.

use model_core::digest::Digest;

use super::zip::Zip;
use super::{Run, RunModel};
use crate::bytes::Bytes;
use crate::sorted::{SortedMap, SortedSet};

/// What the zip says of itself. Paths of artifacts in it begin where it is unpacked.
const README: &str = "Unpack this, run `mlflow migrate-filestore --source . --target sqlite:///mlflow.db` in its folder (MLflow 3.10 or newer), and see it by `mlflow server --backend-store-uri sqlite:///mlflow.db`, in the same folder.\n";

/// The longest value of a parameter that MLflow takes, in letters.
const MAX_PARAMETER: usize = 6_000;
/// The longest value of a tag.
const MAX_TAG: usize = 8_000;
/// Letters of a name of a file: in UTF-8 they stay under the 250 bytes that MLflow and file systems take, and the paths
/// under the 260 letters of Windows.
const MAX_NAME: usize = 60;
/// Letters of the name of a data set in that of its experiment; a database of MLflow has 256.
const MAX_DATA_NAME: usize = 200;

/// The zip of `runs`; `artifacts` has the bytes of their models by id, and those that it lacks are left out.
pub(crate) fn write(runs: &[Run], artifacts: &SortedMap<String, Bytes>) -> Vec<u8> {
    let mut zip = Zip::default();
    zip.add("README.txt", README.as_bytes());
    let mut experiments = SortedMap::<String, Vec<&Run>>::new();
    for run in runs {
        experiments.or_insert(experiment_name(run), Vec::new()).push(run);
    }
    for (name, runs) in experiments.iter() {
        write_experiment(&mut zip, name, runs, artifacts);
    }
    zip.finish()
}

/// Its data set: name, and how its hash begins. No two experiments of MLflow have the same.
fn experiment_name(run: &Run) -> String {
    let hash: String = run.data_hash.chars().take(12).collect();
    format!("{} {hash}", cut(&run.data_name, MAX_DATA_NAME))
}

fn write_experiment(
    zip: &mut Zip,
    name: &str,
    runs: &[&Run],
    artifacts: &SortedMap<String, Bytes>,
) {
    // Ids are numbers there, of 18 digits at most; 0 is taken. The same name always has the same.
    let digest = Digest::of(name.as_bytes());
    let number = digest.as_bytes()[..8].iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
    let id = number % 999_999_999_999_999_999 + 1;
    let folder = format!("mlruns/{id}");
    let begin = runs.iter().map(|run| begin(run)).min().unwrap_or_default();
    let end = runs.iter().map(|run| end(run)).max().unwrap_or_default();
    let name = quoted(name);
    let meta = format!(
        "artifact_location: {folder}\ncreation_time: {begin}\nexperiment_id: '{id}'\nlast_update_time: {end}\nlifecycle_stage: active\nname: {name}\n"
    );
    zip.add(&format!("{folder}/meta.yaml"), meta.as_bytes());
    if let Some(run) = runs.first() {
        zip.add(&format!("{folder}/tags/tepal.data_hash"), run.data_hash.as_bytes());
    }
    for run in runs {
        for (at, model) in run.models.iter().enumerate() {
            write_run(zip, (&folder, id), run, (at, model), artifacts.get(&model.id));
        }
    }
}

/// A model of a run, which is a run of MLflow.
fn write_run(
    zip: &mut Zip,
    (experiment, experiment_id): (&str, u64),
    run: &Run,
    (at, model): (usize, &RunModel),
    artifact: Option<&Bytes>,
) {
    let id = Digest::of(format!("{} {at} {}", run.id, model.id).as_bytes()).to_string();
    let id = &id[..32];
    let folder = format!("{experiment}/{id}");
    let short: String = model.id.chars().take(12).collect();
    let name = format!("{} {short}", model.family);
    let (begin, end) = (begin(run), end(run));
    // Status 3 is finished, source 4 is local.
    let meta = format!(
        "artifact_uri: {folder}/artifacts\nend_time: {end}\nentry_point_name: ''\nexperiment_id: '{experiment_id}'\nlifecycle_stage: active\nrun_id: {id}\nrun_name: {quoted}\nrun_uuid: {id}\nsource_name: tepal\nsource_type: 4\nsource_version: ''\nstart_time: {begin}\nstatus: 3\ntags: []\nuser_id: ''\n",
        quoted = quoted(&name)
    );
    zip.add(&format!("{folder}/meta.yaml"), meta.as_bytes());

    let mut parameters = Folder::new(&folder, "params");
    let own = [("family", model.family.as_str()), ("seed", run.seed.as_str())];
    for (name, value) in own.into_iter().chain(model.parameters()) {
        parameters.add(zip, "", name, &cut(value, MAX_PARAMETER));
    }

    let test = model.test.filter(|(_, n_total)| *n_total > 0);
    let figures = [
        ("accuracy", test.map(|(n_correct, n_total)| f64::from(n_correct) / f64::from(n_total))),
        ("cv_accuracy", model.cv_accuracy),
        ("f1", model.f1),
        ("fit_millis", Some(model.fit_millis)),
        ("log_loss", model.log_loss),
        ("size", Some(f64::from(model.n_bytes))),
    ];
    let mut metrics = Folder::new(&folder, "metrics");
    for (name, value) in figures {
        if let Some(value) = value {
            metrics.add(zip, "", name, &format!("{end} {value} 0\n"));
        }
    }

    let mut tags = Folder::new(&folder, "tags");
    let about = [
        ("mlflow.note.content", run.notes.as_str()),
        ("mlflow.runName", &name),
        ("mlflow.source.name", "tepal"),
        ("mlflow.source.type", "LOCAL"),
        ("tepal.data_hash", &run.data_hash),
        ("tepal.data_name", &run.data_name),
        ("tepal.file", run.file.as_deref().unwrap_or_default()),
        ("tepal.model", &model.id),
        ("tepal.run", &run.id),
    ];
    for (name, value) in about {
        if !value.is_empty() {
            tags.add(zip, "", name, &cut(value, MAX_TAG));
        }
    }
    for tag in &run.tags {
        tags.add(zip, "tag.", tag, &cut(tag, MAX_TAG));
    }

    // MLflow knows a run by its having this folder.
    zip.add(&format!("{folder}/artifacts/"), b"");
    if let Some(artifact) = artifact {
        zip.add(&format!("{folder}/artifacts/model.tepal"), &artifact.0);
    }
    if run.notes.chars().count() > MAX_TAG {
        zip.add(&format!("{folder}/artifacts/notes.txt"), run.notes.as_bytes());
    }
}

/// When a run began, in milliseconds since 1970.
fn begin(run: &Run) -> i64 {
    // Whatever stands in a record, it becomes a number that can be written.
    run.started_at_millis as i64
}

/// When it ended.
fn end(run: &Run) -> i64 {
    (run.started_at_millis + run.total_millis) as i64
}

/// A folder with a file for each name.
struct Folder {
    path: String,
    taken: SortedSet<String>,
}

impl Folder {
    fn new(run: &str, name: &str) -> Self {
        Self { path: format!("{run}/{name}"), taken: SortedSet::default() }
    }

    /// Adds a file of this name, or of one near it if that is none, or is there already where capitals and small
    /// letters are the same.
    fn add(&mut self, zip: &mut Zip, prefix: &str, name: &str, content: &str) {
        let wanted = format!("{prefix}{}", file_name(name));
        let mut name = wanted.clone();
        let mut n = 1;
        while !self.taken.insert(name.to_lowercase()) {
            n += 1;
            name = format!("{wanted}_{n}");
        }
        zip.add(&format!("{}/{name}", self.path), content.as_bytes());
    }
}

/// `text` as a name that is one file's everywhere, and that MLflow takes: what it does not is a `_`.
fn file_name(text: &str) -> String {
    let letter = |letter: char| if is_of_names(letter) { letter } else { '_' };
    let name: String = text.chars().take(MAX_NAME).map(letter).collect();
    // `..` leads out, and Windows drops dots and blanks at the end.
    match name.trim_matches(['.', ' ']) {
        "" => "_".to_owned(),
        name => name.to_owned(),
    }
}

/// Of letters beyond ASCII those that every Python takes for some: Latin, Greek, Cyrillic, kana, hanzi, hangul.
fn is_of_names(letter: char) -> bool {
    matches!(letter,
        '0'..='9' | 'A'..='Z' | 'a'..='z' | '_' | '-' | '.' | ' '
        | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24f}'
        | 'Α'..='Ρ' | 'Σ'..='Ω' | 'ά'..='ώ' | 'Ѐ'..='ҁ' | 'Ҋ'..='ԯ'
        | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='\u{9fa5}' | '가'..='힣')
}

/// `text` of at most `most` letters, with a mark if there were more, and without those that are not seen, but for
/// ends of lines.
fn cut(text: &str, most: usize) -> String {
    let seen = |letter: char| match letter {
        '\n' | '\t' => letter,
        // What Python takes for an end of a line, too.
        '\u{2028}' | '\u{2029}' => ' ',
        _ if letter.is_control() => ' ',
        _ => letter,
    };
    let letters = text.replace("\r\n", "\n");
    let mut letters = letters.chars().map(seen);
    let mut whole: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        whole.pop();
        whole.push('…');
    }
    whole
}

/// `text` as YAML writes it, in ASCII, for MLflow reads it in whatever encoding the system has.
fn quoted(text: &str) -> String {
    let letter = |letter: char| match letter {
        '"' | '\\' => format!("\\{letter}"),
        ' '..='~' => letter.to_string(),
        _ => format!("\\U{:08x}", u32::from(letter)),
    };
    let text: String = text.chars().map(letter).collect();
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::tests::run;
    use super::super::zip::tests::entries;
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};
    use model_core::Artifact;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    /// Two data sets; of one three runs: a plain one, one with all that people can write, and one whose model is
    /// gone and that has a long parameter. That of the other has long notes.
    fn exported() -> (Vec<Run>, SortedMap<String, Bytes>) {
        let artifacts = [built_in(), mixed()];
        let plain = run("a-1", &artifacts[..1]);
        let mut noted = run("b-2", &artifacts[..1]);
        noted.started_at_millis += 60_000.0;
        noted.notes = "the first,\nfor the „talk“ \u{1f338}".to_owned();
        noted.tags = ["talk", "Grüße", "Talk", "a/b", "../../out", "..", "x\u{7}: \u{301}y"]
            .map(str::to_owned)
            .to_vec();
        noted.file = Some("flowers: 1.csv".to_owned());
        let mut gone = run("c-3", &artifacts[..1]);
        gone.models[0].id = "0".repeat(64);
        gone.models[0].lineage += &format!("../c {}\n", "p".repeat(MAX_PARAMETER + 1));
        let mut other = run("d-4", &artifacts[1..]);
        other.notes = "n".repeat(MAX_TAG + 1);
        other.data_name = "../x: \"y\"\n# ü".to_owned();
        let bytes =
            artifacts.iter().map(|it| (it.id().to_string(), it.to_bytes().into())).collect();
        (vec![plain, noted, gone, other], bytes)
    }

    fn written() -> BTreeMap<String, Vec<u8>> {
        let (runs, artifacts) = exported();
        entries(&write(&runs, &artifacts))
    }

    /// The texts under `end` of all runs whose tag of the run's id is `run`.
    fn text_of(files: &BTreeMap<String, Vec<u8>>, run: &str, end: &str) -> Option<String> {
        let (path, _) = files
            .iter()
            .find(|(path, id)| path.ends_with("/tags/tepal.run") && id[..] == *run.as_bytes())?;
        let folder = path.strip_suffix("tags/tepal.run")?;
        let text = files.get(&format!("{folder}{end}"))?;
        Some(String::from_utf8(text.clone()).unwrap())
    }

    #[test]
    fn a_data_set_is_an_experiment_and_a_model_a_run() {
        let files = written();
        let of_depth = |n: usize| {
            let is_meta = |path: &&String| path.ends_with("/meta.yaml");
            files.keys().filter(is_meta).filter(|path| path.split('/').count() == n).count()
        };
        assert_eq!((of_depth(3), of_depth(4)), (2, 4));
        let readme = String::from_utf8(files["README.txt"].clone()).unwrap();
        assert_eq!(readme.lines().count(), 1);
        assert!(readme.contains("mlflow migrate-filestore --source . --target"));
        let meta = text_of(&files, "a-1", "meta.yaml").unwrap();
        for line in ["start_time: 1795000000000", "end_time: 1795000001234", "status: 3"] {
            assert!(meta.lines().any(|it| it == line), "{meta}");
        }
        assert_eq!(text_of(&files, "a-1", "params/c").as_deref(), Some("1.0"));
        assert_eq!(text_of(&files, "a-1", "params/seed").as_deref(), Some("42"));
        let accuracy = text_of(&files, "a-1", "metrics/accuracy").unwrap();
        let [when, value, "0\n"] = accuracy.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{accuracy}")
        };
        assert_eq!(when, "1795000001234");
        assert!((0.9..=1.0).contains(&value.parse::<f64>().unwrap()));
        // Nobody measured it.
        assert_eq!(text_of(&files, "d-4", "metrics/accuracy"), None);
        assert_eq!(text_of(&files, "a-1", "tags/mlflow.note.content"), None);
    }

    #[test]
    fn models_are_there_and_a_lost_one_leaves_an_empty_folder() {
        let (files, (_, artifacts)) = (written(), exported());
        let models = files.iter().filter(|(path, _)| path.ends_with("/artifacts/model.tepal"));
        let ids = models.map(|(_, bytes)| Artifact::from_bytes(bytes).unwrap().id().to_string());
        assert_eq!(ids.clone().count(), 3);
        assert_eq!(ids.collect::<BTreeSet<_>>(), artifacts.keys().cloned().collect());
        assert_eq!(text_of(&files, "c-3", "artifacts/").as_deref(), Some(""));
        assert_eq!(text_of(&files, "c-3", "artifacts/model.tepal"), None);
    }

    #[test]
    fn what_is_too_long_for_mlflow_is_cut_with_a_mark() {
        let files = written();
        let parameter = text_of(&files, "c-3", "params/_c").unwrap();
        assert_eq!(parameter, "p".repeat(MAX_PARAMETER - 1) + "…");
        let note = text_of(&files, "d-4", "tags/mlflow.note.content").unwrap();
        assert_eq!(note, "n".repeat(MAX_TAG - 1) + "…");
        let whole = text_of(&files, "d-4", "artifacts/notes.txt").unwrap();
        assert_eq!(whole, "n".repeat(MAX_TAG + 1));
        assert_eq!(text_of(&files, "b-2", "artifacts/notes.txt"), None);
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("a\r\nb\rc\0\u{2028}d\u{85}", 99), "a\nb c  d ");
    }

    #[test]
    fn names_lead_nowhere_and_clash_with_none() {
        let files = written();
        let tag = |name: &str| text_of(&files, "b-2", &format!("tags/tag.{name}"));
        assert_eq!(tag("talk").as_deref(), Some("talk"));
        assert_eq!(tag("Talk_2").as_deref(), Some("Talk"));
        assert_eq!(tag("Grüße").as_deref(), Some("Grüße"));
        assert_eq!(tag("a_b").as_deref(), Some("a/b"));
        assert_eq!(tag("_.._out").as_deref(), Some("../../out"));
        assert_eq!(tag("_").as_deref(), Some(".."));
        assert_eq!(tag("x__ _y").as_deref(), Some("x : \u{301}y"));
        assert_eq!(quoted("a\"\\\nü\u{1f338}"), r#""a\"\\\U0000000a\U000000fc\U0001f338""#);
    }

    #[test]
    fn the_same_runs_are_the_same_zip() {
        let (runs, artifacts) = exported();
        assert!(write(&runs, &artifacts) == write(&runs, &artifacts));
        // A run has its ids whatever goes with it.
        let alone = entries(&write(&runs[1..2], &artifacts));
        let all = written();
        let is_run = |path: &&String| path.split('/').count() > 3;
        assert!(alone.keys().filter(is_run).all(|path| alone[path] == all[path]));
        assert_eq!(entries(&write(&[], &artifacts)).len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_is_a_way_out(texts in proptest::collection::vec(any::<String>(), 1..6)) {
            let mut run = run("a", &[built_in()]);
            run.tags.clone_from(&texts);
            run.data_name = texts.concat();
            run.models[0].lineage = texts.iter().map(|text| format!("{text} 1\n")).collect();
            let zip = entries(&write(&[run], &SortedMap::new()));
            let mut seen = BTreeSet::new();
            for path in zip.keys() {
                prop_assert!(path == "README.txt" || path.starts_with("mlruns/"));
                prop_assert!(path.len() < 350 && !path.contains(['\\', ':']));
                prop_assert!(seen.insert(path.to_lowercase()));
                for part in path.trim_end_matches('/').split('/') {
                    prop_assert!(!part.is_empty() && !part.ends_with([' ', '.']) && !part.starts_with('.'));
                    prop_assert!(part.len() <= 250 && !part.contains(char::is_control));
                }
            }
            let n_tags = zip.keys().filter(|path| path.contains("/tags/tag.")).count();
            prop_assert_eq!(n_tags, texts.len());
        }
    }

    /// Every letter that names may have, so that MLflow says if it takes one of them for none.
    fn all_letters() -> Vec<String> {
        let letters: Vec<char> = ('\u{80}'..=char::MAX).filter(|it| is_of_names(*it)).collect();
        letters.chunks(MAX_NAME).map(|some| some.iter().collect()).collect()
    }

    /// What MLflow is to read of a model of `run`.
    fn expected(run: &Run, model: &RunModel, artifacts: &SortedMap<String, Bytes>) -> Value {
        let mut parameters: BTreeMap<&str, &str> = model.parameters().collect();
        parameters.extend([("family", model.family.as_str()), ("seed", run.seed.as_str())]);
        let test = model.test.map(|(n_correct, n_total)| f64::from(n_correct) / f64::from(n_total));
        json!({
            "run": run.id,
            "data_name": run.data_name,
            "data_hash": run.data_hash,
            "start": run.started_at_millis,
            "end": run.started_at_millis + run.total_millis,
            "params": parameters,
            "metrics": {
                "accuracy": test, "cv_accuracy": model.cv_accuracy, "f1": model.f1,
                "log_loss": model.log_loss, "size": model.n_bytes, "fit_millis": model.fit_millis,
            },
            "notes": run.notes,
            "tags": run.tags,
            "file": run.file,
            "model": model.id,
            "artifact": artifacts.get(&model.id).map(|bytes| Digest::of(&bytes.0).to_string()),
        })
    }

    #[test]
    #[ignore = "writes what tests/mlflow/read_back.py reads: `cargo xtask test --only mlflow`"]
    fn writes_the_case_for_mlflow() {
        let folder = std::path::PathBuf::from(std::env::var_os("MLFLOW_CASE").unwrap());
        let (mut runs, artifacts) = exported();
        runs.push(run("both", &[built_in(), mixed()]));
        let mut lettered = run("letters", &[built_in()]);
        lettered.tags = all_letters();
        runs.push(lettered);
        let of_run = |run: &Run| {
            let models = run.models.iter().map(|model| expected(run, model, &artifacts));
            models.collect::<Vec<_>>()
        };
        let expected: Vec<Value> = runs.iter().flat_map(of_run).collect();
        std::fs::write(folder.join("runs-mlflow.zip"), write(&runs, &artifacts)).unwrap();
        std::fs::write(folder.join("expected.json"), json!(expected).to_string()).unwrap();
    }
}
