//! The loop as the page Monitor has read it, and what is asked of it.

use std::sync::Arc;

use leptos::task::spawn_local;

use super::access::Access;
use crate::edge::{Asking, Client, EdgeError, the_loop as edge};
use crate::i18n::t;
use crate::signals::RwSignal;
use crate::view_models::monitor::the_loop::{Told, Wish, merged};
use crate::view_models::monitor::trouble;

/// Decisions that are read at first, and those that are read for news.
const FIRST: usize = 200;
const NEWS: usize = 10;

/// Signals of the loop; cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct TheLoop {
    access: Access,
    /// What is known of it.
    pub(crate) told: RwSignal<Arc<Told>>,
    /// Whether something is being asked of it.
    pub(crate) is_asking: RwSignal<bool>,
    /// What came of that.
    pub(crate) said: RwSignal<Option<String>>,
}

impl TheLoop {
    /// Nothing was read yet.
    pub(crate) fn new(access: Access) -> Self {
        Self {
            access,
            told: RwSignal::new(Arc::default()),
            is_asking: RwSignal::new(false),
            said: RwSignal::new(None),
        }
    }

    /// Forgets what a token let see. The page may be gone.
    pub(crate) fn clear(self) {
        let _ = self.told.try_set(Arc::default());
        let _ = self.said.try_set(None);
    }

    /// Whether something is on its way that ends by itself, as far as is known.
    pub(crate) fn is_at_work(self) -> bool {
        self.told.try_get_untracked().is_some_and(|told| told.is_training())
    }

    /// Reads what is new, and what may have changed by it; or all of it.
    pub(crate) fn read(self, client: &Client, all: bool) -> Asking<'_, ()> {
        Box::pin(async move {
            let known = self.told.try_get_untracked().unwrap_or_default();
            let mut told = Told::clone(&known);
            let limit = if known.decisions.is_empty() || all { FIRST } else { NEWS };
            told.decisions = merged(edge::decisions(client, limit).await?, &known.decisions);
            let number = |told: &Told| told.newest().map(|newest| newest.number);
            if all || number(&told) != number(&known) || known.is_training() {
                told.retraining = edge::retraining(client).await?;
            }
            // Somebody else may have set it: a decision says under which it was made, and not by which numbers.
            if all || number(&told) != number(&known) {
                told.policy = Some(edge::policy(client).await?);
            }
            // What is as before is not drawn anew.
            if told != *known && self.access.is(client) {
                let _ = self.told.try_set(Arc::new(told));
            }
            Ok(())
        })
    }

    /// Asks for `wish`, and has `done` read anew what it changed.
    pub(crate) fn wish(self, wish: Wish, done: impl FnOnce() + 'static) {
        if self.is_asking.get_untracked() {
            return;
        }
        self.is_asking.set(true);
        self.said.set(None);
        let client = self.access.client();
        spawn_local(async move {
            let said = match edge::wish(&client, &wish).await {
                Ok(why) if wish == Wish::Look && !why.is_empty() => {
                    t!("What it could not see: {why}", why)
                }
                Ok(_) if wish == Wish::Look => t!("It has just looked.").to_owned(),
                Ok(said) => said,
                Err(EdgeError::Conflict { detail: Some(detail) }) => detail,
                Err(error) => trouble(&error),
            };
            let _ = self.said.try_set(Some(said));
            let _ = self.is_asking.try_set(false);
            done();
        });
    }
}
