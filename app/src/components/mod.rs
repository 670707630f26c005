//! What pages are made of. A component shows; what it shows is computed by a view model.

#![expect(unreachable_pub, reason = "the component macro makes every component function `pub`")]

pub(crate) mod alternatives_panel;
pub(crate) mod answer_panel;
pub(crate) mod answered_rows;
pub(crate) mod cell_rows;
pub(crate) mod chart;
pub(crate) mod chart_export;
pub(crate) mod class_mark;
pub(crate) mod comparison_table;
pub(crate) mod confusion_panel;
pub(crate) mod correlation_panel;
pub(crate) mod decision_map_panel;
pub(crate) mod dependence_panel;
pub(crate) mod detail_panel;
pub(crate) mod dialog;
pub(crate) mod edge_panel;
pub(crate) mod evaluation_charts;
pub(crate) mod file_panel;
pub(crate) mod file_report;
pub(crate) mod file_source;
pub(crate) mod file_status;
pub(crate) mod importance_panel;
pub(crate) mod iris_figure;
pub(crate) mod lazy;
pub(crate) mod measurement_panel;
pub(crate) mod notice;
pub(crate) mod pair_panel;
pub(crate) mod problem_list;
pub(crate) mod quality_panels;
pub(crate) mod reading_panel;
pub(crate) mod remote_answer;
pub(crate) mod report_table;
pub(crate) mod retrain_panel;
pub(crate) mod rows_table;
pub(crate) mod served_model;
pub(crate) mod set_words;
pub(crate) mod settings_panel;
pub(crate) mod share_link;
pub(crate) mod shell;
pub(crate) mod strip_list;
pub(crate) mod tabs;
pub(crate) mod target_question;
pub(crate) mod training_panels;
pub(crate) mod verdict_panel;
pub(crate) mod why_panel;
