//! The browser's clocks, of a window or a worker.

use wasm_bindgen::JsCast;

/// Milliseconds since the page or worker began (`performance.now()`); 0 where there is no such clock.
pub(crate) fn now_millis() -> f64 {
    js_sys::Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|performance| performance.dyn_into::<web_sys::Performance>().ok())
        .map_or(0.0, |performance| performance.now())
}

/// Milliseconds since 1970.
pub(crate) fn wall_clock_millis() -> f64 {
    js_sys::Date::now()
}
