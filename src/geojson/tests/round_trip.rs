//! From tiles to GeoJSON and back, and from GeoJSON to tiles and back.

use super::*;
use crate::column::Value;
use crate::geometry::builder::GeometryBuilder;
use crate::testing::generate::roads;
use crate::testing::{Random, check};
use crate::tile::builder::LayerBuilder;

/// Keeps all that a tile holds.
fn whole() -> Options {
    Options { buffer: 4096, maps: vec!["names.common".into()], ..Options::default() }
}

fn point(random: &mut Random) -> [i32; 2] {
    [random.within(-60, 4150), random.within(-60, 4150)]
}

/// A ring that turns clockwise as seen, or the other way.
fn ring(random: &mut Random, clockwise: bool) -> Vec<[i32; 2]> {
    let ([x, y], side) = (point(random), random.within(1, 90));
    let ring = [[x, y], [x + side, y], [x + side + 3, y + side], [x, y + side + 1]];
    if clockwise { ring.to_vec() } else { ring.into_iter().rev().collect() }
}

fn geometry<'a>(random: &mut Random, out: &'a mut GeometryBuilder) -> Result<&'a mut GeometryBuilder> {
    let points = |random: &mut Random| (0..2 + random.index(5)).map(|_| point(random)).collect::<Vec<_>>();
    match random.below(6) {
        0 => {
            let [x, y] = point(random);
            Ok(out.point(x, y))
        }
        1 => out.multi_point(&points(random)),
        2 => out.line_string(&points(random)),
        3 => out.multi_line_string(&[&points(random), &points(random)]),
        4 => out.polygon(&[&ring(random, true), &ring(random, false)]),
        _ => out.multi_polygon(&[&[&ring(random, true)], &[&ring(random, true), &ring(random, false)]]),
    }
}

/// Every type of geometry, values per vertex of every type that JSON tells apart, and heights.
fn layer(seed: u64) -> Layer {
    let random = &mut Random::from_seed(seed);
    let mut layer = LayerBuilder::new(format!("layer {seed}"));
    for row in 0..40 {
        let mut vertices = 0;
        let id = random.chance(1, 2).then(|| random.any());
        let count = |out: &GeometryBuilder| out.vertices().len() / 2;
        layer
            .feature(id, |out| {
                let before = count(out);
                let out = geometry(random, out)?;
                vertices = count(out) - before;
                Ok(out)
            })
            .unwrap();
        layer.property("number", Value::UInt(row)).unwrap();
        let text = format!("{} \"\\\u{1}ä", random.below(9));
        layer.property("text", Value::String(&text)).unwrap();
        layer.property("share", Value::Double(random.below(1000) as f64 / 8.0)).unwrap();
        if random.chance(1, 2) {
            let metres: Vec<f64> =
                (0..vertices).map(|_| f64::from(random.within(-9999, 99_999)) / 100.0).collect();
            layer.heights(&metres).unwrap();
        }
        if random.chance(1, 2) {
            let times: Vec<Value> = (0..vertices).map(|_| Value::UInt(random.any() >> 8)).collect();
            layer.measure("time", &times).unwrap();
            let speeds: Vec<Value> =
                (0..vertices).map(|_| Value::Double(random.below(900) as f64 / 7.0)).collect();
            layer.measure("speed", &speeds).unwrap();
            let texts: Vec<Value> = (0..vertices).map(|_| Value::String("ab")).collect();
            layer.measure("kind", &texts).unwrap();
            let truths: Vec<Value> = (0..vertices).map(|_| Value::Bool(random.chance(1, 2))).collect();
            layer.measure("lit", &truths).unwrap();
        }
    }
    layer.finish().unwrap()
}

