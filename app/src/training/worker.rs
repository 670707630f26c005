//! The worker's own end: takes the data set, and trains.

use js_sys::Uint8Array;
use model_core::{Dataset, DatasetError};
use wasm_bindgen::{JsCast, JsValue};

use super::schedule::{Host, train_all};
use super::{TrainEvent, Trainer, TrainingData};
use crate::clock::now_millis;
use crate::workers::{self, Port};

/// Trains what it is asked to, as long as the worker lives.
pub fn serve() {
    workers::serve::<Trainer>(|request, attached, port| match data_set(request.data, &attached) {
        Ok(dataset) => train_all(&dataset, &request, &Browser(port)),
        Err(error) => port.post(&TrainEvent::Refused(error.to_string())),
    });
}

fn data_set(data: TrainingData, attached: &JsValue) -> Result<Dataset, DatasetError> {
    match (data, attached.dyn_ref::<Uint8Array>()) {
        (TrainingData::Iris, _) => Ok(Dataset::iris()),
        (TrainingData::HandedOver, Some(bytes)) => Dataset::from_bytes(&bytes.to_vec()),
        (TrainingData::HandedOver, None) => Err(DatasetError::NotHandedOver),
    }
}

/// The worker's clocks and its way to the page.
struct Browser<'a>(&'a Port<Trainer>);

impl Host for Browser<'_> {
    fn now_millis(&self) -> f64 {
        now_millis()
    }

    fn wall_clock_millis(&self) -> i64 {
        js_sys::Date::now() as i64
    }

    fn tell(&self, event: TrainEvent) {
        self.0.post(&event);
    }
}
