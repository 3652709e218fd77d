//! A run of fields of varying widths, least significant bit first.

use crate::error::{Error, ErrorKind, Result};

/// Appends fields bit by bit.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    filled: u32,
}

impl BitWriter {
    /// Appends the lowest `width` (at most 32) bits of `value`, which must have no others.
    #[inline]
    pub(crate) fn put(&mut self, value: u32, width: u32) {
        debug_assert!(width == 32 || value >> width == 0);
        self.pending |= u64::from(value) << self.filled;
        self.filled += width;
        while self.filled >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.filled -= 8;
        }
    }

    /// The bytes; the last one is padded with zeros.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}

/// Reads fields bit by bit. Bits past the end read as zeros, so that loops need no check;
/// [`BitReader::finish`] tells whether that happened.
#[derive(Clone, Debug)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self::at(bytes, 0)
    }

    /// A reader of what stands in `bytes` from bit `position` on.
    #[inline(always)]
    pub(crate) fn at(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    /// The number of bits before the next one.
    pub(crate) fn position(&self) -> usize {
        self.position
    }

    /// The next 57 bits or more, without moving on; bits above those are zeros or bits of the
    /// stream.
    #[inline(always)]
    pub(crate) fn peek(&self) -> u64 {
        let byte = self.position >> 3;
        let window = match self.bytes.get(byte..byte + 8) {
            Some(window) => u64::from_le_bytes(window.try_into().expect("eight bytes")),
            None => self.peek_tail(byte),
        };
        window >> (self.position & 7)
    }

    #[cold]
    #[inline(never)]
    fn peek_tail(&self, byte: usize) -> u64 {
        let tail = self.bytes.get(byte..).unwrap_or_default();
        let mut window = [0; 8];
        window[..tail.len()].copy_from_slice(tail);
        u64::from_le_bytes(window)
    }

    /// Moves on by `width` bits.
    #[inline(always)]
    pub(crate) fn skip(&mut self, width: u32) {
        self.position += width as usize;
    }

    /// The next `width` (at most 32) bits.
    #[inline(always)]
    pub(crate) fn get(&mut self, width: u32) -> u32 {
        let value = self.peek() & ((1 << width) - 1);
        self.skip(width);
        value as u32
    }

    /// The number of bytes that have been begun.
    pub(crate) fn bytes_read(&self) -> usize {
        self.position.div_ceil(8)
    }

    /// [`Self::finish`] for a reader that was given more bytes than the fields take: `bytes` are
    /// those they lie in.
    pub(crate) fn finish_within(&self, bytes: &[u8], at: usize, what: &'static str) -> Result<()> {
        BitReader { bytes, position: self.position }.finish(at, what)
    }

    /// Checks that all bytes were read and none past the end, and that the padding is zeros.
    pub(crate) fn finish(&self, at: usize, what: &'static str) -> Result<()> {
        let (read, len) = (self.bytes_read(), self.bytes.len());
        if read > len {
            return Err(Error::truncated(at, format!("{what}: {read} bytes wanted, {len} are there")));
        }
        if read < len {
            let what = format!("{what}: {} bytes left over", len - read);
            return Err(Error::new(ErrorKind::Overlong, at, what));
        }
        if !self.position.is_multiple_of(8) && self.bytes[len - 1] >> (self.position % 8) != 0 {
            return Err(Error::inconsistent(at, format!("{what}: bits behind the end")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_round_trip() {
        let fields: Vec<(u32, u32)> = (0..200u32)
            .map(|i| (i % 33, i.wrapping_mul(0x9e37_79b9)))
            .map(|(w, v)| ((u64::from(v) & ((1 << w) - 1)) as u32, w))
            .collect();
        let mut writer = BitWriter::default();
        fields.iter().for_each(|&(value, width)| writer.put(value, width));
        let bytes = writer.finish();
        let mut reader = BitReader::new(&bytes);
        for &(value, width) in &fields {
            assert_eq!(reader.get(width), value);
        }
        reader.finish(0, "test").unwrap();
        assert!(BitReader::new(&bytes).finish(0, "test").is_err());
        reader.skip(9);
        assert!(reader.finish(0, "test").is_err());
        assert_eq!(reader.get(32), 0);
    }
}
