//! What a caller may ask of the encoder.

use crate::geometry::vertices::{VertexChoice, VertexEncoding};
use crate::stream::choose::{Chooser, Force, SMALL_LEVEL};

/// How to trade size against the time to decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Decoding speed first: lightweight encodings only, zstd at most for text.
    Fast,
    /// The smallest tile.
    #[default]
    Small,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Fast, Self::Small];

    /// The profile's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Small => "small",
        }
    }
}

/// Options of the encoder. The same layers and options give the same bytes.
#[derive(Clone, Debug, Default)]
pub struct EncodeOptions {
    /// How to trade size against the time to decode.
    pub profile: Profile,
    /// Whether to add statistics of every column (minimum, maximum, null count, distinct count) at
    /// the end of the directory.
    pub statistics: bool,
    /// The encoding of vertices, for experiments and tests; none leaves the choice free.
    pub vertices: Option<VertexEncoding>,
    /// Encodings of all streams, for experiments and tests.
    pub force: Force,
}

impl EncodeOptions {
    /// The defaults of `profile`.
    pub fn new(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }

    pub(crate) fn chooser(&self) -> Chooser {
        match self.profile {
            Profile::Fast => Chooser { byte_time: 8_000, zstd: None, zstd_text: Some(3), force: self.force },
            Profile::Small => {
                let level = Some(SMALL_LEVEL);
                Chooser { byte_time: 400_000, zstd: level, zstd_text: level, force: self.force }
            }
        }
    }

    pub(crate) fn vertex_choice(&self) -> VertexChoice {
        match (self.vertices, self.profile) {
            (Some(encoding), _) => VertexChoice::Only(encoding),
            // Sorting all vertices takes longer than everything else this profile does, and gains
            // 0.2 % (it is there for readers that want vertices indexed).
            (None, Profile::Fast) => VertexChoice::Only(VertexEncoding::Delta),
            (None, Profile::Small) => VertexChoice::Auto,
        }
    }
}
