//! Runs as one file, to take them to another browser: a mark, a version, and in postcard the runs with the bytes of
//! their models.
//!
//! A file is as untrusted as any input. Every model is read by [`Artifact::from_bytes`], which checks it, and what
//! the page shows of a model is computed from it anew: a file cannot claim figures.

use model_core::Artifact;
use serde::{Deserialize, Serialize};

use super::{About, FORMAT, Run};
use crate::bytes::Bytes;
use crate::i18n::t;
use crate::sorted::{SortedMap, SortedSet};

/// What a file begins with.
const MARK: &[u8] = b"tepal-runs";
/// Of the file, behind the mark.
const VERSION: u8 = 1;
/// Files are read whole; the largest that a browser's tab takes without trouble.
pub(crate) const MAX_BYTES: usize = 256 << 20;
/// Letters of an id, a name, a note.
const MAX_ID: usize = 64;
const MAX_NAME: usize = 1_000;
const MAX_NOTES: usize = 100_000;

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    runs: Vec<TakenRun>,
    artifacts: Vec<Bytes>,
}

/// A run as it stands in a file: what cannot be computed from its models.
#[derive(Debug, Serialize, Deserialize)]
struct TakenRun {
    id: String,
    started_at_millis: f64,
    total_millis: f64,
    seed: u64,
    file: Option<String>,
    notes: String,
    tags: Vec<String>,
    /// Ids of its models.
    models: Vec<String>,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is larger than what is read.
    TooLarge,
    /// It does not begin as such files do.
    NoRuns,
    /// It is of a later version of the page.
    Newer(u8),
    /// It ends too early, or was altered.
    Damaged,
    /// One of its models is none: why.
    NoModel(String),
    /// A run lacks a model.
    Lacks(String),
    /// A run is described as none is.
    Odd(String),
}

impl Refusal {
    /// It as a sentence.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::TooLarge => t!(
                "The file is larger than {n} MB: export fewer runs at a time.",
                n = MAX_BYTES >> 20
            ),
            Self::NoRuns => t!(
                "The file holds no runs of Tepal: choose one that “Export” on this page has made."
            )
            .to_owned(),
            Self::Newer(version) => t!(
                "The file was made by a later version of Tepal (its format is {version}): reload this page, or update it.",
                version
            ),
            Self::Damaged => {
                t!("The file ends too early or was altered: export the runs once more.").to_owned()
            }
            Self::NoModel(why) => {
                t!("One of the file's models cannot be read ({why}). Nothing was imported.", why)
            }
            Self::Lacks(id) => {
                t!("The file lacks the model {id} of one of its runs. Nothing was imported.", id)
            }
            Self::Odd(id) => {
                t!("A run of the file is described as none is ({id}). Nothing was imported.", id)
            }
        }
    }
}

/// The file of `runs`; `artifacts` has the bytes of their models by id, and those that it lacks are left out
/// with their runs.
pub(crate) fn write(runs: &[Run], artifacts: &SortedMap<String, Bytes>) -> Vec<u8> {
    let is_whole = |run: &&Run| run.models.iter().all(|model| artifacts.contains_key(&model.id));
    let runs: Vec<TakenRun> = runs.iter().filter(is_whole).map(TakenRun::of).collect();
    let content = Content { runs, artifacts: artifacts.values().cloned().collect() };
    let mut file = MARK.to_vec();
    file.push(VERSION);
    // Nothing in it is of a kind that postcard does not know.
    file.extend(postcard::to_allocvec(&content).unwrap_or_default());
    file
}

/// A file on its way in.
#[derive(Debug)]
pub(crate) struct Import {
    runs: Vec<TakenRun>,
    /// Not yet read.
    unread: Vec<Bytes>,
    read: SortedMap<String, (Artifact, Bytes)>,
}

/// Runs of a file, every model of which was read.
pub(crate) type Imported = Vec<(Run, Vec<(String, Bytes)>)>;

