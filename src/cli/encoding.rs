//! The options of the encoder, the same for every subcommand that encodes.

use clap::ValueEnum;
use covt::EncodeOptions;

#[derive(clap::Args)]
pub struct EncodingArgs {
    /// What matters more: the time to decode or the size [default: small]
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// The order of the features of a layer. Any but `none` changes what is drawn on top where features
    /// of a layer overlap, and which labels stay where there is no room for all, unless the style sorts
    /// features itself
    #[arg(long, value_enum, default_value_t = Sort::None)]
    sort: Sort,
    /// Put the parts of one multi-point, multi-line or multi-polygon in another order where that is
    /// smaller. Lines run and rings turn as before; it changes nothing that is drawn but which of a
    /// feature's symbols stay where there is no room for all
    #[arg(long)]
    reorder_parts: bool,
    /// Store the triangles of polygons, for clients that draw them: tiles get larger, and need not be cut into
    /// triangles when they are loaded
    #[arg(long)]
    triangles: bool,
    /// Store vertices, and triangles if there are some, as they are, for clients that hand them to a GPU as
    /// they stand in the tile: tiles get larger
    #[arg(long)]
    plain_vertices: bool,
    /// Add statistics of every column to the directory of a tile
    #[arg(long)]
    stats: bool,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub enum Profile {
    /// Lightweight encodings only, quickest to decode
    Fast,
    /// The smallest tiles
    #[default]
    Small,
}

impl From<Profile> for covt::Profile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Fast => Self::Fast,
            Profile::Small => Self::Small,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    /// As in the source
    None,
    /// By id
    Id,
    /// Along a Hilbert curve, so that what is near on the map is near in the tile
    Hilbert,
    /// Whichever of these makes the layer smallest, for each layer; takes three times as long
    Auto,
}

impl EncodingArgs {
    /// Whether any of them was given.
    pub fn any(&self) -> bool {
        self.profile.is_some()
            || !matches!(self.sort, Sort::None)
            || self.reorder_parts
            || self.triangles
            || self.plain_vertices
            || self.stats
    }

    pub fn options(&self) -> EncodeOptions {
        let sort = match self.sort {
            Sort::None => covt::Sort::None,
            Sort::Id => covt::Sort::Id,
            Sort::Hilbert => covt::Sort::Hilbert,
            Sort::Auto => covt::Sort::Auto,
        };
        EncodeOptions {
            profile: self.profile.unwrap_or_default().into(),
            sort,
            reorder_parts: self.reorder_parts,
            statistics: self.stats,
            triangles: self.triangles,
            vertices: self.plain_vertices.then_some(covt::VertexEncoding::Plain),
            ..EncodeOptions::default()
        }
    }
}

/// What becomes of what MVT cannot hold.
#[derive(Clone, Copy, Default, ValueEnum)]
pub enum Beyond {
    /// Fields of structs become properties with dotted names, lists and maps JSON text
    #[default]
    Flatten,
    /// It is left out
    Drop,
}

impl From<Beyond> for covt::mvt::Beyond {
    fn from(beyond: Beyond) -> Self {
        match beyond {
            Beyond::Flatten => Self::Flatten,
            Beyond::Drop => Self::Drop,
        }
    }
}
