//! The same bytes on any number of threads.

use rayon::ThreadPoolBuilder;

use super::{dataset, query, rows};
use crate::coord::TileCoord;
use crate::points::Cancel;
use crate::tileset::Existing;

/// More than threads take at a time, so that several have something to do.
const ROWS: usize = 600_000;

const ASKS: [&[(&str, &str)]; 7] = [
    &[],
    &[("limit", "1000000")],
    &[("limit", "1000000"), ("filter", "amount > 20"), ("properties", "kind,amount")],
    &[("agg", "count,sum:amount,mean:speed,min:time,max:passengers")],
    &[("agg", "count,sum:amount,mean:speed"), ("by", "kind"), ("grid", "64")],
    &[("agg", "count,sum:speed,mean:amount"), ("filter", "operator <> 'operator 1' OR amount < 3")],
    &[("agg", "median:amount,p95:speed"), ("filter", "passengers > 1")],
];

/// The index, and tiles of the dataset of which it was made, of all kinds and in both formats.
fn made(threads: usize) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.arrow");
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        assert_eq!(rayon::current_num_threads(), threads);
        let dataset = dataset(&rows(ROWS, 11));
        dataset.write(&path, Existing::Keep, &|_| ()).unwrap();
        let mut out = vec![std::fs::read(&path).unwrap()];
        for (z, x, y) in [(0, 0, 0), (2, 2, 1)] {
            let tile = TileCoord::new(z, x, y).unwrap();
            for pairs in ASKS {
                let answer = dataset.tile(tile, &query(&dataset, pairs), &Cancel::new()).unwrap();
                assert!(answer.features() > 0, "{tile} {pairs:?}");
                out.extend([answer.to_covt().unwrap(), answer.to_mvt().unwrap()]);
            }
        }
        out
    })
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let one = made(1);
    for threads in [2, 3, 8] {
        let other = made(threads);
        let different: Vec<usize> = (0..one.len()).filter(|&index| one[index] != other[index]).collect();
        assert!(one.len() == other.len() && different.is_empty(), "{threads} threads: {different:?}");
    }
}
