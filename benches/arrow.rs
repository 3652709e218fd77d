//! What Arrow costs and saves, in Markdown: decoding into record batches beside decoding into the codec's
//! own buffers, one column beside whole tiles, layers that predicates skip, a tile made of a table,
//! and a layer of a tileset exported.
//!
//! ```text
//! cargo bench --features arrow --bench arrow [-- TILESET LAYER ZOOM]
//! ```
//! Each round times all ways in turn, so that what else the machine does hits all of them.

#[path = "common/table.rs"]
mod table;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{Float64Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use covt::arrow::{
    Comparison, Coordinates, DecodeOptions, Decoder, GeometrySource, LayerOptions, Literal, Predicate, Scan,
    Why, from_batch,
};
use covt::testing::corpus;
use covt::testing::generate::tileset::Tileset;
use covt::tileset::{
    Compression, Existing, MbtilesWriter, Metadata, Reader, Selection, TileFormat, decompress,
};
use covt::{Budget, ColumnName, Directory, EncodeOptions, Profile, Projection, Tile, TileCoord, mvt};
use table::{count, head, row};

const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tiles = tiles();
    for profile in Profile::ALL {
        let covt = |statistics| {
            let options = EncodeOptions { statistics, ..EncodeOptions::new(profile) };
            let encode = |mvt: &Vec<u8>| mvt::to_covt(mvt, &options).map(|(tile, _)| tile);
            tiles.iter().map(encode).collect::<covt::Result<Vec<_>>>()
        };
        let (plain, told) = (covt(false)?, covt(true)?);
        decoding(&plain, profile)?;
        one_column(&plain, profile)?;
        skipping(&plain, &told, profile)?;
    }
    from_table()?;
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let default = || {
        let tileset = corpus::path("tilesets/liechtenstein.mbtiles")?;
        Some((tileset, "transportation".to_owned(), "14".to_owned()))
    };
    let asked = match &arguments[..] {
        [tileset, layer, zoom] => Some((PathBuf::from(tileset), layer.clone(), zoom.clone())),
        _ => default(),
    };
    let Some((tileset, layer, zoom)) = asked else {
        eprintln!("no tileset: nothing to export");
        return Ok(());
    };
    for times in [1, 10, 200] {
        let repeated = repeated(&tileset, zoom.parse()?, times)?;
        exporting(&repeated, &layer, &zoom)?;
        std::fs::remove_file(repeated)?;
    }
    Ok(())
}

/// A tileset of COVT tiles: those of a zoom of another one, several times side by side.
fn repeated(tileset: &Path, zoom: u8, times: u32) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let reader = Reader::open(tileset)?;
    let select = Selection { zooms: zoom..=zoom, ..Selection::default() };
    let mut places = Vec::new();
    reader.for_each_size(&select, &mut |coord, _| places.push(coord))?;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{times}-times.mbtiles"));
    let mut writer = MbtilesWriter::create(&path, Existing::Replace)?;
    for coord in places {
        let tile = decompress(&reader.tile(coord)?.ok_or("a tile that is gone")?)?.into_owned();
        let tile = match TileFormat::of(&tile) {
            TileFormat::Covt => tile,
            _ => mvt::to_covt(&tile, &EncodeOptions::new(Profile::Fast))?.0,
        };
        for number in 0..times {
            let moved = |at: u32, by: u32| (at + 64 * by) % (1 << zoom);
            let (x, y) = (moved(coord.x(), number % 100), moved(coord.y(), number / 100));
            writer.write(TileCoord::new(zoom, x, y).ok_or("a place beside the map")?, &tile)?;
        }
    }
    let mut metadata = Metadata::default();
    metadata.describe(TileFormat::Covt, Compression::None);
    writer.finish(&metadata)?;
    Ok(path)
}

/// MVT tiles: the 95 of the corpus, else generated ones.
fn tiles() -> Vec<Vec<u8>> {
    let tiles = corpus::tiles("omt").expect("tiles that can be read");
    if !tiles.is_empty() {
        return tiles.into_iter().map(|tile| tile.mvt).collect();
    }
    eprintln!("no corpus: generated tiles instead");
    Tileset::new(1).tiles().map(|(_, layers)| mvt::write(&layers).expect("layers of MVT")).collect()
}

