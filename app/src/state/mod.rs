//! State that pages share, each piece behind a `provide_*` and a `use_*`.

pub(crate) mod access;
pub(crate) mod answered_file;
pub(crate) mod detail;
pub(crate) mod explanations;
pub(crate) mod library;
pub(crate) mod location;
pub(crate) mod measurements;
pub(crate) mod measuring;
pub(crate) mod monitor;
pub(crate) mod registry;
pub(crate) mod reproduction;
pub(crate) mod runs;
pub(crate) mod sheet;
pub(crate) mod the_loop;
pub(crate) mod training;
