//! One tile on its way from one tileset to another: the work between reading and writing.

use std::borrow::Cow;

use super::compression::{Compression, decompress_as, gzip, seen_or};
use super::contents::Contents;
use super::edit::Edit;
use super::error::{Context, Error, Result};
use super::format::TileFormat;
use super::mlt::mlt_to_mvt;
use crate::limits::Budget;
use crate::mvt::{self, Beyond, Reduced};
use crate::tile::layer::Layer;
use crate::tile::options::{EncodeOptions, Reordering};
use crate::tile::order::candidates;
use crate::tile::read::Tile;
use crate::tile::write::encode;

/// What to make of every tile.
pub(crate) struct Transcoder {
    pub(crate) from: TileFormat,
    pub(crate) to: TileFormat,
    /// What the tiles are said to be compressed with.
    pub(crate) told: Compression,
    pub(crate) encode: EncodeOptions,
    /// Whether to encode anew what is in the right format already.
    pub(crate) recode: bool,
    pub(crate) edit: Edit,
    /// What becomes of what MVT cannot hold.
    pub(crate) beyond: Beyond,
    /// How the result is stored.
    pub(crate) compression: Compression,
    pub(crate) verify: bool,
    /// Whether to compress MVT that is not, to know what gzip makes of it.
    pub(crate) gzip_size: bool,
    /// Whether to tell what the tiles hold.
    pub(crate) gather: bool,
}

/// A tile as it shall be stored, with what is to be counted of it.
#[derive(Debug)]
pub(crate) struct Made {
    /// None if nothing is left of it.
    pub(crate) tile: Option<Vec<u8>>,
    /// Size of the source as it was stored.
    pub(crate) stored_bytes: u64,
    /// Size of the source uncompressed.
    pub(crate) plain_bytes: u64,
    /// Size of the source compressed with gzip, if that is known.
    pub(crate) gzip_bytes: Option<u64>,
    /// Fields of the source that have no meaning and so no place in the result.
    pub(crate) dropped_fields: u64,
    /// What MVT could not hold.
    pub(crate) reduced: Reduced,
    /// What is in it, if that is gathered; the zoom is not known here.
    pub(crate) contents: Contents,
}

impl Made {
    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.tile.as_ref().map_or(0, Vec::len) + self.contents.bytes()
    }
}

impl Transcoder {
    /// # Errors
    /// If the tile cannot be unpacked, is not what it should be, or is not the same afterwards.
    pub(crate) fn transcode(&self, stored: &[u8]) -> Result<Made> {
        let source = decompress_as(stored, self.told)?;
        self.check_format(&source)?;
        let plain_bytes = source.len() as u64;
        let source = if self.from == TileFormat::Mlt { mlt_to_mvt(&source)?.into() } else { source };
        let gzip_bytes = match seen_or(stored, self.told) {
            Compression::Gzip => Some(stored.len()),
            _ => (self.gzip_size && self.from == TileFormat::Mvt).then(|| gzip(&source).len()),
        };
        let mut made = Made {
            tile: None,
            stored_bytes: stored.len() as u64,
            plain_bytes,
            gzip_bytes: gzip_bytes.map(|bytes| bytes as u64),
            dropped_fields: 0,
            reduced: Reduced::default(),
            contents: Contents::default(),
        };
        let tile = if self.copies() { self.copy(source, &mut made)? } else { self.make(&source, &mut made)? };
        made.tile = tile.map(|tile| match self.compression {
            Compression::Gzip => gzip(&tile),
            _ => tile,
        });
        Ok(made)
    }

    /// Whether tiles stay as they are, but for what is around them.
    fn copies(&self) -> bool {
        self.from == self.to && !self.recode && self.edit.is_none()
    }

    fn check_format(&self, source: &[u8]) -> Result<()> {
        match (self.from, TileFormat::of(source)) {
            (TileFormat::Covt, TileFormat::Mvt | TileFormat::Mlt) if !source.is_empty() => {
                Err(Error::new("is not a COVT tile"))
            }
            (from @ (TileFormat::Mvt | TileFormat::Mlt), TileFormat::Covt) => {
                Err(Error::new(format!("is a COVT tile where {from} is expected")))
            }
            _ => Ok(()),
        }
    }

    fn copy(&self, source: Cow<'_, [u8]>, made: &mut Made) -> Result<Option<Vec<u8>>> {
        if self.gather || self.verify {
            let (layers, _) = self.read(&source)?;
            made.contents.add(0, &mvt::reduce(&layers, self.beyond).0);
        }
        Ok(Some(source.into_owned()))
    }

    fn make(&self, source: &[u8], made: &mut Made) -> Result<Option<Vec<u8>>> {
        let (mut layers, dropped_fields) = self.read(source)?;
        made.dropped_fields = dropped_fields;
        let nothing = layers.is_empty();
        self.edit.apply(&mut layers);
        if layers.is_empty() && !nothing {
            return Ok(None);
        }
        if self.to == TileFormat::Mvt {
            let (fitting, reduced) = mvt::reduce(&layers, self.beyond);
            made.reduced = reduced;
            if let Cow::Owned(fitting) = fitting {
                layers = fitting;
            }
        }
        if self.gather {
            // As readers of MVT see it.
            made.contents.add(0, &mvt::reduce(&layers, self.beyond).0);
        }
        let tile = match self.to {
            TileFormat::Covt => encode(&layers, &self.encode).context(|| "cannot be encoded".into())?,
            TileFormat::Mvt => self.write_mvt(&layers).context(|| "cannot be written".into())?,
            TileFormat::Mlt => return Err(Error::new(NOT_WRITTEN)),
        };
        if self.verify {
            self.verify(source, &layers, &tile)?;
        }
        Ok(Some(tile))
    }

