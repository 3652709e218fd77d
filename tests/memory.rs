//! What decoding allocates, counted: never more than the budget allows.

// An allocator cannot be written without; this file and no other.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::path::Path;

use covt::{Budget, Error, ErrorKind, Tile};

/// Counts what each thread has allocated, and the most it had at once.
struct Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn grow(bytes: usize) {
    LIVE.set(LIVE.get() + bytes);
    PEAK.set(PEAK.get().max(LIVE.get()));
}

fn shrink(bytes: usize) {
    // What another thread allocated may end here.
    LIVE.set(LIVE.get().saturating_sub(bytes));
}

// SAFETY: everything is left to the system's allocator; the counters are plain cells that allocate
// nothing and need no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's promises are those of this method, too.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The old and the new place may have to be there at once.
        grow(size);
        shrink(layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `run` gives, and the most that it had allocated at once.
fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = run();
    (result, PEAK.get() - before)
}

fn decode(bytes: &[u8], budget: &mut Budget) -> Result<usize, Error> {
    Tile::open(bytes, budget)?.decode(budget).map(|layers| layers.len())
}

/// What may be allocated on top of the budget: the text of an error.
const ERROR: usize = 1 << 10;

/// Decodes `bytes`, whatever they are, and checks that this takes no more than is charged, and no
/// more than `total`.
fn check(bytes: &[u8], total: usize, about: &dyn Fn() -> String) -> Result<usize, Error> {
    let mut budget = Budget::new(total);
    let (result, peak) = peak(|| decode(bytes, &mut budget));
    let charged = total - budget.left();
    let error = if result.is_err() { ERROR } else { 0 };
    assert!(peak <= charged + error, "{}: {peak} bytes, {charged} charged: {result:?}", about());
    result
}

/// Every golden tile, with its name.
fn golden() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/golden");
    let tiles = fs::read_dir(folder).expect("golden tiles").map(|entry| {
        let path = entry.expect("a case").path();
        (path.display().to_string(), fs::read(path.join("tile.covt")).expect("a tile"))
    });
    tiles.collect()
}

#[test]
fn golden_tiles_whole_cut_and_flipped() {
    // What a compression context takes is no part of any tile's budget; let there be one.
    for (name, mut tile) in golden() {
        check(&tile, 1 << 20, &|| name.clone()).unwrap();
        for len in 0..tile.len() {
            check(&tile[..len], 1 << 20, &|| format!("{name}, {len} bytes")).unwrap_err();
        }
        for bit in 0..8 * tile.len() {
            tile[bit / 8] ^= 1 << (bit % 8);
            let _ = check(&tile, 1 << 20, &|| format!("{name}, bit {} of byte {}", bit % 8, bit / 8));
            tile[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn golden_tiles_within_any_budget() {
    for (name, tile) in golden() {
        let mut budget = Budget::new(1 << 20);
        decode(&tile, &mut budget).unwrap();
        let need = (1 << 20) - budget.left();
        check(&tile, need, &|| name.clone()).unwrap();
        for total in (0..need).step_by(need / 100 + 1) {
            let error = check(&tile, total, &|| format!("{name}, budget of {total}")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{name}, budget of {total}: {error}");
        }
    }
}

/// A tile of one layer of 2^31 − 1 features with a geometry column; `types` is the entry of their
/// types' stream, and what follows it.
fn billions(types: &[u8], body: &[u8]) -> Vec<u8> {
    // One layer "l" of extent 1, version 2, 2^31 − 1 features, one column: geometry, of one stream.
    let directory = [&[1, 1, b'l', 1, 2, 0xff, 0xff, 0xff, 0xff, 7, 1, 1, 1], types].concat();
    [&[0xc1, directory.len() as u8], &directory[..], body].concat()
}

#[test]
fn billions_of_values_in_a_few_bytes() {
    // Constant types, a run of types; the whole tile takes less than 20 bytes.
    for (types, body) in [(&[0x40, 1], &[0][..]), (&[0x42, 2], &[0x7f, 0])] {
        let tile = billions(types, body);
        let mut budget = Budget::default();
        let (result, peak) = peak(|| decode(&tile, &mut budget));
        assert_eq!(result.unwrap_err().kind(), ErrorKind::LimitExceeded);
        assert!(peak < 2 << 10, "{peak} bytes to find that out");
    }
}

#[test]
fn many_columns_of_nothing() {
    // A layer without features whose columns take seven bytes each: dictionaries, and columns that
    // name them.
    const COLUMNS: usize = 10_000;
    let mut directory = vec![1, 0, 1, 2, 0, 0x90, 0x4e];
    for _ in 0..COLUMNS / 2 {
        // Shared dictionary: no lengths, no text.
        directory.extend([11, 2, 0x20, 0, 0, 0x30, 0]);
    }
    for number in 0..COLUMNS / 2 {
        // Shared string without a name: its dictionary, no values.
        directory.extend([10, 0, number as u8 | 0x80, (number >> 7) as u8, 1, 0x10, 0]);
    }
    let len = directory.len();
    let head = [0xc1, len as u8 | 0x80, (len >> 7) as u8 | 0x80, (len >> 14) as u8];
    let tile = [&head, &directory[..]].concat();
    assert_eq!(check(&tile, 64 << 20, &|| "many columns".into()).unwrap(), 1);
}
