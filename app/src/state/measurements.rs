//! The measurements in the fields, and what the model makes of them.

use leptos::prelude::*;
use model_core::FeatureRow;

use super::library::Library;
use crate::view_models::answer::{Answer, read_row};
use crate::view_models::presets;

/// Signals of the measurements; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Measurements {
    library: Library,
    texts: StoredValue<Vec<RwSignal<String>>>,
    row: Memo<Result<FeatureRow, Vec<String>>>,
    answer: Memo<Result<Answer, Vec<String>>>,
    drawn: Memo<Vec<f64>>,
}

/// Starts at the model's typical row and makes the measurements available to every page.
pub(crate) fn provide_measurements(library: Library) -> Measurements {
    let start = presets::start(&library.built_in().artifact);
    let texts = StoredValue::new(start.into_iter().map(RwSignal::new).collect::<Vec<_>>());
    let row = Memo::new(move |_| {
        let texts: Vec<String> = texts.with_value(|texts| texts.iter().map(Get::get).collect());
        library.with_active(|model| read_row(model.artifact.schema(), &texts))
    });
    let answer = Memo::new(move |_| {
        let row = row.get()?;
        library.with_active(|model| Ok(Answer::predict(&model.artifact, &row)))
    });
    let drawn = Memo::new(move |last: Option<&Vec<f64>>| match row.get() {
        Ok(row) => row.values().to_vec(),
        Err(_) => last.cloned().unwrap_or_default(),
    });
    let measurements = Measurements { library, texts, row, answer, drawn };
    provide_context(measurements);
    measurements
}

/// The measurements that [`provide_measurements`] made available.
pub(crate) fn use_measurements() -> Measurements {
    expect_context()
}

impl Measurements {
    /// The text of a feature's field.
    pub(crate) fn text(&self, feature: usize) -> Option<RwSignal<String>> {
        self.texts.with_value(|texts| texts.get(feature).copied())
    }

    /// Every text, in the schema's order.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.texts.with_value(|texts| texts.iter().map(Get::get).collect())
    }

    /// Fills every field.
    pub(crate) fn fill(&self, values: &[String]) {
        self.texts.with_value(|texts| {
            for (text, value) in texts.iter().zip(values) {
                text.set(value.clone());
            }
        });
    }

    /// The row that the fields make, or a sentence for each faulty field.
    pub(crate) fn row(&self) -> Result<FeatureRow, Vec<String>> {
        self.row.get()
    }

    /// What the model that answers makes of it.
    pub(crate) fn answer(&self) -> Result<Answer, Vec<String>> {
        self.answer.get()
    }

    /// The last values that made a row: what is drawn while a field is being typed into.
    pub(crate) fn drawn(&self) -> Vec<f64> {
        self.drawn.get()
    }

    /// The models that answer.
    pub(crate) const fn library(&self) -> Library {
        self.library
    }
}