    /// Each layer in the order that is asked for; where there is a choice, in the first that is
    /// smallest with gzip, as MVT is stored.
    fn write_mvt(&self, layers: &[Layer]) -> crate::error::Result<Vec<u8>> {
        let mut tile = Vec::new();
        for layer in layers {
            let orders = candidates(layer, &self.encode);
            let mut written = orders.iter().map(|layer| mvt::write(std::slice::from_ref(&**layer)));
            let choice = orders.len() > 1;
            let size = |layer: &Vec<u8>| if choice { gzip(layer).len() } else { 0 };
            let best = written.try_fold(None, |best: Option<(usize, Vec<u8>)>, layer| {
                let layer = layer?;
                let size = size(&layer);
                Ok(best.filter(|(least, _)| *least <= size).or(Some((size, layer))))
            })?;
            tile.extend(best.expect("an order at least").1);
        }
        Ok(tile)
    }

    /// The layers of `source`, which is MVT also where it was MLT.
    fn read(&self, source: &[u8]) -> Result<(Vec<Layer>, u64)> {
        match self.from {
            TileFormat::Mvt | TileFormat::Mlt => {
                let what = || {
                    if self.to == TileFormat::Covt { "cannot be encoded" } else { "cannot be read" }.into()
                };
                let (layers, dropped) = mvt::read(source).context(what)?;
                Ok((layers, dropped.unknown_fields))
            }
            TileFormat::Covt => {
                let mut budget = Budget::default();
                let layers = Tile::open(source, &mut budget).and_then(|tile| tile.decode(&mut budget));
                Ok((layers.context(|| "cannot be decoded".into())?, 0))
            }
        }
    }

    /// COVT is decoded, MVT is encoded and decoded, and what comes back compared with what was given.
    fn verify(&self, source: &[u8], layers: &[Layer], tile: &[u8]) -> Result<()> {
        let reordering = self.encode.reordering();
        match self.to {
            TileFormat::Covt if self.from != TileFormat::Covt && self.edit.is_none() => {
                verify(source, tile, reordering)
            }
            TileFormat::Covt => {
                let (layers, _) = mvt::reduce(layers, Beyond::Flatten);
                verify(&mvt::write(&layers).context(|| NOT_VERIFIED.into())?, tile, reordering)
            }
            TileFormat::Mvt | TileFormat::Mlt => {
                if self.from != TileFormat::Covt && self.edit.is_none() {
                    mvt::compare_reordered(source, tile, reordering).map_err(not_verified)?;
                }
                let (again, _) = mvt::to_covt(tile, &self.encode).context(|| NOT_VERIFIED.into())?;
                verify(tile, &again, reordering)
            }
        }
    }
}

/// What is said to those who want MLT.
pub(super) const NOT_WRITTEN: &str = "MLT is read, not written";

const NOT_VERIFIED: &str = "verification failed";

/// Decodes `covt` and compares it with the tile it was made from, up to what may be reordered.
fn verify(mvt: &[u8], covt: &[u8], reordering: Reordering) -> Result<()> {
    let back = mvt::reduce_covt(covt, Beyond::Flatten, &mut Budget::default());
    let (back, _) = back.context(|| NOT_VERIFIED.into())?;
    mvt::compare_reordered(mvt, &back, reordering).map_err(not_verified)
}

fn not_verified(difference: impl ToString) -> Error {
    Error::because(NOT_VERIFIED, difference.to_string())
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

    fn transcoder(from: TileFormat, to: TileFormat) -> Transcoder {
        Transcoder {
            from,
            to,
            told: Compression::None,
            encode: EncodeOptions::default(),
            recode: false,
            edit: Edit::default(),
            beyond: Beyond::default(),
            compression: Compression::None,
            verify: true,
            gzip_size: false,
            gather: false,
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
        let to_covt = || transcoder(TileFormat::Mvt, TileFormat::Covt);
        let made = to_covt().transcode(&stored).unwrap();
        assert_eq!((made.plain_bytes, made.gzip_bytes), (plain.len() as u64, Some(stored.len() as u64)));

        let made = to_covt().transcode(&plain).unwrap();
        assert_eq!(made.gzip_bytes, None);
        let back = transcoder(TileFormat::Covt, TileFormat::Mvt).transcode(&made.tile.unwrap()).unwrap();
        mvt::compare(&plain, &back.tile.unwrap()).unwrap();

        let measure = Transcoder { gzip_size: true, ..to_covt() };
        assert_eq!(measure.transcode(&plain).unwrap().gzip_bytes, Some(stored.len() as u64));
    }

    #[test]
    fn what_stays_in_its_format_stays_as_it_is() {
        let stored = super::super::compression::brotli(&tile("road"));
        let copy = Transcoder { told: Compression::Brotli, ..transcoder(TileFormat::Mvt, TileFormat::Mvt) };
        assert_eq!(copy.transcode(&stored).unwrap().tile, Some(tile("road")));
        let edit = Edit { layers: Some(vec!["rail".into()]), drop_columns: Vec::new() };
        assert_eq!(Transcoder { edit, ..copy }.transcode(&stored).unwrap().tile, None);
    }
}
