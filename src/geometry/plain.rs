//! Vertices as they are, for who uploads them without looking at them.
//!
//! ```text
//! payload  u8 width, 2 or 4 │ x, y, x, y …, each so many bytes, signed, little endian
//! ```

use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::Reader;
use crate::wire::trace::Trace;

/// The payload of `vertices`: in two bytes a coordinate if all fit, else in four.
pub(super) fn write(vertices: &[i32]) -> Vec<u8> {
    let narrow: Option<Vec<i16>> = vertices.iter().map(|&unit| i16::try_from(unit).ok()).collect();
    let mut out = Vec::with_capacity(1 + size_of_val(vertices));
    match narrow {
        Some(narrow) => {
            out.push(2);
            narrow.iter().for_each(|unit| out.extend(unit.to_le_bytes()));
        }
        None => {
            out.push(4);
            vertices.iter().for_each(|unit| out.extend(unit.to_le_bytes()));
        }
    }
    out
}

/// The coordinates of `count` vertices as they stand in the payload, which they must end, and the bytes of
/// each.
pub(super) fn parts<'a>(reader: &mut Reader<'a, impl Trace>, count: usize) -> Result<(&'a [u8], usize)> {
    let at = reader.offset();
    let width = usize::from(reader.u8("width of coordinates")?);
    if width != size_of::<i16>() && width != size_of::<i32>() {
        return Err(Error::inconsistent(at, format!("coordinates of {width} bytes, not of 2 or 4")));
    }
    let bytes = reader.bytes(count.saturating_mul(2 * width), "plain vertices")?;
    Ok((bytes, width))
}

/// Reads `count` vertices, interleaved.
pub(super) fn read(mut reader: Reader, count: usize, budget: &mut Budget) -> Result<Vec<i32>> {
    let at = reader.offset();
    let (bytes, width) = parts(&mut reader, count)?;
    reader.finish("plain vertices")?;
    let mut out = budget.vec(2 * count, "vertices", at)?;
    match width {
        2 => out.extend(bytes.as_chunks().0.iter().map(|unit| i32::from(i16::from_le_bytes(*unit)))),
        _ => out.extend(bytes.as_chunks().0.iter().map(|unit| i32::from_le_bytes(*unit))),
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (vertices, len) in
            [(&[0, -1, 32_767, -32_768][..], 9), (&[32_768, 0], 9), (&[i32::MIN, i32::MAX, 5, 7], 17)]
        {
            let payload = write(vertices);
            assert_eq!(payload.len(), len);
            let count = vertices.len() / 2;
            let read = |payload: &[u8], count| read(Reader::new(payload, 0), count, &mut Budget::default());
            assert_eq!(read(&payload, count).unwrap(), vertices);
            assert!(read(&payload[..len - 1], count).is_err() && read(&payload, count - 1).is_err());
            assert!(read(&payload, usize::MAX).is_err() && read(&[3, 0, 0, 0, 0, 0, 0], 1).is_err());
        }
    }
}
