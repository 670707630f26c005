//! The registry at the edge: what anybody may know, and with a token the rest of it.

use leptos::prelude::*;

use super::button::{button, text_button};
use super::keys_panel::KeysPanel;
use super::live_panel::LivePanel;
use super::registry_tables::{AliasTable, Ledger, VersionTable, kept_rows};
use super::token_form::token_form;
use super::trial_panel::TrafficPanel;
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::registry::{Read, use_registry};
use crate::view::view;
use crate::view_models::families::served_family;
use crate::view_models::format;
use crate::view_models::registry_words as words;

/// The panels.
#[component]
pub(crate) fn EdgeRegistry() -> impl IntoView {
    let registry = use_registry();
    // What is drawn stays when it is read anew, with the focus and whatever was typed.
    let is_read = Memo::new(move || registry.snapshot().is_some());
    let is_served = Memo::new(move || registry.served.with(|it| matches!(it, Read::Here(_))));
    let traffic = move || is_read.get().then(|| view! { <TrafficPanel /> });
    let live = move || is_served.get().then(|| view! { <LivePanel /> });
    let rest = move || {
        is_read.get().then(|| {
            view! {
                <VersionTable />
                {kept_rows(registry)}
                <AliasTable />
                <Ledger />
                <KeysPanel />
            }
        })
    };
    view! {
        <section class="panel" aria-labelledby="edge-heading">
            <h2 id="edge-heading">{t!("At the edge")}</h2>
            <Public />
            <Access />
        </section>
        {move || traffic()}
        {move || live()}
        {move || rest()}
    }
}

/// What anybody may know.
#[component]
fn Public() -> impl IntoView {
    let registry = use_registry();
    let shown = move || match registry.served.get() {
        Read::Idle | Read::Loading => {
            view! { <p class="quiet">{t!("Asking the edge …")}</p> }
        }
        Read::Failed(error) => view! {
            <p class="warn">{error.sentence()}</p>
            {button(t!("Ask again"), move || registry.reload())}
        },
        Read::Here(served) => {
            let said = t!(
                "Now answering on this site: version {version} ({family}), trained on {data}.",
                version = served.version,
                family = served_family(&served.family),
                data = served.schema.name.clone()
            );
            let accuracy = served.accuracy.map(|share| {
                t!("It got {share} of its test rows right.", share = format::percent(share))
            });
            let file = if served.is_public {
                t!("Its file is public: pages answer with it in the tab.")
            } else {
                t!("Its file is not public: whoever wants an answer asks the edge.")
            };
            view! { <p data-served=served.version.to_string()>{said} " " {accuracy} " " {file}</p> }
        }
    };
    view! { <div role="status">{move || shown()}</div> }
}

/// The token: to be entered, or to be forgotten.
#[component]
fn Access() -> impl IntoView {
    let registry = use_registry();
    let has_token = Memo::new(move || registry.has_token());
    // While a token is tried its field stays.
    let is_in = Memo::new(move || {
        has_token.get() && registry.read.with(|read| !matches!(read, Read::Loading))
    });
    let state = move || match registry.read.get() {
        Read::Loading => view! { <p class="quiet">{t!("Reading the registry …")}</p> },
        Read::Failed(error) => view! { <p class="warn">{words::trouble(&error)}</p> },
        Read::Idle | Read::Here(_) => ().into_any(),
    };
    let is_wrong =
        Signal::derive(move || registry.read.with(|read| matches!(read, Read::Failed(_))));
    let what = t!("Versions, the ledger and every change take it.");
    let sign_in = Callback::new(move |token: String| registry.sign_in(&token));
    let shown = move || match is_in.get() {
        true => view! {
            <p class="registry-actions">
                <span>{t!("Your token is kept until this tab is closed, and goes to this site alone.")}</span>
                {button(t!("Read anew"), move || registry.reload())}
                {text_button(t!("Forget the token"), move || registry.forget())}
            </p>
        },
        false => token_form(t!("Open the registry"), what, is_wrong, sign_in),
    };
    view! {
        <div role="status">{move || state()}</div>
        {move || shown()}
    }
}
