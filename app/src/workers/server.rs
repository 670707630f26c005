//! The worker's end: its program is loaded, then requests go in and events come out.

use std::marker::PhantomData;

use gloo::timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::{LoadingProgram, Program};

/// The worker that this is; none on the page.
fn own_scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

/// Name of the worker that this is; none on the page.
#[must_use]
pub fn own_name() -> Option<String> {
    own_scope().map(|scope| scope.name())
}

/// Runs `program` as soon as it is here. The page learns of a failure as of any error of a worker.
pub fn run(program: LoadingProgram) {
    spawn_local(async move {
        match program.await {
            Ok(serve) => serve(),
            Err(_) => {
                // The worker's errors are those that no promise keeps.
                Timeout::new(0, || wasm_bindgen::throw_str("a part of the worker did not arrive"))
                    .forget();
            }
        }
    });
}

/// Where events go.
pub(crate) struct Port<P> {
    scope: DedicatedWorkerGlobalScope,
    program: PhantomData<P>,
}

impl<P: Program> Port<P> {
    /// Says something; it leaves at once, in the middle of whatever is computed.
    pub(crate) fn post(&self, event: &P::Event) {
        self.send(event, &JsValue::UNDEFINED, &Array::new());
    }

    /// Says something and hands bytes over with it.
    pub(crate) fn post_with(&self, event: &P::Event, bytes: &[u8]) {
        let bytes = Uint8Array::from(bytes);
        self.send(event, &bytes, &Array::of1(&bytes.buffer()));
    }

    fn send(&self, event: &P::Event, attached: &JsValue, handed_over: &Array) {
        // Neither can fail: an event's lengths are known, and a byte array can be cloned.
        if let Ok(bytes) = postcard::to_allocvec(event) {
            let message = Array::of2(&Uint8Array::from(bytes.as_slice()), attached);
            let _ = self.scope.post_message_with_transfer(&message, handed_over);
        }
    }
}

/// Answers what the page asks, as long as the worker lives. `answer` takes a request, what came along
/// with it, and where the answer goes.
pub(crate) fn serve<P: Program + 'static>(
    mut answer: impl FnMut(P::Request, JsValue, &Port<P>) + 'static,
) {
    let Some(scope) = own_scope() else { return };
    let port = Port { scope: scope.clone(), program: PhantomData };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message: Array = event.data().unchecked_into();
        let request: Uint8Array = message.get(0).unchecked_into();
        // Page and worker are built together; of another version nothing is understood.
        if let Ok(request) = postcard::from_bytes(&request.to_vec()) {
            answer(request, message.get(1), &port);
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    let _ = scope.post_message(&Array::new());
}
