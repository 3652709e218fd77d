//! The tables of all contexts and the codes of all positions: constants of the format, and those that a layer
//! writes because they suit it better.
//!
//! ```text
//! per context   1 bit, whether its table is written; if so the table (see `encoding::rans`)
//! per position  1 bit, whether its code is written; if so 4 bits, 4 bits: the largest n and m (see `codes`)
//! ```

use std::sync::LazyLock;

use super::codes::Code;
use super::contexts::{COUNT, POSITIONS};
use super::known::KNOWN;
use super::symbols::Counts;
use crate::encoding::entropy::lanes::CONTEXTS;
use crate::encoding::rans::{BIT, DecodeTable, Frequencies, SYMBOLS};
use crate::error::Result;
use crate::limits::Budget;
use crate::wire::Reader;
use crate::wire::bitstream::{BitReader, BitWriter};
use crate::wire::trace::Trace;

/// The tables that need not be written.
pub(super) fn known(context: usize) -> Frequencies {
    Frequencies::known(KNOWN[context])
}

/// The table of each context that is cheaper, its own or the known one, and whether it is its own.
pub(super) fn choose(counts: &Counts) -> [(Frequencies, bool); COUNT] {
    std::array::from_fn(|context| {
        let (counts, known) = (&counts[context], known(context));
        if *counts == [0; SYMBOLS] {
            return (known, false);
        }
        let own = Frequencies::of_counts(counts);
        let cost = |table: &Frequencies| -> u64 {
            counts.iter().zip(table.costs()).map(|(&count, cost)| u64::from(count) * u64::from(cost)).sum()
        };
        let written = u64::from(BIT) * Frequencies::written_bits(counts, SYMBOLS);
        if cost(&own) + written < cost(&known) { (own, true) } else { (known, false) }
    })
}

/// How many bits symbols take that occur so often, and those tables that are written.
pub(super) fn bits(tables: &[(Frequencies, bool); COUNT], counts: &Counts) -> u64 {
    let of_one = |((table, own), counts): (&(Frequencies, bool), &[u32; SYMBOLS])| {
        let written = if *own { u64::from(BIT) * Frequencies::written_bits(counts, SYMBOLS) } else { 0 };
        let symbols =
            counts.iter().zip(table.costs()).map(|(&count, cost)| u64::from(count) * u64::from(cost));
        written + symbols.sum::<u64>()
    };
    tables.iter().zip(counts).map(of_one).sum::<u64>() / u64::from(BIT)
}

/// Appends the tables and the codes that are a layer's own.
pub(super) fn write(
    tables: &[(Frequencies, bool); COUNT],
    counts: &Counts,
    codes: &[(Code, bool); POSITIONS],
    out: &mut Vec<u8>,
) {
    let mut bits = BitWriter::default();
    for ((_, own), counts) in tables.iter().zip(counts) {
        bits.put((*own).into(), 1);
        if *own {
            Frequencies::write(counts, SYMBOLS, &mut bits);
        }
    }
    for (code, own) in codes {
        bits.put((*own).into(), 1);
        if *own {
            code.sides().iter().for_each(|&side| bits.put(side as u32, 4));
        }
    }
    out.extend_from_slice(&bits.finish());
}

/// The tables of a layer as a decoder needs them.
pub(super) struct Tables {
    own: Vec<DecodeTable>,
    /// For each context the number of its own table, or that of the context behind all those.
    places: [u8; COUNT],
    /// The largest bit lengths in the codes of those positions that have their own.
    pub(super) codes: [Option<[usize; 2]>; POSITIONS],
}

impl Tables {
    pub(super) fn read(reader: &mut Reader<impl Trace>, budget: &mut Budget) -> Result<Self> {
        let at = reader.offset();
        let mut bits = BitReader::new(reader.rest());
        let mut frequencies: [Option<Frequencies>; COUNT] = [None; COUNT];
        for table in &mut frequencies {
            if bits.get(1) == 1 {
                *table = Some(Frequencies::read(&mut bits, SYMBOLS, at)?);
            }
        }
        let mut codes = [None; POSITIONS];
        for code in &mut codes {
            if bits.get(1) == 1 {
                *code = Some([0; 2].map(|_: usize| bits.get(4) as usize));
            }
        }
        let len = bits.bytes_read();
        bits.finish_within(reader.bytes(len, "entropy tables")?, at, "entropy tables")?;
        let mut own = budget.vec(frequencies.iter().flatten().count(), "entropy tables", at)?;
        let places = std::array::from_fn(|context| match &frequencies[context] {
            Some(table) => {
                own.push(DecodeTable::new(table));
                own.len() as u8 - 1
            }
            None => NOT_OWN,
        });
        Ok(Self { own, places, codes })
    }

    /// The table of each context.
    pub(super) fn all(&self) -> [&DecodeTable; CONTEXTS] {
        static TABLES: LazyLock<[DecodeTable; COUNT]> =
            LazyLock::new(|| std::array::from_fn(|context| DecodeTable::new(&known(context))));
        let known = &*TABLES;
        std::array::from_fn(|context| match self.places[context] {
            NOT_OWN => &known[context],
            place => &self.own[usize::from(place)],
        })
    }
}

const NOT_OWN: u8 = u8::MAX;
