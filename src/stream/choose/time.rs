//! Decoding times in picoseconds, by the bench `encodings`.

pub(super) const CONSTANT: u64 = 100;
pub(super) const PLAIN: u64 = 200;
pub(super) const VARINT: u64 = 1_800;
pub(super) const PACKED: u64 = 400;
pub(super) const PATCHED: u64 = 600;
pub(super) const ENTROPY: u64 = 4_000;
pub(super) const DELTA: u64 = 600;
pub(super) const FRESH: u64 = 1_200;
pub(super) const RLE_VALUE: u64 = 100;
pub(super) const RLE_RUN: u64 = 3_000;
pub(super) const DICTIONARY: u64 = 800;
pub(super) const DIVIDED: u64 = 600;
pub(super) const BYTE_RLE: u64 = 300;
pub(super) const RECORDS: u64 = 1_200;
pub(super) const WINDOWS: u64 = 1_500;
/// Per byte that comes out, and per frame.
pub(super) const ZSTD_BYTE: u64 = 1_200;
pub(super) const ZSTD_FRAME: u64 = 1_500_000;
/// A child stream, or a further stream of a column.
pub(super) const STREAM: u64 = 60_000;
