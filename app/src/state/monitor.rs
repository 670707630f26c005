//! What the page Monitor has read of the edge, and what it asks of it. While the tab is seen it is read anew every
//! few seconds; what was read stays when the next reading fails.

use std::pin::Pin;
use std::sync::Arc;

use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::Artifact;

use super::access::Access;
use super::library::{Library, Model, Origin, use_library};
use super::registry::{Registry, provide_unread_registry};
use super::the_loop::TheLoop;
use crate::clock::wall_clock_millis;
use crate::edge::{Asking, Client, EdgeError, monitor as edge, registry};
use crate::signals::RwSignal;
use crate::view_models::monitor::log::{self, Filter, Row};
use crate::view_models::monitor::metrics::Metrics;
use crate::view_models::monitor::report::Report;
use crate::view_models::monitor::{trouble, when};

/// How often it is read anew.
const EVERY_MILLIS: u32 = 5_000;
/// The counters cost the edge more to tell: every so many readings.
const METRICS_EVERY: u32 = 6;
/// Rows of a page of the log.
const PAGE: usize = 20;
/// Rows that are read for the drift and the traffic: at most so many, in pages.
const NEWEST: usize = 2_000;
const NEWEST_PAGE: usize = 500;
/// Rows that are looked at for new ones.
const NEWS: usize = 100;
/// Requests of which the duration is remembered.
const MOST_TRIPS: usize = 200;
/// Rows that are sent to be tried.
pub(crate) const TEST_ROWS: usize = 50;

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Erasure {
    /// The prediction with this id.
    Id(String),
    /// All predictions about this person, as the callers name them.
    Subject(String),
}

/// Signals of the page Monitor; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Monitor {
    /// Who asks.
    pub(crate) access: Access,
    library: Library,
    /// What the loop decided, and what is asked of it.
    pub(crate) the_loop: TheLoop,
    /// Who serves, once somebody is to change it.
    pub(crate) registry: Registry,
    /// What versions said.
    pub(crate) report: RwSignal<Option<Arc<Report>>>,
    /// What the edge counts: at first, and now.
    pub(crate) metrics: RwSignal<Option<[Arc<Metrics>; 2]>>,
    /// The newest rows of all versions.
    pub(crate) newest: RwSignal<Arc<Vec<Row>>>,
    /// The model that serves, once its file is here.
    pub(crate) model: RwSignal<Option<Model>>,
    /// Why the file of the model that serves is not here.
    pub(crate) no_model: RwSignal<Option<String>>,
    /// Why the last reading failed.
    pub(crate) failure: RwSignal<Option<EdgeError>>,
    /// Whether something is being read.
    pub(crate) is_reading: RwSignal<bool>,
    /// When the last good reading was, as the wire has times; empty before.
    pub(crate) read_at: RwSignal<String>,
    /// Whether the user wants it to stay as it is.
    pub(crate) is_paused: RwSignal<bool>,
    /// Hours that the report looks back; all of them if 0.
    pub(crate) hours: RwSignal<u32>,
    /// How long requests of this tab took, in milliseconds: reports, and rows.
    pub(crate) trips: RwSignal<[Vec<f64>; 2]>,
    /// Which rows of the log are shown.
    pub(crate) filter: RwSignal<Filter>,
    /// Those rows.
    pub(crate) log: RwSignal<Arc<Vec<Row>>>,
    /// Where older ones begin.
    pub(crate) older: RwSignal<Option<String>>,
    /// The row that is open.
    pub(crate) opened: RwSignal<Option<Row>>,
    /// Whether its dialog is.
    pub(crate) is_open: RwSignal<bool>,
    /// The model that answered the open row, and the row as it takes it; or why it cannot be told.
    pub(crate) explained: RwSignal<Option<Result<(Model, model_core::FeatureRow), String>>>,
    /// The label that it was given here.
    pub(crate) given: RwSignal<Option<String>>,
    /// What came of what was asked of the open row.
    pub(crate) said: RwSignal<Option<String>>,
    /// What is to be erased.
    pub(crate) erasing: RwSignal<Option<Erasure>>,
    /// Whether that is being asked.
    pub(crate) is_erasing: RwSignal<bool>,
    /// Whether the edge is erasing it.
    pub(crate) is_busy: RwSignal<bool>,
    /// Why it is not erased.
    pub(crate) not_erased: RwSignal<Option<String>>,
    /// What came of the last erasure.
    pub(crate) erased: RwSignal<Option<String>>,
    /// Rows that were sent to be tried, while they are.
    pub(crate) sent: RwSignal<Option<usize>>,
    /// What came of those that were sent last.
    pub(crate) sending_said: RwSignal<Option<String>>,
    /// Models that answered rows, and whose files are here.
    models: StoredValue<Vec<Model>>,
    n_readings: StoredValue<u32>,
    n_sendings: StoredValue<u32>,
    /// The version that serves, as far as its model was asked for.
    served: StoredValue<Option<u64>>,
    /// Whether all is to be read once the reading that is on its way is done.
    wants_all: StoredValue<bool>,
}

