//! Geometries: MVT's command integers to vertices and rings, and back.
//!
//! ```text
//! command    count << 3 | id        id: 1 MoveTo, 2 LineTo, 7 ClosePath
//! parameters zigzag(dx) zigzag(dy)  for MoveTo and LineTo, `count` times
//! ```
//!
//! The vertices are relative to the one before, the first to (0, 0). Sums wrap around at 32 bits, so
//! that differences give every parameter back. Only the spelling that [`write()`] gives a geometry
//! is read as one; all else stays what it is, as [`GeometryType::Commands`].

use std::ops::Range;

use super::pairs;
use super::wire::Cursor;
use super::writer::Writer;
use crate::error::{Error, Result};
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::turn::turn;
use crate::geometry::{Commands, Geometry, GeometryType};
use crate::wire::zigzag;

/// The numbers of MVT's geometry types.
pub(super) mod mvt_type {
    pub(in crate::mvt) const POINT: u32 = 1;
    pub(in crate::mvt) const LINESTRING: u32 = 2;
    pub(in crate::mvt) const POLYGON: u32 = 3;
}

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const MOVE_TO_ONE: u32 = 1 << 3 | MOVE_TO;
const CLOSE_PATH: u32 = 1 << 3 | 7;
/// The most a command can be repeated: 29 bits.
const MAX_COUNT: usize = (1 << 29) - 1;

/// Reads one feature's command integers, which lie in `range` of `tile`.
///
/// # Errors
/// If they are not varints. What they say cannot be wrong: it is kept.
pub(super) fn read(tile: &[u8], range: Range<usize>, kind: u32, out: &mut GeometryBuilder) -> Result<()> {
    let commands = Cursor::new(tile, range);
    let geometry_type = match kind {
        mvt_type::POINT => read_points(commands, out),
        mvt_type::LINESTRING => read_lines(commands, out),
        mvt_type::POLYGON => read_rings(commands, out),
        _ => None,
    };
    match geometry_type {
        Some(geometry_type) => out.end_feature(geometry_type),
        None => {
            out.abandon_feature();
            let mut integers = commands;
            while !integers.is_empty() {
                out.command(integers.uint32("geometry")?);
            }
            out.end_commands(kind);
        }
    }
    Ok(())
}

fn read_points(mut commands: Cursor<'_>, out: &mut GeometryBuilder) -> Option<GeometryType> {
    let mut pen = Pen::default();
    let count = repeats(&mut commands, MOVE_TO)?;
    pen.read(&mut commands, count, out)?;
    out.end_points(count);
    commands.is_empty().then_some(if count == 1 { GeometryType::Point } else { GeometryType::MultiPoint })
}

fn read_lines(mut commands: Cursor<'_>, out: &mut GeometryBuilder) -> Option<GeometryType> {
    let mut pen = Pen::default();
    let mut geometry_type = GeometryType::LineString;
    loop {
        read_path(&mut commands, &mut pen, out)?;
        out.end_ring();
        out.end_part();
        if commands.is_empty() {
            return Some(geometry_type);
        }
        geometry_type = GeometryType::MultiLineString;
    }
}

/// Rings make polygons in the way of mapbox-gl: the first ring that has an area shows which way
/// exterior rings turn, and every ring that turns the same way starts a polygon. A ring of no area
/// belongs to the polygon before it.
fn read_rings(mut commands: Cursor<'_>, out: &mut GeometryBuilder) -> Option<GeometryType> {
    let mut pen = Pen::default();
    let mut geometry_type = GeometryType::Polygon;
    // Which way exterior rings turn; not known before the first ring, and not asked if it is alone.
    let mut exterior = None;
    loop {
        let start = out.vertices().len();
        read_path(&mut commands, &mut pen, out)?;
        if commands.uint32("geometry").ok()? != CLOSE_PATH {
            return None;
        }
        if let Some(exterior) = &mut exterior {
            let turn = turn(&out.vertices()[start..]);
            if *exterior == 0 {
                *exterior = turn;
            }
            if turn != 0 && turn == *exterior {
                out.end_part();
                geometry_type = GeometryType::MultiPolygon;
            }
        } else if !commands.is_empty() {
            exterior = Some(turn(&out.vertices()[start..]));
        }
        out.end_ring();
        if commands.is_empty() {
            out.end_part();
            return Some(geometry_type);
        }
    }
}

/// MoveTo(1), LineTo(n).
#[inline(always)]
fn read_path(commands: &mut Cursor<'_>, pen: &mut Pen, out: &mut GeometryBuilder) -> Option<()> {
    if commands.uint32("geometry").ok()? != MOVE_TO_ONE {
        return None;
    }
    pen.read(commands, 1, out)?;
    let count = repeats(commands, LINE_TO)?;
    pen.read(commands, count, out)
}

