//! What all tiles would take as COVT, by a sample of them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};
use covt::bench::column_sizes;
use covt::tileset::{
    Compression, Estimate, Reader, Survey, TileFormat, ZoomSurvey, decompress_as, mlt_to_mvt,
};
use covt::{Budget, EncodeOptions, Profile, Tile, TileCoord, mvt};

/// What one tile of the sample takes.
struct Sampled {
    /// Uncompressed.
    plain: f64,
    /// In the order of [`Profile::ALL`].
    covt: [f64; 2],
    /// Bytes of layers and their columns, in the smaller one; under no layer what belongs to none.
    columns: Vec<((String, String), f64)>,
}

/// Estimates over all tiles.
pub struct Estimates {
    /// How many tiles were looked at.
    pub sampled: usize,
    /// By zoom, in the order of the survey: uncompressed, and COVT in the order of [`Profile::ALL`].
    pub zooms: Vec<[Estimate; 3]>,
    /// By layer and column.
    pub columns: BTreeMap<(String, String), Estimate>,
    /// Tiles of the sample that cannot be read, and why.
    pub bad: Vec<(TileCoord, String)>,
}

impl Estimates {
    /// Over all zooms.
    pub fn total(&self) -> [Estimate; 3] {
        self.zooms.iter().fold(Default::default(), |sum: [Estimate; 3], zoom| {
            [0, 1, 2].map(|number| sum[number].plus(zoom[number]))
        })
    }
}

/// Looks at the sample of the survey on `threads` threads.
pub fn estimate(
    reader: &Reader,
    survey: &Survey,
    threads: usize,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Estimates> {
    let (format, compression) = (reader.format()?, reader.compression());
    let mut estimates =
        Estimates { sampled: 0, zooms: Vec::new(), columns: BTreeMap::new(), bad: Vec::new() };
    let done = AtomicUsize::new(0);
    for zoom in &survey.zooms {
        let mut stored = Vec::with_capacity(zoom.sample.len());
        for &(coord, _) in &zoom.sample {
            stored.push(reader.tile(coord)?.with_context(|| format!("tile {coord} has gone"))?);
        }
        let results = Mutex::new(Vec::with_capacity(stored.len()));
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(tile) = stored.get(number) else { return };
                        let sampled = look_at(tile, compression, format);
                        results.lock().expect("no panic while it is held").push((number, sampled));
                        progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                    }
                });
            }
        });
        let mut results = results.into_inner().expect("no panic while it is held");
        results.sort_by_key(|(number, _)| *number);
        add_zoom(&mut estimates, zoom, results.into_iter().map(|(_, sampled)| sampled));
    }
    Ok(estimates)
}

fn add_zoom(estimates: &mut Estimates, zoom: &ZoomSurvey, results: impl Iterator<Item = Result<Sampled>>) {
    // Bad tiles stand for bad ones among the others, of which nothing would be left.
    let mut good = zoom.clone();
    good.sample.clear();
    let mut found = Vec::new();
    for (&tile, sampled) in zoom.sample.iter().zip(results) {
        match sampled {
            Ok(sampled) => {
                good.sample.push(tile);
                found.push(sampled);
            }
            Err(error) => estimates.bad.push((tile.0, format!("{error:#}"))),
        }
    }
    estimates.sampled += zoom.sample.len();
    let of = |value: &dyn Fn(&Sampled) -> f64| {
        Estimate::of_zoom(&good, &found.iter().map(value).collect::<Vec<f64>>())
    };
    estimates.zooms.push([of(&|tile| tile.plain), of(&|tile| tile.covt[0]), of(&|tile| tile.covt[1])]);
    let mut columns: BTreeMap<&(String, String), Vec<f64>> = BTreeMap::new();
    for (number, tile) in found.iter().enumerate() {
        for (name, bytes) in &tile.columns {
            columns.entry(name).or_insert_with(|| vec![0.0; found.len()])[number] += bytes;
        }
    }
    for (name, values) in columns {
        let sum = estimates.columns.entry(name.clone()).or_default();
        *sum = sum.plus(Estimate::of_zoom(&good, &values));
    }
}

fn look_at(stored: &[u8], told: Compression, format: TileFormat) -> Result<Sampled> {
    let tile = decompress_as(stored, told)?;
    let mut budget = Budget::default();
    let layers = match format {
        TileFormat::Mvt => mvt::read(&tile)?.0,
        TileFormat::Mlt => mvt::read(&mlt_to_mvt(&tile)?)?.0,
        TileFormat::Covt => Tile::open(&tile, &mut budget)?.decode(&mut budget)?,
    };
    let mut covt = [0.0; 2];
    let mut columns = Vec::new();
    for (bytes, profile) in covt.iter_mut().zip(Profile::ALL) {
        let encoded = covt::encode(&layers, &EncodeOptions::new(profile))?;
        *bytes = encoded.len() as f64;
        // Of COVT it is told how it is, of MVT how it would be.
        let described = if format == TileFormat::Covt { &tile[..] } else { &encoded };
        let sizes = column_sizes(described)?.into_iter();
        columns = sizes.map(|size| ((size.layer, size.column), size.bytes as f64)).collect();
    }
    Ok(Sampled { plain: tile.len() as f64, covt, columns })
}
