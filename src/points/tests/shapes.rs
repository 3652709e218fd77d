//! Lines and polygons.

use std::fs;

use super::query;
use crate::coord::TileCoord;
use crate::geometry::GeometryType;
use crate::points::{Answer, Cancel, Dataset, LoadOptions};
use crate::tile::layer::Layer;

const LINES: &str = r#"
{"type":"Feature","properties":{"n":1},"geometry":{"type":"Polygon","coordinates":[[[-90,-60],[90,-60],[90,60],[-90,60],[-90,-60]],[[-10,-10],[-10,10],[10,10],[10,-10],[-10,-10]]]}}
{"type":"Feature","properties":{"n":2},"geometry":{"type":"LineString","coordinates":[[-170,1],[170,1]]}}
{"type":"Feature","properties":{"n":3},"geometry":{"type":"MultiPoint","coordinates":[[8.54,47.37],[-122.4,37.8]]}}
{"type":"Feature","properties":{"n":4},"geometry":{"type":"Point","coordinates":[8.54,47.37]}}
{"type":"Feature","properties":{"n":5},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}}
{"type":"Feature","properties":{"n":6},"geometry":{"type":"MultiPolygon","coordinates":[[[[100,10],[110,10],[110,20],[100,10]]],[[[120,10],[121,10],[121,11],[120,10]]]]}}
{"type":"Feature","properties":{"n":7},"geometry":{"type":"GeometryCollection","geometries":[]}}
"#;

fn load(text: &str) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shapes.geojsonl");
    fs::write(&path, text).unwrap();
    let (dataset, report) = Dataset::load(&path, &LoadOptions::default(), &|_| ()).unwrap();
    assert_eq!((report.rows, report.bad), (5, 2), "{:?}", report.examples);
    dataset
}

fn answer(dataset: &Dataset, [z, x, y]: [u32; 3], pairs: &[(&str, &str)]) -> Answer {
    let tile = TileCoord::new(z as u8, x, y).unwrap();
    dataset.tile(tile, &query(dataset, pairs), &Cancel::new()).unwrap()
}

/// The property n of each feature, with its type and vertices.
fn shown(answer: &Answer) -> Vec<(i64, GeometryType, Vec<i32>)> {
    let shown = |layer: &Layer| {
        let feature = |feature| {
            let n = match layer.column("n").unwrap().get(feature) {
                Some(crate::Value::Int(n)) => n,
                other => panic!("{other:?}"),
            };
            let vertices = layer.geometry().feature_vertices(feature);
            let vertices = layer.geometry().vertices()[2 * vertices.start..2 * vertices.end].to_vec();
            (n, layer.geometry().geometry_type(feature), vertices)
        };
        let mut all: Vec<_> = (0..layer.len()).map(feature).collect();
        all.sort_by_key(|(n, ..)| *n);
        all
    };
    answer.layers.first().map(shown).unwrap_or_default()
}

#[test]
fn shapes_are_cut_off_around_the_tile() {
    let dataset = load(LINES);
    assert_eq!(dataset.geometry_types().len(), 5);
    let whole = answer(&dataset, [0, 0, 0], &[]);
    assert_eq!((whole.rows, whole.features()), (5, 5));
    let types: Vec<GeometryType> = shown(&whole).into_iter().map(|(_, kind, _)| kind).collect();
    use GeometryType::{LineString, MultiPoint, MultiPolygon, Point, Polygon};
    assert_eq!(types, [Polygon, LineString, MultiPoint, Point, MultiPolygon]);
    // North-west of 0° 0°: a quarter of the polygon, half of the line, one of the two points.
    let quarter = shown(&answer(&dataset, [1, 0, 0], &[("buffer", "0")]));
    let numbers: Vec<i64> = quarter.iter().map(|(n, ..)| *n).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(quarter[1].2[2], 4096);
    assert_eq!((quarter[2].1, quarter[2].2.len()), (Point, 2));
    assert!(quarter[0].2.iter().all(|at| (0..=4096).contains(at)));
    let buffered = shown(&answer(&dataset, [1, 0, 0], &[]));
    assert_eq!(buffered[1].2[2], 4096 + 64);
    // Far within the polygon it covers the tile; within its hole there is nothing.
    let inner = shown(&answer(&dataset, [6, 22, 32], &[("buffer", "0")]));
    assert_eq!(inner[0].2, [4096, 0, 4096, 4096, 0, 4096, 0, 0]);
    assert!(shown(&answer(&dataset, [8, 127, 128], &[("buffer", "0")])).is_empty());
}

#[test]
fn shapes_are_filtered_and_added_up_as_points_are() {
    let dataset = load(LINES);
    let filtered = shown(&answer(&dataset, [0, 0, 0], &[("filter", "n >= 4")]));
    assert_eq!(filtered.iter().map(|(n, ..)| *n).collect::<Vec<_>>(), [4, 6]);
    for z in [0, 1, 4] {
        let mut count = 0;
        for at in 0..1u32 << (2 * z) {
            let tile = [z, at >> z, at & ((1 << z) - 1)];
            count += answer(&dataset, tile, &[("agg", "count,sum:n")]).rows;
        }
        assert_eq!(count, 5);
    }
    let cells = answer(&dataset, [0, 0, 0], &[("limit", "4")]);
    assert!(cells.aggregated && cells.rows == 5);
    let both = answer(&dataset, [2, 2, 1], &[]);
    let (covt, mvt) = (both.to_covt().unwrap(), both.to_mvt().unwrap());
    let again = crate::mvt::from_covt(&covt, &mut crate::Budget::default()).unwrap();
    assert_eq!(crate::mvt::compare(&mvt, &again), Ok(()));
}
