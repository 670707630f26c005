//! What Classify says beyond its answer, all of it in one place.

pub(crate) const WHY: &str = "Why";
pub(crate) const WORKER_FAILED: &str = "The program that explains answers did not arrive. Check the connection and try again; the answer stands without it.";
pub(crate) const WORKER_BROKE: &str = "The explanation broke off: the model may need more memory than this browser has. The answer stands without it.";
pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const NO_ANSWER: &str = "Once there is an answer, this says why.";
pub(crate) const WORKING: &str = "Working it out …";
pub(crate) const SET_HEADING: &str = "What cannot be excluded";
pub(crate) const ALTERNATIVES: &str = "Near answers";
pub(crate) const OTHER_HEADING: &str = "What would change it";
pub(crate) const TRY_IT: &str = "Try it";
pub(crate) const NEAREST_ABOUT: &str = "Of those that the model carries from its training, by distance in standard deviations. Two that are alike may still differ in what was not measured.";
pub(crate) const OTHERWISE: &str = "answered otherwise";
pub(crate) const MAP_HEADING: &str = "Decision map";
pub(crate) const MAP_ALONG: &str = "Along";
pub(crate) const MAP_UP: &str = "Up";
pub(crate) const MAP_KNOWN: &str = "Small marks are known ones by their own class. They differ in everything else, too, so one may lie in another's area.";
pub(crate) const MAP_TABLE: &str = "Up, by along";
pub(crate) const MAP_NONE: &str = "A map needs two measurements that can be chosen freely.";
pub(crate) const SERVED: &str = "This site's model";
pub(crate) const SERVED_COMES: &str = "The model that this site serves is on its way …";
pub(crate) const REMOTE_ASK: &str = "Ask the edge";
pub(crate) const REMOTE_WAITS: &str = "Waiting for the edge's answer.";
pub(crate) const REMOTE_NOTHING: &str = "Not asked yet";
pub(crate) const REMOTE_STALE: &str = "This is the answer to what was entered before. Ask again.";
pub(crate) const SHARE: &str = "Copy a link to this";
pub(crate) const SHARE_COPIED: &str = "Copied: the link carries the model and these values.";
pub(crate) const SHARE_RETRAINED: &str =
    "Only this browser has this model: others will see the values answered by this site's.";
pub(crate) const SHARE_BY_HAND: &str =
    "This browser does not let the page copy. Copy it from here: ";
