//! Keys for programs and people: minted, listed, revoked.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tepal_api::{KeyInfo, KeyRequest};

use super::button::{button, text_button};
use super::copy_button::copy_button;
use super::table_parts::{drawn, drawn_row, wide_table};
use super::text_field::{number_field, text_field};
use crate::edge::EdgeError;
use crate::edge::registry as edge;
use crate::i18n::{key, t, text};
use crate::signals::{Memo, RwSignal};
use crate::state::registry::use_registry;
use crate::view::view;
use crate::view_models::ledger::moment;
use crate::view_models::registry_words::{self as words, Action};

/// What a key may do, as the API names it and in words.
const SCOPES: [(&str, &str); 5] = [
    ("predict", key!("ask for predictions")),
    ("feedback", key!("say what was true")),
    ("read", key!("read registry, log and reports")),
    ("publish", key!("publish models")),
    ("admin", key!("everything, as the owner")),
];

/// The panel.
#[component]
pub(crate) fn KeysPanel() -> impl IntoView {
    let registry = use_registry();
    let refused = Memo::new(move || {
        let snapshot = registry.snapshot();
        snapshot.and_then(|snapshot| snapshot.keys.as_ref().err().map(sentence))
    });
    let shown = move || match refused.get() {
        Some(why) => view! { <p class="prose">{why}</p> },
        None => view! {
            <KeyTable />
            <MintForm />
        },
    };
    let done = move || {
        registry.done(true).map(|said| view! { <p class="notice registry-done">{said}</p> })
    };
    view! {
        <section class="panel">
            <h2 id="keys-heading" tabindex="-1">{t!("Keys")}</h2>
            <div role="status">{move || done()}</div>
            {move || shown()}
        </section>
    }
}

fn sentence(error: &EdgeError) -> String {
    match error {
        EdgeError::Forbidden { .. } => {
            t!("Keys are seen, minted and revoked with the owner's token, or a key with the scope “admin”.").to_owned()
        }
        EdgeError::Unavailable { .. } => {
            format!("{} {}", error.sentence(), t!("Keys need a secret to be signed with: openssl rand -hex 32 | npx wrangler secret put KEY_SECRET"))
        }
        error => error.sentence(),
    }
}

#[component]
fn KeyTable() -> impl IntoView {
    let registry = use_registry();
    let row = move |info: &KeyInfo, now: &str| {
        let (state, counts) = words::key_state(info, now);
        let key_id = info.key_id.clone();
        let revoke = counts.then(|| {
            let ask = move || registry.ask(Action::Revoke { key_id: key_id.clone() });
            button(t!("Revoke …"), ask)
        });
        drawn_row(vec![
            view! { {info.name.clone()} " " <code class="quiet">{info.key_id.clone()}</code> },
            drawn(info.scopes.join(", ")),
            drawn(moment(&info.created_at)),
            drawn(state),
            revoke.into_any(),
        ])
    };
    let keys = move || {
        let snapshot = registry.snapshot()?;
        snapshot.keys.as_ref().ok().cloned()
    };
    let has_keys = Memo::new(move || keys().is_some_and(|keys| !keys.is_empty()));
    let rows = move || {
        let now = String::from(js_sys::Date::new_0().to_iso_string());
        keys().map(|keys| keys.iter().map(|info| row(info, &now)).collect_view())
    };
    let heads = [t!("Key"), t!("May"), t!("Minted"), t!("Counts"), t!("Actions")];
    move || match has_keys.get() {
        true => wide_table(t!("Keys"), &heads, (move || rows()).into_any()),
        false => {
            view! { <p class="quiet">{t!("There are none yet. A key lets a program or a person do some of what the owner can, until a day that you set.")}</p> }
        }
    }
}

#[component]
fn MintForm() -> impl IntoView {
    let registry = use_registry();
    let name = RwSignal::new(String::new());
    let days = RwSignal::new("90".to_owned());
    let scopes = RwSignal::new(vec!["predict".to_owned()]);
    let minted = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let is_working = RwSignal::new(false);
    let asked = move || {
        let expires_in_days = days.with(|text| text.trim().parse::<i64>().ok());
        let asked = KeyRequest {
            name: name.with(|text| text.trim().to_owned()),
            scopes: scopes.get(),
            expires_in_days,
        };
        let is_whole = !asked.name.is_empty() && !asked.scopes.is_empty();
        (is_whole && expires_in_days.is_some()).then_some(asked)
    };
    let mint = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(asked) = untrack(asked) else { return };
        is_working.set(true);
        minted.set(None);
        trouble.set(None);
        spawn_local(async move {
            match edge::mint(&registry.client(), &asked).await {
                Ok(done) => {
                    registry.note(&done);
                    let _ = minted.try_set(done.key);
                    registry.reload();
                }
                Err(error) => {
                    let said = [&[error.sentence()], error.faults()].concat().join(" ");
                    let _ = trouble.try_set(Some(said));
                }
            }
            let _ = is_working.try_set(false);
        });
    };
    let boxes =
        SCOPES.map(|(scope, words)| view! { <ScopeBox scope=scope words=words scopes=scopes /> });
    let cannot = move || is_working.get() || asked().is_none();
    view! {
        <form class="mint" on:submit=mint>
            <h3>{t!("Mint a key")}</h3>
            <div class="registry-form">
                {text_field(t!("Whose it is"), 64, name)}
                {number_field(t!("Days that it counts, 1 to 365"), days, Signal::stored(false))}
            </div>
            <fieldset class="choices">
                <legend>{t!("What it may do")}</legend>
                {boxes}
            </fieldset>
            <button type="submit" class="button" disabled=move || cannot()>{t!("Mint the key")}</button>
        </form>
        <p class="warn" role="status">{move || trouble.get()}</p>
        <Minted minted=minted />
    }
}

#[component]
fn ScopeBox(
    scope: &'static str,
    words: &'static str,
    scopes: RwSignal<Vec<String>>,
) -> impl IntoView {
    let toggle = move |_| {
        scopes.update(|scopes| match scopes.iter().position(|it| it == scope) {
            Some(at) => drop(scopes.remove(at)),
            None => scopes.push(scope.to_owned()),
        });
    };
    let is_on = move || scopes.with(|scopes| scopes.iter().any(|it| it == scope));
    view! {
        <label class="choice">
            <input type="checkbox" prop:checked=move || is_on() on:change=toggle />
            <span><code>{scope}</code> " " <span class="quiet">{text(words)}</span></span>
        </label>
    }
}

/// The key that was just minted: it is nowhere else.
#[component]
fn Minted(minted: RwSignal<Option<String>>) -> impl IntoView {
    let shown = move || {
        minted.get().map(|key| {
            let to_copy = key.clone();
            view! {
                <div class="notice">
                    <label class="registry-field">
                        {t!("This is the key. It is shown this once and kept nowhere: copy it now.")}
                        <input class="text-field minted-key" type="text" readonly prop:value=key />
                    </label>
                    <p class="registry-actions">
                        {copy_button(Signal::derive(move || to_copy.clone()))}
                        {text_button(t!("I have it"), move || minted.set(None))}
                    </p>
                </div>
            }
        })
    };
    view! { <div role="status">{move || shown()}</div> }
}
