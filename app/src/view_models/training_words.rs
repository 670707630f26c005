//! What is said of a training: why there are no models, or not those that were asked for.

use model_core::Family;
use model_core::pipeline::{DerivedFeatures, PreprocessingParams};

use super::families::family_name;
use super::format::{count, duration, words};
use crate::i18n::{key, t, text};
use crate::storage::fault::StorageFault;
use crate::training::{Fault, Leaderboard, Shortfall};

pub(crate) const NOT_LOADED: &str = key!(
    "The trainer could not be loaded. It is fetched the first time you train: check the connection and try again."
);
pub(crate) const BROKE: &str = key!(
    "The training broke off: it may need more memory than this browser has. Train fewer families, or on fewer rows or columns, and try again."
);
pub(crate) const NO_DATA: &str = key!(
    "There is nothing to train on: the file on Data could not be read. See there what stands in the way, or train on the built-in data."
);
pub(crate) const CANCELLED: &str = key!("Cancelled. The models from before are unchanged.");

pub(crate) const LOADING: &str = key!("Loading the trainer and the data");
pub(crate) const SETTINGS_WRONG: &str = key!(
    "Something in the settings on the page Train is not right yet: it says there what is expected."
);
pub(crate) const BUILT_IN: &str = key!("Iris, built in");
pub(crate) const TRAINS_ON_IRIS: &str = key!("Trains on the built-in Iris.");
pub(crate) const BRING_DATA: &str = key!("Bring a table of your own");
pub(crate) const SEE_DATA: &str = key!("See it on Data");
pub(crate) const INTRODUCTION: &str = key!(
    "Train a model of every family here, from logistic regression to gradient boosting, in a worker of this tab, and let the best of them answer."
);

pub(crate) const SETTINGS: &str = key!("Settings");
pub(crate) const STATE_DEFAULT: &str =
    key!("families, their parameters, folds, time: all as they come");
pub(crate) const STATE_CHANGED: &str = key!("some are changed");
pub(crate) const STATE_WRONG: &str = key!("something is not right yet");
pub(crate) const SAME_BITS: &str = key!(
    "Random forest and gradient boosting take columns as they are; the others see them standardised with the training part's means and deviations. The same rows, settings and seed give the same split, folds and models, to the last bit, in the browser, at the edge and on the command line."
);
pub(crate) const RESET: &str = key!("Back to the defaults");
pub(crate) const FAMILIES: &str = key!("Families");
pub(crate) const SPLIT_AND_TIME: &str = key!("Rows, folds and time");
pub(crate) const LEDE: &str = key!(
    "One stratified split for all families. The choice is made by cross-validation on the training part; the test part is looked at once."
);

/// What opens the parameters of a family; `n_changed` of them are changed.
pub(crate) fn parameters(family: Family, n_changed: usize) -> String {
    let parameters = match family {
        Family::LogisticRegression => t!("Parameters of logistic regression"),
        Family::RandomForest => t!("Parameters of random forest"),
        Family::Svm => t!("Parameters of SVM"),
        Family::KNearestNeighbors => t!("Parameters of nearest neighbours"),
        Family::GaussianNb => t!("Parameters of naive Bayes"),
        Family::GradientBoosting => t!("Parameters of gradient boosting"),
    };
    match n_changed {
        0 => parameters.to_owned(),
        1 => t!("{parameters} · 1 is changed", parameters),
        n => t!("{parameters} · {n} are changed", parameters, n),
    }
}

/// The heading once there are `n` models of the data set `name`.
pub(crate) fn trained_in(n: usize, name: &str, time: &str) -> String {
    t!("{n} models of {name}, trained in this tab in {time}", n, name, time)
}

/// The heading while a table waits for its first models.
pub(crate) fn no_model_of(name: &str) -> String {
    t!("No model of {name} yet", name)
}

fn candidates(board: &Leaderboard) -> String {
    count(board.n_trials as usize, t!("candidate"), t!("candidates"))
}

/// How far a search is.
pub(crate) fn searching(board: &Leaderboard) -> String {
    t!(
        "Looking for better parameters: {candidates} tried, about {time} left",
        candidates = candidates(board),
        time = duration(board.seconds_left)
    )
}

