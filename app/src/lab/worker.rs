//! The worker's own end: messages in, the desk's answers out.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, DedicatedWorkerGlobalScope, FileReaderSync, MessageEvent};

use super::desk::{self, Desk};
use super::remark::Fault;
use super::sheet::Opened;
use super::{LabEvent, LabRequest};

/// Answers what the page asks, as long as the worker lives.
pub fn serve() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let mut lab = Lab { scope: scope.clone(), desk: Desk::default(), file: Vec::new() };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event| lab.answer(&event));
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&scope, &LabEvent::Ready);
}

struct Lab {
    scope: DedicatedWorkerGlobalScope,
    desk: Desk,
    /// The bytes of the file that lies open: it may have to be read once more, in another way.
    file: Vec<u8>,
}

impl Lab {
    fn answer(&mut self, event: &MessageEvent) {
        let message: Array = event.data().unchecked_into();
        let request: Uint8Array = message.get(0).unchecked_into();
        match postcard::from_bytes(&request.to_vec()) {
            Ok(LabRequest::Open { name, options }) => {
                let opened = match self.take_file(message.get(1)) {
                    Ok(()) => {
                        let n_bytes = self.file.len() as u32;
                        post(&self.scope, &LabEvent::Reading { n_bytes });
                        self.desk.open(&self.file, &name, &options)
                    }
                    Err(fault) => refused(fault),
                };
                post(&self.scope, &LabEvent::Opened(Box::new(opened)));
            }
            Ok(LabRequest::Rows { first, count }) => {
                let rows = self.desk.rows(first as usize, count as usize);
                post(&self.scope, &LabEvent::Rows { first, rows });
            }
            // Page and lab are built together.
            Err(_) => {}
        }
    }

    /// Takes the bytes of the file that came with the message, if one did.
    fn take_file(&mut self, file: JsValue) -> Result<(), Fault> {
        let Ok(blob) = file.dyn_into::<Blob>() else { return Ok(()) };
        if let Some(fault) = desk::too_large(blob.size() as usize) {
            return Err(fault);
        }
        let read = FileReaderSync::new().and_then(|reader| reader.read_as_array_buffer(&blob));
        match read {
            Ok(buffer) => {
                self.file = Uint8Array::new(&buffer).to_vec();
                Ok(())
            }
            Err(_) => {
                let text = "the browser cannot read the file any more: it was moved, changed or deleted; choose it again".to_owned();
                Err(Fault { text, row: None, column: None })
            }
        }
    }
}

fn refused(fault: Fault) -> Opened {
    let (names, odd_rows) = (Vec::new(), Vec::new());
    Opened { names, n_rows: 0, separator: None, sheet: Err(fault), odd_rows }
}

fn post(scope: &DedicatedWorkerGlobalScope, event: &LabEvent) {
    // Neither can fail: the event has a known length, and a byte array can be cloned.
    if let Ok(bytes) = postcard::to_allocvec(event) {
        let _ = scope.post_message(&Uint8Array::from(bytes.as_slice()));
    }
}
