//! Tables that need not be written: constants of the format.
//!
//! They are the centres of clusters of the streams of 8 to 300 values that tiles of five schemas have,
//! each schema weighing the same. Every symbol has a frequency, so every stream has every preset.

use std::sync::LazyLock;

use crate::encoding::rans::{DecodeTable, Frequencies, SYMBOLS};

/// How many there are of either kind.
pub(super) const COUNT: usize = 16;

/// Of symbols.
pub(super) const OF_SYMBOLS: [Frequencies; COUNT] = tables([
    [237, 2, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [196, 16, 20, 6, 5, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [143, 99, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [1, 234, 6, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [109, 52, 57, 16, 9, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [105, 6, 131, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [21, 169, 30, 14, 7, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1],
    [7, 1, 233, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [118, 18, 21, 23, 23, 12, 11, 8, 9, 3, 3, 2, 2, 1, 1, 1],
    [3, 11, 183, 28, 13, 4, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1],
    [21, 42, 45, 111, 22, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [24, 30, 36, 29, 27, 52, 24, 16, 6, 5, 2, 1, 1, 1, 1, 1],
    [3, 4, 33, 19, 134, 13, 22, 6, 9, 2, 3, 2, 3, 1, 1, 1],
    [1, 1, 23, 2, 39, 2, 100, 2, 42, 1, 22, 1, 9, 1, 9, 1],
    [9, 12, 13, 15, 19, 19, 22, 41, 21, 21, 20, 15, 12, 8, 5, 4],
    [2, 3, 1, 1, 49, 1, 3, 2, 179, 2, 6, 2, 2, 1, 1, 1],
]);

/// Of the lengths of numbers.
pub(super) const OF_LENGTHS: [Frequencies; COUNT] = tables([
    [211, 3, 13, 7, 3, 6, 2, 1, 1, 1, 1, 1, 1, 1, 1, 3],
    [3, 1, 233, 1, 1, 2, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1],
    [59, 18, 41, 50, 43, 25, 9, 3, 1, 1, 1, 1, 1, 1, 1, 1],
    [9, 6, 126, 55, 32, 14, 4, 2, 1, 1, 1, 1, 1, 1, 1, 1],
    [1, 78, 68, 36, 23, 15, 11, 9, 6, 3, 1, 1, 1, 1, 1, 1],
    [5, 3, 132, 8, 13, 21, 28, 31, 8, 1, 1, 1, 1, 1, 1, 1],
    [3, 1, 7, 97, 108, 25, 5, 2, 1, 1, 1, 1, 1, 1, 1, 1],
    [4, 4, 10, 26, 71, 101, 28, 4, 1, 1, 1, 1, 1, 1, 1, 1],
    [17, 8, 14, 19, 32, 42, 50, 32, 18, 10, 5, 3, 2, 2, 1, 1],
    [3, 3, 6, 12, 25, 48, 91, 59, 2, 1, 1, 1, 1, 1, 1, 1],
    [2, 1, 101, 5, 3, 2, 3, 4, 10, 21, 39, 35, 20, 8, 1, 1],
    [4, 2, 4, 6, 14, 26, 45, 70, 44, 22, 9, 4, 2, 2, 1, 1],
    [1, 1, 8, 4, 7, 13, 25, 50, 130, 11, 1, 1, 1, 1, 1, 1],
    [3, 1, 3, 4, 6, 9, 17, 24, 34, 73, 55, 16, 6, 3, 1, 1],
    [5, 1, 1, 1, 2, 3, 7, 10, 14, 21, 32, 64, 48, 33, 11, 3],
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 240],
]);

const fn tables(frequencies: [[u16; SYMBOLS]; COUNT]) -> [Frequencies; COUNT] {
    let mut tables = [Frequencies::known([0; SYMBOLS]); COUNT];
    let mut number = 0;
    while number < COUNT {
        tables[number] = Frequencies::known(frequencies[number]);
        number += 1;
    }
    tables
}

/// The preset of that number, which is below 16.
pub(super) fn get(of_lengths: bool, number: u8) -> &'static Frequencies {
    let tables = if of_lengths { &OF_LENGTHS } else { &OF_SYMBOLS };
    &tables[usize::from(number) % COUNT]
}

/// The preset of that number, ready to decode with.
pub(super) fn table(of_lengths: bool, number: u8) -> &'static DecodeTable {
    static SYMBOLS: LazyLock<[DecodeTable; COUNT]> =
        LazyLock::new(|| OF_SYMBOLS.map(|table| DecodeTable::new(&table)));
    static LENGTHS: LazyLock<[DecodeTable; COUNT]> =
        LazyLock::new(|| OF_LENGTHS.map(|table| DecodeTable::new(&table)));
    let tables = if of_lengths { &LENGTHS } else { &SYMBOLS };
    &tables[usize::from(number) % COUNT]
}
