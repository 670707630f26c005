//! What every page stands in: skip link, header with navigation, main part, footer.

use leptos::prelude::*;

use crate::components::focus::{focus, focus_id};
use crate::components::lazy::Later;
use crate::components::notice::{Notice, NoticeKind};
use crate::i18n::t;
use crate::parts::{LazyView, use_parts};
use crate::routes::Route;
use crate::signals::Memo;
use crate::state::library::{Origin, use_library};
use crate::state::location::use_location;
use crate::view::view;
use crate::view_models::families::served_family;
use crate::view_models::first_steps::Step;

/// Header, `children` as the main part, footer.
#[component]
pub(crate) fn Shell(children: Children) -> impl IntoView {
    follow_route();
    let (library, location) = (use_library(), use_location());
    let notice = move || {
        library.notice().map(|text| {
            let dismiss = Callback::new(move |()| library.dismiss_notice());
            view! { <Notice kind=NoticeKind::Warning text=text on_dismiss=dismiss /> }
        })
    };
    let is_on_path =
        Memo::new(move || Step::ALL.iter().any(|step| Some(step.route()) == location.route()));
    let first_steps = move || {
        is_on_path.get().then(|| {
            view! { <div class="first-steps-place"><Later view=LazyView::FirstSteps /></div> }
        })
    };
    view! {
        <a class="skip-link" href="#main" on:click=skip_to_main>{t!("Skip to the content")}</a>
        <Masthead />
        <main id="main" tabindex="-1">
            {move || notice()}
            {move || first_steps()}
            {children()}
        </main>
        <footer class="colophon">
            <span>{t!("Nothing leaves this tab unless you ask the edge.")}</span>
            <a href="/docs" rel="external">{t!("API documentation")}</a>
            <a href="/openapi.json" rel="external">"OpenAPI"</a>
            <Later view=LazyView::Languages />
        </footer>
    }
}

#[component]
fn Masthead() -> impl IntoView {
    let location = use_location();
    let parts = use_parts();
    let links = Route::ALL.map(|route| {
        let current = move || (location.route() == Some(route)).then_some("page");
        // Who points at a link mostly follows it a fifth of a second later.
        let prefetch = move || parts.prefetch(route);
        view! {
            <li>
                <a
                    href=route.path()
                    aria-current=move || current()
                    on:pointerenter=move |_| prefetch()
                    on:focus=move |_| prefetch()
                >
                    {route.label()}
                </a>
            </li>
        }
    });
    view! {
        <header class="masthead">
            <a class="wordmark" href="/" aria-label=t!("Tepal, to the start")>"Tepal"<span>"."</span></a>
            <nav class="main-nav" aria-label=t!("Main")>
                <ul>{links}</ul>
            </nav>
            <ModelBadge />
        </header>
    }
}

/// Which model answers, and where.
#[component]
fn ModelBadge() -> impl IntoView {
    let library = use_library();
    let id = move || library.answering_id();
    let words = move || {
        if let Some(remote) = library.remote() {
            return t!(
                "{family} · version {version} · at the edge",
                family = served_family(&remote.family),
                version = remote.version
            );
        }
        library.with_active(|model| {
            let origin = match model.origin {
                Origin::BuiltIn => t!("built-in"),
                Origin::Retrained => t!("retrained"),
                Origin::Served => t!("served here"),
            };
            t!("{name} · {origin} · in this tab", name = model.name(), origin)
        })
    };
    view! { <p class="model-badge" data-model-id=move || id()>{move || words()}</p> }
}

/// After a change of page: the title follows, and the focus goes to the new heading, where a
/// screen reader goes on reading. The first page keeps the browser's own focus.
fn follow_route() {
    let location = use_location();
    Effect::new(move |previous: Option<String>| {
        let path = location.path();
        document().set_title(&Route::document_title(&path));
        if previous.is_some_and(|previous| previous != path) {
            request_animation_frame(focus_heading);
        }
        path
    });
}

fn focus_heading() {
    if let Ok(Some(heading)) = document().query_selector("main h1") {
        focus(&heading);
    }
}

/// By hand: following the fragment would leave it in the address, and the focus where it was.
fn skip_to_main(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    focus_id("main");
}
