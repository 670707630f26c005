//! Registry: the models of this browser, and those at the edge with who answers, the ledger and the keys.

use leptos::prelude::*;

use crate::components::action_dialog::ActionDialog;
use crate::components::edge_registry::EdgeRegistry;
use crate::components::publish_panel::PublishPanel;
use crate::i18n::t;
use crate::state::registry::provide_registry;
use crate::styles;
use crate::view::view;

/// Registry.
#[component]
pub(crate) fn RegistryPage() -> impl IntoView {
    styles::adopt(styles::RESULTS);
    styles::adopt(styles::EXPORTS);
    styles::adopt(styles::REGISTRY);
    provide_registry();
    view! {
        <h1 tabindex="-1">{t!("Registry")}</h1>
        <p class="lede">
            {t!("From a model in this browser to one that answers programs: publish it, let it serve, and take it back if need be. What anybody changes at the edge stands in its ledger.")}
        </p>
        <div class="registry">
            <PublishPanel />
            <EdgeRegistry />
        </div>
        <ActionDialog />
    }
}