/// The best and the median of rounds of all ways, each in turn, in milliseconds.
fn times<const N: usize>(ways: [&dyn Fn() -> covt::Result<()>; N]) -> covt::Result<[[f64; 2]; N]> {
    let mut all = [const { Vec::new() }; N];
    for round in 0..=ROUNDS {
        for (way, times) in ways.iter().zip(&mut all) {
            let start = Instant::now();
            way()?;
            // The first round warms up.
            if round > 0 {
                times.push(start.elapsed());
            }
        }
    }
    Ok(all.map(|mut times: Vec<Duration>| {
        times.sort();
        [times[0], times[times.len() / 2]].map(|time| time.as_secs_f64() * 1e3)
    }))
}

fn time_rows<const N: usize>(names: [&str; N], times: [[f64; 2]; N]) {
    for (name, [best, median]) in names.iter().zip(times) {
        let ratio = |time: f64, of: f64| format!("{:.2}", time / of);
        row(&[
            (*name).to_owned(),
            format!("{best:.1}"),
            format!("{median:.1}"),
            ratio(best, times[0][0]),
            ratio(median, times[0][1]),
        ]);
    }
}

const TIMES: [&str; 5] = ["", "best, ms", "median, ms", "of the first, best", "median"];

fn decoding(tiles: &[Vec<u8>], profile: Profile) -> covt::Result<()> {
    // All that is made of a tile is dropped before the next.
    let layers = || -> covt::Result<()> {
        for tile in tiles {
            let mut budget = Budget::default();
            black_box(Tile::open(tile, &mut budget)?.decode(&mut budget)?);
        }
        Ok(())
    };
    let batches = |coordinates: Coordinates| {
        let decode = DecodeOptions { coordinates, ..DecodeOptions::default() };
        let scan = Scan { decode, ..Scan::default() };
        move || -> covt::Result<()> {
            let mut decoder = Decoder::default();
            for tile in tiles {
                let mut budget = Budget::default();
                black_box(scan.read_with(&mut decoder, &Tile::open(tile, &mut budget)?, &mut budget)?);
            }
            Ok(())
        }
    };
    let of_layers = || -> covt::Result<()> {
        let mut decoder = Decoder::default();
        for tile in tiles {
            let mut budget = Budget::default();
            for layer in Tile::open(tile, &mut budget)?.decode(&mut budget)? {
                black_box(decoder.batch(&layer, &DecodeOptions::default())?);
            }
        }
        Ok(())
    };
    let place = TileCoord::new(14, 8298, 10748).expect("a place");
    let (units, degrees) = (batches(Coordinates::Tile), batches(Coordinates::LonLat(place)));
    let metres = batches(Coordinates::Mercator(place));
    let times = times([&layers, &units, &of_layers, &metres, &degrees])?;
    head(&format!("Decoding {} tiles, {}", tiles.len(), profile.name()), &TIMES);
    let names = [
        "layers",
        "record batches, tile units",
        "the same, of layers",
        "GeoArrow, metres",
        "GeoArrow, degrees",
    ];
    time_rows(names, times);
    Ok(())
}

