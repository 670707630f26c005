//! The model that the detail panels speak of: the one that answers, until another is looked at.

use leptos::prelude::*;
use model_core::ModelId;

use super::library::{Library, Model};
use crate::signals::{Memo, RwSignal};
use crate::view_models::known_rows::KnownRows;

/// Signals of the model in detail; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Detail {
    library: Library,
    looked_at: RwSignal<Option<ModelId>>,
    model: Memo<Model>,
    known: Memo<Option<KnownRows>>,
}

/// Makes the model in detail available to what is drawn below.
pub(crate) fn provide_detail(library: Library) -> Detail {
    let looked_at = RwSignal::new(None::<ModelId>);
    let model = Memo::new(move || {
        let wanted = looked_at.get();
        let found = models(library).into_iter().find(|model| Some(model.id) == wanted);
        found.unwrap_or_else(|| library.active())
    });
    let known = Memo::new(move || {
        model.with(|model| KnownRows::of(&model.artifact, model.test_rows.as_ref()))
    });
    let detail = Detail { library, looked_at, model, known };
    provide_context(detail);
    detail
}

/// The model in detail that [`provide_detail`] made available.
pub(crate) fn use_detail() -> Detail {
    expect_context()
}

impl Detail {
    /// The model.
    pub(crate) fn model(&self) -> Model {
        self.model.get()
    }

    /// Reads it without copying it.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&Model) -> T) -> T {
        self.model.with(read)
    }

    /// Its rows of known class, if there are any.
    pub(crate) fn with_known<T>(&self, read: impl FnOnce(Option<&KnownRows>) -> T) -> T {
        self.known.with(|known| read(known.as_ref()))
    }

    /// The models that can be looked at.
    pub(crate) fn models(&self) -> Vec<Model> {
        models(self.library)
    }

    /// Looks at the model with this id.
    pub(crate) fn look_at(&self, id: Option<ModelId>) {
        self.looked_at.set(id);
    }

    /// Lets the model answer.
    pub(crate) fn let_answer(&self) {
        let id = self.model.with_untracked(|model| model.id);
        let is_retrained = self
            .library
            .result_untracked()
            .is_some_and(|result| result.models.iter().any(|model| model.id == id));
        self.library.choose(is_retrained.then_some(id));
    }
}

/// Those of the last training, else the built-in one.
fn models(library: Library) -> Vec<Model> {
    library.result().map_or_else(|| vec![library.with_active(Clone::clone)], |result| result.models)
}
