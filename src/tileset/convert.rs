//! Whole tilesets from one format to the other and from one container to another, on all cores, in
//! bounded memory, with the same bytes whatever the number of threads, and whether or not it was
//! interrupted.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::bad_list::BadList;
use super::batch::{self, Done, Worker};
use super::checkpoint::Checkpoint;
use super::complete::Changes;
use super::edit::Edit;
use super::error::{Error, ErrorKind, Result};
use super::format::TileFormat;
use super::mbtiles::MbtilesSchema;
use super::output::{self, Existing, check_apart};
use super::pipeline;
use super::reader::Reader;
use super::select::Selection;
use super::source::url;
use super::tile::BadTile;
use super::tile_id::tile_id;
use super::transcode::{Made, NOT_WRITTEN, Transcoder};
use super::writer::{Container, Target, Writer};
use crate::coord::TileCoord;
use crate::mvt::{Beyond, Reduced};
use crate::tile::options::EncodeOptions;

/// After how many bytes of output there is a checkpoint at the latest.
const CHECKPOINT_BYTES: u64 = 16 << 20;

/// How to convert.
#[derive(Clone, Debug)]
pub struct ConvertOptions {
    /// The format to make; none for the one that the input is not.
    pub to: Option<TileFormat>,
    /// How to encode COVT.
    pub encode: EncodeOptions,
    /// Whether to encode anew tiles that are COVT already.
    pub recode: bool,
    /// Which tiles to convert; the others are left out.
    pub select: Selection,
    /// What stays of the tiles.
    pub edit: Edit,
    /// How MBTiles are laid out.
    pub schema: MbtilesSchema,
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
    /// Whether to go on with what an interrupted conversion left of the same output.
    pub resume: bool,
    /// After how many tiles there is a checkpoint, from which an interrupted conversion can go on.
    pub checkpoint: u64,
}

impl Default for ConvertOptions {
    fn default() -> Self {
        Self {
            to: None,
            encode: EncodeOptions::default(),
            recode: false,
            select: Selection::default(),
            edit: Edit::default(),
            beyond: Beyond::default(),
            schema: MbtilesSchema::default(),
            jobs: None,
            verify: false,
            skip_bad: false,
            existing: Existing::default(),
            gzip_size: false,
            resume: false,
            checkpoint: 8192,
        }
    }
}

/// What happens during a conversion.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// It starts; the number of tiles, if it is known.
    Start(Option<u64>),
    /// It goes on with what an interrupted one left: so much of that number is done.
    Resumed(&'a Totals),
    /// Some tiles more are done.
    Progress(&'a Totals),
    /// A tile was left out.
    Bad(&'a BadTile),
}

/// What was converted so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Totals {
    /// Tiles converted.
    pub tiles: u64,
    /// Tiles left out because they are bad; they count nowhere else.
    pub bad: u64,
    /// Tiles of which nothing was left; their sizes count with the others.
    pub emptied: u64,
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
    /// How many tiles and bytes, also of runs that this one went on with.
    pub totals: Totals,
    /// How long this run took.
    pub elapsed: Duration,
    /// How many tiles it found done.
    pub resumed: u64,
}

/// Converts the tileset `input` to `output`. The input is an MBTiles file, a PMTiles archive, also by
/// its URL with the feature `http`, or a folder; the output is the first or the second if its name ends
/// so, else a folder. `observe` is told of the progress from the calling thread; an error from it ends
/// the conversion.
///
/// The output appears under its name when it is complete, and not at all if anything fails. What was
/// done up to the last checkpoint stays beside it, to be gone on with; the error
/// [tells](Error::is_resumable).
///
/// # Errors
/// If the input cannot be read or the output not be written; if the output exists and is to be
/// kept; if a tile cannot be converted, the first one in the order in which they are read, unless bad
/// tiles are skipped; if all tiles are bad; if what shall be gone on with was begun with another
/// input or other options; if `observe` fails.
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
    let from = reader.format().map_err(|error| Error::because(input.display().to_string(), error))?;
    let to = options.to.unwrap_or(from.other());
    if to == TileFormat::Mlt {
        return Err(Error::new(NOT_WRITTEN));
    }
    let ConvertOptions { select, edit, .. } = options;
    let target =
        Target { container, format: to, compression: container.compression(to), schema: options.schema };
    let changes = Changes { format: to, compression: target.compression, select, edit };
    let mut metadata = reader.metadata().clone();
    let worker = Worker::new(Transcoder {
        from,
        to,
        told: reader.compression(),
        encode: options.encode.clone(),
        recode: options.recode,
        edit: edit.clone(),
        compression: target.compression,
        verify: options.verify,
        beyond: options.beyond,
        gzip_size: options.gzip_size,
        gather: changes.must_gather(&metadata),
    });
    let listing = reader.list(select)?;
    let job = describe_job(input, target, from, options);
    let mut progress = Progress::start(target, output, options, job)?;

    observe(Event::Start(listing.count))?;
    if progress.resumed > 0 {
        observe(Event::Resumed(&progress.state.totals))?;
        progress.bad.for_each(&mut |bad| observe(Event::Bad(bad)))?;
    }
    let after = progress.state.after;
    let threads = options.jobs.or_else(|| std::thread::available_parallelism().ok());
    let converted = pipeline::in_order(
        threads.map_or(1, NonZeroUsize::get),
        move |send| batch::read(&reader, listing, select, after, send),
        |batch| worker.work(batch),
        |done| progress.consume(done, input, options, observe),
    );
    let totals = progress.state.totals.clone();
    let finish = || {
        converted?;
        if totals.tiles == 0 && totals.bad > 0 {
            return Err(Error::new(format!(
                "none of the {} tiles of {} is good",
                totals.bad,
                input.display()
            )));
        }
        Ok(())
    };
    if let Err(error) = finish() {
        return Err(if progress.checkpoints > 0 { error.resumable() } else { error });
    }
    let name = input.file_stem().unwrap_or_default().to_string_lossy();
    let Checkpoint { coverage, contents, columns, .. } = &progress.state;
    changes.complete(&mut metadata, &name, coverage, contents, columns);
    let resumed = progress.resumed;
    progress.writer.finish(&metadata)?;
    Ok(Summary { from, to, totals, elapsed: start.elapsed(), resumed })
}

