//! The tile formats a tileset can hold.

use std::fmt;

use super::mlt;

/// The format of the tiles of a tileset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TileFormat {
    /// Mapbox Vector Tiles.
    Mvt,
    /// Cloud Optimized Vector Tiles.
    Covt,
    /// MapLibre Tiles, which are read, with the feature `mlt`, and not written.
    Mlt,
}

impl TileFormat {
    /// The format of an uncompressed tile, by its first byte: COVT names its layout there (c1 to
    /// c3), where an MVT tile has the tag of a layer (1a). MLT is blocks of which each has its length
    /// in front. Everything else is taken for MVT, whose tiles may also be empty.
    pub fn of(tile: &[u8]) -> Self {
        match tile.first() {
            Some(0xC1..=0xC3) => Self::Covt,
            _ if mlt::is_mlt(tile) => Self::Mlt,
            _ => Self::Mvt,
        }
    }

    /// The format that `format` in a tileset's metadata names, or none if it names none of these.
    pub fn from_metadata(name: &str) -> Option<Self> {
        match name {
            "pbf" | "mvt" | "application/vnd.mapbox-vector-tile" | "application/x-protobuf" => {
                Some(Self::Mvt)
            }
            "covt" | "application/vnd.covt" => Some(Self::Covt),
            "mlt" | "application/vnd.maplibre-tile" | "application/vnd.maplibre-vector-tile" => {
                Some(Self::Mlt)
            }
            _ => None,
        }
    }

    /// The name in a tileset's metadata: MBTiles demands `pbf` for MVT and media types for
    /// formats it does not know.
    pub fn metadata_name(self) -> &'static str {
        match self {
            Self::Mvt => "pbf",
            Self::Covt | Self::Mlt => self.media_type(),
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mvt => "application/vnd.mapbox-vector-tile",
            Self::Covt => "application/vnd.covt",
            Self::Mlt => "application/vnd.maplibre-tile",
        }
    }

    /// The extension of tiles written to a folder.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mvt => "mvt",
            Self::Covt => "covt",
            Self::Mlt => "mlt",
        }
    }

    /// What its tiles are converted to where nothing is said.
    pub fn other(self) -> Self {
        match self {
            Self::Mvt | Self::Mlt => Self::Covt,
            Self::Covt => Self::Mvt,
        }
    }
}

impl fmt::Display for TileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mvt => "MVT",
            Self::Covt => "COVT",
            Self::Mlt => "MLT",
        })
    }
}
