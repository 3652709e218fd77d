//! A tileset as a source: its tiles as they are stored, or made into the other format.

mod describe;
mod projection;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};

use self::projection::{Names, Wanted};
use super::fault::Fault;
use super::http::{Coding, Format, compress};
use super::source::{Ask, Made, Source, Work};
use crate::coord::TileCoord;
use crate::limits::Budget;
use crate::mvt::{self, Beyond};
use crate::tile::directory::{Directory, LayerEntry};
use crate::tile::layer::Layer;
use crate::tile::options::EncodeOptions;
use crate::tile::projection::Projection;
use crate::tile::read::Tile;
use crate::tileset::{Compression, Error, Reader, TileFormat, decompress_as, mlt_to_mvt};

/// A tileset that is served.
pub(super) struct TilesetSource {
    path: PathBuf,
    /// Readers that nobody uses at the moment: as many as threads ever read at once.
    readers: Mutex<Vec<Reader>>,
    kind: &'static str,
    /// The format that tiles have; MLT is made into MVT as it is read.
    format: TileFormat,
    compression: Compression,
    zooms: [u8; 2],
    bounds: Option<[f64; 4]>,
    count: Option<u64>,
    tilejson: Map<String, Json>,
    tilestats: Json,
    layers: describe::KnownLayers,
    options: EncodeOptions,
}

impl TilesetSource {
    /// Opens the tileset at `path`; COVT is made of MVT with `options`.
    ///
    /// # Errors
    /// If it cannot be read, or holds neither MVT nor COVT.
    pub(super) fn open(path: &Path, options: EncodeOptions) -> Result<Self, Error> {
        let reader = Reader::open(path)?;
        let format = reader.format().map_err(|error| Error::because(path.display().to_string(), error))?;
        let description = describe::describe(&reader, format)?;
        let describe::Description { zooms, bounds, tilejson, tilestats, layers } = description;
        Ok(Self {
            path: path.to_owned(),
            kind: reader.kind(),
            format,
            compression: reader.compression(),
            zooms,
            bounds,
            count: reader.count()?,
            tilejson,
            tilestats,
            layers,
            options,
            readers: Mutex::new(vec![reader]),
        })
    }

    fn read(&self, coord: TileCoord) -> Result<Option<Vec<u8>>, Error> {
        let idle = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = idle().pop();
        let reader = match reader {
            Some(reader) => reader,
            None => Reader::open(&self.path)?,
        };
        let tile = reader.tile(coord);
        idle().push(reader);
        tile
    }

    fn make(&self, ask: &Ask, wanted: &Wanted) -> Result<Made, Fault> {
        let made = |body, coding| Made { body, coding, ..Made::default() };
        let read = self.read(ask.coord).map_err(|error| Fault::broken(&error))?;
        let Some(stored) = read else { return Ok(Made::default()) };
        let broken = |error: Box<dyn std::error::Error + Send + Sync>| {
            Fault::broken(&Error::because(format!("tile {} of {}", ask.coord, self.path.display()), error))
        };
        let projection = &wanted.projection;
        let as_stored = Coding::of(self.seen(&stored)) == Some(ask.coding);
        if self.stores(ask.format) && *projection == Projection::default() && as_stored {
            let empty = self.is_empty(&stored).map_err(|error| broken(error.into()))?;
            return Ok(if empty { Made::default() } else { made(stored, ask.coding) });
        }
        let plain = decompress_as(&stored, self.compression).map_err(|error| broken(error.into()))?;
        let plain = match self.format {
            TileFormat::Mlt => Cow::Owned(mlt_to_mvt(&plain).map_err(|error| broken(error.into()))?),
            _ => plain,
        };
        if wanted.has_doubts() && !plain.is_empty() {
            wanted.check(&self.names(&plain).map_err(|error| broken(error.into()))?)?;
        }
        let tile = self.transcode(&plain, ask.format, projection).map_err(|error| broken(error.into()))?;
        Ok(match ask.coding {
            Coding::Identity => made(tile, Coding::Identity),
            // What was asked for as it is stored and is stored in another way.
            coding => {
                let (tile, coding) = compress(&tile, coding);
                made(tile, coding)
            }
        })
    }

