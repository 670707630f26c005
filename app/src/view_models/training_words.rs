//! What is said of a training: why there are no models, or not those that were asked for.

use model_core::pipeline::{DerivedFeatures, PreprocessingParams};

use super::format::{count, duration, words};
use crate::training::{Leaderboard, Shortfall};

pub(crate) const NOT_LOADED: &str = "The trainer could not be loaded. It is fetched the first time you train: check the connection and try again.";
pub(crate) const BROKE: &str = "The training broke off: it may need more memory than this browser has. Train fewer families, or on fewer rows or columns, and try again.";
pub(crate) const NO_DATA: &str = "There is nothing to train on: the file on Data could not be read. See there what stands in the way, or train on the built-in data.";
pub(crate) const CANCELLED: &str = "Cancelled. The models from before are unchanged.";

pub(crate) const LOADING: &str = "Loading the trainer and the data";
pub(crate) const SETTINGS_WRONG: &str =
    "Something in the settings on the page Train is not right yet: it says there what is expected.";
pub(crate) const BUILT_IN: &str = "Iris, built in";
pub(crate) const TRAINS_ON_IRIS: &str = "Trains on the built-in Iris.";
pub(crate) const BRING_DATA: &str = "Bring a table of your own";
pub(crate) const SEE_DATA: &str = "See it on Data";
pub(crate) const INTRODUCTION: &str = "Train a model of every family here, from logistic regression to gradient boosting, in a worker of this tab, and let the best of them answer.";

pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const STATE_DEFAULT: &str = "families, their parameters, folds, time: all as they come";
pub(crate) const STATE_CHANGED: &str = "some are changed";
pub(crate) const STATE_WRONG: &str = "something is not right yet";
pub(crate) const SAME_BITS: &str = "Random forest and gradient boosting take columns as they are; the others see them standardised with the training part's means and deviations. The same rows, settings and seed give the same split, folds and models, to the last bit, in the browser, at the edge and on the command line.";
pub(crate) const RESET: &str = "Back to the defaults";
pub(crate) const FAMILIES: &str = "Families";
pub(crate) const SPLIT_AND_TIME: &str = "Rows, folds and time";
pub(crate) const LEDE: &str = "One stratified split for all families. The choice is made by cross-validation on the training part; the test part is looked at once.";

/// What opens the parameters of a family.
pub(crate) fn parameters(label: &str) -> String {
    format!(
        "Parameters of {}",
        label.chars().next().map_or(String::new(), |first| {
            let is_acronym = label.chars().all(char::is_uppercase);
            let first =
                if is_acronym { first.to_string() } else { first.to_lowercase().to_string() };
            format!("{first}{}", label.chars().skip(1).collect::<String>())
        })
    )
}

/// How far a search is.
pub(crate) fn searching(board: &Leaderboard) -> String {
    format!(
        "Looking for better parameters: {} tried, about {} left",
        count(board.n_trials as usize, "candidate", "candidates"),
        duration(board.seconds_left)
    )
}

/// The heading of what a search found.
pub(crate) fn found(board: &Leaderboard) -> String {
    format!("The best of {}", count(board.n_trials as usize, "candidate", "candidates"))
}

/// What a candidate does to the rows first; nothing if that is nothing.
pub(crate) fn preprocessing(params: PreprocessingParams) -> String {
    let derived = match params.derived {
        DerivedFeatures::None => "",
        DerivedFeatures::Ratios => "with ratios",
        DerivedFeatures::Products => "with products",
        DerivedFeatures::RatiosAndProducts => "with ratios and products",
    };
    let selected =
        params.select.map(|n| format!("the best {}", count(n as usize, "column", "columns")));
    let parts = [derived.to_owned(), selected.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The data set of Data, in a list.
pub(crate) fn from_data(name: &str) -> String {
    format!("{name}, from Data")
}

/// The button that trains on a data set of this name.
pub(crate) fn train_on(name: &str) -> String {
    format!("Train on {name}")
}

/// Why this model answers, of those that learnt `target`.
pub(crate) fn chosen_by(target: &str) -> String {
    format!(
        "The model with the least log loss in cross-validation answers: the one that gave the true {} the most probability. Choose another to let that one answer.",
        words(target)
    )
}

/// The trainer sent something that is no model.
pub(crate) fn bad_artifact(why: &str) -> String {
    format!("The trainer sent a model that cannot be read: {why}. Reload the page and try again.")
}

/// Nothing can be trained on these rows like that.
pub(crate) fn refused(why: &str) -> String {
    format!("The training was refused: {why}.")
}

/// No model came of it; `shortfalls` say why.
pub(crate) fn no_model(shortfalls: &[String]) -> String {
    let mut words = "No model could be trained.".to_owned();
    for shortfall in shortfalls {
        words.push(' ');
        words += shortfall;
    }
    words
}

/// A model that is not what was asked for.
pub(crate) fn shortfall(label: &str, short: &Shortfall) -> String {
    match short {
        Shortfall::LeftOut { seconds } => format!(
            "{label} was left out: it would take about {}. Give it more time in the settings, or fewer rows.",
            duration(*seconds)
        ),
        Shortfall::Sampled { n_rows, of, seconds } => format!(
            "{label} was trained on {} of {of}: all of them would take about {}. Give it more time in the settings to train on all.",
            count(*n_rows as usize, "row", "rows"),
            duration(*seconds)
        ),
        Shortfall::Failed(why) => format!("{label} could not be trained: {why}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::format::NBSP;

    #[test]
    fn what_falls_short_says_by_how_much_and_what_to_do() {
        let words = |short| shortfall("SVM", &short).replace(NBSP, " ");
        let sampled = words(Shortfall::Sampled { n_rows: 4_000, of: 80_000, seconds: 200.0 });
        assert!(sampled.starts_with("SVM was trained on 4000 rows of 80000"), "{sampled}");
        assert!(sampled.contains("3 minutes"), "{sampled}");
        let left_out = words(Shortfall::LeftOut { seconds: 4_000.0 });
        assert!(left_out.contains("left out") && left_out.contains("settings"), "{left_out}");
        let failed = words(Shortfall::Failed("k is 9".to_owned()));
        assert!(no_model(&[failed]).contains("SVM could not be trained: k is 9."));
    }
}
