//! MapLibre Tiles, written and read by the crate mlt-core, the reference implementation.

use std::hint::black_box;

use mlt_core::encoder::EncoderConfig;
use mlt_core::mvt::mvt_to_tile_layers;
use mlt_core::{Decoder, Parser};

use super::contender::{Contender, Wrap, text};

/// How MLT is encoded.
pub(super) enum Mlt {
    /// What a map on the web gets: nothing that takes long to decode, features as they were.
    Web,
    /// All encodings, and features in whichever order is smallest.
    MinSize,
}

impl Contender for Mlt {
    fn name(&self) -> &str {
        match self {
            Self::Web => "MLT web",
            Self::MinSize => "MLT min size",
        }
    }

    fn wraps(&self) -> &[Wrap] {
        &[Wrap::None, Wrap::Gzip, Wrap::Zstd]
    }

    fn encode(&self, mvt: &[u8]) -> Result<Vec<u8>, String> {
        let config = match self {
            Self::Web => EncoderConfig::default()
                .with_id_sort(false)
                .with_spatial_hilbert_sort(false)
                .with_spatial_morton_sort(false)
                .with_fsst(false)
                .with_fastpfor(false),
            Self::MinSize => EncoderConfig::default(),
        };
        let mut tile = Vec::new();
        for layer in mvt_to_tile_layers(mvt).map_err(text)? {
            tile.extend(layer.encode(config).map_err(text)?);
        }
        Ok(tile)
    }

    /// Into arrays of its own, column by column.
    fn decode(&self, tile: &[u8]) -> Result<(), String> {
        let layers = Parser::with_max_size(u32::MAX).parse_layers(tile).map_err(text)?;
        black_box(Decoder::with_max_size(u32::MAX).decode_all(layers).map_err(text)?);
        Ok(())
    }
}
