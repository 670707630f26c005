//! The frame of a checkpoint: magic, version, checksum, body.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `TEPALCP` and 0x1A |
//! | 2 | format version, little-endian |
//! | 32 | SHA-256 of the body |
//! | rest | body, postcard |

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::CheckpointError;
use crate::digest::Digest;

/// What a checkpoint begins with; 0x1A ends a text shown by mistake.
const MAGIC: &[u8; 8] = b"TEPALCP\x1A";
/// Raised whenever a structure of the body changes. No other version is read: a checkpoint lives as
/// long as its training.
pub(super) const FORMAT_VERSION: u16 = 1;

/// The body of a checkpoint whose checksum fits.
pub(super) fn open(bytes: &[u8]) -> Result<&[u8], CheckpointError> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(CheckpointError::NotACheckpoint)?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or(CheckpointError::Altered)?;
    let found = u16::from_le_bytes(*version);
    if found != FORMAT_VERSION {
        return Err(CheckpointError::UnsupportedVersion { found, expected: FORMAT_VERSION });
    }
    let (checksum, body) = rest.split_first_chunk::<32>().ok_or(CheckpointError::Altered)?;
    if Digest::of(body).as_bytes() != checksum {
        return Err(CheckpointError::Altered);
    }
    Ok(body)
}

pub(super) fn close(body: &[u8]) -> Vec<u8> {
    let version = FORMAT_VERSION.to_le_bytes();
    [MAGIC.as_slice(), &version, Digest::of(body).as_bytes(), body].concat()
}

/// Appends `value` to a body.
pub(super) fn put<T: Serialize>(value: &T, body: Vec<u8>) -> Vec<u8> {
    #[expect(
        clippy::expect_used,
        reason = "a growing buffer does not fill up, and every length is known"
    )]
    postcard::to_extend(value, body).expect("plain structures can be encoded")
}

/// Takes a value off a body. Of a list no more is reserved than its bytes can hold, or a megabyte.
pub(super) fn take<T: DeserializeOwned>(body: &mut &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(body).ok()?;
    *body = rest;
    Some(value)
}
