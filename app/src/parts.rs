//! What the page loads on first use: its views, and how one gets here.
//!
//! The entry holds what Classify needs to be used. Every other view lies in a part, a wasm file of
//! its own that the build cuts out of the program (ADR 0011). This library knows views and a
//! loader; which view lies in which part is said by the binary alone, because a split point exports its
//! function from whatever links it, and tests link this library too.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::alternatives_panel::AlternativePanels;
use crate::components::edge_panel::EdgePanel;
use crate::components::file_panel::FilePanel;
use crate::components::first_steps::FirstSteps;
use crate::components::language_choice::LanguageChoice;
use crate::components::offline::OfflineStatus;
use crate::components::remote_answer::RemoteAnswer;
use crate::components::served_model::ServedModel;
use crate::components::set_words::SetWords;
use crate::components::share_link::ShareLink;
use crate::components::training_panels::TrainingPanels;
use crate::components::true_class::TrueClass;
use crate::components::why_panel::WhyPanel;
use crate::i18n::{t, text};
use crate::not_loaded::NotLoaded;
use crate::pages::data::DataPage;
use crate::pages::monitor::MonitorPage;
use crate::pages::registry::RegistryPage;
use crate::pages::runs::RunsPage;
use crate::pages::train::TrainPage;
use crate::routes::Route;
use crate::view::view;
use crate::view_models::{file_words, why_words};

/// Something that is drawn by a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LazyView {
    /// What the answer on Classify rests on, below it.
    Why,
    /// "Ask the edge", in the answer on Classify.
    Edge,
    /// What else the answer could be, below it on Classify.
    Alternatives,
    /// A file of rows, answered.
    File,
    /// Takes the model that this site serves, if that is another than the built-in one.
    ServedModel,
    /// The answer of a model that is at the edge alone.
    RemoteAnswer,
    /// Retraining and what came of it, below the answer on Classify.
    TrainingPanels,
    /// The first visit's path, above the pages that it leads to.
    FirstSteps,
    /// At the foot of the page: itself in another language, offline and in a newer version.
    Languages,
    /// The page Data.
    Data,
    /// The page Train.
    Train,
    /// The page Runs.
    Runs,
    /// The page Registry.
    Registry,
    /// The page Monitor.
    Monitor,
}

impl LazyView {
    /// The view that is the page at `route`; none if the entry draws it.
    pub(crate) const fn of_route(route: Route) -> Option<Self> {
        match route {
            Route::Classify => None,
            Route::Data => Some(Self::Data),
            Route::Train => Some(Self::Train),
            Route::Runs => Some(Self::Runs),
            Route::Registry => Some(Self::Registry),
            Route::Monitor => Some(Self::Monitor),
        }
    }

    /// What it is called until it is there.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Why => text(why_words::WHY),
            Self::Edge => t!("At the edge"),
            Self::Alternatives => text(why_words::ALTERNATIVES),
            Self::File => text(file_words::HEADING),
            Self::ServedModel => text(why_words::SERVED),
            Self::RemoteAnswer => t!("Answer"),
            Self::TrainingPanels => t!("Models"),
            Self::FirstSteps => t!("First steps"),
            Self::Languages => t!("Language"),
            Self::Data => Route::Data.label(),
            Self::Train => Route::Train.label(),
            Self::Runs => Route::Runs.label(),
            Self::Registry => Route::Registry.label(),
            Self::Monitor => Route::Monitor.label(),
        }
    }

    /// Whether it is a page, and so has the first heading.
    pub(crate) const fn is_page(self) -> bool {
        match self {
            Self::Data | Self::Train | Self::Runs | Self::Registry | Self::Monitor => true,
            Self::Why
            | Self::Edge
            | Self::Alternatives
            | Self::File
            | Self::ServedModel
            | Self::RemoteAnswer
            | Self::TrainingPanels
            | Self::FirstSteps
            | Self::Languages => false,
        }
    }
}

/// Draws a view; calling it takes nothing but what was loaded.
pub type Draw = fn() -> AnyView;

