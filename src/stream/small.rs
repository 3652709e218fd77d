//! Streams of integers of which a byte holds all that counts: tokens.

use super::ints::{self, IntEncoding};
use crate::encoding::{entropy, rle};
use crate::error::Result;
use crate::limits::Budget;
use crate::wire::Reader;

/// The first value that is too large to be told from others.
pub(crate) const MOST: u8 = 16;

/// Runs of such integers: the value and the length of each.
#[derive(Clone, Debug)]
pub(crate) struct Runs {
    pub(crate) values: Vec<u8>,
    pub(crate) lengths: Vec<u32>,
}

impl Runs {
    /// Values and lengths.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = (u8, usize)> {
        self.values.iter().zip(&self.lengths).map(|(&value, &length)| (value, length as usize))
    }
}

/// Reads a value that stands for all of `count`, as one run.
pub(crate) fn read_constant(mut reader: Reader, count: usize) -> Result<Runs> {
    let value = reader.varint_u32("constant")?;
    reader.finish("integers")?;
    // Counts of features have 32 bits.
    Ok(Runs { values: vec![narrow(value)], lengths: vec![count as u32] })
}

/// Reads the runs of `count` values, all that `reader` has, as [`read`] does.
pub(crate) fn read_runs(mut reader: Reader, count: usize, budget: &mut Budget) -> Result<Runs> {
    let at = reader.offset();
    let (lengths, values) = ints::read_runs::<u32>(&mut reader, budget)?;
    reader.finish("integers")?;
    rle::check_lengths(&lengths, count, at)?;
    let mut small = budget.vec(values.len(), "runs of tokens", at)?;
    small.extend(values.iter().copied().map(narrow));
    budget.give_back(values);
    Ok(Runs { values: small, lengths })
}

/// Reads `count` values, all that `reader` has, as [`ints::read`] does; those above [`MOST`] become that.
pub(crate) fn read(encoding: u8, mut reader: Reader, count: usize, budget: &mut Budget) -> Result<Vec<u8>> {
    let at = reader.offset();
    let mut out = budget.vec(count, "tokens", at)?;
    match IntEncoding::from_id(encoding, at)? {
        _ if count == 0 => reader.finish("stream without values")?,
        IntEncoding::Entropy => entropy::decode_small(&mut reader, count, budget, &mut out)?,
        _ => out.extend(ints::read::<u32>(encoding, reader, count, budget)?.into_iter().map(narrow)),
    }
    Ok(out)
}

fn narrow(value: u32) -> u8 {
    value.min(MOST.into()) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::ints::IntPlan;
    use crate::wire::varint;

    #[test]
    fn as_integers_are_read() {
        let constant = || Box::new(IntPlan::Packed);
        let plans = [
            IntPlan::Plain,
            IntPlan::Varint,
            IntPlan::Packed,
            IntPlan::Entropy,
            IntPlan::Rle { lengths: constant(), values: constant() },
            IntPlan::Delta(constant()),
        ];
        let values: Vec<u32> = (0..3000u32).map(|i| if i % 700 < 600 { 3 } else { i % 17 }).collect();
        for plan in plans {
            for count in [1, 5, 3000] {
                let encoded = ints::encode(&values[..count], &plan);
                let reader = Reader::new(&encoded.payload, 0);
                let small = read(encoded.encoding, reader, count, &mut Budget::default()).unwrap();
                assert!(small.iter().copied().map(u32::from).eq(values[..count].iter().copied()), "{plan}");
                if count > 1 {
                    let prefix = Reader::new(&encoded.payload[..encoded.payload.len() - 1], 0);
                    assert!(read(encoded.encoding, prefix, count, &mut Budget::default()).is_err());
                    assert!(
                        read(encoded.encoding, Reader::new(&encoded.payload, 0), count, &mut Budget::none())
                            .is_err()
                    );
                }
            }
        }
        let nothing = read(IntEncoding::Packed.id(), Reader::new(&[], 0), 0, &mut Budget::none());
        assert!(nothing.unwrap().is_empty());
        let mut payload = Vec::new();
        varint::write(&mut payload, u32::MAX.into());
        let constant = read(IntEncoding::Constant.id(), Reader::new(&payload, 0), 3, &mut Budget::default());
        assert_eq!(constant.unwrap(), [MOST; 3]);
    }
}
