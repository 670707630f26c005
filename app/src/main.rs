//! Entry of the page and of its workers. The page mounts the dashboard over the static first paint of
//! `index.html`; a worker runs the program that it is named after.

mod split_points;

use tepal_app::workers;

fn main() {
    console_error_panic_hook::set_once();
    match workers::own_name() {
        None => tepal_app::run(split_points::load),
        Some(name) => workers::run(split_points::load_program(&name)),
    }
}
