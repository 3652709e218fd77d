//! Every encoding that holds no others, there and back, on what tiles hold: the steps between
//! vertices, feature ids, and the distinct strings of a layer. The sizes are printed first.

use std::collections::HashSet;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::{env, fs};

use covt::testing::encodings::{self, Codec};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fast_mvt::{MvtReaderRef, MvtValueRef};

/// What each layer of some tiles holds.
#[derive(Default)]
struct Data {
    /// Zigzag differences, x and y by turns.
    steps: Vec<Vec<u32>>,
    ids: Vec<Vec<u64>>,
    strings: Vec<Vec<&'static [u8]>>,
}

impl Data {
    /// The OpenMapTiles tiles of the corpus; none if there is no corpus.
    fn corpus() -> Option<Self> {
        let corpus = env::var_os("COVT_CORPUS")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
        let Ok(tiles) = fs::read_dir(corpus.join("omt")) else {
            eprintln!("no corpus: generated values only");
            return None;
        };
        let mut paths: Vec<PathBuf> = tiles.flatten().map(|tile| tile.path()).collect();
        paths.sort();
        let mut data = Self::default();
        for path in paths {
            data.read(&fs::read(path).expect("a readable tile"));
        }
        Some(data)
    }

    fn read(&mut self, tile: &[u8]) {
        for layer in MvtReaderRef::new(tile).expect("a tile").layers() {
            let (mut steps, mut ids) = (Vec::new(), Vec::new());
            let (mut strings, mut seen) = (Vec::new(), HashSet::new());
            for feature in layer.features() {
                ids.extend(feature.id());
                let mut commands = feature.geometry_commands();
                while let Some((&command, rest)) = commands.split_first() {
                    let pairs = if command & 7 == 7 { 0 } else { command >> 3 };
                    let (parameters, rest) = rest.split_at(2 * pairs as usize);
                    steps.extend_from_slice(parameters);
                    commands = rest;
                }
                for property in feature.properties() {
                    if let (_, MvtValueRef::String(string)) = property.expect("a property")
                        && seen.insert(string)
                    {
                        strings.push(&*string.as_bytes().to_vec().leak());
                    }
                }
            }
            self.steps.push(steps);
            self.ids.push(ids);
            self.strings.push(strings);
        }
    }

    /// One large layer.
    fn generated() -> Self {
        let mut state = 1u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let kinds = ["Street", "Road", "Avenue", "Lane", "Square"];
        let strings = (0..20_000).map(|_| {
            let kind = kinds[random(5) as usize];
            &*format!("{} {}{kind}", random(200), ["North ", "", "Old "][random(3) as usize])
                .into_bytes()
                .leak()
        });
        let strings = strings.collect();
        let steps = (0..200_000).map(|_| {
            let bits = 1 + random(6) + random(2) * random(6);
            random(1 << bits) as u32
        });
        let steps = steps.collect();
        let ids = (0..50_000).map(|_| random(1 << 31) * 10 + random(4)).collect();
        Self { steps: vec![steps], ids: vec![ids], strings: vec![strings] }
    }
}

/// `len` tells how many `U` a layer becomes.
fn bench<T: Copy, U>(
    criterion: &mut Criterion,
    what: &str,
    layers: &[Vec<T>],
    codecs: &[Codec<T, U>],
    len: fn(&[T]) -> usize,
) {
    let total: usize = layers.iter().map(|layer| len(layer)).sum();
    let mut group = criterion.benchmark_group(what);
    group.throughput(Throughput::Bytes((total * size_of::<U>()) as u64)).sample_size(20);
    for Codec { name, encode, decode } in codecs {
        let payloads: Vec<(Vec<u8>, usize)> =
            layers.iter().map(|layer| (encode(layer), len(layer))).collect();
        let size: usize = payloads.iter().map(|(payload, _)| payload.len()).sum();
        println!("{what}, {name}: {size} bytes for {total} of {} bytes each", size_of::<U>());
        group.bench_function(format!("{name}, decode"), |bencher| {
            bencher.iter(|| {
                for (payload, len) in &payloads {
                    black_box(decode(payload, *len).unwrap());
                }
            });
        });
        group.bench_function(format!("{name}, encode"), |bencher| {
            bencher.iter(|| layers.iter().for_each(|layer| drop(black_box(encode(layer)))));
        });
    }
    group.finish();
}

fn all(criterion: &mut Criterion) {
    for (origin, data) in [("generated", Some(Data::generated())), ("corpus", Data::corpus())] {
        let Some(data) = data else { continue };
        bench(criterion, &format!("{origin} steps"), &data.steps, &encodings::ints32(), <[_]>::len);
        bench(criterion, &format!("{origin} ids"), &data.ids, &encodings::ints64(), <[_]>::len);
        let bytes = |strings: &[&[u8]]| strings.iter().map(|string| string.len()).sum();
        bench(criterion, &format!("{origin} strings"), &data.strings, &encodings::texts(), bytes);
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
