//! The runs that this browser keeps, as the page Runs shows them, and what can be done with them.

use std::sync::Arc;

use gloo::timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::Artifact;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::library::Library;
use crate::bytes::Bytes;
use crate::download;
use crate::i18n::t;
use crate::runs::file::{self, Import, MAX_BYTES, Refusal};
use crate::runs::{Run, mlflow};
use crate::signals::{Memo, RwSignal};
use crate::sorted::{SortedMap, SortedSet};
use crate::storage::fault::StorageFault;
use crate::storage::{kept_runs, news};
use crate::view_models::format::count;
use crate::view_models::runs::filter::{Filter, parse};
use crate::view_models::runs::list::{Line, Order, lines};
use crate::view_models::runs::row::{RowId, RunRow};

/// Runs that were deleted a moment ago, each with the models that went with it.
type Deleted = Vec<(Run, Vec<(String, Bytes)>)>;

/// Signals of the runs; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct RunsState {
    /// None until they are read.
    runs: RwSignal<Option<Vec<Arc<Run>>>>,
    n_odd: RwSignal<usize>,
    fault: RwSignal<Option<StorageFault>>,
    rows: Memo<Vec<RunRow>>,
    /// What is searched for.
    pub(crate) words: RwSignal<String>,
    /// The filter as it was typed.
    pub(crate) filter: RwSignal<String>,
    parsed: Memo<Result<Option<Filter>, String>>,
    /// How the table is ordered.
    pub(crate) order: RwSignal<Order>,
    /// Whether rows stand under heads of their data.
    pub(crate) grouped: RwSignal<bool>,
    lines: Memo<Vec<Line>>,
    /// The rows that are chosen, in that order.
    pub(crate) chosen: RwSignal<Vec<RowId>>,
    /// The row whose details are shown.
    pub(crate) opened: RwSignal<Option<RowId>>,
    deleted: RwSignal<Option<Arc<Deleted>>>,
    /// What was done last, in a sentence.
    said: RwSignal<String>,
}

/// Reads the runs, and again whenever a tab tells that they are others.
pub(crate) fn provide_runs() -> RunsState {
    let runs = RwSignal::new(None::<Vec<Arc<Run>>>);
    let (words, filter) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (order, grouped) = (RwSignal::new(Order::LATEST), RwSignal::new(false));
    let rows = Memo::changing(move || {
        let offset = |millis: f64| js_sys::Date::new(&millis.into()).get_timezone_offset();
        runs.with(|runs| RunRow::all(runs.as_deref().unwrap_or_default(), offset))
    });
    let parsed = Memo::new(move || {
        let is_parameter =
            |name: &str| rows.with(|rows| rows.iter().any(|row| row.parameter(name).is_some()));
        filter.with(|text| parse(text, is_parameter))
    });
    let lines = Memo::new(move || {
        let filter = parsed.get().ok().flatten();
        rows.with(|rows| {
            words.with(|words| lines(rows, words, filter.as_ref(), order.get(), grouped.get()))
        })
    });
    let state = RunsState {
        runs,
        n_odd: RwSignal::new(0),
        fault: RwSignal::new(None),
        rows,
        words,
        filter,
        parsed,
        order,
        grouped,
        lines,
        chosen: RwSignal::new(Vec::new()),
        opened: RwSignal::new(None),
        deleted: RwSignal::new(None),
        said: RwSignal::new(String::new()),
    };
    let listener = StoredValue::new_local(news::Listener::new(move || state.load()));
    on_cleanup(move || listener.dispose());
    state.load();
    provide_context(state);
    state
}

/// The runs that [`provide_runs`] made available.
pub(crate) fn use_runs() -> RunsState {
    expect_context()
}

impl RunsState {
    /// How many runs there are; none until they are read.
    pub(crate) fn count(&self) -> Option<usize> {
        self.runs.with(|runs| runs.as_ref().map(Vec::len))
    }

    /// Records that are none.
    pub(crate) fn n_odd(&self) -> usize {
        self.n_odd.get()
    }

