//! The file on the page Data, kept in the browser so that a reload finds it again.
//!
//! The file is kept as the browser's own `Blob`, apart from how it is to be read: to state an option does
//! not write 100 MB anew. What is kept is as untrusted as any file, and is read as one.

use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::fault::StorageFault;
use super::indexed_db::{self, Change, Store};
use crate::lab::SheetOptions;

const FILE_KEY: &str = "data-file";
const OPTIONS_KEY: &str = "data-options";
/// Raised when the record's shape changes; another one is discarded.
const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    format: u32,
    name: String,
    options: SheetOptions,
}

/// The file that is kept, its name and how it is to be read, if there is one.
pub(crate) async fn load() -> Option<(Blob, String, SheetOptions)> {
    let blob = indexed_db::get(Store::Kept, FILE_KEY).await.ok()?.dyn_into::<Blob>().ok()?;
    let record = indexed_db::get(Store::Kept, OPTIONS_KEY).await.ok()?;
    let record: Record = serde_wasm_bindgen::from_value(record).ok()?;
    (record.format == FORMAT).then_some((blob, record.name, record.options))
}

/// Keeps a file; a browser without storage, or without room, forgets it, and `false` is returned.
pub(crate) async fn keep(file: Blob, name: String, options: SheetOptions) -> bool {
    put(FILE_KEY, file.into()).await.is_ok() && keep_options(name, options).await
}

/// Keeps how the file is to be read; otherwise as [`keep`].
pub(crate) async fn keep_options(name: String, options: SheetOptions) -> bool {
    match serde_wasm_bindgen::to_value(&Record { format: FORMAT, name, options }) {
        Ok(record) => put(OPTIONS_KEY, record).await.is_ok(),
        Err(_) => false,
    }
}

/// Forgets what is kept.
pub(crate) async fn forget() {
    let gone = |key: &str| Change::Delete(Store::Kept, key.to_owned());
    if let Err(fault) = indexed_db::change(vec![gone(FILE_KEY), gone(OPTIONS_KEY)]).await {
        leptos::logging::warn!("the kept file was not dropped: {fault:?}");
    }
}

async fn put(key: &str, value: JsValue) -> Result<(), StorageFault> {
    indexed_db::change(vec![Change::Put(Store::Kept, key.to_owned(), value)]).await
}
