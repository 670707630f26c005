//! The Tepal dashboard: classify, train and compare in the browser.
//!
//! A page loads state, a component shows it, a view model computes what is shown. View models
//! are pure and tested natively; nothing in them knows of the DOM, of a clock or of the network.
//! What Classify needs is loaded with the page, everything else on first use ([`parts`]).
//! Prediction happens in the page, training in a Web Worker (the `trainer` binary, which links
//! [`training`] and none of the page), reading of files in another (the `lab` binary, which links [`lab`]),
//! and the edge is asked only when the user says so.

mod app;
pub mod bytes;
mod charts;
mod clock;
mod components;
mod edge;
pub mod lab;
mod pages;
pub mod parts;
mod query;
mod routes;
mod state;
mod storage;
mod styles;
pub mod training;
mod view_models;
mod workers;

pub use app::run;
