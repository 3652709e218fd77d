//! Layers of a COVT tile as Arrow IPC files for other programs, and such files as a tile.
//!
//! ```text
//! cargo run --features arrow --example arrow -- read TILE Z/X/Y FORM FOLDER   0.arrow, 1.arrow … in FOLDER
//! cargo run --features arrow --example arrow -- write TILE Z/X/Y FORM FILE…   a layer of each file
//! ```
//! FORM is how geometries are held and in what: `units` of the tile, else degrees, as GeoArrow's `native`
//! types or well-known binary, as a `union` of types (and properties of several types as one), or always as
//! `wkb`; `metres` is as native, in Web Mercator.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use arrow_select::concat::concat_batches;
use covt::arrow::{Coordinates, DecodeOptions, GeometryForm, LayerOptions, MixedKeys, Scan, from_batch};
use covt::{Budget, EncodeOptions, Tile, TileCoord};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &arguments[..] {
        ["read", tile, place, form, folder] => read(tile, &options(place, form)?, Path::new(folder)),
        ["write", tile, place, form, files @ ..] => write(tile, options(place, form)?.coordinates, files),
        _ => Err("what to do? the head of the source says".into()),
    }
}

fn options(place: &str, form: &str) -> Result<DecodeOptions, Box<dyn Error>> {
    let numbers: Vec<u32> = place.split('/').map(str::parse).collect::<Result<_, _>>()?;
    let place = match numbers[..] {
        [z, x, y] => TileCoord::new(z.try_into()?, x, y),
        _ => None,
    };
    let place = place.ok_or("a place is z/x/y")?;
    let degrees = Coordinates::LonLat(place);
    let (coordinates, geometries) = match form {
        "units" => (Coordinates::Tile, GeometryForm::default()),
        "native" => (degrees, GeometryForm::NativeOrWkb),
        "metres" => (Coordinates::Mercator(place), GeometryForm::NativeOrWkb),
        "union" => (degrees, GeometryForm::NativeOrUnion),
        "wkb" => (degrees, GeometryForm::Wkb),
        _ => return Err("a form is units, native, metres, union or wkb".into()),
    };
    let mixed = if form == "union" { MixedKeys::Union } else { MixedKeys::Columns };
    Ok(DecodeOptions { coordinates, geometries, mixed })
}

fn read(tile: &str, decode: &DecodeOptions, folder: &Path) -> Result<(), Box<dyn Error>> {
    let bytes = fs::read(tile)?;
    let mut budget = Budget::default();
    let tile = Tile::open(&bytes, &mut budget)?;
    let scan = Scan { decode: *decode, ..Scan::default() };
    for (number, batch) in scan.read(&tile, &mut budget)?.batches.iter().enumerate() {
        let file = File::create(folder.join(format!("{number}.arrow")))?;
        let mut writer = FileWriter::try_new_buffered(file, batch.schema_ref())?;
        writer.write(batch)?;
        writer.finish()?;
    }
    Ok(())
}

fn write(tile: &str, coordinates: Coordinates, files: &[&str]) -> Result<(), Box<dyn Error>> {
    let options = LayerOptions { coordinates, ..LayerOptions::default() };
    let layers = files.iter().map(|file| {
        let reader = FileReader::try_new_buffered(File::open(file)?, None)?;
        let schema = reader.schema();
        let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>()?;
        Ok(from_batch(&concat_batches(&schema, &batches)?, &options)?)
    });
    let layers: Vec<_> = layers.collect::<Result<_, Box<dyn Error>>>()?;
    Ok(fs::write(tile, covt::encode(&layers, &EncodeOptions::default())?)?)
}
