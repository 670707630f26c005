//! Where the page is: a path and a query, changed by links, by the browser's buttons, and by
//! nothing else. A link to another page keeps the query.
//!
//! Six flat routes need no router of nested, typed and asynchronous ones: leptos_router took 40 KB
//! (brotli) of the 250 that the page may weigh.

use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::query::{MODEL, carried, parameters};
use crate::routes::Route;
use crate::signals::RwSignal;

/// Signals of the path and of the query; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    path: RwSignal<String>,
    /// Empty, or from its question mark on.
    query: RwSignal<String>,
}

/// Reads the path, follows links and the browser's buttons, and makes the location available.
pub(crate) fn provide_location() -> Location {
    let (path, query) = current();
    let location = Location { path: RwSignal::new(path), query: RwSignal::new(query) };
    let on_popstate = EventListener::new(&window(), "popstate", move |_| location.show(current()));
    let options = EventListenerOptions::enable_prevent_default();
    let on_click = EventListener::new_with_options(&document(), "click", options, move |event| {
        if let Some((path, query)) = followed_link(event) {
            event.prevent_default();
            location.go(path, &query);
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

    /// The parameters of the query, decoded.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        self.query.with(|query| parameters(query))
    }

    /// The model that the query asks for.
    pub(crate) fn model(&self) -> Option<String> {
        let mut parameters = self.query.with_untracked(|query| parameters(query)).into_iter();
        parameters.find(|(name, _)| name == MODEL).map(|(_, id)| id)
    }

    fn go(&self, path: String, link_query: &str) {
        let query = self.query.with_untracked(|current| carried(current, link_query));
        let (before, query_before) = (self.path.get_untracked(), self.query.get_untracked());
        if (&before, &query_before) == (&path, &query) {
            return;
        }
        let address = format!("{path}{query}");
        let pushed = window()
            .history()
            .and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&address)));
        if pushed.is_ok() {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            self.show((path, query));
        }
    }

    /// Signals that stay as they are wake nobody.
    fn show(&self, (path, query): (String, String)) {
        for (signal, value) in [(self.path, path), (self.query, query)] {
            if signal.with_untracked(|before| *before != value) {
                signal.set(value);
            }
        }
    }
}

/// Path and query of the address.
fn current() -> (String, String) {
    let location = window().location();
    (location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// Path and query of the page that a click asks for, if it is an ordinary click on a link to one. Links
/// marked `rel="external"` go to the server, and so does what the user opens in a new tab.
fn followed_link(event: &web_sys::Event) -> Option<(String, String)> {
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
    (stays && same_origin && link.hash().is_empty()).then(|| (link.pathname(), link.search()))
}
