//! One training from its first slice to the artifact.

use model_core::split::Split;
use model_core::{Artifact, Dataset, Progress, Receipt, Stage, TrainError, TrainParams, Training};

use super::Step;
use super::schedule::{Host, Reporter};
use crate::test_rows::TestRows;

/// How long a training goes on before it tells the page again how far it is.
const BREATH_MILLIS: f64 = 100.0;

/// Numbers about held-out rows that a model is sent with at most, 8 MB: the page keeps them for every model. Of
/// more rows it shows those that the model file carries.
const MAX_NUMBERS: usize = 1_000_000;

/// The artifact's bytes, and its answers on the rows that were held out; `seconds` is how long it was
/// forecast to take.
///
/// # Errors
/// What the library says against it.
pub(super) fn train<H: Host>(
    dataset: &Dataset,
    split: Split,
    params: TrainParams,
    seconds: Option<f64>,
    reporter: &Reporter<'_, H>,
) -> Result<(Vec<u8>, TestRows), TrainError> {
    let host = reporter.host;
    let family = params.family.family();
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
            reporter.tell(family, step(&progress), own);
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
    let held_out = training.split().test.clone();
    let artifact = training.finish()?.with_receipt(receipt);
    Ok((artifact.to_bytes(), test_rows(dataset, &held_out, &artifact)))
}

/// What `artifact` answers of the rows `held_out`; nothing if they are too many to send.
pub(super) fn test_rows(dataset: &Dataset, held_out: &[usize], artifact: &Artifact) -> TestRows {
    let n_classes = artifact.schema().classes.len();
    let mut rows = TestRows::default();
    if held_out.len() * (artifact.schema().features.len() + n_classes) > MAX_NUMBERS {
        return rows;
    }
    let mut answer = vec![0.0; n_classes];
    for &at in held_out {
        let Some(&label) = dataset.labels().get(at) else { continue };
        artifact.predict_proba_into(dataset.row(at), &mut answer);
        rows.file_rows.push(dataset.file_row(at) as u32);
        rows.labels.push(label);
        rows.values.extend(dataset.row(at));
        rows.probabilities.extend(&answer);
    }
    rows
}

fn step(progress: &Progress) -> Step {
    Step::Stage {
        stage: progress.stage,
        n_done: progress.steps_done as u32,
        n_stages: progress.n_steps as u32,
        share: progress.stage_share,
    }
}
