//! Tests that cross the crates, and the contracts with the outside.
