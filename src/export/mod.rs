//! A layer of a whole tileset as one table: GeoParquet, Arrow IPC, GeoJSON.
//!
//! The tileset is read twice: first for the schema, of COVT tiles no more than their directories, then for
//! the rows, tile after tile in their order, on all cores and in bounded memory.
//!
//! | file | |
//! |---|---|
//! | `shape` | types of values, and what holds those of all tiles |
//! | `schema` | the fields of the table, and what a tile has of them |
//! | `rows` | a tile as rows of the table |
//! | `sink` | files of rows |
//! | `geo` | what GeoParquet says of geometries |

mod geo;
mod rows;
mod schema;
mod shape;
mod sink;

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use self::rows::Rows;
use self::schema::Survey;
use self::sink::Sink;
use crate::arrow::Crs;
use crate::coord::TileCoord;
use crate::tile::projection::ColumnName;
use crate::tileset::pipeline;
use crate::tileset::{Error, Existing, Reader, Result, Scratch, Selection, TileFormat, decompress_as};

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// GeoParquet 1.1: well-known binary with a column of bounding boxes, zstd.
    GeoParquet,
    /// An Arrow IPC file (Feather): geometries as GeoArrow's well-known binary, LZ4.
    Arrow,
    /// GeoJSON, a feature on each line, in degrees. Values keep their own types.
    GeoJson,
}

impl Format {
    /// The format that a name ends with.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "parquet" | "geoparquet" => Some(Self::GeoParquet),
            "arrow" | "feather" | "ipc" => Some(Self::Arrow),
            "geojsonl" | "geojsonseq" | "ndjson" | "jsonl" => Some(Self::GeoJson),
            _ => None,
        }
    }
}

/// What to export, and how.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// The layer.
    pub layer: String,
    /// Which tiles; a feature stands in each of those that it touches, so one zoom is the usual choice.
    pub select: Selection,
    /// The properties; none for all.
    pub columns: Option<Vec<String>>,
    /// What the coordinates are.
    pub crs: Crs,
    /// What to write.
    pub format: Format,
    /// The most rows of a row group or batch.
    pub group_rows: usize,
    /// How many threads read tiles; none for one per core.
    pub jobs: Option<NonZeroUsize>,
    /// What to do with an output that exists.
    pub existing: Existing,
}

impl ExportOptions {
    /// All of a layer, in degrees.
    pub fn new(layer: impl Into<String>, format: Format) -> Self {
        Self {
            layer: layer.into(),
            select: Selection::default(),
            columns: None,
            crs: Crs::LonLat,
            format,
            group_rows: 65_536,
            jobs: None,
            existing: Existing::default(),
        }
    }

    fn columns(&self) -> Option<Vec<ColumnName>> {
        let name = |column: &String| ColumnName { layer: None, column: column.clone() };
        self.columns.as_ref().map(|columns| columns.iter().map(name).collect())
    }
}

/// How far an export is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportProgress {
    /// The number of tiles, if it is known.
    pub of: Option<u64>,
    /// How many of them were looked at for the schema.
    pub surveyed: u64,
    /// How many of them were read for their rows.
    pub tiles: u64,
    /// Rows written.
    pub rows: u64,
}

/// What an export did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportSummary {
    /// Tiles that were read.
    pub tiles: u64,
    /// Rows written.
    pub rows: u64,
    /// Row groups or batches.
    pub groups: u64,
    /// The fields of the table.
    pub fields: Vec<String>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Writes a layer of the tileset `input`, MVT or COVT, as a table to `output`, which appears there when
/// it is complete. Rows are in the order of the tiles; `z`, `x` and `y` say of which tile each is, for
/// features at borders stand in several, cut. `observe` is told of the progress from the calling thread;
/// an error from it ends the export.
///
/// Values of one key and of different types stand in several fields, but for numbers, which are widened:
/// integers of different signs to int64, integers beside floats to double.
///
/// # Errors
/// If the input cannot be read, a tile is damaged, no tile has that layer, an integer does not fit the
/// field for all tiles, or the output cannot be written.
pub fn export(
    input: &Path,
    output: &Path,
    options: &ExportOptions,
    observe: &mut dyn FnMut(ExportProgress) -> Result<()>,
) -> Result<ExportSummary> {
    let start = Instant::now();
    if options.format == Format::GeoJson && options.crs != Crs::LonLat {
        return Err(Error::new("GeoJSON is in degrees"));
    }
    let reader = Reader::open(input)?;
    let whose = |error: Error| Error::because(input.display().to_string(), error);
    let format = reader.format().map_err(whose)?;
    let mut progress = ExportProgress { of: reader.list(&options.select)?.count, ..Default::default() };
    observe(progress)?;

    let mut survey = Survey::new(options);
    each_tile(
        reader,
        options,
        |stored, _| Survey::look(options, format, stored),
        |seen| {
            survey.merge(seen);
            progress.surveyed += 1;
            observe(progress)
        },
    )
    .map_err(whose)?;
    let table = survey.finish().map_err(whose)?;

    let scratch = Scratch::beside(output, options.existing)?;
    let mut sink = Sink::create(&scratch.output(), &table, options)?;
    let rows = Rows { table: &table, options, format };
    each_tile(
        Reader::open(input)?,
        options,
        |stored, coord| rows.read(stored, coord),
        |made| {
            progress.rows += sink.take(made)?;
            progress.tiles += 1;
            observe(progress)
        },
    )
    .map_err(whose)?;
    let groups = sink.finish()?;
    scratch.commit()?;
    let ExportProgress { tiles, rows, .. } = progress;
    let fields = table.schema.fields().iter().map(|field| field.name().clone()).collect();
    Ok(ExportSummary { tiles, rows, groups, fields, elapsed: start.elapsed() })
}

/// Hands every tile that is wanted, unpacked, to `work`, and the results in order to `consume`.
fn each_tile<R: Send>(
    reader: Reader,
    options: &ExportOptions,
    work: impl Fn(&[u8], TileCoord) -> Result<R> + Sync,
    mut consume: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let threads = options.jobs.or_else(|| std::thread::available_parallelism().ok());
    let (select, told) = (&options.select, reader.compression());
    let listing = reader.list(select)?;
    let work = |tile: Result<(TileCoord, Vec<u8>)>| {
        let (coord, stored) = tile?;
        let plain = decompress_as(&stored, told);
        let done = plain.and_then(|plain| work(&plain, coord));
        done.map_err(|error| Error::because(format!("tile {coord}"), error))
    };
    pipeline::in_order(
        threads.map_or(1, NonZeroUsize::get),
        move |send| {
            reader.for_each(listing, select, None, &mut |tile| {
                send(match tile {
                    Ok(tile) => Ok((tile.coord, tile.data)),
                    Err(bad) => Err(Error::because(format!("tile {}", bad.tile), bad.reason)),
                })
            })
        },
        work,
        |done| consume(done?),
    )
}

/// The format of one tile, where a tileset may hold empty ones.
fn is_covt(format: TileFormat, tile: &[u8]) -> bool {
    format == TileFormat::Covt && !tile.is_empty()
}

#[cfg(test)]
mod tests;
