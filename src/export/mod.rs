//! A layer of a whole tileset as one table: GeoParquet, Arrow IPC, GeoJSON.
//!
//! The tileset is read twice: first for the schema, of COVT tiles no more than their directories, then for
//! the rows, tile after tile in their order, on all cores and in bounded memory.
//!
//! The metadata of Arrow's fields, which Parquet files keep as well, tell what is no property: `covt:role` is
//! `measure` where lists are the values of a feature's vertices, `id`, `geometry`, `bbox`, or `tile` of z, x and
//! y; `covt:name` is the key of a property that has a field of another name. So [`crate::import`] and
//! [`crate::arrow::from_batch`] make of them again what they were. Rings are closed in a table: the value of the
//! first vertex stands again at the end.
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

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::num::NonZeroUsize;
use std::ops::AddAssign;
use std::path::Path;
use std::time::{Duration, Instant};

use self::rows::Rows;
use self::schema::Survey;
use self::sink::Sink;
use crate::arrow::{Crs, Predicate};
use crate::coord::TileCoord;
use crate::tile::projection::ColumnName;
use crate::tileset::pipeline;
use crate::tileset::{
    Error, Existing, Reader, Result, Scratch, Selection, TileFormat, check_apart, decompress_as, is_special,
};

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// GeoParquet 1.1: well-known binary with a column of bounding boxes, zstd.
    GeoParquet,
    /// An Arrow IPC file (Feather): geometries as GeoArrow's well-known binary, LZ4.
    Arrow,
    /// The same as a stream of Arrow IPC, each batch of which can be read when it is there.
    ArrowStream,
    /// GeoJSON, a feature on each line, in degrees. Values keep their own types.
    GeoJson,
}

impl Format {
    /// The format that a name ends with.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "parquet" | "geoparquet" => Some(Self::GeoParquet),
            "arrow" | "feather" | "ipc" => Some(Self::Arrow),
            "arrows" => Some(Self::ArrowStream),
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
    /// Which features; none for all.
    pub filter: Option<Predicate>,
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
            filter: None,
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

/// What a filter left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Layers of tiles of which nothing was decoded, for the directory rules them out.
    pub by_directory: u64,
    /// Layers of which no feature fulfils the filter, known from the columns that it names.
    pub by_columns: u64,
    /// Features of the layers of which some do.
    pub features: u64,
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.by_directory += other.by_directory;
        self.by_columns += other.by_columns;
        self.features += other.features;
    }
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
    /// What the filter left out.
    pub left_out: LeftOut,
    /// How long it took.
    pub elapsed: Duration,
}

/// Writes a layer of the tileset `input`, MVT or COVT, as a table to `output`, which appears there when
/// it is complete; a pipe or a device is written to directly. Rows are in the order of the tiles; `z`, `x` and
/// `y` say of which tile each is, for features at borders stand in several, cut. `observe` is told of the
/// progress from the calling thread; an error from it ends the export.
///
/// Values of one key and of different types stand in several fields, but for numbers, which are widened:
/// integers of different signs to int64, integers beside floats to double.
///
/// # Errors
/// If the input cannot be read, a tile is damaged, no tile has that layer, an integer does not fit the
/// field for all tiles, or the output exists and is to be kept, or cannot be written.
pub fn export(
    input: &Path,
    output: &Path,
    options: &ExportOptions,
    observe: &mut dyn FnMut(ExportProgress) -> Result<()>,
) -> Result<ExportSummary> {
    let whose = |error: Cause| Error::because(format!("cannot write {}", output.display()), error);
    let cannot_open = |error: std::io::Error| whose(error.into());
    if is_special(output) {
        let file = OpenOptions::new().write(true).open(output).map_err(cannot_open)?;
        return write(input, || Ok(file), options, observe, &whose);
    }
    check_apart(input, output)?;
    let scratch = Scratch::beside(output, options.existing)?;
    let file = || File::create(scratch.output()).map_err(cannot_open);
    let summary = write(input, file, options, observe, &whose)?;
    scratch.commit()?;
    Ok(summary)
}

