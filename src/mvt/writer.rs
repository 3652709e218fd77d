//! The buffer a tile is written to: varints without a check per byte, messages without a copy.

use super::pairs;
use crate::error::Result;
use crate::wire::varint;

/// What a varint takes at most, in bytes.
const MAX_VARINT32: usize = 5;
const MAX_VARINT64: usize = 10;

/// The buffer is longer than what it holds, so that eight bytes can be stored where only some of
/// them count.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    len: usize,
}

impl Writer {
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes
    }

    #[inline]
    fn make_room(&mut self, more: usize) {
        let needed = self.len + more + 8;
        if needed > self.bytes.len() {
            self.bytes.resize(needed.next_power_of_two(), 0);
        }
    }

    #[inline]
    pub(super) fn varint(&mut self, mut value: u64) {
        self.make_room(MAX_VARINT64);
        while value >= 0x80 {
            self.bytes[self.len] = value as u8 | 0x80;
            self.len += 1;
            value >>= 7;
        }
        self.bytes[self.len] = value as u8;
        self.len += 1;
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Appends `count` pairs of varints, given as the lanes of [`pairs`].
    #[inline]
    pub(super) fn pairs(&mut self, count: usize, pairs: impl Iterator<Item = u64>) {
        self.make_room(2 * MAX_VARINT32 * count);
        let mut position = self.len;
        for lanes in pairs.take(count) {
            match pairs::encode(lanes) {
                Some((window, len)) => {
                    self.bytes[position..position + 8].copy_from_slice(&window);
                    position += len;
                }
                None => {
                    self.len = position;
                    self.long_pair(lanes);
                    position = self.len;
                }
            }
        }
        self.len = position;
    }

    #[cold]
    fn long_pair(&mut self, lanes: u64) {
        self.varint(lanes & u64::from(u32::MAX));
        self.varint(lanes >> 32);
    }

    /// Appends a field of wire type LEN that holds what `write` appends.
    ///
    /// Most such fields are shorter than 128 bytes, so one byte is left for the length; what is
    /// longer moves up to make room for it.
    #[inline]
    pub(super) fn field<T>(&mut self, key: u64, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.varint(key);
        let at = self.len;
        self.make_room(1);
        self.len += 1;
        let result = write(self)?;
        let len = (self.len - at - 1) as u64;
        if len < 0x80 {
            self.bytes[at] = len as u8;
        } else {
            self.make_room(MAX_VARINT64);
            let end = self.len;
            let more = varint::len(len) - 1;
            self.bytes.copy_within(at + 1..end, at + 1 + more);
            self.len = at;
            self.varint(len);
            self.len = end + more;
        }
        Ok(result)
    }
}

/// Appends a field of wire type LEN.
pub(super) fn write_field(out: &mut Vec<u8>, key: u64, bytes: &[u8]) {
    varint::write(out, key);
    varint::write(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
