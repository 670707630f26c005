//! Which question goes to a worker next, when what is asked changes faster than it answers.
//!
//! There are a few kinds of question, the urgent ones first. Of each kind only the newest is ever asked, one
//! at a time: whatever was wanted in the meantime is dropped unasked, and an answer to what is no longer
//! wanted is ignored.

/// Questions of one kind each, by their place.
#[derive(Debug, Clone)]
pub(crate) struct Asking<Q> {
    kinds: Vec<Kind<Q>>,
    /// What the worker is at, with its kind.
    asked: Option<(usize, Q)>,
}

#[derive(Debug, Clone)]
struct Kind<Q> {
    wanted: Option<Q>,
    answered: Option<Q>,
}

impl<Q: Clone + PartialEq> Asking<Q> {
    /// Of so many kinds.
    pub(crate) fn new(n_kinds: usize) -> Self {
        Self { kinds: vec![Kind { wanted: None, answered: None }; n_kinds], asked: None }
    }

    /// Wants `question` in place of what was wanted of this kind; `None` wants nothing.
    pub(crate) fn want(&mut self, kind: usize, question: Option<Q>) {
        if let Some(kind) = self.kinds.get_mut(kind) {
            kind.wanted = question;
        }
    }

    /// The question to send now, if the worker is free and one is open.
    pub(crate) fn next(&mut self) -> Option<Q> {
        if self.asked.is_some() {
            return None;
        }
        let is_open = |kind: &Kind<Q>| kind.wanted.is_some() && kind.wanted != kind.answered;
        let at = self.kinds.iter().position(is_open)?;
        let question = self.kinds.get(at)?.wanted.clone()?;
        self.asked = Some((at, question.clone()));
        Some(question)
    }

    /// Takes note that the worker has answered: the kind and the question, if it is still wanted.
    pub(crate) fn answered(&mut self) -> Option<(usize, Q)> {
        let (at, question) = self.asked.take()?;
        let kind = self.kinds.get_mut(at)?;
        if kind.wanted.as_ref() != Some(&question) {
            return None;
        }
        kind.answered = Some(question.clone());
        Some((at, question))
    }

    /// Forgets what was asked and answered: the worker is another one.
    pub(crate) fn start_over(&mut self) {
        self.asked = None;
        self.kinds.iter_mut().for_each(|kind| kind.answered = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_drag_only_the_last_row_is_asked_after_the_first() {
        let mut asking = Asking::new(1);
        asking.want(0, Some(1));
        assert_eq!(asking.next(), Some(1));
        for row in 2..=9 {
            asking.want(0, Some(row));
            assert_eq!(asking.next(), None, "one at a time");
        }
        assert_eq!(asking.answered(), None, "an answer for an older row is ignored");
        assert_eq!(asking.next(), Some(9));
        assert_eq!(asking.answered(), Some((0, 9)));
        assert_eq!(asking.next(), None);
    }

    #[test]
    fn what_is_urgent_goes_first() {
        let mut asking = Asking::new(2);
        asking.want(1, Some("map"));
        asking.want(0, Some("why"));
        assert_eq!(asking.next(), Some("why"));
        assert_eq!(asking.answered(), Some((0, "why")));
        assert_eq!(asking.next(), Some("map"));
        asking.want(0, Some("why else"));
        assert_eq!(asking.answered(), Some((1, "map")));
        assert_eq!(asking.next(), Some("why else"));
    }

    #[test]
    fn what_is_not_wanted_any_more_is_neither_asked_nor_heard() {
        let mut asking = Asking::new(1);
        asking.want(0, Some(1));
        asking.next();
        asking.want(0, None);
        assert_eq!(asking.answered(), None);
        assert_eq!(asking.next(), None);
        assert_eq!(asking.answered(), None, "nothing was asked");
    }

    #[test]
    fn another_worker_is_asked_anew() {
        let mut asking = Asking::new(1);
        asking.want(0, Some(1));
        asking.next();
        asking.start_over();
        assert_eq!(asking.next(), Some(1));
        assert_eq!(asking.answered(), Some((0, 1)));
        asking.start_over();
        assert_eq!(asking.next(), Some(1));
    }
}
