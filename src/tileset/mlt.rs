//! MapLibre Tiles, by way of MVT: whoever has them can have COVT.
//!
//! ```text
//! tile:  block*
//! block: length of what follows (varint)   tag (varint, 1 for a layer)   layer
//! ```

use super::error::Result;
use crate::wire::reader::Reader;

const LAYER: u64 = 1;

/// Whether `tile` is blocks from its first byte to its last, the first of them a layer. To MVT that
/// would be the field of a layer of one byte, which is none, or fields that MVT does not have.
pub(super) fn is_mlt(tile: &[u8]) -> bool {
    let mut reader = Reader::new(tile, 0);
    let mut block = || {
        let length = reader.count("length of a block").ok()?;
        let tag = reader.sub(length, "block").ok()?.varint_u64("tag").ok()?;
        Some((tag, reader.is_empty()))
    };
    let mut next = block();
    let of_layers = matches!(next, Some((LAYER, _)));
    while let Some((_, false)) = next {
        next = block();
    }
    of_layers && next.is_some()
}

/// The MVT tile that says what an MLT tile says.
///
/// # Errors
/// If it cannot be read, or this is a build without the feature `mlt`.
#[cfg(feature = "mlt")]
pub fn mlt_to_mvt(tile: &[u8]) -> Result<Vec<u8>> {
    use mlt_core::mvt::tile_layers_to_mvt;
    use mlt_core::{Decoder, Layer, MltResult, Parser};

    use super::compression::MAX_TILE_BYTES;
    use super::error::Error;

    let convert = || -> MltResult<Vec<u8>> {
        let parsed = Parser::with_max_size(MAX_TILE_BYTES as u32).parse_layers(tile)?;
        let mut decoder = Decoder::with_max_size(MAX_TILE_BYTES as u32);
        let layers = parsed.into_iter().filter_map(Layer::into_layer01);
        tile_layers_to_mvt(layers.map(|layer| layer.into_tile(&mut decoder)).collect::<MltResult<_>>()?)
    };
    // Not for its errors, which are values, but lest a bad tile ends a conversion of many.
    let converted = std::panic::catch_unwind(convert);
    let converted = converted.map_err(|_| Error::new("cannot be read as MLT: its reader gave up"))?;
    converted.map_err(|error| Error::because("cannot be read as MLT", error.to_string()))
}

/// As it is without the feature `mlt`.
///
/// # Errors
/// Always.
#[cfg(not(feature = "mlt"))]
pub fn mlt_to_mvt(_: &[u8]) -> Result<Vec<u8>> {
    Err(super::error::Error::new("is an MLT tile, which covt reads if built with --features mlt"))
}

#[cfg(test)]
mod tests {
    use super::is_mlt;
    use crate::testing::corpus;

    #[test]
    fn blocks_to_the_last_byte() {
        for tile in [&[2, 1, 0][..], &[1, 1], &[2, 1, 9, 1, 7]] {
            assert!(is_mlt(tile), "{tile:?}");
        }
        for tile in [&[][..], &[0], &[2, 1], &[2, 2, 0], &[2, 1, 0, 5], &[2, 1, 0, 0], &[0x1a, 1, 0], &[0xC1]]
        {
            assert!(!is_mlt(tile), "{tile:?}");
        }
    }

    #[test]
    fn mvt_is_none() {
        for tile in corpus::tiles("omt").unwrap() {
            assert!(!is_mlt(&tile.mvt), "{}", tile.path.display());
        }
    }
}
