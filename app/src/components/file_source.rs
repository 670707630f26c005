//! Where a table comes from: a file that is dropped or chosen, rows that are pasted, or a data set that
//! the site carries.

use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, File, FileList, HtmlInputElement};

use crate::i18n;
use crate::lab::SheetOptions;
use crate::signals::RwSignal;
use crate::state::sheet::{SheetState, use_sheet};
use crate::view::view;
use crate::view_models::sheet_words::{self, BUNDLED, Bundled};

/// All the ways, for a page without a file.
#[component]
pub(crate) fn FileSource() -> impl IntoView {
    let sheet = use_sheet();
    view! {
        <div class="file-source">
            <section class="panel file-own" aria-labelledby="own-heading">
                <h2 id="own-heading">{i18n::text(sheet_words::DROP_HEADING)}</h2>
                <p>{i18n::text(sheet_words::DROP)}</p>
                <FileChoice label=i18n::text(sheet_words::CHOOSE) is_primary=true on_file=move |file| open(sheet, &file) />
                <Paste />
            </section>
            <section class="panel" aria-labelledby="bundled-heading">
                <h2 id="bundled-heading">{i18n::text(sheet_words::BUNDLED_HEADING)}</h2>
                <ul class="bundled">{BUNDLED.map(|set| view! { <li><BundledSet set=set /></li> })}</ul>
            </section>
        </div>
    }
}

/// A button that opens the browser's dialog for files.
#[component]
pub(crate) fn FileChoice(
    label: &'static str,
    is_primary: bool,
    /// Hears of the file that is chosen.
    #[prop(into)]
    on_file: Callback<File>,
) -> impl IntoView {
    let choose = move |event: leptos::ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            on_file.run(file);
        }
        // The same file can then be chosen again, after it was mended.
        input.set_value("");
    };
    view! {
        <label class="button file-choice" class:button-primary=is_primary>
            {label}
            <input
                class="visually-hidden"
                type="file"
                accept=".csv,.tsv,.tab,.txt,text/csv,text/tab-separated-values,text/plain"
                on:change=choose
            />
        </label>
    }
}

#[component]
fn Paste() -> impl IntoView {
    let sheet = use_sheet();
    let text = RwSignal::new(String::new());
    let is_empty = move || text.with(|text| text.trim().is_empty());
    let read = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        text.with_untracked(|text| sheet.open_text(text));
    };
    view! {
            <form class="paste" on:submit=read>
                <h3>{i18n::text(sheet_words::PASTE_HEADING)}</h3>
                <label for="paste">{i18n::text(sheet_words::PASTE_LABEL)}</label>
                <textarea
                    id="paste"
                    class="text-field"
                    rows="4"
                    spellcheck="false"
                    on:input=move |event| text.set(event_target_value(&event))
                ></textarea>
                <button type="submit" class="button" disabled=move || is_empty()>{i18n::text(sheet_words::PASTE_BUTTON)}</button>
            </form>
    }
}

#[component]
fn BundledSet(set: Bundled) -> impl IntoView {
    let sheet = use_sheet();
    let about = format!("about-{}", set.name);
    view! {
        <button
            type="button"
            class="button"
            aria-describedby=about.clone()
            on:click=move |_| sheet.open_bundled(set)
        >
            {i18n::text(set.label)}
        </button>
        <p id=about>{i18n::text(set.about)}<small class="quiet">{i18n::text(set.source)}</small></p>
    }
}

/// Takes files that are dropped anywhere in the window, as long as the component that calls this is
/// shown: `on_file` hears of the first.
pub(crate) fn take_dropped_files(on_file: impl Fn(File) + 'static) {
    let options = EventListenerOptions::enable_prevent_default;
    // Without this the browser would not drop, but leave the page and show the file.
    let over = EventListener::new_with_options(&window(), "dragover", options(), |event| {
        event.prevent_default();
    });
    let drop = EventListener::new_with_options(&window(), "drop", options(), move |event| {
        event.prevent_default();
        let event = event.unchecked_ref::<DragEvent>();
        let files: Option<FileList> = event.data_transfer().and_then(|data| data.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            on_file(file);
        }
    });
    // They go with the component.
    StoredValue::new_local((over, drop));
}

/// Opens a file of the user's on Data.
pub(crate) fn open(sheet: SheetState, file: &File) {
    let name = sheet_words::data_name(&file.name());
    sheet.open(name, file.clone().unchecked_into(), SheetOptions::default());
}
