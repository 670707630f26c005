//! Why a checkpoint cannot be resumed from.

/// Why a training cannot be resumed from a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It does not begin as a checkpoint does.
    #[error("these bytes are no checkpoint of a training: begin the training anew")]
    NotACheckpoint,
    /// Written by a program that writes checkpoints in another form.
    #[error(
        "the checkpoint is of format {found}, and this program reads {expected}: resume with the version that wrote it, or begin the training anew"
    )]
    UnsupportedVersion {
        /// The checkpoint's version.
        found: u16,
        /// The one version that is read.
        expected: u16,
    },
    /// Its bytes are not those that were written.
    #[error(
        "the checkpoint was cut short or altered, its checksum does not fit: take the one before it, or begin the training anew"
    )]
    Altered,
    /// Written by a program that trains models of other bits.
    #[error(
        "the checkpoint is of algorithm version {found}, and this program trains by {expected}: resume with the version that wrote it, or begin the training anew"
    )]
    OtherAlgorithm {
        /// The checkpoint's [`ALGORITHM_VERSION`](crate::ALGORITHM_VERSION).
        found: u32,
        /// This program's.
        expected: u32,
    },
    /// The training is on other data.
    #[error(
        "the checkpoint is of a training on another data set: resume with the one of its digest"
    )]
    OtherDataset,
    /// The training has other parameters.
    #[error(
        "the checkpoint is of a training with other parameters: resume with those that it began with"
    )]
    OtherParams,
    /// The training splits the rows otherwise.
    #[error(
        "the checkpoint is of a training on another split of the rows: resume with the one that it began with"
    )]
    OtherSplit,
    /// Its checksum fits, and still its parts cannot be those of this training.
    #[error("the {part} in the checkpoint cannot be of this training: begin the training anew")]
    Inconsistent {
        /// Which part.
        part: &'static str,
    },
}
