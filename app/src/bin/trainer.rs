//! Entry of the training worker: trains what the page asks for.

fn main() {
    console_error_panic_hook::set_once();
    tepal_app::training::serve();
}
