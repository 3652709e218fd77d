//! Indexed Coordinate Encoding: the distinct vertices of a layer, sorted along a Hilbert curve so
//! that neighbours in the list are neighbours on the map, and for each vertex its place in it.

use crate::curve::Curve;
use crate::encoding::dictionary;
use crate::error::Result;
use crate::limits::Budget;

/// The distinct vertices, interleaved, and the place of each vertex among them.
pub(crate) fn encode(vertices: &[i32]) -> (Vec<i32>, Vec<u32>) {
    let pairs: &[[i32; 2]] = bytemuck::cast_slice(vertices);
    let min = pairs.iter().fold([i32::MAX; 2], |min, pair| [min[0].min(pair[0]), min[1].min(pair[1])]);
    let curve = Curve { origin: min, order: 32 };
    let mut order: Vec<(u64, u32)> =
        pairs.iter().enumerate().map(|(index, &pair)| (curve.place(pair), index as u32)).collect();
    order.sort_unstable();
    let (mut distinct, mut offsets) = (Vec::new(), vec![0; pairs.len()]);
    for run in order.chunk_by(|a, b| a.0 == b.0) {
        for &(_, index) in run {
            offsets[index as usize] = (distinct.len() / 2) as u32;
        }
        distinct.extend_from_slice(&pairs[run[0].1 as usize]);
    }
    (distinct, offsets)
}

/// The vertex at each of `offsets`, interleaved.
///
/// # Errors
/// [`crate::ErrorKind::Inconsistent`] at byte `at` if an offset points past the distinct vertices.
pub(crate) fn decode(distinct: &[i32], offsets: &[u32], at: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    dictionary::check_codes(offsets, distinct.len() / 2, at)?;
    let pairs: &[[i32; 2]] = bytemuck::cast_slice(distinct);
    let mut out = budget.vec(2 * offsets.len(), "vertices", at)?;
    for &offset in offsets {
        out.extend_from_slice(&pairs[offset as usize]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_vertices_once_each() {
        let vertices = [5, 5, 9, 9, 5, 5, i32::MIN, i32::MAX, i32::MAX, i32::MIN, 9, 9];
        let (distinct, offsets) = encode(&vertices);
        assert_eq!(distinct.len(), 8);
        assert_eq!(decode(&distinct, &offsets, 0, &mut Budget::default()).unwrap(), vertices);
        assert!(decode(&distinct, &[4], 0, &mut Budget::default()).is_err());
        assert!(decode(&distinct, &offsets, 0, &mut Budget::none()).is_err());
    }
}
