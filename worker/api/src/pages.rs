//! Paths of the page: the one list that the page's own routes and the Worker's are made from.
//!
//! Every path of the site that is neither here, nor a route of the API, nor a file, is not found.

/// Classify a row; the start.
pub const CLASSIFY: &str = "/";
/// The data set.
pub const DATA: &str = "/data";
/// Train and compare.
pub const TRAIN: &str = "/train";
/// Past trainings.
pub const RUNS: &str = "/runs";
/// Published versions.
pub const REGISTRY: &str = "/registry";
/// Traffic and drift.
pub const MONITOR: &str = "/monitor";

/// All of them, in the order of the navigation.
pub const ALL: [&str; 6] = [CLASSIFY, DATA, TRAIN, RUNS, REGISTRY, MONITOR];

/// The page that `path` names, if it names one. A slash at the end doesn't matter, but a second
/// one does.
#[must_use]
pub fn named(path: &str) -> Option<&'static str> {
    let is =
        |page: &&str| path == *page || (*page != CLASSIFY && path.strip_suffix('/') == Some(page));
    ALL.into_iter().find(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_named_with_and_without_a_slash_at_the_end() {
        for page in ALL {
            assert_eq!(named(page), Some(page));
        }
        assert_eq!(named("/monitor/"), Some(MONITOR));
        let others = ["", "//", "/monitor//", "//monitor", "/Monitor", "/monitors", "monitor"];
        for path in others {
            assert_eq!(named(path), None, "{path}");
        }
    }
}
