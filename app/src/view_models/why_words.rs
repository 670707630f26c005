//! What Classify says beyond its answer, all of it in one place.

use crate::i18n::key;

pub(crate) const WHY: &str = key!("Why");
pub(crate) const WORKER_FAILED: &str = key!(
    "The program that explains answers did not arrive. Check the connection and try again; the answer stands without it."
);
pub(crate) const WORKER_BROKE: &str = key!(
    "The explanation broke off: the model may need more memory than this browser has. The answer stands without it."
);
pub(crate) const TRY_AGAIN: &str = key!("Try again");
pub(crate) const NO_ANSWER: &str = key!("Once there is an answer, this says why.");
pub(crate) const NO_NEAR_ANSWER: &str = key!("Once there is an answer, near ones stand here.");
pub(crate) const MAP_OF_BEFORE: &str =
    key!("Of the last measurements that could be taken: one of those in the form cannot.");
pub(crate) const WORKING: &str = key!("Working it out …");
pub(crate) const SET_HEADING: &str = key!("What cannot be excluded");
pub(crate) const ALTERNATIVES: &str = key!("Near answers");
pub(crate) const OTHER_HEADING: &str = key!("What would change it");
pub(crate) const TRY_IT: &str = key!("Try it");
pub(crate) const NEAREST_ABOUT: &str = key!(
    "Of those that the model carries from its training, by distance in standard deviations. Two that are alike may still differ in what was not measured."
);
pub(crate) const OTHERWISE: &str = key!("answered otherwise");
pub(crate) const MAP_HEADING: &str = key!("Decision map");
pub(crate) const MAP_ALONG: &str = key!("Along");
pub(crate) const MAP_UP: &str = key!("Up");
pub(crate) const MAP_KNOWN: &str = key!(
    "Small marks are known ones by their own class. They differ in everything else, too, so one may lie in another's area."
);
pub(crate) const MAP_TABLE: &str = key!("Up, by along");
pub(crate) const MAP_NONE: &str = key!("A map needs two measurements that can be chosen freely.");
pub(crate) const SERVED: &str = key!("This site's model");
pub(crate) const SERVED_COMES: &str = key!("The model that this site serves is on its way …");
pub(crate) const REMOTE_ASK: &str = key!("Ask the edge");
pub(crate) const REMOTE_WAITS: &str = key!("Waiting for the edge's answer.");
pub(crate) const REMOTE_NOTHING: &str = key!("Not asked yet");
pub(crate) const REMOTE_STALE: &str =
    key!("This is the answer to what was entered before. Ask again.");
pub(crate) const SHARE: &str = key!("Copy a link to this");
pub(crate) const SHARE_COPIED: &str = key!("Copied: the link carries the model and these values.");
pub(crate) const SHARE_RETRAINED: &str =
    key!("Only this browser has this model: others will see the values answered by this site's.");
pub(crate) const SHARE_BY_HAND: &str =
    key!("This browser does not let the page copy. Copy it from here: ");
