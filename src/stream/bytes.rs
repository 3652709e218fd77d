//! Streams of bytes: geometry types, bitmaps (eight bits a byte, least significant first) and the
//! text of strings.
//!
//! ```text
//! id  name      payload (the number of bytes is known from outside)
//! 0   constant  u8, which every byte equals                       nothing if there are no bytes
//! 1   plain     the bytes
//! 2   byte rle  runs and literals, see `encoding::byte_rle`
//! 3   fsst      symbol table and codes, see `encoding::fsst`
//! 4   zstd      a zstd frame
//! 5   records   strings of one length, see `encoding::records`
//! 6   windows   u8 child encoding │ varint bytes of the child │ text in windows, see `encoding::windows`
//! ```

use super::Encoded;
use crate::encoding::{block, byte_rle, fsst, records, windows};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::ids::wire_ids;
use crate::wire::{Reader, varint};

wire_ids! {
    /// How a stream of bytes is coded.
    pub enum ByteEncoding: "byte encoding" {
        /// One byte, said once.
        Constant = 0 "constant",
        /// The bytes as they are.
        Plain = 1 "plain",
        /// Runs and literals.
        ByteRle = 2 "byte rle",
        /// Fast static symbol table.
        Fsst = 3 "fsst",
        /// Compressed.
        Zstd = 4 "zstd",
        /// Strings of one length, place by place.
        Records = 5 "records",
        /// Characters beyond ASCII in a byte each.
        Windows = 6 "windows",
    }
    reserved {
        9 "entropy-coded",
    }
}

/// The payload of `bytes` in `encoding`, which must fit them; `strings` are the parts of `bytes`
/// that belong together, for encodings that look at strings one by one.
pub(crate) fn write(bytes: &[u8], strings: &[&[u8]], encoding: ByteEncoding, level: i32) -> Encoded {
    let mut payload = Vec::new();
    match encoding {
        // No bytes are no payload, however they are coded.
        _ if bytes.is_empty() => {}
        ByteEncoding::Constant => payload.extend(bytes.first()),
        ByteEncoding::Plain => payload.extend_from_slice(bytes),
        ByteEncoding::ByteRle => byte_rle::encode(bytes, &mut payload),
        ByteEncoding::Fsst => payload = fsst::encode(strings),
        ByteEncoding::Zstd => payload = block::compress(bytes, level),
        ByteEncoding::Records => {
            // What is not of one length is so byte by byte.
            let letters: Vec<&[u8]> = bytes.chunks(1).collect();
            let (strings, plan) = match records::plan(strings) {
                Some(plan) => (strings, plan),
                None => (&letters[..], records::plan(&letters).expect("one byte each")),
            };
            records::encode(strings, &plan, &mut payload);
        }
        ByteEncoding::Windows => {
            let text = std::str::from_utf8(bytes).expect("only text has windows");
            payload = with_child(ByteEncoding::Plain, &windows::encode(text), None);
        }
    }
    Encoded::new(encoding.id(), payload)
}

/// The payload of text in windows, the `child`, which is `coded` otherwise if that is given.
fn with_child(encoding: ByteEncoding, child: &[u8], coded: Option<&[u8]>) -> Vec<u8> {
    let mut payload = vec![encoding.id()];
    varint::write(&mut payload, child.len() as u64);
    payload.extend_from_slice(coded.unwrap_or(child));
    payload
}

/// A payload of text in windows, which [`write`] has made, with a compressed child.
pub(crate) fn compress_windows(payload: &[u8], level: i32) -> Result<Vec<u8>> {
    let mut reader = Reader::new(payload, 0);
    reader.u8("child encoding")?;
    reader.count("bytes of text in windows")?;
    let child = reader.rest();
    Ok(with_child(ByteEncoding::Zstd, child, Some(&block::compress(child, level))))
}

/// [`read`] to `out`, which has room for as many bytes, without other memory for the encoding that most bitmaps have.
pub(crate) fn read_to(encoding: u8, mut reader: Reader, out: &mut [u8], budget: &mut Budget) -> Result<()> {
    if encoding == ByteEncoding::ByteRle.id() {
        byte_rle::decode(&mut reader, out)?;
        return reader.finish("bytes");
    }
    out.copy_from_slice(&read(encoding, reader, out.len(), budget)?);
    Ok(())
}

/// Reads `count` bytes; the payload must be all that `reader` has.
pub(crate) fn read(encoding: u8, mut reader: Reader, count: usize, budget: &mut Budget) -> Result<Vec<u8>> {
    let at = reader.offset();
    let encoding = ByteEncoding::from_id(encoding, at)?;
    let bytes = match encoding {
        _ if count == 0 => Vec::new(),
        ByteEncoding::Constant => {
            let byte = reader.u8("constant byte")?;
            let mut out = budget.vec(count, "bytes", at)?;
            out.resize(count, byte);
            out
        }
        ByteEncoding::Plain => {
            let bytes = reader.bytes(count, "plain bytes")?;
            let mut out = budget.vec(count, "bytes", at)?;
            out.extend_from_slice(bytes);
            out
        }
        ByteEncoding::ByteRle => {
            let mut out = budget.zeroed(count, "bytes", at)?;
            byte_rle::decode(&mut reader, &mut out)?;
            out
        }
        ByteEncoding::Fsst => fsst::decode(&mut reader, count, budget)?,
        ByteEncoding::Zstd => block::decompress(&mut reader, count, budget)?,
        ByteEncoding::Records => records::decode(&mut reader, count, budget)?,
        ByteEncoding::Windows => {
            let child = reader.u8("child encoding")?;
            let len = reader.count("bytes of text in windows")?;
            let at = reader.offset();
            let left = reader.rest().len();
            let child_reader = reader.sub(left, "text in windows")?;
            match ByteEncoding::from_id(child, at)? {
                ByteEncoding::Windows => return Err(Error::inconsistent(at, "windows within windows")),
                ByteEncoding::Plain if len == left => windows::decode(child_reader, count, budget)?,
                _ => {
                    let child = read(child, child_reader, len, budget)?;
                    windows::decode(Reader::decompressed(&child, at), count, budget)?
                }
            }
        }
    };
    reader.finish("bytes")?;
    Ok(bytes)
}