#[test]
fn tiles_come_back() {
    for seed in 0..40 {
        let layer = layer(seed);
        for form in [Form::Collection, Form::Lines] {
            let (text, unwritten) = text(std::slice::from_ref(&layer), form);
            assert_eq!(unwritten, Unwritten::default());
            let (again, report) = build(&text, whole()).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert_eq!((report.features, report.within), (40, 40));
            check::same_layer(&again[0], &layer).unwrap_or_else(|what| panic!("{what}: {text}"));
        }
    }
}

#[test]
fn what_is_nested_comes_back() {
    let layer = roads::layers(14, 3).unwrap().remove(1);
    let (text, _) = text(std::slice::from_ref(&layer), Form::Lines);
    let (again, report) = build(&text, whole()).unwrap();
    assert_eq!((report.as_text.len(), report.within), (0, layer.len() as u64));
    // Fields have the order in which they came up.
    let features = |text: &str| -> Vec<serde_json::Value> {
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    for (again, feature) in features(&super::text(&again, Form::Lines).0).iter().zip(features(&text)) {
        assert_eq!(*again, feature);
    }
    assert_eq!(again[0].geometry(), layer.geometry());
}

#[test]
fn layers_keep_their_names_and_order() {
    let layers = [layer(1), layer(2), layer(3)];
    let (text, _) = text(&layers, Form::Collection);
    let (again, _) = build(&text, whole()).unwrap();
    assert!(again.iter().map(Layer::name).eq(layers.iter().map(Layer::name)));
}

#[test]
fn what_a_tile_holds_and_geojson_cannot_is_told() {
    let mut layer = LayerBuilder::new("l");
    layer.feature(Some(1), |geometry| Ok(geometry.commands(2, &[9, 4]))).unwrap();
    layer.property("a", Value::UInt(1)).unwrap().property("a", Value::UInt(2)).unwrap();
    layer.feature(None, |geometry| geometry.line_string(&[[1, 1], [2, 2]])).unwrap();
    layer.property("b", Value::Float(0.1)).unwrap().property("b", Value::String("x")).unwrap();
    layer.measure("t", &[Value::Double(f64::NAN), Value::Double(1.0)]).unwrap();
    layer.measure("t", &[Value::Int(-3), Value::Int(4)]).unwrap();
    let (text, unwritten) = text(&[layer.finish().unwrap()], Form::Lines);
    assert_eq!((unwritten.geometries, unwritten.repeated), (1, 3));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        r#"{"type":"Feature","id":1,"tippecanoe":{"layer":"l"},"properties":{"a":1},"geometry":null}"#
    );
    assert!(lines[1].contains(r#""properties":{"coordinateProperties":{"t":[null,1.0]},"b":0.1}"#), "{text}");
    let (again, _) = build(lines[1], whole()).unwrap();
    let Some(values) = again[0].measures()[0].get(0, 0..2) else { panic!("no values") };
    assert!(matches!(values[..], [Value::Double(none), Value::Double(one)] if none.is_nan() && one > 0.9));
}

#[test]
fn rings_turn_as_each_format_wants() {
    let ring = "[[9.2,47.0],[9.2,47.1],[9.3,47.1],[9.3,47.0],[9.2,47.0]]";
    let text = |ring: &str| format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#);
    let (clockwise, _) = build(&text(ring), Options::default()).unwrap();
    let turned = "[[9.2,47.0],[9.3,47.0],[9.3,47.1],[9.2,47.1],[9.2,47.0]]";
    let (counter, _) = build(&text(turned), Options::default()).unwrap();
    assert_eq!(clockwise, counter);
    assert_eq!(crate::geometry::turn::turn(clockwise[0].geometry().ring(0)), -1);
    let (out, _) = super::text(&clockwise, Form::Lines);
    let positions = &features(&out).unwrap()[0].geometries[0].positions;
    assert_eq!(positions.len(), 5);
    let near = |a: [f64; 2], b: [f64; 2]| (0..2).all(|axis| (a[axis] - b[axis]).abs() < 1e-3);
    assert!(near(positions[1], [9.3, 47.0]) && near(positions[4], positions[0]), "{out}");
}

#[test]
fn vertices_at_cuts_have_values_between() {
    // From the tile's middle to beyond its eastern side, in the middle of which it is cut.
    let east = Projection::new(tile(), 4096).to_degrees([4096.0 + 64.0 + 2112.0, 2048.0])[0];
    let middle = Projection::new(tile(), 4096).to_degrees([2048.0, 2048.0]);
    let text = format!(
        r#"{{"type": "Feature", "geometry": {{"type": "LineString",
            "coordinates": [[{}, {}, 100], [{east}, {}, 200]]}}, "properties": {{"coordinateProperties":
            {{"time": [1000, 2001], "speed": [1.5, 2.5], "kind": ["a", "b"]}}}}}}"#,
        middle[0], middle[1], middle[1]
    );
    let (layers, _) = build(&text, Options::default()).unwrap();
    let layer = &layers[0];
    assert_eq!(&layer.geometry().vertices()[..], [2048, 2048, 4160, 2048]);
    let heights = layer.heights().unwrap();
    assert_eq!(&heights.values[..], [10_000, 15_000]);
    let values = |at: usize| layer.measures()[at].get(0, 1..2).unwrap()[0];
    assert!(matches!(values(0), Value::UInt(1500 | 1501)), "{:?}", values(0));
    assert!(matches!(values(1), Value::Double(value) if (value - 2.0).abs() < 1e-9));
    assert!(matches!(values(2), Value::String(_)));
}

