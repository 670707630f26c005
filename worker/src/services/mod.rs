//! What the Worker does, free of HTTP and of the Workers SDK.
//!
//! Services take ports and give values; the handlers above them turn requests into arguments and
//! results into answers.

pub(crate) mod access;
pub(crate) mod alerting;
pub(crate) mod classify;
pub(crate) mod datasets;
pub(crate) mod documents;
pub(crate) mod export;
pub(crate) mod log;
pub(crate) mod metrics;
pub(crate) mod model;
pub(crate) mod openapi;
pub(crate) mod prediction_id;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod registry;
pub(crate) mod report;
pub(crate) mod retraining;
pub(crate) mod serving;
pub(crate) mod subject;
pub(crate) mod telemetry;
pub(crate) mod time;
pub(crate) mod usage;
pub(crate) mod watching;