/// `class` of `transportation`, without ids and geometries.
fn one_column(tiles: &[Vec<u8>], profile: Profile) -> covt::Result<()> {
    let projection = Projection {
        layers: Some(vec!["transportation".into()]),
        columns: Some(vec![ColumnName { layer: None, column: "class".into() }]),
        ids: false,
        geometry: false,
    };
    let read = |scan: Scan| {
        move || -> covt::Result<()> {
            let mut decoder = Decoder::default();
            for tile in tiles {
                let mut budget = Budget::default();
                black_box(scan.read_with(&mut decoder, &Tile::open(tile, &mut budget)?, &mut budget)?);
            }
            Ok(())
        }
    };
    let column = read(Scan { projection: projection.clone(), ..Scan::default() });
    let of_layer = Projection { layers: projection.layers.clone(), ..Projection::default() };
    let layer = read(Scan { projection: of_layer.clone(), ..Scan::default() });
    let whole = read(Scan::default());
    let times = times([&whole, &layer, &column])?;
    head(&format!("One layer and one column of {} tiles, {}", tiles.len(), profile.name()), &TIMES);
    time_rows(["whole tiles", "the layer `transportation`", "its column `class`"], times);
    let mut bytes = [0u64; 3];
    for tile in tiles {
        let directory = Directory::read(tile, &mut Budget::default())?;
        let front = directory.body().start as u64;
        for (sum, wanted) in bytes.iter_mut().zip([&Projection::default(), &of_layer, &projection]) {
            *sum += front + directory.ranges(wanted).iter().map(|range| range.len() as u64).sum::<u64>();
        }
    }
    let share = |part: u64| format!("{:.1} %", 100.0 * part as f64 / bytes[0] as f64);
    println!(
        "\nBytes, fronts included: {} whole, {} ({}) for the layer, {} ({}) for the column.",
        count(bytes[0]),
        count(bytes[1]),
        share(bytes[1]),
        count(bytes[2]),
        share(bytes[2])
    );
    Ok(())
}

/// How many layers that have the column are skipped, and by what.
fn skipping(plain: &[Vec<u8>], told: &[Vec<u8>], profile: Profile) -> covt::Result<()> {
    let compare = |column: &str, comparison, literal| Predicate::Compare(column.into(), comparison, literal);
    let text = |text: &str| Literal::String(text.into());
    let predicates = [
        ("transportation", "class = motorway", compare("class", Comparison::Eq, text("motorway"))),
        ("transportation", "class = zebra", compare("class", Comparison::Eq, text("zebra"))),
        ("poi", "rank < 5", compare("rank", Comparison::Lt, Literal::Int(5))),
        ("building", "render_height > 100", compare("render_height", Comparison::Gt, Literal::Int(100))),
        ("place", "class in (city, town)", Predicate::In("class".into(), vec![text("city"), text("town")])),
        ("water", "intermittent is null", Predicate::IsNull("intermittent".into())),
    ];
    let bytes = |tiles: &[Vec<u8>]| tiles.iter().map(|tile| tile.len() as u64).sum::<u64>();
    head(
        &format!("Layers that predicates skip, {}", profile.name()),
        &[
            "",
            "layers",
            "skipped by the directory",
            "with statistics",
            "after the column was read",
            "features left",
        ],
    );
    for (layer, name, filter) in predicates {
        let mut numbers = [0u64; 5];
        for (tiles, statistics) in [(plain, false), (told, true)] {
            for tile in tiles {
                let mut budget = Budget::default();
                let projection = Projection { layers: Some(vec![layer.into()]), ..Projection::default() };
                let scan = Scan { projection, filter: Some(filter.clone()), ..Scan::default() };
                let found = scan.read(&Tile::open(tile, &mut budget)?, &mut budget)?;
                let skipped = |why| found.skipped.iter().filter(|skipped| skipped.why == why).count() as u64;
                if statistics {
                    numbers[0] += skipped(Why::Directory) + skipped(Why::NoRow) + found.batches.len() as u64;
                    numbers[2] += skipped(Why::Directory);
                    numbers[3] += skipped(Why::NoRow);
                    numbers[4] += found.batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
                } else {
                    numbers[1] += skipped(Why::Directory);
                }
            }
        }
        row(&[&[format!("{layer}: {name}")][..], &numbers.map(count)].concat());
    }
    let (without, with) = (bytes(plain), bytes(told));
    let more = 100.0 * (with as f64 / without as f64 - 1.0);
    println!("\nTiles with statistics have {} bytes, {more:.2} % more.", count(with));
    Ok(())
}

