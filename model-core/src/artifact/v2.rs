//! Format version 2 of the content: without prediction sets. It is read and no longer written.

use super::additions_wire::AdditionsWire;
use super::content::{Parts, Reader, assemble};
use super::reference_wire::ReferenceKindWire;
use super::schema_wire::SchemaWire;
use super::{ArtifactError, Content, lineage_wire};

pub(super) const FORMAT_VERSION: u16 = 2;

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
        reference: ReferenceKindWire::Rows(reader.take()?),
        lineage: lineage_wire::decode(reader.take()?)?,
        conformal: None,
    };
    reader.end()?;
    assemble(parts)
}
