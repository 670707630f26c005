//! Tepal's own protocol: a JSON object with a member for each column of the model.

pub(crate) mod json;
pub(crate) mod response;
pub(crate) mod row;
