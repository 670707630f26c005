//! What can be wrong with a model file.

/// Why a file is not a model that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// It does not begin as a model file does.
    #[error("not a Tepal model file")]
    NotAnArtifact,
    /// Written by a newer Tepal.
    #[error("model format {found} is newer than this program reads ({newest}): update Tepal")]
    UnsupportedVersion {
        /// The file's version.
        found: u16,
        /// The newest version that can be read.
        newest: u16,
    },
    /// Shorter than it says it is.
    #[error("the file is cut short: {got} bytes where {expected} are due")]
    Truncated {
        /// Bytes due.
        expected: usize,
        /// Bytes there.
        got: usize,
    },
    /// Its bytes are not those that were written.
    #[error("the {part} was altered: its checksum does not fit")]
    Altered {
        /// `content` or `receipt`.
        part: &'static str,
    },
    /// A part cannot be read.
    #[error("the {part} cannot be read")]
    Malformed {
        /// Which part.
        part: &'static str,
    },
    /// A part's numbers are not finite or its shapes do not fit each other.
    #[error("the {part} does not fit together")]
    Inconsistent {
        /// Which part.
        part: &'static str,
    },
}
