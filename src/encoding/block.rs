//! General compression of bytes: one zstd frame (RFC 8878) without its magic number.
//!
//! ```text
//! 1 byte   frame header descriptor, always 0: no content size, checksum or dictionary
//! 1 byte   window descriptor: window = 2^(10 + e)·(1 + m/8), m in bits 0..=2, e in bits 3..=7
//! blocks   3 bytes each (last 1 bit, type 2 bits, size 21 bits) and their content; the size is at
//!          most the window and 128 KiB
//! ```
//!
//! The stream that holds the frame says how long the bytes are. zstd itself is C, which wasm
//! builds go without: they decode with ruzstd, and their frames hold the bytes as they are, which
//! never pays, so that tiles made there have none unless they are forced to.

use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;
use crate::wire::Reader;

/// The largest window of a frame, in bytes.
const MAX_WINDOW: usize = 1 << 23;

/// The largest block of a frame, in bytes.
const MAX_BLOCK: usize = 128 << 10;

const BLOCK_HEADER: usize = 3;

/// Compresses `bytes` at zstd's `level`. The same bytes and level give the same frame.
pub(crate) fn compress(bytes: &[u8], level: i32) -> Vec<u8> {
    backend::compress(bytes, level)
}

/// Reads one frame that holds exactly `raw_len` bytes.
///
/// # Errors
/// Limit exceeded if the budget does not allow `raw_len` bytes, or the window is larger than the
/// bytes (rounded up to a power of two, at least 1 KiB) or than 8 MiB; truncated if the frame ends
/// early; inconsistent if it is no such frame.
pub(crate) fn decompress(reader: &mut Reader, raw_len: usize, budget: &mut Budget) -> Result<Vec<u8>> {
    let at = reader.offset();
    let (frame, window) = frame(reader, raw_len)?;
    backend::charge(window, budget, at)?;
    let mut out = budget.vec(raw_len, "compressed block", at)?;
    if backend::decompress(frame, raw_len, &mut out) && out.len() == raw_len {
        return Ok(out);
    }
    Err(Error::inconsistent(at, format!("compressed block: not a frame that holds {raw_len} bytes")))
}

/// Takes one frame from `reader`, from its header to its last block, and tells its window in
/// bytes. What lies within the blocks is for the decoders to check.
fn frame<'a>(reader: &mut Reader<'a>, raw_len: usize) -> Result<(&'a [u8], usize)> {
    let bytes = reader.rest();
    let (at, descriptor) = (reader.offset(), reader.u8("compressed block")?);
    if descriptor != 0 {
        return Err(Error::inconsistent(at, format!("compressed block: frame header {descriptor:#04x}")));
    }
    let (at, window) = (reader.offset(), window(reader.u8("compressed block: window")?));
    let limit = max_window(raw_len);
    if window > limit as u64 {
        return Err(Error::new(
            ErrorKind::LimitExceeded,
            at,
            format!("compressed block: a window of {window} bytes, of at most {limit}"),
        ));
    }
    loop {
        let at = reader.offset();
        let header = reader.bytes(BLOCK_HEADER, "compressed block: block header")?;
        let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let size = (header >> 3) as usize;
        // Decoders differ in whether they care.
        if size as u64 > window.min(MAX_BLOCK as u64) {
            return Err(Error::inconsistent(at, format!("compressed block: a block of {size} bytes")));
        }
        match header >> 1 & 3 {
            0 | 2 => reader.bytes(size, "compressed block: block")?,
            1 => reader.bytes(1, "compressed block: run")?,
            _ => return Err(Error::inconsistent(at, "compressed block: reserved type of block")),
        };
        if header & 1 != 0 {
            break;
        }
    }
    Ok((&bytes[..bytes.len() - reader.rest().len()], window as usize))
}

/// The largest window of a frame that holds `raw_len` bytes, a power of two.
fn max_window(raw_len: usize) -> usize {
    raw_len.clamp(1 << 10, MAX_WINDOW).next_power_of_two()
}

/// The window, in bytes, that a window descriptor stands for.
fn window(descriptor: u8) -> u64 {
    let base = 1u64 << (10 + (descriptor >> 3));
    base + base / 8 * u64::from(descriptor & 7)
}

#[cfg(not(target_arch = "wasm32"))]
use native as backend;
#[cfg(target_arch = "wasm32")]
use portable as backend;

/// The crate zstd.
#[cfg(not(target_arch = "wasm32"))]
mod native {
    use std::cell::RefCell;

    use zstd::zstd_safe::{CCtx, CParameter, DCtx, DParameter, FrameFormat, compress_bound};

    use super::{Budget, MAX_WINDOW, Result};

    // It takes longer to make a context than to compress a short stream.
    thread_local! {
        static COMPRESSOR: RefCell<CCtx<'static>> = RefCell::new(compressor());
        static DECOMPRESSOR: RefCell<DCtx<'static>> = RefCell::new(decompressor());
    }

