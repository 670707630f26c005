//! The model in detail taken elsewhere: its file, as ONNX, its card, and a program that asks the edge.

use leptos::prelude::*;
use model_core::card::ModelCard;

use super::button::{button, text_button};
use super::card_dialog::CardDialog;
use super::snippet_panel::SnippetPanel;
use crate::download;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::state::detail::use_detail;
use crate::state::library::Model;
use crate::styles;
use crate::view::view;
use crate::view_models::format;
use crate::view_models::onnx_words::{precision, refusal};
use crate::view_models::snippet::Example;

/// The panel.
#[component]
pub(crate) fn DownloadsPanel() -> impl IntoView {
    styles::adopt(styles::EXPORTS);
    let detail = use_detail();
    let example = Signal::derive(move || detail.with(|model| Example::of(&model.artifact)));
    let heading =
        move || detail.with(|model| t!("Take it with you · {model}", model = model.name()));
    view! {
        <section class="panel downloads" aria-labelledby="downloads-heading">
            <h2 id="downloads-heading">{move || heading()}</h2>
            <div class="downloads-grid">
                <div>
                    <h3>{t!("Files")}</h3>
                    <ul class="files">
                        <ModelFile />
                        <OnnxFile />
                        <CardFiles />
                    </ul>
                </div>
                <div>
                    <h3>{t!("Ask for an answer from a program")}</h3>
                    <p class="quiet">
                        {t!("It asks the model that this site serves. To have this one answer there, publish its file first.")}
                    </p>
                    <SnippetPanel example=example />
                </div>
            </div>
        </section>
    }
}

/// The name that the command line gives a file of the model, with another ending.
fn file_name(model: &Model, ending: &str) -> String {
    format!("{}{ending}", model.artifact.family().as_str())
}

#[component]
fn ModelFile() -> impl IntoView {
    let detail = use_detail();
    let save = move || {
        detail.with(|model| {
            let name = file_name(model, ".tepal");
            download::save_bytes(&name, &model.bytes.0, "application/octet-stream");
        });
    };
    let words = move || {
        let size = detail.with(|model| format::bytes(model.bytes.0.len()));
        let n_rows = detail.with(|model| model.artifact.carries_rows());
        let words = t!("{size}, for Tepal: to publish at the edge, or for the command line.", size);
        if n_rows == 0 {
            return words;
        }
        let rows = format::count(n_rows, t!("row"), t!("rows"));
        words
            + " "
            + &t!("It carries {rows} of the data as they are: whoever has it has them.", rows)
    };
    view! {
        <li>
            {button(t!("Model file"), save)}
            <span class="quiet">{move || words()}</span>
        </li>
    }
}

#[component]
fn OnnxFile() -> impl IntoView {
    let detail = use_detail();
    let made = Memo::new(move || {
        detail.with(|model| {
            let loss = model.artifact.single_precision_loss();
            let onnx = model.artifact.to_onnx();
            onnx.map(|onnx| (onnx, precision(loss.as_ref()))).map_err(|error| refusal(&error))
        })
    });
    let save = move || {
        made.with(|made| {
            if let Ok((onnx, _)) = made {
                let name = detail.with(|model| file_name(model, ".onnx"));
                download::save_bytes(&name, onnx, "application/octet-stream");
            }
        });
    };
    let is_refused = Memo::new(move || made.with(Result::is_err));
    let words = move || {
        made.with(|made| match made {
            Ok((onnx, precision)) => {
                t!(
                    "{size}, for onnxruntime in any language. {precision}",
                    size = format::bytes(onnx.len()),
                    precision
                )
            }
            Err(refusal) => refusal.clone(),
        })
    };
    view! {
        <li>
            <button type="button" class="button" disabled=move || is_refused.get() on:click=move |_| save()>"ONNX"</button>
            <span class="quiet" class:warn=move || is_refused.get()>{move || words()}</span>
        </li>
    }
}

#[component]
fn CardFiles() -> impl IntoView {
    let detail = use_detail();
    let is_open = RwSignal::new(false);
    let markdown =
        Memo::new(move || detail.with(|model| ModelCard::of(&model.artifact).markdown()));
    let save_text = Callback::new(move |()| {
        let name = detail.with(|model| file_name(model, "-card.md"));
        markdown.with(|text| download::save_bytes(&name, text.as_bytes(), "text/markdown"));
    });
    let save_json = move |_| {
        detail.with(|model| {
            // A card is made of texts and finite numbers.
            let json = serde_json::to_string_pretty(&ModelCard::of(&model.artifact));
            let name = file_name(model, "-card.json");
            download::save_bytes(&name, json.unwrap_or_default().as_bytes(), "application/json");
        });
    };
    view! {
        <li>
            {button(t!("Model card"), move || is_open.set(true))}
            <span class="quiet">
                {t!("What it is, on what data, how good, where not to trust it, and how to make it again: to read here, or")}
                " "
                {text_button(t!("as Markdown"), move || save_text.run(()))}
                "."
            </span>
            <CardDialog markdown=markdown is_open=is_open save=save_text />
        </li>
        <li>
            <button type="button" class="button" on:click=save_json>"JSON"</button>
            <span class="quiet">{t!("The card for programs: columns, classes, every figure and parameter.")}</span>
        </li>
    }
}
