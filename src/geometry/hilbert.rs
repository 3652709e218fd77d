//! Vertices by their places along a Hilbert curve: for points sorted along one, whose places rise by
//! little from each to the next. One number then says what two coordinates do, and none of it says that
//! a point follows the one before.
//!
//! ```text
//! payload  u8 order │ zigzag varint x, y: the origin │ last child: differences of places
//! ```

use super::vertices::VertexEncoding;
use crate::curve::{Curve, MAX_ORDER};
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{Encoded, OutStream, Role, ints};
use crate::wire::{Reader, varint, zigzag};

/// The stream of `vertices`, interleaved, in any order.
pub(super) fn write(vertices: &[i32], curve: &Curve, chooser: &Chooser) -> OutStream {
    let mut before = 0;
    let differences: Vec<u64> = pairs(vertices)
        .map(|vertex| {
            let place = curve.place(vertex);
            place.wrapping_sub(std::mem::replace(&mut before, place))
        })
        .collect();
    let mut payload = vec![curve.order];
    for coordinate in curve.origin {
        varint::write(&mut payload, zigzag::encode32(coordinate).into());
    }
    chooser.ints(&differences).write_last_child(&mut payload);
    OutStream::new(Role::Vertices, Encoded::new(VertexEncoding::Hilbert.id(), payload))
}

/// A curve that `vertices`, interleaved, follow, if they do: the smallest around them, or the next one,
/// which turns the other way. All larger ones pass them in the order that one of these two does.
pub(super) fn followed(vertices: &[i32]) -> Option<Curve> {
    let smallest = Curve::around(pairs(vertices));
    let next = Curve { order: smallest.order + 1, ..smallest };
    let follow = |curve: &Curve| {
        curve.order <= MAX_ORDER && pairs(vertices).is_sorted_by_key(|vertex| curve.place(vertex))
    };
    [smallest, next].into_iter().find(follow)
}

fn pairs(vertices: &[i32]) -> impl Iterator<Item = [i32; 2]> {
    vertices.chunks_exact(2).map(|vertex| [vertex[0], vertex[1]])
}

/// Reads `count` vertices, interleaved.
pub(super) fn read(mut reader: Reader, count: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    let at = reader.offset();
    let order = reader.u8("order of a Hilbert curve")?;
    if order > MAX_ORDER {
        return Err(Error::inconsistent(at, format!("a Hilbert curve of order {order}, above {MAX_ORDER}")));
    }
    let mut coordinate = || reader.varint_u32("origin of a Hilbert curve").map(zigzag::decode32);
    let origin = [coordinate()?, coordinate()?];
    let curve = Curve { origin, order };
    let at = reader.offset();
    let differences: Vec<u64> = ints::scratch_of_last_child(reader, count, budget)?;
    let mut vertices = budget.vec(2 * count, "vertices", at)?;
    let mut place = 0u64;
    let mut most = 0;
    for &difference in &differences {
        place = place.wrapping_add(difference);
        most |= place;
        vertices.extend_from_slice(&curve.point(place));
    }
    budget.give_back(differences);
    if order < MAX_ORDER && most >> (2 * order) != 0 {
        return Err(Error::inconsistent(at, "a place behind the end of a Hilbert curve"));
    }
    Ok(vertices)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{EncodeOptions, Profile};

    fn round_trip(vertices: &[i32], curve: &Curve) -> Vec<u8> {
        let chooser = EncodeOptions::new(Profile::Small).chooser();
        let payload = write(vertices, curve, &chooser).encoded.payload;
        let again = read(Reader::new(&payload, 0), vertices.len() / 2, &mut Budget::default()).unwrap();
        assert_eq!(again, vertices);
        payload
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn round_trips(
            mut vertices in prop::collection::vec([any::<i32>(), any::<i32>()], 1..60),
            shift in 0u32..32,
        ) {
            vertices.iter_mut().for_each(|vertex| *vertex = vertex.map(|coordinate| coordinate >> shift));
            let curve = Curve::around(vertices.iter().copied());
            round_trip(vertices.as_flattened(), &curve);
            vertices.sort_by_key(|&vertex| curve.place(vertex));
            let payload = round_trip(vertices.as_flattened(), &curve);
            prop_assert_eq!(followed(vertices.as_flattened()), Some(curve));
            for bit in 0..8 * payload.len() {
                let mut bytes = payload.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let _ = read(Reader::new(&bytes, 0), vertices.len(), &mut Budget::default());
                let _ = read(Reader::new(&bytes[..bit / 8], 0), vertices.len(), &mut Budget::default());
            }
        }
    }

    #[test]
    fn points_of_a_larger_curve_are_found_to_follow_it() {
        let large = Curve { origin: [0, 0], order: 13 };
        let mut points: Vec<[i32; 2]> =
            (0..500).map(|index| [index * 7919 % 1000, index * 104_729 % 2000]).collect();
        points.sort_by_key(|&point| large.place(point));
        let curve = followed(points.as_flattened()).unwrap();
        round_trip(points.as_flattened(), &curve);
        points.swap(3, 80);
        assert_eq!(followed(points.as_flattened()), None);
    }

    #[test]
    fn places_end_with_the_curve() {
        let read = |bytes: &[u8]| read(Reader::new(bytes, 0), 1, &mut Budget::default());
        assert_eq!(read(&[1, 0, 0, 2, 3]).unwrap(), [1, 0]);
        assert!(read(&[1, 0, 0, 2, 4]).is_err());
        assert!(read(&[33, 0, 0, 2, 3]).is_err());
        assert_eq!(read(&[0, 5, 4, 2, 0]).unwrap(), [-3, 2]);
    }
}
