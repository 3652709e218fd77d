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
        let [of_gzip, of_mvt] = [gzip, mvt].map(|whole| saving(small, whole));
        let [tiles, mvt, gzip, fast, small] =
            [tiles, mvt, gzip, fast, small].map(|count| HumanCount(count).to_string());
        line([name, &tiles, &mvt, &gzip, &fast, &small, &of_gzip, &of_mvt])
    }
}

/// Cells flush right.
fn line(cells: [&str; 8]) -> String {
    const WIDTHS: [usize; 8] = [6, 6, 11, 11, 11, 11, 13, 13];
    let mut line = String::new();
    for (cell, width) in cells.into_iter().zip(WIDTHS) {
        line += &format!("{cell:>width$}");
    }
    line + "\n"
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
    let mut table = line(["", "", "MVT,", "MVT with", "COVT", "COVT", "small saves", "small saves"]);
    table += &line(["zoom", "tiles", "bytes", "gzip", "fast", "small", "of gzip", "of MVT"]);
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
