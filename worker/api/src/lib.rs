//! What the Worker and the page must agree on: the wire types of the edge API, and the paths of
//! the page ([`pages`]).
//!
//! What stands here is exactly what travels: field names, their order and their meaning. Each
//! field is documented once, and with the feature `openapi` that sentence reaches the OpenAPI
//! document. This crate validates nothing, knows no model and speaks no HTTP; the Worker turns
//! its own types into these at the very end, and the page reads them.

mod alert;
mod dataset;
mod feature_value;
mod feedback;
mod health;
mod history;
mod keys;
mod lifecycle;
mod model;
mod ordered;
pub mod pages;
mod predict;
mod problem;
mod registry;
mod report;
mod window;

pub use alert::{Alert, AlertDelivery, AlertEvent, AlertKind, AlertList};
pub use dataset::{DatasetInfo, DatasetList, DatasetResponse, DeletedDataset, MAX_DATASET_BYTES};
pub use feature_value::FeatureValue;
pub use feedback::{FeedbackRequest, FeedbackResponse, FeedbackStatus, LabelRequest, LabelResult};
pub use health::{HealthResponse, HealthStatus};
pub use history::{
    Draw, ErasureResponse, FlushResponse, HistoryPage, PredictionRecord, ShadowPrediction,
    TrialRow, TrialStage,
};
pub use keys::{KeyInfo, KeyList, KeyRequest, KeyResponse, RevokedKey};
pub use lifecycle::{
    DecisionList, LoopDecision, LoopOutcome, LoopPolicy, LoopStep, PolicyMode, PolicyResponse,
    RefusedRows, RetrainCandidate, RetrainTrigger, Retraining, RetrainingList, RetrainingState,
    TrialEndRequest, TrialRequest,
};
pub use model::{
    ClassReport, CrossValidation, FeatureSchema, FeatureType, ModelEvaluation, ModelLineage,
    ModelResponse, ModelSchema, PredictionSets, SourceSchema, SourceType, SplitMetrics, ValueRange,
};
pub use ordered::OrderedMap;
pub use predict::{PredictRequest, PredictResponse, Warning, WarningCode};
pub use problem::{PROBLEM_JSON, Problem, ProblemError};
pub use registry::{
    AliasList, AliasRequest, AuditEntry, AuditPage, AuditVerification, DeploymentMode,
    DeploymentRequest, DeploymentResponse, ModelList, ModelPatch, ModelVersion,
    ModelVersionResponse, RollbackRequest, ServedVersion, Trial,
};
pub use report::{LabelledReport, ReportResponse, SampleRatioReport, VersionReport};
pub use window::{
    FeatureWindow, ServingRole, WatchedVersion, Watching, WindowDrift, WindowList, WindowOutcome,
    WindowPredictions, WindowReport, WindowTraffic,
};
