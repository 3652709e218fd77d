//! What was measured, as tables.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::parts::PART_NAMES;
use super::sizes::Sizes;
use super::tables::{Cell, Table, grouped};
use super::times::{Times, quartiles};
use super::{Contender, Tile, page};

/// How many of the tiles where a format loses are listed.
const LISTED: usize = 20;

/// What [`run`](super::run) found out.
pub struct Report {
    pub(super) names: Vec<String>,
    pub(super) zooms: Vec<Option<u8>>,
    pub(super) contenders: Vec<String>,
    pub(super) sizes: Sizes,
    pub(super) times: Option<Times>,
    /// The form that all others are compared with: how the first contender is usually stored.
    pub(super) base: usize,
    plain_bytes: u64,
}

impl Report {
    pub(super) fn new(
        tiles: &[Tile],
        contenders: &[Box<dyn Contender>],
        sizes: Sizes,
        times: Option<Times>,
    ) -> Self {
        Self {
            names: tiles.iter().map(|tile| tile.name.clone()).collect(),
            zooms: tiles.iter().map(|tile| tile.zoom).collect(),
            contenders: contenders.iter().map(|contender| contender.name().to_owned()).collect(),
            base: 0,
            plain_bytes: tiles.iter().map(|tile| tile.mvt.len() as u64).sum(),
            sizes,
            times,
        }
    }

