//! How far the training is.

use model_core::Stage;

use super::families::family_name;
use super::format::duration;
use crate::i18n::t;
use crate::training::{Step, StepProgress};

/// Share of the whole training that is done, 0 to 1: models count alike.
pub(crate) fn fraction(progress: &StepProgress) -> f64 {
    let within = match &progress.step {
        Step::Forecast { .. } => 0.0,
        Step::Stage { n_done, n_stages, share, .. } => {
            let done = f64::from(*n_done) + share.clamp(0.0, 1.0);
            (done / f64::from((*n_stages).max(1))).min(1.0)
        }
    };
    let models = f64::from(progress.n_models.max(1));
    ((f64::from(progress.n_done) + within) / models).clamp(0.0, 1.0)
}

/// What is being done, in words; how far, once that is more than nothing, and how long it takes yet.
pub(crate) fn sentence(progress: &StepProgress) -> String {
    let family = family_name(progress.family);
    let words = match &progress.step {
        Step::Forecast { n_rows } => {
            t!("{family}: trying {n_rows} rows, to know how long all of them take", family, n_rows)
        }
        Step::Stage { stage, n_done, n_stages, share } => {
            let words = t!(
                "{family} ({nth} of {n_models}): {stage}, step {step} of {n_steps}",
                family,
                nth = progress.n_done + 1,
                n_models = progress.n_models,
                stage = stage_name(*stage),
                step = (n_done + 1).min(*n_stages),
                n_steps = n_stages,
            );
            match (100.0 * share.clamp(0.0, 1.0)) as u32 {
                0 => words,
                percent => t!("{words}, {percent}\u{a0}% of it", words, percent),
            }
        }
    };
    match progress.seconds_left {
        Some(seconds) => t!("{words} · about {time} left", words, time = duration(seconds)),
        None => words,
    }
}

/// What a training does at one time, in words.
fn stage_name(stage: Stage) -> String {
    match stage {
        Stage::CrossValidate { fold, n_folds } => {
            t!("fold {fold} of {n_folds}", fold = fold + 1, n_folds)
        }
        Stage::Fit => t!("fit").to_owned(),
        Stage::Calibrate => t!("calibrate").to_owned(),
        Stage::Evaluate => t!("evaluate").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view_models::format::NBSP;
    use model_core::Family;

    fn at(n_done: u32, stages_done: u32, share: f64) -> StepProgress {
        let stage = Stage::CrossValidate { fold: 1, n_folds: 5 };
        StepProgress {
            n_done,
            n_models: 3,
            family: Family::RandomForest,
            step: Step::Stage { stage, n_done: stages_done, n_stages: 8, share },
            seconds_left: None,
        }
    }

    #[test]
    fn progress_only_grows_and_ends_at_one() {
        let step = Step::Forecast { n_rows: 500 };
        let forecast = StepProgress { step, ..at(0, 0, 0.0) };
        let steps = (0..3).flat_map(|model| (0..=8).map(move |done| (model, done)));
        let steps =
            steps.flat_map(|(model, done)| [0.0, 0.3, 1.0].map(|share| at(model, done, share)));
        let fractions: Vec<f64> =
            std::iter::once(forecast).chain(steps).map(|progress| fraction(&progress)).collect();
        assert!(fractions.is_sorted());
        assert_eq!(fractions.first(), Some(&0.0));
        assert_eq!(fractions.last(), Some(&1.0));
    }

    #[test]
    fn the_sentence_names_family_stage_and_what_is_left() {
        let words = |progress: &StepProgress| sentence(progress).replace(NBSP, " ");
        assert_eq!(words(&at(1, 1, 0.0)), "Random forest (2 of 3): fold 2 of 5, step 2 of 8");
        let expected = "Random forest (2 of 3): fold 2 of 5, step 2 of 8, 41 % of it";
        assert_eq!(words(&at(1, 1, 0.419)), expected);
        let left = StepProgress { seconds_left: Some(12.4), ..at(1, 1, 0.0) };
        assert!(words(&left).ends_with("step 2 of 8 · about 12 seconds left"));
        let step = Step::Forecast { n_rows: 500 };
        let trying = words(&StepProgress { step, ..at(0, 0, 0.0) });
        assert_eq!(trying, "Random forest: trying 500 rows, to know how long all of them take");
    }
}
