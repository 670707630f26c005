//! One training from its first slice to the artifact.

use model_core::split::Split;
use model_core::{Dataset, Progress, Receipt, Stage, TrainError, TrainParams, Training};

use super::Step;
use super::schedule::{Host, Reporter};

/// How long a training goes on before it tells the page again how far it is.
const BREATH_MILLIS: f64 = 100.0;

/// The artifact's bytes; `seconds` is how long it was forecast to take.
///
/// # Errors
/// What the library says against it.
pub(super) fn train<H: Host>(
    dataset: &Dataset,
    split: Split,
    params: TrainParams,
    seconds: Option<f64>,
    reporter: &Reporter<'_, H>,
) -> Result<Vec<u8>, TrainError> {
    let host = reporter.host;
    let label = params.family.family().label();
    let mut training = Training::with_split(dataset, params, split)?;
    let mut receipt = Receipt {
        created_at_millis: host.wall_clock_millis(),
        fit_millis: 0.0,
        calibration_millis: 0.0,
        host: "browser".to_owned(),
    };
    let began = host.now_millis();
    let mut told: Option<(Stage, f64)> = None;
    while let Some(progress) = training.progress() {
        let started = host.now_millis();
        let stage = progress.stage;
        if told.is_none_or(|(of, at)| of != stage || started - at >= BREATH_MILLIS) {
            let own = seconds.map(|all| (all - (started - began) / 1e3).max(0.0));
            reporter.tell(label, step(&progress), own);
            told = Some((stage, started));
        }
        training.step()?;
        let elapsed = host.now_millis() - started;
        match stage {
            Stage::Fit => receipt.fit_millis += elapsed,
            Stage::Calibrate => receipt.calibration_millis += elapsed,
            Stage::CrossValidate { .. } | Stage::Evaluate => {}
        }
    }
    Ok(training.finish()?.with_receipt(receipt).to_bytes())
}

fn step(progress: &Progress) -> Step {
    Step::Stage {
        stage: progress.stage.to_string(),
        n_done: progress.steps_done as u32,
        n_stages: progress.n_steps as u32,
        share: progress.stage_share,
    }
}
