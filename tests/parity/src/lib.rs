//! The same computation natively, in a browser and in workerd, so that their bits can be compared.
//!
//! `examples/native_report.rs` writes what the native build gives; the tests beside this crate run
//! its WebAssembly build under Node, in Chromium and in workerd and compare every bit.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use model_core::explanation::{
    Background, Counterfactual, Importance, ImportanceParams, Shapley, ShapleyParams, Surrogate,
    SurrogateParams, Target, nearest_rows,
};
use model_core::rng::{Purpose, SplitMix64};
use model_core::{
    Artifact, Dataset, Family, Feature, FeatureKind, Schema, TrainError, TrainParams,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Trains `family` on Iris with its defaults and this seed.
///
/// # Errors
/// As [`TrainParams::train`].
pub fn train_on_iris(family: Family, seed: u64) -> Result<Artifact, TrainError> {
    let params = TrainParams { seed, ..TrainParams::new(family) };
    params.train(&Dataset::iris())
}

/// `n` rows drawn evenly from the schema's hard ranges and categories: many are far from any
/// flower.
#[must_use]
pub fn random_inputs(schema: &Schema, n: usize) -> Vec<Vec<f64>> {
    let mut rng = SplitMix64::for_purpose(1, Purpose::Synthetic);
    let mut row = || {
        let mut draw = |feature: &Feature| match &feature.kind {
            FeatureKind::Numeric(range) => range.hard.min + rng.unit() * range.hard.width(),
            FeatureKind::Categorical(categories) => f64::from(rng.below(categories.len() as u32)),
        };
        schema.features.iter().map(&mut draw).collect()
    };
    (0..n).map(|_| row()).collect()
}

/// The id of the model that `family` and `seed` give on Iris, or what went wrong.
#[wasm_bindgen]
#[must_use]
pub fn trained_id(family: &str, seed: u32) -> String {
    let family = match family.parse::<Family>() {
        Ok(family) => family,
        Err(error) => return error.to_string(),
    };
    match train_on_iris(family, u64::from(seed)) {
        Ok(model) => model.id().to_string(),
        Err(error) => error.to_string(),
    }
}

/// The bits of the probabilities that the model file gives for `n` random inputs: a line an input,
/// 16 hex digits a class; or what went wrong.
#[wasm_bindgen]
#[must_use]
pub fn prediction_bits(artifact: &[u8], n: usize) -> String {
    let model = match Artifact::from_bytes(artifact) {
        Ok(model) => model,
        Err(error) => return error.to_string(),
    };
    let mut text = String::new();
    let mut probabilities = vec![0.0_f64; model.schema().classes.len()];
    for row in random_inputs(model.schema(), n) {
        model.predict_proba_into(&row, &mut probabilities);
        for probability in &probabilities {
            // Writing to a string does not fail.
            let _ = write!(text, "{:016x} ", probability.to_bits());
        }
        text.push('\n');
    }
    text
}

/// Why the model of the file answers its first held-out row as it does, and what its accuracy is owed
/// to: JSON, in which each double keeps its bits; or what went wrong.
#[wasm_bindgen]
#[must_use]
pub fn explained(artifact: &[u8]) -> String {
    explain(artifact).unwrap_or_else(|error| error.to_string())
}

fn explain(artifact: &[u8]) -> Result<String, Box<dyn std::error::Error>> {
    let model = Artifact::from_bytes(artifact)?;
    let held_out = &model.reference().held_out;
    let row = model.schema().row(held_out.row(0)).map_err(|errors| format!("{errors:?}"))?;
    let background = Background::of(&model, 42)?;
    let go_on = &mut |_| ControlFlow::Continue(());
    Ok(serde_json::json!({
        "shapley": Shapley::of(&model, &background, &row, ShapleyParams::default(), go_on)?,
        "surrogate": Surrogate::of(&model, &row, SurrogateParams::default())?,
        "counterfactual": Counterfactual::of(&model, &row, Target::AnyOther)?,
        "nearest": nearest_rows(&model, &row, 5)?,
        "importance": Importance::of(&model, held_out, ImportanceParams::default(), go_on)?,
    })
    .to_string())
}
