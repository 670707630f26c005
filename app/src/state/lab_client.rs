//! The page's end of the reading worker: start it, ask it, end it.
//!
//! Dropping it ends the worker at once, in the middle of whatever it does: that is what "stop" means.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::lab::{LOADER_PATH, LabEvent, LabRequest};

/// A running worker.
pub(super) struct LabClient {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl LabClient {
    /// Starts a worker; `on_event` hears what it says, `on_failure` that it cannot be loaded.
    ///
    /// # Errors
    /// What the browser threw.
    pub(super) fn start(
        on_event: impl Fn(LabEvent) + 'static,
        on_failure: impl Fn() + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(LOADER_PATH, &options)?;
        let failed = on_failure.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes: Uint8Array = event.data().unchecked_into();
            match postcard::from_bytes(&bytes.to_vec()) {
                Ok(event) => on_event(event),
                // A worker of another version, from the time between two releases.
                Err(_) => failed(),
            }
        });
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            on_failure();
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a request, with the file that it is about if the worker has not got it.
    pub(super) fn send(&self, request: &LabRequest, file: Option<&Blob>) {
        let Ok(bytes) = postcard::to_allocvec(request) else { return };
        let message = Array::of2(
            &Uint8Array::from(bytes.as_slice()),
            &file.map_or(JsValue::UNDEFINED, JsValue::from),
        );
        // Both parts can be cloned.
        let _ = self.worker.post_message(&message);
    }
}

impl Drop for LabClient {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
