//! Entry of the page: mounts the dashboard over the static first paint of `index.html`.

fn main() {
    console_error_panic_hook::set_once();
    tepal_app::run();
}
