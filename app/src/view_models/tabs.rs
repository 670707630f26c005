//! Which tab a key moves to.

/// The tab after `key` was pressed on tab `at` of `n_tabs`, if it moves: round at both ends.
pub(crate) fn after_key(at: usize, n_tabs: usize, key: &str) -> Option<usize> {
    let last = n_tabs.checked_sub(1)?;
    match key {
        "ArrowRight" => Some(if at >= last { 0 } else { at + 1 }),
        "ArrowLeft" => Some(at.checked_sub(1).unwrap_or(last)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::after_key;

    #[test]
    fn arrows_go_round_and_other_keys_go_nowhere() {
        assert_eq!(after_key(0, 3, "ArrowRight"), Some(1));
        assert_eq!(after_key(2, 3, "ArrowRight"), Some(0));
        assert_eq!(after_key(0, 3, "ArrowLeft"), Some(2));
        assert_eq!(after_key(1, 3, "Home"), Some(0));
        assert_eq!(after_key(0, 3, "End"), Some(2));
        assert_eq!(after_key(0, 3, "ArrowDown"), None);
        assert_eq!(after_key(0, 0, "End"), None);
    }
}
