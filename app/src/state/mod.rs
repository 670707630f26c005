//! State that pages share, each piece behind a `provide_*` and a `use_*`.

mod lab_client;
pub(crate) mod library;
pub(crate) mod location;
pub(crate) mod measurements;
pub(crate) mod sheet;
pub(crate) mod training;
mod training_bridge;
