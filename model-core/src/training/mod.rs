//! From a [`Dataset`](crate::Dataset) to an [`Artifact`](crate::Artifact), in steps that the caller times,
//! shows and may stop.
//!
//! Nothing here reads a clock: whoever calls [`Training::step`] may stamp its begin and end, and
//! so learns how long the fit alone took. Nothing blocks for long either: a step is a slice of a
//! stage, cut by the work in it (rows times features, nodes, kernel values, predictions), which
//! takes some 20 ms of one core, or as long as the one piece that cannot be cut. The slices are the
//! same on every machine and leave no trace in the model.
//!
//! A [`Training`] and a [`Search`] own all that they know between two steps; of the data set's rows,
//! which they borrow, each slice is handed what it began with.

#[cfg(feature = "checkpoint")]
mod checkpoint;
mod error;
mod evaluating;
mod fit;
mod fold;
mod forecast;
mod magnitudes;
mod model_training;
mod predicted;
mod predicting;
mod preparation;
mod renewal;
mod run;
#[cfg(feature = "search")]
mod search;
mod selection;
#[cfg(test)]
mod slices;
mod stage;
mod time_plan;

#[cfg(feature = "checkpoint")]
pub use self::checkpoint::CheckpointError;
pub use self::error::TrainError;
pub use self::forecast::{Forecast, ForecastStep};
pub use self::run::Training;
#[cfg(feature = "search")]
pub use self::search::{Search, SearchParams, SearchStep, Trial};
pub use self::selection::{SelectionMetric, Standing, select_best};
pub use self::stage::{Progress, Stage};

pub use self::time_plan::plan_rows;
