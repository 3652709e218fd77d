//! How long tiles take, on one core.

use std::hint::black_box;
use std::time::Instant;

use super::contender::Wrap;
use super::{Contender, Tile};
use crate::tileset::Error;

/// The size of the MVT tiles that are measured together.
const GROUP_BYTES: usize = 32 << 20;

/// What is timed of a contender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) name: String,
    pub(super) contender: usize,
    /// None for encoding.
    pub(super) wrap: Option<Wrap>,
}

/// Times of all tiles.
pub(super) struct Times {
    pub(super) ways: Vec<Way>,
    /// Seconds by way, round, tile.
    pub(super) seconds: Vec<Vec<Vec<f64>>>,
}

impl Times {
    /// The time for some of the tiles in each round.
    pub(super) fn sums(&self, way: usize, which: impl Fn(usize) -> bool) -> Vec<f64> {
        let sum =
            |round: &Vec<f64>| (0..round.len()).filter(|&tile| which(tile)).map(|tile| round[tile]).sum();
        self.seconds[way].iter().map(sum).collect()
    }

    /// The time for some of the tiles, each in its best round.
    pub(super) fn best(&self, way: usize, which: impl Fn(usize) -> bool) -> f64 {
        let rounds = &self.seconds[way];
        let least = |tile: usize| rounds.iter().map(|round| round[tile]).fold(f64::INFINITY, f64::min);
        (0..rounds.first().map_or(0, Vec::len)).filter(|&tile| which(tile)).map(least).sum()
    }
}

/// The middle of some values, and the middles of their halves.
pub(super) fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * values.len().saturating_sub(1) as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        match (values.get(low), values.get(high)) {
            (Some(low), Some(high)) => low + (high - low) * place.fract(),
            _ => 0.0,
        }
    };
    [at(0.25), at(0.5), at(0.75)]
}

/// Every way takes every tile, one after the other, so that whatever else the machine does meets all
/// of them; who comes first changes from round to round and from tile to tile. One round more, the
/// first, is there to warm up.
pub(super) fn measure(
    tiles: &[Tile],
    contenders: &[Box<dyn Contender>],
    rounds: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<Times, Error> {
    let mut ways = Vec::new();
    for (number, contender) in contenders.iter().enumerate() {
        ways.extend(contender.timed().iter().map(|&wrap| Way {
            name: match wrap {
                Wrap::None => contender.name().to_owned(),
                _ => wrap.name(contender.name()),
            },
            contender: number,
            wrap: Some(wrap),
        }));
    }
    for (number, contender) in contenders.iter().enumerate().filter(|(_, contender)| contender.encodes()) {
        ways.push(Way { name: contender.name().to_owned(), contender: number, wrap: None });
    }
    let mut times = Times { seconds: vec![vec![vec![0.0; tiles.len()]; rounds]; ways.len()], ways };
    let mut done = 0;
    let mut first = 0;
    while first < tiles.len() {
        let group = group(&tiles[first..]);
        measure_group(&mut times, first, group, contenders, rounds, &mut || {
            done += 1;
            progress(done);
        })?;
        first += group.len();
    }
    Ok(times)
}

/// As many tiles as are held in memory in all forms: enough that none stays in the cache from one
/// round to the next.
fn group(tiles: &[Tile]) -> &[Tile] {
    let mut bytes = 0;
    let full = |tile: &Tile| {
        bytes += tile.mvt.len();
        bytes > GROUP_BYTES
    };
    let len = tiles.iter().position(full).unwrap_or(tiles.len());
    &tiles[..len.max(1)]
}

/// Measures some tiles, the first of which has the number `first`; calls `progress` once for each tile
/// and round.
fn measure_group(
    times: &mut Times,
    first: usize,
    tiles: &[Tile],
    contenders: &[Box<dyn Contender>],
    rounds: usize,
    progress: &mut dyn FnMut(),
) -> Result<(), Error> {
    let Times { ways, seconds } = times;
    let mut stored = vec![Vec::with_capacity(tiles.len()); ways.len()];
    for tile in tiles {
        for (way, stored) in ways.iter().zip(&mut stored) {
            stored.push(match way.wrap {
                None => tile.mvt.clone(),
                Some(wrap) => {
                    let encoded = contenders[way.contender].encode(&tile.mvt);
                    wrap.wrap(encoded.map_err(|error| fault(tile, &way.name, error))?)
                }
            });
        }
    }
    for round in 0..=rounds {
        for (number, tile) in tiles.iter().enumerate() {
            for turn in 0..ways.len() {
                let which = (turn + round + number) % ways.len();
                let (way, stored) = (&ways[which], &stored[which][number]);
                let contender = &contenders[way.contender];
                let start = Instant::now();
                let result = match way.wrap {
                    None => contender.encode(stored).map(|tile| drop(black_box(tile))),
                    Some(Wrap::None) => contender.decode(stored),
                    Some(wrap) => wrap.unwrap(stored).and_then(|tile| contender.decode(&tile)),
                };
                let time = start.elapsed();
                result.map_err(|error| fault(tile, &way.name, error))?;
                if round > 0 {
                    seconds[which][round - 1][first + number] = time.as_secs_f64();
                }
            }
            progress();
        }
    }
    Ok(())
}

fn fault(tile: &Tile, way: &str, error: String) -> Error {
    Error::because(format!("tile {} as {way}", tile.name), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "exact by construction")]
    fn quartiles_lie_between_values() {
        assert_eq!(quartiles(vec![5.0, 1.0, 3.0, 2.0, 4.0]), [2.0, 3.0, 4.0]);
        assert_eq!(quartiles(vec![1.0, 2.0]), [1.25, 1.5, 1.75]);
        assert_eq!(quartiles(vec![7.0]), [7.0; 3]);
        assert_eq!(quartiles(Vec::new()), [0.0; 3]);
    }
}
