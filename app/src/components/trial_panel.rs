//! Who answers at the edge, and what can be done about it.

use leptos::prelude::*;
use tepal_api::DeploymentMode;

use super::button::button;
use super::text_field::number_field;
use crate::i18n::t;
use crate::signals::{Memo, RwSignal};
use crate::state::registry::use_registry;
use crate::view::view;
use crate::view_models::registry_words::{self as words, Action};

/// The panel.
#[component]
pub(crate) fn TrafficPanel() -> impl IntoView {
    let registry = use_registry();
    let outcome = move || {
        registry.done(false).map(|said| view! { <p class="notice registry-done">{said}</p> })
    };
    let who = move || registry.snapshot().map(|snapshot| words::who_answers(&snapshot));
    let actions = move || {
        let snapshot = registry.snapshot()?;
        let deployment = &snapshot.deployment;
        let back = deployment.previous_champion.as_ref().map(|it| {
            let label = t!("Roll back to version {version} …", version = it.version);
            button(label, move || registry.ask(Action::RollBack))
        });
        let end = deployment
            .challenger
            .as_ref()
            .map(|_| button(t!("End the trial …"), move || registry.ask(Action::EndTrial)));
        let is_public = deployment.public_artifact;
        let label = if is_public { t!("Close the file …") } else { t!("Open the file …") };
        let open = button(label, move || registry.ask(Action::Open(!is_public)));
        Some(view! { {back} {end} {open} })
    };
    view! {
        <section class="panel" aria-labelledby="traffic-heading">
            <h2 id="traffic-heading" tabindex="-1">{t!("Who answers")}</h2>
            <div role="status">{move || outcome()}</div>
            <p class="registry-who">{move || who()}</p>
            <p class="registry-actions">{move || actions()}</p>
            <TrialForm />
        </section>
    }
}

/// A version to be tried beside the champion: which, on what share, and whether it answers.
#[component]
fn TrialForm() -> impl IntoView {
    let registry = use_registry();
    let version = RwSignal::new(String::new());
    let share = RwSignal::new("10".to_owned());
    let mode = RwSignal::new(DeploymentMode::Live);
    let options = Memo::new(move || {
        let snapshot = registry.snapshot();
        snapshot.map_or_else(Vec::new, |snapshot| {
            let champion = snapshot.deployment.champion.version;
            let others = snapshot.models.iter().filter(|it| it.version != champion && !it.archived);
            others
                .map(|it| (it.version, words::version_name(&snapshot.models, it.version)))
                .collect()
        })
    });
    let chosen = move || {
        let typed = version.with(|text| text.parse::<u64>().ok());
        options.with(|options| {
            let is_there = options.iter().any(|(version, _)| Some(*version) == typed);
            if is_there { typed } else { options.first().map(|(version, _)| *version) }
        })
    };
    let list = move || {
        let option = |(version, name): (u64, String)| {
            view! { <option value=version.to_string() prop:selected=move || chosen() == Some(version)>{name}</option> }
        };
        options.get().into_iter().map(option).collect_view()
    };
    let points = move || share.with(|text| words::basis_points(text)).filter(|points| *points > 0);
    let ask = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some((version, basis_points)) = untrack(|| chosen().zip(points())) {
            registry.ask(Action::Try { version, basis_points, mode: mode.get_untracked() });
        }
    };
    let choose_mode = move |event: leptos::ev::Event| {
        let is_shadow = event_target_value(&event) == "shadow";
        mode.set(if is_shadow { DeploymentMode::Shadow } else { DeploymentMode::Live });
    };
    let is_wrong = move || points().is_none();
    let form = move || {
        view! {
            <form class="registry-form" on:submit=ask>
                <label class="registry-field">
                    {t!("Try beside it")}
                    <select class="text-field" on:change=move |event| version.set(event_target_value(&event))>
                        {move || list()}
                    </select>
                </label>
                {number_field(t!("Share of the requests, in per cent"), share, Signal::derive(is_wrong))}
                <label class="registry-field">
                    {t!("How")}
                    <select class="text-field" on:change=choose_mode>
                        <option value="live">{t!("It answers its share")}</option>
                        <option value="shadow">{t!("In the shadow: it is asked, and only logged")}</option>
                    </select>
                </label>
                <button type="submit" class="button" disabled=move || is_wrong()>{t!("Try it …")}</button>
            </form>
        }
    };
    let has_others = Memo::new(move || options.with(|options| !options.is_empty()));
    move || match has_others.get() {
        true => form().into_any(),
        false => {
            view! { <p class="quiet">{t!("Once there is a second version it can be tried beside this one.")}</p> }
        }
    }
}
