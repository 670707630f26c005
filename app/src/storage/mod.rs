//! What the browser keeps between visits: the last training in IndexedDB, the seed in local
//! storage. Nothing here leaves the browser.

mod indexed_db;
pub(crate) mod kept_training;

use gloo::storage::{LocalStorage, Storage};

const SEED_KEY: &str = "tepal.seed";

/// The seed used last, if one was kept and can be read.
pub(crate) fn kept_seed() -> Option<u64> {
    LocalStorage::get(SEED_KEY).ok()
}

/// Keeps the seed. A browser without storage forgets it, which is no reason to stop.
pub(crate) fn keep_seed(seed: u64) {
    if let Err(error) = LocalStorage::set(SEED_KEY, seed) {
        leptos::logging::warn!("the seed was not kept: {error}");
    }
}
