//! What the subcommands tell the user.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use covt::mvt::Reduced;
use covt::tileset::{Summary, Totals};
use indicatif::HumanCount;

/// `text` with control characters escaped: names in a tile must not move the cursor.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            shown.extend(char.escape_default());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// A line on standard error, which nobody has to read.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(line));
}

/// `38.2 % less than stored`, or more.
pub fn compared(bytes: u64, to: u64, what: &str) -> String {
    if to == 0 {
        return format!("nothing was {what}");
    }
    let percent = 100.0 * (bytes as f64 / to as f64 - 1.0);
    let word = if percent > 0.0 { "more" } else { "less" };
    format!("{:.1} % {word} than {what}", percent.abs())
}

/// What MVT could not hold, in a line each for what was flattened and what was left out.
pub fn reduced(reduced: &Reduced) -> Vec<String> {
    let list = |names: &BTreeSet<(String, String)>| {
        let names: Vec<_> = names.iter().map(|(layer, name)| format!("{layer}/{name}")).collect();
        names.join(", ")
    };
    let sets = [("flattened", &reduced.flattened), ("left out", &reduced.dropped)];
    let sets = sets.into_iter().filter(|(_, names)| !names.is_empty());
    sets.map(|(what, names)| format!("{what}, as MVT cannot hold it: {}", printable(&list(names)))).collect()
}

/// The size that an output is compared with, and what that is.
pub fn base(totals: &Totals) -> (u64, &'static str) {
    match totals.gzip_bytes {
        Some(gzip) => (gzip, "with gzip"),
        None => (totals.stored_bytes, "stored"),
    }
}

/// What a conversion did, in a few lines.
pub fn summary(summary: &Summary, verified: bool) -> String {
    let Summary { from, to, totals, elapsed, resumed, .. } = summary;
    let count = HumanCount;
    let seconds = elapsed.as_secs_f64();
    let done = (totals.tiles + totals.bad + totals.emptied).saturating_sub(*resumed);
    let rate = done as f64 / seconds.max(1e-6);
    let what = if from == to { from.to_string() } else { format!("{from} to {to}") };
    let mut text = format!("{what}: {} tiles in {seconds:.2} s, {rate:.0} a second", count(totals.tiles));
    if *resumed > 0 {
        let _ = write!(text, "; {} had been done before", count(*resumed));
    }
    if totals.emptied > 0 {
        let _ = write!(text, "; {} left out, of which nothing was left", count(totals.emptied));
    }
    if totals.bad > 0 {
        let _ = write!(text, "; {} bad tiles left out", count(totals.bad));
    }
    let _ = write!(text, "\nsource   {} bytes stored", count(totals.stored_bytes));
    if let Some(gzip) = totals.gzip_bytes.filter(|gzip| *gzip != totals.stored_bytes) {
        let _ = write!(text, ", {} with gzip", count(gzip));
    }
    if totals.plain_bytes != totals.stored_bytes {
        let _ = write!(text, ", {} uncompressed", count(totals.plain_bytes));
    }
    let (base, what) = base(totals);
    let change = compared(totals.out_bytes, base, what);
    let _ = writeln!(text, "\noutput   {} bytes stored, {change}", count(totals.out_bytes));
    if totals.dropped_fields > 0 {
        let fields = count(totals.dropped_fields);
        let _ = writeln!(text, "dropped  {fields} fields that MVT does not define");
    }
    for line in reduced(&totals.reduced) {
        let _ = writeln!(text, "{line}");
    }
    if verified {
        let how = match to {
            covt::tileset::TileFormat::Covt => "decoded again, equal to its source in every message",
            _ => "encoded and decoded again, equal in every message",
        };
        let _ = writeln!(text, "verified every tile: {how}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(printable("a\u{1b}[2Jb\nc ü"), "a\\u{1b}[2Jb\\nc ü");
    }

    #[test]
    fn sizes_are_compared_in_percent() {
        assert_eq!(compared(618, 1000, "stored"), "38.2 % less than stored");
        assert_eq!(compared(1500, 1000, "stored"), "50.0 % more than stored");
        assert_eq!(compared(0, 0, "stored"), "nothing was stored");
    }
}
