//! A file of rows on Classify: dropped or chosen, answered with progress and a way to stop it.

use leptos::prelude::*;
use model_core::dataset::Encoding;
use wasm_bindgen::JsCast;
use web_sys::File;

use super::button::{button, text_button};
use super::file_report::FileReport;
use super::file_source::{FileChoice, take_dropped_files};
use super::notice::{Notice, NoticeKind};
use crate::i18n::text;
use crate::lab::WayOut;
use crate::signals::Memo;
use crate::state::answered_file::{FileAnswers, FileStage, use_file_answers};
use crate::state::library::use_library;
use crate::styles;
use crate::view::view;
use crate::view_models::file_words;
use crate::view_models::format::sentence;
use crate::view_models::sheet_words::READ_WINDOWS_1252;

/// The panel.
#[component]
pub(crate) fn FilePanel() -> impl IntoView {
    // Its rows look as those of Data do.
    styles::adopt(styles::DATA);
    styles::adopt(styles::WHY);
    let (library, answers) = (use_library(), use_file_answers());
    take_dropped_files(move |file| open(answers, &file));
    let invitation =
        move || library.with_active(|model| file_words::invitation(model.artifact.schema()));
    let is_empty = Memo::new(move || answers.stage() == FileStage::Empty);
    let shown = move || match answers.stage() {
        FileStage::Empty => ().into_any(),
        FileStage::Reading => view! { <Busy done=None /> },
        FileStage::Answering(n_answered, n_rows) => {
            view! { <Busy done=Some((n_answered, n_rows)) /> }
        }
        FileStage::Stopped => {
            view! { <Notice kind=NoticeKind::Note text=text(file_words::STOPPED).to_owned() /> }
        }
        FileStage::Failed(why) => {
            view! { <Notice kind=NoticeKind::Warning text=text(why).to_owned() /> }
        }
        FileStage::Done(answered) => match &*answered {
            Ok(_) => view! { <FileReport /> },
            Err(fault) => {
                let state = move || answers.state_encoding(Encoding::Windows1252);
                let way_out = (fault.way_out == Some(WayOut::Windows1252)).then(|| {
                    view! {
                        {button(text(READ_WINDOWS_1252), state)}
                    }
                });
                view! {
                    <Notice kind=NoticeKind::Warning text=sentence(&fault.words()) />
                    {way_out}
                }
            }
        },
    };
    let spoken = move || {
        let answered = answers.answered();
        let file = answered.as_ref().and_then(|answered| (**answered).as_ref().ok());
        file.map(file_words::spoken).unwrap_or_default()
    };
    view! {
        <section class="panel file-panel" aria-labelledby="file-heading">
            <h2 id="file-heading">{text(file_words::HEADING)}</h2>
            <Show when=move || is_empty.get() fallback=|| view! { <FileBar /> }>
                <p>{move || invitation()}</p>
                <FileChoice label=text(file_words::CHOOSE) is_primary=false on_file=move |file| open(answers, &file) />
            </Show>
            <div class="file-stage">{move || shown()}</div>
            <p class="visually-hidden" role="status">{move || spoken()}</p>
        </section>
    }
}

fn open(answers: FileAnswers, file: &File) {
    answers.open(file.name(), file.clone().unchecked_into());
}

/// The file's name, and what can be done with it.
#[component]
fn FileBar() -> impl IntoView {
    let (library, answers) = (use_library(), use_file_answers());
    let name = move || answers.name().unwrap_or_default();
    let is_of_another = move || {
        answers.model().is_some_and(|model| library.with_active(|active| active.id != model.id))
    };
    let is_stopped = move || matches!(answers.stage(), FileStage::Stopped | FileStage::Failed(_));
    let again = move || {
        (is_of_another() || is_stopped()).then(|| {
            view! {
                {button(text(file_words::AGAIN), move || answers.again())}
            }
        })
    };
    view! {
        <p class="file-name">{move || name()}</p>
        <p class="file-actions">
            {move || again()}
            <FileChoice
                label=text(file_words::CHOOSE_OTHER)
                is_primary=false
                on_file=move |file| open(answers, &file)
            />
            {text_button(text(file_words::FORGET), move || answers.forget())}
        </p>
        <p class="warn">{move || is_of_another().then(|| text(file_words::OTHER_MODEL))}</p>
    }
}

#[component]
fn Busy(done: Option<(u32, u32)>) -> impl IntoView {
    let answers = use_file_answers();
    let words = match done {
        Some((n_answered, n_rows)) => file_words::answering(n_answered, n_rows),
        None => text(file_words::READING).to_owned(),
    };
    let bar = match done {
        Some((n_answered, n_rows)) => view! {
            <progress aria-label=words.clone() value=n_answered.to_string() max=n_rows.to_string()></progress>
        },
        None => view! { <progress aria-label=words.clone()></progress> },
    };
    view! {
        <div class="file-busy">
            {bar}
            <span class="quiet">{words}</span>
            {button(text(file_words::STOP), move || answers.stop())}
        </div>
    }
}
