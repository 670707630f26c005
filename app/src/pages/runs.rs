//! Runs: every training that this browser keeps, to sort, search, compare and take elsewhere.

use leptos::prelude::*;

use crate::components::button::button;
use crate::components::notice::{Notice, NoticeKind};
use crate::components::run_compare::ComparePanel;
use crate::components::run_details::RunDetails;
use crate::components::runs_panel::{EmptyRuns, RunsPanel};
use crate::components::undo_notice::UndoNotice;
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::runs::{RunsState, provide_runs};
use crate::storage::fault::StorageFault;
use crate::styles;
use crate::view::view;

/// Runs.
#[component]
pub(crate) fn RunsPage() -> impl IntoView {
    // Tables that are ordered and dialogs look as they do on Train.
    styles::adopt(styles::RESULTS);
    styles::adopt(styles::RUNS);
    let runs = provide_runs();
    let n_runs = Memo::new(move || runs.count());
    let has_fault = Memo::new(move || runs.fault().is_some());
    let body = move || match n_runs.get() {
        None => view! { <p class="quiet" role="status">{t!("Loading …")}</p> },
        // What cannot be read is not said to be empty.
        Some(0) if has_fault.get() => ().into_any(),
        Some(0) => view! { <EmptyRuns /> },
        Some(_) => view! {
            <RunsPanel />
            <ComparePanel />
            <RunDetails />
        },
    };
    view! {
        <h1 tabindex="-1">{t!("Runs")}</h1>
        <p class="lede">
            {t!("Every training is kept here as a run, in this browser and nowhere else: what it was made of, how good it was, and its models.")}
        </p>
        <FaultNotice runs=runs />
        {move || body()}
        <p class="runs-said quiet" role="status">{move || runs.said()}</p>
        <UndoNotice />
    }
}

/// What the browser's storage does not do, and what can be done about it.
#[component]
fn FaultNotice(runs: RunsState) -> impl IntoView {
    let fault = Memo::new(move || runs.fault());
    let n_odd = Memo::new(move || runs.n_odd());
    let notice = move || {
        fault.get().map(|fault| {
            let words = fault.words();
            let anew = matches!(fault, StorageFault::Damaged(_)).then(|| {
                let words = t!("Delete all that this page keeps, and start anew");
                button(words, move || runs.start_anew())
            });
            view! {
                <Notice kind=NoticeKind::Warning text=words />
                {anew}
            }
        })
    };
    let odd = move || {
        (n_odd.get() > 0).then(|| {
            let words = t!(
                "{n} of the runs cannot be read: they were altered, or kept by a later version of this page. They are left as they are.",
                n = n_odd.get()
            );
            view! { <Notice kind=NoticeKind::Warning text=words /> }
        })
    };
    view! { {move || notice()}{move || odd()} }
}
