//! Rebuilds `data/iris.tepal`, the model that page and Worker start with:
//! `cargo xtask train-default`.
//!
//! The file holds the best of the published families on the built-in data, by
//! cross-validation. Nothing in it depends on when or where this runs: parameters and
//! seed are the defaults and the receipt is empty, so that the same code gives the same
//! bytes, which a test of `tests/` asserts.

#![allow(clippy::print_stdout, reason = "a command-line program speaks on stdout")]

use std::error::Error;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use model_core::{
    Artifact, Dataset, FamilyParams, PUBLISHED_FAMILIES, Receipt, TrainParams, select_best, train,
};

fn main() -> Result<(), Box<dyn Error>> {
    let model = best()?;
    let bytes = model.to_bytes();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/iris.tepal");
    let changed = fs::read(&path).map_or(true, |old| old != bytes);
    fs::write(&path, &bytes)?;
    println!(
        "data/iris.tepal: {}, {} bytes, {}\nid {}",
        model.family(),
        bytes.len(),
        if changed { "changed" } else { "unchanged" },
        model.id()
    );
    Ok(())
}

fn best() -> Result<Artifact, Box<dyn Error>> {
    let iris = Dataset::iris();
    let mut models = PUBLISHED_FAMILIES
        .into_iter()
        .map(|family| {
            let params = TrainParams::new(FamilyParams::default_for(family));
            let keep_going = &mut |_| ControlFlow::Continue(());
            train(&iris, &params, Receipt::default(), keep_going)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let index = select_best(&models).ok_or("there are no families")?;
    Ok(models.swap_remove(index))
}
