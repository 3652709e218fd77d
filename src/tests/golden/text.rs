//! `case.toml`: what a case is about.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::cases::Case;
use crate::geometry::GeometryType;
use crate::geometry::vertices::VertexEncoding;
use crate::limits::Budget;
use crate::stream::bytes::ByteEncoding;
use crate::stream::ints::IntEncoding;
use crate::testing::ids::{Encoding, encoding};
use crate::tile::directory::ColumnEntry;
use crate::tile::read::Tile;

/// The file's content.
pub(super) fn case(case: &Case, tile: &[u8]) -> String {
    let mut out = format!("description = {:?}\n", case.description);
    let options = &case.options;
    writeln!(out, "bytes = {}\n\n[options]\nprofile = {:?}", tile.len(), options.profile.name()).unwrap();
    if options.statistics {
        writeln!(out, "statistics = true").unwrap();
    }
    #[cfg(feature = "triangles")]
    if options.triangles {
        writeln!(out, "triangles = true").unwrap();
    }
    for (key, name) in [
        ("ints", options.force.ints.map(IntEncoding::name)),
        ("bytes", options.force.bytes.map(ByteEncoding::name)),
        ("vertices", options.vertices.map(VertexEncoding::name)),
    ] {
        if let Some(name) = name {
            writeln!(out, "{key} = {name:?}").unwrap();
        }
    }
    writeln!(out, "\n[shows]\nids = [").unwrap();
    ids(tile).iter().for_each(|id| writeln!(out, "    {id:?},").unwrap());
    out + "]\n"
}

/// Every id that the directory and the geometry types of a tile use, in words.
pub(super) fn ids(tile: &[u8]) -> BTreeSet<String> {
    let mut budget = Budget::default();
    let tile = Tile::open(tile, &mut budget).unwrap();
    let mut ids = BTreeSet::from([format!("layout {}", tile.directory().layout().name())]);
    for layer in tile.layers() {
        layer.entry().columns().iter().for_each(|column| column_ids(column, "", &mut ids));
        let geometry = layer.geometry(&mut budget).unwrap();
        let kinds = geometry.types().iter().map(|&id| GeometryType::ALL[usize::from(id)]);
        ids.extend(kinds.map(|kind| format!("geometry {}", kind.name())));
    }
    ids
}

/// Those of a column, and of the columns within.
fn column_ids(column: &ColumnEntry, around: &str, ids: &mut BTreeSet<String>) {
    ids.insert(format!("column {}{around}", column.kind().name()));
    if column.statistics().is_some() {
        ids.insert(format!("statistics {}", column.kind().name()));
    }
    for stream in column.streams() {
        if stream.role() == crate::Role::Present {
            ids.insert(format!("absent values {}", column.kind().name()));
        }
        ids.insert(format!("stream {}", stream.role().name()));
        let encoding = encoding(column.kind(), stream).unwrap();
        ids.insert(match encoding {
            Encoding::Ints(bits, encoding) => format!("{bits}-bit integers {}", encoding.name()),
            Encoding::Bytes(encoding) => format!("bytes {}", encoding.name()),
            Encoding::Vertices(encoding) => format!("vertices {}", encoding.name()),
        });
    }
    let around = format!(" in a {}", column.kind().name());
    column.children().iter().for_each(|child| column_ids(child, &around, ids));
}
