//! The compression that tiles are wrapped in where they are stored: recognised by their first
//! bytes, since what the metadata says of it is often missing and sometimes wrong. Only brotli has
//! no such bytes, and has to be told.
//!
//! ```text
//! 1f 8b        gzip
//! 78 ..        zlib, if the two bytes are a multiple of 31 (read as a big-endian number)
//! 28 b5 2f fd  zstd
//! ```
//! No tile starts like that: an MVT tile starts with 1a or is empty, a COVT tile with c1, c2 or c3.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read, Write};

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use flate2::write::GzEncoder;

use super::error::{Error, Result};

/// The size that no tile may exceed, stored or uncompressed: 64 MiB. Real tiles stay below
/// 10 MB; a few kilobytes that unpack to more are not a tile but a bomb.
pub const MAX_TILE_BYTES: usize = 64 << 20;

/// log2 of the largest window that a zstd frame may ask for: that of [`MAX_TILE_BYTES`].
const MAX_WINDOW_LOG: u32 = MAX_TILE_BYTES.ilog2();

/// How many bytes the brotli decoder takes at once.
const BROTLI_BUFFER: usize = 4096;

/// How a tile is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// As a gzip file (RFC 1952).
    Gzip,
    /// As a zlib stream (RFC 1950), which HTTP calls deflate.
    Zlib,
    /// As a brotli stream (RFC 7932).
    Brotli,
    /// As Zstandard frames (RFC 8878).
    Zstd,
}

impl Compression {
    /// The compression that the name of a content coding, of a tileset's metadata or at the end of a
    /// file's name stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "" | "none" | "identity" => Some(Self::None),
            "gzip" | "gz" => Some(Self::Gzip),
            "deflate" | "zlib" => Some(Self::Zlib),
            "br" | "brotli" => Some(Self::Brotli),
            "zstd" | "zst" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The compression that `bytes` start with, if it is one that shows there.
    pub fn of(bytes: &[u8]) -> Self {
        match *bytes {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x78, flags, ..] if u16::from_be_bytes([0x78, flags]).is_multiple_of(31) => Self::Zlib,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
        })
    }
}

/// The tile in `stored`, unwrapped if it is compressed, untouched if not.
///
/// # Errors
/// If it does not unpack, or to more than [`MAX_TILE_BYTES`].
pub fn decompress(stored: &[u8]) -> Result<Cow<'_, [u8]>> {
    decompress_within(stored, Compression::of(stored), MAX_TILE_BYTES)
}

/// As [`decompress`], where `told` is what the tile is said to be compressed with. It is believed if
/// it is brotli, which cannot be seen.
///
/// # Errors
/// As [`decompress`].
pub fn decompress_as(stored: &[u8], told: Compression) -> Result<Cow<'_, [u8]>> {
    decompress_within(stored, seen_or(stored, told), MAX_TILE_BYTES)
}

/// What `stored` is compressed with if `told` is what is said of it.
pub(crate) fn seen_or(stored: &[u8], told: Compression) -> Compression {
    match told {
        Compression::Brotli if !stored.is_empty() => told,
        _ => Compression::of(stored),
    }
}

fn decompress_within(stored: &[u8], compression: Compression, limit: usize) -> Result<Cow<'_, [u8]>> {
    let unpacked = match compression {
        Compression::None if stored.len() > limit => return Err(too_large("the tile", limit)),
        Compression::None => return Ok(Cow::Borrowed(stored)),
        Compression::Gzip => read_all(MultiGzDecoder::new(stored), limit),
        Compression::Zlib => read_all(ZlibDecoder::new(stored), limit),
        Compression::Brotli => read_all(::brotli::Decompressor::new(stored, BROTLI_BUFFER), limit),
        Compression::Zstd => unpack_zstd(stored, limit),
    };
    match unpacked {
        Ok(tile) if tile.len() > limit => {
            Err(too_large(&format!("the {compression} compressed tile"), limit))
        }
        Ok(tile) => Ok(Cow::Owned(tile)),
        Err(error) => Err(Error::because(format!("cannot unpack the {compression} compressed tile"), error)),
    }
}

fn unpack_zstd(stored: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(stored)?;
    decoder.window_log_max(MAX_WINDOW_LOG)?;
    read_all(decoder, limit)
}

/// Reads up to one byte more than `limit`, which tells that there is more.
fn read_all(reader: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut tile = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut tile)?;
    Ok(tile)
}

fn too_large(what: &str, limit: usize) -> Error {
    Error::new(format!("{what} is larger than the limit of {} MiB uncompressed", limit >> 20))
}

