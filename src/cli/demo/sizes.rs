//! How large tiles are in each format.

use std::collections::BTreeMap;

use covt::TileCoord;
use indicatif::HumanCount;

use crate::cli::table::Table;

/// A tile in all formats, as it is stored in them.
pub struct Tile {
    pub coord: TileCoord,
    /// Uncompressed.
    pub mvt: Vec<u8>,
    pub gzip: Vec<u8>,
    pub fast: Vec<u8>,
    pub small: Vec<u8>,
}

/// Sums over tiles, in bytes.
#[derive(Clone, Copy, Default)]
struct Sizes {
    tiles: u64,
    mvt: u64,
    gzip: u64,
    fast: u64,
    small: u64,
}

impl Sizes {
    fn add(&mut self, tile: &Tile) {
        self.tiles += 1;
        self.mvt += tile.mvt.len() as u64;
        self.gzip += tile.gzip.len() as u64;
        self.fast += tile.fast.len() as u64;
        self.small += tile.small.len() as u64;
    }

    fn tell(self, name: String, table: &mut Table) {
        let Self { tiles, mvt, gzip, fast, small } = self;
        let [to_gzip, to_mvt] = [gzip, mvt].map(|other| change(small, other));
        let [tiles, mvt, gzip, fast, small] =
            [tiles, mvt, gzip, fast, small].map(|count| HumanCount(count).to_string());
        table.row([name, tiles, mvt, gzip, fast, small, to_gzip, to_mvt]);
    }
}

/// By how much `bytes` are more or less than `other`.
fn change(bytes: u64, other: u64) -> String {
    format!("{:+.1} %", 100.0 * (bytes as f64 / other.max(1) as f64 - 1.0))
}

/// A line for each zoom level and one for all.
pub fn table(tiles: &[Tile]) -> String {
    let mut zooms = BTreeMap::<u8, Sizes>::new();
    let mut all = Sizes::default();
    for tile in tiles {
        zooms.entry(tile.coord.z()).or_default().add(tile);
        all.add(tile);
    }
    let mut table = Table::new(&[
        ">zoom",
        ">tiles",
        ">MVT bytes",
        ">with gzip",
        ">COVT fast",
        ">COVT small",
        ">small vs gzip",
        ">small vs MVT",
    ]);
    for (zoom, sizes) in zooms {
        sizes.tell(zoom.to_string(), &mut table);
    }
    all.tell("all".into(), &mut table);
    let mut text = String::new();
    table.write(0, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_compared_with_others() {
        assert_eq!(change(25, 100), "-75.0 %");
        assert_eq!(change(150, 100), "+50.0 %");
    }
}
