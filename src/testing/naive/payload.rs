//! A payload read from the front.

/// What is left of a payload; every reader gives none if that is too little.
pub(super) struct Payload<'a>(pub(super) &'a [u8]);

impl<'a> Payload<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    /// A little-endian number of `len` bytes.
    pub(super) fn little_endian(&mut self, len: usize) -> Option<u64> {
        Some(self.take(len)?.iter().rev().fold(0, |number, &byte| number * 256 + u64::from(byte)))
    }

    /// A varint of at most `bits` bits, in as many bytes as that takes.
    pub(super) fn varint(&mut self, bits: u32) -> Option<u64> {
        let mut value = 0u128;
        for index in 0..bits.div_ceil(7) {
            let byte = self.byte()?;
            value += u128::from(byte % 128) << (7 * index);
            if byte < 128 {
                return (value < 1 << bits).then_some(value as u64);
            }
        }
        None
    }

    /// A count or a length.
    pub(super) fn count(&mut self) -> Option<usize> {
        self.varint(32).map(|count| count as usize)
    }
}

/// The number that bits `start..start + width` of `bytes` are, the lowest first.
pub(super) fn number(bytes: &[u8], start: usize, width: usize) -> u64 {
    (0..width).map(|bit| u64::from(bytes[(start + bit) / 8] >> ((start + bit) % 8) & 1) << bit).sum()
}
