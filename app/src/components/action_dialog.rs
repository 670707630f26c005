//! What a change will do, to be confirmed; and, where somebody else was quicker, what is there now.

use leptos::prelude::*;

use super::button::{button, primary_button};
use super::dialog::Dialog;
use super::focus::focus_soon;
use super::text_field::text_field;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal, effect};
use crate::state::registry::{Stage, use_registry};
use crate::view::view;
use crate::view_models::ledger::entry_words;
use crate::view_models::registry_words::{Action, Plan, plan, who_answers};

/// The dialog.
#[component]
pub(crate) fn ActionDialog(
    /// Id of the heading under which what was done is said, unless it is about keys.
    #[prop(default = "traffic-heading")]
    done_at: &'static str,
) -> impl IntoView {
    let registry = use_registry();
    let planned = Memo::new(move || {
        let action = registry.asked.get()?;
        plan(&action, &*registry.snapshot()?)
    });
    let title = Signal::derive(move || {
        planned.with(|plan| {
            plan.as_ref().map_or_else(|| t!("Nothing to do").to_owned(), |it| it.title.clone())
        })
    });
    // What was done is said where who answers stands, and whoever pressed a button that is gone goes on there.
    effect(move || {
        if registry.done(false).is_some() {
            focus_soon(done_at);
        } else if registry.done(true).is_some() {
            focus_soon("keys-heading");
        }
    });
    view! {
        <Dialog id="registry-action" title=title open=registry.is_asking>
            <Content planned=planned />
        </Dialog>
    }
}

#[component]
fn Content(planned: Memo<Option<Plan>>) -> impl IntoView {
    let registry = use_registry();
    move || match (registry.stage.get(), planned.get()) {
        (Stage::Conflict(detail, known), _) => {
            view! { <Conflict detail=detail known=known /> }
        }
        (_, None) => {
            let is_here = registry.snapshot().is_some();
            let words = if is_here { t!("That is how it is now.") } else { t!("Reading …") };
            view! { <p>{words}</p> }
        }
        (stage, Some(plan)) => view! { <Decision plan=plan stage=stage /> },
    }
}

#[component]
fn Decision(plan: Plan, stage: Stage) -> impl IntoView {
    let registry = use_registry();
    let reason = RwSignal::new(String::new());
    let sentences = plan.sentences.into_iter().map(|it| view! { <p>{it}</p> }).collect_view();
    let failed = match &stage {
        Stage::Failed(error) => {
            let faults = error.faults().iter().map(|it| format!(" {it}")).collect::<String>();
            Some(view! { <p class="warn" role="alert">{error.sentence()}{faults}</p> })
        }
        _ => None,
    };
    let has_reason = registry.asked.with_untracked(|action| {
        !matches!(
            action,
            Some(Action::Alias { .. } | Action::Revoke { .. } | Action::DeleteRows { .. })
        )
    });
    let reason_field = has_reason
        .then(|| text_field(t!("Why, for the ledger (you may leave it out)"), 500, reason));
    let confirm = move || {
        let reason = reason.get_untracked().trim().to_owned();
        registry.confirm((!reason.is_empty()).then_some(reason));
    };
    let buttons = if stage == Stage::Working {
        view! { <p class="quiet" role="status">{t!("The edge does it …")}</p> }
    } else {
        view! {
            <p class="registry-actions">
                {primary_button(plan.confirm, confirm)}
                {button(t!("Leave it as it is"), move || registry.is_asking.set(false))}
            </p>
        }
    };
    view! {
        <div class="registry-plan">{sentences}</div>
        {failed}
        {reason_field}
        {buttons}
    }
}

/// Somebody was quicker: what is there now, what they did, and the way to decide anew.
#[component]
fn Conflict(detail: Option<String>, known: u64) -> impl IntoView {
    let registry = use_registry();
    let snapshot = registry.snapshot();
    let said = match &detail {
        Some(detail) => t!("It was not done: {why}.", why = detail.trim_end_matches('.')),
        None => t!("It was not done: somebody else changed the registry while you were deciding.")
            .to_owned(),
    };
    let now = snapshot.as_ref().map(|snapshot| t!("Now: {who}", who = who_answers(snapshot)));
    let meanwhile = snapshot.as_ref().map(|snapshot| {
        let entries = snapshot.entries.iter().filter(|entry| entry.sequence > known);
        let items = entries
            .map(|entry| view! { <li>{format!("{}: {}", entry.actor, entry_words(entry))}</li> });
        view! { <ul>{items.collect_view()}</ul> }
    });
    view! {
        <div role="alert">
            <p class="warn">{said}</p>
            {meanwhile}
            <p>{now}</p>
        </div>
        <p class="registry-actions">
            {primary_button(t!("Look again"), move || registry.stage.set(Stage::Deciding))}
            {button(t!("Leave it as it is"), move || registry.is_asking.set(false))}
        </p>
    }
}