/// The heading of what a search found.
pub(crate) fn found(board: &Leaderboard) -> String {
    t!("The best of {candidates}", candidates = candidates(board))
}

/// What a candidate does to the rows first; nothing if that is nothing.
pub(crate) fn preprocessing(params: PreprocessingParams) -> String {
    let derived = match params.derived {
        DerivedFeatures::None => "",
        DerivedFeatures::Ratios => t!("with ratios"),
        DerivedFeatures::Products => t!("with products"),
        DerivedFeatures::RatiosAndProducts => t!("with ratios and products"),
    };
    let selected = params.select.map(|n| {
        t!("the best {columns}", columns = count(n as usize, t!("column"), t!("columns")))
    });
    let parts = [derived.to_owned(), selected.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The data set of Data, in a list.
pub(crate) fn from_data(name: &str) -> String {
    t!("{name}, from Data", name)
}

/// The button that trains on a data set of this name.
pub(crate) fn train_on(name: &str) -> String {
    t!("Train on {name}", name)
}

/// Why this model answers, of those that learnt `target`.
pub(crate) fn chosen_by(target: &str) -> String {
    t!(
        "The model with the least log loss in cross-validation answers: the one that gave the true {target} the most probability. Choose another to let that one answer.",
        target = words(target)
    )
}

/// What went wrong with a training, and what to do.
pub(crate) fn fault(fault: &Fault) -> String {
    match fault {
        Fault::NotLoaded => text(NOT_LOADED).to_owned(),
        Fault::Broke => text(BROKE).to_owned(),
        Fault::NoData => text(NO_DATA).to_owned(),
        Fault::BadArtifact(why) => t!(
            "The trainer sent a model that cannot be read: {why}. Reload the page and try again.",
            why
        ),
        Fault::Refused(why) => t!("The training was refused: {why}.", why),
        Fault::NoModel(short) => {
            let no_model = t!("No model could be trained.").to_owned();
            std::iter::once(no_model).chain(shortfalls(short)).collect::<Vec<_>>().join(" ")
        }
    }
}

/// What is said of models that are not what was asked for.
pub(crate) fn shortfalls(short: &[(Family, Shortfall)]) -> Vec<String> {
    short.iter().map(|(family, short)| shortfall(*family, short)).collect()
}

fn shortfall(family: Family, short: &Shortfall) -> String {
    let family = family_name(family);
    match short {
        Shortfall::LeftOut { seconds } => t!(
            "{family} was left out: it would take about {time}. Give it more time in the settings, or fewer rows.",
            family,
            time = duration(*seconds)
        ),
        Shortfall::Sampled { n_rows, of, seconds } => t!(
            "{family} was trained on {rows} of {all}: all of them would take about {time}. Give it more time in the settings to train on all.",
            family,
            rows = count(*n_rows as usize, t!("row"), t!("rows")),
            all = of,
            time = duration(*seconds)
        ),
        Shortfall::Failed(why) => t!("{family} could not be trained: {why}.", family, why),
    }
}

/// That this browser could not keep the models, or which of them answers, and why.
pub(crate) fn not_kept(fault: &StorageFault) -> String {
    t!(
        "The models are here as long as this tab is open; a reload will not find them. {why} To keep a model, save its file.",
        why = fault.words()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::format::NBSP;

    #[test]
    fn what_falls_short_says_by_how_much_and_what_to_do() {
        let words = |short| shortfall(Family::Svm, &short).replace(NBSP, " ");
        let sampled = words(Shortfall::Sampled { n_rows: 4_000, of: 80_000, seconds: 200.0 });
        assert!(sampled.starts_with("SVM was trained on 4000 rows of 80000"), "{sampled}");
        assert!(sampled.contains("3 minutes"), "{sampled}");
        let left_out = words(Shortfall::LeftOut { seconds: 4_000.0 });
        assert!(left_out.contains("left out") && left_out.contains("settings"), "{left_out}");
        let failed = (Family::Svm, Shortfall::Failed("k is 9".to_owned()));
        let words = fault(&Fault::NoModel(vec![failed]));
        assert_eq!(words, "No model could be trained. SVM could not be trained: k is 9.");
    }
}
