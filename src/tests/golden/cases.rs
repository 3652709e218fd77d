//! The layers and options of each case.

use std::sync::Arc;

use super::overture;
use crate::array::{BooleanBuffer, NullBuffer, Utf8};
use crate::column::nested::builder::Item;
use crate::column::{Column, Ids, Strings, Value, Values};
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::vertices::VertexEncoding;
use crate::stream::bytes::ByteEncoding;
use crate::stream::choose::Force;
use crate::stream::ints::IntEncoding;
use crate::tile::builder::LayerBuilder;
use crate::tile::layer::Layer;
use crate::tile::options::{EncodeOptions, Profile, Sort};

pub(super) struct Case {
    pub(super) name: String,
    /// What the tile is, and what it shows.
    pub(super) description: String,
    pub(super) options: EncodeOptions,
    pub(super) layers: Vec<Layer>,
}

/// All cases, those of the forced encodings last.
pub(super) fn all() -> Vec<Case> {
    let case = |name: &str, description: &str, options: EncodeOptions, layers| Case {
        name: name.into(),
        description: description.into(),
        options,
        layers,
    };
    let fast = || EncodeOptions::new(Profile::Fast);
    let small = || EncodeOptions::new(Profile::Small);
    let statistics = || EncodeOptions { statistics: true, ..fast() };
    let vertices = |encoding| EncodeOptions { vertices: Some(encoding), ..fast() };
    let mut cases = vec![
        case("empty", "A tile without layers: three bytes.", small(), vec![]),
        case(
            "empty-layers",
            "Layers without features: one with nothing, one with columns and odd numbers, and two of one name.",
            statistics(),
            empty_layers(),
        ),
        case(
            "points",
            "Points of interest as most tiles have them: ids, classes, names, ranks.",
            small(),
            vec![points()],
        ),
        case(
            "lines",
            "Roads: lines and multi-lines, the first vertices apart from the others.",
            fast(),
            vec![lines()],
        ),
        case(
            "polygons",
            "Polygons with holes, of several parts, and a ring of two vertices.",
            fast(),
            vec![polygons()],
        ),
        case("mixed-geometries", "Every type of geometry in one layer.", fast(), vec![mixed_geometries()]),
        case("triangles", "Polygons with their triangles, and a layer that has none.", fast(), triangles()),
        #[cfg(feature = "triangles")]
        case(
            "tessellated",
            "What the encoder makes of polygons that are to have triangles: with holes, of several parts, a ring of \
             two vertices; lines beside them.",
            EncodeOptions { triangles: true, ..fast() },
            vec![polygons(), mixed_geometries()],
        ),
        #[cfg(feature = "triangles")]
        case(
            "plain-vertices",
            "Vertices and triangles as a GPU takes them: of two bytes, and of four where one lies far away.",
            EncodeOptions { triangles: true, ..vertices(VertexEncoding::Plain) },
            vec![polygons(), coordinates()],
        ),
        case(
            "ice",
            "Neighbouring areas, whose distinct vertices stand along a Hilbert curve.",
            vertices(VertexEncoding::Ice),
            vec![grid()],
        ),
        case(
            "packed-references",
            "Neighbouring areas on a coarse grid, whose borders are copied, and roads.",
            vertices(VertexEncoding::PackedReferences),
            vec![grid(), lines()],
        ),
        case(
            "hilbert",
            "Points along a Hilbert curve, as their places on it; a multi-point among them.",
            EncodeOptions { sort: Sort::Hilbert, ..small() },
            vec![scattered()],
        ),
        case(
            "compact",
            "A small tile as one: roads and their names, which run along them, points, a layer of nothing.",
            EncodeOptions { compact: Some(true), ..small() },
            vec![lines(), road_labels(), points(), build("nothing", |_| Ok(()))],
        ),
        case(
            "overture",
            "Ids that are hashes of a text, with one that is not and one that is missing; strings of one form in a \
             dictionary that the next layer borrows; maps whose values stand key by key.",
            EncodeOptions { statistics: true, ..small() },
            overture::layers(),
        ),
        case(
            "overture-fast",
            "The same, with its directory first and texts by themselves.",
            statistics(),
            overture::layers(),
        ),
        case("commands", "Geometries that are none, kept as the integers of MVT.", fast(), vec![commands()]),
        case(
            "coordinates",
            "The farthest vertices there are, one after the other.",
            vertices(VertexEncoding::Delta),
            vec![coordinates()],
        ),
        case(
            "values",
            "The extremes of every type of value, NaNs of several bits among them.",
            fast(),
            vec![values()],
        ),
        case(
            "floats",
            "Floating point numbers as decimals, some with exceptions, and doubles that are singles.",
            small(),
            vec![floats()],
        ),
        case(
            "gaps",
            "Features without ids and without values: some, all but one, all.",
            fast(),
            vec![gaps()],
        ),
        case(
            "mixed-types",
            "One key whose values are of every type: a column for each type.",
            fast(),
            vec![mixed_types()],
        ),
        case(
            "duplicate-keys",
            "A feature that has one key several times, with the same value and others.",
            fast(),
            vec![duplicate_keys()],
        ),
        case(
            "shared-dictionary",
            "Names in several languages, mostly the same, in one dictionary; and one without.",
            small(),
            vec![names()],
        ),
        case(
            "tokens",
            "Places whose values are the same as in other columns, go with those of others, or are new.",
            small(),
            vec![places()],
        ),
        case(
            "odd-strings",
            "Strings nobody expects, as values, as keys, and as the name of the layer.",
            fast(),
            vec![odd_strings()],
        ),
        case(
            "statistics",
            "Statistics of every type; no bounds where there is a NaN, a long string or no value.",
            EncodeOptions { force: Force { ints: None, bytes: Some(ByteEncoding::Plain) }, ..statistics() },
            vec![values(), gaps(), points()],
        ),
        case(
            "nested",
            "Roads with lanes, access rules and names: lists of structs, a map, lists of lists, gaps everywhere.",
            fast(),
            vec![nested()],
        ),
        case(
            "nested-names",
            "Names as maps beside plain ones, which share a dictionary; and structs without fields.",
            small(),
            vec![nested_names()],
        ),
        case(
            "measures",
            "Speeds, surfaces and heights at the vertices of lines, a polygon and points; some features have none.",
            fast(),
            vec![measures()],
        ),
        case(
            "measures-ice",
            "The same with distinct vertices along a Hilbert curve, which the values do not follow.",
            vertices(VertexEncoding::Ice),
            vec![measures()],
        ),
        case(
            "compressed-directory",
            "So many columns of so similar names that the directory is compressed.",
            small(),
            vec![many_columns()],
        ),
    ];
    for (index, &ints) in IntEncoding::ALL.iter().enumerate() {
        let bytes = ByteEncoding::ALL[index % ByteEncoding::ALL.len()];
        let vertices = VertexEncoding::ALL[index % VertexEncoding::ALL.len()];
        cases.push(Case {
            name: format!("forced-{}", ints.name().replace(' ', "-")),
            description: format!(
                "Every stream of integers as {}, every stream of bytes as {}, as far as they fit; vertices as {}.",
                ints.name(),
                bytes.name(),
                vertices.name()
            ),
            options: EncodeOptions {
                vertices: Some(vertices),
                force: Force { ints: Some(ints), bytes: Some(bytes) },
                ..fast()
            },
            layers: vec![a_bit_of_everything()],
        });
    }
    cases
}

