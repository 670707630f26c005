//! The Tepal dashboard: classify, train and compare in the browser.
//!
//! A page loads state, a component shows it, a view model computes what is shown. View models
//! are pure and tested natively; nothing in them knows of the DOM, of a clock or of the network.
//! What Classify needs is loaded with the page, everything else on first use ([`parts`]).
//! Prediction happens in the page, training in a Web Worker ([`training`]), reading of files and
//! explaining in another ([`lab`]), and the edge is asked only when the user says so. Page and workers
//! are one program: what both need is there once ([`workers`]).

#![allow(
    clippy::redundant_closure,
    reason = "`view!` gives the closures written in it one type, and leaves named ones theirs (ADR 0011)"
)]

mod app;
pub mod bytes;
mod charts;
mod clock;
mod components;
mod download;
mod edge;
mod i18n;
mod identity;
pub mod lab;
pub mod not_loaded;
mod pages;
pub mod parts;
mod query;
mod routes;
mod runs;
mod signals;
mod sorted;
mod state;
mod storage;
mod styles;
pub mod test_rows;
pub mod training;
mod view;
mod view_models;
pub mod workers;

pub use app::run;
