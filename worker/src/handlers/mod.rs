//! One file per resource: from a request to a service call, and from its result to an answer.

pub(crate) mod alerts;
pub(crate) mod audit;
mod cursor;
pub(crate) mod datasets;
pub(crate) mod deployment;
pub(crate) mod docs;
pub(crate) mod export;
pub(crate) mod fallback;
pub(crate) mod feedback;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod lifecycle;
pub(crate) mod metrics;
pub(crate) mod model;
pub(crate) mod monitoring;
pub(crate) mod openapi;
pub(crate) mod page;
pub(crate) mod predict;
pub(crate) mod predictions;
pub(crate) mod registry;
pub(crate) mod windows;