/// A million points with four columns into one tile.
fn from_table() -> Result<(), Box<dyn std::error::Error>> {
    const POINTS: u32 = 1_000_000;
    let mut state = 1u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let share = |value: u64| value as f64 / (1u64 << 31) as f64;
    let column = |scale: f64, start: f64, random: &mut dyn FnMut() -> u64| {
        Float64Array::from_iter_values((0..POINTS).map(|_| start + scale * share(random())))
    };
    let lon = column(360.0, -180.0, &mut random);
    let lat = column(160.0, -80.0, &mut random);
    let kinds = ["cafe", "bar", "school", "park", "museum"];
    let kind = StringArray::from_iter_values((0..POINTS).map(|_| kinds[random() as usize % kinds.len()]));
    let population = UInt32Array::from_iter_values((0..POINTS).map(|_| (random() % 10_000) as u32));
    let score = Float64Array::from_iter_values((0..POINTS).map(|_| (random() % 1000) as f64 / 10.0));
    let number = UInt64Array::from_iter_values((0..POINTS).map(u64::from));
    let batch = RecordBatch::try_from_iter([
        ("lon", Arc::new(lon) as _),
        ("lat", Arc::new(lat) as _),
        ("kind", Arc::new(kind) as _),
        ("population", Arc::new(population) as _),
        ("score", Arc::new(score) as _),
        ("number", Arc::new(number) as _),
    ])?;
    let options = LayerOptions {
        name: Some("points".into()),
        coordinates: Coordinates::LonLat(TileCoord::new(0, 0, 0).ok_or("a place")?),
        geometry: GeometrySource::Points { x: "lon".into(), y: "lat".into() },
        ..LayerOptions::default()
    };
    let read = || from_batch(&batch, &options).map(|layer| drop(black_box(layer)));
    let layer = from_batch(&batch, &options)?;
    let encode = |profile| {
        let layer = std::slice::from_ref(&layer);
        move || covt::encode(layer, &EncodeOptions::new(profile)).map(|tile| drop(black_box(tile)))
    };
    let fast = encode(Profile::Fast);
    let times = times([&read, &fast])?;
    head("A million points with four columns into one tile", &["", "best, ms", "median, ms"]);
    for (name, [best, median]) in ["record batch to layer", "layer to tile, fast"].iter().zip(times) {
        row(&[(*name).to_owned(), format!("{best:.0}"), format!("{median:.0}")]);
    }
    row(&[
        "both".into(),
        format!("{:.0}", times[0][0] + times[1][0]),
        format!("{:.0}", times[0][1] + times[1][1]),
    ]);
    let tile = covt::encode(std::slice::from_ref(&layer), &EncodeOptions::new(Profile::Fast))?;
    println!("\nThe tile has {} bytes.", count(tile.len() as u64));
    Ok(())
}

/// The command, as users run it.
fn exporting(tileset: &Path, layer: &str, zoom: &str) -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    head(
        &format!("Layer {layer} of {}, zoom {zoom}", tileset.file_name().unwrap_or_default().display()),
        &["", "rows", "s", "rows a second", "bytes", "peak memory, MB"],
    );
    for extension in ["parquet", "arrow", "geojsonl"] {
        let output = folder.join(format!("export.{extension}"));
        let start = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_covt"))
            .args(["export", "--force", "--layer", layer, "--zoom", zoom, "-o"])
            .arg(&output)
            .arg(tileset)
            .stdout(Stdio::piped())
            .spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0.0f64;
        while child.try_wait()?.is_none() {
            let status = std::fs::read_to_string(&status).unwrap_or_default();
            let kilobytes =
                status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            peak = peak.max(kilobytes.and_then(|number| number.trim().parse().ok()).unwrap_or(0.0) / 1e3);
            std::thread::sleep(Duration::from_millis(2));
        }
        let seconds = start.elapsed().as_secs_f64();
        let text = String::from_utf8(child.wait_with_output()?.stdout)?;
        let rows = text.split(' ').next().unwrap_or("0").replace(',', "");
        let number: f64 = rows.parse().unwrap_or(0.0);
        let bytes = std::fs::metadata(&output)?.len();
        row(&[
            extension.to_owned(),
            count(number as u64),
            format!("{seconds:.2}"),
            count((number / seconds) as u64),
            count(bytes),
            format!("{peak:.0}"),
        ]);
    }
    Ok(())
}
