//! Text in which a character beyond ASCII is a byte, as in the Standard Compression Scheme for Unicode
//! (Unicode Technical Standard 6), of which this is the simplest part: scripts take less room before, and
//! after, a general compression.
//!
//! ```text
//! 00 … 7f      the character, but for 0e and 0f
//! 80 … ff      character 128 · window + byte − 128; the window is 1 at first
//! 0e varint w  the window is w from here on
//! 0f varint c  character c
//! ```

use std::hint::select_unpredictable;

use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::{Reader, bytes, varint};

const WINDOW: u8 = 0x0e;
const CHARACTER: u8 = 0x0f;

/// The length of the longest characters.
const MOST: usize = 4;

/// So many bytes are read at a time where there are no marks among them.
const EIGHT: usize = 8;

/// The window of Latin letters: where a text starts.
const FIRST: u32 = 1;

/// `text` in windows.
pub(crate) fn encode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut window = FIRST;
    for (place, character) in text.char_indices() {
        let code = u32::from(character);
        if [WINDOW, CHARACTER].map(u32::from).contains(&code) {
            out.push(CHARACTER);
            varint::write(&mut out, code.into());
        } else if code < 0x80 {
            out.push(code as u8);
        } else {
            if code / 128 != window {
                // A single one is not worth going there and back.
                let rest = &text[place + character.len_utf8()..];
                let next = rest.chars().find(|other| !other.is_ascii());
                if next.is_some_and(|next| u32::from(next) / 128 == window) {
                    out.push(CHARACTER);
                    varint::write(&mut out, code.into());
                    continue;
                }
                window = code / 128;
                out.push(WINDOW);
                varint::write(&mut out, window.into());
            }
            out.push(0x80 | (code % 128) as u8);
        }
    }
    out
}

/// What the characters of a window have in common: UTF-8 but for its last byte, of the first 64 of them and
/// of the others, and its length.
#[derive(Clone, Copy)]
struct Window {
    front: [[u8; MOST]; 2],
    len: usize,
    /// Where the last byte's bits stand among those of the others.
    last: u32,
}

impl Window {
    /// Window `number`, if it holds characters.
    fn new(number: u32) -> Option<Self> {
        let mut window = Self { front: [[0; MOST]; 2], len: 0, last: 0 };
        for (half, front) in (0..).zip(&mut window.front) {
            let first = char::from_u32(number.checked_mul(128)? + 64 * half).filter(|_| number > 0)?;
            window.len = first.encode_utf8(front).len();
            window.last = 8 * (window.len as u32 - 1);
        }
        Some(window)
    }

    /// The character of a byte that is no mark, in UTF-8, and its length. Without a branch: letters and spaces
    /// come as they like.
    #[inline(always)]
    fn character(&self, byte: u8) -> ([u8; MOST], usize) {
        let front = u32::from_le_bytes(self.front[usize::from(byte >> 6 & 1)]);
        let utf8 = front | u32::from(byte & 0x3f) << self.last;
        let high = byte >= 0x80;
        (select_unpredictable(high, utf8, byte.into()).to_le_bytes(), select_unpredictable(high, self.len, 1))
    }

    /// Writes the characters of eight bytes without a mark among them to `room`, and tells how long they are.
    #[inline(always)]
    fn group(&self, group: [u8; EIGHT], room: &mut [u8]) -> usize {
        let room: &mut [u8; MOST * EIGHT] = room.try_into().expect("room for eight characters");
        let mut end = 0;
        for byte in group {
            let (utf8, len) = self.character(byte);
            // Before byte i, end is at most i · MOST.
            room[end..end + MOST].copy_from_slice(&utf8);
            end += len;
        }
        end
    }
}