/// The side of the conversion that writes.
struct Progress {
    writer: Writer,
    bad: BadList,
    state: Checkpoint,
    /// How many tiles a former run did.
    resumed: u64,
    /// How many checkpoints there are, that of a former run included.
    checkpoints: u64,
    /// Tiles and bytes since the last one.
    since: [u64; 2],
}

impl Progress {
    fn start(
        target: Target,
        output: &Path,
        options: &ConvertOptions,
        job: Vec<(String, String)>,
    ) -> Result<Self> {
        let existing = options.existing;
        if options.resume {
            let fits = |checkpoint: &Checkpoint| match checkpoint.differences(&job)[..] {
                [] => Ok(()),
                ref differences => Err(Error::new(format!(
                    "what is there of {} was begun otherwise: {}; without --resume it is begun anew",
                    output.display(),
                    differences.join(", ")
                ))),
            };
            if let Some((mut writer, state)) = Writer::resume(target, output, existing, &fits)? {
                let bad = BadList::resume(writer.scratch(), state.bad_bytes)?;
                let resumed = state.totals.tiles + state.totals.bad + state.totals.emptied;
                return Ok(Self { writer, bad, state, resumed, checkpoints: 1, since: [0; 2] });
            }
        }
        let mut writer = Writer::create(target, output, existing)?;
        let bad = BadList::create(writer.scratch())?;
        let state = Checkpoint::new(job);
        Ok(Self { writer, bad, state, resumed: 0, checkpoints: 0, since: [0; 2] })
    }

    fn consume(
        &mut self,
        done: Done,
        input: &Path,
        options: &ConvertOptions,
        observe: &mut dyn FnMut(Event<'_>) -> Result<()>,
    ) -> Result<()> {
        for tile in done.tiles {
            self.since[0] += 1;
            match tile {
                Ok((coord, made)) => self.write(coord, &made)?,
                Err(bad) if options.skip_bad => {
                    self.state.totals.bad += 1;
                    self.bad.push(&bad)?;
                    self.state.after = bad.id.or(self.state.after);
                    observe(Event::Bad(&bad))?;
                }
                Err(bad) => return Err(refuse(&bad, input)),
            }
        }
        self.state.contents.merge(&done.contents);
        self.state.columns.merge(&done.columns);
        if self.since[0] >= options.checkpoint || self.since[1] >= CHECKPOINT_BYTES {
            self.since = [0; 2];
            self.state.bad_bytes = self.bad.sync()?;
            self.writer.checkpoint(&mut self.state)?;
            self.checkpoints += 1;
        }
        observe(Event::Progress(&self.state.totals))
    }

    fn write(&mut self, coord: TileCoord, made: &Made) -> Result<()> {
        if let Some(tile) = &made.tile {
            self.writer.write(coord, tile)?;
            self.state.coverage.add(coord);
            self.since[1] += tile.len() as u64;
        }
        self.state.totals.add(made);
        self.state.after = Some(tile_id(coord));
        Ok(())
    }
}

/// What has to be the same for one run to go on with what another one began.
fn describe_job(
    input: &Path,
    target: Target,
    from: TileFormat,
    options: &ConvertOptions,
) -> Vec<(String, String)> {
    let shown = |path: &Path| match url(path) {
        Some(url) => url.to_owned(),
        None => fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).display().to_string(),
    };
    // Another content under the same name shows in size or time; of a folder only its own time does.
    let stamp = fs::metadata(input).map(|found| (found.len(), found.modified().ok()));
    let ConvertOptions { encode, recode, select, edit, beyond, gzip_size, .. } = options;
    let parts = [
        ("covt", env!("CARGO_PKG_VERSION").to_owned()),
        ("input", shown(input)),
        ("input's size and time", format!("{:?}", stamp.ok())),
        ("format", format!("{from} to {}", target.format)),
        ("schema", format!("{:?}", target.schema)),
        ("encoding", format!("{encode:?}, again: {recode}")),
        ("selection", format!("{select:?}")),
        ("what stays", format!("{edit:?}, {beyond:?}")),
        ("--gzip-size", gzip_size.to_string()),
    ];
    parts.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn refuse(bad: &BadTile, input: &Path) -> Error {
    let BadTile { tile, reason, .. } = bad;
    Error::because(format!("tile {tile} of {}", input.display()), reason.clone()).of_kind(ErrorKind::BadTile)
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            tiles: 0,
            bad: 0,
            emptied: 0,
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
    fn add(&mut self, made: &Made) {
        match &made.tile {
            Some(tile) => {
                self.tiles += 1;
                self.out_bytes += tile.len() as u64;
            }
            None => self.emptied += 1,
        }
        self.stored_bytes += made.stored_bytes;
        self.plain_bytes += made.plain_bytes;
        self.gzip_bytes = self.gzip_bytes.zip(made.gzip_bytes).map(|(sum, bytes)| sum + bytes);
        self.dropped_fields += made.dropped_fields;
        self.reduced.extend(made.reduced.clone());
    }
}
