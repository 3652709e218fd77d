//! How text is coded: as it is or in windows, with zstd around it or without, or as records.

use super::{Chooser, Price, SMALL_LEVEL, time, zstd_time};
use crate::encoding::{block, records};
use crate::stream::Encoded;
use crate::stream::bytes::{self, ByteEncoding};
use crate::stream::technique::Technique;

/// Text of which this part is not saved by windows has few characters that gain from them.
const LEAST_IN_WINDOWS: usize = 32;

impl Chooser {
    /// Codes the text of `strings` (which together are `bytes`) in the way of the lowest price.
    ///
    /// FSST is not among the ways unless it is forced: on the OpenMapTiles corpus it makes `fast`
    /// tiles 2.7 % larger than zstd at level 3 does (10.14 MB against 9.87 MB), takes longer to
    /// train than zstd to compress, and saves 2 ms of 38 in decoding.
    pub(crate) fn text(&self, bytes: &[u8], strings: &[&[u8]]) -> Encoded {
        let mut plans = vec![(ByteEncoding::Plain, Price::new(bytes.len(), bytes.len(), time::PLAIN))];
        plans.extend(self.records(bytes, strings));
        let encoded = self.bytes_among(bytes, strings, plans, self.zstd_text);
        self.in_windows(bytes, &encoded).unwrap_or(encoded)
    }

    /// Text in windows, where that costs less than `other`.
    fn in_windows(&self, bytes: &[u8], other: &Encoded) -> Option<Encoded> {
        if bytes.is_ascii() || self.force.bytes.is_some() || !self.uses(Technique::Windows) {
            return None;
        }
        let compressed = other.encoding == ByteEncoding::Zstd.id();
        if !compressed && other.encoding != ByteEncoding::Plain.id() {
            return None;
        }
        let mut encoded = bytes::write(bytes, &[], ByteEncoding::Windows, SMALL_LEVEL);
        if encoded.payload.len() + bytes.len() / LEAST_IN_WINDOWS > bytes.len() {
            return None;
        }
        if self.zstd_text.is_some() {
            encoded = self.compress_windows(&encoded);
        }
        let time = if compressed { zstd_time(bytes.len()) } else { 0 };
        let windows = bytes.len() as u64 * time::WINDOWS;
        let prices = [(other, time), (&encoded, time + windows)]
            .map(|(encoded, time)| Price { bytes: encoded.payload.len(), time });
        let [other, own] = prices.map(|price| self.total(price));
        if own >= other {
            return None;
        }
        self.note(&encoded, ByteEncoding::Windows.name(), || {
            let without = if compressed { ByteEncoding::Zstd } else { ByteEncoding::Plain };
            let names = [without, ByteEncoding::Windows].map(ByteEncoding::name);
            names.iter().zip(&prices).map(|(name, price)| self.tried(name, price.bytes, price.time)).collect()
        });
        Some(encoded)
    }

    /// Text in windows with a compressed child, if that costs less.
    fn compress_windows(&self, encoded: &Encoded) -> Encoded {
        let compressed = self.zstd_text.and_then(|level| {
            let payload = bytes::compress_windows(&encoded.payload, level).ok()?;
            let zstd = Price { bytes: payload.len(), time: zstd_time(encoded.payload.len()) };
            let plain = Price { bytes: encoded.payload.len(), time: 0 };
            (self.total(zstd) < self.total(plain)).then_some(Encoded::new(encoded.encoding, payload))
        });
        compressed.unwrap_or_else(|| encoded.clone())
    }

    /// Strings as records, if they are of one length.
    fn records(&self, bytes: &[u8], strings: &[&[u8]]) -> Option<(ByteEncoding, Price)> {
        let records = records::plan(strings).filter(|_| self.uses(Technique::Records))?;
        let len = records.encoded_len(strings.len());
        // What is compressed with the directory must be smaller than that is then.
        if self.force.bytes.is_none() && self.zstd_text.is_none() && self.zstd.is_some() {
            let others = block::compress(bytes, SMALL_LEVEL).len();
            if len >= others {
                return None;
            }
        }
        Some((ByteEncoding::Records, Price::new(len, bytes.len(), time::RECORDS)))
    }

    /// [`Self::text`] for a text that was coded without zstd.
    pub(crate) fn compress_text(&self, encoded: &Encoded) -> Encoded {
        match encoded.encoding == ByteEncoding::Plain.id() && self.force.bytes.is_none() {
            true => {
                let len = encoded.payload.len();
                let plain = (ByteEncoding::Plain, Price::new(len, len, time::PLAIN));
                self.bytes_among(&encoded.payload, &[&encoded.payload], vec![plain], self.zstd_text)
            }
            false if encoded.encoding == ByteEncoding::Windows.id() && self.force.bytes.is_none() => {
                self.compress_windows(encoded)
            }
            false => encoded.clone(),
        }
    }
}