impl Import {
    /// Opens a file.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn open(file: &[u8]) -> Result<Self, Refusal> {
        if file.len() > MAX_BYTES {
            return Err(Refusal::TooLarge);
        }
        let (version, content) =
            file.strip_prefix(MARK).and_then(<[u8]>::split_first).ok_or(Refusal::NoRuns)?;
        if *version != VERSION {
            return Err(Refusal::Newer(*version));
        }
        let (content, rest) =
            postcard::take_from_bytes::<Content>(content).map_err(|_| Refusal::Damaged)?;
        if !rest.is_empty() {
            return Err(Refusal::Damaged);
        }
        Ok(Self { runs: content.runs, unread: content.artifacts, read: SortedMap::new() })
    }

    /// Reads one more model; `false` if all are read. A pause between two lets the page breathe.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn step(&mut self) -> Result<bool, Refusal> {
        let Some(bytes) = self.unread.pop() else { return Ok(false) };
        let artifact =
            Artifact::from_bytes(&bytes.0).map_err(|error| Refusal::NoModel(error.to_string()))?;
        self.read.insert(artifact.id().to_string(), (artifact, bytes));
        Ok(true)
    }

    /// The runs, once all models are read, without those whose ids are in `known`; and how many those were.
    ///
    /// # Errors
    /// If a run is not whole: then nothing of the file is taken.
    pub(crate) fn finish(self, known: &SortedSet<String>) -> Result<(Imported, usize), Refusal> {
        let mut taken: Imported = Vec::new();
        let mut ids = known.clone();
        let n_runs = self.runs.len();
        for run in self.runs {
            run.check()?;
            if ids.insert(run.id.clone()) {
                taken.push(run.with_models(&self.read)?);
            }
        }
        let n_known = n_runs - taken.len();
        Ok((taken, n_known))
    }
}