/// A layer whose features `feature` adds, which must fit.
pub(super) fn build(name: &str, features: impl FnOnce(&mut LayerBuilder) -> crate::Result<()>) -> Layer {
    let mut layer = LayerBuilder::new(name);
    features(&mut layer).and_then(|()| layer.finish()).expect("a layer that fits")
}

/// A layer of points, `rows` in all, with these columns.
fn table(name: &str, rows: usize, ids: Option<Ids>, columns: Vec<Column>) -> Layer {
    let mut geometry = GeometryBuilder::default();
    for row in 0..rows as i32 {
        geometry.point(16 * row, 4096 - 16 * row);
    }
    Layer::try_new(name, 4096, 2, ids, geometry.finish().expect("few vertices"), columns)
        .expect("even columns")
}

fn column(name: &str, values: Values, present: Option<&[bool]>) -> Column {
    Column::try_new(name, values, present.map(NullBuffer::from)).expect("a bit per value")
}

fn empty_layers() -> Vec<Layer> {
    let odd = Layer::try_new(
        "odd",
        u32::MAX,
        0,
        Some(Ids { values: vec![].into(), nulls: None }),
        GeometryBuilder::default().finish().expect("no vertices"),
        vec![
            column("a", Values::UInt(vec![].into()), None),
            column("b", Values::String(Strings::Plain(Utf8::from_iter([""; 0]))), None),
        ],
    );
    let named = |version| LayerBuilder::new("twice").with_version(version).with_extent(0).finish();
    vec![
        LayerBuilder::new("nothing").finish().expect("a layer"),
        odd.expect("even columns"),
        named(1).expect("a layer"),
        named(u32::MAX).expect("a layer"),
    ]
}

