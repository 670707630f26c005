//! A file of rows on Classify, and what the model that answers makes of them.
//!
//! A reading worker of its own does it: explanations need not wait for it, and ending it is how one stops.

use std::sync::Arc;

use leptos::prelude::*;
use model_core::dataset::{Encoding, Reading};
use web_sys::Blob;

use super::library::{Library, Model, use_library};
use super::sheet::{SheetState, use_sheet};
use crate::download;
use crate::lab::{AnsweredFile, AnsweredRow, Fault, Lab, LabEvent, LabRequest};
use crate::parts::shared;
use crate::signals::RwSignal;
use crate::view_models::file_words;
use crate::view_models::row_chunks::{CHUNK, RowChunks};
use crate::workers::{Attachment, Client, Failure};

/// A file, its name, and the model that answers it.
#[derive(Debug, Clone)]
struct Source {
    name: String,
    file: Blob,
    /// How it is written, as far as the user stated it.
    reading: Reading,
    model: Model,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FileStage {
    /// There is no file.
    Empty,
    /// It is read.
    Reading,
    /// So many rows are answered, of so many.
    Answering(u32, u32),
    /// All are; or the file is refused.
    Done(Arc<Result<AnsweredFile, Fault>>),
    /// The user stopped it.
    Stopped,
    /// The worker gave out: why, as a text that is marked for translation.
    Failed(&'static str),
}

/// Signals of the file; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct FileAnswers {
    library: Library,
    sheet: SheetState,
    source: leptos::prelude::RwSignal<Option<Source>, LocalStorage>,
    stage: RwSignal<FileStage>,
    rows: RwSignal<RowChunks<AnsweredRow>>,
    lab: StoredValue<Option<Client<Lab>>, LocalStorage>,
}

/// The file: one for all views, there as long as the page is.
pub(crate) fn use_file_answers() -> FileAnswers {
    shared(|| FileAnswers {
        library: use_library(),
        sheet: use_sheet(),
        source: leptos::prelude::RwSignal::new_local(None),
        stage: RwSignal::new(FileStage::Empty),
        rows: RwSignal::new(RowChunks::default()),
        lab: StoredValue::new_local(None),
    })
}

impl FileAnswers {
    /// How far it is.
    pub(crate) fn stage(&self) -> FileStage {
        self.stage.get()
    }

    /// The file's name.
    pub(crate) fn name(&self) -> Option<String> {
        self.source.with(|source| source.as_ref().map(|source| source.name.clone()))
    }

    /// The model that answered.
    pub(crate) fn model(&self) -> Option<Model> {
        self.source.with(|source| source.as_ref().map(|source| source.model.clone()))
    }

    /// What was answered, if a file was.
    pub(crate) fn answered(&self) -> Option<Arc<Result<AnsweredFile, Fault>>> {
        self.stage.with(|stage| match stage {
            FileStage::Done(answered) => Some(Arc::clone(answered)),
            _ => None,
        })
    }

    /// Has the model that answers now answer the rows of `file`.
    pub(crate) fn open(&self, name: String, file: Blob) {
        let reading = untrack(|| self.reading());
        self.open_as(name, file, reading);
    }

    /// What means "no value" in the table on Data does so in this file, too, if the model is one of that table.
    fn reading(&self) -> Reading {
        let is_of = |name: String| self.library.with_schema(|schema| schema.name == name);
        if !self.sheet.name().is_some_and(is_of) {
            return Reading::default();
        }
        let Reading { missing, also_missing, .. } = self.sheet.options().reading;
        Reading { missing, also_missing, ..Reading::default() }
    }

    fn open_as(&self, name: String, file: Blob, reading: Reading) {
        let model = untrack(|| self.library.active());
        self.source.set(Some(Source { name, file, reading, model }));
        self.start();
    }

    /// Reads the file once more, in another encoding.
    pub(crate) fn state_encoding(&self, encoding: Encoding) {
        if let Some(Source { name, file, reading, .. }) = self.source.get_untracked() {
            self.open_as(name, file, Reading { encoding: Some(encoding), ..reading });
        }
    }

    /// Does the same once more, with the model that answers now.
    pub(crate) fn again(&self) {
        if let Some(Source { name, file, reading, .. }) = self.source.get_untracked() {
            self.open_as(name, file, reading);
        }
    }

    /// Stops. The file stays.
    pub(crate) fn stop(&self) {
        self.end();
        self.stage.set(FileStage::Stopped);
    }

    /// Forgets the file.
    pub(crate) fn forget(&self) {
        self.end();
        self.source.set(None);
        self.stage.set(FileStage::Empty);
    }

    /// A row, from 0, if it is here.
    pub(crate) fn row(&self, row: u32) -> Option<AnsweredRow> {
        self.rows.with(|rows| rows.row(row).cloned())
    }

    /// Asks for the rows that have not been asked for.
    pub(crate) fn want_rows(&self, first: u32, count: u32) {
        let open = self.rows.try_update_untracked(|rows| rows.want(first, count));
        for first in open.unwrap_or_default() {
            self.send(&LabRequest::AnsweredRows { first, count: CHUNK });
        }
    }

    /// Saves the file with its answers.
    pub(crate) fn download(&self) {
        self.send(&LabRequest::Download);
    }

    fn start(&self) {
        self.end();
        self.stage.set(FileStage::Reading);
        let Some(Source { file, model, reading, .. }) = self.source.get_untracked() else { return };
        let state = *self;
        let hear = move |event, _| state.hear(event);
        match Client::start(hear, move |failure| state.fail(failure)) {
            Ok(lab) => {
                let bytes = js_sys::Uint8Array::from(&*model.bytes.0);
                lab.send(&LabRequest::Model, Attachment::Bytes(&bytes));
                lab.send(&LabRequest::Answer { reading }, Attachment::File(&file));
                self.lab.set_value(Some(lab));
            }
            Err(_) => self.fail(Failure::NotLoaded),
        }
    }

    fn end(&self) {
        self.lab.set_value(None);
        self.rows.set(RowChunks::default());
    }

    fn fail(&self, failure: Failure) {
        self.end();
        self.stage.set(FileStage::Failed(file_words::worker_gone(failure == Failure::Broke)));
    }

    fn hear(&self, event: LabEvent) {
        match event {
            LabEvent::Answering { n_answered, n_rows } => {
                self.stage.set(FileStage::Answering(n_answered, n_rows));
            }
            LabEvent::Answered(answered) => self.stage.set(FileStage::Done(Arc::new(*answered))),
            LabEvent::AnsweredRows { first, rows } => {
                self.rows.update(|known| known.take(first, rows));
            }
            LabEvent::Download { url } => self.save(&url),
            // What is said to others.
            _ => {}
        }
    }

    /// Has the browser save what lies at `url`, which the worker made: its bytes do not come here.
    fn save(&self, url: &str) {
        let name = self.source.with_untracked(|source| {
            source.as_ref().map(|source| file_words::download_name(&source.name))
        });
        if let Some(Err(error)) = name.map(|name| download::save_from(&name, url)) {
            leptos::logging::warn!("the file is not saved: {error:?}");
        }
    }

    fn send(&self, request: &LabRequest) {
        self.lab.with_value(|lab| {
            if let Some(lab) = lab {
                lab.send(request, Attachment::None);
            }
        });
    }
}
