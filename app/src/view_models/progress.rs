//! How far the training is.

use crate::training::StepProgress;

/// Share of the whole training that is done, 0 to 1: families count alike.
pub(crate) fn fraction(progress: &StepProgress) -> f64 {
    let within = f64::from(progress.steps_done) / f64::from(progress.n_steps.max(1));
    let families = f64::from(progress.n_families.max(1));
    ((f64::from(progress.family_index) + within) / families).clamp(0.0, 1.0)
}

/// What is being done, in words.
pub(crate) fn sentence(progress: &StepProgress) -> String {
    format!(
        "{} ({} of {}): {}, step {} of {}",
        progress.family_label,
        progress.family_index + 1,
        progress.n_families,
        progress.stage,
        (progress.steps_done + 1).min(progress.n_steps),
        progress.n_steps
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(family_index: u32, steps_done: u32) -> StepProgress {
        StepProgress {
            family_index,
            n_families: 3,
            family_label: "Random forest".into(),
            stage: "fold 2 of 5".into(),
            steps_done,
            n_steps: 8,
        }
    }

    #[test]
    fn progress_only_grows_and_ends_at_one() {
        let fractions: Vec<f64> = (0..3)
            .flat_map(|family| (0..=8).map(move |done| fraction(&step(family, done))))
            .collect();
        assert!(fractions.is_sorted());
        assert_eq!(fractions.first(), Some(&0.0));
        assert_eq!(fractions.last(), Some(&1.0));
    }

    #[test]
    fn the_sentence_names_family_and_stage() {
        assert_eq!(sentence(&step(1, 1)), "Random forest (2 of 3): fold 2 of 5, step 2 of 8");
    }
}
