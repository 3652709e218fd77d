//! FSST (Boncz, Neumann, Leis 2020): text as one-byte codes, each for a symbol of up to eight bytes
//! that occurs often.
//!
//! ```text
//! 8 bytes   how many symbols have 1, 2, … 8 bytes; at most 255 in all
//! symbols   their bytes, shortest first: symbol 0, 1, 2 …
//! codes     to the end: the number of a symbol, or 255 and the byte itself
//! ```
//!
//! The text is all strings in one; how long each of them is lies elsewhere. Symbols may reach from
//! one string into the next.

use fsst::Compressor;

use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::wire::Reader;

/// The longest symbol, in bytes.
const SYMBOL: usize = 8;

/// How many codes are expanded at once.
const GROUP: usize = 8;

/// Symbols are copied whole, each over the end of the one before it: room for those of a group.
const SLACK: usize = (GROUP + 1) * SYMBOL;

/// The code before a byte that no symbol stands for.
const ESCAPE: u8 = 255;

/// The symbols that suit `strings`, and the codes of all of them.
pub(crate) fn encode(strings: &[&[u8]]) -> Vec<u8> {
    let compressor = Compressor::train(&strings.to_vec());
    let mut codes = compressor.compress(&strings.concat());
    let (symbols, lens) = (compressor.symbol_table(), compressor.symbol_lengths());

    // Only symbols that are used, in the order of their lengths.
    let mut used = [false; 256];
    each_code(&mut codes, |code| used[usize::from(*code)] = true);
    let mut order: Vec<usize> = (0..lens.len()).filter(|&code| used[code]).collect();
    order.sort_by_key(|&code| lens[code]);
    let (mut counts, mut table, mut renumbered) = ([0u8; SYMBOL], Vec::new(), [0; 256]);
    for (number, code) in (0..ESCAPE).zip(order) {
        let len = usize::from(lens[code]);
        counts[len - 1] += 1;
        table.extend_from_slice(&symbols[code].to_u64().to_le_bytes()[..len]);
        renumbered[code] = number;
    }
    each_code(&mut codes, |code| *code = renumbered[usize::from(*code)]);
    [&counts[..], &table, &codes].concat()
}

/// Calls `visit` for every code that is that of a symbol.
fn each_code(codes: &mut [u8], mut visit: impl FnMut(&mut u8)) {
    let mut codes = codes.iter_mut();
    while let Some(code) = codes.next() {
        if *code == ESCAPE {
            codes.next();
        } else {
            visit(code);
        }
    }
}

/// Reads a text of exactly `raw_len` bytes; the payload must be all that `reader` has.
///
/// # Errors
/// Inconsistent if there are more than 255 symbols, a code is none of theirs, or the text has
/// another length; truncated if the bytes end within a symbol or after an escape; limit exceeded
/// if the budget does not allow the text.
pub(crate) fn decode(reader: &mut Reader, raw_len: usize, budget: &mut Budget) -> Result<Vec<u8>> {
    let at = reader.offset();
    let symbols = Symbols::read(reader)?;
    let base = reader.offset();
    let codes = reader.bytes(reader.rest().len(), "codes")?;
    let wrong = || Error::inconsistent(at, format!("fsst: the text is not of {raw_len} bytes"));
    if raw_len > codes.len().saturating_mul(SYMBOL) {
        return Err(wrong());
    }
    let mut out: Vec<u8> = budget.zeroed(raw_len.saturating_add(SLACK), "text", at)?;
    let (mut len, mut index) = (0, 0);
    while index < codes.len() {
        if let Some(codes) = codes[index..].first_chunk()
            && let Some(out) = out[len..].first_chunk_mut()
            && let Some(added) = symbols.expand(codes, out)
        {
            len += added;
            index += codes.len();
            continue;
        }
        let end = codes.len().min(index + GROUP);
        while index < end {
            let code = codes[index];
            index += 1;
            let (symbol, symbol_len) = if code < symbols.count {
                symbols.get(code)
            } else if code == ESCAPE {
                let byte =
                    codes.get(index).ok_or_else(|| Error::truncated(base + index, "fsst: escaped byte"))?;
                index += 1;
                ([*byte, 0, 0, 0, 0, 0, 0, 0], 1)
            } else {
                return Err(Error::inconsistent(base + index - 1, format!("fsst: no symbol {code}")));
            };
            if len + symbol_len > raw_len {
                return Err(wrong());
            }
            out[len..len + SYMBOL].copy_from_slice(&symbol);
            len += symbol_len;
        }
    }
    if len != raw_len {
        return Err(wrong());
    }
    out.truncate(raw_len);
    Ok(out)
}

/// The symbols by their codes.
struct Symbols {
    count: u8,
    bytes: [[u8; SYMBOL]; 256],
    lens: [u8; 256],
}

impl Symbols {
    fn read(reader: &mut Reader) -> Result<Self> {
        let at = reader.offset();
        let counts = reader.bytes(SYMBOL, "fsst: numbers of symbols")?;
        let sum: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let Ok(count) = u8::try_from(sum) else {
            return Err(Error::inconsistent(at, format!("fsst: {sum} symbols")));
        };
        let mut symbols = Self { count, bytes: [[0; SYMBOL]; 256], lens: [0; 256] };
        let mut code = 0;
        for (len, &count) in (1..=SYMBOL).zip(counts) {
            for symbol in reader.bytes(len * usize::from(count), "fsst: symbols")?.chunks_exact(len) {
                symbols.bytes[code][..len].copy_from_slice(symbol);
                symbols.lens[code] = len as u8;
                code += 1;
            }
        }
        Ok(symbols)
    }

    #[inline]
    fn get(&self, code: u8) -> ([u8; SYMBOL], usize) {
        (self.bytes[usize::from(code)], usize::from(self.lens[usize::from(code)]))
    }

