//! How rows and answers travel: from a body to a [`model_core::FeatureRow`], and from a
//! classification to what the caller reads. One module a protocol; what is decided in between is in
//! `services` and knows none of them.

pub(crate) mod tepal;
