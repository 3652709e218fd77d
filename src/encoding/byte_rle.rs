//! Byte run-length encoding, as in ORC: a control byte, then a run or literals.
//!
//! ```text
//! control 0..=127    the next byte, control + 3 times
//! control 128..=255  the next 256 − control bytes, as they are
//! ```

use crate::error::{Error, ErrorKind, Result};
use crate::wire::Reader;

const MIN_RUN: usize = 3;
const MAX_RUN: usize = 127 + MIN_RUN;
const MAX_LITERALS: usize = 128;
/// So many bytes are written at once where most runs and literals are no longer, if there is room.
const AT_ONCE: usize = 16;

pub(crate) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    let mut literals = 0..0;
    let flush = |literals: std::ops::Range<usize>, out: &mut Vec<u8>| {
        for chunk in bytes[literals].chunks(MAX_LITERALS) {
            out.push((256 - chunk.len()) as u8);
            out.extend_from_slice(chunk);
        }
    };
    let mut start = 0;
    for run in bytes.chunk_by(|a, b| a == b) {
        let end = start + run.len();
        let mut rest = run.len();
        if rest >= MIN_RUN {
            flush(literals.clone(), out);
            while rest >= MIN_RUN {
                let length = rest.min(MAX_RUN);
                out.extend_from_slice(&[(length - MIN_RUN) as u8, run[0]]);
                rest -= length;
            }
            literals = end - rest..end;
        } else {
            literals.end = end;
        }
        start = end;
    }
    flush(literals, out);
}

/// Fills `out`.
pub(crate) fn decode(reader: &mut Reader, mut out: &mut [u8]) -> Result<()> {
    while !out.is_empty() {
        let at = reader.offset();
        let control = usize::from(reader.u8("byte run control")?);
        let left = out.len();
        let length = if control < 128 { control + MIN_RUN } else { 256 - control };
        if length > left {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                at,
                format!("byte run of {length} where {left} bytes are missing"),
            ));
        }
        // What is written too much is written over.
        let some = out.first_chunk_mut::<AT_ONCE>().filter(|_| length <= AT_ONCE);
        if control < 128 {
            let byte = reader.u8("byte run value")?;
            match some {
                Some(some) => *some = [byte; AT_ONCE],
                None => out[..length].fill(byte),
            }
        } else {
            let literals = reader.rest().first_chunk::<AT_ONCE>();
            match some.zip(literals) {
                Some((some, literals)) => {
                    *some = *literals;
                    reader.bytes(length, "byte run literals")?;
                }
                None => out[..length].copy_from_slice(reader.bytes(length, "byte run literals")?),
            }
        }
        out = &mut out[length..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(bytes: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        encode(bytes, &mut encoded);
        let mut reader = Reader::new(&encoded, 0);
        let mut decoded = vec![0; bytes.len()];
        decode(&mut reader, &mut decoded).unwrap();
        assert_eq!(decoded, bytes);
        assert!(reader.is_empty());
        encoded
    }

    #[test]
    fn worked_examples() {
        assert_eq!(round_trip(&[0; 100]), [0x61, 0x00]);
        assert_eq!(round_trip(&[0x44, 0x45]), [0xfe, 0x44, 0x45]);
        assert_eq!(round_trip(&[1, 2, 2, 2, 2, 3]), [0xff, 1, 1, 2, 0xff, 3]);
        assert!(round_trip(&[]).is_empty());
    }

    #[test]
    fn overrun_is_refused() {
        let error = decode(&mut Reader::new(&[0x61, 0x00], 5), &mut [0; 99]).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Inconsistent, Some(5)));
    }

    proptest! {
        #[test]
        fn round_trips(bytes in prop::collection::vec(0u8..3, 0..600)) {
            let encoded = round_trip(&bytes);
            prop_assert!(encoded.len() <= bytes.len() + bytes.len().div_ceil(MAX_LITERALS));
        }
    }
}
