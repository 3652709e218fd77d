//! Whole tilesets from MVT to COVT and back, on all cores, in bounded memory, with the same bytes
//! whatever the number of threads.

use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use super::error::{Error, ErrorKind, Result};
use super::format::TileFormat;
use super::output::{self, Existing};
use super::pipeline;
use super::reader::Reader;
use super::tile::{BadTile, SourceTile};
use super::transcode::{Transcoded, Transcoder};
use super::writer::{Container, Writer};
use crate::coord::TileCoord;
use crate::mvt::{Beyond, Reduced};
use crate::tile::options::EncodeOptions;

/// Tiles go to the threads in batches, or with tiles of 100 bytes the handing over would take
/// longer than the work.
const BATCH_TILES: usize = 64;
/// Stored size after which a batch is full.
const BATCH_BYTES: usize = 256 << 10;

/// How to convert.
#[derive(Clone, Debug, Default)]
pub struct ConvertOptions {
    /// The format to make; none for the one that the input is not.
    pub to: Option<TileFormat>,
    /// How to encode COVT.
    pub encode: EncodeOptions,
    /// How many threads convert tiles; none for one per core. Two more read and write.
    pub jobs: Option<NonZeroUsize>,
    /// Whether to check every tile: COVT that was made is decoded, and MVT that was made is
    /// encoded and decoded, and the result must say the same as that MVT.
    pub verify: bool,
    /// What becomes of what MVT cannot hold, where MVT is made.
    pub beyond: Beyond,
    /// Whether to leave out tiles that cannot be converted instead of giving up.
    pub skip_bad: bool,
    /// What to do with an output that exists.
    pub existing: Existing,
    /// Whether to measure what gzip makes of MVT tiles that are not stored with gzip.
    pub gzip_size: bool,
}

/// What happens during a conversion.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// It starts; the number of tiles, if it is known.
    Start(Option<u64>),
    /// Some tiles more are done.
    Progress(&'a Totals),
    /// A tile was left out.
    Bad(&'a BadTile),
}

/// What was converted so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Tiles converted.
    pub tiles: u64,
    /// Tiles left out because they are bad; they count nowhere else.
    pub bad: u64,
    /// Size of the tiles as they were stored.
    pub stored_bytes: u64,
    /// Size of the tiles uncompressed.
    pub plain_bytes: u64,
    /// Size of the tiles with gzip: as stored if they were stored so, else as measured if that
    /// was asked for, and none if a tile was neither.
    pub gzip_bytes: Option<u64>,
    /// Size of the tiles made, as they are stored.
    pub out_bytes: u64,
    /// Fields of MVT tiles that MVT does not define, and that are not in the output.
    pub dropped_fields: u64,
    /// What MVT could not hold.
    pub reduced: Reduced,
}

/// What a conversion did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The format of the input.
    pub from: TileFormat,
    /// The format of the output.
    pub to: TileFormat,
    /// How many tiles and bytes.
    pub totals: Totals,
    /// How long it took.
    pub elapsed: Duration,
}

