//! Entry of the page: mounts the dashboard over the static first paint of `index.html`.

mod split_points;

fn main() {
    console_error_panic_hook::set_once();
    tepal_app::run(split_points::load);
}
