//! The root: state, the page for the path, and the hand-over from the static first paint.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

use crate::components::language_choice::provide_language;
use crate::components::lazy::Lazy;
use crate::components::shell::Shell;
use crate::i18n::{self, Language, t};
use crate::pages::classify::ClassifyPage;
use crate::pages::not_found::NotFoundPage;
use crate::parts::{LazyView, Loading, provide_parts, provide_shared};
use crate::state::library::provide_library;
use crate::state::location::{provide_location, use_location};
use crate::state::measurements::provide_measurements;
use crate::state::sheet::provide_sheet;
use crate::state::training::provide_training;
use crate::view::view;

/// Element that holds the static first paint, and then the page.
const ROOT_ID: &str = "app";

/// Replaces the static first paint with the live page, in the visitor's language, which loads its parts
/// with `load`.
pub fn run(load: fn(LazyView) -> Loading) {
    match Language::of_document() {
        Language::English => mount(load),
        wanted => spawn_local(async move {
            if i18n::take(wanted).await.is_err() {
                i18n::say(Language::English);
            }
            mount(load);
        }),
    }
}

fn mount(load: fn(LazyView) -> Loading) {
    let root = document()
        .get_element_by_id(ROOT_ID)
        .and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok());
    let Some(root) = root else {
        leptos::logging::error!("index.html has no element #{ROOT_ID}");
        return;
    };
    root.set_inner_html("");
    root.set_class_name("");
    mount_to(root, move || {
        provide_parts(load);
        view! { <App /> }
    })
    .forget();
}

#[component]
fn App() -> impl IntoView {
    let location = provide_location();
    match provide_library(location.model()) {
        Ok(library) => {
            provide_measurements(library, location);
            provide_training(library, provide_sheet());
            provide_shared();
            let language = provide_language();
            // All texts are drawn anew in another language; the state stays.
            let pages = move || {
                language.track();
                view! { <Pages /> }
            };
            view! { {move || pages()} }
        }
        Err(error) => view! {
            <main>
                <h1>{t!("This page is broken")}</h1>
                <p class="lede">{t!("The model that ships with it cannot be read: {error}. Reload the page; if that does not help, it was built wrongly.", error)}</p>
            </main>
        },
    }
}

#[component]
fn Pages() -> impl IntoView {
    let location = use_location();
    let page = move || match location.route() {
        Some(route) => match LazyView::of_route(route) {
            Some(view) => view! { <Lazy view=view /> },
            None => view! { <ClassifyPage /> },
        },
        None => view! { <NotFoundPage /> },
    };
    view! { <Shell>{move || page()}</Shell> }
}
