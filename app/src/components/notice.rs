//! A remark that stays until it is read.

use leptos::prelude::*;

use super::button::text_button;
use crate::i18n::t;
use crate::view::view;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoticeKind {
    /// Good to know.
    Note,
    /// Something to act on.
    Warning,
}

/// A box with a remark and, if it can be dismissed, a button for that.
#[component]
pub(crate) fn Notice(
    kind: NoticeKind,
    #[prop(into)] text: Signal<String>,
    #[prop(optional, into)] on_dismiss: Option<Callback<()>>,
) -> impl IntoView {
    let class = match kind {
        NoticeKind::Note => "notice",
        NoticeKind::Warning => "notice notice-warn",
    };
    let dismiss = on_dismiss.map(|dismiss| {
        view! {
            {text_button(t!("Understood"), move || dismiss.run(()))}
        }
    });
    view! {
        <div class=class role="status">
            <p>{text}</p>
            {dismiss}
        </div>
    }
}
