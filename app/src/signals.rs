//! Signals and memos of any type, on one type of Leptos' own.
//!
//! What Leptos makes of a signal or a memo it makes anew for each type that it holds: 1 to 4 KB, for more than a
//! hundred types (ADR 0011). Here the values lie in boxes, so that the graph knows one signal and one memo, and all
//! that is there for each type is a look into the box. They are used as Leptos' are, whose names they have.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use leptos::prelude as graph;
use leptos::prelude::{Read, ReadUntracked, Set, Track, Update, UpdateUntracked};

/// A value of some type.
type Boxed = Box<dyn Any + Send + Sync>;

/// A value that can be read and written, and tells who read it. Cheap to copy.
pub(crate) struct RwSignal<T> {
    inner: graph::RwSignal<Boxed>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T> fmt::Debug for RwSignal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RwSignal")
    }
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal that holds `value`, for as long as who owns it is there.
    pub(crate) fn new(value: T) -> Self {
        Self { inner: new_signal(Box::new(value)), of: PhantomData }
    }

    /// What `look` finds in the value; whoever is being computed is computed anew when it changes.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(value(&read(self.inner)))
    }

    /// What `look` finds in the value, noted by nobody.
    pub(crate) fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(value(&peek(self.inner)))
    }

    /// Has whoever is being computed be computed anew when the value changes.
    pub(crate) fn track(&self) {
        self.inner.track();
    }

    /// Replaces the value and tells; does nothing once the owner is gone.
    pub(crate) fn set(&self, value: T) {
        replace(self.inner, Box::new(value));
    }

    /// Replaces the value and tells. What was not taken since the owner is gone comes back.
    pub(crate) fn try_set(&self, value: T) -> Option<T> {
        let refused = replace(self.inner, Box::new(value))?;
        refused.downcast().ok().map(|value| *value)
    }

    /// Changes the value in place and tells; does nothing once the owner is gone.
    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) {
        let _ = self.try_update(change);
    }

    /// Changes the value in place and tells. Nothing once the owner is gone.
    pub(crate) fn try_update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        changed(|changing| write(self.inner, changing), change)
    }

    /// Changes the value in place and tells nobody. Nothing once the owner is gone.
    pub(crate) fn try_update_untracked<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        changed(|changing| write_untold(self.inner, changing), change)
    }
}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// The value; whoever is being computed is computed anew when it changes.
    pub(crate) fn get(&self) -> T {
        self.with(T::clone)
    }

    /// The value, noted by nobody.
    pub(crate) fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }

    /// The value, noted by nobody. Nothing once the owner is gone.
    pub(crate) fn try_get_untracked(&self) -> Option<T> {
        let guard = try_peek(self.inner)?;
        Some(value::<T>(&guard).clone())
    }
}

/// A value that follows from others, computed when it is read; who read it is told only if it differs.
/// Cheap to copy.
pub(crate) struct Memo<T> {
    inner: graph::Memo<Computed>,
    of: PhantomData<fn() -> T>,
}

/// With how to tell it from another of its type.
struct Computed {
    value: Boxed,
    is_same: IsSame,
}

/// Whether two values of one type are the same.
type IsSame = fn(&Boxed, &Boxed) -> bool;

/// A memo's value, as long as somebody looks at it.
struct Look<G, T> {
    guard: G,
    of: PhantomData<fn() -> T>,
}

impl<G: Deref<Target = Computed>, T: 'static> Deref for Look<G, T> {
    type Target = T;

    fn deref(&self) -> &T {
        value(&self.guard.value)
    }
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T> fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo of what `compute` makes.
    pub(crate) fn new(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::following(move |_| compute())
    }

    /// A memo of what `compute` makes of the value before.
    pub(crate) fn following(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let is_same: IsSame = |a, b| value::<T>(a) == value::<T>(b);
        Self::compared(compute, is_same)
    }
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// A memo of what `compute` makes, which is another value each time.
    pub(crate) fn changing(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::compared(move |_| compute(), |_, _| false)
    }

    fn compared(
        compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static,
        is_same: IsSame,
    ) -> Self {
        let compute = Box::new(move |last: Option<&Boxed>| Computed {
            value: Box::new(compute(last.map(value))),
            is_same,
        });
        Self { inner: new_memo(compute), of: PhantomData }
    }

    /// The value, to be looked at; whoever is being computed is computed anew when it differs.
    pub(crate) fn read(&self) -> impl Deref<Target = T> {
        Look { guard: read_memo(self.inner), of: PhantomData }
    }

    /// What `look` finds in the value; whoever is being computed is computed anew when it differs.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(value(&read_memo(self.inner).value))
    }

    /// What `look` finds in the value, noted by nobody.
    pub(crate) fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(value(&peek_memo(self.inner).value))
    }
}

impl<T: Clone + Send + Sync + 'static> Memo<T> {
    /// The value; whoever is being computed is computed anew when it differs.
    pub(crate) fn get(&self) -> T {
        self.with(T::clone)
    }

    /// The value, noted by nobody.
    pub(crate) fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

/// Runs `act` once the view stands, and again whenever something changes that it read.
pub(crate) fn effect(act: impl FnMut() + 'static) {
    new_effect(Box::new(act));
}

