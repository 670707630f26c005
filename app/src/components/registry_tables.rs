//! What the registry holds: versions, aliases with their history, and the ledger.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tepal_api::{DatasetInfo, ModelVersion};

use super::button::{button, text_button};
use super::card_dialog::CardDialog;
use super::table_parts::{drawn, drawn_row, wide_table};
use super::text_field::{number_field, text_field};
use crate::download;
use crate::edge::registry as edge;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::state::registry::{Registry, use_registry};
use crate::view::view;
use crate::view_models::families::served_family;
use crate::view_models::format;
use crate::view_models::ledger::{Step, Verdict, alias_histories, entry_words, moment, verify};
use crate::view_models::registry_words::{self as words, Action};

/// Entries that are shown until more are wanted.
const SHOWN: usize = 12;

/// All versions.
#[component]
pub(crate) fn VersionTable() -> impl IntoView {
    let registry = use_registry();
    let card = RwSignal::new((0, String::new()));
    let is_open = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let show_card = move |version: u64| {
        spawn_local(async move {
            match edge::card(&registry.client(), version).await {
                Ok(markdown) => {
                    let _ = card.try_set((version, markdown));
                    let _ = is_open.try_set(true);
                }
                Err(error) => drop(trouble.try_set(Some(error.sentence()))),
            }
        });
    };
    let save = move |version: u64| {
        spawn_local(async move {
            match edge::file(&registry.client(), version).await {
                Ok(bytes) => {
                    let name = format!("version-{version}.tepal");
                    download::save_bytes(&name, &bytes, "application/octet-stream");
                }
                Err(error) => drop(trouble.try_set(Some(error.sentence()))),
            }
        });
    };
    let row = move |model: &ModelVersion, champion: u64| {
        let version = model.version;
        let can_promote = version != champion && !model.archived;
        let promote = can_promote
            .then(|| button(t!("Promote …"), move || registry.ask(Action::Promote { version })));
        let actions = view! {
            <span class="registry-actions">
                {promote}
                {text_button(t!("Card"), move || show_card(version))}
                {text_button(t!("File"), move || save(version))}
            </span>
        };
        version_row(model, actions.into_any())
    };
    let rows = move || {
        let snapshot = registry.snapshot()?;
        let champion = snapshot.deployment.champion.version;
        Some(snapshot.models.iter().map(|model| row(model, champion)).collect_view())
    };
    let markdown = Memo::new(move || card.with(|(_, text)| text.clone()));
    let save_card = Callback::new(move |()| {
        card.with_untracked(|(version, text)| {
            let name = format!("version-{version}-card.md");
            download::save_bytes(&name, text.as_bytes(), "text/markdown");
        });
    });
    let heads = [
        t!("Version"),
        t!("Model"),
        t!("Accuracy"),
        t!("Data"),
        t!("Rows carried"),
        t!("Size"),
        t!("Published"),
        t!("Aliases"),
        t!("Actions"),
    ];
    view! {
        <section class="panel">
            <h2>{t!("Versions")}</h2>
            <p class="warn" role="status">{move || trouble.get()}</p>
            {wide_table(t!("Versions"), &heads, (move || rows()).into_any())}
            <CardDialog markdown=markdown is_open=is_open save=save_card />
        </section>
    }
}

/// Rows that the edge keeps to train on, if it keeps any.
pub(crate) fn kept_rows(registry: Registry) -> AnyView {
    let row = move |kept: &DatasetInfo| {
        let data_hash = kept.data_hash.clone();
        let ask = move || registry.ask(Action::DeleteRows { data_hash: data_hash.clone() });
        drawn_row(vec![
            drawn(kept.name.clone()),
            drawn(format::thousands(kept.rows as usize)),
            drawn(format::bytes(kept.bytes as usize)),
            drawn(moment(&kept.kept_at)),
            button(t!("Delete …"), ask),
        ])
    };
    let kept = Memo::new(move || registry.snapshot().map(|it| it.datasets.clone()));
    let rows = move || kept.get()?.ok().map(|it| it.iter().map(row).collect_view());
    let heads = [t!("Data"), t!("Rows"), t!("Size"), t!("Since"), t!("Actions")];
    let shown = move || {
        let content = match kept.get()? {
            Ok(kept) if kept.is_empty() => return None,
            Ok(_) => wide_table(t!("Kept to train on"), &heads, (move || rows()).into_any()),
            Err(why) => view! { <p class="prose">{why.sentence()}</p> },
        };
        Some(view! {
            <section class="panel">
                <h2>{t!("Kept to train on")}</h2>
                {content}
            </section>
        })
    };
    (move || shown()).into_any()
}

fn version_row(model: &ModelVersion, actions: AnyView) -> AnyView {
    let archived = model.archived.then(|| t!("archived").to_owned());
    let remarks: Vec<String> = [model.description.clone(), model.tags.join(", ")]
        .into_iter()
        .chain(archived)
        .filter(|text| !text.is_empty())
        .collect();
    let name = view! {
        {served_family(&model.family)}
        <span class="quiet registry-remark">{remarks.join(" · ")}</span>
    };
    let aliases =
        if model.aliases.is_empty() { "–".to_owned() } else { model.aliases.join(", ") };
    drawn_row(vec![
        drawn(model.version.to_string()),
        name.into_any(),
        drawn(words::accuracy(model)),
        drawn(model.name.clone()),
        drawn(words::rows_carried(model)),
        drawn(format::bytes(model.bytes as usize)),
        drawn(moment(&model.created_at)),
        drawn(aliases),
        actions,
    ])
}

