//! Validity bitmaps: least significant bit first, 1 = present.

use std::borrow::Cow;

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};

/// Grows a bitmap bit by bit; rows that are skipped are null.
#[derive(Debug, Default)]
pub(crate) struct BitmapBuilder {
    bytes: Vec<u8>,
    set: usize,
}

impl BitmapBuilder {
    /// Sets bit `row`.
    #[inline]
    pub(crate) fn set(&mut self, row: usize) {
        let byte = row / 8;
        if byte >= self.bytes.len() {
            self.bytes.resize(byte + 1, 0);
        }
        self.bytes[byte] |= 1 << (row % 8);
        self.set += 1;
    }

    /// The bitmap of `len` rows.
    pub(crate) fn finish(mut self, len: usize) -> BooleanBuffer {
        self.bytes.resize(len.div_ceil(8), 0);
        BooleanBuffer::new(Buffer::from(self.bytes), 0, len)
    }

    /// The validity of `len` rows: none if every row was set (each once).
    pub(crate) fn into_nulls(self, len: usize) -> Option<NullBuffer> {
        if self.set == len {
            return None;
        }
        Some(NullBuffer::new(self.finish(len)))
    }
}

/// The bitmap's bytes with bit 0 in the lowest bit of the first byte, and zeros behind the end.
pub(crate) fn to_bytes(bits: &BooleanBuffer) -> Vec<u8> {
    let mut bytes = bits.sliced().as_slice()[..bits.len().div_ceil(8)].to_vec();
    if let Some(last) = bytes.last_mut()
        && !bits.len().is_multiple_of(8)
    {
        *last &= (1 << (bits.len() % 8)) - 1;
    }
    bytes
}

/// Spreads `values`, those of the rows that are present, over all rows; the others get zeros.
pub(crate) fn spread<T: Copy + Default>(values: &mut Vec<T>, nulls: &NullBuffer) {
    const WORD: usize = 64;
    let bits = nulls.inner();
    let bytes: Cow<[u8]> = match bits.offset() {
        0 => bits.values().into(),
        _ => to_bytes(bits).into(),
    };
    let mut end = values.len();
    let dense = end;
    values.resize(nulls.len(), T::default());
    // From the back on: no value is written over before it was moved.
    for start in (0..nulls.len()).step_by(WORD).rev() {
        let rows = (nulls.len() - start).min(WORD);
        let mut word = [0; WORD / 8];
        let own = &bytes[start / 8..(start + rows).div_ceil(8)];
        word[..own.len()].copy_from_slice(own);
        // Bits behind the last row are nobody's.
        let mut word = u64::from_le_bytes(word) & u64::MAX >> (WORD - rows);
        let present = word.count_ones() as usize;
        let from = end - present..end;
        end = from.start;
        if start >= dense {
            // Zeros so far.
            let (dense, rows) = values.split_at_mut(start);
            for &value in &dense[from] {
                rows[word.trailing_zeros() as usize] = value;
                word &= word - 1;
            }
            continue;
        }
        let mut spread = [T::default(); WORD];
        if present == WORD {
            spread.copy_from_slice(&values[from]);
        } else {
            for &value in &values[from] {
                spread[word.trailing_zeros() as usize % WORD] = value;
                word &= word.wrapping_sub(1);
            }
        }
        match values[start..].first_chunk_mut::<WORD>() {
            Some(all) => *all = spread,
            None => values[start..].copy_from_slice(&spread[..rows]),
        }
    }
}

/// Writes `values`, those of the rows whose bits are set in `bytes`, to these rows of `out`, which has zeros. No bits are
/// set behind the last row.
pub(crate) fn spread_to<T: Copy>(mut values: &[T], bytes: &[u8], out: &mut [T]) {
    for (rows, bytes) in out.chunks_mut(64).zip(bytes.chunks(8)) {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let mut word = u64::from_le_bytes(word);
        let (own, rest) = values.split_at(word.count_ones() as usize);
        values = rest;
        if own.len() == rows.len() {
            rows.copy_from_slice(own);
            continue;
        }
        for &value in own {
            rows[word.trailing_zeros() as usize] = value;
            word &= word.wrapping_sub(1);
        }
    }
}

/// The number of bits that are set.
pub(crate) fn ones(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    let words: u64 = words.iter().map(|&word| u64::from(u64::from_le_bytes(word).count_ones())).sum();
    words as usize + rest.iter().map(|byte| byte.count_ones() as usize).sum::<usize>()
}

/// What `value` makes of each of `rows` rows that are present.
pub(crate) fn valid_rows<T>(
    rows: usize,
    nulls: Option<&NullBuffer>,
    value: impl FnMut(usize) -> T,
) -> Vec<T> {
    match nulls {
        None => (0..rows).map(value).collect(),
        Some(nulls) => {
            let mut values = Vec::with_capacity(rows - nulls.null_count());
            values.extend(nulls.valid_indices().map(value));
            values
        }
    }
}

/// The values of the rows that are present.
pub(crate) fn gather<T: Copy>(values: &[T], nulls: Option<&NullBuffer>) -> Vec<T> {
    match nulls {
        None => values.to_vec(),
        Some(_) => valid_rows(values.len(), nulls, |row| values[row]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_and_gather_are_inverse() {
        for pattern in 0u32..1 << 11 {
            let nulls = NullBuffer::from((0..11).map(|bit| pattern >> bit & 1 == 1).collect::<Vec<_>>());
            let dense: Vec<u32> = (1..=11 - nulls.null_count() as u32).collect();
            let mut rows = dense.clone();
            spread(&mut rows, &nulls);
            assert!(rows.iter().enumerate().all(|(row, &value)| nulls.is_valid(row) == (value != 0)));
            assert_eq!(gather(&rows, Some(&nulls)), dense);
        }
    }

    #[test]
    fn spread_is_row_by_row() {
        for (len, start) in [(0, 0), (1, 0), (64, 0), (65, 0), (128, 3), (1000, 0), (1000, 13)] {
            for every in [1, 2, 3, 20, 2000] {
                let bits: BooleanBuffer =
                    (0..len + start).map(|row| row % every == 0 || row % 70 < 9).collect();
                let nulls = NullBuffer::new(bits.slice(start, len));
                let dense: Vec<u64> = (1..=(len - nulls.null_count()) as u64).collect();
                let mut naive = vec![0; len];
                nulls.valid_indices().zip(&dense).for_each(|(row, &value)| naive[row] = value);
                let mut rows = dense;
                let mut other = vec![0; len];
                let bytes = to_bytes(nulls.inner());
                assert_eq!(ones(&bytes), rows.len());
                spread_to(&rows, &bytes, &mut other);
                spread(&mut rows, &nulls);
                assert_eq!(rows, naive);
                assert_eq!(other, naive);
            }
        }
    }

    #[test]
    fn bytes_of_a_slice_start_at_bit_zero() {
        let bits = BooleanBuffer::from(vec![true, true, false, true, true, true, false, false, true, true]);
        assert_eq!(to_bytes(&bits.slice(3, 6)), [0b10_0111]);
        assert!(to_bytes(&BooleanBuffer::new_unset(0)).is_empty());
    }
}
