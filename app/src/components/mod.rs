//! What pages are made of. A component shows; what it shows is computed by a view model.

#![expect(unreachable_pub, reason = "the component macro makes every component function `pub`")]

pub(crate) mod answer_panel;
pub(crate) mod chart;
pub(crate) mod class_mark;
pub(crate) mod comparison_table;
pub(crate) mod edge_panel;
pub(crate) mod evaluation_charts;
pub(crate) mod iris_figure;
pub(crate) mod lazy;
pub(crate) mod measurement_panel;
pub(crate) mod notice;
pub(crate) mod retrain_panel;
pub(crate) mod shell;
pub(crate) mod training_panels;