fn points() -> Layer {
    const PLACES: [(&str, &str, u64); 12] = [
        ("Vaduz", "town", 2),
        ("Schaan", "village", 9),
        ("Planken", "village", 11),
        ("Triesen", "village", 9),
        ("Balzers", "village", 9),
        ("Mäls", "hamlet", 13),
        ("Triesenberg", "village", 10),
        ("Malbun", "hamlet", 12),
        ("Eschen", "village", 9),
        ("Nendeln", "village", 11),
        ("Mauren", "village", 9),
        ("Ruggell", "village", 10),
    ];
    build("place", |layer| {
        for (row, (name, class, rank)) in (0i32..).zip(PLACES) {
            layer.feature(Some(3_000_000 + 10 * row as u64), |geometry| {
                Ok(geometry.point(100 + 300 * row, 4000 - 37 * row * row))
            })?;
            layer.property("class", Value::String(class))?;
            layer.property("name", Value::String(name))?;
            layer.property("rank", Value::UInt(rank))?;
        }
        Ok(())
    })
}

fn lines() -> Layer {
    build("transportation", |layer| {
        layer.feature(None, |geometry| geometry.line_string(&[[0, 10], [40, 12], [90, 12]]))?;
        layer.property("class", Value::String("primary"))?;
        layer.feature(None, |geometry| {
            geometry.multi_line_string(&[&[[90, 12], [95, 20]], &[[300, 10], [310, 12], [320, 10]]])
        })?;
        layer.property("class", Value::String("primary"))?;
        layer.property("oneway", Value::Bool(true))?;
        // Not moving is allowed, and so is one part alone.
        layer.feature(None, |geometry| geometry.line_string(&[[5, 5], [5, 5]]))?;
        layer.feature(None, |geometry| geometry.multi_line_string(&[&[[-64, 4160], [4160, -64]]]))?;
        layer.property("class", Value::String("track"))?;
        layer.property("oneway", Value::Bool(false))?;
        Ok(())
    })
}

/// The names of some of [`lines`], which stand along them.
fn road_labels() -> Layer {
    build("transportation_name", |layer| {
        layer.feature(None, |geometry| geometry.line_string(&[[90, 12], [40, 12], [0, 10]]))?;
        layer.property("name", Value::String("Landstrasse"))?;
        layer.feature(None, |geometry| geometry.line_string(&[[300, 10], [310, 12], [320, 10]]))?;
        layer.property("name", Value::String("Landstrasse"))?;
        layer.property("class", Value::String("primary"))?;
        Ok(())
    })
}

