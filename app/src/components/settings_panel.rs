//! What a training takes besides its rows: families, their parameters, folds, time. Each with its
//! default and a line on what it does; checked as it is typed.

use leptos::prelude::*;
use model_core::Family;

use super::button::text_button;
use crate::i18n;
use crate::signals::Memo;
use crate::state::training::use_training;
use crate::styles;
use crate::view::view;
use crate::view_models::families::{TRAINED, family_name, method};
use crate::view_models::settings::{FAMILIES, GENERAL, Plan, Problems, Setting, of_family};
use crate::view_models::training_words as words;

/// The panel.
#[component]
pub(crate) fn SettingsPanel() -> impl IntoView {
    styles::adopt(styles::SETTINGS);
    let training = use_training();
    let problems = Memo::new(move || training.problems());
    let chosen = Memo::new(move || training.plan.with(|plan| plan.families.clone()));
    let is_changed = Memo::new(move || training.plan.with(Plan::is_changed));
    let is_running = Memo::new(move || training.status().is_running());
    let reset = move || {
        is_changed.get().then(|| {
            view! {
                {text_button(i18n::text(words::RESET), move || training.plan.update(Plan::reset))}
            }
        })
    };
    let families = TRAINED.map(|family| {
        let is_chosen = Memo::new(move || chosen.with(|chosen| chosen.contains(&family)));
        view! { <FamilySettings family=family is_chosen=is_chosen problems=problems /> }
    });
    let state = move || match (problems.with(Problems::is_empty), is_changed.get()) {
        (false, _) => i18n::text(words::STATE_WRONG),
        (true, true) => i18n::text(words::STATE_CHANGED),
        (true, false) => i18n::text(words::STATE_DEFAULT),
    };
    let no_family = move || problems.with(|problems| problems.get(FAMILIES).cloned());
    view! {
        <details class="panel settings">
            <summary><h2>{i18n::text(words::SETTINGS)}</h2><span class="quiet">{move || state()}</span></summary>
            <fieldset class="settings-families" disabled=move || is_running.get()>
                <legend>{i18n::text(words::FAMILIES)}</legend>
                {families}
                <p class="field-remark warn" role="status">{move || no_family()}</p>
            </fieldset>
            <fieldset class="settings-general" disabled=move || is_running.get()>
                <legend>{i18n::text(words::SPLIT_AND_TIME)}</legend>
                <Fields settings=GENERAL family=None problems=problems />
            </fieldset>
            <p class="quiet prose">{i18n::text(words::SAME_BITS)}</p>
            {move || reset()}
        </details>
    }
}

/// A family: whether it trains, how, and its parameters behind a disclosure.
#[component]
fn FamilySettings(
    family: Family,
    is_chosen: Memo<bool>,
    problems: Memo<Problems>,
) -> impl IntoView {
    let training = use_training();
    let id = format!("family-{}", family.as_str());
    let input_id = id.clone();
    let settings = of_family(family);
    let has_problem = move || {
        let of_it = |setting: &Setting, problems: &Problems| {
            problems.contains_key(&setting.key(Some(family)))
        };
        problems.with(|problems| settings.iter().any(|setting| of_it(setting, problems)))
    };
    let n_changed = move || training.plan.with(|plan| plan.n_changed(family));
    let summary = move || words::parameters(family, n_changed());
    let choose = move |event| {
        let is_chosen = event_target_checked(&event);
        training.plan.update(|plan| plan.choose(family, is_chosen));
    };
    view! {
        <div class="family" class:family-out=move || !is_chosen.get()>
            <label class="family-choice" for=id>
                <input id=input_id type="checkbox" prop:checked=move || is_chosen.get() on:change=choose />
                <span class="family-name">{family_name(family)}</span>
            </label>
            <p class="quiet family-method">{method(family)}</p>
            <Show when=move || is_chosen.get()>
                <details class="family-parameters">
                    <summary class:warn=move || has_problem()>{move || summary()}</summary>
                    <Fields settings=settings family=Some(family) problems=problems />
                </details>
            </Show>
        </div>
    }
}

/// Settings side by side.
#[component]
fn Fields(
    settings: &'static [Setting],
    family: Option<Family>,
    problems: Memo<Problems>,
) -> impl IntoView {
    let fields = settings
        .iter()
        .map(|setting| view! { <SettingField setting=setting family=family problems=problems /> })
        .collect_view();
    view! { <div class="settings-fields">{fields}</div> }
}

/// A setting: label, text or list, what it does, and what is wrong with it.
#[component]
fn SettingField(
    setting: &'static Setting,
    family: Option<Family>,
    problems: Memo<Problems>,
) -> impl IntoView {
    let training = use_training();
    let key = StoredValue::new(setting.key(family));
    let id = setting.key(family).replace('.', "-");
    let (help_id, remark_id) = (format!("{id}-help"), format!("{id}-remark"));
    let described = format!("{help_id} {remark_id}");
    let text = Memo::new(move || training.plan.with(|plan| plan.text(setting, family)));
    let remark = Memo::new(move || problems.with(|it| key.with_value(|key| it.get(key).cloned())));
    let is_refused = move || remark.with(Option::is_some).to_string();
    let set = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        training.plan.update(|plan| plan.set(setting, family, text));
    };
    let input = if setting.choices.is_empty() {
        view! {
            <input id=id.clone() class="text-field" type="text" autocomplete="off" spellcheck="false"
                prop:value=move || text.get() on:input=set aria-invalid=move || is_refused() aria-describedby=described />
        }
    } else {
        let options = setting.choices.iter().map(|(value, label)| {
            let is_chosen = move || text.with(|text| text == value);
            view! { <option value=*value prop:selected=move || is_chosen()>{i18n::text(label)}</option> }
        });
        view! {
            <select id=id.clone() class="text-field" on:change=set aria-describedby=described>
                {options.collect_view()}
            </select>
        }
    };
    view! {
        <div class="setting">
            <label for=id>{i18n::text(setting.label)}</label>
            {input}
            <p class="quiet setting-help" id=help_id>{i18n::text(setting.help)}</p>
            <p class="field-remark warn" id=remark_id>{move || remark.get()}</p>
        </div>
    }
}
