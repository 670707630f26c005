//! Time of one explanation: Shapley values of a row, its features enumerated.

use std::hint::black_box;
use std::ops::ControlFlow;

use model_core::explanation::{Background, Shapley, ShapleyParams};
use model_core::{Artifact, FeatureRow};
use serde_json::{Value, json};

use crate::Failure;

/// A model, the rows that it compares with, and the rows to explain.
#[derive(Debug)]
pub struct Explained {
    model: Artifact,
    background: Background,
    rows: Vec<FeatureRow>,
}

impl Explained {
    /// The model file's own held-out rows, against 64 of its training rows.
    ///
    /// # Errors
    /// If it is no model file, or carries no rows.
    pub fn new(model: &[u8]) -> Result<Self, Failure> {
        let model = Artifact::from_bytes(model)?;
        let background = Background::of(&model, 42)?;
        let held_out = model.reference().held_out.rows();
        let rows: Vec<FeatureRow> =
            held_out.filter_map(|(row, _)| model.schema().row(row).ok()).collect();
        if rows.is_empty() {
            return Err("the model carries no held-out rows".into());
        }
        Ok(Self { model, background, rows })
    }

    /// Explains every row once: median and greatest time, and what all of them add to the first
    /// class, which is the same on every machine; `clock` tells milliseconds from any start.
    ///
    /// # Errors
    /// If a row cannot be explained.
    pub fn measure(&self, clock: &mut dyn FnMut() -> f64) -> Result<Value, Failure> {
        let mut times = Vec::with_capacity(self.rows.len());
        let mut sum = 0.0;
        for row in &self.rows {
            let start = clock();
            let shapley = Shapley::of(
                &self.model,
                &self.background,
                black_box(row),
                ShapleyParams::default(),
                &mut |_| ControlFlow::Continue(()),
            )?;
            times.push(clock() - start);
            sum += shapley.attributions.iter().filter_map(|of| of.values.first()).sum::<f64>();
        }
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2);
        Ok(json!({
            "median_millis": median,
            "greatest_millis": times.last(),
            "n_rows": times.len(),
            "sum": sum,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_held_out_row_is_explained_once() {
        let mut now = 0.0;
        let mut clock = || {
            now += 1.0;
            now
        };
        let explained = Explained::new(model_core::DEFAULT_ARTIFACT).unwrap();
        let measured = explained.measure(&mut clock).unwrap();
        assert_eq!(measured["n_rows"], 30);
        assert_eq!(measured["median_millis"], 1.0);
        assert!(Explained::new(b"no model").is_err());
    }
}
