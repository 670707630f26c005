//! The file on the page Data: its bytes, how it is to be read, and what was made of it.
//!
//! Opening, reading and asking for rows happen in the reading worker; this keeps what it said. The file
//! stays while the user looks at other pages, and in the browser until it is forgotten.

use std::sync::Arc;

use gloo::net::http::Request;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::lab::{Lab, LabEvent, LabRequest, Opened, RowText, SheetOptions};
use crate::signals::RwSignal;
use crate::storage::kept_file;
use crate::view_models::row_chunks::{CHUNK, RowChunks};
use crate::view_models::sheet_words::{self, Bundled, NotOpened};
use crate::workers::{Attachment, Client, Failure};

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
    /// It is here, and was not read yet.
    Found,
    /// It is read; so many bytes, once that is known.
    Reading(Option<usize>),
    /// It was read, or refused: the sheet says which.
    Read,
    /// The user stopped it.
    Stopped,
    /// It could not even be opened: why.
    Failed(NotOpened),
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
    source: leptos::prelude::RwSignal<Option<Source>, LocalStorage>,
    status: RwSignal<SheetStatus>,
    opened: RwSignal<Option<Arc<Opened>>>,
    rows: RwSignal<RowChunks<RowText>>,
    /// The row, from 0, that somebody wants to see.
    found: RwSignal<Option<u32>>,
    /// Whether the browser could keep the file.
    is_kept: RwSignal<bool>,
    is_restored: StoredValue<bool>,
    lab: StoredValue<Option<Client<Lab>>, LocalStorage>,
    /// Who waits for the data set.
    taker: StoredValue<Option<Taker>, LocalStorage>,
}

/// Takes the data set's bytes, or hears that there are none.
type Taker = Box<dyn FnOnce(Option<Uint8Array>)>;

