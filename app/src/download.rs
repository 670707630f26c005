//! Files that the page makes and the browser saves.

use gloo::timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long a file stays readable: a browser may ask where to put it first.
const KEPT_MILLIS: u32 = 60_000;

/// Saves `bytes` as the file `name`; nothing happens in a browser that cannot.
pub(crate) fn save_bytes(name: &str, bytes: &[u8], media_type: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let content = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&content, &options);
    if let Err(error) = blob.and_then(|blob| save(name, &blob)) {
        leptos::logging::warn!("the file is not saved: {error:?}");
    }
}

/// Saves `blob` as the file `name`.
///
/// # Errors
/// What the browser threw.
pub(crate) fn save(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let address = Url::create_object_url_with_blob(blob)?;
    save_from(name, &address)?;
    Timeout::new(KEPT_MILLIS, move || drop(Url::revoke_object_url(&address))).forget();
    Ok(())
}

/// Saves what lies at `address`, of this page, as the file `name`.
///
/// # Errors
/// What the browser threw.
pub(crate) fn save_from(name: &str, address: &str) -> Result<(), JsValue> {
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(address);
    link.set_download(name);
    link.click();
    Ok(())
}