/// What `change` gives of the value that `write` hands it; nothing if it hands none.
fn changed<T: 'static, R>(
    write: impl FnOnce(&mut dyn FnMut(&mut Boxed)),
    change: impl FnOnce(&mut T) -> R,
) -> Option<R> {
    let (mut changed, mut change) = (None, Some(change));
    write(&mut |boxed| {
        changed = change.take().zip(boxed.downcast_mut()).map(|(change, value)| change(value));
    });
    changed
}

// What follows is there once, whatever the type, but for the look into the box.

#[expect(clippy::expect_used, reason = "the box was made by a signal of this type")]
fn value<T: 'static>(boxed: &Boxed) -> &T {
    boxed.downcast_ref().expect("a value of the signal's own type")
}

#[inline(never)]
fn new_signal(value: Boxed) -> graph::RwSignal<Boxed> {
    graph::RwSignal::new(value)
}

#[inline(never)]
fn read(signal: graph::RwSignal<Boxed>) -> impl Deref<Target = Boxed> {
    signal.read()
}

#[inline(never)]
fn peek(signal: graph::RwSignal<Boxed>) -> impl Deref<Target = Boxed> {
    signal.read_untracked()
}

#[inline(never)]
fn try_peek(signal: graph::RwSignal<Boxed>) -> Option<impl Deref<Target = Boxed>> {
    signal.try_read_untracked()
}

#[inline(never)]
fn replace(signal: graph::RwSignal<Boxed>, value: Boxed) -> Option<Boxed> {
    signal.try_set(value)
}

#[inline(never)]
fn write(signal: graph::RwSignal<Boxed>, change: &mut dyn FnMut(&mut Boxed)) {
    let _ = signal.try_update(change);
}

#[inline(never)]
fn write_untold(signal: graph::RwSignal<Boxed>, change: &mut dyn FnMut(&mut Boxed)) {
    let _ = signal.try_update_untracked(change);
}

#[inline(never)]
fn new_memo(compute: Box<Compute>) -> graph::Memo<Computed> {
    graph::Memo::new_owning(move |before: Option<Computed>| {
        let now = compute(before.as_ref().map(|before| &before.value));
        let differs = before.is_none_or(|before| !(now.is_same)(&before.value, &now.value));
        (now, differs)
    })
}

/// What a memo holds, of what it held before.
type Compute = dyn Fn(Option<&Boxed>) -> Computed + Send + Sync;

#[inline(never)]
fn read_memo(memo: graph::Memo<Computed>) -> impl Deref<Target = Computed> {
    memo.read()
}

#[inline(never)]
fn peek_memo(memo: graph::Memo<Computed>) -> impl Deref<Target = Computed> {
    memo.read_untracked()
}

#[inline(never)]
fn new_effect(mut act: Box<dyn FnMut()>) {
    graph::Effect::new(move |_| act());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_signal_is_read_written_and_outlived() {
        let owner = graph::Owner::new();
        let signal = owner.with(|| RwSignal::new(vec![1]));
        assert_eq!(signal.get_untracked(), [1]);
        assert_eq!(signal.try_update(|all| all.len()), Some(1));
        signal.update(|all| all.push(2));
        assert_eq!(signal.with_untracked(Vec::len), 2);
        assert_eq!(signal.try_set(vec![3]), None);
        assert_eq!(signal.try_get_untracked(), Some(vec![3]));
        drop(owner);
        assert_eq!(signal.try_set(vec![4]), Some(vec![4]));
        assert_eq!(signal.try_get_untracked(), None);
        assert_eq!(signal.try_update(|all| all.len()), None);
    }

    #[test]
    fn a_memo_is_computed_for_what_differs_alone() {
        let owner = graph::Owner::new();
        owner.with(|| {
            let signal = RwSignal::new(2);
            let computed = Arc::new(AtomicUsize::new(0));
            let is_even = Memo::new(move || signal.get() % 2 == 0);
            let counter = Arc::clone(&computed);
            let said = Memo::new(move || {
                counter.fetch_add(1, Ordering::Relaxed);
                if is_even.get() { "even" } else { "odd" }
            });
            assert_eq!((said.get_untracked(), computed.load(Ordering::Relaxed)), ("even", 1));
            signal.set(4);
            assert_eq!((said.get_untracked(), computed.load(Ordering::Relaxed)), ("even", 1));
            signal.set(5);
            assert_eq!((said.get_untracked(), computed.load(Ordering::Relaxed)), ("odd", 2));
            assert!(!*is_even.read());
        });
    }

    #[test]
    fn a_memo_follows_the_value_before_and_one_that_changes_always_tells() {
        let owner = graph::Owner::new();
        owner.with(|| {
            let signal = RwSignal::new(3);
            let most = Memo::following(move |last: Option<&i32>| {
                last.copied().unwrap_or_default().max(signal.get())
            });
            let length = Memo::changing(move || signal.with(|_| 0));
            let computed = RwSignal::new(0);
            let after = Memo::new(move || {
                computed.try_update_untracked(|n| *n += 1);
                length.get()
            });
            assert_eq!((most.get_untracked(), after.get_untracked()), (3, 0));
            signal.set(1);
            assert_eq!((most.get_untracked(), after.get_untracked()), (3, 0));
            assert_eq!(computed.get_untracked(), 2);
        });
    }
}
