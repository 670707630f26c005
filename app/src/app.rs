//! The root: state, the page for the path, and the hand-over from the static first paint.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::shell::Shell;
use crate::pages::classify::ClassifyPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::planned::{DataPage, MonitorPage, RegistryPage, RunsPage};
use crate::pages::train::TrainPage;
use crate::routes::Route;
use crate::state::location::{provide_location, use_location};
use crate::state::measurements::provide_measurements;
use crate::state::models::provide_models;
use crate::state::training::provide_training;

/// Element that holds the static first paint, and then the page.
const ROOT_ID: &str = "app";

/// Replaces the static first paint with the live page.
pub fn run() {
    let root = document()
        .get_element_by_id(ROOT_ID)
        .and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok());
    let Some(root) = root else {
        leptos::logging::error!("index.html has no element #{ROOT_ID}");
        return;
    };
    root.set_inner_html("");
    mount_to(root, App).forget();
}

#[component]
fn App() -> impl IntoView {
    match provide_models() {
        Ok(models) => {
            provide_location();
            provide_measurements(models);
            provide_training(models);
            view! { <Pages /> }.into_any()
        }
        Err(error) => view! {
            <main>
                <h1>"This page is broken"</h1>
                <p class="lede">{format!("The model that ships with it cannot be read: {error}. Reload the page; if that does not help, it was built wrongly.")}</p>
            </main>
        }
        .into_any(),
    }
}

#[component]
fn Pages() -> impl IntoView {
    let location = use_location();
    let page = move || match location.route() {
        Some(Route::Classify) => view! { <ClassifyPage /> }.into_any(),
        Some(Route::Data) => view! { <DataPage /> }.into_any(),
        Some(Route::Train) => view! { <TrainPage /> }.into_any(),
        Some(Route::Runs) => view! { <RunsPage /> }.into_any(),
        Some(Route::Registry) => view! { <RegistryPage /> }.into_any(),
        Some(Route::Monitor) => view! { <MonitorPage /> }.into_any(),
        None => view! { <NotFoundPage /> }.into_any(),
    };
    view! { <Shell>{page}</Shell> }
}
