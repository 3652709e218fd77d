//! Tables for `covt encode`: GeoParquet and Arrow IPC files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Result;
use covt::geojson::Options;
use covt::{Layer, TileCoord};

use super::files;

/// Whether a file is a table, by its name or its first bytes.
pub fn is_table(input: &Path) -> bool {
    let named = ["parquet", "geoparquet", "arrow", "arrows", "feather"];
    let extension = input.extension().map(|extension| extension.to_ascii_lowercase());
    if files::is_dash(input) {
        return false;
    }
    let mut start = [0; 6];
    let len = File::open(input).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    extension.is_some_and(|extension| named.iter().any(|named| extension == *named))
        || start[..len].starts_with(b"PAR1")
        || start[..len].starts_with(b"ARROW1")
}

/// Makes the layer of `tile`; with what is to be said of it, that which was read first.
#[cfg(feature = "arrow")]
pub fn read(input: &Path, tile: TileCoord, options: &Options) -> Result<(Layer, Vec<String>)> {
    use anyhow::Context;
    use indicatif::HumanCount;

    let name = files::name(input);
    let (layer, report) = covt::import::tile(input, tile, options).with_context(|| name.clone())?;
    let (within, rows) = (HumanCount(report.within), HumanCount(report.rows));
    let mut notes = vec![format!("{name}: {within} of {rows} rows lie in {tile}")];
    if report.without > 0 {
        notes.push(format!("{} rows have no geometry", HumanCount(report.without)));
    }
    notes.extend(report.left_out.iter().map(|column| format!("left out column {column}")));
    Ok((layer, notes))
}

/// Refuses: there is no reader of tables in this build.
#[cfg(not(feature = "arrow"))]
pub fn read(input: &Path, _: TileCoord, _: &Options) -> Result<(Layer, Vec<String>)> {
    let name = files::name(input);
    anyhow::bail!("{name} is a table, which this build cannot read: it was built without the feature `arrow`")
}
