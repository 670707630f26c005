//! The split points: which view and which worker's program lies in which part. The first name of each
//! attribute is the part's.
//!
//! The build cuts the program here (ADR 0011): what is reachable through one part alone goes into
//! that part's file, what several share and the entry does not need goes into a file of its own,
//! and the rest stays in the entry.

use std::future::ready;

use leptos::wasm_split::wasm_split;
use tepal_app::not_loaded::NotLoaded;
use tepal_app::parts::{self, Draw, LazyView, Loading};
use tepal_app::workers::{LoadingProgram, Serve};
use tepal_app::{lab, training};

/// Loads the part of `view`.
pub(crate) fn load(view: LazyView) -> Loading {
    match view {
        LazyView::Why => Box::pin(why_panel()),
        LazyView::Edge => Box::pin(edge_panel()),
        LazyView::Alternatives => Box::pin(alternative_panels()),
        LazyView::File => Box::pin(file_panel()),
        LazyView::ServedModel => Box::pin(served_model()),
        LazyView::RemoteAnswer => Box::pin(remote_answer()),
        LazyView::TrainingPanels => Box::pin(training_panels()),
        LazyView::FirstSteps => here(parts::first_steps),
        LazyView::Languages => here(parts::languages),
        LazyView::Data => Box::pin(data_page()),
        LazyView::Train => Box::pin(train_page()),
        LazyView::Runs => Box::pin(runs_page()),
        LazyView::Registry => Box::pin(registry_page()),
        LazyView::Monitor => Box::pin(monitor_page()),
    }
}

/// A view that comes with the entry: what stands around every page.
fn here(draw: Draw) -> Loading {
    Box::pin(ready(Ok(draw)))
}

/// Loads the part of the program that a worker of this `name` runs.
pub(crate) fn load_program(name: &str) -> LoadingProgram {
    match name {
        lab::NAME => Box::pin(lab_program()),
        training::NAME => Box::pin(trainer_program()),
        // The page starts no other; one of another version may.
        _ => Box::pin(ready(Err(NotLoaded))),
    }
}

#[wasm_split(workers, wasm_split_path = leptos::wasm_split, fallible)]
fn lab_program() -> Result<Serve, NotLoaded> {
    Ok(lab::serve)
}

#[wasm_split(workers, wasm_split_path = leptos::wasm_split, fallible)]
fn trainer_program() -> Result<Serve, NotLoaded> {
    Ok(training::serve)
}

#[wasm_split(why, wasm_split_path = leptos::wasm_split, fallible)]
fn why_panel() -> Result<Draw, NotLoaded> {
    Ok(parts::why_panel)
}

#[wasm_split(why, wasm_split_path = leptos::wasm_split, fallible)]
fn edge_panel() -> Result<Draw, NotLoaded> {
    Ok(parts::edge_panel)
}

#[wasm_split(why, wasm_split_path = leptos::wasm_split, fallible)]
fn alternative_panels() -> Result<Draw, NotLoaded> {
    Ok(parts::alternative_panels)
}

#[wasm_split(why, wasm_split_path = leptos::wasm_split, fallible)]
fn served_model() -> Result<Draw, NotLoaded> {
    Ok(parts::served_model)
}

#[wasm_split(why, wasm_split_path = leptos::wasm_split, fallible)]
fn remote_answer() -> Result<Draw, NotLoaded> {
    Ok(parts::remote_answer)
}

#[wasm_split(why, wasm_split_path = leptos::wasm_split, fallible)]
fn file_panel() -> Result<Draw, NotLoaded> {
    Ok(parts::file_panel)
}

#[wasm_split(training, wasm_split_path = leptos::wasm_split, fallible)]
fn training_panels() -> Result<Draw, NotLoaded> {
    Ok(parts::training_panels)
}

#[wasm_split(training, wasm_split_path = leptos::wasm_split, fallible)]
fn train_page() -> Result<Draw, NotLoaded> {
    Ok(parts::train_page)
}

#[wasm_split(training, wasm_split_path = leptos::wasm_split, fallible)]
fn data_page() -> Result<Draw, NotLoaded> {
    Ok(parts::data_page)
}

#[wasm_split(models, wasm_split_path = leptos::wasm_split, fallible)]
fn runs_page() -> Result<Draw, NotLoaded> {
    Ok(parts::runs_page)
}

#[wasm_split(models, wasm_split_path = leptos::wasm_split, fallible)]
fn registry_page() -> Result<Draw, NotLoaded> {
    Ok(parts::registry_page)
}

#[wasm_split(models, wasm_split_path = leptos::wasm_split, fallible)]
fn monitor_page() -> Result<Draw, NotLoaded> {
    Ok(parts::monitor_page)
}
