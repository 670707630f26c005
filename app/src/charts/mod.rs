//! Charts on canvas: plotters draws what a [`Scene`] lays out, in the colours of the CSS tokens.
//!
//! [`Scene`]: crate::view_models::scene::Scene

mod draw;
mod palette;

pub(crate) use draw::{draw, picture};
pub(crate) use palette::Palette;