    /// All tables as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for table in self.tables() {
            table.write_text(&mut text);
        }
        text
    }

    /// All tables, and the sizes of every tile in every form.
    pub fn json(&self) -> Value {
        let tables: Vec<Value> = self.tables().iter().map(Table::json).collect();
        let forms: Vec<&str> = self.sizes.forms.iter().map(|form| form.name.as_str()).collect();
        let tile = |number: usize| {
            let bytes: Vec<u64> = self.sizes.bytes.iter().map(|bytes| bytes[number]).collect();
            json!({"name": self.names[number], "zoom": self.zooms[number], "bytes": bytes})
        };
        let tiles: Vec<Value> = (0..self.names.len()).map(tile).collect();
        json!({"covt": env!("CARGO_PKG_VERSION"), "forms": forms, "tables": tables, "tiles": tiles})
    }

    /// One page with plots and tables that needs nothing else. `title` says what was measured.
    pub fn html(&self, title: &str) -> String {
        page::write(self, title)
    }

    pub(super) fn tables(&self) -> Vec<Table> {
        let mut tables =
            vec![self.sizes_table(), self.zooms_table(), self.layers_table(), self.parts_table()];
        if let Some(times) = &self.times {
            tables.push(self.decode_table(times));
            tables.push(self.encode_table(times));
        }
        tables.extend((1..self.contenders.len()).filter_map(|contender| self.losses_table(contender)));
        tables
    }

    pub(super) fn base_name(&self) -> &str {
        &self.sizes.forms[self.base].name
    }

    /// The form in which a contender is compared tile by tile.
    pub(super) fn usual(&self, contender: usize) -> usize {
        self.sizes.forms.iter().position(|form| form.contender == contender).unwrap_or(self.base)
    }

    /// The sizes of all tiles in a form, by those in the form compared with.
    pub(super) fn ratios(&self, form: usize) -> Vec<f64> {
        let pairs = self.sizes.bytes[form].iter().zip(&self.sizes.bytes[self.base]);
        pairs.map(|(bytes, base)| *bytes as f64 / (*base).max(1) as f64).collect()
    }

    fn sizes_table(&self) -> Table {
        let base = self.base_name();
        let head = [
            "".into(),
            "all tiles".into(),
            format!("against {base}"),
            "median tile".into(),
            "p90".into(),
            "p99".into(),
            "largest".into(),
            "median ratio".into(),
            "tiles larger".into(),
        ];
        let title = format!("Sizes of {} tiles, bytes", grouped(self.names.len() as u64));
        let mut table = Table::new("sizes", title, head.to_vec());
        for (number, form) in self.sizes.forms.iter().enumerate() {
            let mut bytes = self.sizes.bytes[number].clone();
            bytes.sort_unstable();
            let at = |share: f64| Cell::Count(percentile(&bytes, share));
            let larger = self.sizes.bytes[number].iter().zip(&self.sizes.bytes[self.base]);
            let larger = larger.filter(|(bytes, base)| bytes > base).count() as u64;
            let [_, ratio, _] = quartiles(self.ratios(number));
            table.rows.push(vec![
                Cell::Text(form.name.clone()),
                Cell::Count(self.sizes.total(number)),
                Cell::change(self.sizes.total(number), self.sizes.total(self.base)),
                at(0.5),
                at(0.9),
                at(0.99),
                at(1.0),
                Cell::Number(ratio, 3),
                Cell::Count(larger),
            ]);
        }
        table.note = format!(
            "Ratios and larger tiles are against {base}. gzip is level 6, zstd 19, brotli 11; tiles are {} bytes \
             uncompressed.",
            grouped(self.plain_bytes)
        );
        table
    }

    /// The numbers of the tiles of each zoom.
    pub(super) fn by_zoom(&self) -> BTreeMap<Option<u8>, Vec<usize>> {
        let mut zooms: BTreeMap<Option<u8>, Vec<usize>> = BTreeMap::new();
        for (number, zoom) in self.zooms.iter().enumerate() {
            zooms.entry(*zoom).or_default().push(number);
        }
        zooms
    }

    fn zooms_table(&self) -> Table {
        // With something around COVT nothing is won that a table by zoom would have to show.
        let shown: Vec<usize> = (0..self.sizes.forms.len())
            .filter(|&form| {
                self.sizes.forms[form].contender == 0 || form == self.usual(self.sizes.forms[form].contender)
            })
            .collect();
        let others = (1..self.contenders.len()).map(|contender| self.usual(contender));
        let mut head = vec!["zoom".to_owned(), "tiles".to_owned()];
        head.extend(shown.iter().map(|&form| self.sizes.forms[form].name.clone()));
        head.extend(others.clone().map(|form| format!("{} ±", self.sizes.forms[form].name)));
        let mut table = Table::new("zooms", "Sizes by zoom, bytes", head);
        table.note = format!("±: against {}.", self.base_name());
        for (zoom, tiles) in self.by_zoom() {
            let sum = |form: usize| tiles.iter().map(|&tile| self.sizes.bytes[form][tile]).sum::<u64>();
            let mut row = vec![
                Cell::Text(zoom.map_or("?".into(), |zoom| zoom.to_string())),
                Cell::Count(tiles.len() as u64),
            ];
            row.extend(shown.iter().map(|&form| Cell::Count(sum(form))));
            row.extend(others.clone().map(|form| Cell::change(sum(form), sum(self.base))));
            table.rows.push(row);
        }
        table
    }

    /// The contenders of whose tiles it is known where the bytes go.
    fn in_parts(&self) -> Vec<usize> {
        let known = |&contender: &usize| !self.sizes.layers[contender].is_empty();
        (0..self.contenders.len()).filter(known).collect()
    }

    fn layers_table(&self) -> Table {
        let known = self.in_parts();
        let others = || known.iter().copied().filter(|&contender| contender != 0);
        let mut head = vec!["layer".to_owned()];
        head.extend(known.iter().map(|&contender| self.contenders[contender].clone()));
        head.extend(others().map(|contender| format!("{} ±", self.contenders[contender])));
        let mut table = Table::new("layers", "Bytes of layers, without compression around tiles", head);
        table.note = format!(
            "±: against {} without compression. No layer: directories, and vertices that layers have in common.",
            self.contenders[0]
        );
        let mut names: Vec<&String> = self.sizes.layers.iter().flat_map(BTreeMap::keys).collect();
        names.sort();
        names.dedup();
        let total = |contender: usize, name: &str| {
            self.sizes.layers[contender].get(name).map_or(0, |parts| parts.iter().sum::<u64>())
        };
        names.sort_by_key(|name| std::cmp::Reverse(total(0, name)));
        for name in names {
            let shown = if name.is_empty() { "(no layer)" } else { name };
            let mut row = vec![Cell::Text(shown.into())];
            row.extend(known.iter().map(|&contender| Cell::Count(total(contender, name))));
            row.extend(others().map(|contender| Cell::change(total(contender, name), total(0, name))));
            table.rows.push(row);
        }
        table
    }

    fn parts_table(&self) -> Table {
        let known = self.in_parts();
        let mut head = vec!["part".to_owned()];
        for &contender in &known {
            head.extend([self.contenders[contender].clone(), "share".to_owned()]);
        }
        let mut table = Table::new("parts", "Where the bytes go, without compression around tiles", head);
        table.note = "topology: types, numbers of parts, rings and vertices; strings: keys and values; \
                      properties: tags, and values that are no strings;\nstructure: heads of layers and features, \
                      directories."
            .into();
        for (part, name) in PART_NAMES.iter().enumerate() {
            let mut row = vec![Cell::Text((*name).into())];
            for &contender in &known {
                let parts = self.sizes.parts(contender);
                let all = parts.iter().sum::<u64>().max(1);
                row.extend([Cell::Count(parts[part]), Cell::Share(parts[part] as f64 / all as f64)]);
            }
            table.rows.push(row);
        }
        table
    }

    fn decode_table(&self, times: &Times) -> Table {
        let rounds = times.seconds[0].len();
        let head = [
            "",
            "best, ms",
            "quartile",
            "median, ms",
            "quartile",
            "MB/s",
            "times as fast",
            "quartile",
            "quartile",
        ];
        let title = format!("Decoding all tiles, one core, {rounds} rounds");
        let mut table = Table::new("decode", title, head.map(str::to_owned).to_vec());
        let first = times.ways.iter().position(|way| way.wrap.is_some()).unwrap_or(0);
        table.note = format!(
            "Every id, geometry and property. Times as fast as {}, as the median of rounds; MB/s of MVT without \
             compression, best.\nMVT is read by the crate fast-mvt, which keeps nothing; COVT is decoded to \
             columns in memory.",
            times.ways[first].name
        );
        let base = times.sums(first, |_| true);
        for (number, way) in times.ways.iter().enumerate().filter(|(_, way)| way.wrap.is_some()) {
            let sums = times.sums(number, |_| true);
            let best = times.best(number, |_| true);
            let factors = base.iter().zip(&sums).map(|(base, sum)| base / sum).collect();
            let [low, middle, high] = quartiles(sums.iter().map(|sum| 1e3 * sum).collect());
            let [least, factor, most] = quartiles(factors);
            table.rows.push(vec![
                Cell::Text(way.name.clone()),
                Cell::Number(1e3 * best, 1),
                Cell::Number(low, 1),
                Cell::Number(middle, 1),
                Cell::Number(high, 1),
                Cell::Number(self.plain_bytes as f64 / 1e6 / best, 0),
                Cell::Number(factor, 2),
                Cell::Number(least, 2),
                Cell::Number(most, 2),
            ]);
        }
        table
    }

    fn encode_table(&self, times: &Times) -> Table {
        let head = ["", "best, ms", "MB/s, best", "quartile", "median", "quartile"];
        let title = "Encoding all tiles from MVT, one core";
        let mut table = Table::new("encode", title, head.map(str::to_owned).to_vec());
        table.note = "MB/s of MVT without compression.".into();
        let megabytes = self.plain_bytes as f64 / 1e6;
        for (number, way) in times.ways.iter().enumerate().filter(|(_, way)| way.wrap.is_none()) {
            let rates = times.sums(number, |_| true).iter().map(|sum| megabytes / sum).collect();
            let best = times.best(number, |_| true);
            let [low, middle, high] = quartiles(rates);
            let numbers = [megabytes / best, low, middle, high].map(|rate| Cell::Number(rate, 1));
            let mut row = vec![Cell::Text(way.name.clone()), Cell::Number(1e3 * best, 1)];
            row.extend(numbers);
            table.rows.push(row);
        }
        table
    }

    /// The tiles that a contender makes larger than the form compared with; none if there are none.
    fn losses_table(&self, contender: usize) -> Option<Table> {
        let form = self.usual(contender);
        let (bytes, base) = (&self.sizes.bytes[form], &self.sizes.bytes[self.base]);
        let mut tiles: Vec<usize> = (0..bytes.len()).filter(|&tile| bytes[tile] > base[tile]).collect();
        if tiles.is_empty() {
            return None;
        }
        tiles.sort_by_key(|&tile| (std::cmp::Reverse(bytes[tile] - base[tile]), tile));
        let name = &self.sizes.forms[form].name;
        let lost: u64 = tiles.iter().map(|&tile| bytes[tile] - base[tile]).sum();
        let title = format!(
            "{name} is larger than {} in {} of {} tiles, by {} bytes together",
            self.base_name(),
            grouped(tiles.len() as u64),
            grouped(bytes.len() as u64),
            grouped(lost)
        );
        let head = vec!["tile".into(), self.base_name().into(), name.clone(), "±".into()];
        let mut table = Table::new("losses", title, head);
        table.rows = tiles[..tiles.len().min(LISTED)]
            .iter()
            .map(|&tile| {
                vec![
                    Cell::Text(self.names[tile].clone()),
                    Cell::Count(base[tile]),
                    Cell::Count(bytes[tile]),
                    Cell::change(bytes[tile], base[tile]),
                ]
            })
            .collect();
        if tiles.len() > LISTED {
            let listed = grouped(LISTED as u64);
            table.note = format!("The {listed} that lose most; --json has the sizes of all tiles.");
        }
        Some(table)
    }

    /// What the first table says, in a sentence.
    pub(super) fn summary(&self) -> Vec<(String, f64)> {
        let others = (1..self.contenders.len()).map(|contender| self.usual(contender));
        let ratio = |form: usize| self.sizes.total(form) as f64 / self.sizes.total(self.base).max(1) as f64;
        others.map(|form| (self.sizes.forms[form].name.clone(), ratio(form))).collect()
    }
}

/// The value below or at which that share of sorted values lies.
fn percentile(sorted: &[u64], share: f64) -> u64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occur() {
        let values: Vec<u64> = (1..=200).collect();
        assert_eq!([0.5, 0.9, 0.99, 1.0].map(|share| percentile(&values, share)), [100, 180, 198, 200]);
        assert_eq!((percentile(&[7], 0.5), percentile(&[], 0.5)), (7, 0));
    }
}
