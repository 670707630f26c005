//! What the answer on Classify rests on, as a reading worker works it out: asked again whenever the row
//! or the model changes, shown when it is about what is on the screen.
//!
//! The worker is one of its own, started when it is first needed: Data ends its worker to stop a reading.

use std::sync::Arc;

use leptos::prelude::*;
use model_core::{FeatureRow, ModelId};

use super::library::Model;
use crate::lab::{Alternatives, DecisionMap, Explained, Lab, LabEvent, LabRequest, Question, Why};
use crate::parts::shared;
use crate::signals::RwSignal;
use crate::view_models::asking::Asking;
use crate::view_models::why_words::{WORKER_BROKE, WORKER_FAILED};
use crate::workers::{Attachment, Client, Failure};

/// The kinds of question, the urgent ones first.
const N_KINDS: usize = 3;
const WHY: usize = 0;
const MAP: usize = 1;
const ALTERNATIVES: usize = 2;

/// A question about a row, and the model that is asked.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// The model.
    pub(crate) model: Model,
    /// The row.
    pub(crate) row: FeatureRow,
    /// The question.
    pub(crate) question: Question,
}

impl PartialEq for Subject {
    /// A model's id is the hash of all that it answers by.
    fn eq(&self, other: &Self) -> bool {
        (self.model.id, &self.row, self.question) == (other.model.id, &other.row, other.question)
    }
}

/// An answer, and to what; cheap to copy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said<T: PartialEq> {
    /// What was asked.
    pub(crate) subject: Subject,
    /// What was said, or why nothing can be.
    pub(crate) answer: Arc<Result<T, String>>,
}

/// Signals of the explanations; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Explanations {
    asking: StoredValue<Asking<Subject>>,
    why: RwSignal<Option<Said<Why>>>,
    map: RwSignal<Option<Said<DecisionMap>>>,
    alternatives: RwSignal<Option<Said<Alternatives>>>,
    /// The features of the map that the user chose, and of which model.
    map_features: RwSignal<Option<(ModelId, (usize, usize))>>,
    /// Why the worker does not answer.
    failure: RwSignal<Option<&'static str>>,
    lab: StoredValue<Option<Client<Lab>>, LocalStorage>,
    /// The model that the worker has.
    given: StoredValue<Option<Model>>,
}

/// The explanations: one for all views, there as long as the page is.
pub(crate) fn use_explanations() -> Explanations {
    shared(|| Explanations {
        asking: StoredValue::new(Asking::new(N_KINDS)),
        why: RwSignal::new(None),
        map: RwSignal::new(None),
        alternatives: RwSignal::new(None),
        map_features: RwSignal::new(None),
        failure: RwSignal::new(None),
        lab: StoredValue::new_local(None),
        given: StoredValue::new(None),
    })
}

impl Explanations {
    /// What each feature adds to the answer: the last that was said, be it about the row of before.
    pub(crate) fn why(&self) -> Option<Said<Why>> {
        self.why.get()
    }

    /// The answers over two features, as were last asked for.
    pub(crate) fn map(&self) -> Option<Said<DecisionMap>> {
        self.map.get()
    }

    /// Rows like the row, and another answer.
    pub(crate) fn alternatives(&self) -> Option<Said<Alternatives>> {
        self.alternatives.get()
    }

