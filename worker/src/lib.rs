//! Tepal at the edge: a Cloudflare Worker that answers, logs and measures predictions.
//!
//! Layers, each knowing only the ones to its right:
//! `router -> handlers -> services -> ports <- adapters`; handlers also use `protocols`, which knows how
//! rows and answers travel. All of it but `adapters::cloudflare`
//! builds natively; the Workers SDK is a dependency of the wasm32 build only, so a stray call
//! into it doesn't compile. Prediction itself is `model-core`'s; no feature, class or range of a
//! data set is written down here.

pub mod adapters;
pub mod app;
pub mod config;
pub mod ports;
pub mod router;

#[cfg(any(test, feature = "contract-suite"))]
mod contract;
mod error;
mod handlers;
mod http;
mod json;
mod protocols;
mod routes;
mod services;
