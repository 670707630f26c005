//! What `measure.mjs` calls.

use js_sys::Function;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::{Case, Failure};

/// A [`Case`] in JavaScript's hands.
#[wasm_bindgen(js_name = Case)]
#[derive(Debug)]
pub struct JsCase(Case);

#[wasm_bindgen(js_class = Case)]
impl JsCase {
    /// As [`Case::new`].
    ///
    /// # Errors
    /// As [`Case::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(family: &str, train: &[u8], held_out: &[u8]) -> Result<Self, JsError> {
        Case::new(family, train, held_out).map(Self).map_err(thrown)
    }

    /// As [`Case::measure`], as JSON; `clock` answers milliseconds.
    ///
    /// # Errors
    /// As [`Case::measure`].
    pub fn measure(&self, clock: &Function, peak_bytes: &Function) -> Result<String, JsError> {
        let number = |function: &Function| {
            function.call0(&JsValue::NULL).ok().and_then(|value| value.as_f64())
        };
        let mut now = || number(clock).unwrap_or(f64::NAN);
        let measurement = self.0.measure(&mut now).map_err(thrown)?;
        // A wasm32 memory has at most 2^32 bytes, which a double holds exactly.
        let peak = number(peak_bytes).map(|bytes| bytes as u64);
        Ok(measurement.to_json(peak).to_string())
    }
}

fn thrown(failure: Failure) -> JsError {
    JsError::new(&failure.to_string())
}
