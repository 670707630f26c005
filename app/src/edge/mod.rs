//! The edge as the page calls it: `client` sends and reads, `error` says what went wrong and what to
//! do about it, and each resource has a file.

mod client;
mod error;
mod json;
pub(crate) mod model;
pub(crate) mod monitor;
pub(crate) mod predict;
pub(crate) mod registry;
mod schema;
pub(crate) mod the_loop;

pub(crate) use self::client::{Asking, Client, Reply};
pub(crate) use self::error::EdgeError;