    /// Why the browser's storage is of no use.
    pub(crate) fn fault(&self) -> Option<StorageFault> {
        self.fault.get()
    }

    /// What is wrong with the filter.
    pub(crate) fn filter_problem(&self) -> Option<String> {
        self.parsed.with(|parsed| parsed.as_ref().err().cloned())
    }

    /// How many lines the table has.
    pub(crate) fn n_lines(&self) -> usize {
        self.lines.with(Vec::len)
    }

    /// How many rows there are, and how many of them are shown.
    pub(crate) fn n_rows(&self) -> (usize, usize) {
        let n_shown = self
            .lines
            .with(|lines| lines.iter().filter(|line| matches!(line, Line::Row(_))).count());
        (self.rows.with(Vec::len), n_shown)
    }

    /// What stands in a line of the table, with its row if it is one.
    pub(crate) fn line(&self, at: usize) -> Option<(Line, Option<RunRow>)> {
        let line = self.lines.with(|lines| lines.get(at).cloned())?;
        let row = match line {
            Line::Row(row) => self.rows.with(|rows| rows.get(row).cloned()),
            Line::Group(..) => None,
        };
        Some((line, row))
    }

    /// The run of this id, if it is there.
    pub(crate) fn run(&self, id: &str) -> Option<Arc<Run>> {
        self.runs.with(|runs| runs.as_ref()?.iter().find(|run| run.id == id).cloned())
    }

    /// The row of this id, if it is there.
    pub(crate) fn row(&self, id: &RowId) -> Option<RunRow> {
        self.rows.with(|rows| rows.iter().find(|row| row.id() == *id).cloned())
    }

    /// The chosen rows that are there, in the order in which they were chosen.
    pub(crate) fn chosen_rows(&self) -> Vec<RunRow> {
        self.chosen.with(|chosen| chosen.iter().filter_map(|id| self.row(id)).collect())
    }

    /// Chooses a row, or no longer.
    pub(crate) fn toggle(&self, id: &RowId) {
        self.chosen.update(|chosen| match chosen.iter().position(|it| it == id) {
            Some(at) => drop(chosen.remove(at)),
            None => chosen.push(id.clone()),
        });
    }

    /// Chooses every row that is shown.
    pub(crate) fn choose_shown(&self) {
        let shown = self.lines.with_untracked(|lines| {
            let row = |line: &Line| match line {
                Line::Row(at) => self.rows.with_untracked(|rows| rows.get(*at).map(RunRow::id)),
                Line::Group(..) => None,
            };
            lines.iter().filter_map(row).collect()
        });
        self.chosen.set(shown);
    }

    /// What was done last, in a sentence.
    pub(crate) fn said(&self) -> String {
        self.said.get()
    }

    /// How many runs were deleted a moment ago.
    pub(crate) fn n_deleted(&self) -> Option<usize> {
        self.deleted.with(|deleted| deleted.as_ref().map(|it| it.len()))
    }

    /// The deleted runs cannot be had back from now on.
    pub(crate) fn let_go(&self) {
        self.deleted.set(None);
    }

    fn load(&self) {
        let state = *self;
        spawn_local(async move {
            match kept_runs::load().await {
                Ok((runs, n_odd)) => {
                    // Gone when the page was left.
                    let _ = state.runs.try_set(Some(runs.into_iter().map(Arc::new).collect()));
                    let _ = state.n_odd.try_set(n_odd);
                    let _ = state.fault.try_set(None);
                }
                Err(fault) => {
                    let _ = state.runs.try_update(|runs| runs.get_or_insert_default().len());
                    let _ = state.fault.try_set(Some(fault));
                }
            }
        });
    }

    /// Takes note of what came of a change in the storage.
    fn took(&self, outcome: Result<(), StorageFault>, said: String) {
        match outcome {
            Ok(()) => drop(self.said.try_set(said)),
            Err(fault) => drop(self.fault.try_set(Some(fault))),
        }
    }

