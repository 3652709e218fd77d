//! Every way to encode a tile.

use crate::geometry::vertices::VertexEncoding;
use crate::stream::bytes::ByteEncoding;
use crate::stream::choose::Force;
use crate::stream::ints::IntEncoding;
use crate::testing::Random;
use crate::tile::options::{EncodeOptions, Profile, Sort};

/// Every profile with and without statistics, every encoding forced, and every order.
pub fn all() -> Vec<EncodeOptions> {
    let fast = || EncodeOptions::new(Profile::Fast);
    let profiles = Profile::ALL.into_iter().flat_map(|profile| {
        [false, true].map(|statistics| EncodeOptions { statistics, ..EncodeOptions::new(profile) })
    });
    let ints = IntEncoding::ALL.iter().map(|&encoding| EncodeOptions {
        force: Force { ints: Some(encoding), ..Force::default() },
        ..fast()
    });
    let bytes = ByteEncoding::ALL.iter().map(|&encoding| EncodeOptions {
        force: Force { bytes: Some(encoding), ..Force::default() },
        ..fast()
    });
    let vertices =
        VertexEncoding::ALL.iter().map(|&encoding| EncodeOptions { vertices: Some(encoding), ..fast() });
    let orders = Sort::ALL.into_iter().map(|sort| EncodeOptions { sort, reorder_parts: true, ..fast() });
    let compact =
        Profile::ALL.map(|profile| EncodeOptions { compact: Some(true), ..EncodeOptions::new(profile) });
    profiles.chain(compact).chain(ints).chain(bytes).chain(vertices).chain(orders).collect()
}

/// Any options, forced encodings of all sorts together.
pub fn any(random: &mut Random) -> EncodeOptions {
    fn maybe<T: Copy>(random: &mut Random, all: &[T]) -> Option<T> {
        random.chance(1, 2).then(|| *random.pick(all))
    }
    EncodeOptions {
        statistics: random.chance(1, 2),
        sort: if random.chance(1, 2) { Sort::None } else { *random.pick(&Sort::ALL) },
        reorder_parts: random.chance(1, 4),
        byte_time: maybe(random, &[0, 1, 3_000, 47_000, 4_000_000, u64::MAX]),
        vertices: maybe(random, VertexEncoding::ALL),
        compact: maybe(random, &[false, true]),
        force: Force { ints: maybe(random, IntEncoding::ALL), bytes: maybe(random, ByteEncoding::ALL) },
        ..EncodeOptions::new(*random.pick(&Profile::ALL))
    }
}
