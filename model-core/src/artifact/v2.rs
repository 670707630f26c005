//! Format version 2 of the content: without prediction sets. It is read and no longer written.

use super::content::{Parts, Reader, assemble};
use super::{ArtifactError, Content, lineage_wire};

pub(super) const FORMAT_VERSION: u16 = 2;

pub(super) fn decode(body: &[u8]) -> Result<Content, ArtifactError> {
    let mut reader = Reader::new(body);
    let parts = Parts {
        schema: reader.take()?,
        preprocessor: reader.take()?,
        model: reader.take()?,
        evaluation: reader.take()?,
        reference: reader.take()?,
        lineage: lineage_wire::decode(reader.take()?)?,
        conformal: None,
    };
    reader.end()?;
    assemble(parts)
}
