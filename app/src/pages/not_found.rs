//! A path that leads nowhere.

use leptos::prelude::*;

use crate::i18n::t;
use crate::routes::Route;
use crate::view::view;

/// Where the link stands in its sentence.
const LINK: char = '\u{fffc}';

/// Page not found.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    let words = t!("There is no page at this address. {link} instead?", link = LINK);
    let (before, after) = words.split_once(LINK).unwrap_or((&words, ""));
    let (before, after) = (before.to_owned(), after.to_owned());
    view! {
        <h1 tabindex="-1">{t!("Nothing grows here")}</h1>
        <p class="lede">{before}<a href=Route::Classify.path()>{t!("Classify a flower")}</a>{after}</p>
    }
}
