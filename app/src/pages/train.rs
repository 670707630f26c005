//! Train: the models beside each other, what a training takes, and one of them in detail.

use leptos::prelude::*;

use crate::components::detail_panel::DetailPanel;
use crate::components::downloads::DownloadsPanel;
use crate::components::evaluation_charts::ComparisonCharts;
use crate::components::retrain_panel::RetrainPanel;
use crate::components::settings_panel::SettingsPanel;
use crate::i18n::{t, text};
use crate::signals::Memo;
use crate::state::detail::provide_detail;
use crate::state::library::use_library;
use crate::state::training::use_training;
use crate::view::view;
use crate::view_models::training_words as words;

/// Train.
#[component]
pub(crate) fn TrainPage() -> impl IntoView {
    provide_detail(use_library());
    let training = use_training();
    let is_waiting = Memo::new(move || training.waiting().is_some());
    // What there is to see of the built-in flowers says nothing of the table that waits.
    let results = move || {
        (!is_waiting.get()).then(|| {
            view! {
                <ComparisonCharts />
                <DetailPanel />
                <DownloadsPanel />
            }
        })
    };
    view! {
        <h1 tabindex="-1">{t!("Train and compare")}</h1>
        <p class="lede">{text(words::LEDE)}</p>
        <RetrainPanel />
        <SettingsPanel />
        {move || results()}
    }
}
