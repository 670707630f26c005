//! The worker's own end: requests in, what is said of files and of answers out.

use js_sys::Uint8Array;
use model_core::dataset::Reading;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, FileReaderSync, Url};

use super::answering::Answering;
use super::desk::{self, Desk};
use super::explaining::Explainer;
use super::remark::{Fault, UNREADABLE};
use super::sheet::Opened;
use super::{Lab, LabEvent, LabRequest};
use crate::clock::now_millis;
use crate::workers::{self, Port};

/// How often progress is told.
const BREATH_MILLIS: f64 = 100.0;

/// Answers what the page asks, as long as the worker lives.
pub fn serve() {
    let explainer = Err("no model was given".to_owned());
    let (desk, file, answering) = (Desk::default(), Vec::new(), None);
    let mut open = Open { desk, file, explainer, answering };
    workers::serve::<Lab>(move |request, attached, port| open.answer(request, attached, port));
}

/// What lies open.
struct Open {
    desk: Desk,
    /// The bytes of the file: it may have to be read once more, in another way.
    file: Vec<u8>,
    /// Of the model that was given last, or why it could not be read.
    explainer: Result<Explainer, String>,
    /// The file that it answered last.
    answering: Option<Answering>,
}

impl Open {
    fn answer(&mut self, request: LabRequest, attached: JsValue, port: &Port<Lab>) {
        match request {
            LabRequest::Open { name, options } => {
                let opened = match self.take_file(attached) {
                    Ok(()) => {
                        port.post(&LabEvent::Reading { n_bytes: self.file.len() as u32 });
                        self.desk.open(&self.file, &name, &options)
                    }
                    Err(fault) => refused(fault),
                };
                port.post(&LabEvent::Opened(Box::new(opened)));
            }
            LabRequest::HandOver => match self.desk.data_set() {
                Some(bytes) => port.post_with(&LabEvent::HandedOver, &bytes),
                None => port.post(&LabEvent::HandedOver),
            },
            LabRequest::Rows { first, count } => {
                let rows = self.desk.rows(first as usize, count as usize);
                port.post(&LabEvent::Rows { first, rows });
            }
            LabRequest::Model => {
                let file = Uint8Array::new(&attached).to_vec();
                self.explainer = Explainer::open(&file, now_millis);
            }
            LabRequest::Explain { values, question } => {
                let explainer = self.explainer.as_ref().map_err(String::clone);
                let explained = explainer.and_then(|it| it.answer(&values, question));
                port.post(&LabEvent::Explained(Box::new(explained)));
            }
            LabRequest::Answer { reading } => self.answer_file(attached, &reading, port),
            LabRequest::AnsweredRows { first, count } => {
                let of = self.answering.as_ref();
                let rows = of.map_or_else(Vec::new, |of| of.rows(first as usize, count as usize));
                port.post(&LabEvent::AnsweredRows { first, rows });
            }
            LabRequest::Download => {
                if let Some(url) = self.answering.as_ref().and_then(|of| address_of(of.csv())) {
                    port.post(&LabEvent::Download { url });
                }
            }
        }
    }

    /// Has the model answer the file that came with the message, and says how far it is.
    fn answer_file(&mut self, file: JsValue, reading: &Reading, port: &Port<Lab>) {
        self.answering = None;
        let refused = |text: String| Fault { text, ..Fault::default() };
        let answered = self.take_file(file).and_then(|()| {
            let model = self.explainer.as_ref().map(Explainer::model);
            let model = model.map_err(|why| refused(why.clone()))?;
            let mut told_millis = f64::NEG_INFINITY;
            Answering::of(model, &self.file, reading, &mut |n_answered, n_rows| {
                let now = now_millis();
                if now - told_millis >= BREATH_MILLIS {
                    told_millis = now;
                    port.post(&LabEvent::Answering { n_answered, n_rows });
                }
            })
        });
        let answered = answered.map(|(answering, file)| {
            self.answering = Some(answering);
            file
        });
        port.post(&LabEvent::Answered(Box::new(answered)));
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
            Err(_) => Err(Fault { text: UNREADABLE.to_owned(), ..Fault::default() }),
        }
    }
}

/// An address at which the browser has `csv`: the page's thread need not see the bytes to save them.
fn address_of(csv: &[u8]) -> Option<String> {
    let options = BlobPropertyBag::new();
    options.set_type("text/csv");
    let parts = js_sys::Array::of1(&Uint8Array::from(csv));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    Url::create_object_url_with_blob(&blob).ok()
}

fn refused(fault: Fault) -> Opened {
    let (names, odd_rows) = (Vec::new(), Vec::new());
    Opened { names, n_rows: 0, separator: None, sheet: Err(fault), odd_rows }
}
