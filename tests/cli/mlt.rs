//! MapLibre Tiles as input.

use crate::support::Place;

/// A block of a layer, in which nothing is as it should be.
const BROKEN: &[u8] = &[2, 1, 0];

#[cfg(not(feature = "mlt"))]
#[test]
fn a_build_without_it_says_so() {
    let place = Place::new();
    place.write("tiles/0/0/0.mlt", BROKEN);
    place.write("a.mlt", BROKEN);
    place.run(["convert", "tiles", "a.mbtiles"]).fails(&["tile 0/0/0", "--features mlt"]);
    place.run(["encode", "a.mlt", "a.covt"]).fails(&["a.mlt", "--features mlt"]);
    place.run(["inspect", "a.mlt"]).fails(&["a.mlt is an MLT tile"]);
    assert_eq!(place.names(), ["a.mlt", "tiles"]);
}

#[cfg(feature = "mlt")]
mod with_the_feature {
    use covt::tileset::gzip;
    use covt::{Budget, LayerBuilder, Value, mvt};
    use mlt_core::encoder::EncoderConfig;

    use super::{BROKEN, Place};

    /// A tile of types that MLT has too.
    fn tile() -> Vec<u8> {
        let mut layer = LayerBuilder::new("things");
        for number in 0..50 {
            let at = |x: i32, y: i32| [x + 40 * number, y + 30 * number];
            let outer = [at(0, 0), at(30, 0), at(30, 30), at(0, 30)];
            let hole = [at(10, 10), at(10, 20), at(20, 20), at(20, 10)];
            layer
                .feature(Some(7 * number as u64 + 1), |geometry| match number % 3 {
                    0 => Ok(geometry.point(100 - number, number)),
                    1 => geometry.line_string(&outer),
                    _ => geometry.polygon(&[&outer, &hole]),
                })
                .unwrap();
            layer.property("name", Value::String(&format!("thing {}", number % 7))).unwrap();
            layer.property("rank", Value::SInt(i64::from(number) - 20)).unwrap();
            if number % 2 == 0 {
                layer.property("area", Value::Double(f64::from(number) / 3.0)).unwrap();
                layer.property("open", Value::Bool(number % 4 == 0)).unwrap();
            }
        }
        mvt::write(&[layer.finish().unwrap()]).unwrap()
    }

    fn mlt(mvt: &[u8]) -> Vec<u8> {
        // Features stay in their order.
        let config = EncoderConfig::default()
            .with_id_sort(false)
            .with_spatial_hilbert_sort(false)
            .with_spatial_morton_sort(false);
        let layers = mlt_core::mvt::mvt_to_tile_layers(mvt).unwrap();
        layers.into_iter().flat_map(|layer| layer.encode(config).unwrap()).collect()
    }

    #[test]
    fn tiles_are_read() {
        let (place, mvt) = (Place::new(), tile());
        let mlt = mlt(&mvt);
        place.write("a.mlt", &mlt);
        place.run(["encode", "a.mlt", "a.covt"]).succeeds();
        let back = mvt::from_covt(&place.read("a.covt"), &mut Budget::default()).unwrap();
        mvt::compare(&mvt, &back).unwrap();

        place.write("tiles/1/0/0.mlt", &mlt);
        place.write("tiles/1/0/1.mlt", gzip(&mlt));
        let run = place.run(["convert", "--verify", "tiles", "a.pmtiles"]).succeeds();
        assert!(run.text().starts_with("MLT to COVT: 2 tiles"), "{}", run.text());
        place.run(["convert", "--to", "mvt", "--verify", "tiles", "mvt"]).succeeds();
        mvt::compare(&mvt, &place.read("mvt/1/0/0.mvt")).unwrap();
    }

    #[test]
    fn broken_ones_are_named() {
        let (place, mlt) = (Place::new(), mlt(&tile()));
        place.write("tiles/0/0/0.mlt", &mlt);
        place.write("tiles/1/0/0.mlt", BROKEN);
        place.run(["convert", "tiles", "a.mbtiles"]).fails(&["tile 1/0/0", "cannot be read as MLT"]);
        place.run(["convert", "--skip-bad", "tiles", "a.mbtiles"]).succeeds();
        for cut in (1..mlt.len()).step_by(7) {
            place.write("cut.mlt", &mlt[..cut]);
            place.run(["encode", "cut.mlt", "cut.covt"]).fails(&["cut.mlt"]);
        }
    }
}
