//! What a caller may ask of the encoder.

use super::layer::Layer;
use crate::geometry::vertices::{VertexChoice, VertexEncoding};
use crate::stream::choose::{Chooser, Force, NESTED_BYTE, SMALL_LEVEL};
use crate::stream::technique::Technique;

/// How to trade size against the time to decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Decoding speed first: lightweight encodings only, zstd at most for text.
    Fast,
    /// Small tiles first: every encoding that saves more bytes than its time is worth.
    #[default]
    Small,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Fast, Self::Small];

    /// How long a byte is thought to be on its way: what it is worth in time to decode, as a rule (see
    /// [`EncodeOptions::picoseconds_per_byte`]).
    pub fn picoseconds_per_byte(self) -> u64 {
        match self {
            Self::Fast => 3_000,
            Self::Small => 47_000,
        }
    }

    /// The same of nested properties: their leaves are read one by one, and levels again with each of them, so
    /// that no byte is worth much time.
    pub fn picoseconds_per_nested_byte(self) -> u64 {
        self.picoseconds_per_byte().min(NESTED_BYTE)
    }

    /// The profile's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Small => "small",
        }
    }
}

/// The order of a layer's features in a tile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As they are: what a renderer draws last stays on top, and labels keep their priority.
    #[default]
    None,
    /// By id, features without one last. Features that overlap may be drawn in another order, and
    /// where labels have no room for all, others may be left out; a style's sort keys rule that out.
    Id,
    /// By the place of their first vertex along a Hilbert curve, features without vertices last: what
    /// is near on the map is near in the tile. Changes the drawing order as `Id` does.
    Hilbert,
    /// The one of these that makes the layer smallest, chosen for each layer by trying all of them;
    /// the first one of several. Changes the drawing order as `Id` does. In the profile `Small` bytes are nearly all
    /// that counts then, see [`EncodeOptions::picoseconds_per_byte`].
    Auto,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::None, Self::Id, Self::Hilbert, Self::Auto];

    /// The order's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Id => "id",
            Self::Hilbert => "hilbert",
            Self::Auto => "auto",
        }
    }
}

/// What may stand in another order in a tile than in its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reordering {
    /// The features of a layer.
    pub features: bool,
    /// The parts of a multi geometry: points, lines, or polygons, each with its holes.
    pub parts: bool,
}

/// Options of the encoder. The same layers and options give the same bytes.
#[derive(Clone, Debug, Default)]
pub struct EncodeOptions {
    /// How to trade size against the time to decode.
    pub profile: Profile,
    /// What a byte is worth in picoseconds of decoding, from 1 to 4,000,000 (what is beyond counts as that); none
    /// leaves it to [`Self::picoseconds_per_byte`].
    pub byte_time: Option<u64>,
    /// Whether to add statistics of every column (minimum, maximum, null count, distinct count) at
    /// the end of the directory.
    pub statistics: bool,
    /// The order of features.
    pub sort: Sort,
    /// Whether the parts of one multi geometry (its points, lines or polygons, each with its holes)
    /// may be put in another order where that makes the layer smaller. They still turn and run as they
    /// did, so fills and lines look the same; symbols along the lines of one feature may be placed in
    /// another order, which shows where there is no room for all.
    pub reorder_parts: bool,
    /// Whether to store the triangles of polygons, in layers that have polygons and no triangles yet:
    /// readers that draw need not find them, and tiles get larger.
    #[cfg(feature = "triangles")]
    pub triangles: bool,
    /// The encoding of vertices; none leaves the choice free, and all but [`VertexEncoding::Plain`] are for
    /// experiments and tests. With that one vertices and triangles stand in the tile as a GPU takes them:
    /// [`crate::LayerReader::upload`] copies nothing, and the tile is larger.
    pub vertices: Option<VertexEncoding>,
    /// Whether the tile is compact, for experiments and tests; none leaves the choice free.
    pub compact: Option<bool>,
    /// Encodings of all streams, for experiments and tests.
    pub force: Force,
    /// What to do without, for experiments.
    pub without: Vec<Technique>,
}

