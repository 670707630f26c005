//! The measurements: a slider and a number field for each numeric feature of the schema, a list for
//! each categorical one, and typical rows to start from.

use leptos::prelude::*;
use model_core::{Feature, NumericRange};

use super::class_mark::ClassMark;
use crate::state::measurements::use_measurements;
use crate::view_models::measurement::{Entry, Slider, span};
use crate::view_models::presets::presets;

/// The panel of every measurement.
#[component]
pub(crate) fn MeasurementPanel() -> impl IntoView {
    let measurements = use_measurements();
    // A memo, because a model that answers in place of another mostly has the same schema: the
    // inputs must stay, or a drag and the focus are lost when a training ends.
    let features = Memo::new(move |_| {
        measurements.library().with_active(|model| model.artifact.schema().features.clone())
    });
    let fields = move || {
        let features = features.get().into_iter().enumerate();
        features
            .filter_map(|(index, feature)| Some((feature, measurements.text(index)?)))
            .map(|(feature, text)| match feature.numeric().copied() {
                Some(range) => {
                    view! { <NumberField feature=feature range=range text=text /> }.into_any()
                }
                None => view! { <CategoryField feature=feature text=text /> }.into_any(),
            })
            .collect_view()
    };
    view! {
        <section class="panel measurements" aria-labelledby="measurements-heading">
            <h2 id="measurements-heading">"Measurements"</h2>
            {fields}
            <PresetButtons />
        </section>
    }
}

/// A numeric feature: label, number field, slider, remark. Both inputs write the same text.
#[component]
fn NumberField(feature: Feature, range: NumericRange, text: RwSignal<String>) -> impl IntoView {
    let slider = Slider::of(&range);
    let (field_id, remark_id) = ids(&feature);
    let entry = read(&feature, text);
    let is_refused = move || entry.get().value().is_none();
    let position = Memo::new(move |last: Option<&String>| {
        let value = entry.get().value().filter(|value| !value.is_nan());
        let position = value.map(|value| Slider::position(&range, value));
        position.or_else(|| last.cloned()).unwrap_or_default()
    });
    let (label, unit) = (feature.label.clone(), feature.unit.clone());
    let slider_label = format!("{label}, slider");
    let spoken_value = {
        let unit = unit.clone();
        move || match entry.get() {
            Entry::Missing => "no value".to_owned(),
            _ => format!("{} {}", position.get(), unit.as_deref().unwrap_or_default()),
        }
    };
    let ends = span(range.training, range.decimals, None);
    let (least, most) = ends
        .split_once(" to ")
        .map_or_else(Default::default, |(a, b)| (a.to_owned(), b.to_owned()));
    view! {
        <div class="field">
            <div class="field-head">
                <label for=field_id.clone()>{label}</label>
                <span class="field-entry">
                    <input
                        id=field_id.clone()
                        class="text-field"
                        type="text"
                        inputmode="decimal"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=text
                        on:input=move |event| text.set(event_target_value(&event))
                        aria-invalid=move || is_refused().to_string()
                        aria-describedby=remark_id
                    />
                    <span class="quiet unit">{unit}</span>
                </span>
            </div>
            <input
                type="range"
                aria-label=slider_label
                aria-valuetext=spoken_value
                min=slider.min
                max=slider.max
                step=slider.step
                prop:value=position
                on:input=move |event| text.set(Slider::text(&range, &event_target_value(&event)))
            />
            <div class="field-ends quiet" aria-hidden="true"><span>{least}</span><span>{most}</span></div>
            <Remark feature=feature entry=entry />
        </div>
    }
}

/// A categorical feature: label, list, remark. The list's first place is the empty text: what a
/// feature without a value has, and what asks for a choice where there must be one.
#[component]
fn CategoryField(feature: Feature, text: RwSignal<String>) -> impl IntoView {
    let (field_id, remark_id) = ids(&feature);
    let entry = read(&feature, text);
    let is_refused = move || entry.get().value().is_none();
    let nothing = if feature.nullable { "no value" } else { "choose" }.to_owned();
    let categories = feature.categories().unwrap_or_default().iter();
    let options = std::iter::once((String::new(), nothing))
        .chain(categories.map(|name| (name.clone(), name.clone())))
        .map(|(value, shown)| {
            let own = value.clone();
            // Each option says so itself: the list has no options yet when its own value is set.
            let is_chosen = move || text.with(|text| *text == own);
            view! { <option value=value prop:selected=is_chosen>{shown}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <div class="field-head">
                <label for=field_id.clone()>{feature.label.clone()}</label>
                <select
                    id=field_id
                    class="text-field"
                    on:change=move |event| text.set(event_target_value(&event))
                    aria-invalid=move || is_refused().to_string()
                    aria-describedby=remark_id
                >
                    {options}
                </select>
            </div>
            <Remark feature=feature entry=entry />
        </div>
    }
}

/// What is to be said of a field's text. That a value is missing where one may be is no warning.
#[component]
fn Remark(feature: Feature, entry: Memo<Entry>) -> impl IntoView {
    let (_, id) = ids(&feature);
    let is_warning = move || entry.get() != Entry::Missing;
    let remark = move || entry.get().remark(&feature);
    view! { <p class="field-remark" class:warn=is_warning id=id>{remark}</p> }
}

/// Ids of a feature's field and of the remark on it.
fn ids(feature: &Feature) -> (String, String) {
    (format!("field-{}", feature.name), format!("remark-{}", feature.name))
}

/// What the text means for the feature.
fn read(feature: &Feature, text: RwSignal<String>) -> Memo<Entry> {
    let feature = feature.clone();
    Memo::new(move |_| text.with(|text| Entry::read(text, &feature)))
}

/// A button for the typical row of each class.
#[component]
fn PresetButtons() -> impl IntoView {
    let measurements = use_measurements();
    let typical =
        Memo::new(move |_| measurements.library().with_active(|model| presets(&model.artifact)));
    let buttons = move || {
        typical
            .get()
            .into_iter()
            .map(|preset| {
                let texts = preset.texts;
                view! {
                    <button type="button" class="button preset" on:click=move |_| measurements.fill(&texts)>
                        <ClassMark class=preset.class />
                        <span class="species">{preset.name}</span>
                    </button>
                }
            })
            .collect_view()
    };
    view! {
        <div class="presets" role="group" aria-labelledby="presets-heading">
            <h3 class="quiet" id="presets-heading">"Or start from a typical one"</h3>
            <div class="preset-buttons">{buttons}</div>
        </div>
    }
}
