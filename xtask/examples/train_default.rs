//! Rebuilds `model-core/data/iris.tepal`, the model that page and Worker start with:
//! `cargo xtask train-default`.
//!
//! The file holds the SVM, the family that the published system serves, on the built-in
//! data. Nothing in it depends on when or where this runs: parameters and
//! seed are the defaults and the receipt is empty, so that the same code gives the same
//! bytes, which a test of `tests/` asserts.

#![allow(clippy::print_stdout, reason = "a command-line program speaks on stdout")]

use std::error::Error;
use std::fs;
use std::path::Path;

use model_core::{Artifact, Dataset, Family, TrainError, TrainParams};

fn main() -> Result<(), Box<dyn Error>> {
    let model = svm()?;
    let bytes = model.to_bytes();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model-core/data/iris.tepal");
    let changed = fs::read(&path).map_or(true, |old| old != bytes);
    fs::write(&path, &bytes)?;
    println!(
        "model-core/data/iris.tepal: {}, {} bytes, {}\nid {}",
        model.family(),
        bytes.len(),
        if changed { "changed" } else { "unchanged" },
        model.id()
    );
    Ok(())
}

/// The SVM, whichever family cross-validation would choose: the published system serves it as its
/// best on Iris, with 29 of 30 test flowers, and the README's answer is this model's.
fn svm() -> Result<Artifact, TrainError> {
    TrainParams::new(Family::Svm).train(&Dataset::iris())
}
