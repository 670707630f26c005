//! Tabs: one of several panels is shown. Arrow keys move among the tabs, and only the chosen one is a stop of
//! the tab key (the pattern of the ARIA practices guide).

use leptos::prelude::*;

use super::focus::focus_id;
use crate::signals::{Memo, RwSignal};
use crate::view::view;
use crate::view_models::tabs::after_key;

/// One tab.
#[derive(Clone, Copy)]
pub(crate) struct Tab {
    /// Its name.
    pub(crate) name: &'static str,
    /// Draws its panel.
    pub(crate) draw: fn() -> AnyView,
}

/// The tabs and the panel of the chosen one.
#[component]
pub(crate) fn Tabs(
    /// Marks the elements; unique on the page.
    id: &'static str,
    /// Names the list for screen readers.
    label: &'static str,
    /// The tabs, at least one.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let chosen = RwSignal::new(0_usize);
    let n_tabs = tabs.len();
    let walk = move |event: leptos::ev::KeyboardEvent| {
        let Some(next) = after_key(chosen.get_untracked(), n_tabs, &event.key()) else { return };
        event.prevent_default();
        chosen.set(next);
        focus_id(&tab_id(id, next));
    };
    let draws: Vec<fn() -> AnyView> = tabs.iter().map(|tab| tab.draw).collect();
    let heads = tabs.into_iter().enumerate().map(|(at, tab)| {
        let is_chosen = Memo::new(move || chosen.get() == at);
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(id, at)
                aria-selected=move || is_chosen.get().to_string()
                aria-controls=format!("{id}-panel")
                tabindex=move || if is_chosen.get() { "0" } else { "-1" }
                on:click=move |_| chosen.set(at)
            >
                {tab.name}
            </button>
        }
    });
    let heads = heads.collect_view();
    let panel = move || draws.get(chosen.get()).map(|draw| draw());
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=walk>{heads}</div>
        <div
            class="tab-panel"
            role="tabpanel"
            id=format!("{id}-panel")
            aria-labelledby=move || tab_id(id, chosen.get())
        >
            {move || panel()}
        </div>
    }
}

fn tab_id(id: &str, at: usize) -> String {
    format!("{id}-tab-{at}")
}
