//! The rows of one cell of the confusion matrix, and where to go with one.

use leptos::prelude::*;

use super::table_parts::column_heads;
use crate::i18n::t;
use crate::query::MODEL;
use crate::routes::Route;
use crate::state::detail::use_detail;
use crate::state::sheet::use_sheet;
use crate::view::view;
use crate::view_models::confusion_chart::Cell;
use crate::view_models::format;
use crate::view_models::known_rows::{CellRow, is_whole_row};

/// Rows that are listed.
const MAX_ROWS: usize = 200;

/// The list.
#[component]
pub(crate) fn CellRows(cell: Cell) -> impl IntoView {
    let detail = use_detail();
    let sheet = use_sheet();
    let (rows, which, is_whole, file) = detail.with_known(|known| match known {
        Some(known) => {
            let rows = detail
                .with(|model| known.cell(model.artifact.schema(), cell.actual, cell.predicted));
            (rows, known.words(), known.is_whole(), known.file().map(str::to_owned))
        }
        None => (Vec::new(), String::new(), true, None),
    });
    let is_in_sight = file.is_some() && sheet.name() == file;
    let n_rows = rows.len();
    let has_numbers = rows.iter().any(|row| row.number.is_some());
    let head = has_numbers.then(|| view! { <th scope="col">{t!("Row")}</th> });
    let of_truth = (cell.actual != cell.predicted)
        .then(|| view! { <th scope="col">{t!("Of the truth")}</th> });
    let shown = rows.into_iter().take(MAX_ROWS).map(|row| {
        view! { <Row row=row cell=cell.clone() has_numbers=has_numbers is_in_sight=is_in_sight /> }
    });
    let shown = shown.collect_view();
    let made_of = detail.with(|model| !is_whole_row(model.artifact.schema()));
    let about = [
        (n_rows == 0).then(|| t!("None of the rows that are known here.").to_owned()),
        (!is_whole).then(|| t!("Known here are {which}.", which)),
        (n_rows > MAX_ROWS).then(|| {
            let total = format::thousands(n_rows);
            t!("The first {n} of {total} are listed.", n = MAX_ROWS, total)
        }),
        (n_rows > 1).then(|| t!("The surest answers come first.").to_owned()),
        made_of.then(|| t!("Dates and texts are not known any more, only what was made of them: on Classify they stay as they are.").to_owned()),
    ];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" ");
    view! {
        <p class="quiet">
            {about}
        </p>
        <div class="cell-rows">
            <table hidden=n_rows == 0>
                <thead>
                    <tr>
                        {head}
                        {column_heads(&[t!("Values"), t!("Probability of the answer")])}
                        {of_truth}
                        <th scope="col"><span class="visually-hidden">{t!("Go on")}</span></th>
                    </tr>
                </thead>
                <tbody>{shown}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(row: CellRow, cell: Cell, has_numbers: bool, is_in_sight: bool) -> impl IntoView {
    let detail = use_detail();
    let sheet = use_sheet();
    let id = detail.with(|model| model.id);
    let mark = if row.query.is_empty() { '?' } else { '&' };
    let classify = format!("{}{}{mark}{MODEL}={id}", Route::Classify.path(), row.query);
    // On a phone a row is a card, where each value has its head beside it.
    let number =
        has_numbers.then(|| view! { <th scope="row" data-label=t!("Row")>{row.number}</th> });
    let of_truth = (cell.actual != cell.predicted).then(|| {
        view! { <td data-label=t!("Of the truth")>{format::percent(row.of_truth)}</td> }
    });
    let show = row.number.filter(|_| is_in_sight).map(|number| {
        view! {
            <a href=Route::Data.path() on:click=move |_| sheet.find_row(number)>{t!("Show in Data")}</a>
        }
    });
    view! {
        <tr>
            {number}
            <td class="cell-values">{row.values}</td>
            <td data-label=t!("Probability of the answer")>{format::percent(row.confidence)}</td>
            {of_truth}
            <td class="cell-links">
                <a href=classify on:click=move |_| detail.let_answer()>{t!("Classify with it")}</a>
                {show}
            </td>
        </tr>
    }
}
