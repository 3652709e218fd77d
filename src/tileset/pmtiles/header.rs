//! The first 127 bytes of a PMTiles archive, little-endian.
//!
//! ```text
//!   0  "PMTiles", u8 version 3         72  u64 × 3  tiles addressed, entries, distinct tiles
//!   8  u64 × 2  root directory         96  u8       1 if tiles lie in the order of their ids
//!  24  u64 × 2  metadata               97  u8 × 2   compression of directories, of tiles
//!  40  u64 × 2  leaf directories       99  u8       tile type
//!  56  u64 × 2  tile data             100  u8 × 2   first and last zoom
//!      (offset, length)               102  i32 × 4  west, south, east, north
//!                                     118  u8, i32 × 2  center: zoom, longitude, latitude
//! ```
//! Degrees count ten millions to one.

use std::ops::Range;

use crate::tileset::compression::Compression;
use crate::tileset::error::{Error, Result};
use crate::tileset::select::GeoBounds;

pub(crate) const MAGIC: &[u8; 7] = b"PMTiles";
pub(crate) const HEADER_BYTES: usize = 127;
/// Header and root directory lie in this many bytes.
pub(crate) const FRONT_BYTES: usize = 16 << 10;

/// Tile types that matter here.
pub(crate) mod tile_type {
    /// None of those the specification lists; what COVT is stored as, for readers refuse types
    /// they do not know, but not this one.
    pub(crate) const UNKNOWN: u8 = 0;
    pub(crate) const MVT: u8 = 1;
    pub(crate) const MLT: u8 = 6;

    /// The name of another one.
    pub(crate) fn name(id: u8) -> String {
        match id {
            2 => "PNG".into(),
            3 => "JPEG".into(),
            4 => "WebP".into(),
            5 => "AVIF".into(),
            6 => "MLT".into(),
            _ => format!("of type {id}"),
        }
    }
}

/// What the header says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) root: Range<u64>,
    pub(crate) metadata: Range<u64>,
    pub(crate) leaves: Range<u64>,
    pub(crate) data: Range<u64>,
    /// Tiles, entries of directories, distinct tiles; 0 if not known.
    pub(crate) counts: [u64; 3],
    pub(crate) clustered: bool,
    pub(crate) internal_compression: Option<Compression>,
    pub(crate) tile_compression: Option<Compression>,
    pub(crate) tile_type: u8,
    pub(crate) zooms: [u8; 2],
    pub(crate) bounds: GeoBounds,
    /// Zoom, longitude, latitude.
    pub(crate) center: (u8, f64, f64),
}

/// None for what is unknown, by the specification or here.
fn compression(id: u8) -> Option<Compression> {
    match id {
        1 => Some(Compression::None),
        2 => Some(Compression::Gzip),
        3 => Some(Compression::Brotli),
        4 => Some(Compression::Zstd),
        _ => None,
    }
}

fn compression_id(compression: Option<Compression>) -> u8 {
    match compression {
        Some(Compression::None) => 1,
        Some(Compression::Gzip) => 2,
        Some(Compression::Brotli) => 3,
        Some(Compression::Zstd) => 4,
        Some(Compression::Zlib) | None => 0,
    }
}

