//! The measurements: a slider and a number field for each feature of the schema, and typical
//! rows to start from.

use leptos::prelude::*;
use model_core::Feature;

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
        measurements.models().with_active(|active| active.model.artifact.schema().features.clone())
    });
    let fields = move || {
        let features = features.get().into_iter().enumerate();
        features
            .filter_map(|(index, feature)| Some((feature, measurements.text(index)?)))
            .map(|(feature, text)| view! { <MeasurementField feature=feature text=text /> })
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

/// One feature: label, number field, slider, remark. Both inputs write the same text.
#[component]
fn MeasurementField(feature: Feature, text: RwSignal<String>) -> impl IntoView {
    let range = *feature.numeric();
    let slider = Slider::of(&range);
    let (field_id, remark_id) =
        (format!("field-{}", feature.name), format!("remark-{}", feature.name));
    let entry = Memo::new(move |_| text.with(|text| Entry::read(text, &range)));
    let is_refused = move || entry.get().value().is_none();
    let position = Memo::new(move |last: Option<&String>| {
        let value = entry.get().value().map(|value| Slider::position(&range, value));
        value.or_else(|| last.cloned()).unwrap_or_default()
    });
    let (label, unit) = (feature.label.clone(), feature.unit.clone());
    let slider_label = format!("{label}, slider");
    let spoken_value = {
        let unit = unit.clone();
        move || format!("{} {}", position.get(), unit.as_deref().unwrap_or_default())
    };
    let ends = span(range.training, range.decimals, None);
    let (least, most) = ends
        .split_once(" to ")
        .map_or_else(Default::default, |(a, b)| (a.to_owned(), b.to_owned()));
    let remark = move || entry.get().remark(&feature);
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
                        aria-describedby=remark_id.clone()
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
            <p class="field-remark warn" id=remark_id>{remark}</p>
        </div>
    }
}

/// A button for the typical row of each class.
#[component]
fn PresetButtons() -> impl IntoView {
    let measurements = use_measurements();
    let typical = Memo::new(move |_| {
        measurements.models().with_active(|active| presets(&active.model.artifact))
    });
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
