//! What the registry said last, and when to ask again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ports::Pointer;

/// After a registry that didn't answer it is asked again after so long; until then the last pointer
/// counts.
const RETRY_MILLIS: i64 = 1_000;

/// A background refresh that hasn't ended after so long was lost with its request.
const LOST_MILLIS: i64 = 2_000;

/// Whether the registry is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// No.
    Not,
    /// By this request, after its answer; others needn't.
    Soon,
    /// Before an answer.
    Now,
}

/// The last pointer.
#[derive(Debug)]
pub(super) struct Latest {
    ttl_millis: i64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    pointer: Option<Arc<Pointer>>,
    /// When the registry said so.
    told_at: Option<i64>,
    /// When it was last asked in vain, if that was after it last said something.
    failed_at: Option<i64>,
    refreshing_since: Option<i64>,
    /// Changes that were made here so far.
    epoch: u64,
}

/// A moment at which the registry was asked: what it says then can be older than a change that was made
/// here since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    at_millis: i64,
    epoch: u64,
}

impl Latest {
    pub(super) fn new(ttl_millis: i64) -> Self {
        Self { ttl_millis, inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller is to ask the registry.
    pub(super) fn due(&self, now_millis: i64) -> Due {
        let mut inner = self.lock();
        let within = |since: i64, millis: i64| (0..millis).contains(&(now_millis - since));
        if inner.failed_at.is_some_and(|at| within(at, RETRY_MILLIS)) {
            return Due::Not;
        }
        let Some(told_at) = inner.told_at else { return Due::Now };
        if within(told_at, self.ttl_millis / 2) {
            return Due::Not;
        }
        if !within(told_at, self.ttl_millis) {
            return Due::Now;
        }
        if inner.refreshing_since.is_some_and(|since| within(since, LOST_MILLIS)) {
            return Due::Not;
        }
        inner.refreshing_since = Some(now_millis);
        Due::Soon
    }

    /// To be called before the registry is asked.
    pub(super) fn asking(&self, at_millis: i64) -> Asked {
        Asked { at_millis, epoch: self.lock().epoch }
    }

    /// Takes what the registry (`reached`) or its copy said to a question of `asked`. What is older than
    /// what is known changes nothing, and what was asked before a change was made here doesn't count as
    /// fresh.
    pub(super) fn adopt(&self, pointer: Option<Pointer>, reached: bool, asked: Asked) {
        let mut inner = self.lock();
        inner.refreshing_since = None;
        if !reached {
            inner.failed_at = Some(asked.at_millis);
        } else if asked.epoch == inner.epoch {
            inner.told_at = Some(asked.at_millis);
            inner.failed_at = None;
        }
        let known = inner.pointer.as_ref().map(|known| known.generation);
        if let Some(pointer) =
            pointer.filter(|new| known.is_none_or(|known| new.generation >= known))
        {
            inner.pointer = Some(Arc::new(pointer));
        }
    }

    /// The pointer, and whether it may not be what the registry would say.
    pub(super) fn get(&self) -> (Option<Arc<Pointer>>, bool) {
        let inner = self.lock();
        (inner.pointer.clone(), inner.failed_at.is_some() || inner.pointer.is_none())
    }

    /// Makes the next request ask the registry.
    pub(super) fn expire(&self) {
        let mut inner = self.lock();
        inner.told_at = None;
        inner.failed_at = None;
        inner.epoch += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Deployment, Mode, ModelRef};

    fn pointer(generation: u64) -> Option<Pointer> {
        let champion = ModelRef { version: generation, model_id: String::new() };
        let deployment = Deployment {
            champion,
            challenger: None,
            split_basis_points: 0,
            mode: Mode::Live,
            public_artifact: false,
            previous_champion: None,
            trial: None,
        };
        Some(Pointer { generation, deployment, revoked_keys: Vec::new() })
    }

    fn generation(latest: &Latest) -> Option<u64> {
        latest.get().0.map(|pointer| pointer.generation)
    }

    #[test]
    fn it_is_asked_for_in_the_background_before_it_is_too_old() {
        let latest = Latest::new(10_000);
        assert_eq!(latest.due(0), Due::Now);
        latest.adopt(pointer(1), true, latest.asking(0));
        assert_eq!(latest.due(4_999), Due::Not);
        assert_eq!(latest.due(5_000), Due::Soon);
        assert_eq!(latest.due(5_001), Due::Not, "somebody is at it");
        assert_eq!(latest.due(7_000), Due::Soon, "who was cut off");
        latest.adopt(pointer(2), true, latest.asking(7_010));
        assert_eq!(latest.due(12_000), Due::Not);
        assert_eq!(latest.due(17_010), Due::Now);
    }

    #[test]
    fn a_registry_that_does_not_answer_is_left_alone_for_a_moment() {
        let latest = Latest::new(10_000);
        latest.adopt(pointer(1), true, latest.asking(0));
        latest.adopt(None, false, latest.asking(10_000));
        assert_eq!(latest.due(10_999), Due::Not);
        assert!(latest.get().1, "it may serve something else than it should");
        assert_eq!(latest.due(11_000), Due::Now);
        latest.adopt(pointer(1), true, latest.asking(11_000));
        assert!(!latest.get().1);
    }

    #[test]
    fn it_never_goes_back() {
        let latest = Latest::new(10_000);
        latest.adopt(pointer(5), true, latest.asking(0));
        latest.adopt(pointer(4), false, latest.asking(1));
        latest.adopt(pointer(4), true, latest.asking(2));
        latest.adopt(None, true, latest.asking(3));
        assert_eq!(generation(&latest), Some(5));
        latest.adopt(pointer(6), false, latest.asking(4));
        assert_eq!(generation(&latest), Some(6));
    }

    #[test]
    fn a_clock_that_jumped_back_makes_it_ask() {
        let latest = Latest::new(10_000);
        latest.adopt(pointer(1), true, latest.asking(50_000));
        assert_eq!(latest.due(0), Due::Now);
    }

    #[test]
    fn what_was_asked_before_a_change_is_asked_again_after_it() {
        let latest = Latest::new(10_000);
        latest.adopt(pointer(1), true, latest.asking(0));
        let asked = latest.asking(5_000);
        latest.expire();
        latest.adopt(pointer(1), true, asked);
        assert_eq!(latest.due(5_001), Due::Now);
        latest.adopt(pointer(2), true, latest.asking(5_001));
        assert_eq!((latest.due(5_002), generation(&latest)), (Due::Not, Some(2)));
    }

    #[test]
    fn its_age_counts_from_the_question() {
        let latest = Latest::new(10_000);
        let asked = latest.asking(0);
        latest.adopt(pointer(1), true, asked);
        assert_eq!(latest.due(10_000), Due::Now, "however long the answer took");
    }
}
