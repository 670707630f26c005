//! Entry of the reading worker: answers what the page asks of a file.

fn main() {
    console_error_panic_hook::set_once();
    tepal_app::lab::serve();
}
