//! Reading and writing MVT, all tiles of the corpus in one go, next to the crate fast-mvt.
//!
//! Both readers decode every id, geometry and property. fast-mvt hands them out feature by feature
//! and keeps nothing but the tile's tables; this crate's reader keeps them all, as columns.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use covt::{LayerBuilder, Value, mvt};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fast_mvt::{MvtReaderRef, MvtTile};

/// The OpenMapTiles tiles of the corpus, else a few that are made here.
fn tiles() -> Vec<Vec<u8>> {
    let corpus = std::env::var_os("COVT_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(corpus.join("omt")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    if paths.is_empty() {
        eprintln!("no corpus: generated tiles instead");
        return (0..20).map(generate).collect();
    }
    paths.iter().map(|path| fs::read(path).expect("a readable tile")).collect()
}

/// A tile of 5000 roads and 5000 places.
fn generate(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut random = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let (mut roads, mut places) = (LayerBuilder::new("roads"), LayerBuilder::new("places"));
    for id in 0..5000 {
        let mut line = vec![[random(4096) as i32, random(4096) as i32]];
        for _ in 0..1 + random(20) {
            let [x, y] = line[line.len() - 1];
            line.push([x + random(90) as i32 - 45, y + random(90) as i32 - 45]);
        }
        roads.feature(Some(id), |geometry| geometry.line_string(&line)).unwrap();
        roads.property("class", Value::String(["path", "street", "primary"][random(3) as usize])).unwrap();
        roads.property("lanes", Value::Int(i64::from(random(5)))).unwrap();
        let (x, y) = (random(4096) as i32, random(4096) as i32);
        places.feature(Some(id), |geometry| Ok(geometry.point(x, y))).unwrap();
        places.property("name", Value::String(&format!("place {}", random(9000)))).unwrap();
    }
    mvt::write(&[roads.finish().unwrap(), places.finish().unwrap()]).unwrap()
}

fn read_with_fast_mvt(tile: &[u8]) {
    let reader = MvtReaderRef::new(tile).unwrap();
    for layer in reader.layers() {
        for feature in layer.features() {
            black_box(feature.id());
            black_box(feature.geometry().unwrap());
            for property in feature.properties() {
                black_box(property.unwrap());
            }
        }
    }
}

fn bench(criterion: &mut Criterion) {
    let tiles = tiles();
    let bytes = tiles.iter().map(|tile| tile.len() as u64).sum();

    let mut group = criterion.benchmark_group("read mvt");
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    group.bench_function("covt", |bencher| {
        bencher.iter(|| tiles.iter().for_each(|tile| drop(black_box(mvt::read(tile).unwrap()))));
    });
    group.bench_function("fast-mvt", |bencher| {
        bencher.iter(|| tiles.iter().for_each(|tile| read_with_fast_mvt(tile)));
    });
    group.finish();

    let mut group = criterion.benchmark_group("write mvt");
    group.throughput(Throughput::Bytes(bytes)).sample_size(20);
    let layers: Vec<_> = tiles.iter().map(|tile| mvt::read(tile).unwrap().0).collect();
    group.bench_function("covt", |bencher| {
        bencher.iter(|| layers.iter().for_each(|layers| drop(black_box(mvt::write(layers).unwrap()))));
    });
    drop(layers);
    let features: Vec<MvtTile> =
        tiles.iter().map(|tile| MvtReaderRef::new(tile).unwrap().to_tile().unwrap()).collect();
    group.bench_function("fast-mvt", |bencher| {
        bencher.iter(|| features.iter().for_each(|tile| drop(black_box(tile.encode_ref().unwrap()))));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
