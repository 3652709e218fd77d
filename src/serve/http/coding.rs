//! `Accept-Encoding` (RFC 9110, 12.5.3): what is wrapped around MVT on its way. COVT is sent as it is.

use std::io::Write;

use axum::http::header::{ACCEPT_ENCODING, HeaderMap};
use flate2::write::GzEncoder;

use super::accept::{elements, weighted};
use crate::tileset::Compression;

/// Less is not worth the while.
const MIN_BYTES: usize = 256;

/// What compressing takes: a few milliseconds for a tile of a megabyte.
const ZSTD_LEVEL: i32 = 3;
const BROTLI_QUALITY: i32 = 4;
const GZIP_LEVEL: u32 = 5;

/// A content coding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::serve) enum Coding {
    #[default]
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// What a server that may choose chooses, first what is quick to make and small.
    const PREFERRED: [Self; 4] = [Self::Zstd, Self::Brotli, Self::Gzip, Self::Identity];

    /// Its name in `Content-Encoding`, which is left out for identity.
    pub(in crate::serve) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The coding that a stored tile has already, if it is one that clients know.
    pub(in crate::serve) fn of(compression: Compression) -> Option<Self> {
        match compression {
            Compression::None => Some(Self::Identity),
            Compression::Gzip => Some(Self::Gzip),
            Compression::Brotli => Some(Self::Brotli),
            Compression::Zstd => Some(Self::Zstd),
            Compression::Zlib => None,
        }
    }
}

/// The coding that a client likes best; of several that it likes as much, the one that tiles have
/// already, else the first by our own liking. None if it refuses all of them.
pub(in crate::serve) fn choose_coding(headers: &HeaderMap, stored: Coding) -> Option<Coding> {
    // The first one of the greatest weight.
    let order = [stored].into_iter().chain(Coding::PREFERRED);
    let best = order.rev().max_by_key(|coding| weight(headers, *coding))?;
    (weight(headers, best) > 0).then_some(best)
}

/// Whether a client takes what has nothing around it.
pub(in crate::serve) fn takes_identity(headers: &HeaderMap) -> bool {
    weight(headers, Coding::Identity) > 0
}

fn weight(headers: &HeaderMap, coding: Coding) -> u16 {
    let mut any = None;
    for element in elements(headers, &ACCEPT_ENCODING) {
        let (name, weight) = weighted(element);
        if name.eq_ignore_ascii_case(coding.name())
            || (coding == Coding::Gzip && name.eq_ignore_ascii_case("x-gzip"))
        {
            return weight;
        }
        if name == "*" {
            any = Some(weight);
        }
    }
    // Identity is fine unless something says that it is not.
    any.unwrap_or(u16::from(coding == Coding::Identity))
}

/// Wraps `tile`, unless it is so small that this gains nothing; tells what was done.
pub(in crate::serve) fn compress(tile: &[u8], coding: Coding) -> (Vec<u8>, Coding) {
    let room = Vec::with_capacity(tile.len() / 2);
    let writes = "a vector takes every write";
    if tile.len() < MIN_BYTES {
        return (tile.to_vec(), Coding::Identity);
    }
    let wrapped = match coding {
        Coding::Identity => tile.to_vec(),
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(room, flate2::Compression::new(GZIP_LEVEL));
            encoder.write_all(tile).and_then(|()| encoder.finish()).expect(writes)
        }
        Coding::Zstd => zstd::bulk::compress(tile, ZSTD_LEVEL).expect("a level that there is"),
        Coding::Brotli => {
            let mut out = room;
            let params = brotli::enc::BrotliEncoderParams {
                quality: BROTLI_QUALITY,
                size_hint: tile.len(),
                ..Default::default()
            };
            brotli::BrotliCompress(&mut &*tile, &mut out, &params).expect(writes);
            out
        }
    };
    (wrapped, coding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tileset::decompress_as;

    fn choose(accept: &str, stored: Coding) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        if !accept.is_empty() {
            headers.insert(ACCEPT_ENCODING, accept.parse().unwrap());
        }
        choose_coding(&headers, stored)
    }

    #[test]
    fn chosen_by_weight_then_by_what_is_there() {
        let identity = Coding::Identity;
        assert_eq!(choose("", identity), Some(identity));
        assert_eq!(choose("gzip", identity), Some(Coding::Gzip));
        assert_eq!(choose("gzip, deflate, br, zstd", identity), Some(Coding::Zstd));
        assert_eq!(choose("gzip, deflate, br, zstd", Coding::Gzip), Some(Coding::Gzip));
        assert_eq!(choose("gzip;q=0.5, br;q=1.0", Coding::Gzip), Some(Coding::Brotli));
        assert_eq!(choose("deflate", Coding::Gzip), Some(identity));
        assert_eq!(choose("*", identity), Some(identity));
        assert_eq!(choose("*;q=0.5", Coding::Brotli), Some(Coding::Brotli));
        assert_eq!(choose("gzip;q=0", Coding::Gzip), Some(identity));
    }

    #[test]
    fn identity_can_be_refused() {
        assert_eq!(choose("identity;q=0", Coding::Identity), None);
        assert_eq!(choose("*;q=0", Coding::Identity), None);
        assert_eq!(choose("gzip, identity;q=0", Coding::Identity), Some(Coding::Gzip));
        assert_eq!(choose("gzip, *;q=0", Coding::Zstd), Some(Coding::Gzip));
    }

    #[test]
    fn what_is_wrapped_unwraps() {
        let tile: Vec<u8> = (0..10_000u32).map(|i| (i % 7 * (i % 11)) as u8).collect();
        for (coding, compression) in [
            (Coding::Identity, Compression::None),
            (Coding::Gzip, Compression::Gzip),
            (Coding::Brotli, Compression::Brotli),
            (Coding::Zstd, Compression::Zstd),
        ] {
            let (wrapped, done) = compress(&tile, coding);
            assert_eq!(done, coding);
            assert_eq!(wrapped.len() < tile.len(), coding != Coding::Identity);
            assert_eq!(decompress_as(&wrapped, compression).unwrap(), &tile[..]);
            assert_eq!(compress(&tile[..MIN_BYTES - 1], coding).1, Coding::Identity);
        }
    }
}