    /// Drops all that the browser keeps of a storage that is damaged.
    pub(crate) fn start_anew(&self) {
        let state = *self;
        spawn_local(async move {
            match kept_runs::start_anew().await {
                Ok(()) => state.load(),
                Err(fault) => drop(state.fault.try_set(Some(fault))),
            }
        });
    }

    /// Keeps other notes and tags of a run.
    pub(crate) fn note(&self, run: &Run, notes: String, tags: Vec<String>) {
        let changed = Run { notes, tags, ..run.clone() };
        if changed == *run {
            return;
        }
        let state = *self;
        spawn_local(async move {
            let outcome = kept_runs::keep(&changed, &[], None).await;
            state.took(outcome, t!("Notes and tags are kept.").to_owned());
        });
    }

    /// Deletes runs, with the models that no other run has; for a moment they can be had back.
    pub(crate) fn delete(&self, ids: &SortedSet<String>) {
        let all = self.runs.get_untracked().unwrap_or_default();
        let (gone, left): (Vec<_>, Vec<_>) = all.into_iter().partition(|run| ids.contains(&run.id));
        let models = |runs: &[Arc<Run>]| -> SortedSet<String> {
            let ids =
                |run: &Arc<Run>| run.models.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
            runs.iter().flat_map(ids).collect()
        };
        let left_models = models(&left);
        let mut orphans = models(&gone).into_vec();
        orphans.retain(|id| !left_models.contains(id));
        let gone: Vec<Run> = gone.iter().map(|run| (**run).clone()).collect();
        let state = *self;
        self.chosen.set(Vec::new());
        self.opened.set(None);
        spawn_local(async move {
            let deleted = async {
                let bytes = kept_runs::artifacts(&orphans).await?;
                kept_runs::delete(&gone, &orphans).await?;
                Ok(bytes)
            };
            match deleted.await {
                Ok(bytes) => {
                    let _ = state.runs.try_set(Some(left));
                    let with_models = |run: Run| {
                        let own = run.models.iter().filter_map(|model| {
                            Some((model.id.clone(), bytes.get(&model.id)?.clone()))
                        });
                        let own = own.collect();
                        (run, own)
                    };
                    let deleted = gone.into_iter().map(with_models).collect();
                    let _ = state.deleted.try_set(Some(Arc::new(deleted)));
                }
                Err(fault) => drop(state.fault.try_set(Some(fault))),
            }
        });
    }

    /// Brings back what was deleted last.
    pub(crate) fn undo(&self) {
        let Some(deleted) = self.deleted.try_update(Option::take).flatten() else { return };
        let state = *self;
        spawn_local(async move {
            let outcome = kept_runs::keep_all(&deleted).await;
            state.took(outcome, t!("Everything is back.").to_owned());
        });
    }

    /// Lets a model answer on Classify; its run is then the last training. `done` is told once it does.
    pub(crate) fn let_answer(&self, row: &RunRow, library: Library, done: impl FnOnce() + 'static) {
        let (state, run, wanted) = (*self, Arc::clone(&row.run), row.model().id.clone());
        spawn_local(async move {
            let ids: Vec<String> = run.models.iter().map(|model| model.id.clone()).collect();
            let bytes = match kept_runs::artifacts(&ids).await {
                Ok(bytes) => bytes,
                Err(fault) => return drop(state.fault.try_set(Some(fault))),
            };
            let read = |id: &String| {
                let bytes = bytes.get(id)?;
                Some((Artifact::from_bytes(&bytes.0).ok()?, bytes.clone()))
            };
            let models: Vec<(Artifact, Bytes)> = ids.iter().filter_map(read).collect();
            let chosen = models.iter().map(|(artifact, _)| artifact.id());
            match chosen.into_iter().find(|id| id.to_string() == wanted) {
                Some(chosen) => {
                    let seed = run.seed.parse().unwrap_or_default();
                    library.take_run(seed, run.total_millis, models, chosen);
                    done();
                }
                None => drop(state.said.try_set(no_file())),
            }
        });
    }

