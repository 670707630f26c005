//! What every adapter of a storage port must do, written once.
//!
//! [`shard`] holds the cases of a shard over its two stores, [`labels`] and [`erasure`] those of its
//! labels and of what it forgets, [`log`] those of the sharded log, [`documents`], [`artifacts`] and
//! [`pointer_copy`] those of what the registry rests on. They run on the memory adapters in the native tests, and on SQLite, KV and Durable Objects in workerd
//! (`tests/worker/contract_suite.test.mjs`), in a Worker built for that with the feature
//! `contract-suite`; the one that is shipped has none of this. So a case says what fails instead of
//! panicking, which would take the object down.

pub(crate) mod artifacts;
pub(crate) mod documents;
pub(crate) mod erasure;
pub(crate) mod faulty;
pub(crate) mod labels;
pub(crate) mod log;
pub(crate) mod pointer_copy;
pub(crate) mod rows;
pub(crate) mod shard;

use crate::ports::StorageError;

/// What an adapter did that it must not.
#[derive(Debug)]
pub(crate) struct Breach(pub(crate) String);

impl From<StorageError> for Breach {
    fn from(error: StorageError) -> Self {
        Self(error.to_string())
    }
}

/// What a case found.
pub(crate) type Outcome = Result<(), Breach>;

/// Ends the case unless both are the same.
macro_rules! same {
    ($found:expr, $expected:expr) => {
        same!($found, $expected, "");
    };
    ($found:expr, $expected:expr, $($what:tt)+) => {
        match (&$found, &$expected) {
            (found, expected) if found == expected => {}
            (found, expected) => {
                return Err($crate::contract::Breach(format!(
                    "{}: {found:?} instead of {expected:?}; {}",
                    stringify!($found),
                    format_args!($($what)+)
                )));
            }
        }
    };
}

/// The cases of a suite: their names, how one is run by its name, and natively a test for each.
macro_rules! cases {
    (on $stand:ty, for [$($bounds:tt)*]; natively $native:expr; $($case:ident,)+) => {
        /// Names of the cases.
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "called in workerd"))]
        pub(crate) const NAMES: &[&str] = &[$(stringify!($case)),+];

        /// Runs the case `name`, if there is one, on stores that hold nothing.
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "called in workerd"))]
        pub(crate) async fn run<$($bounds)*>(
            name: &str,
            stand: &$stand,
        ) -> Option<$crate::contract::Outcome> {
            Some(match name {
                $(stringify!($case) => $case(stand).await,)+
                _ => return None,
            })
        }

        #[cfg(test)]
        mod natively {
            $(#[tokio::test]
            async fn $case() {
                if let Err(breach) = super::$case(&$native).await {
                    panic!("{}", breach.0);
                }
            })+
        }
    };
}

pub(crate) use {cases, same};
