//! A model of a run made again from what it was made of, to see that it is the same.

use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use model_core::{Artifact, Origin, is_iris};
use wasm_bindgen::JsValue;

use super::sheet::SheetState;
use crate::signals::RwSignal;
use crate::storage::kept_runs;
use crate::training::{Recipe, TrainEvent, TrainRequest, Trainer, TrainingData};
use crate::view_models::runs::row::RunRow;
use crate::workers::{Attachment, Client};

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reproduction {
    /// Nobody has asked.
    Idle,
    /// It is trained.
    Running,
    /// The same model came of it.
    Same,
    /// Another one came of it: its id.
    Different(String),
    /// The data is not at hand.
    NoData,
    /// It cannot be made again from data alone, or its file is not here.
    Impossible,
    /// It went wrong: why.
    Failed(String),
}

/// Signals of it; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Reproducing {
    sheet: SheetState,
    status: RwSignal<Reproduction>,
    client: StoredValue<Option<Client<Trainer>>, LocalStorage>,
}

impl Reproducing {
    /// Nothing is under way.
    pub(crate) fn new(sheet: SheetState) -> Self {
        let status = RwSignal::new(Reproduction::Idle);
        Self { sheet, status, client: StoredValue::new_local(None) }
    }

    /// Where it stands.
    pub(crate) fn status(&self) -> Reproduction {
        self.status.get()
    }

    /// Makes the model of `row` again.
    pub(crate) fn start(&self, row: &RunRow) {
        let (state, id) = (*self, row.model().id.clone());
        self.status.set(Reproduction::Running);
        spawn_local(async move {
            let bytes = kept_runs::artifacts(std::slice::from_ref(&id)).await.ok();
            let bytes = bytes.and_then(|bytes| bytes.get(&id).cloned());
            match bytes.and_then(|bytes| Artifact::from_bytes(&bytes.0).ok()) {
                Some(artifact) => state.train(&artifact),
                None => state.end(Reproduction::Impossible),
            }
        });
    }

    fn train(&self, wanted: &Artifact) {
        let (state, lineage, id) = (*self, wanted.lineage(), wanted.id().to_string());
        if lineage.origin != Origin::Trained {
            return self.end(Reproduction::Impossible);
        }
        let is_built_in = is_iris(&lineage.data_hash);
        let request = TrainRequest {
            data: if is_built_in { TrainingData::Iris } else { TrainingData::HandedOver },
            recipes: vec![Recipe::again(&lineage.params)],
            seconds: None,
            search_seconds: None,
            data_hash: Some(lineage.data_hash),
        };
        if is_built_in {
            return self.send(&request, Attachment::None, id);
        }
        self.sheet.look();
        self.sheet.hand_over(move |bytes: Option<Uint8Array>| match bytes {
            Some(bytes) => state.send(&request, Attachment::Bytes(&bytes), id),
            None => state.end(Reproduction::NoData),
        });
    }

    fn send(&self, request: &TrainRequest, attachment: Attachment<'_>, wanted: String) {
        let state = *self;
        let hear = move |event, _: JsValue| state.hear(event, &wanted);
        let broke = move |_| state.end(Reproduction::Failed(String::new()));
        match Client::start(hear, broke) {
            Ok(client) => {
                client.send(request, attachment);
                self.client.set_value(Some(client));
            }
            Err(_) => self.end(Reproduction::Failed(String::new())),
        }
    }

    fn hear(&self, event: TrainEvent, wanted: &str) {
        use crate::training::Shortfall;
        match event {
            TrainEvent::Trained { artifact, .. } => {
                let made = Artifact::from_bytes(&artifact).map(|made| made.id().to_string());
                self.end(match made {
                    Ok(id) if id == wanted => Reproduction::Same,
                    Ok(id) => Reproduction::Different(id),
                    Err(error) => Reproduction::Failed(error.to_string()),
                });
            }
            TrainEvent::OtherData => self.end(Reproduction::NoData),
            TrainEvent::Refused(why) | TrainEvent::Fell { short: Shortfall::Failed(why), .. } => {
                self.end(Reproduction::Failed(why));
            }
            _ => {}
        }
    }

    /// A worker's handler must not drop itself: the worker ends after the event that runs.
    fn end(&self, status: Reproduction) {
        // Gone when the page was left.
        let _ = self.status.try_set(status);
        let client = self.client.try_update_value(Option::take).flatten();
        set_timeout(move || drop(client), std::time::Duration::ZERO);
    }
}