/// Aliases with what they stood for, and one more.
#[component]
pub(crate) fn AliasTable() -> impl IntoView {
    let registry = use_registry();
    let row = move |(alias, steps): (String, Vec<Step>)| {
        let version =
            |step: &Step| step.version.map_or_else(|| "–".to_owned(), |it| it.to_string());
        let now = steps.first().map(&version).unwrap_or_default();
        let history = steps.iter().map(|step| {
            let said = t!(
                "{version} since {at}, by {actor}",
                version = version(step),
                at = step.at.clone(),
                actor = step.actor.clone()
            );
            view! { <li>{said}</li> }
        });
        let history = view! { <ul class="registry-history">{history.collect_view()}</ul> };
        let is_own = !["champion", "challenger"].contains(&alias.as_str()) && now != "–";
        let name = alias.clone();
        let take = is_own.then(|| {
            let ask = move || registry.ask(Action::Alias { alias: alias.clone(), version: None });
            text_button(t!("Take it away …"), ask)
        });
        drawn_row(vec![drawn(name), drawn(now), history.into_any(), take.into_any()])
    };
    let rows = move || {
        let snapshot = registry.snapshot()?;
        Some(alias_histories(&snapshot.entries).into_iter().map(row).collect_view())
    };
    let heads = [t!("Alias"), t!("Version"), t!("History"), t!("Actions")];
    view! {
        <section class="panel">
            <h2>{t!("Aliases")}</h2>
            {wide_table(t!("Aliases"), &heads, (move || rows()).into_any())}
            <AliasForm />
        </section>
    }
}

#[component]
fn AliasForm() -> impl IntoView {
    let registry = use_registry();
    let alias = RwSignal::new(String::new());
    let version = RwSignal::new(String::new());
    let asked = move || {
        let version = version.with(|text| text.trim().parse::<u64>().ok())?;
        let alias = alias.with(|text| text.trim().to_owned());
        (!alias.is_empty()).then_some(Action::Alias { alias, version: Some(version) })
    };
    let ask = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(action) = untrack(asked) {
            registry.ask(action);
        }
    };
    view! {
        <form class="registry-form" on:submit=ask>
            {text_field(t!("A name of your own, such as stable"), 64, alias)}
            {number_field(t!("For version"), version, Signal::stored(false))}
            <button type="submit" class="button" disabled=move || asked().is_none()>{t!("Set it …")}</button>
        </form>
    }
}

/// The ledger, with whether it is whole.
#[component]
pub(crate) fn Ledger() -> impl IntoView {
    let registry = use_registry();
    let verdict = Memo::new(move || {
        let snapshot = registry.snapshot()?;
        Some(verify(&snapshot.entries, registry.noted().as_deref()))
    });
    let said = move || {
        verdict.get().map(|verdict| {
            let is_broken = !verdict.is_whole();
            view! { <p class="prose registry-verdict" class:warn=is_broken>{verdict.sentence()}</p> }
        })
    };
    let all = RwSignal::new(false);
    let n_entries = move || registry.snapshot().map_or(0, |snapshot| snapshot.entries.len());
    let rows = move || {
        let snapshot = registry.snapshot()?;
        let broken = match verdict.get() {
            Some(Verdict::Altered { at } | Verdict::Unlinked { at }) => Some(at),
            _ => None,
        };
        let n_shown = if all.get() { usize::MAX } else { SHOWN };
        // The one that matters is shown, however long ago it was.
        let newest = snapshot.entries.iter().rev().enumerate();
        let shown = newest.filter(|(at, it)| *at < n_shown || Some(it.sequence) == broken);
        let rows = shown.map(|(_, entry)| {
            let mark = (Some(entry.sequence) == broken)
                .then(|| view! { <strong class="warn">{t!("Broken here.")}</strong> " " });
            let hash: String = entry.hash.chars().take(12).collect();
            drawn_row(vec![
                drawn(entry.sequence.to_string()),
                drawn(moment(&entry.at)),
                drawn(entry.actor.clone()),
                view! { {mark} {entry_words(entry)} },
                view! { <code>{hash}</code> },
            ])
        });
        Some(rows.collect_view())
    };
    let more = move || {
        (!all.get() && n_entries() > SHOWN).then(|| {
            text_button(t!("Show all {n} entries", n = n_entries()), move || all.set(true))
        })
    };
    let heads = [t!("No."), t!("When"), t!("Who"), t!("What"), t!("Hash")];
    view! {
        <section class="panel">
            <h2 id="ledger-heading">{t!("Ledger")}</h2>
            <div role="status">{move || said()}</div>
            {wide_table(t!("Ledger"), &heads, (move || rows()).into_any())}
            {move || more()}
        </section>
    }
}
