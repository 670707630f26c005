//! Format version 3 of the content: without what format 4 added. It is read and no longer written.

use super::additions_wire::AdditionsWire;
use super::content::{Parts, Reader, assemble};
use super::schema_wire::SchemaWire;
use super::{ArtifactError, Content, lineage_wire};

pub(super) const FORMAT_VERSION: u16 = 3;

pub(super) fn decode(body: &[u8]) -> Result<Content, ArtifactError> {
    let mut reader = Reader::new(body);
    let schema: SchemaWire = reader.take()?;
    let parts = Parts {
        additions: AdditionsWire::before_format_4(schema.features.len()),
        origin: None,
        schema,
        preprocessor: reader.take()?,
        model: reader.take()?,
        evaluation: reader.take()?,
        reference: reader.take()?,
        lineage: lineage_wire::decode(reader.take()?)?,
        conformal: Some(reader.take()?),
    };
    reader.end()?;
    assemble(parts)
}