/// Reads `reader`'s bytes, all that it has, as text of `len` bytes.
///
/// # Errors
/// [`crate::ErrorKind::Inconsistent`] for what is no window or no character, and for a text of another
/// length; [`crate::ErrorKind::LimitExceeded`] if the budget does not allow it.
pub(crate) fn decode(mut reader: Reader, len: usize, budget: &mut Budget) -> Result<Vec<u8>> {
    let at = reader.offset();
    let mut window = Window::new(FIRST).expect("Latin letters");
    // Room for what is written too much: eight times four bytes, of which one to four count.
    let mut out: Vec<u8> = budget.zeroed(len.saturating_add(MOST * EIGHT), "text in windows", at)?;
    let mut end = 0;
    let other = || Error::inconsistent(at, format!("text in windows, not of {len} bytes"));
    while !reader.is_empty() {
        let room = out.get_mut(end..end + MOST * EIGHT).ok_or_else(other)?;
        if let Some(&group) = reader.rest().first_chunk::<EIGHT>()
            && let word = u64::from_le_bytes(group)
            && !has_mark(word)
        {
            end += match word & bytes::splat(0x80) {
                0 => {
                    room[..EIGHT].copy_from_slice(&group);
                    EIGHT
                }
                _ => window.group(group, room),
            };
            reader.bytes(EIGHT, "text in windows")?;
            continue;
        }
        let byte = reader.u8("text in windows")?;
        if byte == WINDOW || byte == CHARACTER {
            let at = reader.offset();
            let number = reader.varint_u32("window or character")?;
            if byte == WINDOW {
                window = Window::new(number).ok_or_else(|| no_such(at, "window", number))?;
            } else {
                let character = char::from_u32(number).ok_or_else(|| no_such(at, "character", number))?;
                end += character.encode_utf8(room).len();
            }
            continue;
        }
        let (utf8, len) = window.character(byte);
        room[..MOST].copy_from_slice(&utf8);
        end += len;
    }
    match end == len {
        true => {
            out.truncate(len);
            Ok(out)
        }
        false => Err(other()),
    }
}

/// Whether a window or a character is announced among eight bytes.
#[inline(always)]
fn has_mark(word: u64) -> bool {
    bytes::before_zero((word | bytes::splat(1)) ^ bytes::splat(CHARACTER)) != 8
}

#[cold]
fn no_such(at: usize, what: &str, number: u32) -> Error {
    Error::inconsistent(at, format!("no {what} {number:#x} in a text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(payload: &[u8], len: usize) -> Result<Vec<u8>> {
        decode(Reader::new(payload, 0), len, &mut Budget::default())
    }

    #[test]
    fn worked_example() {
        let text = "Кёльн – Köln";
        let payload = encode(text);
        assert_eq!(payload, b"\x0e\x08\x9a\xd1\xbb\xcc\xbd \x0e\x40\x93 K\x0e\x01\xf6ln");
        assert_eq!(decoded(&payload, text.len()).unwrap(), text.as_bytes());
        assert_eq!(encode("не – то"), b"\x0e\x08\xbd\xb5 \x0f\x93\x40 \xc2\xbe");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (payload, len) in [
            (&b"\x0e\x00"[..], 0),
            (b"\x0e\x80\x88\x03", 0),
            (b"\x0e\xb0\x03", 0),
            (b"\x0f\x80\xb0\x03", 3),
            (b"\x0f", 1),
            (b"\x0e", 0),
            (b"abc", 2),
            (b"abc", 4),
            (b"abcdefgh", 7),
            (b"\xe4", 1),
        ] {
            assert!(decoded(payload, len).is_err(), "{payload:x?}");
        }
        assert!(decode(Reader::new(b"abc", 0), 3, &mut Budget::none()).is_err());
    }

    proptest! {
        #[test]
        fn round_trips(text in "([ -~]{0,12}|[а-я]{0,9}|\\PC{0,5}|[一-龥]{0,6}|[\0-\u{1f}]{0,3}){0,12}") {
            let payload = encode(&text);
            prop_assert_eq!(decoded(&payload, text.len()).unwrap(), text.as_bytes());
            for len in 0..payload.len() {
                prop_assert!(decoded(&payload[..len], text.len()).is_err());
            }
        }

        #[test]
        fn no_bytes_are_too_much(payload in prop::collection::vec(any::<u8>(), 0..40), len in 0usize..60) {
            if let Ok(text) = decoded(&payload, len) {
                prop_assert!(std::str::from_utf8(&text).is_ok());
                prop_assert_eq!(text.len(), len);
            }
        }
    }
}
