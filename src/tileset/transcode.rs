//! One tile from one format to the other: the work between reading and writing.

use super::compression::{Compression, decompress, gzip};
use super::error::{Context, Error, Result};
use super::format::TileFormat;
use crate::limits::Budget;
use crate::mvt::{self, Beyond, Reduced};
use crate::tile::options::{EncodeOptions, Reordering};

/// What to make of every tile.
pub(crate) struct Transcoder {
    /// The format to make; the source is in the other one.
    pub(crate) to: TileFormat,
    pub(crate) encode: EncodeOptions,
    /// How the result is stored.
    pub(crate) compression: Compression,
    pub(crate) verify: bool,
    /// What becomes of what MVT cannot hold.
    pub(crate) beyond: Beyond,
    /// Whether to compress MVT that is not, to know what gzip makes of it.
    pub(crate) gzip_size: bool,
}

/// A tile as it shall be stored, with what is to be counted of it.
pub(crate) struct Transcoded {
    pub(crate) tile: Vec<u8>,
    /// Size of the source uncompressed.
    pub(crate) plain_bytes: u64,
    /// Size of the source compressed with gzip, if that is known.
    pub(crate) gzip_bytes: Option<u64>,
    /// Fields of the source that have no meaning and so no place in the result.
    pub(crate) dropped_fields: u64,
    /// What MVT could not hold.
    pub(crate) reduced: Reduced,
}

impl Transcoder {
    /// # Errors
    /// If the tile cannot be unpacked, is not what it should be, or is not the same afterwards.
    pub(crate) fn transcode(&self, stored: &[u8]) -> Result<Transcoded> {
        let source = decompress(stored)?;
        let (tile, dropped_fields, reduced) = match self.to {
            TileFormat::Covt => {
                let (tile, dropped) = self.encode(&source)?;
                (tile, dropped, Reduced::default())
            }
            TileFormat::Mvt => {
                let (tile, reduced) = self.decode(&source)?;
                (tile, 0, reduced)
            }
        };
        let tile = match self.compression {
            Compression::Gzip => gzip(&tile),
            _ => tile,
        };
        let gzip_bytes = match Compression::of(stored) {
            Compression::Gzip => Some(stored.len()),
            _ => (self.gzip_size && self.to == TileFormat::Covt).then(|| gzip(&source).len()),
        };
        Ok(Transcoded {
            tile,
            plain_bytes: source.len() as u64,
            gzip_bytes: gzip_bytes.map(|bytes| bytes as u64),
            dropped_fields,
            reduced,
        })
    }

    fn encode(&self, mvt: &[u8]) -> Result<(Vec<u8>, u64)> {
        if TileFormat::of(mvt) == TileFormat::Covt {
            return Err(Error::new("is a COVT tile where MVT is expected"));
        }
        let (covt, dropped) = mvt::to_covt(mvt, &self.encode).context(|| "cannot be encoded".into())?;
        if self.verify {
            verify(mvt, &covt, self.encode.reordering())?;
        }
        Ok((covt, dropped.unknown_fields))
    }

    fn decode(&self, covt: &[u8]) -> Result<(Vec<u8>, Reduced)> {
        if !covt.is_empty() && TileFormat::of(covt) == TileFormat::Mvt {
            return Err(Error::new("is not a COVT tile"));
        }
        let reduced = mvt::reduce_covt(covt, self.beyond, &mut Budget::default());
        let (mvt, reduced) = reduced.context(|| "cannot be decoded".into())?;
        if self.verify {
            let (again, _) = mvt::to_covt(&mvt, &self.encode).context(|| NOT_VERIFIED.into())?;
            verify(&mvt, &again, self.encode.reordering())?;
        }
        Ok((mvt, reduced))
    }
}

const NOT_VERIFIED: &str = "verification failed";

/// Decodes `covt` and compares it with the tile it was made from, up to what may be reordered.
fn verify(mvt: &[u8], covt: &[u8], reordering: Reordering) -> Result<()> {
    let back = mvt::from_covt(covt, &mut Budget::default()).context(|| NOT_VERIFIED.into())?;
    mvt::compare_reordered(mvt, &back, reordering)
        .map_err(|difference| Error::because(NOT_VERIFIED, difference.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tile with one layer of that name and nothing in it.
    fn tile(name: &str) -> Vec<u8> {
        let mut layer = vec![0x78, 2, 0x0a, name.len() as u8];
        layer.extend(name.as_bytes());
        [&[0x1a, layer.len() as u8], &layer[..]].concat()
    }

    fn transcoder(to: TileFormat) -> Transcoder {
        Transcoder {
            to,
            encode: EncodeOptions::default(),
            compression: Compression::None,
            verify: true,
            beyond: Beyond::default(),
            gzip_size: false,
        }
    }

    #[test]
    fn verification_tells_tiles_apart() {
        let (covt, _) = mvt::to_covt(&tile("road"), &EncodeOptions::default()).unwrap();
        let verify = |mvt: &[u8], covt: &[u8]| verify(mvt, covt, Reordering::default());
        verify(&tile("road"), &covt).unwrap();
        let error = verify(&tile("rail"), &covt).unwrap_err();
        assert!(error.line().starts_with("verification failed: "), "{}", error.line());
        assert!(verify(&tile("road"), &covt[..covt.len() - 1]).is_err());
    }

    #[test]
    fn sizes_are_those_of_the_source() {
        let (plain, stored) = (tile("road"), gzip(&tile("road")));
        let made = transcoder(TileFormat::Covt).transcode(&stored).unwrap();
        assert_eq!((made.plain_bytes, made.gzip_bytes), (plain.len() as u64, Some(stored.len() as u64)));

        let made = transcoder(TileFormat::Covt).transcode(&plain).unwrap();
        assert_eq!(made.gzip_bytes, None);
        let back = transcoder(TileFormat::Mvt).transcode(&made.tile).unwrap();
        mvt::compare(&plain, &back.tile).unwrap();

        let measure = Transcoder { gzip_size: true, ..transcoder(TileFormat::Covt) };
        assert_eq!(measure.transcode(&plain).unwrap().gzip_bytes, Some(stored.len() as u64));
    }
}
