//! A tile in, its layers out.

use std::sync::OnceLock;

use super::{GEOMETRY, LayerReader};
use crate::column::ColumnKind;
use crate::error::{Error, Result};
use crate::geometry::{self, Geometry};
use crate::limits::Budget;
use crate::stream::{Payloads, Streams, TileBytes};
use crate::tile::directory::{Directory, Layout};
use crate::tile::layer::Layer;

/// A tile whose directory has been read. Layers and columns decode when they are asked for, and
/// touch no other bytes than their own and those of the dictionary they name. In a compact tile,
/// which is small, the geometries of all layers decode together, when the first is asked for.
///
/// ```
/// use covt::{Budget, EncodeOptions, LayerBuilder, Tile, Value};
///
/// let mut places = LayerBuilder::new("places");
/// places.feature(Some(7), |geometry| Ok(geometry.point(1200, 830)))?;
/// places.property("name", Value::String("Vaduz"))?;
/// let bytes = covt::encode(&[places.finish()?], &EncodeOptions::default())?;
///
/// let mut budget = Budget::default();
/// let tile = Tile::open(&bytes, &mut budget)?;
/// let places = tile.layer("places").unwrap();
/// let name = places.column("name", &mut budget)?.unwrap();
/// assert_eq!(name.get(0), Some(Value::String("Vaduz")));
/// # Ok::<(), covt::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tile<'a> {
    bytes: TileBytes<'a>,
    pub(super) directory: Directory,
    /// The geometries of all layers of a compact tile, once they have been read, and what they took of
    /// the budget: whoever asks for them pays, first or not.
    geometries: OnceLock<(Vec<Geometry>, usize)>,
}

impl<'a> Tile<'a> {
    /// Reads the head and the directory of a tile, nothing else.
    ///
    /// # Errors
    /// If `bytes` is not a COVT tile, ends early or has bytes left over, or the directory exceeds
    /// `budget`.
    pub fn open(bytes: &'a [u8], budget: &mut Budget) -> Result<Self> {
        let directory = Directory::read(bytes, budget)?;
        let (end, len) = (directory.body.end, bytes.len());
        if end > len {
            return Err(Error::truncated(len, format!("the tile's body: {} of {end} bytes are there", len)));
        }
        if end < len {
            return Err(Error::new(
                crate::ErrorKind::Overlong,
                end,
                format!("{} bytes left over behind the tile", len - end),
            ));
        }
        Ok(Self { bytes: TileBytes::Whole(bytes), directory, geometries: OnceLock::new() })
    }

    /// A tile of which only some bytes are there: where parts start, and what they are. What lies in
    /// them can be decoded, for the rest there is [`crate::ErrorKind::Truncated`]. The directory has been
    /// read from the front of the tile, which must be the first part if the tile is compact;
    /// [`Directory::ranges`] tells what else to fetch.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if parts are not in order, or overlap.
    pub fn from_parts(directory: Directory, parts: &'a [(usize, &'a [u8])]) -> Result<Self> {
        let apart = |pair: &[(usize, &[u8])]| pair[0].1.len() <= pair[1].0.saturating_sub(pair[0].0);
        if !parts.windows(2).all(apart) {
            return Err(Error::input("parts of a tile that are not in order, or overlap"));
        }
        Ok(Self { bytes: TileBytes::Parts(parts), directory, geometries: OnceLock::new() })
    }

    /// What the tile holds and where.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The layers, in order.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = LayerReader<'_>> {
        let layers = self.directory.layers.iter().enumerate();
        layers.map(|(number, entry)| LayerReader { tile: self, number, entry })
    }

    pub(in crate::tile) fn payloads(&self) -> Payloads<'_> {
        let front = self.directory.front.as_ref().map(|front| (&front.bytes[..], front.at));
        Payloads { tile: self.bytes, front }
    }

    /// The geometries of all layers of a compact tile.
    pub(super) fn geometries(&self, budget: &mut Budget) -> Result<&[Geometry]> {
        let at = self.directory.body.start;
        if let Some((geometries, cost)) = self.geometries.get() {
            budget.charge(*cost, "geometries", at)?;
            return Ok(geometries);
        }
        let before = budget.left();
        let mut layers = budget.vec(self.directory.layers.len(), "layers", at)?;
        for layer in &self.directory.layers {
            let column = layer.columns.iter().find(|column| column.kind == ColumnKind::Geometry);
            budget.charge(GEOMETRY, "geometry", at)?;
            layers
                .push(column.map(|column| (Streams::new(&column.streams, self.payloads()), layer.features)));
        }
        let joint = Streams::new(&self.directory.vertices, self.payloads());
        let geometries =
            geometry::joint::read(&layers, &joint, budget).map_err(|error| error.within("geometries"))?;
        Ok(&self.geometries.get_or_init(|| (geometries, before - budget.left())).0)
    }

    /// The first layer of that name.
    pub fn layer(&self, name: &str) -> Option<LayerReader<'_>> {
        self.layers().find(|layer| layer.entry.name == name)
    }

    /// Decodes every layer.
    ///
    /// # Errors
    /// If the tile is damaged, or decoding it takes more memory than `budget` has left.
    pub fn decode(&self, budget: &mut Budget) -> Result<Vec<Layer>> {
        let mut layers = budget.vec(self.directory.layers.len(), "layers", self.directory.body.start)?;
        let mut geometries = match self.directory.layout {
            Layout::Compact => self.geometries(budget)?.iter(),
            _ => [].iter(),
        };
        for layer in self.layers() {
            layers.push(layer.decode_with(geometries.next().cloned(), budget)?);
        }
        Ok(layers)
    }
}
