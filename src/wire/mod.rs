//! Bytes in and out: a cursor that knows where it is and can tell what it reads, varints, zigzag, and
//! bit streams.

pub(crate) mod bits;
pub(crate) mod bitstream;
pub(crate) mod bytes;
pub(crate) mod ids;
pub(crate) mod reader;
pub(crate) mod trace;
pub(crate) mod varint;
pub(crate) mod zigzag;

pub(crate) use reader::Reader;