    /// Why the worker does not answer, if it does not.
    pub(crate) fn failure(&self) -> Option<&'static str> {
        self.failure.get()
    }

    /// Wants to know why `model` answers `row` as it does; of none, nothing.
    pub(crate) fn want_why(&self, asked: Option<(Model, FeatureRow)>) {
        self.want(WHY, asked, Question::Why);
    }

    /// The features that the user chose for the map, and of which model.
    pub(crate) fn map_features(&self) -> Option<(ModelId, (usize, usize))> {
        self.map_features.get()
    }

    /// Takes other features for the map.
    pub(crate) fn set_map_features(&self, model: ModelId, features: (usize, usize)) {
        self.map_features.set(Some((model, features)));
    }

    /// Wants the answers over two features.
    pub(crate) fn want_map(&self, asked: Option<(Model, FeatureRow)>, (x, y): (usize, usize)) {
        self.want(MAP, asked, Question::Map(x as u32, y as u32));
    }

    /// Wants rows like `row`, and another answer.
    pub(crate) fn want_alternatives(&self, asked: Option<(Model, FeatureRow)>) {
        self.want(ALTERNATIVES, asked, Question::Alternatives);
    }

    /// Starts the worker once more.
    pub(crate) fn try_again(&self) {
        self.failure.set(None);
        self.go_on();
    }

    fn want(&self, kind: usize, asked: Option<(Model, FeatureRow)>, question: Question) {
        let subject = asked.map(|(model, row)| Subject { model, row, question });
        self.asking.update_value(|asking| asking.want(kind, subject));
        self.go_on();
    }

    /// Sends what is to be sent, and starts the worker for it.
    fn go_on(&self) {
        if self.failure.with_untracked(Option::is_some) {
            return;
        }
        if self.lab.with_value(Option::is_none) {
            self.start();
        }
        if self.lab.with_value(Option::is_some)
            && let Some(subject) = self.asking.try_update_value(Asking::next).flatten()
        {
            self.send(&subject);
        }
    }

    fn send(&self, subject: &Subject) {
        let Subject { model, row, question } = subject;
        self.lab.with_value(|lab| {
            let Some(lab) = lab else { return };
            if self.given.with_value(|given| given.as_ref().is_none_or(|it| it.id != model.id)) {
                let file = js_sys::Uint8Array::from(&*model.bytes.0);
                lab.send(&LabRequest::Model, Attachment::Bytes(&file));
                self.given.set_value(Some(model.clone()));
            }
            let values = row.values().to_vec();
            lab.send(&LabRequest::Explain { values, question: *question }, Attachment::None);
        });
    }

    fn start(&self) {
        let state = *self;
        let hear = move |event, _| state.hear(event);
        match Client::start(hear, move |failure| state.fail(failure)) {
            Ok(lab) => self.lab.set_value(Some(lab)),
            Err(_) => self.fail(Failure::NotLoaded),
        }
    }

    fn fail(&self, failure: Failure) {
        self.lab.set_value(None);
        self.given.set_value(None);
        self.asking.update_value(Asking::start_over);
        self.failure.set(Some(match failure {
            Failure::NotLoaded => WORKER_FAILED,
            Failure::Broke => WORKER_BROKE,
        }));
    }

    fn hear(&self, event: LabEvent) {
        if let LabEvent::Explained(explained) = event {
            self.take(*explained);
        }
        self.go_on();
    }

    fn take(&self, explained: Result<Explained, String>) {
        let answered = self.asking.try_update_value(Asking::answered).flatten();
        let Some((_, subject)) = answered else { return };
        match (subject.question, explained) {
            (_, Ok(Explained::Why(why))) => tell(self.why, subject, Ok(why)),
            (_, Ok(Explained::Map(map))) => tell(self.map, subject, Ok(map)),
            (_, Ok(Explained::Alternatives(of))) => tell(self.alternatives, subject, Ok(of)),
            (Question::Why, Err(why_not)) => tell(self.why, subject, Err(why_not)),
            (Question::Map(..), Err(why_not)) => tell(self.map, subject, Err(why_not)),
            (Question::Alternatives, Err(why_not)) => {
                tell(self.alternatives, subject, Err(why_not));
            }
        }
    }
}

fn tell<T: PartialEq + Send + Sync + 'static>(
    signal: RwSignal<Option<Said<T>>>,
    subject: Subject,
    said: Result<T, String>,
) {
    signal.set(Some(Said { subject, answer: Arc::new(said) }));
}
