//! What the browser keeps between visits: the runs, which of them answers and the file of Data in IndexedDB, the
//! seed in local storage. Nothing here leaves the browser.

pub(crate) mod fault;
mod indexed_db;
pub(crate) mod kept_file;
pub(crate) mod kept_runs;
pub(crate) mod kept_training;
pub(crate) mod news;

const SEED_KEY: &str = "tepal.seed";

/// The seed used last, if one was kept and can be read.
pub(crate) fn kept_seed() -> Option<u64> {
    local_storage()?.get_item(SEED_KEY).ok()??.parse().ok()
}

/// Keeps the seed. A browser without storage forgets it, which is no reason to stop.
pub(crate) fn keep_seed(seed: u64) {
    let kept = local_storage().map(|storage| storage.set_item(SEED_KEY, &seed.to_string()));
    if !matches!(kept, Some(Ok(()))) {
        leptos::logging::warn!("the seed was not kept");
    }
}

/// Absent where the user has blocked it; gloo's storage would panic there.
fn local_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
