//! Entry of the training worker: registers the reactor that the page talks to.

use gloo::worker::Registrable;

fn main() {
    console_error_panic_hook::set_once();
    tepal_app::training::Trainer::registrar().register();
}
