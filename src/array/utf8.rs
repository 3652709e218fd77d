//! Strings as Arrow's `Utf8` array has them: i32 offsets into one run of valid UTF-8.

use arrow_buffer::{Buffer, OffsetBuffer};

use super::offsets;
use crate::error::{Error, Result};

/// A sequence of strings: `offsets[i]..offsets[i + 1]` are the bytes of string `i`.
#[derive(Clone, Debug)]
pub struct Utf8 {
    offsets: OffsetBuffer<i32>,
    bytes: Buffer,
}

impl Utf8 {
    /// Checks that the offsets lie within `bytes` and that every string is valid UTF-8.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if they do not.
    pub fn try_new(offsets: OffsetBuffer<i32>, bytes: Buffer) -> Result<Self> {
        Self::check(&offsets, &bytes).map_err(Error::input)?;
        Ok(Self { offsets, bytes })
    }

    /// [`Self::try_new`] for what came off the wire at `offset`.
    pub(crate) fn read(offsets: OffsetBuffer<i32>, bytes: Vec<u8>, offset: usize) -> Result<Self> {
        Self::check(&offsets, &bytes).map_err(|what| Error::inconsistent(offset, what))?;
        Ok(Self { offsets, bytes: bytes.into() })
    }

    fn check(offsets: &[i32], bytes: &[u8]) -> Result<(), &'static str> {
        let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
        if first != 0 || last as usize != bytes.len() {
            return Err("string offsets do not span the string bytes");
        }
        let text = simdutf8::basic::from_utf8(bytes).map_err(|_| "strings are not valid UTF-8")?;
        if !bytes.is_ascii() && !offsets.iter().all(|&offset| text.is_char_boundary(offset as usize)) {
            return Err("a string ends inside a UTF-8 character");
        }
        Ok(())
    }

    /// The number of strings.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are no strings at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// String `index`, which must be less than [`Self::len`].
    #[inline]
    pub fn get(&self, index: usize) -> &str {
        let bytes = &self.bytes[self.offsets[index] as usize..self.offsets[index + 1] as usize];
        // The bytes were checked when the array was made; a second check here costs little next
        // to a copy of the string, and keeps this crate free of unsafe code.
        std::str::from_utf8(bytes).expect("checked when the array was made")
    }

    /// The bytes of string `index`, for callers that only compare or copy.
    #[inline]
    pub fn get_bytes(&self, index: usize) -> &[u8] {
        &self.bytes[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }

    /// All strings in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The offsets, one more than there are strings.
    pub fn offsets(&self) -> &OffsetBuffer<i32> {
        &self.offsets
    }

    /// The offsets and the bytes.
    #[cfg(feature = "arrow")]
    pub(crate) fn into_parts(self) -> (OffsetBuffer<i32>, Buffer) {
        (self.offsets, self.bytes)
    }

    /// The bytes of all strings, one after the other.
    pub fn bytes(&self) -> &Buffer {
        &self.bytes
    }
}

impl PartialEq for Utf8 {
    fn eq(&self, other: &Self) -> bool {
        self.offsets[..] == other.offsets[..] && self.bytes[..] == other.bytes[..]
    }
}

/// Appends strings one by one.
#[derive(Debug)]
pub(crate) struct Utf8Builder {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Default for Utf8Builder {
    fn default() -> Self {
        Self { offsets: vec![0], bytes: Vec::new() }
    }
}

impl Utf8Builder {
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] past 2^31 − 1 bytes.
    pub(crate) fn push(&mut self, string: &str) -> Result<()> {
        let end = self.bytes.len() + string.len();
        let end = i32::try_from(end).map_err(|_| Error::input("strings of one layer exceed 2 GiB"))?;
        self.bytes.extend_from_slice(string.as_bytes());
        self.offsets.push(end);
        Ok(())
    }

    pub(crate) fn finish(self) -> Utf8 {
        Utf8 { offsets: offsets::seal(self.offsets), bytes: self.bytes.into() }
    }
}

impl<S: AsRef<str>> FromIterator<S> for Utf8 {
    /// # Panics
    /// If the strings exceed 2^31 − 1 bytes.
    fn from_iter<I: IntoIterator<Item = S>>(strings: I) -> Self {
        let mut builder = Utf8Builder::default();
        for string in strings {
            builder.push(string.as_ref()).expect("less than 2 GiB of strings");
        }
        builder.finish()
    }
}
