//! A buffer that varints are written to without a check per byte.

use super::pairs;
use crate::wire::varint;

/// What a varint of 32 bits takes at most, in bytes.
const MAX_VARINT32: usize = 5;

/// Bytes that are gathered to be appended to a message once their length is known.
///
/// The buffer is longer than what it holds, so that eight bytes can be stored where only some of
/// them count.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    len: usize,
}

impl Writer {
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
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
        self.make_room(10);
        while value >= 0x80 {
            self.bytes[self.len] = value as u8 | 0x80;
            self.len += 1;
            value >>= 7;
        }
        self.bytes[self.len] = value as u8;
        self.len += 1;
    }

    /// Appends a field of wire type LEN, if it is not empty.
    #[inline]
    pub(super) fn field(&mut self, key: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.varint(key);
        self.varint(bytes.len() as u64);
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
}

/// Appends a field of wire type LEN.
pub(super) fn write_field(out: &mut Vec<u8>, key: u64, bytes: &[u8]) {
    varint::write(out, key);
    varint::write(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
