//! The file on the page Data: its bytes, how it is to be read, and what was made of it.
//!
//! Opening, reading and asking for rows happen in the reading worker; this keeps what it said. The file
//! stays while the user looks at other pages, and in the browser until it is forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use gloo::net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::lab_client::LabClient;
use crate::lab::{LabEvent, LabRequest, Opened, RowText, SheetOptions};
use crate::storage::kept_file;
use crate::view_models::sheet_words::{self, Bundled};

/// Rows that are asked for at once.
const CHUNK: u32 = 64;
/// Chunks that are kept.
const MAX_CHUNKS: usize = 40;

/// A file and how to read it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Name of the data set.
    pub(crate) name: String,
    /// The file.
    pub(crate) file: Blob,
    /// What the user stated.
    pub(crate) options: SheetOptions,
}

/// Where the reading stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SheetStatus {
    /// There is no file.
    Empty,
    /// It is looked for, or on its way here.
    Loading,
    /// It is read; so many bytes, once that is known.
    Reading(Option<usize>),
    /// It was read, or refused: the sheet says which.
    Read,
    /// The user stopped it.
    Stopped,
    /// It could not even be opened: why.
    Failed(String),
}

impl SheetStatus {
    /// Whether something is under way.
    pub(crate) const fn is_busy(&self) -> bool {
        matches!(self, Self::Loading | Self::Reading(_))
    }
}

/// Signals of the file; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct SheetState {
    source: RwSignal<Option<Source>, LocalStorage>,
    status: RwSignal<SheetStatus>,
    opened: RwSignal<Option<Arc<Opened>>>,
    rows: RwSignal<BTreeMap<u32, Arc<Vec<RowText>>>>,
    asked: StoredValue<Vec<u32>>,
    /// Whether the browser could keep the file.
    is_kept: RwSignal<bool>,
    is_restored: StoredValue<bool>,
    lab: StoredValue<Option<LabClient>, LocalStorage>,
    /// Whether the worker that runs has said that it listens.
    lab_listens: StoredValue<bool>,
}

/// Makes the file available to every page: it stays while the user looks at another one.
pub(crate) fn provide_sheet() {
    provide_context(SheetState {
        source: RwSignal::new_local(None),
        status: RwSignal::new(SheetStatus::Empty),
        opened: RwSignal::new(None),
        rows: RwSignal::new(BTreeMap::new()),
        asked: StoredValue::new(Vec::new()),
        is_kept: RwSignal::new(true),
        is_restored: StoredValue::new(false),
        lab: StoredValue::new_local(None),
        lab_listens: StoredValue::new(false),
    });
}

/// The file that [`provide_sheet`] made available.
pub(crate) fn use_sheet() -> SheetState {
    expect_context()
}

impl SheetState {
    /// Where the reading stands.
    pub(crate) fn status(&self) -> SheetStatus {
        self.status.get()
    }

    /// What was made of the file.
    pub(crate) fn opened(&self) -> Option<Arc<Opened>> {
        self.opened.get()
    }

    /// Name of the data set.
    pub(crate) fn name(&self) -> Option<String> {
        self.source.with(|source| source.as_ref().map(|source| source.name.clone()))
    }

    /// What the user stated.
    pub(crate) fn options(&self) -> SheetOptions {
        self.source.with(|source| source.as_ref().map(|it| it.options.clone())).unwrap_or_default()
    }