/// Converts the tileset `input`, an MBTiles file or a folder, to `output`, which is MBTiles if its
/// name ends so, else a folder. `observe` is told of the progress from the calling thread; an
/// error from it ends the conversion.
///
/// The output appears under its name when it is complete, and not at all if anything fails.
///
/// # Errors
/// If the input cannot be read or the output not be written; if the output exists and is to be
/// kept; if a tile cannot be converted, the first one in the order of the input, unless bad
/// tiles are skipped; if all tiles are bad; if `observe` fails.
pub fn convert(
    input: &Path,
    output: &Path,
    options: &ConvertOptions,
    observe: &mut dyn FnMut(Event<'_>) -> Result<()>,
) -> Result<Summary> {
    let start = Instant::now();
    check_apart(input, output)?;
    let container = Container::of(output)?;
    output::check(output, options.existing)?;
    let reader = Reader::open(input)?;
    let (from, to) = direction(&reader, input, options.to)?;
    let transcoder = Transcoder {
        to,
        encode: options.encode.clone(),
        compression: container.compression(to),
        verify: options.verify,
        beyond: options.beyond,
        gzip_size: options.gzip_size,
    };
    let mut metadata = reader.metadata().clone();
    metadata.describe(to, transcoder.compression);
    let mut writer = Writer::create(container, output, to, options.existing)?;

    observe(Event::Start(reader.count()?))?;
    let mut totals = Totals::default();
    let consume = |batch: Vec<Outcome>| {
        for outcome in batch {
            match outcome {
                Ok(done) => {
                    writer.write(done.coord, &done.made.tile)?;
                    totals.add(&done);
                }
                Err(bad) if options.skip_bad => {
                    totals.bad += 1;
                    observe(Event::Bad(&bad))?;
                }
                Err(bad) => return Err(refuse(&bad, input)),
            }
        }
        observe(Event::Progress(&totals))
    };
    let threads = options.jobs.or_else(|| std::thread::available_parallelism().ok());
    pipeline::in_order(
        threads.map_or(1, NonZeroUsize::get),
        move |send| read_batches(&reader, send),
        |batch| batch.into_iter().map(|tile| convert_tile(&transcoder, tile)).collect(),
        consume,
    )?;
    if totals.tiles == 0 && totals.bad > 0 {
        return Err(Error::new(format!("none of the {} tiles of {} is good", totals.bad, input.display())));
    }
    writer.finish(&metadata)?;
    Ok(Summary { from, to, totals, elapsed: start.elapsed() })
}

/// Refuses an output that is the input, or that lies in it, or in which the input lies.
fn check_apart(input: &Path, output: &Path) -> Result<()> {
    let Ok(source) = fs::canonicalize(input) else { return Ok(()) };
    // What does not exist yet would lie where its folder is.
    let place = fs::canonicalize(output).or_else(|_| {
        let parent = output.parent().filter(|parent| *parent != Path::new(""));
        let parent = fs::canonicalize(parent.unwrap_or(Path::new(".")))?;
        Ok::<_, std::io::Error>(parent.join(output.file_name().unwrap_or_default()))
    });
    match place {
        Ok(place) if place == source => Err(Error::new("input and output are the same")),
        Ok(place) if place.starts_with(&source) => Err(Error::new("the output lies within the input")),
        Ok(place) if source.starts_with(&place) => Err(Error::new("the input lies within the output")),
        _ => Ok(()),
    }
}

fn direction(reader: &Reader, input: &Path, to: Option<TileFormat>) -> Result<(TileFormat, TileFormat)> {
    let from = reader.format().map_err(|error| Error::because(input.display().to_string(), error))?;
    // The one compression in use that does not show in the first bytes of a tile.
    if reader.metadata().get("compression") == Some("br") {
        let what =
            format!("{}: its tiles are compressed with brotli, which is not supported", input.display());
        return Err(Error::new(what));
    }
    match to {
        Some(to) if to == from => Err(Error::new(format!("{} holds {from} tiles already", input.display()))),
        _ => Ok((from, from.other())),
    }
}

fn refuse(bad: &BadTile, input: &Path) -> Error {
    let BadTile { tile, reason } = bad;
    Error::because(format!("tile {tile} of {}", input.display()), reason.clone()).of_kind(ErrorKind::BadTile)
}

type Batch = Vec<Result<SourceTile, BadTile>>;

fn read_batches(reader: &Reader, send: &mut dyn FnMut(Batch) -> ControlFlow<()>) -> Result<()> {
    let mut batch = Batch::new();
    let mut bytes = 0;
    reader.for_each(&mut |tile| {
        bytes += tile.as_ref().map_or(0, |tile| tile.data.len());
        batch.push(tile);
        if batch.len() < BATCH_TILES && bytes < BATCH_BYTES {
            return ControlFlow::Continue(());
        }
        bytes = 0;
        send(std::mem::take(&mut batch))
    })?;
    if !batch.is_empty() {
        // The last one; there is nothing to break off.
        let _ = send(batch);
    }
    Ok(())
}

struct Done {
    coord: TileCoord,
    stored_bytes: u64,
    made: Transcoded,
}

type Outcome = Result<Done, BadTile>;

fn convert_tile(transcoder: &Transcoder, tile: Result<SourceTile, BadTile>) -> Outcome {
    let SourceTile { coord, data } = tile?;
    match transcoder.transcode(&data) {
        Ok(made) => Ok(Done { coord, stored_bytes: data.len() as u64, made }),
        Err(error) => Err(BadTile::new(coord, error.line())),
    }
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            tiles: 0,
            bad: 0,
            stored_bytes: 0,
            plain_bytes: 0,
            // Nothing is as well known with gzip.
            gzip_bytes: Some(0),
            out_bytes: 0,
            dropped_fields: 0,
            reduced: Reduced::default(),
        }
    }
}

impl Totals {
    fn add(&mut self, done: &Done) {
        let Done { stored_bytes, made, .. } = done;
        self.tiles += 1;
        self.stored_bytes += stored_bytes;
        self.plain_bytes += made.plain_bytes;
        self.gzip_bytes = self.gzip_bytes.zip(made.gzip_bytes).map(|(sum, bytes)| sum + bytes);
        self.out_bytes += made.tile.len() as u64;
        self.dropped_fields += made.dropped_fields;
        self.reduced.extend(made.reduced.clone());
    }
}