/// [`export`] to whatever can be written to, such as standard output.
///
/// # Errors
/// Those of [`export`].
pub fn export_to(
    input: &Path,
    output: impl Write + Send,
    options: &ExportOptions,
    observe: &mut dyn FnMut(ExportProgress) -> Result<()>,
) -> Result<ExportSummary> {
    let whose = |error: Cause| Error::because("cannot write the table", error);
    write(input, || Ok(output), options, observe, &whose)
}

/// Why something could not be written.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Reads `input` twice, and writes to what `output` opens; `whose` tells what that is.
fn write<W: Write + Send>(
    input: &Path,
    output: impl FnOnce() -> Result<W>,
    options: &ExportOptions,
    observe: &mut dyn FnMut(ExportProgress) -> Result<()>,
    whose: &dyn Fn(Cause) -> Error,
) -> Result<ExportSummary> {
    let start = Instant::now();
    if options.format == Format::GeoJson && options.crs != Crs::LonLat {
        return Err(Error::new("GeoJSON is in degrees"));
    }
    let reader = Reader::open(input)?;
    let format = reader.format().map_err(|error| of_input(input, error))?;
    let mut progress = ExportProgress { of: reader.list(&options.select)?.count, ..Default::default() };
    observe(progress)?;

    let mut survey = Survey::new(options);
    each_tile(
        input,
        reader,
        options,
        |stored, _| Survey::look(options, format, stored),
        |seen| {
            survey.merge(seen);
            progress.surveyed += 1;
            observe(progress)
        },
    )?;
    let table = survey.finish().map_err(|error| of_input(input, error))?;

    let mut sink = Sink::new(output()?, &table, options).map_err(whose)?;
    let rows = Rows { table: &table, options, format };
    let mut left_out = LeftOut::default();
    each_tile(
        input,
        Reader::open(input)?,
        options,
        |stored, coord| rows.read(stored, coord),
        |(made, without)| {
            progress.rows += sink.take(made).map_err(whose)?;
            left_out += without;
            progress.tiles += 1;
            observe(progress)
        },
    )?;
    let groups = sink.finish().map_err(whose)?;
    let ExportProgress { tiles, rows, .. } = progress;
    let fields = table.schema.fields().iter().map(|field| field.name().clone()).collect();
    Ok(ExportSummary { tiles, rows, groups, fields, left_out, elapsed: start.elapsed() })
}

fn of_input(input: &Path, error: Error) -> Error {
    Error::because(input.display().to_string(), error)
}

/// Hands every tile that is wanted, unpacked, to `work`, and the results in order to `consume`.
fn each_tile<R: Send>(
    input: &Path,
    reader: Reader,
    options: &ExportOptions,
    work: impl Fn(&[u8], TileCoord) -> Result<R> + Sync,
    mut consume: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let threads = options.jobs.or_else(|| std::thread::available_parallelism().ok());
    let (select, told) = (&options.select, reader.compression());
    let listing = reader.list(select)?;
    let work = |tile: Result<(TileCoord, Vec<u8>)>| {
        let (coord, stored): (TileCoord, Vec<u8>) = tile?;
        let plain = decompress_as(&stored, told);
        let done = plain.and_then(|plain| work(&plain, coord));
        done.map_err(|error| of_input(input, Error::because(format!("tile {coord}"), error)))
    };
    pipeline::in_order(
        threads.map_or(1, NonZeroUsize::get),
        move |send| {
            let read = reader.for_each(listing, select, None, &mut |tile| {
                send(match tile {
                    Ok(tile) => Ok((tile.coord, tile.data)),
                    Err(bad) => {
                        let error = Error::because(format!("tile {}", bad.tile), bad.reason);
                        Err(of_input(input, error))
                    }
                })
            });
            read.map_err(|error| of_input(input, error))
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
