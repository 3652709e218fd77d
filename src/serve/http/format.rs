//! The formats that tiles are sent in.

use crate::tileset::TileFormat;

/// A format of tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::serve) enum Format {
    Mvt,
    Covt,
}

impl Format {
    /// The media type.
    pub(in crate::serve) fn media_type(self) -> &'static str {
        match self {
            Self::Mvt => TileFormat::Mvt.media_type(),
            Self::Covt => TileFormat::Covt.media_type(),
        }
    }

    /// The extension in URLs.
    pub(in crate::serve) fn extension(self) -> &'static str {
        match self {
            Self::Mvt => TileFormat::Mvt.extension(),
            Self::Covt => TileFormat::Covt.extension(),
        }
    }

    /// The other one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Mvt => Self::Covt,
            Self::Covt => Self::Mvt,
        }
    }
}