/// Makes the file available to every page: it stays while the user looks at another one.
pub(crate) fn provide_sheet() -> SheetState {
    let sheet = SheetState {
        source: leptos::prelude::RwSignal::new_local(None),
        status: RwSignal::new(SheetStatus::Empty),
        opened: RwSignal::new(None),
        rows: RwSignal::new(RowChunks::default()),
        found: RwSignal::new(None),
        is_kept: RwSignal::new(true),
        is_restored: StoredValue::new(false),
        lab: StoredValue::new_local(None),
        taker: StoredValue::new_local(None),
    };
    provide_context(sheet);
    sheet
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

    /// Whether there is a file that was read, or that was found again and not looked at yet.
    pub(crate) fn is_usable(&self) -> bool {
        match self.status.get() {
            SheetStatus::Found => true,
            SheetStatus::Read => {
                self.opened.with(|it| it.as_ref().is_some_and(|opened| opened.sheet.is_ok()))
            }
            _ => false,
        }
    }

    /// What the user stated.
    pub(crate) fn options(&self) -> SheetOptions {
        self.source.with(|source| source.as_ref().map(|it| it.options.clone())).unwrap_or_default()
    }

    /// The row, from 0, that somebody wants to see.
    pub(crate) const fn found(&self) -> RwSignal<Option<u32>> {
        self.found
    }

    /// Brings the row with this number, from 1, into sight, as soon as the page shows the rows.
    pub(crate) fn find_row(&self, number: u32) {
        // Set anew even if it is the same, for somebody who has scrolled away.
        self.found.set(None);
        self.found.set(Some(number.saturating_sub(1)));
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
                None => {
                    state.status.set(SheetStatus::Failed(NotOpened::NotFetched(set)));
                    state.give(None);
                }
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
            self.send(&request, Attachment::None);
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
        self.give(None);
    }

    /// Drops the file, here and in the browser's storage.
    pub(crate) fn forget(&self) {
        self.end_lab();
        self.opened.set(None);
        self.source.set(None);
        self.status.set(SheetStatus::Empty);
        self.give(None);
        spawn_local(kept_file::forget());
    }

    /// Finds the last visit's file again, once, and reads it. One that was opened meanwhile wins.
    pub(crate) fn restore(&self) {
        let state = *self;
        self.find(move || state.read_if_found());
        self.read_if_found();
    }

    /// Finds the last visit's file again, once, without reading it.
    pub(crate) fn look(&self) {
        self.find(|| {});
    }

    fn find(&self, then: impl FnOnce() + 'static) {
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
                Some((file, name, options)) => {
                    state.source.set(Some(Source { name, file, options }));
                    state.status.set(SheetStatus::Found);
                    if state.taker.with_value(Option::is_some) {
                        state.read_if_found();
                    } else {
                        then();
                    }
                }
                None => {
                    state.status.set(SheetStatus::Empty);
                    state.give(None);
                }
            }
        });
    }

    fn read_if_found(&self) {
        if self.status.with_untracked(|status| *status == SheetStatus::Found) {
            self.read_again();
        }
    }

    /// Gives `taker` the data set that the file holds, read first if it has to be; or nothing, if it
    /// holds none. Of two that wait the later one is answered.
    pub(crate) fn hand_over(&self, taker: impl FnOnce(Option<Uint8Array>) + 'static) {
        self.taker.set_value(Some(Box::new(taker)));
        match self.status.get_untracked() {
            SheetStatus::Read => self.send(&LabRequest::HandOver, Attachment::None),
            SheetStatus::Loading | SheetStatus::Reading(_) => {}
            SheetStatus::Found | SheetStatus::Stopped | SheetStatus::Failed(_) => self.read_again(),
            SheetStatus::Empty => self.give(None),
        }
    }

    /// Whoever waits for the data set waits no longer.
    pub(crate) fn keep_to_itself(&self) {
        self.taker.set_value(None);
    }

    fn give(&self, bytes: Option<Uint8Array>) {
        if let Some(taker) = self.taker.try_update_value(Option::take).flatten() {
            taker(bytes);
        }
    }

    /// The text of a row, from 0, if it has arrived.
    pub(crate) fn row(&self, row: u32) -> Option<RowText> {
        self.rows.with(|rows| rows.row(row).cloned())
    }

    /// Asks for the rows that have not been asked for.
    pub(crate) fn want_rows(&self, first: u32, count: u32) {
        let open = self.rows.try_update_untracked(|rows| rows.want(first, count));
        for first in open.unwrap_or_default() {
            self.send(&LabRequest::Rows { first, count: CHUNK }, Attachment::None);
        }
    }

    fn read_anew(&self, source: Source) {
        let state = *self;
        self.end_lab();
        let Source { name, file, options } = source.clone();
        self.source.set(Some(source));
        self.status.set(SheetStatus::Reading(None));
        let hear = move |event, attached| state.hear(event, &attached);
        match Client::start(hear, move |failure| state.fail(failure)) {
            Ok(lab) => {
                lab.send(&LabRequest::Open { name, options }, Attachment::File(&file));
                self.lab.set_value(Some(lab));
            }
            Err(_) => self.fail(Failure::NotLoaded),
        }
    }

    fn fail(&self, failure: Failure) {
        self.end_lab();
        self.opened.set(None);
        let why = match failure {
            Failure::NotLoaded => NotOpened::NoReader,
            Failure::Broke => NotOpened::ReaderBroke,
        };
        self.status.set(SheetStatus::Failed(why));
        self.give(None);
    }

    fn hear(&self, event: LabEvent, attached: &JsValue) {
        match event {
            LabEvent::Reading { n_bytes } => {
                self.status.set(SheetStatus::Reading(Some(n_bytes as usize)));
            }
            LabEvent::Opened(opened) => {
                self.rows.set(RowChunks::default());
                self.opened.set(Some(Arc::new(*opened)));
                self.status.set(SheetStatus::Read);
                if self.taker.with_value(Option::is_some) {
                    self.send(&LabRequest::HandOver, Attachment::None);
                }
            }
            LabEvent::HandedOver => self.give(attached.dyn_ref::<Uint8Array>().cloned()),
            LabEvent::Rows { first, rows } => self.rows.update(|known| known.take(first, rows)),
            // Said to those who asked.
            LabEvent::Explained(_)
            | LabEvent::Answering { .. }
            | LabEvent::Answered(_)
            | LabEvent::AnsweredRows { .. }
            | LabEvent::Download { .. } => {}
        }
    }

    fn send(&self, request: &LabRequest, attachment: Attachment<'_>) {
        self.lab.with_value(|lab| {
            if let Some(lab) = lab {
                lab.send(request, attachment);
            }
        });
    }

    fn end_lab(&self) {
        self.lab.set_value(None);
        self.rows.set(RowChunks::default());
    }
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