/// Reads what the token of this session lets see, and goes on as long as the page is there.
pub(crate) fn provide_monitor() -> Monitor {
    let access = Access::of_session();
    let monitor = Monitor {
        access,
        library: use_library(),
        the_loop: TheLoop::new(access),
        registry: provide_unread_registry(access),
        report: RwSignal::new(None),
        metrics: RwSignal::new(None),
        newest: RwSignal::new(Arc::default()),
        model: RwSignal::new(None),
        no_model: RwSignal::new(None),
        failure: RwSignal::new(None),
        is_reading: RwSignal::new(false),
        read_at: RwSignal::new(String::new()),
        is_paused: RwSignal::new(false),
        hours: RwSignal::new(0),
        trips: RwSignal::new([Vec::new(), Vec::new()]),
        filter: RwSignal::new(Filter::default()),
        log: RwSignal::new(Arc::default()),
        older: RwSignal::new(None),
        opened: RwSignal::new(None),
        is_open: RwSignal::new(false),
        explained: RwSignal::new(None),
        given: RwSignal::new(None),
        said: RwSignal::new(None),
        erasing: RwSignal::new(None),
        is_erasing: RwSignal::new(false),
        is_busy: RwSignal::new(false),
        not_erased: RwSignal::new(None),
        erased: RwSignal::new(None),
        sent: RwSignal::new(None),
        sending_said: RwSignal::new(None),
        models: StoredValue::new(Vec::new()),
        n_readings: StoredValue::new(0),
        n_sendings: StoredValue::new(0),
        served: StoredValue::new(None),
        wants_all: StoredValue::new(false),
    };
    provide_context(monitor);
    monitor.read(true);
    let interval = Interval::new(EVERY_MILLIS, move || monitor.tick());
    let on_show = EventListener::new(&document(), "visibilitychange", move |_| monitor.tick());
    let held = StoredValue::new_local((interval, on_show));
    on_cleanup(move || held.dispose());
    monitor
}

/// The state that [`provide_monitor`] made available.
pub(crate) fn use_monitor() -> Monitor {
    expect_context()
}

impl Monitor {
    /// Reads anew if somebody looks.
    fn tick(self) {
        if !document().hidden() && !self.is_paused.get_untracked() {
            self.read(false);
        }
    }

    /// Takes `token` if the edge knows it.
    pub(crate) fn sign_in(self, token: &str) {
        if self.access.take(token) {
            self.read(true);
        } else {
            self.failure.set(Some(EdgeError::Unauthorized));
        }
    }

    /// Forgets the token and what it let see.
    pub(crate) fn sign_out(self) {
        self.access.forget();
        self.failure.set(None);
        self.clear();
    }

    /// Forgets what a token let see. The page may be gone.
    fn clear(self) {
        self.the_loop.clear();
        self.registry.clear();
        let _ = self.report.try_set(None);
        let _ = self.newest.try_set(Arc::default());
        let _ = self.log.try_set(Arc::default());
        let _ = self.older.try_set(None);
        let _ = self.metrics.try_set(None);
        let _ = self.read_at.try_set(String::new());
        let _ = self.is_open.try_set(false);
        let _ = self.opened.try_set(None);
        let _ = self.explained.try_set(None);
        let _ = self.model.try_set(None);
        let _ = self.served.try_set_value(None);
        self.models.try_update_value(Vec::clear);
    }

