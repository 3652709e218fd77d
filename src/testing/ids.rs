//! What the encoding ids of streams mean.

use crate::column::ColumnKind;
use crate::error::Result;
use crate::geometry::vertices::VertexEncoding;
use crate::stream::bytes::ByteEncoding;
use crate::stream::ints::IntEncoding;
use crate::stream::{Role, StreamEntry};

/// The encoding of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Of integers, of 32 or 64 bits.
    Ints(u32, IntEncoding),
    Bytes(ByteEncoding),
    Vertices(VertexEncoding),
}

impl Encoding {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ints(_, encoding) => encoding.name(),
            Self::Bytes(encoding) => encoding.name(),
            Self::Vertices(encoding) => encoding.name(),
        }
    }
}

/// The encoding of `stream` in a column of kind `column`.
pub(crate) fn encoding(column: ColumnKind, stream: &StreamEntry) -> Result<Encoding> {
    let (id, at) = (stream.encoding(), stream.range().start);
    Ok(match (stream.role(), column) {
        (Role::Present | Role::Types | Role::Text | Role::Terminated, _)
        | (Role::Values, ColumnKind::Bool) => Encoding::Bytes(ByteEncoding::from_id(id, at)?),
        (Role::Vertices, _) => Encoding::Vertices(VertexEncoding::from_id(id, at)?),
        (
            Role::Values,
            ColumnKind::Id
            | ColumnKind::HashedId
            | ColumnKind::Int
            | ColumnKind::SInt
            | ColumnKind::UInt
            | ColumnKind::Double,
        ) => Encoding::Ints(64, IntEncoding::from_id(id, at)?),
        _ => Encoding::Ints(32, IntEncoding::from_id(id, at)?),
    })
}
