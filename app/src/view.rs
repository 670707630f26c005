//! Views of one type.
//!
//! Leptos' `view!` is of a type for each kind of element, and a list of views, an optional one, a view that changes and
//! a row of a table are then made anew for each of those: 80 KB of code (ADR 0011). Here every view is an
//! [`AnyView`](leptos::prelude::AnyView), as what stands inside of another is anyway, and each of these is there once.

/// What Leptos' macro of this name draws, as a view of the one type that all have.
macro_rules! view {
    ($($view:tt)*) => {
        ::leptos::prelude::IntoAny::into_any(::leptos::prelude::view! { $($view)* })
    };
}

pub(crate) use view;
