//! What the components show, computed: pure functions of models, measurements and sizes.

pub(crate) mod accuracy_chart;
pub(crate) mod alternative_words;
pub(crate) mod answer;
pub(crate) mod asking;
pub(crate) mod calibration_chart;
pub(crate) mod class_mark;
pub(crate) mod comparison;
pub(crate) mod comparison_order;
pub(crate) mod confusion_chart;
pub(crate) mod decision_chart;
pub(crate) mod dependence_chart;
pub(crate) mod edge_agreement;
pub(crate) mod families;
pub(crate) mod feature_words;
pub(crate) mod file_text;
pub(crate) mod file_words;
pub(crate) mod format;
pub(crate) mod importance_chart;
pub(crate) mod iris_drawing;
pub(crate) mod known_rows;
pub(crate) mod measurement;
pub(crate) mod pair_chart;
pub(crate) mod plot;
pub(crate) mod presets;
pub(crate) mod progress;
mod ranking;
pub(crate) mod remote_words;
pub(crate) mod roc_chart;
pub(crate) mod row_chunks;
pub(crate) mod row_window;
pub(crate) mod scene;
pub(crate) mod settings;
pub(crate) mod sheet_words;
pub(crate) mod slider;
pub(crate) mod strip;
pub(crate) mod tabs;
pub(crate) mod time_size_chart;
pub(crate) mod training_words;
pub(crate) mod typed;
mod typical_date;
pub(crate) mod verdict;
pub(crate) mod why_bars;
pub(crate) mod why_words;

#[cfg(test)]
pub(crate) mod fixtures;
