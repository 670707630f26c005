//! The training that is set up, that runs, or ran: on which data, what of, how far it is, how it ended.

use js_sys::Uint8Array;
use leptos::prelude::*;
use model_core::sort_items;
use model_core::{Artifact, Family};
use wasm_bindgen::JsValue;

use super::library::{Library, Trained};
use super::sheet::SheetState;
use crate::clock::wall_clock_millis;
use crate::identity::random_id;
use crate::runs::About;
use crate::signals::RwSignal;
use crate::storage;
use crate::test_rows::TestRows;
use crate::training::{
    DEFAULT_SEED, Fault, Leaderboard, Shortfall, StepProgress, TrainEvent, TrainRequest, Trainer,
    TrainingData,
};
use crate::view_models::settings::{Order, Plan, Problems};
use crate::view_models::training_words as words;
use crate::workers::{Attachment, Client, Failure};

/// Where the training stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TrainingStatus {
    /// None was started.
    Idle,
    /// The worker is being loaded, and the data read.
    Loading,
    /// Better parameters are looked for.
    Searching,
    /// A model is on its way.
    Running(StepProgress),
    /// Every model is trained that can be.
    Finished,
    /// The user stopped it.
    Cancelled,
    /// It went wrong.
    Failed(Fault),
}

impl TrainingStatus {
    /// Whether it can be cancelled.
    pub(crate) const fn is_running(&self) -> bool {
        matches!(self, Self::Loading | Self::Searching | Self::Running(_))
    }
}

/// Where the rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataSource {
    /// The built-in Iris.
    BuiltIn,
    /// The file on the page Data.
    Sheet,
}

/// What has come of the training that runs.
#[derive(Default)]
struct Running {
    families: Vec<Family>,
    seed: u64,
    /// When it was started, in milliseconds since 1970.
    started_at_millis: f64,
    /// Name of the file on Data that the rows are of.
    file: Option<String>,
    /// Each with its recipe's place.
    models: Vec<(u32, Trained)>,
    shortfalls: Vec<(u32, Shortfall)>,
}

/// Signals of the training; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct TrainingState {
    library: Library,
    sheet: SheetState,
    /// What is to be trained.
    pub(crate) plan: RwSignal<Plan>,
    /// What the user chose to train on; the file of Data if nothing was chosen and there is one.
    chosen: RwSignal<Option<DataSource>>,
    status: RwSignal<TrainingStatus>,
    /// Models that are not what was asked for.
    shortfalls: RwSignal<Vec<(Family, Shortfall)>>,
    /// What the last search found.
    leaderboard: RwSignal<Option<Leaderboard>>,
    run: StoredValue<Running>,
    client: StoredValue<Option<Client<Trainer>>, LocalStorage>,
}

/// Makes the training available to every page: it goes on while the user looks at another one.
pub(crate) fn provide_training(library: Library, sheet: SheetState) -> TrainingState {
    let seed = storage::kept_seed().unwrap_or(DEFAULT_SEED);
    let training = TrainingState {
        library,
        sheet,
        plan: RwSignal::new(Plan::new(seed)),
        chosen: RwSignal::new(None),
        status: RwSignal::new(TrainingStatus::Idle),
        shortfalls: RwSignal::new(Vec::new()),
        leaderboard: RwSignal::new(None),
        run: StoredValue::new(Running::default()),
        client: StoredValue::new_local(None),
    };
    provide_context(training);
    training
}

/// The training that [`provide_training`] made available.
pub(crate) fn use_training() -> TrainingState {
    expect_context()
}

impl TrainingState {
    /// Where the training stands.
    pub(crate) fn status(&self) -> TrainingStatus {
        self.status.get()
    }

    /// What is to be said of models that are not what was asked for.
    pub(crate) fn shortfalls(&self) -> Vec<String> {
        self.shortfalls.with(|short| words::shortfalls(short))
    }

    /// What the last search found, or has found so far.
    pub(crate) fn leaderboard(&self) -> Option<Leaderboard> {
        self.leaderboard.get()
    }

    /// What is wrong with what was typed.
    pub(crate) fn problems(&self) -> Problems {
        self.plan.with(Plan::order).err().unwrap_or_default()
    }

    /// Where the next training's rows come from.
    pub(crate) fn source(&self) -> DataSource {
        match (self.chosen.get(), self.sheet.name()) {
            (_, None) | (Some(DataSource::BuiltIn), _) => DataSource::BuiltIn,
            (_, Some(_)) => DataSource::Sheet,
        }
    }

    /// Name of the data set on Data, if there is one.
    pub(crate) fn sheet_name(&self) -> Option<String> {
        self.sheet.name()
    }

    /// Name of the data set that the next training takes.
    pub(crate) fn data_name(&self) -> String {
        match self.source() {
            DataSource::BuiltIn => "Iris".to_owned(),
            DataSource::Sheet => self.sheet.name().unwrap_or_default(),
        }
    }

    /// Name of the data set of Data that waits for its first models: it is the one to train on, and nothing
    /// was trained yet.
    pub(crate) fn waiting(&self) -> Option<String> {
        let is_waiting = self.source() == DataSource::Sheet && self.library.result().is_none();
        self.sheet.name().filter(|_| is_waiting)
    }

    /// Whether there is a table on Data that nothing is known to stand in the way of.
    pub(crate) fn has_table(&self) -> bool {
        self.sheet.is_usable()
    }

    /// Finds out whether this browser keeps a file from the last visit.
    pub(crate) fn look_for_data(&self) {
        self.sheet.look();
    }

