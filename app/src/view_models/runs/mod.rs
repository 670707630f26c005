//! The page Runs, computed: its rows, their order, which of them are shown, and how some differ.

pub(crate) mod compare;
pub(crate) mod filter;
pub(crate) mod list;
pub(crate) mod parallel;
pub(crate) mod row;
