//! Train: the models beside each other, what a training takes, and one of them in detail.

use leptos::prelude::*;

use crate::components::detail_panel::DetailPanel;
use crate::components::downloads::DownloadsPanel;
use crate::components::evaluation_charts::ComparisonCharts;
use crate::components::retrain_panel::RetrainPanel;
use crate::components::settings_panel::SettingsPanel;
use crate::i18n::{t, text};
use crate::state::detail::provide_detail;
use crate::state::library::use_library;
use crate::view_models::training_words as words;

/// Train.
#[component]
pub(crate) fn TrainPage() -> impl IntoView {
    provide_detail(use_library());
    view! {
        <h1 tabindex="-1">{t!("Train and compare")}</h1>
        <p class="lede">{text(words::LEDE)}</p>
        <RetrainPanel />
        <SettingsPanel />
        <ComparisonCharts />
        <DetailPanel />
        <DownloadsPanel />
    }
}
