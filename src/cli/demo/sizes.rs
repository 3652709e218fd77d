//! How large tiles are in each format.

use std::collections::BTreeMap;

use covt::TileCoord;
use indicatif::HumanCount;

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

    fn row(&self, name: &str) -> String {
        let Self { tiles, mvt, gzip, fast, small } = *self;
        let counts = [tiles, mvt, gzip, fast, small].map(|count| HumanCount(count).to_string());
        let [of_gzip, of_mvt] = [gzip, mvt].map(|whole| saving(small, whole));
        line([&[name][..], &counts.each_ref().map(String::as_str), &[&of_gzip, &of_mvt]].concat())
    }
}

/// Cells flush right, the first ones as wide as a number of tiles, the others as one of bytes.
fn line(cells: Vec<&str>) -> String {
    let mut line = String::new();
    for (column, cell) in cells.iter().enumerate() {
        let width = if column < 2 { 6 } else { 12 };
        line += &format!("{cell:>width$}");
    }
    line.trim_end().to_owned() + "\n"
}

/// How much of `whole` bytes is saved.
fn saving(bytes: u64, whole: u64) -> String {
    format!("{:.1} %", 100.0 * (1.0 - bytes as f64 / whole.max(1) as f64))
}

/// A line for each zoom level and one for all.
pub fn table(tiles: &[Tile]) -> String {
    let mut zooms = BTreeMap::<u8, Sizes>::new();
    let mut all = Sizes::default();
    for tile in tiles {
        zooms.entry(tile.coord.z()).or_default().add(tile);
        all.add(tile);
    }
    let mut table = line(["", "", "MVT,", "MVT with", "COVT", "COVT", "small saves", ""].to_vec());
    table += &line(["zoom", "tiles", "bytes", "gzip", "fast", "small", "of gzip", "of MVT"].to_vec());
    for (zoom, sizes) in &zooms {
        table += &sizes.row(&zoom.to_string());
    }
    table + &all.row("all")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn savings_are_parts_of_the_whole() {
        assert_eq!(saving(25, 100), "75.0 %");
        assert_eq!(saving(150, 100), "-50.0 %");
        assert_eq!(saving(0, 0), "100.0 %");
    }
}