/// Compresses `tile` with gzip. The header holds no time and no name: same tile, same bytes.
pub fn gzip(tile: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(tile.len() / 2), flate2::Compression::default());
    encoder.write_all(tile).and_then(|()| encoder.finish()).expect("a vector takes every write")
}

/// Compresses `tile` with brotli at quality 11, the highest; takes some 100 times as long as gzip.
pub fn brotli(tile: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(tile.len() / 2);
    let params =
        ::brotli::enc::BrotliEncoderParams { quality: 11, size_hint: tile.len(), ..Default::default() };
    ::brotli::BrotliCompress(&mut &*tile, &mut out, &params).expect("a vector takes every write");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ::zstd::bulk::compress(bytes, 3).unwrap()
    }

    /// Each compression, with something that compresses that way.
    type Compress = fn(&[u8]) -> Vec<u8>;
    const ALL: [(Compression, Compress); 4] = [
        (Compression::Gzip, gzip),
        (Compression::Zlib, zlib),
        (Compression::Brotli, brotli),
        (Compression::Zstd, zstd),
    ];

    #[test]
    fn recognised_and_undone() {
        let tile: Vec<u8> = (0..10_000u32).map(|i| (i % 251) as u8).collect();
        for (compression, compress) in ALL {
            for tile in [&tile[..], &[]] {
                let stored = compress(tile);
                let shows = compression != Compression::Brotli;
                assert_eq!(Compression::of(&stored) == compression, shows);
                assert_eq!(decompress_as(&stored, compression).unwrap(), tile, "{compression}");
                // What shows is believed, not what is said.
                let told = if shows { Compression::None } else { compression };
                assert_eq!(decompress_as(&stored, told).unwrap(), tile, "{compression}");
            }
        }
    }

    #[test]
    fn tiles_that_are_not_compressed_are_untouched() {
        for tile in [&[][..], &[0x1a, 0x00], &[0xc1, 0x1f, 0x8b], &[0x1f], &[0x78, 0x9d]] {
            assert_eq!(Compression::of(tile), Compression::None);
            assert!(matches!(decompress(tile), Ok(Cow::Borrowed(same)) if same == tile));
        }
    }

    #[test]
    fn every_shorter_one_is_refused() {
        for (compression, compress) in ALL {
            let stored = compress(b"some tile, some tile, some tile");
            for len in 4..stored.len() {
                let error = decompress_as(&stored[..len], compression).unwrap_err();
                assert!(error.to_string().contains(&compression.to_string()), "{error}");
            }
        }
    }

    #[test]
    fn the_limit_is_exact_and_told() {
        let tile = vec![7; 3 << 20];
        for (compression, compress) in ALL {
            let stored = compress(&tile);
            assert_eq!(decompress_within(&stored, compression, tile.len()).unwrap(), tile);
            let error = decompress_within(&stored, compression, tile.len() - 1).unwrap_err();
            assert!(error.to_string().ends_with("larger than the limit of 2 MiB uncompressed"), "{error}");
        }
        assert!(decompress_within(&tile, Compression::None, tile.len()).is_ok());
        assert!(decompress_within(&tile, Compression::None, tile.len() - 1).is_err());
    }

    #[test]
    fn a_zstd_frame_may_not_ask_for_a_large_window() {
        let mut encoder = ::zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(MAX_WINDOW_LOG + 1).unwrap();
        encoder.include_contentsize(false).unwrap();
        encoder.write_all(b"small").unwrap();
        assert!(decompress(&encoder.finish().unwrap()).is_err());
    }

    #[test]
    fn gzip_members_are_joined_as_gunzip_does() {
        let stored = [gzip(b"one "), gzip(b"two")].concat();
        assert_eq!(decompress(&stored).unwrap(), &b"one two"[..]);
    }

    #[test]
    fn names_of_compressions() {
        for compression in
            [Compression::None, Compression::Gzip, Compression::Zlib, Compression::Brotli, Compression::Zstd]
        {
            assert_eq!(Compression::from_name(&compression.to_string()), Some(compression));
        }
        assert_eq!(Compression::from_name("br"), Some(Compression::Brotli));
        assert_eq!(Compression::from_name("lzma"), None);
        assert!(decompress_as(&[], Compression::Brotli).unwrap().is_empty());
    }

    #[test]
    fn gzip_holds_no_time_and_no_name() {
        let stored = gzip(b"tile");
        assert_eq!(stored[3], 0, "flags");
        assert_eq!(stored[4..8], [0; 4], "time");
    }
}
