//! Where the page is: a path, changed by links, by the browser's buttons, and by nothing else.
//!
//! Six flat routes need no router of nested, typed and asynchronous ones: leptos_router took 40 KB
//! (brotli) of the 250 that the page may weigh.

use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::routes::Route;

/// Signal of the path; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    path: RwSignal<String>,
}

/// Reads the path, follows links and the browser's buttons, and makes the location available.
pub(crate) fn provide_location() -> Location {
    let location = Location { path: RwSignal::new(current_path()) };
    let on_popstate =
        EventListener::new(&window(), "popstate", move |_| location.path.set(current_path()));
    let options = EventListenerOptions::enable_prevent_default();
    let on_click = EventListener::new_with_options(&document(), "click", options, move |event| {
        if let Some(path) = followed_link(event) {
            event.prevent_default();
            location.go(path);
        }
    });
    // Both live as long as the page does.
    on_popstate.forget();
    on_click.forget();
    provide_context(location);
    location
}

/// The location that [`provide_location`] made available.
pub(crate) fn use_location() -> Location {
    expect_context()
}

impl Location {
    /// The path.
    pub(crate) fn path(&self) -> String {
        self.path.get()
    }

    /// The route that the path names.
    pub(crate) fn route(&self) -> Option<Route> {
        self.path.with(|path| Route::from_path(path))
    }

    fn go(&self, path: String) {
        if self.path.with_untracked(|before| *before == path) {
            return;
        }
        let pushed = window()
            .history()
            .and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&path)));
        if pushed.is_ok() {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            self.path.set(path);
        }
    }
}

fn current_path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// The path of the page that a click asks for, if it is an ordinary click on a link to one. Links
/// marked `rel="external"` go to the server, and so does what the user opens in a new tab.
fn followed_link(event: &web_sys::Event) -> Option<String> {
    let event = event.dyn_ref::<MouseEvent>()?;
    let modified = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
    if event.default_prevented() || event.button() != 0 || modified {
        return None;
    }
    let link = event.target()?.dyn_into::<Element>().ok()?.closest("a[href]").ok()??;
    let link = link.dyn_into::<HtmlAnchorElement>().ok()?;
    let stays =
        link.target().is_empty() && link.rel() != "external" && !link.has_attribute("download");
    let same_origin = window().location().origin().is_ok_and(|origin| origin == link.origin());
    (stays && same_origin && link.hash().is_empty()).then(|| link.pathname())
}
