//! The first visit: three steps from somebody else's flower to a model of one's own, and how far one is.

use crate::i18n::t;
use crate::routes::Route;

/// A step of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something was entered on Classify.
    Classify,
    /// A table was opened on Data.
    Data,
    /// Models were trained.
    Train,
}

/// What the page knows of a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// A measurement was entered.
    pub(crate) has_measured: bool,
    /// There is a table on Data.
    pub(crate) has_data: bool,
    /// Models were trained.
    pub(crate) has_trained: bool,
}

impl Step {
    /// In the order of the path.
    pub(crate) const ALL: [Self; 3] = [Self::Classify, Self::Data, Self::Train];

    /// Where it is taken.
    pub(crate) const fn route(self) -> Route {
        match self {
            Self::Classify => Route::Classify,
            Self::Data => Route::Data,
            Self::Train => Route::Train,
        }
    }

    /// What it is.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Classify => t!("Classify an iris"),
            Self::Data => t!("Open a table"),
            Self::Train => t!("Train on it"),
        }
    }

    /// What to do.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Classify => t!("Move a slider, and the answer follows."),
            Self::Data => t!("Drop a CSV file of yours, or take Penguins with a click."),
            Self::Train => t!("One click; the best model then answers on Classify."),
        }
    }

    /// Whether somebody of whom this is known has taken it.
    pub(crate) const fn is_done(self, seen: Seen) -> bool {
        match self {
            Self::Classify => seen.has_measured,
            Self::Data => seen.has_data,
            Self::Train => seen.has_trained,
        }
    }

    /// The one that is to be taken: after the furthest that was, and not before the one whose page, `shown`, is; none
    /// at the end of the path.
    pub(crate) fn next(seen: Seen, shown: Option<Route>) -> Option<Self> {
        let n_behind = Self::ALL.iter().rposition(|step| step.is_done(seen)).map_or(0, |it| it + 1);
        let here = Self::ALL.iter().position(|step| Some(step.route()) == shown);
        Self::ALL.into_iter().nth(n_behind.max(here.unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_followed_from_wherever_one_is() {
        let nothing = Seen::default();
        assert_eq!(Step::next(nothing, None), Some(Step::Classify));
        assert_eq!(Step::next(Seen { has_measured: true, ..nothing }, None), Some(Step::Data));
        // Who came with a table does not go back to the flower.
        let with_table = Seen { has_data: true, ..nothing };
        assert_eq!(Step::next(with_table, Some(Route::Classify)), Some(Step::Train));
        // Who is on Data without having measured is not sent back either.
        assert_eq!(Step::next(nothing, Some(Route::Data)), Some(Step::Data));
        assert_eq!(Step::next(with_table, Some(Route::Data)), Some(Step::Train));
        assert_eq!(Step::next(nothing, Some(Route::Runs)), Some(Step::Classify));
        // And is not told to have taken a step that nobody took.
        assert!(!Step::Classify.is_done(with_table));
        assert_eq!(Step::next(Seen { has_trained: true, ..nothing }, None), None);
    }

    #[test]
    fn static_first_paint_begins_the_path() {
        let html = include_str!("../../index.html");
        for step in Step::ALL {
            assert!(html.contains(step.name()), "{step:?}");
        }
        assert!(html.contains(Step::Classify.words()));
    }
}
