//! A sidecar of a tileset: for each tile the length of its front and of each layer, so that a reader who knows
//! where a tile lies asks for front and layers at once.
//!
//! ```text
//! file    "COVTidx" 01 │ varint64 length of the body │ body, as a zstd frame
//! body    varint layers │ text name × layers │ varint tiles │ five columns, one after the other
//! columns per tile       varint64 number, less that of the tile before
//!         per tile       varint length of the front
//!         per tile       varint number of its layers; 0 if they are not apart
//!         per its layer  varint number of the name
//!         per its layer  varint length of the layer in the body
//! ```
//! Numbers of tiles are those of PMTiles. `spec/tilesets.md` says the same.

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};

use crate::coord::TileCoord;
use crate::encoding::block;
use crate::error::Error as Fault;
use crate::limits::Budget;
use crate::tile::directory::{ColumnEntry, Directory, LayerEntry, Layout};
use crate::tile::projection::Projection;
use crate::tileset::{Error, Reader as Tileset, Result, Selection, decompress_as, tile_id};
use crate::wire::{Reader, varint};

const MAGIC: &[u8; 8] = b"COVTidx\x01";
const LEVEL: i32 = 19;

/// Where the layers of the tiles of a tileset are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    names: Vec<String>,
    tiles: Vec<Tile>,
    /// The layers of all tiles: number of the name, length.
    layers: Vec<(u32, u32)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tile {
    id: u64,
    front: u32,
    /// The number of its first layer.
    first: usize,
}

/// The bytes of a layer's columns, if it has some of its own.
fn layer_bytes(layer: &LayerEntry) -> Option<Range<usize>> {
    let ranges = layer.columns().iter().map(ColumnEntry::range).filter(|range| !range.is_empty());
    ranges.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end))
}

