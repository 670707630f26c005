//! The map of answers over two features that the user chooses.

use leptos::prelude::*;
use model_core::FeatureRow;

use super::chart::Chart;
use super::class_mark::ClassMark;
use super::why_panel::asked;
use crate::i18n::text;
use crate::lab::{DecisionMap, Question};
use crate::signals::{Memo, effect};
use crate::state::explanations::{Said, use_explanations};
use crate::state::library::{Model, use_library};
use crate::state::measurements::use_measurements;
use crate::view::view;
use crate::view_models::decision_chart::{MapOf, Place, decision_chart, held, strongest};
use crate::view_models::feature_words::plain;
use crate::view_models::format::{NBSP, sentence};
use crate::view_models::scene::Scene;
use crate::view_models::why_words;

/// The map with the choice of features; nothing for a model of fewer than two.
#[component]
pub(crate) fn DecisionMapPanel() -> impl IntoView {
    let (library, measurements) = (use_library(), use_measurements());
    let explanations = use_explanations();
    // The two that add most to the first answer, until the user chooses others.
    let features = Memo::following(move |last: Option<&Option<(_, (usize, usize))>>| {
        let id = library.with_active(|model| model.id);
        let chosen = explanations.map_features().filter(|(of, _)| *of == id);
        let kept = last.copied().flatten().filter(|(of, _)| *of == id);
        if let Some(known) = chosen.or(kept) {
            return Some(known);
        }
        let Said { subject, answer } = explanations.why()?;
        let of_active = subject.model.id == id;
        let strongest = strongest(&subject.model.artifact, (*answer).as_ref().ok());
        strongest.filter(|_| of_active).map(|features| (id, features))
    });
    effect(move || {
        let features = features.get().map(|(_, features)| features);
        let Some(features) = features else { return };
        let fixed = asked(measurements).map(|(model, row)| {
            let row = held(&model.artifact, row, features);
            (model, row)
        });
        explanations.want_map(fixed, features);
    });
    let has_features = move || features.with(Option::is_some);
    let without = move || {
        let is_never = library.with_active(|model| plain(&model.artifact).len() < 2);
        text(if is_never { why_words::MAP_NONE } else { why_words::WORKING })
    };
    view! {
        <section class="panel decision-map" aria-labelledby="map-heading">
            <h2 id="map-heading">{text(why_words::MAP_HEADING)}</h2>
            <Show when=has_features fallback=move || view! { <p class="quiet">{without()}</p> }>
                <Choice features=features />
                <Map />
                <p class="quiet">{text(why_words::MAP_KNOWN)}</p>
            </Show>
        </section>
    }
}

/// A list for each side. Choosing the other side's feature swaps them.
#[component]
fn Choice(features: Memo<Option<(model_core::ModelId, (usize, usize))>>) -> impl IntoView {
    let (library, explanations) = (use_library(), use_explanations());
    let side = move |label: &'static str, id: &'static str, is_up: bool| {
        let own = move || {
            features
                .get()
                .map(|(_, (x, y))| if is_up { (y, x) } else { (x, y) })
                .unwrap_or_default()
        };
        let choose = move |event| {
            let (before, other) = own();
            let chosen = event_target_value(&event).parse().unwrap_or(before);
            let other = if chosen == other { before } else { other };
            let pair = if is_up { (other, chosen) } else { (chosen, other) };
            explanations.set_map_features(library.with_active(|model| model.id), pair);
        };
        let options = move || {
            let plain = library.with_active(|model| plain(&model.artifact));
            let option = move |(at, name): (usize, String)| {
                view! { <option value=at.to_string() prop:selected=move || own().0 == at>{name}</option> }
            };
            plain.into_iter().map(option).collect_view()
        };
        view! {
            <div class="map-side">
                <label for=id>{label}</label>
                <select id=id class="text-field" on:change=choose>{move || options()}</select>
            </div>
        }
    };
    view! {
        <div class="map-sides">
            {side(text(why_words::MAP_ALONG), "map-along", false)} {side(text(why_words::MAP_UP), "map-up", true)}
        </div>
    }
}