impl TakenRun {
    fn of(run: &Run) -> Self {
        Self {
            id: run.id.clone(),
            started_at_millis: run.started_at_millis,
            total_millis: run.total_millis,
            seed: run.seed.parse().unwrap_or_default(),
            file: run.file.clone(),
            notes: run.notes.clone(),
            tags: run.tags.clone(),
            models: run.models.iter().map(|model| model.id.clone()).collect(),
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        let is_id = (1..=MAX_ID).contains(&self.id.len())
            && self.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let is_time = |millis: f64| (0.0..=1e15).contains(&millis);
        let is_fine = is_id
            && is_time(self.started_at_millis)
            && is_time(self.total_millis)
            && self.notes.len() <= MAX_NOTES
            && self.file.iter().chain(&self.tags).all(|name| name.len() <= MAX_NAME)
            && self.tags.len() <= MAX_ID
            && !self.models.is_empty();
        let shown = || self.id.chars().take(MAX_ID).filter(|letter| !letter.is_control()).collect();
        if is_fine { Ok(()) } else { Err(Refusal::Odd(shown())) }
    }

    fn with_models(
        self,
        read: &SortedMap<String, (Artifact, Bytes)>,
    ) -> Result<(Run, Vec<(String, Bytes)>), Refusal> {
        let found = self.models.iter().map(|id| {
            let short = || id.chars().take(12).collect();
            read.get(id).ok_or_else(|| Refusal::Lacks(short()))
        });
        let found = found.collect::<Result<Vec<_>, _>>()?;
        let artifacts =
            found.iter().map(|(artifact, bytes)| (artifact.id().to_string(), bytes.clone()));
        let artifacts = artifacts.collect();
        let about = About {
            id: self.id.clone(),
            started_at_millis: self.started_at_millis,
            total_millis: self.total_millis,
            seed: self.seed,
            file: self.file,
        };
        let sized = found.iter().map(|(artifact, bytes)| (artifact, bytes.0.len()));
        let run = Run::of(about, sized).ok_or(Refusal::Odd(self.id))?;
        Ok((Run { format: FORMAT, notes: self.notes, tags: self.tags, ..run }, artifacts))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;
    use super::*;
    use crate::view_models::fixtures::{built_in, mixed};
    use proptest::prelude::*;

    fn exported() -> (Vec<Run>, Vec<u8>) {
        let artifacts = [built_in(), mixed()];
        let mut noted = run("a-1", &artifacts[..1]);
        noted.notes = "the first".to_owned();
        noted.tags = vec!["baseline".to_owned()];
        let runs = vec![noted, run("b-2", &artifacts[1..])];
        let bytes =
            artifacts.iter().map(|it| (it.id().to_string(), it.to_bytes().into())).collect();
        let file = write(&runs, &bytes);
        (runs, file)
    }

    fn import(file: &[u8], known: &[&str]) -> Result<(Imported, usize), Refusal> {
        let mut import = Import::open(file)?;
        while import.step()? {}
        import.finish(&known.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn what_is_exported_is_imported_as_it_was() {
        let (runs, file) = exported();
        let (imported, n_known) = import(&file, &[]).unwrap();
        assert_eq!((imported.len(), n_known), (2, 0));
        for ((run, artifacts), before) in imported.iter().zip(&runs) {
            assert_eq!(run, before);
            assert_eq!(artifacts[0].0, run.models[0].id);
        }
    }

    #[test]
    fn runs_that_are_here_are_skipped() {
        let (imported, n_known) = import(&exported().1, &["a-1"]).unwrap();
        assert_eq!((imported.len(), n_known), (1, 1));
        assert_eq!(imported[0].0.id, "b-2");
    }

    #[test]
    fn what_is_no_file_of_runs_is_refused_in_words() {
        let (_, file) = exported();
        assert_eq!(import(b"a,b\n1,2\n", &[]).unwrap_err(), Refusal::NoRuns);
        assert_eq!(import(MARK, &[]).unwrap_err(), Refusal::NoRuns);
        let mut newer = file.clone();
        newer[MARK.len()] = 9;
        assert_eq!(import(&newer, &[]).unwrap_err(), Refusal::Newer(9));
        assert_eq!(import(&file[..file.len() - 1], &[]).unwrap_err(), Refusal::Damaged);
        let mut longer = file;
        longer.push(0);
        assert_eq!(import(&longer, &[]).unwrap_err(), Refusal::Damaged);
    }

    fn content(run: impl FnOnce(&mut TakenRun), artifacts: Vec<Bytes>) -> Vec<u8> {
        let mut taken = TakenRun::of(&super::super::tests::run("a", &[built_in()]));
        run(&mut taken);
        let content = Content { runs: vec![taken], artifacts };
        [MARK, &[VERSION], &postcard::to_allocvec(&content).unwrap()].concat()
    }

    #[test]
    fn a_model_that_was_altered_or_is_not_there_is_refused() {
        let bytes = built_in().to_bytes();
        assert!(import(&content(|_| {}, vec![bytes.clone().into()]), &[]).is_ok());
        let lacks = import(&content(|_| {}, Vec::new()), &[]).unwrap_err();
        assert!(matches!(&lacks, Refusal::Lacks(id) if lacks.words().contains(id)));
        let mut altered = bytes;
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        let refused = import(&content(|_| {}, vec![altered.into()]), &[]).unwrap_err();
        assert!(matches!(refused, Refusal::NoModel(_)));
    }

    #[test]
    fn a_run_that_is_described_as_none_is_refused() {
        let changes: [fn(&mut TakenRun); 6] = [
            |run| run.id = "../x".to_owned(),
            |run| run.id = String::new(),
            |run| run.started_at_millis = f64::NAN,
            |run| run.notes = "x".repeat(MAX_NOTES + 1),
            |run| run.tags = vec!["x".to_owned(); MAX_ID + 1],
            |run| run.models.clear(),
        ];
        for change in changes {
            let file = content(change, vec![built_in().to_bytes().into()]);
            assert!(matches!(import(&file, &[]), Err(Refusal::Odd(_))));
        }
    }

    proptest! {
        #[test]
        fn no_file_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let file = [MARK, &[VERSION], &bytes].concat();
            let _ = import(&file, &[]);
        }
    }
}