    /// Whether a reload will find the file again.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept.get()
    }

    /// Opens a file in place of the one that is there, and keeps it.
    pub(crate) fn open(&self, name: String, file: Blob, options: SheetOptions) {
        self.is_restored.set_value(true);
        self.opened.set(None);
        self.read_anew(Source { name: name.clone(), file: file.clone(), options: options.clone() });
        let is_kept = self.is_kept;
        spawn_local(async move { is_kept.set(kept_file::keep(file, name, options).await) });
    }

    /// Opens a data set that the site carries.
    pub(crate) fn open_bundled(&self, set: Bundled) {
        let state = *self;
        self.is_restored.set_value(true);
        self.end_lab();
        self.opened.set(None);
        self.source.set(None);
        self.status.set(SheetStatus::Loading);
        spawn_local(async move {
            let fetched = fetch(set).await;
            if state.status.get_untracked() != SheetStatus::Loading {
                // Stopped, or another file was opened.
                return;
            }
            match fetched {
                Some(file) => {
                    let target = Some(set.target.to_owned());
                    let options = SheetOptions { target, ..SheetOptions::default() };
                    state.open(set.name.to_owned(), file, options);
                }
                None => state.status.set(SheetStatus::Failed(format!(
                    "{} could not be fetched: check the connection and try again.",
                    set.label
                ))),
            }
        });
    }

    /// Opens text that was typed or pasted.
    pub(crate) fn open_text(&self, text: &str) {
        if let Ok(file) = Blob::new_with_str_sequence(&js_sys::Array::of1(&text.into())) {
            self.open(sheet_words::PASTED_NAME.to_owned(), file, SheetOptions::default());
        }
    }

    /// Reads the file once more, with other options.
    pub(crate) fn overrule(&self, change: impl FnOnce(&mut SheetOptions)) {
        let Some(mut source) = self.source.get_untracked() else { return };
        change(&mut source.options);
        let (name, options) = (source.name.clone(), source.options.clone());
        let is_idle = !self.status.with_untracked(SheetStatus::is_busy);
        if is_idle && self.lab.with_value(Option::is_some) {
            self.status.set(SheetStatus::Reading(None));
            self.source.set(Some(source));
            let request = LabRequest::Open { name: name.clone(), options: options.clone() };
            self.send(&request, None);
        } else {
            self.read_anew(source);
        }
        spawn_local(async move {
            kept_file::keep_options(name, options).await;
        });
    }

    /// Reads the file once more.
    pub(crate) fn read_again(&self) {
        if let Some(source) = self.source.get_untracked() {
            self.read_anew(source);
        }
    }

    /// Stops reading. The file stays.
    pub(crate) fn stop(&self) {
        self.end_lab();
        self.opened.set(None);
        let has_file = self.source.with_untracked(Option::is_some);
        self.status.set(if has_file { SheetStatus::Stopped } else { SheetStatus::Empty });
    }

    /// Drops the file, here and in the browser's storage.
    pub(crate) fn forget(&self) {
        self.end_lab();
        self.opened.set(None);
        self.source.set(None);
        self.status.set(SheetStatus::Empty);
        spawn_local(kept_file::forget());
    }

    /// Finds the last visit's file again, once. One that was opened meanwhile wins.
    pub(crate) fn restore(&self) {
        let state = *self;
        if self.is_restored.get_value() {
            return;
        }
        self.is_restored.set_value(true);
        self.status.set(SheetStatus::Loading);
        spawn_local(async move {
            let kept = kept_file::load().await;
            if state.status.get_untracked() != SheetStatus::Loading {
                return;
            }
            match kept {
                Some((file, name, options)) => state.read_anew(Source { name, file, options }),
                None => state.status.set(SheetStatus::Empty),
            }
        });
    }

    /// The text of a row, from 0, if it has arrived.
    pub(crate) fn row(&self, row: u32) -> Option<RowText> {
        let chunk = row - row % CHUNK;
        self.rows.with(|rows| rows.get(&chunk)?.get((row - chunk) as usize).cloned())
    }

    /// Asks for the rows that have not been asked for.
    pub(crate) fn want_rows(&self, first: u32, count: u32) {
        let chunks = (first / CHUNK)..=((first + count) / CHUNK);
        for first in chunks.map(|chunk| chunk * CHUNK) {
            if !self.asked.with_value(|asked| asked.contains(&first)) {
                self.asked.update_value(|asked| asked.push(first));
                self.send(&LabRequest::Rows { first, count: CHUNK }, None);
            }
        }
    }

    fn read_anew(&self, source: Source) {
        let state = *self;
        self.end_lab();
        self.source.set(Some(source));
        self.status.set(SheetStatus::Reading(None));
        let failed = move || {
            let was_there = state.lab_listens.get_value();
            state.end_lab();
            let why =
                if was_there { sheet_words::READER_BROKE } else { sheet_words::READER_FAILED };
            state.opened.set(None);
            state.status.set(SheetStatus::Failed(why.to_owned()));
        };
        match LabClient::start(move |event| state.hear(event), move || defer(failed)) {
            Ok(lab) => self.lab.set_value(Some(lab)),
            Err(_) => failed(),
        }
    }

    fn hear(&self, event: LabEvent) {
        match event {
            LabEvent::Ready => {
                self.lab_listens.set_value(true);
                if let Some(Source { name, file, options }) = self.source.get_untracked() {
                    self.send(&LabRequest::Open { name, options }, Some(&file));
                }
            }
            LabEvent::Reading { n_bytes } => {
                self.status.set(SheetStatus::Reading(Some(n_bytes as usize)));
            }
            LabEvent::Opened(opened) => {
                self.asked.set_value(Vec::new());
                self.rows.set(BTreeMap::new());
                self.opened.set(Some(Arc::new(*opened)));
                self.status.set(SheetStatus::Read);
            }
            LabEvent::Rows { first, rows } => self.take_rows(first, rows),
        }
    }

    fn take_rows(&self, first: u32, rows: Vec<RowText>) {
        self.rows.update(|known| {
            known.insert(first, Arc::new(rows));
            while known.len() > MAX_CHUNKS {
                // The one farthest from what was asked for last.
                let far = known.keys().copied().max_by_key(|chunk| chunk.abs_diff(first));
                let Some(far) = far else { break };
                known.remove(&far);
                self.asked.update_value(|asked| asked.retain(|chunk| *chunk != far));
            }
        });
    }

    fn send(&self, request: &LabRequest, file: Option<&Blob>) {
        self.lab.with_value(|lab| {
            if let Some(lab) = lab.as_ref().filter(|_| self.lab_listens.get_value()) {
                lab.send(request, file);
            }
        });
    }

    fn end_lab(&self) {
        self.lab_listens.set_value(false);
        self.lab.set_value(None);
        self.asked.set_value(Vec::new());
        self.rows.set(BTreeMap::new());
    }
}

/// After the event that runs: a worker's handler must not drop itself.
fn defer(run: impl FnOnce() + 'static) {
    set_timeout(run, std::time::Duration::ZERO);
}

async fn fetch(set: Bundled) -> Option<Blob> {
    let response = Request::get(&set.path()).send().await.ok()?;
    let is_csv = response.headers().get("content-type").is_some_and(|kind| kind.contains("csv"));
    if !response.ok() || !is_csv {
        return None;
    }
    let blob = JsFuture::from(web_sys::Response::from(response).blob().ok()?).await.ok()?;
    blob.dyn_into().ok()
}
