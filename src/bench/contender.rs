//! Formats that are compared, and what may be around a tile.

use std::hint::black_box;

use fast_mvt::MvtReaderRef;

use super::parts::{self, PartSizes};
use crate::limits::Budget;
use crate::mvt;
use crate::tile::options::{EncodeOptions, Profile};
use crate::tile::read::Tile;
use crate::tileset::{Compression, brotli, decompress_as, gzip};

/// The zstd level to compare with: the highest that takes no more memory than usual.
const ZSTD_LEVEL: i32 = 19;

/// What is around a tile as it is stored or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// Nothing.
    None,
    /// gzip at level 6, the usual one.
    Gzip,
    /// zstd at level 19.
    Zstd,
    /// brotli at quality 11.
    Brotli,
}

impl Wrap {
    /// How a form of a tile is called: `MVT`, `MVT + gzip`.
    pub fn name(self, contender: &str) -> String {
        match self {
            Self::None => contender.to_owned(),
            Self::Gzip => format!("{contender} + gzip"),
            Self::Zstd => format!("{contender} + zstd"),
            Self::Brotli => format!("{contender} + brotli"),
        }
    }

    pub(super) fn wrap(self, tile: Vec<u8>) -> Vec<u8> {
        match self {
            Self::None => tile,
            Self::Gzip => gzip(&tile),
            Self::Zstd => zstd::bulk::compress(&tile, ZSTD_LEVEL).expect("zstd takes any bytes"),
            Self::Brotli => brotli(&tile),
        }
    }

    pub(super) fn unwrap(self, stored: &[u8]) -> Result<Vec<u8>, String> {
        let told = if self == Self::Brotli { Compression::Brotli } else { Compression::None };
        match self {
            Self::None => Ok(stored.to_vec()),
            _ => decompress_as(stored, told).map(|tile| tile.into_owned()).map_err(|error| error.line()),
        }
    }
}

/// A format to compare.
pub trait Contender: Sync {
    /// What to call it.
    fn name(&self) -> &str;

    /// What may be around it; the first one is how it is usually stored.
    fn wraps(&self) -> &[Wrap];

    /// What of these is decoded, to see how long that takes.
    fn timed(&self) -> &[Wrap] {
        &[Wrap::None]
    }

    /// Makes a tile of an MVT tile.
    ///
    /// # Errors
    /// What is wrong, if it cannot.
    fn encode(&self, mvt: &[u8]) -> Result<Vec<u8>, String>;

    /// Whether encoding is work, to see how long that takes.
    fn encodes(&self) -> bool {
        true
    }

    /// Reads everything that is in a tile: every id, geometry and property.
    ///
    /// # Errors
    /// What is wrong, if it cannot.
    fn decode(&self, tile: &[u8]) -> Result<(), String>;

    /// Where the bytes of a tile go, by its layers; nothing if that is not known.
    ///
    /// # Errors
    /// What is wrong, if the tile cannot be read.
    fn parts(&self, tile: &[u8]) -> Result<Vec<(String, PartSizes)>, String> {
        let _ = tile;
        Ok(Vec::new())
    }
}

/// MVT, with the feature `mlt` MLT as encoded for the web and for size, and COVT in both profiles.
pub fn contenders() -> Vec<Box<dyn Contender>> {
    vec![
        Box::new(Mvt),
        #[cfg(feature = "mlt")]
        Box::new(super::mlt::Mlt::Web),
        #[cfg(feature = "mlt")]
        Box::new(super::mlt::Mlt::MinSize),
        Box::new(Covt(Profile::Fast)),
        Box::new(Covt(Profile::Small)),
    ]
}

pub(super) fn text(error: impl ToString) -> String {
    error.to_string()
}

struct Mvt;

impl Contender for Mvt {
    fn name(&self) -> &str {
        "MVT"
    }

    fn wraps(&self) -> &[Wrap] {
        &[Wrap::Gzip, Wrap::None, Wrap::Zstd, Wrap::Brotli]
    }

    fn timed(&self) -> &[Wrap] {
        &[Wrap::None, Wrap::Gzip]
    }

    fn encode(&self, mvt: &[u8]) -> Result<Vec<u8>, String> {
        Ok(mvt.to_vec())
    }

    fn encodes(&self) -> bool {
        false
    }

    /// With the crate fast-mvt, which hands out features one by one and keeps none of them.
    fn decode(&self, tile: &[u8]) -> Result<(), String> {
        for layer in MvtReaderRef::new(tile).map_err(text)?.layers() {
            for feature in layer.features() {
                black_box(feature.id());
                black_box(feature.geometry().map_err(text)?);
                for property in feature.properties() {
                    black_box(property.map_err(text)?);
                }
            }
        }
        Ok(())
    }

    fn parts(&self, tile: &[u8]) -> Result<Vec<(String, PartSizes)>, String> {
        parts::of_mvt(tile).map_err(text)
    }
}

struct Covt(Profile);

impl Contender for Covt {
    fn name(&self) -> &str {
        match self.0 {
            Profile::Fast => "COVT fast",
            Profile::Small => "COVT small",
        }
    }

    fn wraps(&self) -> &[Wrap] {
        &[Wrap::None, Wrap::Gzip, Wrap::Zstd]
    }

    fn encode(&self, mvt: &[u8]) -> Result<Vec<u8>, String> {
        mvt::to_covt(mvt, &EncodeOptions::new(self.0)).map(|(tile, _)| tile).map_err(text)
    }

    fn decode(&self, tile: &[u8]) -> Result<(), String> {
        let mut budget = Budget::default();
        let layers = Tile::open(tile, &mut budget).and_then(|tile| tile.decode(&mut budget));
        black_box(layers.map_err(text)?);
        Ok(())
    }

    fn parts(&self, tile: &[u8]) -> Result<Vec<(String, PartSizes)>, String> {
        parts::of_covt(tile).map_err(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_is_unwrapped() {
        let tile = b"tile tile tile tile tile".to_vec();
        for wrap in [Wrap::None, Wrap::Gzip, Wrap::Zstd, Wrap::Brotli] {
            assert_eq!(wrap.unwrap(&wrap.wrap(tile.clone())).unwrap(), tile);
        }
    }
}
