//! The page's end of a worker: start it, ask it, end it.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::Program;

/// A running worker; dropping it ends it at once.
pub(crate) struct Client<P> {
    worker: Worker,
    waiting: Rc<RefCell<Waiting>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
    program: PhantomData<P>,
}

/// What goes along with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attachment<'a> {
    /// Nothing.
    None,
    /// A file: its bytes never pass through the page's thread.
    File(&'a Blob),
    /// Bytes that are the worker's from now on: the array is empty afterwards.
    Bytes(&'a Uint8Array),
}

/// Why a worker is of no more use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It could not be loaded.
    NotLoaded,
    /// It broke off, mostly for want of memory.
    Broke,
}

/// Whether the worker listens, and what is to be sent once it does.
struct Waiting {
    listens: bool,
    messages: Vec<(Array, Array)>,
}

impl<P: Program + 'static> Client<P> {
    /// Starts a worker. `on_event` hears what it says and what came along, `on_failure` that it is of
    /// no more use; that one may drop the client.
    ///
    /// # Errors
    /// What the browser threw.
    pub(crate) fn start(
        on_event: impl Fn(P::Event, JsValue) + 'static,
        on_failure: impl Fn(Failure) + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(P::NAME);
        let worker = Worker::new_with_options(&start_script()?, &options)?;
        let waiting = Rc::new(RefCell::new(Waiting { listens: false, messages: Vec::new() }));
        let failed = {
            let (waiting, on_failure) = (Rc::clone(&waiting), Rc::new(on_failure));
            move || {
                let (on_failure, listens) = (Rc::clone(&on_failure), waiting.borrow().listens);
                let failure = if listens { Failure::Broke } else { Failure::NotLoaded };
                // After the event that runs: a handler must not drop itself.
                Timeout::new(0, move || on_failure(failure)).forget();
            }
        };
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let (worker, waiting, failed) = (worker.clone(), Rc::clone(&waiting), failed.clone());
            move |event: MessageEvent| {
                let message: Array = event.data().unchecked_into();
                if message.length() == 0 {
                    begin(&worker, &waiting);
                    return;
                }
                let bytes: Uint8Array = message.get(0).unchecked_into();
                match postcard::from_bytes(&bytes.to_vec()) {
                    Ok(event) => on_event(event, message.get(1)),
                    // A worker of another version, from the time between two releases.
                    Err(_) => failed(),
                }
            }
        });
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            failed();
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let program = PhantomData;
        Ok(Self { worker, waiting, _on_message: on_message, _on_error: on_error, program })
    }

    /// Asks the worker, as soon as it listens.
    pub(crate) fn send(&self, request: &P::Request, attachment: Attachment<'_>) {
        let Ok(bytes) = postcard::to_allocvec(request) else { return };
        let (attached, handed_over) = match attachment {
            Attachment::None => (JsValue::UNDEFINED, Array::new()),
            Attachment::File(file) => (file.into(), Array::new()),
            Attachment::Bytes(bytes) => (bytes.into(), Array::of1(&bytes.buffer())),
        };
        let message = Array::of2(&Uint8Array::from(bytes.as_slice()), &attached);
        let mut waiting = self.waiting.borrow_mut();
        if waiting.listens {
            post(&self.worker, &message, &handed_over);
        } else {
            waiting.messages.push((message, handed_over));
        }
    }
}

/// Address of the script that starts a worker: the document names the one that the page was built with.
fn start_script() -> Result<String, JsValue> {
    let meta = leptos::prelude::document().query_selector("meta[name=worker]")?;
    meta.and_then(|meta| meta.get_attribute("content"))
        .ok_or_else(|| JsValue::from_str("index.html names no script for workers"))
}

/// The worker listens: what has waited goes out.
fn begin(worker: &Worker, waiting: &RefCell<Waiting>) {
    let mut waiting = waiting.borrow_mut();
    waiting.listens = true;
    for (message, handed_over) in waiting.messages.drain(..) {
        post(worker, &message, &handed_over);
    }
}

fn post(worker: &Worker, message: &Array, handed_over: &Array) {
    // Each part can be cloned, or is a buffer that nobody has handed over before.
    let _ = worker.post_message_with_transfer(message, handed_over);
}

impl<P> Drop for Client<P> {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
