//! A cursor over protobuf's wire format.
//!
//! A message is a sequence of fields, each a key (a varint of field number × 8 + wire type) and a
//! value. The cursor keeps the whole tile and its own end within it: positions are offsets for
//! errors as they are, and pairs of varints may be loaded from beyond the end of a message.

use std::ops::Range;

use super::pairs;
use crate::error::{Error, ErrorKind, Result};
use crate::wire::varint::{self, Fault};

/// The wire types a field may have. Groups, which protobuf gave up before MVT began, are refused.
pub(super) mod wire_type {
    pub(in crate::mvt) const VARINT: u64 = 0;
    pub(in crate::mvt) const FIXED64: u64 = 1;
    pub(in crate::mvt) const LEN: u64 = 2;
    pub(in crate::mvt) const FIXED32: u64 = 5;
}

/// A message, or a packed field, and how far it has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    tile: &'a [u8],
    position: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor over `range` of `tile`. To functions that are often called, give these two: unlike
    /// a cursor, they fit registers.
    #[inline(always)]
    pub(super) fn new(tile: &'a [u8], range: Range<usize>) -> Self {
        debug_assert!(range.start <= range.end && range.end <= tile.len());
        Self { tile, position: range.start, end: range.end }
    }

    pub(super) fn tile(&self) -> &'a [u8] {
        self.tile
    }

    /// Where what is left lies in the tile.
    #[inline(always)]
    pub(super) fn range(&self) -> Range<usize> {
        self.position..self.end
    }

    /// The offset in the tile of the next byte.
    pub(super) fn offset(&self) -> usize {
        self.position
    }

    /// The number of bytes left.
    pub(super) fn left(&self) -> usize {
        self.end - self.position
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.position == self.end
    }

    /// The bytes that are left.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.tile[self.position..self.end]
    }

    #[inline(always)]
    pub(super) fn varint(&mut self, what: &'static str) -> Result<u64> {
        if self.position < self.end
            && let byte = self.tile[self.position]
            && byte < 0x80
        {
            self.position += 1;
            return Ok(u64::from(byte));
        }
        let (value, position) = self.long_varint(what)?;
        self.position = position;
        Ok(value)
    }

    /// A varint of a 32-bit field; as in protobuf, bits above the 32nd are dropped.
    #[inline]
    pub(super) fn uint32(&mut self, what: &'static str) -> Result<u32> {
        self.varint(what).map(|value| value as u32)
    }

    /// The varint and the position behind it. Here and below, what is seldom called takes the cursor
    /// by value: a reference would force it into memory also where it is often moved.
    #[inline(never)]
    fn long_varint(self, what: &'static str) -> Result<(u64, usize)> {
        match varint::read(self.rest(), 64) {
            Ok((value, len)) => Ok((value, self.position + len)),
            Err(Fault::Truncated) => Err(Error::truncated(self.position, what)),
            Err(Fault::Overlong) => {
                let what = format!("{what}: varint of more than 64 bits");
                Err(Error::new(ErrorKind::Overlong, self.position, what))
            }
        }
    }

    /// The next two varints, of 32-bit fields, as the lanes of [`pairs`].
    #[inline(always)]
    pub(super) fn pair(&mut self, what: &'static str) -> Result<u64> {
        if let Some(window) = self.tile[self.position..].first_chunk()
            && let Some((lanes, len)) = pairs::decode(*window)
            && len <= self.left()
        {
            self.position += len;
            return Ok(lanes);
        }
        let (lanes, position) = self.long_pair(what)?;
        self.position = position;
        Ok(lanes)
    }

    #[cold]
    #[inline(never)]
    fn long_pair(mut self, what: &'static str) -> Result<(u64, usize)> {
        let first = self.uint32(what)?;
        if self.is_empty() {
            return Err(Error::inconsistent(self.position, format!("{what}: an odd number of integers")));
        }
        Ok((pairs::lanes(first, self.uint32(what)?), self.position))
    }

    /// The next `len` bytes.
    #[inline(always)]
    pub(super) fn take(&mut self, len: u64, what: &'static str) -> Result<Self> {
        if len > self.left() as u64 {
            return Err(self.short(len, what));
        }
        let position = self.position;
        self.position += len as usize;
        Ok(Self { tile: self.tile, position, end: self.position })
    }

    #[cold]
    #[inline(never)]
    fn short(self, len: u64, what: &'static str) -> Error {
        Error::truncated(self.position, format!("{what}: needs {len} bytes, {} left", self.left()))
    }

    /// What a field of wire type LEN holds.
    #[inline(always)]
    pub(super) fn message(&mut self, what: &'static str) -> Result<Self> {
        let len = self.varint(what)?;
        self.take(len, what)
    }

    /// What is left, as text.
    pub(super) fn text(self, what: &'static str) -> Result<&'a str> {
        std::str::from_utf8(self.rest())
            .map_err(|_| Error::inconsistent(self.position, format!("{what} is not valid UTF-8")))
    }

    #[inline(always)]
    pub(super) fn fixed<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N]> {
        let bytes = self.take(N as u64, what)?;
        Ok(bytes.rest().try_into().expect("as many bytes as were taken"))
    }

    /// Skips the value behind `key`, which none of the message's `known` fields has.
    ///
    /// # Errors
    /// If the field's number is known, so that its wire type is wrong, or its wire type or number
    /// is none of protobuf's.
    #[inline]
    pub(super) fn skip(&mut self, key: u64, known: &[(u64, &'static str)]) -> Result<()> {
        self.position = self.behind_unknown(key, known)?;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn behind_unknown(mut self, key: u64, known: &[(u64, &'static str)]) -> Result<usize> {
        let (number, kind) = (key >> 3, key & 7);
        let at = self.position;
        if let Some((_, name)) = known.iter().find(|(known, _)| *known == number) {
            return Err(Error::inconsistent(at, format!("{name}: a field of wire type {kind}")));
        }
        if number == 0 || key > u64::from(u32::MAX) {
            return Err(Error::inconsistent(at, format!("there is no field number {number} in protobuf")));
        }
        match kind {
            wire_type::VARINT => self.varint("an unknown field").map(drop)?,
            wire_type::FIXED64 => self.take(8, "an unknown field").map(drop)?,
            wire_type::LEN => self.message("an unknown field").map(drop)?,
            wire_type::FIXED32 => self.take(4, "an unknown field").map(drop)?,
            _ => return Err(Error::inconsistent(at, format!("field {number} has wire type {kind}"))),
        }
        Ok(self.position)
    }
}

/// The key of field `number`.
pub(super) const fn key(number: u64, wire_type: u64) -> u64 {
    number << 3 | wire_type
}
