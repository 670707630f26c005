//! The measurements: a slider and a number field for each number that the model asks for, a list for
//! each category, a line for each date or text, and typical rows to start from.

use leptos::prelude::*;
use model_core::NumericRange;

use super::class_mark::ClassMark;
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::measurements::use_measurements;
use crate::view::view;
use crate::view_models::measurement::{Entry, Field, FieldKind, number_in};
use crate::view_models::presets::presets;
use crate::view_models::slider::{Slider, bounds};

/// The panel of every measurement.
#[component]
pub(crate) fn MeasurementPanel() -> impl IntoView {
    let measurements = use_measurements();
    let fields = move || {
        let fields = measurements.fields().into_iter().enumerate();
        fields
            .map(|(at, field)| match field.kind.clone() {
                FieldKind::Number(range) => {
                    view! { <NumberField field=field range=range at=at /> }
                }
                FieldKind::Choice { names, .. } => {
                    view! { <ChoiceField field=field names=names at=at /> }
                }
                FieldKind::Text { example, .. } => {
                    view! { <TextField field=field example=example at=at /> }
                }
            })
            .collect_view()
    };
    view! {
        <section class="panel measurements" aria-labelledby="measurements-heading">
            <h2 id="measurements-heading">{t!("Measurements")}</h2>
            {move || fields()}
            <PresetButtons />
        </section>
    }
}

/// A number: label, number field, slider, remark. Both inputs write the same text.
#[component]
fn NumberField(field: Field, range: NumericRange, at: usize) -> impl IntoView {
    let slider = Slider::of(&range);
    let Input { field_id, remark_id, text, entry, remark, set } = Input::of(&field, at);
    let is_refused = move || entry.read().is_refused();
    // The last value that was one: the thumb stays where it is while another is typed.
    let value = Memo::following(move |last: Option<&Option<f64>>| {
        let value = text.with(|text| number_in(&range, text)).filter(|_| !is_refused());
        value.or_else(|| last.copied().flatten())
    });
    let written = move |write: fn(&NumericRange, f64) -> String| {
        move || value.get().map(|value| write(&range, value)).unwrap_or_default()
    };
    let (position, spoken) = (written(Slider::position), written(Slider::spoken));
    let (label, unit) = (field.label, field.unit);
    let slider_label = t!("{label}, slider", label);
    let spoken_value = {
        let unit = unit.clone();
        move || match entry.get() {
            Entry::Missing => t!("no value").to_owned(),
            _ => format!("{} {}", spoken(), unit.as_deref().unwrap_or_default()),
        }
    };
    let [least, most] = bounds(range.training, range.decimals);
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
                        prop:value=move || text.get()
                        on:input=move |event| set.run(event_target_value(&event))
                        aria-invalid=move || is_refused().to_string()
                        aria-describedby=remark_id.clone()
                    />
                    <span class="quiet unit">{unit}</span>
                </span>
            </div>
            <input
                type="range"
                aria-label=slider_label
                aria-valuetext=move || spoken_value()
                min=slider.min
                max=slider.max
                step=slider.step
                prop:value=position
                on:input=move |event| set.run(Slider::text(&range, &event_target_value(&event)))
            />
            <div class="field-ends quiet" aria-hidden="true"><span>{least}</span><span>{most}</span></div>
            <Remark id=remark_id entry=entry remark=remark />
        </div>
    }
}

/// A category: label, list, remark. The list's first place is the empty text: what a field without
/// a value has, and what asks for a choice where there must be one.
#[component]
fn ChoiceField(field: Field, names: Vec<String>, at: usize) -> impl IntoView {
    let Input { field_id, remark_id, text, entry, remark, set } = Input::of(&field, at);
    let is_refused = move || entry.read().is_refused();
    let nothing = if field.nullable { t!("no value") } else { t!("choose") }.to_owned();
    let options = std::iter::once((String::new(), nothing))
        .chain(names.into_iter().map(|name| (name.clone(), name)))
        .map(|(value, shown)| {
            let own = value.clone();
            // Each option says so itself: the list has no options yet when its own value is set.
            let is_chosen = move || text.with(|text| *text == own);
            view! { <option value=value prop:selected=move || is_chosen()>{shown}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <div class="field-head">
                <label for=field_id.clone()>{field.label}</label>
                <select
                    id=field_id
                    class="text-field"
                    on:change=move |event| set.run(event_target_value(&event))
                    aria-invalid=move || is_refused().to_string()
                    aria-describedby=remark_id.clone()
                >
                    {options}
                </select>
            </div>
            <Remark id=remark_id entry=entry remark=remark />
        </div>
    }
}

/// A date, a time or a text: label, line, remark.
#[component]
fn TextField(field: Field, example: &'static str, at: usize) -> impl IntoView {
    let Input { field_id, remark_id, text, entry, remark, set } = Input::of(&field, at);
    let is_refused = move || entry.read().is_refused();
    view! {
        <div class="field">
            <div class="field-head">
                <label for=field_id.clone()>{field.label}</label>
                <input
                    id=field_id
                    class="text-field"
                    type="text"
                    autocomplete="off"
                    placeholder=example
                    prop:value=move || text.get()
                    on:input=move |event| set.run(event_target_value(&event))
                    aria-invalid=move || is_refused().to_string()
                    aria-describedby=remark_id.clone()
                />
            </div>
            <Remark id=remark_id entry=entry remark=remark />
        </div>
    }
}

/// What is to be said of a field's text. That a value is missing where one may be is no warning.
#[component]
fn Remark(id: String, entry: Memo<Entry>, remark: Memo<Option<String>>) -> impl IntoView {
    let is_warning = move || *entry.read() != Entry::Missing;
    view! { <p class="field-remark" class:warn=move || is_warning() id=id>{move || remark.get()}</p> }
}

/// What every kind of field is made of.
struct Input {
    field_id: String,
    remark_id: String,
    text: Memo<String>,
    entry: Memo<Entry>,
    /// What is said of it.
    remark: Memo<Option<String>>,
    set: Callback<String>,
}

impl Input {
    /// The parts of the field at this place of the form.
    fn of(field: &Field, at: usize) -> Self {
        let measurements = use_measurements();
        let (field_id, remark_id) =
            (format!("field-{}", field.name), format!("remark-{}", field.name));
        let entry = Memo::new(move || measurements.entry(at));
        let (field, told) = (field.clone(), field.clone());
        Self {
            field_id,
            remark_id,
            text: Memo::new(move || measurements.text(at)),
            entry,
            remark: Memo::new(move || entry.with(|entry| told.remark(entry))),
            set: Callback::new(move |text| measurements.set(&field, text)),
        }
    }
}

/// A button for the typical row of each class.
#[component]
fn PresetButtons() -> impl IntoView {
    let measurements = use_measurements();
    let typical = Memo::new(move || {
        let library = measurements.library();
        // A model at the edge has shown no rows.
        if library.remote().is_some() {
            return Vec::new();
        }
        library.with_active(|model| presets(&model.artifact))
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
        <div class="presets" role="group" aria-labelledby="presets-heading" hidden=move || typical.read().is_empty()>
            <h3 class="quiet" id="presets-heading">{t!("Or start from a typical one")}</h3>
            <div class="preset-buttons">{move || buttons()}</div>
        </div>
    }
}