    /// Saves the file of a model.
    pub(crate) fn download(&self, row: &RunRow) {
        let (state, model) = (*self, row.model().clone());
        spawn_local(async move {
            match kept_runs::artifacts(std::slice::from_ref(&model.id)).await {
                Ok(bytes) => match bytes.get(&model.id) {
                    Some(bytes) => {
                        let name = format!("{}.tepal", model.family);
                        download::save_bytes(&name, &bytes.0, "application/octet-stream");
                    }
                    None => drop(state.said.try_set(no_file())),
                },
                Err(fault) => drop(state.fault.try_set(Some(fault))),
            }
        });
    }

    /// Saves the chosen runs, or all of them if none is chosen, as one file.
    pub(crate) fn export(&self) {
        self.save("runs.tepalruns", file::write);
    }

    /// Saves the same runs as a zip that MLflow reads.
    pub(crate) fn export_for_mlflow(&self) {
        self.save("runs-mlflow.zip", mlflow::write);
    }

    fn save(&self, name: &'static str, write: fn(&[Run], &SortedMap<String, Bytes>) -> Vec<u8>) {
        let chosen = self.chosen_runs();
        let all = self.runs.get_untracked().unwrap_or_default();
        let wanted = |run: &&Arc<Run>| chosen.is_empty() || chosen.contains(&run.id);
        let runs: Vec<Run> = all.iter().filter(wanted).map(|run| (**run).clone()).collect();
        let ids: SortedSet<String> =
            runs.iter().flat_map(|run| run.models.iter().map(|it| it.id.clone())).collect();
        let state = *self;
        spawn_local(async move {
            match kept_runs::artifacts(&ids.into_vec()).await {
                Ok(bytes) => {
                    let file = write(&runs, &bytes);
                    download::save_bytes(name, &file, "application/octet-stream");
                    let n = count(runs.len(), t!("run"), t!("runs"));
                    let _ = state.said.try_set(t!("Exported: {n}, with their models.", n));
                }
                Err(fault) => drop(state.fault.try_set(Some(fault))),
            }
        });
    }

    /// Ids of the runs that have a chosen row.
    pub(crate) fn chosen_runs(&self) -> SortedSet<String> {
        self.chosen.with(|chosen| chosen.iter().map(|id| id.run.clone()).collect())
    }

    /// Takes the runs of a file.
    pub(crate) fn import(&self, chosen: web_sys::File) {
        let state = *self;
        spawn_local(async move {
            let taken = state.take_file(chosen).await;
            match taken {
                Ok(said) => drop(state.said.try_set(said)),
                Err(NotImported::Refused(why)) => drop(state.said.try_set(why.words())),
                Err(NotImported::Storage(fault)) => drop(state.fault.try_set(Some(fault))),
            }
        });
    }

    async fn take_file(&self, chosen: web_sys::File) -> Result<String, NotImported> {
        if chosen.size() > MAX_BYTES as f64 {
            return Err(Refusal::TooLarge.into());
        }
        // A file that was moved or forbidden meanwhile.
        let buffer =
            JsFuture::from(chosen.array_buffer()).await.map_err(|_: JsValue| Refusal::Damaged)?;
        let mut import = Import::open(&Uint8Array::new(&buffer).to_vec())?;
        while import.step()? {
            TimeoutFuture::new(0).await;
        }
        let known = self.runs.get_untracked().unwrap_or_default();
        let known = known.iter().map(|run| run.id.clone()).collect();
        let (runs, n_known) = import.finish(&known)?;
        kept_runs::keep_all(&runs).await.map_err(NotImported::Storage)?;
        let n = count(runs.len(), t!("run"), t!("runs"));
        Ok(match n_known {
            0 => t!("Imported: {n}.", n),
            _ => t!("Imported: {n}; {n_known} were here already.", n, n_known),
        })
    }
}

/// Why nothing came of a file.
enum NotImported {
    Refused(Refusal),
    Storage(StorageFault),
}

impl From<Refusal> for NotImported {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn no_file() -> String {
    t!("The file of this model is not here any more: train it again.").to_owned()
}
