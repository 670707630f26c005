//! What the page says of the network, and of itself without it.

use crate::i18n::t;

/// One sentence, or nothing where all is as usual. `is_kept` if this version of the page is in the browser.
pub(crate) fn standing(is_kept: bool, is_online: bool) -> &'static str {
    match (is_kept, is_online) {
        (true, true) => t!("Ready to work offline."),
        (true, false) => t!("You are offline: everything works but what asks the edge."),
        (false, false) => t!("You are offline: what was not loaded before does not come."),
        (false, true) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_promised_that_is_not_there() {
        assert_eq!(standing(false, true), "");
        assert!(standing(true, true).contains("Ready"));
        assert!(standing(true, false).contains("everything works"));
        assert!(standing(false, false).contains("does not come"));
    }
}
