//! The contents of formats 2 and later: each has the structures of the one before and adds its own,
//! so that one function reads them all. Version 2 is without prediction sets, version 3 without what
//! format 4 added; both are read and no longer written.

use super::additions_wire::AdditionsWire;
use super::content::{Parts, Reader, assemble};
use super::reference_wire::ReferenceKindWire;
use super::schema_wire::SchemaWire;
use super::{ArtifactError, Content, lineage_wire, v4};

/// The first of them.
pub(super) const FIRST_VERSION: u16 = 2;

pub(super) fn decode(version: u16, body: &[u8]) -> Result<Content, ArtifactError> {
    let mut reader = Reader::new(body);
    let schema: SchemaWire = reader.take()?;
    let n_features = schema.features.len();
    assemble(Parts {
        schema,
        preprocessor: reader.take()?,
        model: reader.take()?,
        evaluation: reader.take()?,
        reference: match version {
            FIRST_VERSION => ReferenceKindWire::Rows(reader.take()?),
            _ => reader.take()?,
        },
        lineage: lineage_wire::decode(reader.take()?)?,
        conformal: if version > FIRST_VERSION { Some(reader.take()?) } else { None },
        additions: match version {
            v4::FORMAT_VERSION => reader.take()?,
            _ => AdditionsWire::before_format_4(n_features),
        },
        origin: match version {
            v4::FORMAT_VERSION => reader.take_last()?,
            _ => {
                reader.end()?;
                None
            }
        },
    })
}
