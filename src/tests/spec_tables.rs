//! The tables of ids in `spec/encodings.md` are those of the code.

use crate::column::ColumnKind;
use crate::{ByteEncoding, GeometryType, IntEncoding, Layout, Role, VertexEncoding};

const ENCODINGS: &str = include_str!("../../spec/encodings.md");

/// A row of a table: id, name, and what else it says.
type Row<'a> = (u8, &'a str, &'a str);

/// The rows of the table below the heading `### {heading}`.
fn table(heading: &str) -> Vec<Row<'static>> {
    let start = ENCODINGS.find(&format!("\n### {heading}\n")).expect("the heading is there");
    let lines = ENCODINGS[start..].lines().skip_while(|line| !line.starts_with('|'));
    lines
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let mut cell = || cells.next().unwrap_or_default();
            let (id, name, rest) = (cell(), cell(), cell());
            let id = match id.strip_prefix("0x") {
                Some(hex) => u8::from_str_radix(hex, 16),
                None => id.parse(),
            };
            (id.expect("a number"), name, rest)
        })
        .collect()
}

fn compare(heading: &str, defined: Vec<(u8, &str)>, reserved: &[(u8, &str)]) {
    let (stated_reserved, stated): (Vec<Row>, Vec<Row>) =
        table(heading).into_iter().partition(|row| row.2.starts_with("reserved"));
    let ids = |rows: Vec<Row<'static>>| rows.into_iter().map(|(id, name, _)| (id, name)).collect::<Vec<_>>();
    assert_eq!(ids(stated), defined, "{heading}");
    assert_eq!(ids(stated_reserved), reserved, "{heading}, reserved");
}

#[test]
fn ids() {
    macro_rules! compare {
        ($($enum:ident)*) => {
            $(compare(
                stringify!($enum),
                $enum::ALL.iter().map(|entry| (entry.id(), entry.name())).collect(),
                $enum::RESERVED,
            );)*
        };
    }
    compare!(Layout ColumnKind Role IntEncoding ByteEncoding VertexEncoding);
    compare("GeometryType", GeometryType::ALL.iter().map(|&kind| (kind as u8, kind.name())).collect(), &[]);
}

#[test]
fn streams_of_columns() {
    for (id, _, streams) in table("ColumnKind") {
        let Some(kind) = ColumnKind::ALL.iter().find(|kind| kind.id() == id) else { continue };
        let roles: Vec<&str> = kind.roles().iter().map(|role| role.name()).collect();
        let streams = streams.split(", ").filter(|role| !role.is_empty());
        assert_eq!(streams.collect::<Vec<_>>(), roles, "{}", kind.name());
    }
}
