//! What the browser keeps between visits: the runs, which of them answers and the file of Data in IndexedDB, the
//! seed in local storage; the token in session storage, for as long as the tab is open. Nothing here leaves the
//! browser, but for the token, which goes to the edge it is for.

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

const TOKEN_KEY: &str = "tepal.token";

/// The owner's token or a key, if one was entered in this session of the browser.
pub(crate) fn session_token() -> Option<String> {
    session_storage()?.get_item(TOKEN_KEY).ok()?
}

/// Keeps the token until the tab is closed, and no longer. Where nothing may be kept a reload forgets it.
pub(crate) fn keep_token(token: &str) {
    let _ = session_storage().map(|storage| storage.set_item(TOKEN_KEY, token));
}

/// Forgets the token.
pub(crate) fn forget_token() {
    let _ = session_storage().map(|storage| storage.remove_item(TOKEN_KEY));
}

fn session_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}
