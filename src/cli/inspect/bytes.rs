//! Every byte of a tile, and what it is for.

use std::collections::BTreeMap;
use std::io::{self, Write};

use covt::{Description, Field};

use super::covt_text::stream_name;
use super::tile::{Format, Inspected, plural};
use crate::cli::report::printable;

/// How many bytes of a field are shown.
const SHOWN: usize = 8;

pub fn write(tile: &Inspected, out: &mut impl Write) -> io::Result<()> {
    let (fields, headings) = match &tile.format {
        Format::Covt(description) => (&description.fields, stream_headings(description)),
        Format::Mvt(description) => (&description.fields, BTreeMap::new()),
    };
    let width = tile.bytes.len().to_string().len().max("offset".len());
    writeln!(out, "{:>width$} {:>width$}  {:24}  what", "offset", "bytes", "content")?;
    for field in fields {
        if field.level == 0
            && let Some(headings) = headings.get(&field.range.start)
        {
            for heading in headings {
                writeln!(out, "{}", printable(heading))?;
            }
        }
        write_field(field, &tile.bytes, width, out)?;
    }
    // Streams without bytes at the end of the tile.
    for heading in headings.range(tile.bytes.len()..).flat_map(|(_, headings)| headings) {
        writeln!(out, "{}", printable(heading))?;
    }
    Ok(())
}

fn write_field(field: &Field, tile: &[u8], width: usize, out: &mut impl Write) -> io::Result<()> {
    let Field { range, level, what, value, meaning, .. } = field;
    // What is compressed has offsets of its own, and bytes that do not stand in the tile.
    let (plus, content) = match level {
        0 => ("", preview(&tile[range.clone()])),
        _ => ("+", String::new()),
    };
    let offset = format!("{plus}{}", range.start);
    let indent = 2 * *level as usize;
    write!(out, "{offset:>width$} {:>width$}  {content:24}  {:indent$}{what}", range.len(), "")?;
    match (value, meaning.as_str()) {
        (Some(value), "") => writeln!(out, ": {value}"),
        (None, "") => writeln!(out),
        (_, meaning) => writeln!(out, ": {}", printable(meaning)),
    }
}

/// `c1 0f 1a`, with an ellipsis if that is not all.
pub fn preview(bytes: &[u8]) -> String {
    let shown = if bytes.len() > SHOWN { SHOWN - 1 } else { bytes.len() };
    let mut text: Vec<String> = bytes[..shown].iter().map(|byte| format!("{byte:02x}")).collect();
    if shown < bytes.len() {
        text.push("…".into());
    }
    text.join(" ")
}

/// What stands before the fields of each stream, by the offset where the stream starts.
fn stream_headings(description: &Description) -> BTreeMap<usize, Vec<String>> {
    let mut headings: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (layer, columns) in description.directory.layers().iter().zip(&description.layers) {
        for (entry, column) in layer.columns().iter().zip(columns) {
            for stream in &column.streams {
                let name = stream_name(layer.name(), entry, stream.entry.role());
                let heading = format!("{name}, {}, {}", stream.coding, plural(stream.count, "value"));
                headings.entry(stream.entry.range().start).or_default().push(heading);
            }
        }
    }
    headings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_content_is_cut() {
        assert_eq!(preview(&[]), "");
        assert_eq!(preview(&[0xc1, 0x0f]), "c1 0f");
        assert_eq!(preview(&[0; 8]), "00 00 00 00 00 00 00 00");
        assert_eq!(preview(&[0; 9]), "00 00 00 00 00 00 00 …");
    }
}