    /// Reads what may have changed, or all of it anew, unless a reading is on its way.
    pub(crate) fn read(self, all: bool) {
        // Whoever did something and left the page while it went on comes by here, too: its signals are gone then.
        let Some(is_reading) = self.is_reading.try_get_untracked() else { return };
        if !untrack(|| self.access.has_token()) {
            return;
        }
        if is_reading {
            self.wants_all.update_value(|wants| *wants |= all);
            return;
        }
        self.is_reading.set(true);
        let client = self.access.client();
        spawn_local(async move {
            let read = self.read_on(&client, all).await;
            let is_asking = self.access.is(&client);
            if is_asking {
                if matches!(read, Err(EdgeError::Unauthorized)) {
                    self.access.forget();
                }
                let _ = self.failure.try_set(read.err());
            } else {
                // What came meanwhile is what another token let see.
                self.clear();
            }
            let _ = self.is_reading.try_set(false);
            if self.wants_all.try_update_value(std::mem::take) == Some(true) || !is_asking {
                self.read(true);
            }
        });
    }

    fn read_on(self, client: &Client, all: bool) -> Asking<'_, ()> {
        Box::pin(async move {
            let hours = u64::from(self.hours.try_get_untracked().unwrap_or(0));
            let now = wall_clock_millis() as u64;
            let from = match hours {
                0 => String::new(),
                hours => when::rfc3339(now.saturating_sub(hours * 3_600_000)),
            };
            let (report, millis) = edge::report(client, &from).await?;
            if !self.access.is(client) {
                return Ok(());
            }
            // The edge knows the token: a reload, or another page, goes on with it.
            self.access.keep();
            self.note_trip(0, millis);
            let before = self.report.try_get_untracked().flatten();
            let is_new = before.as_ref().is_none_or(|before| **before != report);
            let served = self.served.try_get_value().flatten();
            let is_another = report.champion.is_some_and(|champion| Some(champion) != served);
            // Somebody has erased some: which, only the edge knows.
            let are_gone = before.is_some_and(|before| before.n() > report.n());
            if all || is_new {
                self.read_newest(client, all || are_gone).await?;
                self.read_log(false).await?;
            }
            let _ = self.read_at.try_set(when::rfc3339(wall_clock_millis() as u64));
            // What is as before is not drawn anew.
            if is_new {
                let _ = self.report.try_set(Some(Arc::new(report)));
            }
            let n_readings = self.n_readings.try_update_value(|n| {
                *n += 1;
                *n
            });
            let is_turn = n_readings.is_some_and(|n| n.is_multiple_of(METRICS_EVERY));
            // Where nothing comes, the loop has little to tell. A key that may read the report may read this; an older edge has none.
            if all || is_new || is_turn || self.the_loop.is_at_work() {
                let _ = self.the_loop.read(client, all).await;
            }
            if all || is_another || is_turn {
                // Counters are no more than that: report and log stand without them.
                if let Ok(metrics) = edge::metrics(client).await {
                    let metrics = Arc::new(metrics);
                    let _ = self.metrics.try_update(|known| {
                        // Without the log there is nothing to count from.
                        let first = known.take().map(|[first, _]| first);
                        let first = first.filter(|first| !first.is_log_down);
                        *known = Some([first.unwrap_or_else(|| metrics.clone()), metrics]);
                    });
                }
                self.read_model(client).await?;
            }
            Ok(())
        })
    }

    /// Reads the newest rows: those that are new, or all of them.
    fn read_newest(self, client: &Client, all: bool) -> Asking<'_, ()> {
        Box::pin(async move {
            let known = self.newest.try_get_untracked().unwrap_or_default();
            if !all && !known.is_empty() {
                let (page, _) = edge::history(client, NEWS, "", None).await?;
                if let (mut rows, true) = log::merged(page, &known) {
                    rows.truncate(NEWEST);
                    let _ = self.newest.try_set(Arc::new(rows));
                    return Ok(());
                }
            }
            let (mut rows, mut cursor) = (Vec::new(), None);
            // Wide rows come in shorter pages.
            for _ in 0..2 * NEWEST / NEWEST_PAGE {
                let (page, next) = edge::history(client, NEWEST_PAGE, "", cursor).await?;
                rows.extend(page);
                cursor = next;
                if cursor.is_none() || rows.len() >= NEWEST {
                    break;
                }
            }
            let _ = self.newest.try_set(Arc::new(rows));
            Ok(())
        })
    }

    /// Reads the rows of the log that are shown anew, or a page of the `next` ones.
    fn read_log(self, next: bool) -> Asking<'static, ()> {
        Box::pin(async move {
            let client = self.access.client();
            let filter = self.filter.try_get_untracked().unwrap_or_default();
            let Some(query) = filter.query() else {
                // No row has an id that is none.
                let _ = self.log.try_set(Arc::default());
                let _ = self.older.try_set(None);
                return Ok(());
            };
            let older = self.older.try_get_untracked().flatten();
            let (limit, cursor) = if next {
                (PAGE, older.clone())
            } else {
                // Labels, and what was erased, are told of all that are on the screen.
                let n = self.log.try_get_untracked().map_or(0, |rows| rows.len());
                (n.clamp(PAGE, NEWEST_PAGE), None)
            };
            let (mut page, following) = edge::history(&client, limit, &query, cursor).await?;
            page.retain(|row| filter.takes(row));
            let known = self.log.try_get_untracked().unwrap_or_default();
            let is_asked = self.filter.try_get_untracked().is_some_and(|now| now == filter);
            // Rows that came meanwhile have moved the place that was asked about.
            let is_there = !next || self.older.try_get_untracked().flatten() == older;
            // The edge looks through so many rows at a time: none of a kind among the first says nothing.
            let says_nothing = page.is_empty() && following.is_some() && !known.is_empty() && !next;
            if !is_asked || !is_there || says_nothing || !self.access.is(&client) {
                return Ok(());
            }
            let (rows, is_joined) = if next {
                (known.iter().cloned().chain(page).collect(), false)
            } else {
                log::merged(page, &known)
            };
            if *known != rows {
                let _ = self.log.try_set(Arc::new(rows));
            }
            if !is_joined {
                let _ = self.older.try_set(following);
            }
            Ok(())
        })
    }

    /// Shows the rows of the log that `filter` asks for.
    pub(crate) fn set_filter(self, filter: Filter) {
        self.filter.set(filter);
        self.log.set(Arc::default());
        self.older.set(None);
        self.show_log(false);
    }

    /// Reads the first page of the log, or the `next` one.
    pub(crate) fn show_log(self, next: bool) {
        spawn_local(async move {
            if let Err(error) = self.read_log(next).await {
                let _ = self.failure.try_set(Some(error));
            }
        });
    }

    /// Takes the model that serves, if it is another one than before.
    fn read_model(self, client: &Client) -> Asking<'_, ()> {
        Box::pin(async move {
            let (version, id) = edge::served(client).await?;
            let _ = self.served.try_set_value(Some(version));
            let known = self.model.try_get_untracked().flatten();
            if known.is_some_and(|known| known.id.to_string() == id) {
                return Ok(());
            }
            match self.model_of(version, id).await {
                Ok(model) => {
                    let _ = self.model.try_set(Some(model));
                    let _ = self.no_model.try_set(None);
                }
                Err(why) => {
                    // Nothing is said of the one that serves by the one before.
                    let _ = self.model.try_set(None);
                    let _ = self.no_model.try_set(Some(why));
                }
            }
            Ok(())
        })
    }

    /// The model with this id: from this browser if it is here, else from the registry.
    fn model_of(self, version: u64, id: String) -> Finding {
        Box::pin(async move {
            let here = untrack(|| self.library.local_models());
            let fetched = self.models.try_get_value().unwrap_or_default();
            let found = here.into_iter().chain(fetched).find(|model| model.id.to_string() == id);
            if let Some(found) = found {
                return Ok(found);
            }
            let client = self.access.client();
            let bytes = registry::file(&client, version).await.map_err(|it| trouble(&it))?;
            let artifact = Artifact::from_bytes(&bytes).map_err(|error| error.to_string())?;
            let model = Model::new(artifact, bytes.into(), Origin::Served);
            self.models.try_update_value(|models| models.push(model.clone()));
            Ok(model)
        })
    }

    fn note_trip(self, kind: usize, millis: f64) {
        let _ = self.trips.try_update(|trips| {
            if let Some(trips) = trips.get_mut(kind) {
                trips.push(millis);
                let too_many = trips.len().saturating_sub(MOST_TRIPS);
                trips.drain(..too_many);
            }
        });
    }

    /// Opens a row.
    pub(crate) fn open(self, row: Row) {
        self.said.set(None);
        self.given.set(None);
        self.explained.set(None);
        self.opened.set(Some(row));
        self.is_open.set(true);
    }

    /// Finds the model that answered the open row.
    pub(crate) fn explain(self) {
        let Some(row) = self.opened.get_untracked() else { return };
        spawn_local(async move {
            let found = self.model_of(row.version, row.model_id.clone()).await;
            let explained = found.and_then(|model| {
                let values = row.row_of(model.artifact.schema());
                values.map(|values| (model, values)).map_err(|error| error.to_string())
            });
            if self.opened.try_get_untracked().flatten().is_some_and(|now| now.id == row.id) {
                let _ = self.explained.try_set(Some(explained));
            }
        });
    }

    /// Says that `class` is true of the open row.
    pub(crate) fn label(self, class: String) {
        let Some(row) = self.opened.get_untracked() else { return };
        self.said.set(None);
        spawn_local(async move {
            let client = self.access.client();
            let (recorded, said) = match edge::label(&client, &row.id, &class).await {
                Ok(status) => {
                    self.read(true);
                    (status == "recorded", log::label_status(&status).to_owned())
                }
                Err(error) => (false, trouble(&error)),
            };
            // Another row may be open by now.
            if self.opened.try_get_untracked().flatten().is_some_and(|now| now.id == row.id) {
                if recorded {
                    let _ = self.given.try_set(Some(class));
                }
                let _ = self.said.try_set(Some(said));
            }
        });
    }

    /// Asks whether to erase it.
    pub(crate) fn ask_to_erase(self, what: Erasure) {
        self.is_open.set(false);
        self.erased.set(None);
        self.not_erased.set(None);
        self.erasing.set(Some(what));
        self.is_erasing.set(true);
    }

    /// Erases what was asked for, once however often it is asked.
    pub(crate) fn erase(self) {
        let Some(what) = self.erasing.get_untracked() else { return };
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.not_erased.set(None);
        spawn_local(async move {
            let client = self.access.client();
            let (name, value) = match &what {
                Erasure::Id(id) => ("id", id),
                Erasure::Subject(subject) => ("subject", subject),
            };
            let query = crate::query::of(&[(name.to_owned(), value.clone())]);
            match edge::erase(&client, &query).await {
                Ok((n, remaining)) => {
                    let _ = self.erased.try_set(Some(log::erased_words(n, remaining)));
                    // Whose rows they were, only the edge knows.
                    let _ = self.log.try_set(Arc::default());
                    let _ = self.older.try_set(None);
                    // Whoever went on to another question is still asked it.
                    if self.erasing.try_get_untracked().flatten() == Some(what) {
                        let _ = self.is_erasing.try_set(false);
                    }
                    self.read(true);
                }
                Err(error) => {
                    // What is wrong with the question is said more closely.
                    let faults = error.faults().join(" ");
                    let said = if faults.is_empty() { trouble(&error) } else { faults };
                    let _ = self.not_erased.try_set(Some(said));
                }
            }
            let _ = self.is_busy.try_set(false);
        });
    }

    /// Sends rows of the model that serves to be answered.
    pub(crate) fn send_test_rows(self) {
        let Some(model) = self.model.get_untracked() else { return };
        let rows = log::test_rows(&model.artifact, TEST_ROWS);
        let run = self.n_sendings.try_update_value(|n| {
            *n += 1;
            *n
        });
        self.sending_said.set(None);
        self.sent.set(Some(0));
        spawn_local(async move {
            // Where anybody may ask, a key need not be allowed to.
            let mut client = Client::default();
            let (mut n, mut failure) = (0, None);
            for row in &rows {
                // It was stopped, or the page was left.
                let is_wanted = self.sent.try_get_untracked().flatten().is_some();
                if !is_wanted || self.n_sendings.try_get_value() != run {
                    break;
                }
                let mut answered = edge::predict(&client, row).await;
                if matches!(answered, Err(EdgeError::Unauthorized)) && client.token.is_none() {
                    client = self.access.client();
                    answered = edge::predict(&client, row).await;
                }
                match answered {
                    Ok(millis) => self.note_trip(1, millis),
                    Err(error) => {
                        failure = Some(trouble(&error));
                        break;
                    }
                }
                n += 1;
                if self.n_sendings.try_get_value() == run {
                    let _ = self.sent.try_update(|sent| {
                        if let Some(sent) = sent {
                            *sent = n;
                        }
                    });
                }
            }
            // Who stopped it and sends again sees how far that one is.
            if self.n_sendings.try_get_value() == run {
                let _ = self.sending_said.try_set(Some(log::sent_words(n, failure)));
                let _ = self.sent.try_set(None);
            }
            self.read(false);
        });
    }
}

/// A model that is being looked for; what stands in the way, in a sentence.
type Finding = Pin<Box<dyn Future<Output = Result<Model, String>>>>;