    /// The names of layers and columns of a tile.
    fn names(&self, plain: &[u8]) -> Result<Names, crate::Error> {
        let mut budget = Budget::default();
        match self.native() {
            Format::Mvt => {
                let (layers, _) = mvt::read_within(plain, &mut budget)?;
                let columns =
                    |layer: &Layer| layer.columns().iter().map(|column| column.name.to_string()).collect();
                Ok(layers.iter().map(|layer| (layer.name().to_owned(), columns(layer))).collect())
            }
            Format::Covt => {
                let directory = Directory::read(plain, &mut budget)?;
                let columns = |layer: &LayerEntry| {
                    let named = layer.columns().iter().filter(|column| !column.name().is_empty());
                    named.map(|column| column.name().to_owned()).collect()
                };
                Ok(directory.layers().iter().map(|layer| (layer.name().to_owned(), columns(layer))).collect())
            }
        }
    }

    /// Whether tiles are stored in that format.
    fn stores(&self, format: Format) -> bool {
        match format {
            Format::Mvt => self.format == TileFormat::Mvt,
            Format::Covt => self.format == TileFormat::Covt,
        }
    }

    /// What `stored` is really wrapped in.
    fn seen(&self, stored: &[u8]) -> Compression {
        match self.compression {
            Compression::Brotli => Compression::Brotli,
            _ => Compression::of(stored),
        }
    }

    /// Whether nothing is in a tile. Only what is tiny is looked into.
    fn is_empty(&self, stored: &[u8]) -> Result<bool, Error> {
        const TINY: usize = 64;
        Ok(stored.len() < TINY && decompress_as(stored, self.compression)?.is_empty())
    }

    fn transcode(&self, plain: &[u8], to: Format, wanted: &Projection) -> Result<Vec<u8>, crate::Error> {
        if plain.is_empty() {
            return Ok(Vec::new());
        }
        let mut budget = Budget::default();
        let all = *wanted == Projection::default();
        match (self.native(), to) {
            (from, to) if from == to && all => Ok(plain.to_vec()),
            (Format::Mvt, to) => {
                let (mut layers, _) = mvt::read_within(plain, &mut budget)?;
                projection::apply(wanted, &mut layers);
                match (layers.is_empty(), to) {
                    (true, _) => Ok(Vec::new()),
                    (_, Format::Mvt) => mvt::write(&layers),
                    (_, Format::Covt) => crate::encode(&layers, &self.options),
                }
            }
            (Format::Covt, to) => {
                let projected = if all {
                    Cow::Borrowed(plain)
                } else {
                    let tile = Tile::open(plain, &mut budget)?;
                    if !tile.layers().any(|layer| wanted.wants_layer(layer.entry().name())) {
                        return Ok(Vec::new());
                    }
                    Cow::Owned(tile.project(wanted, &self.options, &mut budget)?.tile)
                };
                match to {
                    Format::Covt => Ok(projected.into_owned()),
                    Format::Mvt => Ok(mvt::reduce_covt(&projected, Beyond::Flatten, &mut budget)?.0),
                }
            }
        }
    }
}

impl Source for TilesetSource {
    fn kind(&self) -> String {
        format!("{} of {}", self.kind, self.format)
    }

    fn native(&self) -> Format {
        match self.format {
            TileFormat::Covt => Format::Covt,
            TileFormat::Mvt | TileFormat::Mlt => Format::Mvt,
        }
    }

    fn stored(&self) -> Option<Coding> {
        match self.format {
            TileFormat::Mvt => Coding::of(self.compression).filter(|coding| *coding != Coding::Identity),
            TileFormat::Covt | TileFormat::Mlt => None,
        }
    }

    fn zooms(&self) -> [u8; 2] {
        self.zooms
    }

    fn bounds(&self) -> Option<[f64; 4]> {
        self.bounds
    }

    fn count(&self) -> Option<u64> {
        self.count
    }

    fn has_rows(&self) -> bool {
        false
    }

    fn tilejson(&self) -> Map<String, Json> {
        self.tilejson.clone()
    }

    fn tilestats(&self) -> Json {
        self.tilestats.clone()
    }

    fn work(self: Arc<Self>, ask: &Ask) -> Result<Work, Fault> {
        let wanted = projection::parse(&ask.pairs, &self.layers)?;
        let ask = ask.clone();
        Ok(Box::new(move |_| self.make(&ask, &wanted)))
    }
}
