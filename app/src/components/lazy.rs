//! A view that is loaded on first use: quiet while it comes, and if it does not come, why and a
//! button to try again.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use web_sys::{
    HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit,
};

use super::button::button;
use crate::i18n::t;
use crate::parts::{Draw, LazyView, use_parts};
use crate::signals::{RwSignal, effect};
use crate::view::view;

/// How far a view is.
#[derive(Clone, Copy)]
enum Stage {
    Loading,
    Failed,
    Loaded(Draw),
}

/// `view`, as soon as its part is here.
#[component]
pub(crate) fn Lazy(view: LazyView) -> impl IntoView {
    let parts = use_parts();
    let stage = RwSignal::new(Stage::Loading);
    let place = NodeRef::<html::Div>::new();
    let load = move || {
        spawn_local(async move {
            let next = parts.load(view).await.map_or(Stage::Failed, Stage::Loaded);
            let holds_focus = place.try_get_untracked().flatten().is_some_and(|it| has_focus(&it));
            // Gone when another page was opened meanwhile: then nobody waits.
            if stage.try_set(next).is_none() && holds_focus {
                focus_heading(place);
            }
        });
    };
    let try_again = Callback::new(move |()| {
        stage.set(Stage::Loading);
        focus_heading(place);
        load();
    });
    load();
    let shown = move || match stage.get() {
        Stage::Loading => view! { <Waiting view=view /> },
        Stage::Failed => view! { <Failed view=view try_again=try_again /> },
        Stage::Loaded(draw) => draw(),
    };
    view! { <div node_ref=place>{move || shown()}</div> }
}

/// As [`Lazy`], fetched once its place comes near what is in sight: who does not go there does not wait for
/// it and does not pay for it.
#[component]
pub(crate) fn LazyNear(view: LazyView) -> impl IntoView {
    let is_near = RwSignal::new(false);
    let place = NodeRef::<html::Div>::new();
    effect(move || {
        if let Some(place) = place.get() {
            once_near(&place, is_near);
        }
    });
    let shown = move || match is_near.get() {
        false => view! { <Waiting view=view /> },
        true => view! { <Lazy view=view /> },
    };
    view! { <div node_ref=place>{move || shown()}</div> }
}

/// Near is what a screen's height away is.
const NEAR: &str = "100%";

/// Sets `is_near` once `place` is.
fn once_near(place: &HtmlElement, is_near: RwSignal<bool>) {
    let hear = move |entries: js_sys::Array, observer: IntersectionObserver| {
        let mut entries = entries.iter().map(IntersectionObserverEntry::from);
        if entries.any(|entry| entry.is_intersecting()) {
            observer.disconnect();
            // Gone when another page was opened meanwhile.
            let _ = is_near.try_set(true);
        }
    };
    let hear = Closure::<dyn FnMut(js_sys::Array, IntersectionObserver)>::new(hear);
    let options = IntersectionObserverInit::new();
    options.set_root_margin(NEAR);
    let hear = hear.into_js_value();
    match IntersectionObserver::new_with_options(hear.unchecked_ref(), &options) {
        Ok(observer) => observer.observe(place),
        // A browser that cannot tell is shown everything.
        Err(_) => is_near.set(true),
    }
}

/// As [`Lazy`], of what nobody misses: there is nothing until it is here, and if it does not come.
#[component]
pub(crate) fn Later(view: LazyView) -> impl IntoView {
    let parts = use_parts();
    let stage = RwSignal::new(Stage::Loading);
    spawn_local(async move {
        let next = parts.load(view).await.map_or(Stage::Failed, Stage::Loaded);
        // Gone when another page was opened meanwhile: then nobody waits.
        let _ = stage.try_set(next);
    });
    move || match stage.get() {
        Stage::Loading => view! { <span class="later" hidden=true></span> },
        Stage::Failed => ().into_any(),
        Stage::Loaded(draw) => draw(),
    }
}

#[component]
fn Waiting(view: LazyView) -> impl IntoView {
    view! {
        <div class="lazy" aria-busy="true">
            <Heading view=view />
            <p class="quiet" role="status">{t!("Loading …")}</p>
        </div>
    }
}

#[component]
fn Failed(view: LazyView, try_again: Callback<()>) -> impl IntoView {
    let what = if view.is_page() {
        t!(
            "This page could not be loaded: its program did not arrive. Check the connection and try again. If the site has been updated since you opened it,"
        )
    } else {
        t!(
            "This part of the page could not be loaded: its program did not arrive. Check the connection and try again. If the site has been updated since you opened it,"
        )
    };
    let here = window().location().href().unwrap_or_default();
    view! {
        <div class="lazy">
            <Heading view=view />
            <div class="notice notice-warn" role="alert">
                <p>
                    {what}" "
                    // The router must leave this to the browser.
                    <a href=here rel="external">{t!("reload it")}</a>"."
                </p>
                {button(t!("Try again"), move || try_again.run(()))}
            </div>
        </div>
    }
}

/// What stands in the place of the view's own heading, and holds the focus for it.
#[component]
fn Heading(view: LazyView) -> impl IntoView {
    if view.is_page() {
        view! { <h1 tabindex="-1">{view.name()}</h1> }
    } else {
        view! { <h2 tabindex="-1">{view.name()}</h2> }
    }
}

fn has_focus(place: &HtmlElement) -> bool {
    document().active_element().is_some_and(|active| place.contains(Some(&active)))
}

/// Moves the focus to the first heading in `place`, once it is drawn: where a screen reader goes
/// on reading.
fn focus_heading(place: NodeRef<html::Div>) {
    request_animation_frame(move || {
        let heading = place
            .try_get_untracked()
            .flatten()
            .and_then(|place| place.query_selector("h1, h2").ok().flatten())
            .and_then(|heading| heading.dyn_into::<HtmlElement>().ok());
        if let Some(heading) = heading {
            heading.set_tab_index(-1);
            // Only an element that is not in the document cannot be focused.
            let _ = heading.focus();
        }
    });
}
