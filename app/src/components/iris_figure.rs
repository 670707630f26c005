//! The flower, drawn to the measurements. Other data sets have no drawing.

use leptos::prelude::*;

use super::class_mark::series;
use crate::i18n::t;
use crate::signals::Memo;
use crate::state::measurements::use_measurements;
use crate::view::view;
use crate::view_models::iris_drawing::{
    Iris, IrisDrawing, LABEL_Y, PETAL_ANGLES, SEPAL_ANGLES, SINGLE_Y, VIEW_BOX,
};

/// The drawing with its caption, if the model is about irises.
#[component]
pub(crate) fn IrisFigure() -> impl IntoView {
    let measurements = use_measurements();
    let iris = Memo::new(move || {
        let values = measurements.drawn();
        measurements.library().with_active(|model| Iris::of(&model.artifact, &values))
    });
    let is_iris = Memo::new(move || iris.with(Option::is_some));
    let figure = move || is_iris.get().then(|| view! { <Figure iris=iris /> });
    view! { {move || figure()} }
}

#[component]
fn Figure(iris: Memo<Option<Iris>>) -> impl IntoView {
    let measurements = use_measurements();
    let drawing = Memo::new(move || iris.get().as_ref().map(IrisDrawing::of));
    let description = move || iris.with(|iris| iris.as_ref().map(Iris::description));
    let answer =
        Memo::new(move || measurements.answer().ok().map(|answer| (answer.class, answer.name)));
    let class_series = move || answer.get().map(|(class, _)| series(class));
    let caption = move || {
        match answer.get() {
        Some((_, name)) => view! { <em class="species">{format!("Iris {name}")}</em>{t!(", drawn to your measurements")} }.into_any(),
        None => view! { {t!("Drawn to the last measurements that made an answer")} },
    }
    };
    view! {
        <figure class="panel iris">
            <svg class="iris-drawing" viewBox=VIEW_BOX role="img" aria-label=move || description() data-series=move || class_series()>
                <Habit />
                <Flower drawing=drawing />
                <SingleParts drawing=drawing />
            </svg>
            <figcaption>{move || caption()}</figcaption>
        </figure>
    }
}

/// Stem and leaves. They are not measured: they only say that this is a plant.
#[component]
fn Habit() -> impl IntoView {
    view! {
        <g class="iris-habit">
            <path class="iris-stem" d="M0 0 C 4 70 -5 130 0 204" />
            <path class="iris-leaf" d="M-2 204 C -36 182 -76 166 -116 104 C -70 134 -24 156 -2 204 Z" />
            <path class="iris-leaf" d="M2 204 C 40 188 88 178 132 126 C 82 146 28 164 2 204 Z" />
        </g>
    }
}

/// Three sepals behind three petals.
#[component]
fn Flower(drawing: Memo<Option<IrisDrawing>>) -> impl IntoView {
    let sepal =
        move || drawing.with(|drawing| drawing.as_ref().map(|drawing| drawing.sepal.clone()));
    let petal =
        move || drawing.with(|drawing| drawing.as_ref().map(|drawing| drawing.petal.clone()));
    let ring = |angles: [f64; 3]| angles.map(|angle| format!("rotate({angle})"));
    let sepals = ring(SEPAL_ANGLES).map(|turn| {
        view! {
            <g transform=turn>
                <path class="iris-edge" d=move || sepal().map(|outline| outline.edge) />
                <path class="iris-vein" d=move || sepal().map(|outline| outline.veins) />
            </g>
        }
    });
    let petals = ring(PETAL_ANGLES).map(|turn| {
        view! {
            <g transform=turn>
                <path class="iris-edge" d=move || petal().map(|outline| outline.edge) />
                <path class="iris-vein" d=move || petal().map(|outline| outline.veins) />
            </g>
        }
    });
    view! {
        <g class="iris-sepals">{sepals}</g>
        <g class="iris-petals">{petals}</g>
        <circle class="iris-heart" r="6" />
    }
}

/// One sepal and one petal taken apart, with their sizes, and the scale bar.
#[component]
fn SingleParts(drawing: Memo<Option<IrisDrawing>>) -> impl IntoView {
    let part = move |read: fn(&IrisDrawing) -> String| {
        move || drawing.with(|drawing| drawing.as_ref().map(read))
    };
    let number = move |read: fn(&IrisDrawing) -> f64| {
        move || drawing.with(|drawing| drawing.as_ref().map(read))
    };
    let bar = part(|drawing| format!("M-168 -158 v8 M-168 -154 h{0:.2} m0 -4 v8", drawing.bar));
    view! {
        <path class="iris-divider" d=format!("M-168 {0} H168", SINGLE_Y - 52.0) />
        <g class="iris-sepals" transform=part(|drawing| drawing.single_sepal.clone())>
            <path class="iris-edge" d=part(|drawing| drawing.sepal.edge.clone()) />
            <path class="iris-vein" d=part(|drawing| drawing.sepal.veins.clone()) />
        </g>
        <g class="iris-petals" transform=part(|drawing| drawing.single_petal.clone())>
            <path class="iris-edge" d=part(|drawing| drawing.petal.edge.clone()) />
            <path class="iris-vein" d=part(|drawing| drawing.petal.veins.clone()) />
        </g>
        <g class="iris-labels">
            <text x=number(|drawing| drawing.sepal_label_x) y=LABEL_Y>{part(|drawing| drawing.sepal_label.clone())}</text>
            <text x=number(|drawing| drawing.petal_label_x) y=LABEL_Y>{part(|drawing| drawing.petal_label.clone())}</text>
            <path d=bar />
            <text class="iris-bar-label" x="-168" y="-134">{part(|drawing| drawing.bar_label.clone())}</text>
        </g>
    }
}