    /// Lets the next training take its rows from there.
    pub(crate) fn choose(&self, source: DataSource) {
        self.chosen.set(Some(source));
    }

    /// Trains what was set up, unless a training runs or something is wrong with it.
    pub(crate) fn start(&self) {
        let state = *self;
        let is_running = self.status.with_untracked(TrainingStatus::is_running);
        let order = self.plan.with_untracked(Plan::order);
        let (false, Ok(order)) = (is_running, order) else { return };
        let Order { recipes, seconds, search_seconds } = order;
        let families = recipes.iter().map(|recipe| recipe.family.family()).collect();
        let seed = recipes.first().map_or(DEFAULT_SEED, |recipe| recipe.seed);
        storage::keep_seed(seed);
        let source = untrack(|| state.source());
        let file = untrack(|| state.sheet.name()).filter(|_| source == DataSource::Sheet);
        let started_at_millis = wall_clock_millis();
        let running = Running { families, seed, started_at_millis, file, ..Running::default() };
        self.run.set_value(running);
        self.shortfalls.set(Vec::new());
        self.leaderboard.set(None);
        self.status.set(TrainingStatus::Loading);
        match source {
            DataSource::BuiltIn => {
                let data = TrainingData::Iris;
                let request =
                    TrainRequest { data, recipes, seconds, search_seconds, data_hash: None };
                self.send(&request, Attachment::None);
            }
            DataSource::Sheet => self.sheet.hand_over(move |bytes: Option<Uint8Array>| {
                let data = TrainingData::HandedOver;
                match bytes {
                    Some(bytes) => {
                        let request = TrainRequest {
                            data,
                            recipes,
                            seconds,
                            search_seconds,
                            data_hash: None,
                        };
                        state.send(&request, Attachment::Bytes(&bytes));
                    }
                    None => state.fail(Fault::NoData),
                }
            }),
        }
    }

    /// Stops the training at once, whatever it does. What was there before stays.
    pub(crate) fn cancel(&self) {
        self.sheet.keep_to_itself();
        self.end();
        self.status.set(TrainingStatus::Cancelled);
    }

    fn send(&self, request: &TrainRequest, attachment: Attachment<'_>) {
        let state = *self;
        let hear = move |event, _: JsValue| state.hear(event);
        let broke = move |failure| {
            state.fail(match failure {
                Failure::NotLoaded => Fault::NotLoaded,
                Failure::Broke => Fault::Broke,
            });
        };
        match Client::start(hear, broke) {
            Ok(client) => {
                client.send(request, attachment);
                self.client.set_value(Some(client));
            }
            Err(_) => self.fail(Fault::NotLoaded),
        }
    }

    fn hear(&self, event: TrainEvent) {
        match event {
            TrainEvent::Searching(board) => {
                self.leaderboard.set(Some(board));
                self.status.set(TrainingStatus::Searching);
            }
            TrainEvent::Progress(progress) => self.status.set(TrainingStatus::Running(progress)),
            TrainEvent::Trained { recipe, artifact: bytes, test_rows } => {
                match Artifact::from_bytes(&bytes) {
                    Ok(artifact) => self.run.update_value(|run| {
                        let test_rows = TestRows { file: run.file.clone(), ..test_rows };
                        run.models.push((recipe, Trained { artifact, bytes, test_rows }));
                    }),
                    Err(error) => self.later_fail(Fault::BadArtifact(error.to_string())),
                }
            }
            TrainEvent::Fell { recipe, short } => {
                self.run.update_value(|run| run.shortfalls.push((recipe, short)));
            }
            TrainEvent::Finished { total_millis } => self.finish(total_millis),
            TrainEvent::Refused(why) => self.later_fail(Fault::Refused(why)),
            // Only who makes a model again asks for a data set.
            TrainEvent::OtherData => self.later_fail(Fault::NoData),
        }
    }

    fn finish(&self, total_millis: f64) {
        let run = self.run.try_update_value(std::mem::take).unwrap_or_default();
        let Running { families, seed, started_at_millis, file, mut models, mut shortfalls } = run;
        sort_items(&mut shortfalls, &mut |a, b| a.0.cmp(&b.0));
        let of_family = |(recipe, short)| Some((families.get(recipe as usize).copied()?, short));
        let shortfalls: Vec<(Family, Shortfall)> =
            shortfalls.into_iter().filter_map(of_family).collect();
        if models.is_empty() {
            self.later_fail(Fault::NoModel(shortfalls));
            return;
        }
        sort_items(&mut models, &mut |a, b| a.0.cmp(&b.0));
        let trained = models.into_iter().map(|(_, trained)| trained).collect();
        let about = About { id: random_id(), started_at_millis, total_millis, seed, file };
        self.library.adopt(about, trained);
        self.shortfalls.set(shortfalls);
        self.later_end();
        self.status.set(TrainingStatus::Finished);
    }

    fn fail(&self, fault: Fault) {
        self.end();
        self.status.set(TrainingStatus::Failed(fault));
    }

    /// As [`fail`](Self::fail), from the worker's own message.
    fn later_fail(&self, fault: Fault) {
        self.later_end();
        self.status.set(TrainingStatus::Failed(fault));
    }

    /// Ends the worker: its memory is given back.
    fn end(&self) {
        self.client.set_value(None);
    }

    /// The same after the event that runs: a worker's handler must not drop itself.
    fn later_end(&self) {
        let client = self.client.try_update_value(Option::take).flatten();
        set_timeout(move || drop(client), std::time::Duration::ZERO);
    }
}