/// Class and subclass go together, most names are the same in both languages, ranks are any.
fn places() -> Layer {
    const CLASSES: [(&str, &str); 5] =
        [("shop", "bakery"), ("food", "restaurant"), ("shop", "books"), ("food", "cafe"), ("bus", "bus")];
    build("poi", |layer| {
        for number in 0..120u32 {
            let any = number * number * 7 + number * 31;
            let (class, subclass) = CLASSES[any as usize % 13 % 5];
            let name = format!("{subclass} at number {number}");
            layer.feature(None, |geometry| Ok(geometry.point(any as i32 % 4096, any as i32 % 999)))?;
            layer.property("class", Value::String(class))?;
            layer.property("subclass", Value::String(subclass))?;
            if any % 5 > 0 {
                layer.property("name", Value::String(&name))?;
                let other = if any % 11 == 0 { "Laden" } else { &name };
                layer.property("name:de", Value::String(other))?;
            }
            layer.property("rank", Value::UInt((any % 977).into()))?;
            if class == "bus" {
                layer.property("level", Value::Int(i64::from(any % 3) - 1))?;
            }
        }
        Ok(())
    })
}

/// The corners of a square.
fn square(x: i32, y: i32, side: i32) -> [[i32; 2]; 4] {
    [[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
}

/// The same the other way round, for a hole.
fn hole(x: i32, y: i32, side: i32) -> [[i32; 2]; 4] {
    let [a, b, c, d] = square(x, y, side);
    [a, d, c, b]
}

fn polygons() -> Layer {
    build("landuse", |layer| {
        layer.feature(Some(1), |geometry| geometry.polygon(&[&square(0, 0, 100)]))?;
        layer.feature(Some(2), |geometry| {
            geometry.polygon(&[&square(200, 0, 100), &hole(210, 10, 20), &hole(250, 10, 20)])
        })?;
        layer.feature(Some(3), |geometry| {
            geometry.multi_polygon(&[
                &[&square(0, 200, 50)],
                &[&square(100, 200, 50), &hole(110, 210, 20)],
                &[&square(200, 200, 50)],
            ])
        })?;
        layer.feature(Some(4), |geometry| geometry.polygon(&[&[[7, 7], [8, 8]]]))?;
        Ok(())
    })
}

fn mixed_geometries() -> Layer {
    build("all", |layer| {
        layer.feature(Some(0), |geometry| Ok(geometry.point(25, 17)))?;
        layer.feature(Some(1), |geometry| geometry.multi_point(&[[5, 7], [3, 2]]))?;
        layer.feature(Some(2), |geometry| Ok(geometry.commands(3, &[9, 0, 0])))?;
        layer.feature(Some(3), |geometry| {
            geometry.multi_polygon(&[&[&square(0, 0, 9)], &[&square(9, 9, 9)]])
        })?;
        layer.feature(Some(4), |geometry| geometry.line_string(&[[2, 2], [2, 10], [10, 10]]))?;
        layer.feature(Some(5), |geometry| geometry.polygon(&[&square(11, 11, 9), &hole(12, 12, 3)]))?;
        layer.feature(Some(6), |geometry| {
            geometry.multi_line_string(&[&[[1, 1], [3, 5]], &[[2, 2], [0, 0]]])
        })?;
        layer.feature(Some(7), |geometry| Ok(geometry.point(1, 1)))?;
        Ok(())
    })
}

fn triangles() -> Vec<Layer> {
    let with = |layer: Layer, indices: Vec<u32>| {
        let geometry = layer.geometry().clone().with_indices(indices.into()).expect("whole triangles");
        Layer::try_new(layer.name(), 4096, 2, None, geometry, vec![]).expect("even columns")
    };
    let two = build("building", |layer| {
        layer.feature(None, |geometry| geometry.polygon(&[&square(0, 0, 10)]))?;
        layer.feature(None, |geometry| geometry.polygon(&[&square(20, 0, 10)]))?;
        Ok(())
    });
    let none = LayerBuilder::new("no buildings").finish().expect("a layer");
    vec![with(two, vec![0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7]), with(none, vec![])]
}

/// Squares side by side: each inner corner belongs to four of them.
fn grid() -> Layer {
    build("district", |layer| {
        for place in 0..16 {
            let (x, y) = (place % 4 * 256, place / 4 * 256);
            layer.feature(None, |geometry| geometry.polygon(&[&square(x, y, 256)]))?;
        }
        Ok(())
    })
}

fn commands() -> Layer {
    build("broken", |layer| {
        // No geometry at all, of a known and of an unknown type.
        layer.feature(Some(1), |geometry| Ok(geometry.commands(1, &[])))?;
        layer.feature(Some(2), |geometry| Ok(geometry.commands(u32::MAX, &[])))?;
        // A line of one vertex, an open ring, an unknown command.
        layer.feature(Some(3), |geometry| Ok(geometry.commands(2, &[9, 4, 4])))?;
        layer.feature(Some(4), |geometry| Ok(geometry.commands(3, &[9, 0, 0, 18, 8, 0, 0, 8])))?;
        layer.feature(Some(5), |geometry| Ok(geometry.commands(0, &[u32::MAX, 5])))?;
        Ok(())
    })
}

fn coordinates() -> Layer {
    const FAR: [i32; 5] = [i32::MIN, i32::MAX, 0, -1, 1 << 30];
    build("far", |layer| {
        for x in FAR {
            layer.feature(None, |geometry| geometry.multi_point(&FAR.map(|y| [x, y])))?;
        }
        Ok(())
    })
}

fn values() -> Layer {
    let doubles = [
        0.0,
        -0.0,
        0.1,
        -1.5,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        f64::from_bits(0xfff0_dead_beef_0001),
    ];
    let mut floats = doubles.map(|double| double as f32);
    floats[9] = f32::from_bits(0xffa0_0001);
    let ints = [0, 1, -1, 63, -64, i64::MAX, i64::MIN, 1 << 53, -(1 << 53) - 1, 300];
    let uints = ints.map(|int| int as u64);
    let bools: BooleanBuffer = (0..10).map(|row| row % 3 == 0).collect();
    let strings = Utf8::from_iter((0..10).map(|row| "abcdefghij"[row..].to_owned()));
    let ids = Ids { values: uints.to_vec().into(), nulls: None };
    let columns = vec![
        column("bool", Values::Bool(bools), None),
        column("int", Values::Int(ints.to_vec().into()), None),
        column("uint", Values::UInt(uints.to_vec().into()), None),
        column("sint", Values::SInt(ints.to_vec().into()), None),
        column("float", Values::Float(floats.to_vec().into()), None),
        column("double", Values::Double(doubles.to_vec().into()), None),
        column(
            "number",
            Values::Double(doubles.map(|value| value.clamp(-1e9, 1e9).max(-7.0)).to_vec().into()),
            None,
        ),
        column("string", Values::String(Strings::Plain(strings)), None),
    ];
    table("values", 10, Some(ids), columns)
}

fn gaps() -> Layer {
    let rows = 11;
    let some: Vec<bool> = (0..rows).map(|row| row % 4 != 1).collect();
    let one: Vec<bool> = (0..rows).map(|row| row == 9).collect();
    let none = vec![false; rows];
    let numbers = || (0..rows as i64).map(|row| row * row - 20);
    let dictionary =
        Arc::new(Utf8::from_iter(["grass", "wood", "water, but of a name that is too long to be a bound"]));
    let coded = |name, present: &[bool], modulus| {
        let keys: Vec<u32> = (0..rows as u32).map(|row| row % modulus).collect();
        let strings = Strings::Dictionary { keys: keys.into(), dictionary: Arc::clone(&dictionary) };
        column(name, Values::String(strings), Some(present))
    };
    let mut columns = Vec::new();
    for (what, present) in [("some", &some), ("one", &one), ("none", &none)] {
        columns.extend([
            column(
                &format!("bool:{what}"),
                Values::Bool((0..rows).map(|row| row > 4).collect()),
                Some(present),
            ),
            column(&format!("int:{what}"), Values::Int(numbers().collect::<Vec<_>>().into()), Some(present)),
            column(
                &format!("uint:{what}"),
                Values::UInt(numbers().map(|n| n as u64).collect::<Vec<_>>().into()),
                Some(present),
            ),
            column(
                &format!("sint:{what}"),
                Values::SInt(numbers().collect::<Vec<_>>().into()),
                Some(present),
            ),
            column(
                &format!("float:{what}"),
                Values::Float(numbers().map(|n| n as f32 / 4.0).collect::<Vec<_>>().into()),
                Some(present),
            ),
            column(
                &format!("double:{what}"),
                Values::Double(numbers().map(|n| n as f64 / 10.0).collect::<Vec<_>>().into()),
                Some(present),
            ),
            column(
                &format!("string:{what}"),
                Values::String(Strings::Plain(numbers().map(|n| n.to_string()).collect())),
                Some(present),
            ),
        ]);
    }
    columns.push(coded("class", &some, 2));
    columns.push(coded("subclass", &some, 3));
    columns.push(coded("alone", &one, 1));
    let ids = Ids {
        values: (100..100 + rows as u64).collect::<Vec<_>>().into(),
        nulls: Some(some.as_slice().into()),
    };
    table("gaps", rows, Some(ids), columns)
}

fn mixed_types() -> Layer {
    const HEIGHTS: [Value; 8] = [
        Value::Int(12),
        Value::String("12 m"),
        Value::Double(12.5),
        Value::Float(12.5),
        Value::UInt(12),
        Value::SInt(-12),
        Value::Bool(true),
        Value::Int(13),
    ];
    build("building", |layer| {
        for (row, height) in (0i32..).zip(HEIGHTS) {
            layer.feature(None, |geometry| Ok(geometry.point(row, row)))?;
            layer.property("height", height)?;
        }
        Ok(())
    })
}

fn duplicate_keys() -> Layer {
    build("twice", |layer| {
        layer.feature(None, |geometry| Ok(geometry.point(1, 1)))?;
        for value in [Value::UInt(1), Value::UInt(1), Value::UInt(2), Value::String("1")] {
            layer.property("key", value)?;
        }
        layer.feature(None, |geometry| Ok(geometry.point(2, 2)))?;
        layer.property("other", Value::Bool(false))?;
        layer.property("key", Value::UInt(3))?;
        Ok(())
    })
}

fn names() -> Layer {
    const NAMES: [[&str; 4]; 8] = [
        ["Wien", "Vienna", "Wien", "ウィーン"],
        ["Zürich", "Zurich", "Zürich", "チューリッヒ"],
        ["Bern", "Bern", "Bern", "ベルン"],
        ["Genève", "Geneva", "Genf", "ジュネーヴ"],
        ["Vaduz", "Vaduz", "Vaduz", ""],
        ["Praha", "Prague", "Prag", "プラハ"],
        ["Graz", "Graz", "Graz", "グラーツ"],
        ["Linz", "Linz", "Linz", ""],
    ];
    build("place", |layer| {
        for (row, [name, english, german, japanese]) in (0i32..).zip(NAMES) {
            layer.feature(None, |geometry| Ok(geometry.point(row * 8, row * 8)))?;
            layer.property("name", Value::String(name))?;
            layer.property("name:en", Value::String(english))?;
            layer.property("name:de", Value::String(german))?;
            if !japanese.is_empty() {
                layer.property("name:ja", Value::String(japanese))?;
            }
        }
        Ok(())
    })
}

fn odd_strings() -> Layer {
    const ODD: [&str; 10] =
        ["", " ", "\0", "\u{feff}", "a\nb", "e\u{301}", "é", "👩‍🌾🇱🇮", "\u{10ffff}", "ال\u{200f}"];
    build("\u{202e}\"\\", |layer| {
        for (row, odd) in (0i32..).zip(ODD) {
            layer.feature(None, |geometry| Ok(geometry.point(row, 0)))?;
            layer.property("", Value::String(odd))?;
            layer.property(odd, Value::Bool(true))?;
        }
        Ok(())
    })
}

fn many_columns() -> Layer {
    build("wide", |layer| {
        layer.feature(None, |geometry| Ok(geometry.point(0, 0)))?;
        for number in 0..40 {
            layer.property(&format!("the_measurement_number_{number}"), Value::UInt(number % 3))?;
        }
        Ok(())
    })
}

/// Streams of integers of both widths and of bytes, long enough that every encoding has something
/// to do, and such that are constant.
fn scattered() -> Layer {
    build("scattered", |layer| {
        for row in 0..80 {
            let [x, y] = [row * 1973 % 4111, row * 3571 % 4201 - 50];
            layer.feature(None, |geometry| match row % 40 {
                7 => geometry.multi_point(&[[x, y], [x + 1, y + 1]]),
                _ => Ok(geometry.point(x, y)),
            })?;
        }
        Ok(())
    })
}

fn floats() -> Layer {
    const ROWS: usize = 60;
    let doubles = |number: fn(f64) -> f64| {
        let numbers: Vec<f64> = (0..ROWS).map(|row| number(row as f64)).collect();
        Values::Double(numbers.into())
    };
    let singles: Vec<f32> = (0..ROWS).map(|row| (row * 37 % 90) as f32 / 10.0).collect();
    let odd = |row: f64| [f64::NAN, -0.0, 1.0 / 3.0, row / 100.0 - 0.2][(row as usize % 20).min(3)];
    table(
        "floats",
        ROWS,
        None,
        vec![
            column("price", doubles(|row| (row * 173.0 % 97.0 + 1.0) / 100.0), None),
            column("odd", doubles(odd), None),
            column("single", doubles(|row| f64::from((row as f32 + 1.0) / 7.0)), None),
            column("elevation", Values::Float(singles.into()), None),
        ],
    )
}

fn a_bit_of_everything() -> Layer {
    const CLASSES: [&str; 3] = ["residential", "service", "track"];
    build("everything", |layer| {
        for row in 0..18 {
            let x = 40 * row as i32;
            layer.feature(Some(500 + row / 2), |geometry| match row % 3 {
                0 => geometry.line_string(&[[x, 0], [x, 9], [x + 8, 9]]),
                1 => geometry.polygon(&[&square(x, 0, 8)]),
                _ => geometry.multi_line_string(&[&[[x, 5], [x, 9]], &[[x, 9], [x + 8, 9], [x, 5]]]),
            })?;
            layer.property("class", Value::String(CLASSES[row as usize / 6]))?;
            layer.property("name", Value::String(&format!("{} street", row * 7)))?;
            layer.property("bridge", Value::Bool(row % 5 == 0))?;
            layer.property("level", Value::Int(if row == 11 { -70_000 } else { row as i64 % 4 - 1 }))?;
            layer.property("width", Value::Float(row as f32 / 2.0))?;
            layer.property("lanes", Value::UInt(2))?;
            layer.property("toll", Value::Bool(false))?;
            layer.property("speed", Value::Float(50.0))?;
            if row % 6 != 2 {
                layer.property("height", Value::Double(row as f64 / 10.0))?;
            }
        }
        Ok(())
    })
}

/// A string as an item.
fn text(text: &str) -> Item<'_> {
    Item::Value(Value::String(text))
}

fn nested() -> Layer {
    use Item::{List, Map, Null, Struct};
    let double = |value| Item::Value(Value::Double(value));
    let uint = |value| Item::Value(Value::UInt(value));
    let bool = |value| Item::Value(Value::Bool(value));
    let lane = |direction: &'static str, width, rules: Item<'static>| {
        Struct(vec![("direction", text(direction)), ("width", width), ("rules", rules)])
    };
    let rule = |kind: &'static str, between: [f64; 2]| {
        Struct(vec![("kind", text(kind)), ("between", List(between.map(double).to_vec()))])
    };
    let grid = |rows: &[&[u64]]| {
        List(rows.iter().map(|row| List(row.iter().map(|&value| uint(value)).collect())).collect())
    };
    build("segments", |layer| {
        for row in 0..12 {
            layer.feature(Some(100 + row), |geometry| {
                geometry.line_string(&[[row as i32 * 10, 5], [row as i32 * 10 + 8, 40]])
            })?;
            let lanes = match row % 4 {
                0 => List(vec![
                    lane("forward", double(3.5), Null),
                    lane("backward", Null, List(vec![rule("bus", [0.0, 0.5]), rule("hov", [0.5, 1.0])])),
                ]),
                1 => List(vec![]),
                2 => Null,
                _ => List(vec![Null, lane("forward", double(3.25), List(vec![])), Struct(vec![])]),
            };
            layer.nested("lanes", &lanes)?;
            let names = match row % 3 {
                0 => Map(vec![(text("de"), text("Hauptstrasse")), (text("fr"), text("Rue principale"))]),
                1 => Map(vec![(text("it"), Null)]),
                _ => Map(vec![]),
            };
            layer.nested("names", &Struct(vec![("primary", text("Via Roma")), ("common", names)]))?;
            if row % 5 == 0 {
                layer.nested("grid", &grid(&[&[row, row + 1], &[], &[7]]))?;
                layer.nested("ranks", &Map(vec![(uint(row), bool(true)), (uint(row + 1), bool(row > 0))]))?;
            }
            if row == 7 {
                // Not the types of the column before: a further one.
                layer.nested("grid", &List(vec![text("none")]))?;
            }
        }
        Ok(())
    })
}

