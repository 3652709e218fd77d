//! The generated tileset as MBTiles.

use std::path::Path;

use anyhow::Result;
use covt::testing::generate::tileset::Tileset;
use covt::tileset::{Compression, Existing, MbtilesWriter, Metadata, TileFormat, gzip};
use covt::{TileCoord, mvt};

/// What the metadata names as the maker, by which a demo is known again.
pub const GENERATOR: &str = "covt demo";

/// Writes the tileset to `path` and tells `progress` how many tiles are there so far; all of them
/// are returned.
pub fn write(source: &Tileset, path: &Path, progress: impl Fn(u64)) -> Result<Vec<TileCoord>> {
    let mut writer = MbtilesWriter::create(path, Existing::Replace)?;
    let mut coords = Vec::new();
    for (coord, layers) in source.tiles() {
        writer.write(coord, &gzip(&mvt::write(&layers)?))?;
        coords.push(coord);
        progress(coords.len() as u64);
    }
    writer.finish(&metadata(source))?;
    Ok(coords)
}

fn metadata(source: &Tileset) -> Metadata {
    let [west, south, east, north] = source.bounds();
    let zooms = source.zooms();
    let mut metadata = Metadata::default();
    metadata.set("name", source.name());
    metadata.set("description", "A generated country that does not exist, in a schema after OpenMapTiles'");
    metadata.set("attribution", "Generated, no real data");
    metadata.set("type", "baselayer");
    metadata.set("version", "1");
    metadata.describe(TileFormat::Mvt, Compression::Gzip);
    metadata.set("minzoom", zooms.start().to_string());
    metadata.set("maxzoom", zooms.end().to_string());
    metadata.set("bounds", format!("{west:.6},{south:.6},{east:.6},{north:.6}"));
    // Half the country fills a tile of zoom 11.
    metadata.set("center", format!("{:.6},{:.6},11", (west + east) / 2.0, (south + north) / 2.0));
    metadata.set("generator", GENERATOR);
    metadata.set("json", source.vector_layers_json());
    metadata
}