#[test]
fn nothing_is_simplified_unless_asked() {
    let grid = Projection::new(tile(), 4096);
    let at = |x: f64| grid.to_degrees([2000.0 + x, 2000.0]);
    // All but the last fall on the same place of the grid, or between their neighbours.
    let places: Vec<String> =
        [0.0, 0.1, 0.2, 10.0, 20.0].iter().map(|&x| format!("[{},{}]", at(x)[0], at(x)[1])).collect();
    let text = format!(
        r#"{{"type":"LineString","coordinates":[{}]}} {{"type":"LineString","coordinates":[{}]}}"#,
        places.join(","),
        places[..3].join(",")
    );
    let (layers, _) = build(&text, Options::default()).unwrap();
    assert_eq!((layers[0].len(), layers[0].geometry().vertices().len() / 2), (2, 8));
    let (layers, report) = build(&text, Options { simplify: Some(1.0), ..Options::default() }).unwrap();
    assert_eq!((layers[0].len(), layers[0].geometry().vertices().len() / 2), (1, 2));
    assert_eq!((report.features, report.within), (2, 1));
}

#[test]
fn heights_lie_on_the_grid_asked_for() {
    let text = r#"{"type": "Point", "coordinates": [9.2, 47.1, 455.26]}"#;
    for (scale, offset, expected) in [(0.01, 0.0, "455.26"), (0.5, 0.1, "455.1"), (10.0, 0.0, "460")] {
        let heights = crate::Grid { scale, offset };
        let (layers, _) = build(text, Options { heights, ..Options::default() }).unwrap();
        let (out, _) = super::text(&layers, Form::Lines);
        assert!(out.contains(&format!(",{expected}]}}")), "{out}");
    }
}

#[test]
fn closing_positions_may_have_values_of_their_own_which_are_told() {
    let text = |last: u32| {
        format!(
            r#"{{"type": "Feature", "properties": {{"coordinateProperties": {{"t": [[1, 2, 3, {last}]]}}}},
            "geometry": {{"type": "Polygon", "coordinates": [[[9.2, 47], [9.3, 47], [9.3, 47.1], [9.2, 47]]]}}}}"#
        )
    };
    assert_eq!(build(&text(1), Options::default()).unwrap().1.closing_values, 0);
    let (layers, report) = build(&text(4), Options::default()).unwrap();
    assert_eq!(report.closing_values, 1);
    assert!(properties(&layers)[0].contains("[[1,2,3,1]]"), "{:?}", properties(&layers));
}
