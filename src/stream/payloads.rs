//! Where the payloads of streams are: in a whole tile, or in some ranges of it.

use std::ops::Range;

use super::StreamEntry;
use crate::error::{Error, Result};
use crate::wire::Reader;

/// What there is of a tile's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TileBytes<'a> {
    Whole(&'a [u8]),
    /// Where parts start, and what they are: in order, none within another.
    Parts(&'a [(usize, &'a [u8])]),
}

impl<'a> TileBytes<'a> {
    /// The bytes of a range, if they are there.
    #[inline]
    fn get(self, range: Range<usize>) -> Option<&'a [u8]> {
        match self {
            Self::Whole(bytes) => bytes.get(range),
            Self::Parts(_) if range.is_empty() => Some(&[]),
            Self::Parts(parts) => {
                let behind = parts.partition_point(|(start, _)| *start <= range.start);
                let (start, bytes) = parts[..behind].last()?;
                bytes.get(range.start - start..range.end.checked_sub(*start)?)
            }
        }
    }
}

/// The bytes that streams lie in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payloads<'a> {
    pub(crate) tile: TileBytes<'a>,
    /// The front of a compact tile, decompressed, and where it lies in the tile.
    pub(crate) front: Option<(&'a [u8], usize)>,
}

impl<'a> Payloads<'a> {
    /// A reader of the payload of `entry`.
    #[inline]
    pub(crate) fn payload(&self, entry: &StreamEntry) -> Result<Reader<'a>> {
        let range = entry.range();
        let (bytes, decompressed) = match self.front {
            Some((front, at)) if entry.apart => (front.get(range.clone()), Some(at)),
            _ => (self.tile.get(range.clone()), None),
        };
        let payload = bytes.ok_or_else(|| {
            Error::truncated(range.start, format!("the {} stream is not there", entry.role.name()))
        })?;
        Ok(match decompressed {
            Some(at) => Reader::decompressed(payload, at),
            None => Reader::new(payload, range.start),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_good_as_the_whole_where_they_are() {
        let bytes: Vec<u8> = (0..100).collect();
        let parts = [(0, &bytes[..10]), (20, &bytes[20..40]), (40, &bytes[40..45]), (90, &bytes[90..])];
        let (whole, parts) = (TileBytes::Whole(&bytes), TileBytes::Parts(&parts));
        for start in 0..100 {
            for end in start..=100 {
                // Not across two parts, even where they touch.
                let within = [0..10, 20..40, 40..45, 90..100]
                    .iter()
                    .any(|part: &Range<usize>| part.contains(&start) && end <= part.end);
                let expected = whole.get(start..end).filter(|bytes| within || bytes.is_empty());
                assert_eq!(parts.get(start..end), expected, "{start}..{end}");
            }
        }
        assert_eq!(TileBytes::Parts(&[]).get(3..4), None);
    }
}
