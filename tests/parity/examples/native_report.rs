//! Prints, as one JSON document, what the native build trains and predicts.

use model_core::Family;
use serde_json::{Map, Value, json};
use tepal_parity::{explained, prediction_bits, random_inputs, train_on_iris};

/// Inputs predicted by each model.
const N_INPUTS: usize = 1000;

#[expect(clippy::print_stdout, reason = "the document is the result")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut families = Map::new();
    let mut inputs = Value::Null;
    for family in Family::ALL {
        let model = train_on_iris(family, 42)?;
        let bytes = model.to_bytes();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        inputs = json!(random_inputs(model.schema(), N_INPUTS));
        let predictions = prediction_bits(&bytes, N_INPUTS);
        let entry = json!({
            "model_id": model.id().to_string(),
            "artifact_hex": hex,
            "prediction_bits": predictions,
            "explained": explained(&bytes),
        });
        families.insert(family.to_string(), entry);
    }
    println!("{}", json!({ "seed": 42, "inputs": inputs, "families": families }));
    Ok(())
}
