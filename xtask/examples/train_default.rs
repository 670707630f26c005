//! Rebuilds `data/iris.tepal`, the model that page and Worker start with:
//! `cargo xtask train-default`.
fn main() {}