fn nested_names() -> Layer {
    let towns = [("Genf", "Genève", "Ginevra"), ("Basel", "Bâle", "Basilea"), ("Chur", "Coire", "Coira")];
    build("place", |layer| {
        for row in 0..48_usize {
            let (de, fr, it) = towns[row % 3];
            layer.feature(None, |geometry| Ok(geometry.point(row as i32 * 7, 1000 - row as i32)))?;
            layer.property("name", Value::String(de))?;
            let mut names = vec![(text("de"), text(de)), (text("fr"), text(fr)), (text("it"), text(it))];
            names.truncate(1 + row % 4);
            layer.nested("names", &Item::Map(names))?;
            if row % 2 == 0 {
                layer.nested("flags", &Item::Struct(vec![]))?;
            }
        }
        Ok(())
    })
}

fn measures() -> Layer {
    use Value::{Bool, Double, Float, Int, UInt};
    build("tracks", |layer| {
        layer.height_grid(0.25, -100.0)?;
        for row in 0..6 {
            let x = row * 20;
            layer.feature(None, |geometry| geometry.line_string(&[[x, 0], [x + 10, 5], [x + 20, 0]]))?;
            let speeds = [30, 50, 30 + row as u64].map(UInt);
            layer.measure("speed", &speeds)?;
            if row != 3 {
                layer.heights(&[-100.0, 12.5, 13.1 + f64::from(row)])?;
                layer.measure("surface", &["asphalt", "gravel", "asphalt"].map(Value::String))?;
            }
            if row == 4 {
                layer.measure("lit", &[Bool(true), Bool(false), Bool(true)])?;
                layer.measure("speed", &[Float(0.5), Float(1.5), Float(f32::NAN)])?;
            }
        }
        layer.feature(None, |geometry| {
            geometry.polygon(&[&[[0, 0], [8, 0], [8, 8]], &[[2, 1], [5, 1], [5, 4]]])
        })?;
        layer.measure("time", &[Int(-3), Int(1), Int(2), Int(5), Int(6), Int(9)])?;
        layer.measure("depth", &[0.0, 0.1, 0.2, 0.3, 0.4, 0.5].map(Double))?;
        layer.feature(None, |geometry| Ok(geometry.commands(2, &[9, 4, 4])))?;
        layer.feature(None, |geometry| geometry.multi_point(&[[0, 0], [7, 7]]))?;
        layer.measure("speed", &[UInt(1), UInt(2)])?;
        Ok(())
    })
}
