//! Whole tiles: MVT to COVT, and out of COVT again, next to reading MVT with the crate fast-mvt.
//!
//! Each figure is the time for all tiles on one core. The tables of the README come from the bench
//! `results`, where the contenders take turns; this one is for finding out what a change did.

mod common;

use covt::Profile;
use covt::tileset::{decompress, gzip};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn bench(criterion: &mut Criterion) {
    let mvt: Vec<Vec<u8>> = common::tiles().into_iter().map(|(_, mvt)| mvt).collect();
    let gzipped: Vec<Vec<u8>> = mvt.iter().map(|tile| gzip(tile)).collect();
    let covt = Profile::ALL.map(|profile| {
        let tiles: Vec<Vec<u8>> = mvt.iter().map(|tile| common::encode(tile, profile)).collect();
        (profile, tiles)
    });
    let throughput = Throughput::Bytes(mvt.iter().map(|tile| tile.len() as u64).sum());

    let mut group = criterion.benchmark_group("decode");
    group.throughput(throughput.clone()).sample_size(20);
    for (profile, tiles) in &covt {
        group.bench_function(profile.name(), |bencher| {
            bencher.iter(|| tiles.iter().for_each(|tile| common::decode(tile)));
        });
    }
    group.bench_function("fast-mvt", |bencher| {
        bencher.iter(|| mvt.iter().for_each(|tile| common::fast_mvt(tile)));
    });
    group.bench_function("fast-mvt, geometry as commands", |bencher| {
        bencher.iter(|| mvt.iter().for_each(|tile| common::fast_mvt_commands(tile)));
    });
    group.bench_function("gunzip and fast-mvt", |bencher| {
        bencher.iter(|| gzipped.iter().for_each(|tile| common::fast_mvt(&decompress(tile).unwrap())));
    });
    group.bench_function("mvt::read", |bencher| {
        bencher.iter(|| mvt.iter().for_each(|tile| common::read_mvt(tile)));
    });
    group.finish();

    let mut group = criterion.benchmark_group("one column");
    for (profile, tiles) in &covt {
        group.bench_function(profile.name(), |bencher| {
            bencher.iter(|| tiles.iter().for_each(|tile| common::decode_one_column(tile)));
        });
    }
    group.sample_size(20).bench_function("fast-mvt", |bencher| {
        bencher.iter(|| mvt.iter().for_each(|tile| common::fast_mvt_one_column(tile)));
    });
    group.finish();

    let mut group = criterion.benchmark_group("encode");
    group.throughput(throughput).sample_size(10);
    for profile in Profile::ALL {
        group.bench_function(profile.name(), |bencher| {
            bencher.iter(|| mvt.iter().for_each(|tile| drop(common::encode(tile, profile))));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
