//! One module a route. A page arranges components and says in words what they are about.

#![expect(unreachable_pub, reason = "the component macro makes every component function `pub`")]

pub(crate) mod classify;
pub(crate) mod data;
pub(crate) mod monitor;
pub(crate) mod not_found;
pub(crate) mod registry;
pub(crate) mod runs;
pub(crate) mod train;
