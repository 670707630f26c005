//! Looking for better parameters before the training, for as long as the user has time.

use model_core::split::Split;
use model_core::training::{Search, SearchParams, Trial};
use model_core::{Dataset, Family, TrainError};

use super::schedule::Host;
use super::{Leaderboard, Recipe, TrainEvent, TrialRow};

/// Trials that the leaderboard shows.
const SHOWN: usize = 10;
/// How often it is told.
const BREATH_MILLIS: f64 = 250.0;

/// The recipes with the best parameters found within `seconds`; those of a family for which none were
/// found stay as they are.
///
/// # Errors
/// What the library says against a search on this split.
pub(super) fn search(
    dataset: &Dataset,
    split: &Split,
    recipes: &[Recipe],
    seconds: f64,
    host: &impl Host,
) -> Result<Vec<Recipe>, TrainError> {
    let Some(first) = recipes.first() else { return Ok(Vec::new()) };
    let families: Vec<Family> = recipes.iter().map(|recipe| recipe.family.family()).collect();
    let params = SearchParams {
        test_size: first.test_size,
        cv_folds: first.cv_folds as usize,
        seed: first.seed,
        ..SearchParams::new(families)
    };
    let mut search = Search::with_split(dataset, params, split.clone())?;
    let began = host.now_millis();
    let mut told = f64::NEG_INFINITY;
    while search.next_step().is_some() {
        let now = host.now_millis();
        let left = seconds - (now - began) / 1e3;
        // What is not yet known of the defaults is worth waiting for.
        if left <= 0.0 && search.best(None).is_some() {
            break;
        }
        if now - told >= BREATH_MILLIS {
            host.tell(TrainEvent::Searching(leaderboard(&search, left.max(0.0))));
            told = now;
        }
        search.step();
    }
    host.tell(TrainEvent::Searching(leaderboard(&search, 0.0)));
    Ok(recipes.iter().map(|recipe| improved(recipe, &search)).collect())
}

fn improved(recipe: &Recipe, search: &Search<'_>) -> Recipe {
    let Some(best) = search.best(Some(recipe.family.family())) else { return recipe.clone() };
    let (family, preprocessing) = (best.params.family.clone(), best.params.preprocessing);
    Recipe { family, preprocessing, ..recipe.clone() }
}

fn leaderboard(search: &Search<'_>, seconds_left: f64) -> Leaderboard {
    let n_folds = search.split().folds.len() as u32;
    let row = |trial: &&Trial| TrialRow {
        family: trial.params.family.clone(),
        preprocessing: trial.params.preprocessing,
        accuracy: trial.accuracy(),
        log_loss: trial.log_loss(),
        n_folds: trial.folds().len() as u32,
    };
    let rows = search.leaderboard().iter().take(SHOWN).map(row).collect();
    Leaderboard { n_trials: search.trials().len() as u32, n_folds, seconds_left, rows }
}
