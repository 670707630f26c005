//! The confusion matrix, and the rows behind each of its cells.

use leptos::prelude::*;
use model_core::{ConfusionMatrix, Schema};

use super::cell_rows::CellRows;
use super::chart::Chart;
use super::class_mark::ClassMark;
use super::dialog::Dialog;
use super::report_table::ReportTable;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::state::detail::use_detail;
use crate::view::view;
use crate::view_models::comparison::Samples;
use crate::view_models::confusion_chart::{Cell, cell_words, cells, confusion_chart, summary};
use crate::view_models::format;
use crate::view_models::scene::Scene;

/// What the matrix is made of.
#[derive(Clone, PartialEq)]
struct Matrix {
    confusion: ConfusionMatrix,
    schema: Schema,
    samples: Samples,
}

/// The panel, as Classify has it.
#[component]
pub(crate) fn ConfusionPanel() -> impl IntoView {
    let detail = use_detail();
    let heading =
        move || detail.with(|model| t!("Confusion matrix · {model}", model = model.name()));
    view! {
        <section class="panel" aria-labelledby="confusion-heading">
            <h2 id="confusion-heading">{move || heading()}</h2>
            <Confusion />
        </section>
    }
}

/// Matrix, words and, once a cell is chosen, its rows.
#[component]
pub(crate) fn Confusion() -> impl IntoView {
    let detail = use_detail();
    let matrix = Memo::new(move || {
        detail.with(|model| {
            let test = model.artifact.evaluation().test.as_ref()?;
            let (confusion, schema) = (test.confusion.clone(), model.artifact.schema().clone());
            Some(Matrix { confusion, schema, samples: Samples::of(&model.artifact) })
        })
    });
    let chosen = RwSignal::new(None::<Cell>);
    let is_open = RwSignal::new(false);
    let has_rows = Memo::new(move || detail.with_known(|known| known.is_some()));
    let choose = Callback::new(move |cell: Cell| {
        chosen.set(Some(cell));
        is_open.set(true);
    });
    let shown = move || match matrix.get() {
        Some(matrix) => view! {
            <Shown matrix=matrix choose=has_rows.get().then_some(choose) />
        },
        None => view! { <p>{t!("Trained on every row: there is no test part.")}</p> },
    };
    let title = Signal::derive(move || {
        let cell = chosen.get();
        let words = matrix.with(|matrix| {
            let Matrix { schema, samples, .. } = matrix.as_ref()?;
            Some(cell_words(&cell?, schema, *samples))
        });
        words.unwrap_or_default()
    });
    view! {
        {move || shown()}
        <Dialog id="cell-rows" title=title open=is_open>
            {move || chosen.get().map(|cell| view! { <CellRows cell=cell /> })}
        </Dialog>
    }
}

#[component]
fn Shown(matrix: Matrix, choose: Option<Callback<Cell>>) -> impl IntoView {
    let Matrix { confusion, schema, samples } = matrix;
    let words = summary(&confusion, &schema, samples);
    let heading = use_detail().with(|model| t!("Confusion matrix · {model}", model = model.name()));
    let label = format!("{heading}. {words}");
    let target = format::words(&schema.target);
    let about = t!("Rows: the true {target}. Columns: the model's answer.", target);
    let all = cells(&confusion);
    let on_choose = choose.map(|choose| {
        Callback::new(move |index: usize| {
            all.get(index).iter().for_each(|cell| choose.run((*cell).clone()));
        })
    });
    let table = confusion_table(&confusion, &schema, choose);
    let layout = Callback::new(move |width| -> Scene {
        confusion_chart(&confusion, &schema, samples, width)
    });
    let chart = match on_choose {
        Some(on_choose) => {
            view! { <Chart label=label layout=layout on_choose=on_choose>{table}</Chart> }
        }
        None => view! { <Chart label=label layout=layout>{table}</Chart> },
    };
    let hint = choose.map(|_| t!("Choose a cell to see its rows, and try one on Classify."));
    view! {
        <div class="detail-grid">
            <div>{chart}</div>
            <div class="detail-words">
                <p class="confusion-words">{words}</p>
                <p class="quiet">{about}" "{hint}</p>
                <ReportTable />
            </div>
        </div>
    }
}

/// The counts; each that has rows is a button that opens them.
pub(crate) fn confusion_table(
    confusion: &ConfusionMatrix,
    schema: &Schema,
    choose: Option<Callback<Cell>>,
) -> impl IntoView + use<> {
    let cells = cells(confusion);
    let heads = schema.classes.iter().map(|name| view! { <th scope="col">{name.clone()}</th> });
    let heads = heads.collect_view();
    let count = |cell: Cell| match choose.filter(|_| cell.count > 0) {
        Some(choose) => {
            let count = cell.count;
            view! {
                <td>
                    <button type="button" class="button-text cell-button" on:click=move |_| choose.run(cell.clone())>
                        {count}
                    </button>
                </td>
            }
        }
        None => view! { <td>{cell.count}</td> },
    };
    let rows = schema.classes.iter().enumerate().map(|(actual, name)| {
        let counts = cells.iter().filter(|cell| cell.actual == actual).cloned().map(count);
        let counts = counts.collect_view();
        view! { <tr><th scope="row"><ClassMark class=actual />" "{name.clone()}</th>{counts}</tr> }
    });
    view! {
        <table>
            <thead><tr><th scope="col">{t!("True, by answer")}</th>{heads}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
