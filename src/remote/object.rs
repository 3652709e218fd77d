//! Ranges of objects in a store: a folder, S3 and the like, whatever the crate `object_store` knows.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, coalesce_ranges};
use tokio::runtime::{Builder, Runtime};

use super::{Cost, Ranges};
use crate::tileset::{Error, PmtilesReader, ReadAt, Result};

/// An object in a store: a tile, or a PMTiles archive.
pub struct Object {
    shared: Arc<Shared>,
    cost: Cost,
}

struct Shared {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
    runtime: Runtime,
}

impl Object {
    /// The object at `path` in a store; asks for its size.
    ///
    /// # Errors
    /// If there is no such object, or the store cannot be reached.
    pub fn open(store: Arc<dyn ObjectStore>, path: &str) -> Result<Self> {
        Self::open_as(path, store, path)
    }

    /// [`Self::open`] of what others call `name`.
    pub(super) fn open_as(name: &str, store: Arc<dyn ObjectStore>, path: &str) -> Result<Self> {
        let cannot_open = |error| Error::because(format!("cannot open {name}"), told(&error));
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::because("no runtime for requests", error))?;
        let location = Path::parse(path).map_err(|error| cannot_open(error.into()))?;
        let size = runtime.block_on(store.head(&location)).map_err(cannot_open)?.size;
        let shared = Arc::new(Shared { store, path: location, size, runtime });
        Ok(Self { shared, cost: Cost { requests: 1, bytes: 0 } })
    }

    /// The object as a PMTiles archive, whose tiles lie at [`super::place_in`] it.
    ///
    /// # Errors
    /// If it is none, or cannot be read.
    pub fn archive(&self) -> Result<PmtilesReader> {
        PmtilesReader::from_source(
            Box::new(Source(Arc::clone(&self.shared))),
            self.shared.path.as_ref().as_ref(),
        )
    }
}

impl Ranges for Object {
    fn read(&mut self, ranges: &[Range<u64>]) -> Result<Vec<(u64, Vec<u8>)>> {
        let Shared { store, path, size, runtime } = &*self.shared;
        let ranges: Vec<Range<u64>> = ranges
            .iter()
            .map(|range| range.start..range.end.min(*size))
            .filter(|range| range.start < range.end)
            .collect();
        // Not `get_ranges`, which asks for ranges up to a mebibyte apart as one.
        let requests = AtomicU64::new(0);
        let fetch = |range| {
            requests.fetch_add(1, Ordering::Relaxed);
            store.get_range(path, range)
        };
        let bytes = runtime.block_on(coalesce_ranges(&ranges, fetch, 0));
        self.cost.requests += requests.into_inner();
        let bytes = bytes.map_err(|error| Error::because(format!("cannot read {path}"), told(&error)))?;
        self.cost.bytes += bytes.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
        Ok(ranges
            .iter()
            .map(|range| range.start)
            .zip(bytes.into_iter().map(|bytes| bytes.to_vec()))
            .collect())
    }

    fn cost(&self) -> Cost {
        self.cost
    }
}

/// What a store has against a request. Its errors tell those behind them, so that these need not be told again.
fn told(error: &object_store::Error) -> String {
    match error {
        object_store::Error::NotFound { .. } => "there is no such object".into(),
        other => other.to_string(),
    }
}

/// An object for readers of tilesets.
struct Source(Arc<Shared>);

impl ReadAt for Source {
    fn size(&self) -> u64 {
        self.0.size
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let Shared { store, path, runtime, .. } = &*self.0;
        let bytes = runtime.block_on(store.get_range(path, offset..offset + length as u64));
        bytes.map(|bytes| bytes.to_vec()).map_err(|error| io::Error::other(told(&error)))
    }
}

#[cfg(test)]
mod tests {
    use object_store::local::LocalFileSystem;

    use super::*;
    use crate::coord::TileCoord;
    use crate::limits::Budget;
    use crate::remote::{Fetch, fetch, place_in};
    use crate::testing::generate::tileset::Tileset;
    use crate::tile::projection::Projection;
    use crate::tileset::{ConvertOptions, Existing, TileFormat, convert};

    #[test]
    fn a_layer_of_a_tile_in_an_archive_in_a_store() {
        let folder = tempfile::tempdir().unwrap();
        let (coord, layers) = Tileset::new(1).tiles().max_by_key(|(_, layers)| layers.len()).unwrap();
        let tile =
            crate::encode(&layers, &crate::EncodeOptions { compact: Some(false), ..Default::default() })
                .unwrap();
        let name = format!("tiles/{coord}.covt");
        let path = folder.path().join(&name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &tile).unwrap();
        let options =
            ConvertOptions { to: Some(TileFormat::Covt), existing: Existing::Keep, ..Default::default() };
        let archive = folder.path().join("a.pmtiles");
        convert(&folder.path().join("tiles"), &archive, &options, &mut |_| Ok(())).unwrap();

        let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
        let mut object = Object::open(Arc::clone(&store), "a.pmtiles").unwrap();
        let reader = object.archive().unwrap();
        let place = place_in(&reader, coord).unwrap().unwrap();
        assert_eq!(place_in(&reader, TileCoord::new(20, 0, 0).unwrap()).unwrap(), None);
        let wanted = Projection { layers: Some(vec![layers[0].name().to_owned()]), ..Projection::default() };
        let how = Fetch { front: 64, gap: 16, hint: None };
        let fetched = fetch(&mut object, Some(place), &wanted, &how, &mut Budget::default()).unwrap();
        assert!(fetched.cost().bytes < tile.len() as u64);
        let features = fetched.with_tile(|tile| tile.layers().next().unwrap().decode(&mut Budget::default()));
        assert_eq!(features.unwrap().unwrap().len(), layers[0].len());
        assert!(Object::open(store, "b.pmtiles").is_err());
    }
}
