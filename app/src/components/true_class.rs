//! Whether the answer to a row that a link brought is right.

use leptos::prelude::*;

use crate::signals::Memo;
use crate::state::location::use_location;
use crate::state::measurements::use_measurements;
use crate::view::view;
use crate::view_models::true_class::remark;

/// The remark, as long as it holds.
#[component]
pub(crate) fn TrueClass() -> impl IntoView {
    let measurements = use_measurements();
    let location = use_location();
    let remark = Memo::new(move || {
        let answer = measurements.answer().ok()?.class;
        let (fields, texts) = (measurements.fields(), measurements.texts());
        let parameters = location.parameters();
        let library = measurements.library();
        library.with_schema(|schema| remark(schema, &parameters, &fields, &texts, answer))
    });
    move || remark.get().map(|words| view! { <p class="true-class">{words}</p> })
}
