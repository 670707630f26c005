//! A chart taken elsewhere: as a picture, and as the table that stands beside it.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, Element, HtmlCanvasElement, HtmlDetailsElement};

use crate::charts::{self, Palette};
use crate::download;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::view::view;
use crate::view_models::file_text::{csv, file_name};
use crate::view_models::format::NBSP;
use crate::view_models::scene::Scene;

/// Two buttons.
#[component]
pub(crate) fn ChartExport(
    /// The chart's name, of which the files' names are made.
    label: Signal<String>,
    /// What is drawn.
    scene: Memo<Option<Scene>>,
    /// In which colours.
    palette: RwSignal<Palette>,
    /// What holds the table.
    table: NodeRef<html::Details>,
) -> impl IntoView {
    // A label may go on to say what is to be seen.
    let title = Memo::new(move || {
        label.with(|label| label.split(". ").next().unwrap_or_default().to_owned())
    });
    let of_chart = move || t!("of the chart: {title}", title = title.get());
    let name = move |extension| format!("{}.{extension}", file_name(&title.get_untracked()));
    let picture = move |_| {
        let scene = scene.get_untracked();
        let drawn = scene.and_then(|scene| {
            charts::picture(&scene, &palette.get_untracked(), window().device_pixel_ratio())
        });
        if let Some(canvas) = drawn {
            save_picture(&canvas, name("png"));
        }
    };
    let values = move |_| {
        if let Some(table) = table.get_untracked() {
            download::save_bytes(&name("csv"), csv(&cells(&table)).as_bytes(), "text/csv");
        }
    };
    view! {
        <span class="chart-export">
            <button type="button" class="button button-text" on:click=picture>
                "PNG"<span class="visually-hidden">" "{move || of_chart()}</span>
            </button>
            <button type="button" class="button button-text" on:click=values>
                "CSV"<span class="visually-hidden">" "{move || of_chart()}</span>
            </button>
        </span>
    }
}

fn save_picture(canvas: &HtmlCanvasElement, name: String) {
    let save = Closure::once_into_js(move |blob: Option<Blob>| {
        // A canvas without pixels makes no picture.
        if let Some(Err(error)) = blob.map(|blob| download::save(&name, &blob)) {
            leptos::logging::warn!("the picture is not saved: {error:?}");
        }
    });
    if let Err(error) = canvas.to_blob(save.unchecked_ref()) {
        leptos::logging::warn!("the picture is not made: {error:?}");
    }
}

/// The table's cells: what `data-value` says where a cell has it, else its text.
fn cells(table: &HtmlDetailsElement) -> Vec<Vec<String>> {
    let text = |cell: Element| {
        let shown = cell.get_attribute("data-value").or_else(|| cell.text_content());
        shown.unwrap_or_default().replace(NBSP, " ").trim().to_owned()
    };
    let Ok(rows) = table.query_selector_all("tr") else { return Vec::new() };
    let rows = (0..rows.length()).filter_map(|at| rows.item(at)?.dyn_into::<Element>().ok());
    rows.map(|row| {
        let cells = row.children();
        (0..cells.length()).filter_map(|at| cells.item(at)).map(text).collect()
    })
    .collect()
}