/// A view on its way here.
pub type Loading = Pin<Box<dyn Future<Output = Result<Draw, NotLoaded>>>>;

/// How a view is loaded: at once if its part is here, and anew if it failed before.
#[derive(Clone, Copy)]
pub(crate) struct Parts(fn(LazyView) -> Loading);

/// Makes the loader available to every page.
pub(crate) fn provide_parts(load: fn(LazyView) -> Loading) {
    provide_context(Parts(load));
}

/// Where [`shared`] keeps what views share.
#[derive(Clone)]
struct Shared(Owner);

/// Lets views of parts share state. Whatever they take from the page has to be provided by now.
pub(crate) fn provide_shared() {
    provide_context(Shared(Owner::current().unwrap_or_default()));
}

/// State that several views of a part share: made by the first that asks, and there as long as the page is.
/// The entry need not know of it.
pub(crate) fn shared<T: Clone + Send + Sync + 'static>(make: impl FnOnce() -> T) -> T {
    let Shared(page) = expect_context();
    page.with(|| {
        use_context().unwrap_or_else(|| {
            let made = make();
            provide_context(made.clone());
            made
        })
    })
}

/// The loader that [`provide_parts`] made available.
pub(crate) fn use_parts() -> Parts {
    expect_context()
}

impl Parts {
    /// The view.
    ///
    /// # Errors
    /// [`NotLoaded`] if its part does not arrive; the next call tries again.
    pub(crate) async fn load(self, view: LazyView) -> Result<Draw, NotLoaded> {
        (self.0)(view).await
    }

    /// Fetches what the page at `route` will need. A failure is told when the page is opened.
    pub(crate) fn prefetch(self, route: Route) {
        if let Some(view) = LazyView::of_route(route) {
            spawn_local(async move {
                let _ = self.load(view).await;
            });
        }
    }
}

/// Draws [`LazyView::Why`].
pub fn why_panel() -> AnyView {
    view! { <WhyPanel /> }
}

/// Draws [`LazyView::Edge`].
pub fn edge_panel() -> AnyView {
    view! {
        <TrueClass />
        <SetWords />
        <EdgePanel />
        <ShareLink />
    }
}

/// Draws [`LazyView::Alternatives`].
pub fn alternative_panels() -> AnyView {
    view! { <AlternativePanels /> }
}

/// Draws [`LazyView::File`].
pub fn file_panel() -> AnyView {
    view! { <FilePanel /> }
}

/// Draws [`LazyView::ServedModel`].
pub fn served_model() -> AnyView {
    view! { <ServedModel /> }
}

/// Draws [`LazyView::RemoteAnswer`].
pub fn remote_answer() -> AnyView {
    view! {
        <RemoteAnswer />
    }
}

/// Draws [`LazyView::TrainingPanels`].
pub fn training_panels() -> AnyView {
    view! { <TrainingPanels /> }
}

/// Draws [`LazyView::FirstSteps`].
pub fn first_steps() -> AnyView {
    view! { <FirstSteps /> }
}

/// Draws [`LazyView::Languages`].
pub fn languages() -> AnyView {
    view! {
        <LanguageChoice />
        <OfflineStatus />
    }
}

/// Draws [`LazyView::Data`].
pub fn data_page() -> AnyView {
    view! { <DataPage /> }
}

/// Draws [`LazyView::Train`].
pub fn train_page() -> AnyView {
    view! { <TrainPage /> }
}

/// Draws [`LazyView::Runs`].
pub fn runs_page() -> AnyView {
    view! { <RunsPage /> }
}

/// Draws [`LazyView::Registry`].
pub fn registry_page() -> AnyView {
    view! { <RegistryPage /> }
}

/// Draws [`LazyView::Monitor`].
pub fn monitor_page() -> AnyView {
    view! { <MonitorPage /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_but_the_first_is_loaded_on_first_use() {
        for route in Route::ALL {
            let view = LazyView::of_route(route);
            assert_eq!(view.is_none(), route == Route::Classify, "{route:?}");
            assert!(view.is_none_or(|view| view.is_page() && view.name() == route.label()));
        }
    }
}