    fn compressor() -> CCtx<'static> {
        let mut context = CCtx::create();
        for parameter in [
            CParameter::Format(FrameFormat::Magicless),
            CParameter::ContentSizeFlag(false),
            CParameter::ChecksumFlag(false),
            CParameter::DictIdFlag(false),
        ] {
            context.set_parameter(parameter).expect("zstd has this parameter");
        }
        context
    }

    fn decompressor() -> DCtx<'static> {
        let mut context = DCtx::create();
        context.set_parameter(DParameter::Format(FrameFormat::Magicless)).expect("zstd has this parameter");
        context
    }

    pub(super) fn compress(bytes: &[u8], level: i32) -> Vec<u8> {
        // 0 leaves the window to the level, which knows the size of the bytes.
        let window_log = if bytes.len() > MAX_WINDOW { MAX_WINDOW.ilog2() } else { 0 };
        let mut out = Vec::with_capacity(compress_bound(bytes.len()));
        COMPRESSOR.with_borrow_mut(|context| {
            context.set_parameter(CParameter::CompressionLevel(level)).expect("zstd clamps the level");
            context.set_parameter(CParameter::WindowLog(window_log)).expect("zstd allows this window");
            context.compress2(&mut out, bytes).expect("there is room for any frame");
        });
        out.shrink_to_fit();
        out
    }

    /// The frame is decoded right into the output, which serves as its window.
    pub(super) fn charge(_window: usize, _budget: &mut Budget, _at: usize) -> Result<()> {
        Ok(())
    }

    /// Fills the capacity of `out`, or tells that the frame is bad or longer.
    pub(super) fn decompress(frame: &[u8], _raw_len: usize, out: &mut Vec<u8>) -> bool {
        DECOMPRESSOR.with_borrow_mut(|context| context.decompress(out, frame)).is_ok()
    }
}

/// The crate ruzstd.
#[cfg(any(test, target_arch = "wasm32"))]
mod portable {
    use std::io::Read;

    use ruzstd::decoding::StreamingDecoder;

    use super::{Budget, MAX_BLOCK, Result, max_window};

    const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

    /// A frame of blocks that hold the bytes as they are.
    pub(super) fn compress(bytes: &[u8], _level: i32) -> Vec<u8> {
        let window = max_window(bytes.len());
        let mut frame = vec![0, ((window.ilog2() - 10) << 3) as u8];
        let mut rest = bytes;
        loop {
            let (block, behind) = rest.split_at(rest.len().min(MAX_BLOCK).min(window));
            let header = (block.len() as u32) << 3 | u32::from(behind.is_empty());
            frame.extend_from_slice(&header.to_le_bytes()[..super::BLOCK_HEADER]);
            frame.extend_from_slice(block);
            if behind.is_empty() {
                return frame;
            }
            rest = behind;
        }
    }

    /// The decoder keeps the window and the last block in a ring buffer, whose size is rounded up
    /// to a power of two.
    pub(super) fn charge(window: usize, budget: &mut Budget, at: usize) -> Result<()> {
        budget.charge(2 * (window + MAX_BLOCK), "compressed block: window", at)
    }

