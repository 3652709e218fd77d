//! Streams of bytes.

use super::payload::{Payload, number};
use crate::encoding::block;
use crate::limits::Budget;
use crate::stream::bytes::ByteEncoding;
use crate::wire::Reader;

/// How `count` bytes of one encoding are read.
type Twin = fn(&mut Payload, usize) -> Option<Vec<u8>>;

const TWINS: [(ByteEncoding, Twin); 7] = [
    (ByteEncoding::Constant, |payload, count| Some(vec![payload.byte()?; count])),
    (ByteEncoding::Plain, |payload, count| payload.take(count).map(<[u8]>::to_vec)),
    (ByteEncoding::ByteRle, byte_rle),
    (ByteEncoding::Fsst, fsst),
    (ByteEncoding::Zstd, zstd),
    (ByteEncoding::Records, records),
    (ByteEncoding::Windows, windows),
];

/// The `count` bytes that `payload` is in the encoding of id `encoding`; none if it is not.
pub(crate) fn bytes(encoding: u8, payload: &[u8], count: usize) -> Option<Vec<u8>> {
    let (_, twin) = TWINS.iter().find(|(known, _)| known.id() == encoding)?;
    let mut payload = Payload(payload);
    let bytes = if count == 0 { Vec::new() } else { twin(&mut payload, count)? };
    payload.is_empty().then_some(bytes)
}

fn byte_rle(payload: &mut Payload, count: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    while out.len() < count {
        match usize::from(payload.byte()?) {
            run @ 0..=127 => {
                let byte = payload.byte()?;
                out.extend((0..run + 3).map(|_| byte));
            }
            literals => out.extend_from_slice(payload.take(256 - literals)?),
        }
    }
    (out.len() == count).then_some(out)
}

fn fsst(payload: &mut Payload, count: usize) -> Option<Vec<u8>> {
    let counts = payload.take(8)?;
    let mut symbols = Vec::new();
    for (len, &count) in (1..=8).zip(counts) {
        for _ in 0..count {
            symbols.push(payload.take(len)?);
        }
    }
    if symbols.len() > 255 {
        return None;
    }
    let mut out = Vec::new();
    while !payload.is_empty() {
        match usize::from(payload.byte()?) {
            255 => out.push(payload.byte()?),
            code => out.extend_from_slice(symbols.get(code)?),
        }
    }
    (out.len() == count).then_some(out)
}

/// Not by hand: `encoding::block` has a second decoder to compare with.
pub(super) fn zstd(payload: &mut Payload, count: usize) -> Option<Vec<u8>> {
    let mut reader = Reader::new(payload.0, 0);
    let bytes = block::decompress(&mut reader, count, &mut Budget::default()).ok()?;
    payload.0 = reader.rest();
    Some(bytes)
}

fn records(payload: &mut Payload, count: usize) -> Option<Vec<u8>> {
    let length = payload.count()?;
    if length == 0 || length > 255 || !count.is_multiple_of(length) {
        return None;
    }
    let mut alphabets = Vec::new();
    for _ in 0..payload.byte()? {
        let letters = usize::from(payload.byte()?) + 1;
        alphabets.push(payload.take(letters)?);
    }
    let places = payload.take(length)?;
    let bits = payload.take(payload.0.len())?;
    let (mut out, mut at) = (Vec::new(), 0);
    for place in 0..count {
        let alphabet = *alphabets.get(usize::from(places[place % length]))?;
        let width = (alphabet.len() - 1).checked_ilog2().map_or(0, |log| log as usize + 1);
        if at + width > 8 * bits.len() {
            return None;
        }
        out.push(*alphabet.get(number(bits, at, width) as usize)?);
        at += width;
    }
    let rest = 8 * bits.len() - at;
    (rest < 8 && number(bits, at, rest) == 0).then_some(out)
}

fn windows(payload: &mut Payload, count: usize) -> Option<Vec<u8>> {
    let encoding = payload.byte()?;
    let len = payload.count()?;
    if encoding == ByteEncoding::Windows.id() {
        return None;
    }
    let child = bytes(encoding, payload.take(payload.0.len())?, len)?;
    let mut child = Payload(&child);
    let (mut text, mut window) = (String::new(), 1);
    while !child.is_empty() {
        match child.byte()? {
            0x0e => {
                window = child.varint(32)? as u32;
                // All characters of a window, or none.
                char::from_u32(window.checked_mul(128)?)?;
                if window == 0 {
                    return None;
                }
            }
            0x0f => text.push(char::from_u32(child.varint(32)? as u32)?),
            byte if byte < 0x80 => text.push(byte.into()),
            byte => text.push(char::from_u32(128 * window + u32::from(byte) - 128)?),
        }
    }
    (text.len() == count).then(|| text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_has_a_twin() {
        for encoding in ByteEncoding::ALL {
            assert!(TWINS.iter().any(|(known, _)| known == encoding), "{}", encoding.name());
        }
    }
}
