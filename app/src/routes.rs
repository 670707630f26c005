//! The page's routes: one list that navigation, router and document titles share. Their paths are
//! those that the Worker serves the page at.

use tepal_api::pages;

use crate::i18n::t;

/// A page of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Classify a flower (the default).
    Classify,
    /// The data set.
    Data,
    /// Train and compare.
    Train,
    /// Past trainings.
    Runs,
    /// Published versions.
    Registry,
    /// Traffic and drift.
    Monitor,
}

impl Route {
    /// In the order of the navigation.
    pub(crate) const ALL: [Self; 6] =
        [Self::Classify, Self::Data, Self::Train, Self::Runs, Self::Registry, Self::Monitor];

    /// Absolute path.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Classify => pages::CLASSIFY,
            Self::Data => pages::DATA,
            Self::Train => pages::TRAIN,
            Self::Runs => pages::RUNS,
            Self::Registry => pages::REGISTRY,
            Self::Monitor => pages::MONITOR,
        }
    }

    /// Name in the navigation.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Classify => t!("Classify"),
            Self::Data => t!("Data"),
            Self::Train => t!("Train"),
            Self::Runs => t!("Runs"),
            Self::Registry => t!("Registry"),
            Self::Monitor => t!("Monitor"),
        }
    }

    /// The route that `path` names; a trailing slash does not matter.
    pub(crate) fn from_path(path: &str) -> Option<Self> {
        let page = pages::named(path)?;
        Self::ALL.into_iter().find(|route| route.path() == page)
    }

    /// Title of the document at `path`.
    pub(crate) fn document_title(path: &str) -> String {
        let page = Self::from_path(path).map_or_else(|| t!("Page not found"), Self::label);
        format!("Tepal: {page}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_back_to_its_route() {
        for route in Route::ALL {
            assert_eq!(Route::from_path(route.path()), Some(route));
        }
        assert_eq!(Route::from_path("/train/"), Some(Route::Train));
        assert_eq!(Route::from_path("/trains"), None);
    }

    /// What the Worker answers with the page, the page has, and the other way round.
    #[test]
    fn routes_are_the_pages_that_the_worker_serves() {
        assert_eq!(Route::ALL.map(Route::path), pages::ALL);
    }

    #[test]
    fn titles_name_the_page() {
        assert_eq!(Route::document_title("/"), "Tepal: Classify");
        assert_eq!(Route::document_title("/nowhere"), "Tepal: Page not found");
    }

    #[test]
    fn static_first_paint_has_the_same_navigation() {
        let html = include_str!("../index.html");
        for route in Route::ALL {
            let link = format!("href=\"{}\"", route.path());
            assert!(html.contains(&link), "{link} is missing from index.html");
            assert!(html.contains(&format!(">{}</a>", route.label())), "{route:?}");
        }
    }
}