    /// Writes the symbols of `codes`, if there are any such, and tells their length.
    #[inline]
    fn expand(&self, codes: &[u8; GROUP], out: &mut [u8; SLACK]) -> Option<usize> {
        if codes.iter().any(|&code| code >= self.count) {
            return None;
        }
        let mut len = 0;
        for &code in codes {
            let (symbol, symbol_len) = self.get(code);
            // The remainder only spares the check of the bounds.
            out[len % (GROUP * SYMBOL)..][..SYMBOL].copy_from_slice(&symbol);
            len += symbol_len;
        }
        Some(len)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;

    fn check(strings: &[&[u8]]) -> Vec<u8> {
        let payload = encode(strings);
        let text = strings.concat();
        let mut reader = Reader::new(&payload, 0);
        assert_eq!(decode(&mut reader, text.len(), &mut Budget::default()).unwrap(), text);
        reader.finish("test").unwrap();
        payload
    }

    fn fault(payload: &[u8], raw_len: usize) -> (ErrorKind, usize) {
        let error = decode(&mut Reader::new(payload, 0), raw_len, &mut Budget::default()).unwrap_err();
        (error.kind(), error.offset().unwrap())
    }

    /// A payload of the symbols "a", "bc" and "12345678".
    fn small(codes: &[u8]) -> Vec<u8> {
        [&[1, 1, 0, 0, 0, 0, 0, 1], &b"abc12345678"[..], codes].concat()
    }

    /// What `small` means, code by code.
    fn naive(codes: &[u8]) -> Option<Vec<u8>> {
        let (mut text, mut codes) = (Vec::new(), codes.iter());
        while let Some(&code) = codes.next() {
            match code {
                ESCAPE => text.push(*codes.next()?),
                _ => text.extend_from_slice([&b"a"[..], b"bc", b"12345678"].get(usize::from(code))?),
            }
        }
        Some(text)
    }

    #[test]
    fn strings_round_trip() {
        let streets: Vec<String> = (0..3000)
            .map(|i| format!("{} {}straße", i * 7 % 90, ["Haupt", "Bahnhof", "Ring"][i % 3]))
            .collect();
        let streets: Vec<&[u8]> = streets.iter().map(String::as_bytes).collect();
        let payload = check(&streets);
        assert!(payload.len() < streets.concat().len() / 2);
        assert_eq!(encode(&streets), payload, "not deterministic");
        check(&[]);
        check(&[b"", b"", b""]);
        check(&[b"a"]);
        check(&[&[0; 5], &[0], &[255; 20], b"\0\xff\0"]);
        let all: Vec<u8> = (0..=255).collect();
        check(&[&all[..]; 40]);
        check(&[&[0; 100_000], &[b'a'; 50_000]]);
    }

    #[test]
    fn the_bytes() {
        let codes = [1, 0, 2, ESCAPE, b'!', ESCAPE, ESCAPE];
        let text = b"bca12345678!\xff";
        let decoded =
            decode(&mut Reader::new(&small(&codes), 0), text.len(), &mut Budget::default()).unwrap();
        assert_eq!(decoded, text);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        // The codes start at byte 19.
        assert_eq!(fault(&small(&[0, 0]), 3), (ErrorKind::Inconsistent, 0));
        assert_eq!(fault(&small(&[2; 30]), 239), (ErrorKind::Inconsistent, 0));
        assert_eq!(fault(&small(&[2; 30]), 1), (ErrorKind::Inconsistent, 0));
        assert_eq!(fault(&small(&[0; 30]), usize::MAX), (ErrorKind::Inconsistent, 0));
        assert_eq!(fault(&small(&[0, 3]), 3), (ErrorKind::Inconsistent, 20));
        assert_eq!(fault(&small(&[0, 0, 0, 0, 0, 0, 0, 0, 254]), 10), (ErrorKind::Inconsistent, 27));
        assert_eq!(fault(&small(&[0, ESCAPE]), 2), (ErrorKind::Truncated, 21));
        assert_eq!(fault(&[128, 128, 0, 0, 0, 0, 0, 0], 0), (ErrorKind::Inconsistent, 0));
        for cut in 0..19 {
            assert_eq!(fault(&small(&[])[..cut], 1).0, ErrorKind::Truncated);
        }
    }

    #[test]
    fn memory_is_charged_first() {
        let payload = small(&[0; 50]);
        for budget in [Budget::none(), Budget::new(49)] {
            let error = decode(&mut Reader::new(&payload, 0), 50, &mut budget.clone()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        }
    }

    proptest! {
        #[test]
        fn any_strings(
            strings in prop::collection::vec(prop::collection::vec(0u8..6, 0..50), 0..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let strings: Vec<&[u8]> = strings.iter().map(Vec::as_slice).collect();
            let (payload, len) = (check(&strings), strings.concat().len());
            if len > 0 {
                let prefix = &payload[..cut.index(payload.len())];
                prop_assert!(decode(&mut Reader::new(prefix, 0), len, &mut Budget::default()).is_err());
            }
        }

        #[test]
        fn any_codes(
            codes in prop::collection::vec(prop_oneof![20 => 0u8..3, 1 => Just(ESCAPE), 1 => any::<u8>()], 0..100),
        ) {
            let payload = small(&codes);
            let text = naive(&codes);
            let len = text.as_ref().map_or(200, Vec::len);
            let decoded = decode(&mut Reader::new(&payload, 0), len, &mut Budget::default()).ok();
            prop_assert_eq!(decoded, text);
        }

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(0u8..60, 0..500), len in 0usize..1000) {
            let _ = decode(&mut Reader::new(&bytes, 0), len, &mut Budget::default());
        }
    }
}