    /// Fills `out`, or tells that the frame is bad or not of `raw_len` bytes.
    pub(super) fn decompress(frame: &[u8], raw_len: usize, out: &mut Vec<u8>) -> bool {
        let Ok(mut decoder) = StreamingDecoder::new(MAGIC.chain(frame)) else {
            return false;
        };
        out.resize(raw_len, 0);
        decoder.read_exact(out).is_ok() && matches!(decoder.read(&mut [0]), Ok(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expand(frame: &[u8], raw_len: usize) -> Result<Vec<u8>> {
        let mut reader = Reader::new(frame, 0);
        let bytes = decompress(&mut reader, raw_len, &mut Budget::default())?;
        reader.finish("test")?;
        Ok(bytes)
    }

    fn text(len: usize) -> Vec<u8> {
        let words = ["Rue", "de", "la", "Gare", "Straße", "am", "Bahnhof", "Platz", "Via", "Roma"];
        let mut state = 1u32;
        let text = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            words[(state >> 16) as usize % words.len()].bytes()
        });
        text.flatten().take(len).collect()
    }

    #[test]
    fn sizes_and_levels() {
        for len in [0, 1, 2, 5, 100, 1023, 1024, 1025, 5000, 200_000, (1 << 20) + 1] {
            let bytes = text(len);
            for level in [-5, 1, 3, 9, 19] {
                let frame = compress(&bytes, level);
                assert_eq!(frame[0], 0);
                assert_eq!(expand(&frame, len).unwrap(), bytes);
                let mut out = Vec::new();
                assert!(portable::decompress(&frame, len, &mut out));
                assert_eq!(out, bytes);
                if len > 200_000 {
                    break;
                }
            }
        }
        assert_eq!(compress(b"", 3).len(), 5);
    }

    #[test]
    fn frames_of_plain_bytes() {
        for len in [0, 1, 1023, 1025, 3000, 128 << 10, (128 << 10) + 1, MAX_WINDOW + 1] {
            let bytes = text(len);
            let frame = portable::compress(&bytes, 3);
            assert!(frame.len() >= len + 5);
            assert!(expand(&frame, len).unwrap() == bytes);
            let mut out = Vec::new();
            assert!(portable::decompress(&frame, len, &mut out) && out == bytes);
        }
    }

    #[test]
    fn the_window_stays_within_the_limit() {
        // A level whose own window is larger than ours.
        let bytes = vec![7; MAX_WINDOW + 1];
        let frame = compress(&bytes, 22);
        assert_eq!(window(frame[1]), MAX_WINDOW as u64);
        assert!(expand(&frame, bytes.len()).unwrap() == bytes);
    }

    #[test]
    fn what_was_compressed_before_does_not_matter() {
        let inputs = [text(3000), text(10), text(70_000), Vec::new()];
        for level in [1, 3, 12, 19] {
            for input in &inputs {
                let frame = compress(input, level);
                for other in &inputs {
                    compress(other, 3);
                    assert_eq!(compress(input, level), frame);
                }
                let elsewhere = input.clone();
                let fresh = std::thread::spawn(move || compress(&elsewhere, level)).join().unwrap();
                assert_eq!(fresh, frame);
            }
        }
    }

    #[test]
    fn wrong_frames_are_refused() {
        let bytes = text(3000);
        let frame = compress(&bytes, 3);
        let fault = |frame: &[u8], raw_len| {
            let error = expand(frame, raw_len).unwrap_err();
            (error.kind(), error.offset().unwrap())
        };
        for wrong in [0, 1, 2999, 3001, 1 << 20] {
            // Too short a length also makes the window too large.
            let kind = fault(&frame, wrong).0;
            assert!(matches!(kind, ErrorKind::Inconsistent | ErrorKind::LimitExceeded), "{kind:?}");
            assert!(!portable::decompress(&frame, wrong, &mut Vec::new()));
        }
        for cut in 0..frame.len() {
            assert_eq!(fault(&frame[..cut], 3000).0, ErrorKind::Truncated);
        }
        let changed = |index, byte| {
            let mut frame = frame.clone();
            frame[index] = byte;
            frame
        };
        for descriptor in [1, 4, 0x20, 0x40, 0xff] {
            assert_eq!(fault(&changed(0, descriptor), 3000), (ErrorKind::Inconsistent, 0));
        }
        for window in [3 << 3, 2 << 3 | 1, 13 << 3, 0xff] {
            assert_eq!(fault(&changed(1, window), 3000), (ErrorKind::LimitExceeded, 1));
        }
        assert_eq!(fault(&changed(2, frame[2] | 6), 3000), (ErrorKind::Inconsistent, 2));
        assert_eq!(fault(&[frame.clone(), frame.clone()].concat(), 3000).0, ErrorKind::Overlong);
        // Blocks of runs: as long as the window, and longer.
        let run = |size: u32| [&[0, 0][..], &(size << 3 | 3).to_le_bytes()[..3], b"a"].concat();
        assert_eq!(expand(&run(1024), 1024).unwrap(), [b'a'; 1024]);
        assert_eq!(fault(&run(1025), 1025), (ErrorKind::Inconsistent, 2));
    }

    #[test]
    fn memory_is_charged_first() {
        let frame = compress(&text(100), 3);
        for budget in [Budget::none(), Budget::new(99)] {
            let error = decompress(&mut Reader::new(&frame, 0), 100, &mut budget.clone()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        }
        let mut budget = Budget::new(100);
        decompress(&mut Reader::new(&frame, 0), 100, &mut budget).unwrap();
        assert_eq!(budget.left(), 0);
        assert!(portable::charge(1 << 10, &mut Budget::new(2 << 10), 0).is_err());
        // A length that cannot be true.
        let error = decompress(&mut Reader::new(&frame, 0), usize::MAX, &mut Budget::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    }

    proptest! {
        #[test]
        fn damage_is_survived(
            len in 1usize..2000,
            hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut frame = compress(&text(len), 3);
            for (index, byte) in hits {
                let index = index.index(frame.len());
                frame[index] = byte;
            }
            let mut reader = Reader::new(&frame, 0);
            if let Ok((frame, _)) = super::frame(&mut reader, len) {
                let (mut one, mut other) = (Vec::with_capacity(len), Vec::new());
                let native = native::decompress(frame, len, &mut one) && one.len() == len;
                if native && portable::decompress(frame, len, &mut other) {
                    prop_assert_eq!(one, other);
                }
            }
        }

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), len in 0usize..300) {
            let _ = expand(&[&[0, 0], &bytes[..]].concat(), len);
            let _ = portable::decompress(&[&[0, 0], &bytes[..]].concat(), len, &mut Vec::new());
        }
    }
}
