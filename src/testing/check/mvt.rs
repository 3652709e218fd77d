//! Any bytes as an MVT tile.

use super::describe;
use crate::limits::Budget;
use crate::mvt::{compare_reordered, read_within, write};
use crate::testing::Random;
use crate::testing::generate::options;
use crate::tile::options::Reordering;
use crate::tile::read::Tile;
use crate::tile::write::encode;

/// What reading and decoding may take, in bytes.
const BUDGET: usize = 16 << 20;

/// That reading `bytes` as MVT ends well or with an error, and that what can be read can be
/// written, also after having been a COVT tile, and says the same then. A description, which every
/// tile has that can be read, tells of every byte once.
///
/// # Panics
/// If not.
pub fn mvt_any(bytes: &[u8]) {
    let read = read_within(bytes, &mut Budget::new(BUDGET));
    describe::mvt(bytes, read.is_ok());
    let Ok((layers, _)) = read else { return };
    let same = |again: &[u8], reordering, how: &str| {
        compare_reordered(bytes, again, reordering)
            .unwrap_or_else(|difference| panic!("{how}: {difference}"));
    };
    let written = write(&layers).expect("what was read can be written");
    same(&written, Reordering::default(), "read and written");

    // Options that depend on the tile alone.
    let seed = bytes.iter().fold(0, |seed: u64, &byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let options = options::any(&mut Random::from_seed(seed));
    let tile = encode(&layers, &options).expect("what was read can be encoded");
    let mut budget = Budget::default();
    let decoded = Tile::open(&tile, &mut budget).and_then(|tile| tile.decode(&mut budget));
    let decoded = decoded.unwrap_or_else(|error| panic!("{options:?}: {error}"));
    let written = write(&decoded).expect("what was read can be written");
    same(&written, options.reordering(), &format!("{options:?}"));
}
