//! A cursor over a slice that knows its offset in the tile, so that every error can say where.

use super::trace::Trace;
use super::varint::{self, Fault};
use crate::error::{Error, ErrorKind, Result};

/// Reads from the front of a slice. Readers made by [`Reader::sub`] keep counting from the start
/// of the tile.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a, T = ()> {
    bytes: &'a [u8],
    position: usize,
    base: usize,
    /// How far one byte of the slice is from the next in the tile: 0 for bytes that were
    /// decompressed, which all lie at the offset of the compressed stream.
    step: usize,
    /// Who is told of what is read; as a rule nobody.
    trace: T,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes`, the first of which lies at offset `base` of the tile.
    pub(crate) fn new(bytes: &'a [u8], base: usize) -> Self {
        Self { bytes, position: 0, base, step: 1, trace: () }
    }

    /// A reader of bytes that were decompressed from the stream at offset `base` of the tile.
    pub(crate) fn decompressed(bytes: &'a [u8], base: usize) -> Self {
        Self { bytes, position: 0, base, step: 0, trace: () }
    }
}

impl<'a, T: Trace> Reader<'a, T> {
    /// The same reader, of which `trace` is told.
    pub(crate) fn traced<U>(self, trace: U) -> Reader<'a, U> {
        let Self { bytes, position, base, step, .. } = self;
        Reader { bytes, position, base, step, trace }
    }

    pub(crate) fn trace(&self) -> T {
        self.trace
    }

    /// Tells the trace what the field read last stands for.
    #[inline]
    pub(crate) fn note(&self, meaning: impl FnOnce() -> String) {
        self.trace.note(meaning);
    }

    /// Tells the trace of the last `len` bytes.
    #[inline(always)]
    fn tell(&self, len: usize, what: &'static str, value: Option<u64>) {
        self.trace.field(self.base * self.step + self.position - len, len, what, value);
    }

    /// The offset in the tile of the next byte.
    pub(crate) fn offset(&self) -> usize {
        self.base + self.position * self.step
    }

    /// The bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.position == self.bytes.len()
    }

    #[inline]
    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8> {
        match self.bytes.get(self.position) {
            Some(&byte) => {
                self.position += 1;
                self.tell(1, what, Some(byte.into()));
                Ok(byte)
            }
            None => Err(Error::truncated(self.offset(), what)),
        }
    }

    #[inline]
    pub(crate) fn varint_u32(&mut self, what: &'static str) -> Result<u32> {
        self.varint(32, what).map(|value| value as u32)
    }

    #[inline]
    pub(crate) fn varint_u64(&mut self, what: &'static str) -> Result<u64> {
        self.varint(64, what)
    }

    /// A varint that is a count or a length: at most 2^32 − 1.
    #[inline]
    pub(crate) fn count(&mut self, what: &'static str) -> Result<usize> {
        self.varint(32, what).map(|value| value as usize)
    }

    /// Most are of one byte, above all in directories.
    #[inline]
    fn varint(&mut self, bits: u32, what: &'static str) -> Result<u64> {
        match self.bytes.get(self.position) {
            Some(&byte) if byte < 0x80 => {
                self.position += 1;
                self.tell(1, what, Some(byte.into()));
                Ok(byte.into())
            }
            _ => self.long_varint(bits, what),
        }
    }

    #[inline(never)]
    fn long_varint(&mut self, bits: u32, what: &'static str) -> Result<u64> {
        match varint::read(self.rest(), bits) {
            Ok((value, len)) => {
                self.position += len;
                self.tell(len, what, Some(value));
                Ok(value)
            }
            Err(Fault::Truncated) => Err(Error::truncated(self.offset(), what)),
            Err(Fault::Overlong) => Err(Error::new(
                ErrorKind::Overlong,
                self.offset(),
                format!("{what}: varint of more than {bits} bits"),
            )),
        }
    }

    /// The next `len` bytes.
    #[inline]
    pub(crate) fn bytes(&mut self, len: usize, what: &'static str) -> Result<&'a [u8]> {
        let bytes = self.take(len, what)?;
        self.tell(len, what, None);
        Ok(bytes)
    }

    #[inline]
    fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8]> {
        match self.rest().get(..len) {
            Some(bytes) => {
                self.position += len;
                Ok(bytes)
            }
            None => Err(self.short(len, what)),
        }
    }

    /// A reader of the next `len` bytes, which this one skips.
    pub(crate) fn sub(&mut self, len: usize, what: &'static str) -> Result<Self> {
        let start = self.position;
        self.take(len, what)?;
        Ok(Self { bytes: &self.bytes[..self.position], position: start, ..*self })
    }

    /// Checks that nothing is left.
    pub(crate) fn finish(&self, what: &'static str) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Overlong,
            self.offset(),
            format!("{what}: {} bytes left over", self.rest().len()),
        ))
    }

    #[cold]
    fn short(&self, len: usize, what: &'static str) -> Error {
        Error::truncated(self.offset(), format!("{what}: needs {len} bytes, {} left", self.rest().len()))
    }
}
