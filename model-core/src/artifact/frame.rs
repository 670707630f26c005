//! The frame of a model file: magic, content hash, content, receipt.
//!
//! | bytes | what |
//! | --- | --- |
//! | 6 | `TEPAL` and 0x1A |
//! | 32 | SHA-256 of the content: the model's id |
//! | 4 | length of the content, little-endian |
//! | n | content: 2 bytes of format version, little-endian, then the version's own encoding |
//! | 8 | first bytes of the receipt's SHA-256 |
//! | rest | receipt, postcard; fields of later versions may follow |

use super::{ArtifactError, ModelId, Receipt, receipt_wire};
use crate::digest::Digest;

/// What a model file begins with; 0x1A ends a text shown by mistake.
const MAGIC: &[u8] = b"TEPAL\x1A";
/// Bytes before the content.
const HEADER: usize = MAGIC.len() + 32 + 4;
/// Bytes of the receipt's checksum.
const CHECKSUM: usize = 8;

/// An opened file whose checksums fit.
pub(super) struct Frame<'a> {
    pub(super) id: ModelId,
    pub(super) format_version: u16,
    /// What the id is the hash of.
    pub(super) content: &'a [u8],
    /// The content after its version.
    pub(super) body: &'a [u8],
    pub(super) receipt: Receipt,
    /// The receipt's fields that only a later Tepal knows.
    pub(super) later_receipt: &'a [u8],
}

pub(super) fn open(bytes: &[u8]) -> Result<Frame<'_>, ArtifactError> {
    if !bytes.starts_with(MAGIC) {
        let head = bytes.get(..MAGIC.len()).unwrap_or(bytes);
        return Err(if MAGIC.starts_with(head) {
            ArtifactError::Truncated { expected: HEADER, got: bytes.len() }
        } else {
            ArtifactError::NotAnArtifact
        });
    }
    let cut_short = |expected| ArtifactError::Truncated { expected, got: bytes.len() };
    let rest = &bytes[MAGIC.len()..];
    let (id, rest) = rest.split_first_chunk::<32>().ok_or(cut_short(HEADER))?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(cut_short(HEADER))?;
    let length = u32::from_le_bytes(*length) as usize;
    let due = HEADER.saturating_add(length).saturating_add(CHECKSUM);
    let (content, rest) = rest.split_at_checked(length).ok_or(cut_short(due))?;
    let (checksum, receipt) = rest.split_first_chunk::<CHECKSUM>().ok_or(cut_short(due))?;
    let id = Digest::from_bytes(*id);
    if Digest::of(content) != id {
        return Err(ArtifactError::Altered { part: "content" });
    }
    if !Digest::of(receipt).as_bytes().starts_with(checksum) {
        return Err(ArtifactError::Altered { part: "receipt" });
    }
    let (version, body) =
        content.split_first_chunk::<2>().ok_or(ArtifactError::Malformed { part: "content" })?;
    let (receipt, later_receipt) = receipt_wire::decode(receipt)?;
    let format_version = u16::from_le_bytes(*version);
    Ok(Frame { id, format_version, content, body, receipt, later_receipt })
}

pub(super) fn close(content: &[u8], receipt: &Receipt, later_receipt: &[u8]) -> Vec<u8> {
    let mut receipt = to_postcard(&receipt_wire::encode(receipt));
    receipt.extend(later_receipt);
    let mut bytes = Vec::with_capacity(HEADER + content.len() + CHECKSUM + receipt.len());
    bytes.extend(MAGIC);
    bytes.extend(Digest::of(content).as_bytes());
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
    bytes.extend(&Digest::of(&receipt).as_bytes()[..CHECKSUM]);
    bytes.extend(receipt);
    bytes
}

/// `value` in postcard's encoding.
pub(super) fn to_postcard<T: serde::Serialize>(value: &T) -> Vec<u8> {
    #[expect(
        clippy::expect_used,
        reason = "a growing buffer does not fill up, and every length is known"
    )]
    postcard::to_allocvec(value).expect("plain structures can be encoded")
}