/// Tiles of so many ids and properties, and so many vertices, decode within a hundred microseconds, whatever their
/// encodings; most within some tens.
const FEW_VALUES: usize = 1024;
const FEW_VERTICES: usize = 4096;

/// A byte that is worth so much is all that counts. No tile has so many that their price would not fit 64 bits.
const MOST_PICOSECONDS: u64 = 4_000_000;

impl EncodeOptions {
    /// The defaults of `profile`.
    pub fn new(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// What these options may put in another order.
    pub fn reordering(&self) -> Reordering {
        Reordering { features: self.sort != Sort::None, parts: self.reorder_parts }
    }

    /// What a byte of a tile of `layers` is worth: [`Self::byte_time`], if that is told. A tile of few values and
    /// vertices is there soon in any case, and one whose features may be put in whatever order is smallest is made by
    /// somebody who has the bytes in mind: in the profile `Small`, time hardly counts then.
    pub fn picoseconds_per_byte(&self, layers: &[Layer]) -> u64 {
        let vertices: usize = layers.iter().map(|layer| layer.geometry.vertices().len() / 2).sum();
        let sizes = layers.iter().map(|layer| (layer.len(), layer.columns.len()));
        if vertices > FEW_VERTICES { self.byte_time_of_many() } else { self.byte_time_of(sizes) }
    }

    /// The same of layers of so many features and properties, and of few vertices.
    pub(super) fn byte_time_of(&self, layers: impl Iterator<Item = (usize, usize)>) -> u64 {
        let values = |(features, properties): (usize, usize)| features.saturating_mul(1 + properties);
        let few = layers.map(values).fold(0, usize::saturating_add) <= FEW_VALUES;
        match self.profile {
            Profile::Small if few && self.byte_time.is_none() => MOST_PICOSECONDS,
            _ => self.byte_time_of_many(),
        }
    }

    /// The same of layers of many values.
    fn byte_time_of_many(&self) -> u64 {
        match (self.byte_time, self.profile) {
            (Some(time), _) => time.clamp(1, MOST_PICOSECONDS),
            (None, Profile::Small) if self.sort == Sort::Auto => MOST_PICOSECONDS,
            (None, profile) => profile.picoseconds_per_byte(),
        }
    }

    pub(crate) fn chooser(&self) -> Chooser {
        let uses = |technique| !self.without.contains(&technique);
        let (zstd, zstd_text, entropy) = match self.profile {
            Profile::Fast => (None, Some(9), false),
            Profile::Small => {
                let level = Some(SMALL_LEVEL);
                (level.filter(|_| uses(Technique::Zstd)), level, uses(Technique::Entropy))
            }
        };
        Chooser {
            byte_time: self.byte_time_of_many(),
            zstd,
            zstd_text,
            entropy,
            force: self.force,
            without: self.without.clone(),
            log: None,
        }
    }

    pub(crate) fn vertex_choice(&self) -> VertexChoice {
        match (self.vertices, self.profile) {
            (Some(encoding), _) => VertexChoice::Only(encoding),
            _ if self.without.contains(&Technique::References) => VertexChoice::Only(VertexEncoding::Delta),
            (None, Profile::Fast) => VertexChoice::Quick,
            (None, Profile::Small) => VertexChoice::Smallest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, LayerBuilder, Tile};

    #[test]
    fn any_price_of_a_byte() {
        let mut roads = LayerBuilder::new("roads");
        for x in 0..400 {
            let line = [[x % 90, x], [3 * x % 80, 7], [40, x % 9]];
            roads.feature(Some(x as u64), |geometry| geometry.line_string(&line)).unwrap();
        }
        let layers = [roads.finish().unwrap()];
        for byte_time in [Some(0), Some(1), Some(u64::MAX), None] {
            let options = EncodeOptions { byte_time, ..EncodeOptions::default() };
            assert!((1..=MOST_PICOSECONDS).contains(&options.picoseconds_per_byte(&layers)));
            let bytes = crate::encode(&layers, &options).unwrap();
            let mut budget = Budget::default();
            let tile = Tile::open(&bytes, &mut budget).unwrap();
            assert_eq!(tile.decode(&mut budget).unwrap(), layers);
        }
    }
}