/// How often the command `id`, which must come next, is repeated: at least once. What it announces
/// must be there, a byte at least for each integer, before anyone makes room for it.
#[inline(always)]
fn repeats(commands: &mut Cursor<'_>, id: u32) -> Option<usize> {
    let command = commands.uint32("geometry").ok()?;
    let count = (command >> 3) as usize;
    (command & 7 == id && count > 0 && count <= commands.left() / 2).then_some(count)
}

/// The place the next vertex is relative to.
#[derive(Clone, Copy, Debug, Default)]
struct Pen {
    x: i32,
    y: i32,
}

impl Pen {
    /// Reads `count` vertices.
    #[inline(always)]
    fn read(&mut self, commands: &mut Cursor<'_>, count: usize, out: &mut GeometryBuilder) -> Option<()> {
        let (mut x, mut y) = (self.x, self.y);
        out.reserve_vertices(count);
        for _ in 0..count {
            let delta = pairs::unzigzag(commands.pair("geometry").ok()?);
            x = x.wrapping_add(delta as i32);
            y = y.wrapping_add((delta >> 32) as i32);
            out.vertex(x, y);
        }
        (self.x, self.y) = (x, y);
        Some(())
    }

    /// The way to (`x`, `y`), as parameters in lanes.
    #[inline]
    fn go(&mut self, x: i32, y: i32) -> u64 {
        let (dx, dy) = (x.wrapping_sub(self.x), y.wrapping_sub(self.y));
        (self.x, self.y) = (x, y);
        pairs::lanes(zigzag::encode32(dx), zigzag::encode32(dy))
    }

    #[inline]
    fn write(&mut self, vertices: &[i32], out: &mut Writer) {
        out.pairs(vertices.len() / 2, vertices.chunks_exact(2).map(|vertex| self.go(vertex[0], vertex[1])));
    }
}

/// The MVT type of feature `row`, before which `commands_before` features were of type
/// [`GeometryType::Commands`].
pub(super) fn mvt_type(geometry: &Geometry, row: usize, commands_before: usize) -> u32 {
    match geometry.geometry_type(row) {
        GeometryType::Point | GeometryType::MultiPoint => mvt_type::POINT,
        GeometryType::LineString | GeometryType::MultiLineString => mvt_type::LINESTRING,
        GeometryType::Polygon | GeometryType::MultiPolygon => mvt_type::POLYGON,
        GeometryType::Commands => commands(geometry).types[commands_before],
    }
}

fn commands(geometry: &Geometry) -> &Commands {
    geometry.commands().expect("there are commands where a type says so")
}

/// Writes the command integers of feature `row`; `commands_before` as for [`mvt_type()`].
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] if it is no geometry MVT can say: without parts, with lines of
/// less than two vertices, or with more vertices than a command can announce.
pub(super) fn write(geometry: &Geometry, row: usize, commands_before: usize, out: &mut Writer) -> Result<()> {
    let parts = geometry.parts(row);
    match geometry.geometry_type(row) {
        GeometryType::Point | GeometryType::MultiPoint => {
            // A part is one ring, and a ring one vertex, also where other features need offsets.
            check_some(&parts)?;
            let first = geometry.rings(parts.start).start;
            let vertices = geometry.ring_run(first..first + parts.len());
            out.varint(command(MOVE_TO, parts.len())?);
            Pen::default().write(vertices, out);
        }
        GeometryType::LineString | GeometryType::MultiLineString => {
            let mut pen = Pen::default();
            check_some(&parts)?;
            for part in parts {
                write_path(geometry.ring(geometry.rings(part).start), &mut pen, out)?;
            }
        }
        GeometryType::Polygon | GeometryType::MultiPolygon => {
            let mut pen = Pen::default();
            check_some(&parts)?;
            for ring in geometry.rings(parts.start).start..geometry.rings(parts.end - 1).end {
                write_path(geometry.ring(ring), &mut pen, out)?;
                out.varint(u64::from(CLOSE_PATH));
            }
        }
        GeometryType::Commands => {
            let commands = commands(geometry);
            let offsets = &commands.offsets[commands_before..commands_before + 2];
            for &integer in &commands.values[offsets[0] as usize..offsets[1] as usize] {
                out.varint(u64::from(integer));
            }
        }
    }
    Ok(())
}

fn check_some(parts: &Range<usize>) -> Result<()> {
    if parts.is_empty() { Err(Error::input("a geometry without parts")) } else { Ok(()) }
}

#[inline]
fn write_path(vertices: &[i32], pen: &mut Pen, out: &mut Writer) -> Result<()> {
    if vertices.len() < 4 {
        return Err(Error::input("a line or ring of fewer than two vertices"));
    }
    let (first, rest) = vertices.split_at(2);
    out.varint(u64::from(MOVE_TO_ONE));
    pen.write(first, out);
    out.varint(command(LINE_TO, rest.len() / 2)?);
    pen.write(rest, out);
    Ok(())
}

fn command(id: u32, count: usize) -> Result<u64> {
    if (1..=MAX_COUNT).contains(&count) {
        Ok((count as u64) << 3 | u64::from(id))
    } else {
        Err(Error::input(format!("a command cannot be repeated {count} times")))
    }
}
