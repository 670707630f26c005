//! Whether a file is being read, was stopped or could not be opened; and what can be done with one that
//! was.

use leptos::prelude::*;

use super::button::{button, text_button};
use super::file_source::{FileChoice, open};
use super::notice::{Notice, NoticeKind};
use crate::i18n::{t, text};
use crate::routes::Route;
use crate::signals::Memo;
use crate::state::sheet::{SheetStatus, use_sheet};
use crate::state::training::{DataSource, use_training};
use crate::view::view;
use crate::view_models::sheet_words;

/// Progress with a way to stop it, and how it ended if it did not end well.
#[component]
pub(crate) fn FileStatus() -> impl IntoView {
    let sheet = use_sheet();
    let shown = move || match sheet.status() {
        SheetStatus::Loading => view! { <Busy words=t!("Loading …").to_owned() /> },
        SheetStatus::Reading(None) => {
            view! { <Busy words=t!("Reading …").to_owned() /> }
        }
        SheetStatus::Reading(Some(n_bytes)) => {
            view! { <Busy words=sheet_words::reading(n_bytes) /> }
        }
        SheetStatus::Stopped => {
            view! { <Again kind=NoticeKind::Note words=text(sheet_words::STOPPED).to_owned() /> }
        }
        SheetStatus::Failed(why) => {
            view! { <Again kind=NoticeKind::Warning words=why.words() /> }
        }
        SheetStatus::Empty | SheetStatus::Found | SheetStatus::Read => ().into_any(),
    };
    let spoken = move || match sheet.status() {
        SheetStatus::Loading | SheetStatus::Reading(_) => t!("Reading.").to_owned(),
        SheetStatus::Read => sheet.opened().map(|it| sheet_words::spoken(&it)).unwrap_or_default(),
        _ => String::new(),
    };
    view! {
        <div class="file-status">{move || shown()}</div>
        <p class="visually-hidden" role="status">{move || spoken()}</p>
    }
}

#[component]
fn Busy(words: String) -> impl IntoView {
    let sheet = use_sheet();
    view! {
        <div class="file-busy">
            <progress aria-label=words.clone()></progress>
            <span class="quiet">{words}</span>
            {button(text(sheet_words::CANCEL), move || sheet.stop())}
        </div>
    }
}

#[component]
fn Again(kind: NoticeKind, words: String) -> impl IntoView {
    let sheet = use_sheet();
    let again = sheet.name().map(|_| {
        view! {
            <p class="file-actions">
                {button(text(sheet_words::READ_AGAIN), move || sheet.read_again())}
                {text_button(text(sheet_words::FORGET), move || sheet.forget())}
            </p>
        }
    });
    view! {
        <Notice kind=kind text=words />
        {again}
    }
}

/// The file's name, and what can be done with it.
#[component]
pub(crate) fn FileBar() -> impl IntoView {
    let sheet = use_sheet();
    let name = move || sheet.name().map(sheet_words::shown_name);
    let is_sound = Memo::new(move || sheet.opened().is_some_and(|opened| opened.sheet.is_ok()));
    let training = use_training();
    let train = move || {
        is_sound.get().then(|| {
            let train = move |_| {
                training.choose(DataSource::Sheet);
                training.start();
            };
            view! {
                <a class="button button-primary" href=Route::Train.path() on:click=train>
                    {text(sheet_words::TRAIN)}
                </a>
            }
        })
    };
    let kept = move || {
        (!sheet.is_kept())
            .then(|| t!("This browser has no room to keep it: a reload will not find it."))
    };
    view! {
        <div class="file-bar">
            <p class="file-name">{move || name()}</p>
            <p class="file-actions">
                {move || train()}
                <FileChoice
                    label=text(sheet_words::CHOOSE_OTHER)
                    is_primary=false
                    on_file=move |file| open(sheet, &file)
                />
                {text_button(text(sheet_words::FORGET), move || sheet.forget())}
            </p>
            <p class="warn">{move || kept()}</p>
        </div>
    }
}