impl Index {
    /// Looks at all COVT tiles of a tileset, of which no more than their directories are decoded.
    ///
    /// # Errors
    /// If the tileset cannot be read, or a tile is no COVT tile.
    pub fn of(tileset: &Tileset, select: &Selection) -> Result<Self> {
        let (told, listing) = (tileset.compression(), tileset.list(select)?);
        let mut index = Self::default();
        let mut names: HashMap<String, u32> = HashMap::new();
        let mut failed = None;
        tileset.for_each(listing, select, None, &mut |tile| {
            let add = || {
                let tile = tile.map_err(|bad| Error::because(format!("tile {}", bad.tile), bad.reason))?;
                let whose = |error: Fault| Error::because(format!("tile {}", tile.coord), error);
                let plain = decompress_as(&tile.data, told)?;
                let directory = Directory::read(&plain, &mut Budget::default()).map_err(whose)?;
                index.add(tile_id(tile.coord), &directory, &mut names);
                Ok(())
            };
            match add() {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(index),
        }
    }

    fn add(&mut self, id: u64, directory: &Directory, names: &mut HashMap<String, u32>) {
        let first = self.layers.len();
        self.tiles.push(Tile { id, front: directory.body().start as u32, first });
        if directory.layout() == Layout::Compact {
            return;
        }
        for layer in directory.layers() {
            let number = *names.entry(layer.name().to_owned()).or_insert_with(|| {
                self.names.push(layer.name().to_owned());
                self.names.len() as u32 - 1
            });
            let length = layer_bytes(layer).map_or(0, |range| range.len());
            self.layers.push((number, length as u32));
        }
    }

    /// The number of tiles.
    pub fn len(&self) -> usize {
        self.tiles.len()
    }

    /// Whether there are no tiles.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty()
    }

    /// The bytes of a tile to ask for at once: front and layers that are wanted. None if the tile is not
    /// known, and no layers if the tile is compact.
    pub fn hint(&self, coord: TileCoord, wanted: &Projection) -> Option<Vec<Range<usize>>> {
        let number = self.tiles.binary_search_by_key(&tile_id(coord), |tile| tile.id).ok()?;
        let tile = self.tiles[number];
        let end = self.tiles.get(number + 1).map_or(self.layers.len(), |next| next.first);
        let front = tile.front as usize;
        let mut hint = Vec::from_iter(std::iter::once(0..front));
        let mut at = front;
        for &(name, length) in &self.layers[tile.first..end] {
            let range = at..at.saturating_add(length as usize);
            at = range.end;
            if wanted.wants_layer(&self.names[name as usize]) && !range.is_empty() {
                hint.push(range);
            }
        }
        Some(hint)
    }

    /// The index as a file.
    pub fn write(&self) -> Vec<u8> {
        let mut body = Vec::new();
        varint::write(&mut body, self.names.len() as u64);
        for name in &self.names {
            varint::write(&mut body, name.len() as u64);
            body.extend_from_slice(name.as_bytes());
        }
        varint::write(&mut body, self.tiles.len() as u64);
        let ends = self.tiles.iter().skip(1).map(|tile| tile.first).chain([self.layers.len()]);
        let counts = self.tiles.iter().zip(ends).map(|(tile, end)| (end - tile.first) as u64);
        let mut put = |value: u64| varint::write(&mut body, value);
        let mut last = 0;
        self.tiles.iter().for_each(|tile| put(tile.id - std::mem::replace(&mut last, tile.id)));
        self.tiles.iter().for_each(|tile| put(tile.front.into()));
        counts.for_each(&mut put);
        self.layers.iter().for_each(|layer| put(layer.0.into()));
        self.layers.iter().for_each(|layer| put(layer.1.into()));
        let mut out = MAGIC.to_vec();
        varint::write(&mut out, body.len() as u64);
        out.extend(block::compress(&body, LEVEL));
        out
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// If it is no such file, or takes more memory than `budget` has left.
    pub fn read(bytes: &[u8], budget: &mut Budget) -> crate::Result<Self> {
        let mut reader = Reader::new(bytes, 0);
        if reader.bytes(MAGIC.len(), "index")? != MAGIC {
            return Err(Fault::inconsistent(0, "not an index of COVT tiles"));
        }
        let raw = reader.count("length of the index")?;
        let at = reader.offset();
        let inflated = block::decompress(&mut reader, raw, budget)?;
        reader.finish("index")?;
        let mut reader = Reader::decompressed(&inflated, at);
        // Each takes a byte at least, so that no claim makes a vector larger than what is there.
        let room = |reader: &Reader, count: usize, budget: &mut Budget, size: usize| match count
            > reader.rest().len()
        {
            true => Err(Fault::truncated(reader.offset(), "entries of an index")),
            false => budget.charge(count * size, "index", reader.offset()),
        };
        let count = reader.count("number of layers")?;
        room(&reader, count, budget, size_of::<String>())?;
        let mut index = Self::default();
        for _ in 0..count {
            let len = reader.count("length of a name")?;
            let at = reader.offset();
            let name = std::str::from_utf8(reader.bytes(len, "layer name")?);
            index
                .names
                .push(name.map_err(|_| Fault::inconsistent(at, "a name that is not UTF-8"))?.to_owned());
        }
        let count = reader.count("number of tiles")?;
        room(&reader, count, budget, size_of::<Tile>())?;
        index.tiles = vec![Tile::default(); count];
        let mut id = 0u64;
        for (number, tile) in index.tiles.iter_mut().enumerate() {
            let at = reader.offset();
            let step = reader.varint_u64("tile number")?;
            id = id
                .checked_add(step)
                .filter(|_| step > 0 || number == 0)
                .ok_or_else(|| Fault::inconsistent(at, "tile numbers that do not ascend"))?;
            tile.id = id;
        }
        for tile in &mut index.tiles {
            tile.front = reader.varint_u32("length of a front")?;
        }
        let mut layers = 0usize;
        for tile in &mut index.tiles {
            tile.first = layers;
            layers = layers.saturating_add(reader.count("number of layers of a tile")?);
        }
        room(&reader, layers, budget, size_of::<(u32, u32)>())?;
        index.layers = vec![(0, 0); layers];
        for layer in &mut index.layers {
            let at = reader.offset();
            layer.0 = reader.varint_u32("number of a name")?;
            if layer.0 as usize >= index.names.len() {
                return Err(Fault::inconsistent(at, "a layer without a name"));
            }
        }
        for layer in &mut index.layers {
            layer.1 = reader.varint_u32("length of a layer")?;
        }
        reader.finish("index")?;
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;
    use crate::testing::generate::{layers, options};
    use crate::tile::write::encode;

    fn any(random: &mut Random) -> (Index, Vec<(TileCoord, Vec<u8>)>) {
        let (mut index, mut names) = (Index::default(), HashMap::new());
        let mut tiles = Vec::new();
        for number in 0..random.index(6) as u32 {
            let coord = TileCoord::new(9, number * 7, number).unwrap();
            tiles.push((coord, encode(&layers::tile(random), &options::any(random)).unwrap()));
        }
        tiles.sort_by_key(|(coord, _)| tile_id(*coord));
        for (coord, tile) in &tiles {
            index.add(tile_id(*coord), &Directory::read(tile, &mut Budget::default()).unwrap(), &mut names);
        }
        (index, tiles)
    }

    #[test]
    fn read_as_it_is_written_and_true() {
        let mut random = Random::from_seed(91);
        let mut hints = 0;
        for _ in 0..100 {
            let (index, tiles) = any(&mut random);
            assert_eq!(Index::read(&index.write(), &mut Budget::default()).unwrap(), index);
            for (coord, tile) in &tiles {
                let directory = Directory::read(tile, &mut Budget::default()).unwrap();
                let wanted = Projection {
                    layers: directory.layers().first().map(|layer| vec![layer.name().to_owned()]),
                    ..Projection::default()
                };
                let hint = index.hint(*coord, &wanted).unwrap();
                assert_eq!(hint[0], 0..directory.body().start);
                if directory.layout() != Layout::Compact {
                    // All that is wanted lies in it.
                    for range in directory.ranges(&wanted) {
                        assert!(
                            (range.start..range.end).all(|at| hint.iter().any(|hint| hint.contains(&at)))
                        );
                        hints += 1;
                    }
                }
            }
            assert_eq!(index.hint(TileCoord::new(3, 1, 1).unwrap(), &Projection::default()), None);
        }
        assert!(hints > 50, "{hints}");
    }

    #[test]
    fn damage_is_survived() {
        let mut random = Random::from_seed(92);
        for _ in 0..20 {
            let bytes = any(&mut random).0.write();
            for len in 0..bytes.len() {
                assert!(Index::read(&bytes[..len], &mut Budget::new(1 << 20)).is_err());
            }
            for bit in 0..8 * bytes.len() {
                let mut damaged = bytes.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                if let Ok(index) = Index::read(&damaged, &mut Budget::new(1 << 20)) {
                    let _ = index.hint(TileCoord::new(9, 0, 0).unwrap(), &Projection::default());
                }
            }
        }
    }
}
