//! The measurements in the fields, and what the model makes of them.
//!
//! The fields are those of the model that answers. Only what the user has entered, or a link has
//! given, is state; fields, texts, row and answer are derived from it and from the model.

use leptos::prelude::*;
use model_core::FeatureRow;

use super::library::Library;
use super::location::Location;
use crate::query::MODEL;
use crate::signals::{Memo, RwSignal};
use crate::view_models::answer::Answer;
use crate::view_models::measurement::{Entry, Field, Reading, read};
use crate::view_models::presets;
use crate::view_models::typed::Typed;

/// Signals of the measurements; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Measurements {
    library: Library,
    typed: RwSignal<Typed>,
    fields: Memo<Vec<Field>>,
    texts: Memo<Vec<String>>,
    reading: Memo<Reading>,
    answer: Memo<Option<Answer>>,
    drawn: Memo<Vec<f64>>,
}

/// Starts at what the address gives, else at the model's typical row, and makes the measurements available to every page.
pub(crate) fn provide_measurements(library: Library, location: Location) -> Measurements {
    let typed = RwSignal::new(Typed::default());
    let given = Memo::new(move || {
        let mut parameters = location.parameters();
        parameters.retain(|(name, _)| name != MODEL);
        parameters
    });
    typed.try_update_untracked(|typed| typed.give(given.get_untracked()));
    Effect::watch(
        move || given.get(),
        move |given, _, _| typed.update(|typed| typed.give(given.clone())),
        false,
    );
    // A memo, because a model that answers in place of another mostly has the same schema: the
    // inputs must stay, or a drag and the focus are lost when a training ends.
    let fields = Memo::new(move || library.with_schema(Field::all));
    // Where the fields start, and where all of them started that there were: a retrained model's
    // typical row is another one by a hair, which is no reason to change what is in the fields.
    let start = Memo::following(move |last: Option<&(Typed, Vec<String>)>| {
        let mut started = last.map(|(started, _)| started.clone()).unwrap_or_default();
        // A model at the edge has shown no rows.
        let own = match library.remote() {
            Some(remote) => presets::start(&remote.schema, None),
            None => library.with_active(|model| {
                let artifact = &model.artifact;
                presets::start(artifact.schema(), Some(&artifact.reference().train))
            }),
        };
        let texts = fields.with(|fields| started.keep(fields, own));
        (started, texts)
    });
    let texts = Memo::new(move || {
        // Where the fields start is derived from them: it is read before they are borrowed.
        let start = start.read();
        let fields = fields.read();
        typed.with(|typed| typed.texts(&fields, &start.1))
    });
    let reading = Memo::new(move || {
        let (fields, texts) = (fields.read(), texts.read());
        library.with_schema(|schema| read(schema, &fields, &texts))
    });
    let answer = Memo::new(move || {
        let row = reading.with(|reading| reading.row.clone()).ok()?;
        Some(library.with_active(|model| Answer::predict(&model.artifact, &row)))
    });
    let drawn = Memo::following(move |last: Option<&Vec<f64>>| {
        reading.with(|reading| match &reading.row {
            Ok(row) => row.values().to_vec(),
            Err(_) => last.cloned().unwrap_or_default(),
        })
    });
    let measurements = Measurements { library, typed, fields, texts, reading, answer, drawn };
    provide_context(measurements);
    measurements
}

/// The measurements that [`provide_measurements`] made available.
pub(crate) fn use_measurements() -> Measurements {
    expect_context()
}

impl Measurements {
    /// The fields of the model that answers.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.fields.get()
    }

    /// The text in the field at this place.
    pub(crate) fn text(&self, at: usize) -> String {
        self.texts.with(|texts| texts.get(at).cloned()).unwrap_or_default()
    }

    /// What that text means. A field that the form no longer has means nothing.
    pub(crate) fn entry(&self, at: usize) -> Entry {
        self.reading.with(|reading| reading.entries.get(at).cloned()).unwrap_or(Entry::Missing)
    }

    /// Whether anything was entered, by hand or by a link.
    pub(crate) fn is_touched(&self) -> bool {
        self.typed.with(|typed| !typed.is_empty())
    }

    /// Every text, in the order of the fields.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.texts.get()
    }

    /// Puts `text` into `field`.
    pub(crate) fn set(&self, field: &Field, text: String) {
        self.typed.update(|typed| typed.set(field, text));
    }

    /// Fills the fields that have a text in `texts`; the others stay.
    pub(crate) fn fill(&self, texts: &[Option<String>]) {
        self.typed.update(|typed| {
            self.fields.with_untracked(|fields| {
                for (field, text) in fields.iter().zip(texts) {
                    text.iter().for_each(|text| typed.set(field, text.clone()));
                }
            });
        });
    }

    /// The row that the fields make, or a sentence for each faulty field.
    pub(crate) fn row(&self) -> Result<FeatureRow, Vec<String>> {
        self.reading.with(|reading| self.fields.with(|fields| reading.row_of(fields)))
    }

    /// What the model that answers makes of it.
    pub(crate) fn answer(&self) -> Result<Answer, Vec<String>> {
        self.answer.get().ok_or_else(|| self.row().err().unwrap_or_default())
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
