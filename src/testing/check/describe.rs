//! Tiles explained.

use crate::error::{Error, ErrorKind};
use crate::limits::Budget;
use crate::mvt;
use crate::tile::describe::describe;
use crate::wire::trace::Field;

/// What describing may take, in bytes.
const BUDGET: usize = 16 << 20;

/// That a COVT tile that can be decoded can be described, and that a description tells of every
/// byte once.
pub(crate) fn covt(tile: &[u8], decodes: bool) {
    match describe(tile, &mut Budget::new(BUDGET)) {
        Ok(description) => cover(&description.fields, tile.len()),
        Err(error) => refused(decodes, &error),
    }
}

/// The same of an MVT tile that can be read.
pub(super) fn mvt(tile: &[u8], reads: bool) {
    match mvt::describe(tile, &mut Budget::new(BUDGET)) {
        Ok(description) => cover(&description.fields, tile.len()),
        Err(error) => refused(reads, &error),
    }
}

fn refused(good: bool, error: &Error) {
    assert!(!good || error.kind() == ErrorKind::LimitExceeded, "a good tile cannot be described: {error}");
}

/// That `fields` cover `len` bytes at level 0, and of what is decompressed all from its start on,
/// each byte once.
pub(crate) fn cover(fields: &[Field], len: usize) {
    // Where the next field of each level must start.
    let mut ends = vec![0];
    for field in fields {
        let level = field.level as usize;
        assert!(level <= ends.len(), "{field:?} lies in nothing");
        ends.resize(level + 1, 0);
        let end = ends[level];
        assert!(field.range.start == end && !field.range.is_empty(), "{field:?} behind {end}");
        ends[level] = field.range.end;
    }
    assert_eq!(ends[0], len, "not every byte is told of");
}