#[component]
fn Map() -> impl IntoView {
    let (measurements, explanations) = (use_measurements(), use_explanations());
    // What is drawn: the last map, with the row as it is now if it is of the same model, else the last one
    // that was: the map's own is held where the map begins.
    let drawn = Memo::following(move |last: Option<&Option<(Said<DecisionMap>, FeatureRow)>>| {
        let said = explanations.map()?;
        let is_same = |model: &Model| model.id == said.subject.model.id;
        let now = asked(measurements).filter(|(model, _)| is_same(model)).map(|(_, row)| row);
        let before = last.and_then(Option::as_ref).filter(|(it, _)| is_same(&it.subject.model));
        let before = before.map(|(_, row)| row.clone());
        let row = now.or(before).unwrap_or_else(|| said.subject.row.clone());
        Some((said, row))
    });
    let is_current = Memo::new(move || {
        drawn.with(|drawn| {
            // Without a row nothing is on its way.
            let Some(now) = asked(measurements) else { return true };
            drawn.as_ref().zip(Some(now)).is_some_and(|((said, _), (model, row))| {
                let Question::Map(x, y) = said.subject.question else { return false };
                let row = held(&model.artifact, row, (x as usize, y as usize));
                said.subject.model.id == model.id && said.subject.row == row
            })
        })
    });
    let layout = Callback::new(move |width: f64| {
        with_map(drawn, |of| decision_chart(of, width))
            .unwrap_or_else(|| Scene::new(width, (0.72 * width).clamp(240.0, 420.0)))
    });
    let label = Signal::derive(move || {
        with_map(drawn, |of| of.sentence())
            .unwrap_or_else(|| text(why_words::MAP_HEADING).to_owned())
    });
    let why_not = move || match measurements.row() {
        Err(_) => Some(text(why_words::MAP_OF_BEFORE).to_owned()),
        Ok(_) => drawn.with(|drawn| {
            let (said, _) = drawn.as_ref()?;
            said.answer.as_ref().as_ref().err().map(|why_not| sentence(why_not))
        }),
    };
    let table = move || with_map(drawn, |of| map_table(of.places()));
    view! {
        <div class="map-chart" aria-busy=move || (!is_current.get()).to_string()>
            <Chart label=label layout=layout>{move || table()}</Chart>
            <p class="quiet">{move || why_not()}</p>
        </div>
    }
}

type Drawn = Memo<Option<(Said<DecisionMap>, FeatureRow)>>;

/// What `make` makes of the map, if there is one.
fn with_map<T>(drawn: Drawn, make: impl FnOnce(MapOf<'_>) -> T) -> Option<T> {
    drawn.with(|drawn| {
        let (Said { subject, answer }, row) = drawn.as_ref()?;
        let (Ok(map), Question::Map(x, y)) = (&**answer, subject.question) else { return None };
        let features = (x as usize, y as usize);
        Some(make(MapOf { model: &subject.model.artifact, row, features, map }))
    })
}

fn map_table(places: Vec<Vec<Place>>) -> impl IntoView {
    let heads = places.first().into_iter().flatten();
    let heads = heads.map(|place| view! { <th scope="col">{place.x.clone()}</th> }).collect_view();
    let row = |places: Vec<Place>| {
        let head = places.first().map(|place| place.y.clone());
        let cell = |place: Place| {
            view! { <td><ClassMark class=place.class />" "{place.name}" "{place.percent}{NBSP}"%"</td> }
        };
        view! { <tr><th scope="row">{head}</th>{places.into_iter().map(cell).collect_view()}</tr> }
    };
    view! {
        <table>
            <thead><tr><th scope="col">{text(why_words::MAP_TABLE)}</th>{heads}</tr></thead>
            <tbody>{places.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
