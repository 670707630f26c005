//! What `measure.mjs` calls.

use js_sys::Function;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::{Case, Explained, Failure};

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
        let mut now = || number(clock).unwrap_or(f64::NAN);
        let measurement = self.0.measure(&mut now).map_err(thrown)?;
        // A wasm32 memory has at most 2^32 bytes, which a double holds exactly.
        let peak = number(peak_bytes).map(|bytes| bytes as u64);
        Ok(measurement.to_json(peak).to_string())
    }
}

/// An [`Explained`] in JavaScript's hands.
#[wasm_bindgen(js_name = Explained)]
#[derive(Debug)]
pub struct JsExplained(Explained);

#[wasm_bindgen(js_class = Explained)]
impl JsExplained {
    /// As [`Explained::new`].
    ///
    /// # Errors
    /// As [`Explained::new`].
    #[wasm_bindgen(constructor)]
    pub fn new(model: &[u8]) -> Result<Self, JsError> {
        Explained::new(model).map(Self).map_err(thrown)
    }

    /// As [`Explained::measure`], as JSON; `clock` answers milliseconds.
    ///
    /// # Errors
    /// As [`Explained::measure`].
    pub fn measure(&self, clock: &Function) -> Result<String, JsError> {
        let mut now = || number(clock).unwrap_or(f64::NAN);
        Ok(self.0.measure(&mut now).map_err(thrown)?.to_string())
    }
}

fn number(function: &Function) -> Option<f64> {
    function.call0(&JsValue::NULL).ok().and_then(|value| value.as_f64())
}

fn thrown(failure: Failure) -> JsError {
    JsError::new(&failure.to_string())
}
