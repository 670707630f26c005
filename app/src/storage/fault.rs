//! Why the browser keeps something or gives it back no more, in words.

use wasm_bindgen::JsValue;

use crate::i18n::t;

/// Why the browser's storage is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StorageFault {
    /// There is none: a private window, or it is forbidden.
    Absent,
    /// There is no room left.
    Full,
    /// A tab with another version of this page does not let go of it.
    Blocked,
    /// A newer version of this page has been here, and keeps things otherwise.
    Newer,
    /// It is broken: the browser's name for how.
    Damaged(String),
}

impl StorageFault {
    /// What the browser's error of this name says.
    pub(crate) fn of_name(name: &str) -> Self {
        match name {
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::Newer,
            "SecurityError" | "InvalidStateError" | "NotAllowedError" => Self::Absent,
            other => Self::Damaged(other.to_owned()),
        }
    }

    /// It as a sentence, and what to do about it.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Absent => t!("This browser keeps nothing for this page: the window is a private one, or storage is switched off in its settings.").to_owned(),
            Self::Full => t!("The browser has no room left for this page: delete runs that you do not need, or make room on the disk.").to_owned(),
            Self::Blocked => t!("Another tab with an older version of this page stands in the way: close it, or reload it.").to_owned(),
            Self::Newer => t!("A newer version of this page has been open in this browser: reload this one.").to_owned(),
            Self::Damaged(name) => t!("The browser's storage for this page is damaged ({name}).", name),
        }
    }
}

impl From<JsValue> for StorageFault {
    /// What the browser threw, or its request failed with.
    fn from(error: JsValue) -> Self {
        let name = js_sys::Reflect::get(&error, &"name".into()).ok();
        Self::of_name(&name.and_then(|name| name.as_string()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_throws_is_told_apart() {
        assert_eq!(StorageFault::of_name("QuotaExceededError"), StorageFault::Full);
        assert_eq!(StorageFault::of_name("VersionError"), StorageFault::Newer);
        assert_eq!(StorageFault::of_name("SecurityError"), StorageFault::Absent);
        let damaged = StorageFault::of_name("UnknownError");
        assert!(damaged.words().contains("damaged (UnknownError)"), "{}", damaged.words());
    }
}
