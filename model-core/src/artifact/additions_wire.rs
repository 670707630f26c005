//! What format 4 added to the structures of format 3, as it stands in a file: one structure behind
//! all others, so that those are still read by the same code.
//!
//! A field that is added here gets its value for older files in [`AdditionsWire::before_format_4`],
//! a constant of its own and not today's default: an old file says what it always said.

use serde::{Deserialize, Serialize};

use super::Content;
use crate::schema::{Feature, Schema};

#[derive(Serialize, Deserialize)]
pub(super) struct AdditionsWire {
    /// Of each feature, in the schema's order.
    pub(super) features: Vec<FeatureAdditionsWire>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct FeatureAdditionsWire {
    /// [`Feature::other`].
    pub(super) other: Option<u32>,
}

impl AdditionsWire {
    /// What files before format 4 mean: an unknown category is an error.
    pub(super) fn before_format_4(n_features: usize) -> Self {
        Self { features: vec![FeatureAdditionsWire { other: None }; n_features] }
    }
}

pub(super) fn encode(content: &Content) -> AdditionsWire {
    let feature = |feature: &Feature| FeatureAdditionsWire { other: feature.other };
    AdditionsWire { features: content.schema.features.iter().map(feature).collect() }
}

/// Adds to a schema of the structures of format 3 what belongs to it, if it fits.
pub(super) fn complete(schema: &mut Schema, features: Vec<FeatureAdditionsWire>) -> Option<()> {
    if features.len() != schema.features.len() {
        return None;
    }
    for (feature, FeatureAdditionsWire { other }) in schema.features.iter_mut().zip(features) {
        let n_categories = feature.categories().map_or(0, <[String]>::len);
        if other.is_some_and(|code| code as usize >= n_categories) {
            return None;
        }
        feature.other = other;
    }
    Some(())
}