impl Header {
    /// Reads the front of an archive of `size` bytes.
    ///
    /// # Errors
    /// If it is no PMTiles 3, or is cut off, or a part lies outside the archive.
    pub(crate) fn read(front: &[u8], size: u64) -> Result<Self> {
        if !front.starts_with(MAGIC) {
            let what = if front.starts_with(b"PM") {
                "is PMTiles of an old version, not 3"
            } else {
                "is not PMTiles"
            };
            return Err(Error::new(what));
        }
        let Some(bytes) = front.first_chunk::<HEADER_BYTES>() else {
            return Err(Error::new(format!("is cut off within its header, after {} bytes", front.len())));
        };
        if bytes[7] != 3 {
            return Err(Error::new(format!("is PMTiles of version {}, not 3 (at offset 7)", bytes[7])));
        }
        let part = |at: usize, name: &str| {
            let (offset, length) = (u64_at(bytes, at), u64_at(bytes, at + 8));
            match offset.checked_add(length) {
                Some(end) if end <= size || length == 0 => Ok(offset..end),
                _ => Err(Error::new(format!(
                    "is cut off: its {name} of {length} bytes at offset {offset} reaches over its end at {size}"
                ))),
            }
        };
        let degrees = |at: usize| f64::from(i32::from_le_bytes(array(bytes, at))) / 1e7;
        Ok(Self {
            root: part(8, "root directory")?,
            metadata: part(24, "metadata")?,
            leaves: part(40, "part for leaf directories")?,
            data: part(56, "tile data")?,
            counts: [72, 80, 88].map(|at| u64_at(bytes, at)),
            clustered: bytes[96] == 1,
            internal_compression: compression(bytes[97]),
            tile_compression: compression(bytes[98]),
            tile_type: bytes[99],
            zooms: [bytes[100], bytes[101]],
            bounds: GeoBounds {
                west: degrees(102),
                south: degrees(106),
                east: degrees(110),
                north: degrees(114),
            },
            center: (bytes[118], degrees(119), degrees(123)),
        })
    }

    pub(crate) fn write(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend(MAGIC);
        bytes.push(3);
        for part in [&self.root, &self.metadata, &self.leaves, &self.data] {
            bytes.extend(part.start.to_le_bytes());
            bytes.extend((part.end - part.start).to_le_bytes());
        }
        bytes.extend(self.counts.iter().flat_map(|count| count.to_le_bytes()));
        bytes.push(self.clustered.into());
        bytes.push(compression_id(self.internal_compression));
        bytes.push(compression_id(self.tile_compression));
        bytes.push(self.tile_type);
        bytes.extend(self.zooms);
        let degrees = |degrees: f64| ((degrees * 1e7).round() as i32).to_le_bytes();
        let GeoBounds { west, south, east, north } = self.bounds;
        bytes.extend([west, south, east, north].into_iter().flat_map(degrees));
        let (zoom, longitude, latitude) = self.center;
        bytes.push(zoom);
        bytes.extend([longitude, latitude].into_iter().flat_map(degrees));
        bytes.try_into().expect("127 bytes")
    }
}

fn u64_at(bytes: &[u8; HEADER_BYTES], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

fn array<const N: usize>(bytes: &[u8; HEADER_BYTES], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("within the header")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            root: 127..200,
            metadata: 300..310,
            leaves: 310..310,
            data: 200..300,
            counts: [7, 5, 3],
            clustered: true,
            internal_compression: Some(Compression::Gzip),
            tile_compression: Some(Compression::Brotli),
            tile_type: tile_type::UNKNOWN,
            zooms: [3, 14],
            bounds: GeoBounds { west: 9.4, south: -47.25, east: 9.7, north: 47.3 },
            center: (11, 9.55, 47.1),
        }
    }

    #[test]
    fn read_as_it_is_written() {
        let bytes = header().write();
        assert_eq!(Header::read(&bytes, 310).unwrap(), header());
        assert_eq!(&bytes[..8], b"PMTiles\x03");
        assert_eq!(bytes[96..102], [1, 2, 3, 0, 3, 14]);
        assert_eq!(bytes[102..106], 94_000_000i32.to_le_bytes());
    }

    #[test]
    fn what_is_cut_off_or_else_is_refused() {
        let bytes = header().write();
        for len in 0..bytes.len() {
            assert!(Header::read(&bytes[..len], 310).is_err());
        }
        let refused = |bytes: &[u8], size| Header::read(bytes, size).unwrap_err().to_string();
        assert!(refused(&bytes, 309).contains("metadata of 10 bytes at offset 300"));
        let mut other = bytes;
        other[7] = 2;
        assert!(refused(&other, 310).contains("version 2"));
        assert!(refused(b"PM\x02\0", 4).contains("old version"));
        other[7] = 3;
        other[8..16].fill(0xff);
        assert!(refused(&other, 310).contains("root directory"));
    }
}
