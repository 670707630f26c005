//! How far the training is.

use crate::training::StepProgress;

/// Share of the whole training that is done, 0 to 1: families count alike.
pub(crate) fn fraction(progress: &StepProgress) -> f64 {
    let done = f64::from(progress.steps_done) + progress.stage_share.clamp(0.0, 1.0);
    let within = (done / f64::from(progress.n_steps.max(1))).min(1.0);
    let families = f64::from(progress.n_families.max(1));
    ((f64::from(progress.family_index) + within) / families).clamp(0.0, 1.0)
}

/// What is being done, in words; how far, once that is more than nothing.
pub(crate) fn sentence(progress: &StepProgress) -> String {
    let stage = format!(
        "{} ({} of {}): {}, step {} of {}",
        progress.family_label,
        progress.family_index + 1,
        progress.n_families,
        progress.stage,
        (progress.steps_done + 1).min(progress.n_steps),
        progress.n_steps
    );
    match (100.0 * progress.stage_share.clamp(0.0, 1.0)) as u32 {
        0 => stage,
        percent => format!("{stage}, {percent} % of it"),
    }
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
            stage_share: 0.0,
        }
    }

    #[test]
    fn progress_only_grows_and_ends_at_one() {
        let shares = [0.0, 0.3, 1.0];
        let steps = (0..3).flat_map(|family| (0..=8).map(move |done| step(family, done)));
        let fractions: Vec<f64> = steps
            .flat_map(|step| {
                shares.map(|share| StepProgress { stage_share: share, ..step.clone() })
            })
            .map(|progress| fraction(&progress))
            .collect();
        assert!(fractions.is_sorted());
        assert_eq!(fractions.first(), Some(&0.0));
        assert_eq!(fractions.last(), Some(&1.0));
    }

    #[test]
    fn the_sentence_names_family_and_stage() {
        assert_eq!(sentence(&step(1, 1)), "Random forest (2 of 3): fold 2 of 5, step 2 of 8");
        let further = StepProgress { stage_share: 0.419, ..step(1, 1) };
        let expected = "Random forest (2 of 3): fold 2 of 5, step 2 of 8, 41 % of it";
        assert_eq!(sentence(&further), expected);
    }
}
