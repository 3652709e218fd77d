//! Which encoding a stream gets: the one of the lowest price.
//!
//! The price of an encoding is the time a client waits for it: the time to decode the stream plus
//! the time to fetch it over a link of a certain speed. A profile is such a link, so it is the
//! exchange rate between bytes and decoding time: `fast` stands for 2.7 Gbit/s (3 ns a byte), `small`
//! for 170 Mbit/s (47 ns a byte), but in nested columns, whose leaves are read one by one, for 270
//! Mbit/s (30 ns a byte), and for 2 Mbit/s (4 µs a byte) in tiles of few values and where features may
//! be put in the smallest order. Decoding times are constants, measured once, so that the choice is the
//! same on every machine. Ties fall to the encoding of the lower id.

mod ids;
mod text;
mod time;

use super::Encoded;
use super::bytes::{self, ByteEncoding};
use super::ints::{self, IntEncoding, IntPlan};
use super::technique::Technique;
use super::why::{Log, Tried};
use crate::encoding::int::Int;
use crate::encoding::{block, byte_rle, delta, dictionary, entropy, fresh, rle, varints};
use crate::wire::{bits, varint};

/// What a caller may force, for experiments and tests. An encoding that cannot hold a stream's
/// values leaves the choice free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Force {
    /// The encoding of every stream of integers.
    pub ints: Option<IntEncoding>,
    /// The encoding of every stream of bytes.
    pub bytes: Option<ByteEncoding>,
}

/// Chooses and carries out the encodings of a tile's streams.
#[derive(Clone, Debug)]
pub(crate) struct Chooser {
    /// Picoseconds a byte takes to arrive.
    pub(crate) byte_time: u64,
    /// The zstd level for streams of integers and bitmaps; none keeps zstd off them.
    pub(crate) zstd: Option<i32>,
    /// The zstd level for text; none keeps zstd off it.
    pub(crate) zstd_text: Option<i32>,
    /// Whether integers may be entropy coded.
    pub(crate) entropy: bool,
    pub(crate) force: Force,
    /// What to do without.
    pub(crate) without: Vec<Technique>,
    /// Where to keep what was tried, if somebody asks.
    pub(crate) log: Option<Log>,
}

/// What an encoding costs: bytes, and picoseconds to decode.
#[derive(Clone, Copy, Debug)]
struct Price {
    bytes: usize,
    time: u64,
}

impl Price {
    fn new(bytes: usize, values: usize, time_per_value: u64) -> Self {
        Self { bytes, time: values as u64 * time_per_value }
    }

    fn and(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, time: self.time + other.time + time::STREAM }
    }
}

/// The most picoseconds that a byte of a nested column is worth.
pub(crate) const NESTED_BYTE: u64 = 30_000;

/// Which encodings with children may stand at a place.
#[derive(Clone, Copy)]
struct Nesting {
    delta: bool,
    rle: bool,
    dictionary: bool,
}

const ANY: Nesting = Nesting { delta: true, rle: true, dictionary: true };
const FLAT: Nesting = Nesting { delta: false, rle: false, dictionary: false };

impl Chooser {
    /// What so many bytes and picoseconds of decoding cost, in picoseconds.
    pub(crate) fn price(&self, bytes: usize, time: u64) -> u64 {
        self.total(Price { bytes, time })
    }

    fn total(&self, price: Price) -> u64 {
        price.bytes as u64 * self.byte_time + price.time
    }

    /// Whether properties get tokens: where entropy coding is allowed, and no encoding is forced.
    pub(crate) fn tokens(&self) -> bool {
        self.entropy && self.force == Force::default() && self.uses(Technique::Tokens)
    }

    /// Whether a technique is not to be done without.
    pub(crate) fn uses(&self, technique: Technique) -> bool {
        !self.without.contains(&technique)
    }

    /// The chooser for levels and values of nested columns. Leaves are read one by one, and levels again with each of
    /// them: no byte is worth much time.
    pub(crate) fn for_nested(&self) -> Self {
        Self { byte_time: self.byte_time.min(NESTED_BYTE), ..self.clone() }
    }

    /// Codes `values` in the way of the lowest price.
    pub(crate) fn ints<T: Int>(&self, values: &[T]) -> Encoded {
        self.ints_among(values, ANY)
    }

    /// [`Self::ints`] for values that are differences already, in numbers where a search for runs
    /// and repetitions costs time and finds nothing.
    pub(crate) fn deltas<T: Int>(&self, values: &[T]) -> Encoded {
        if values.len() >= MANY
            && self.force.ints.is_none()
            && self.zstd.is_none()
            && self.uses(Technique::Patches)
        {
            return ints::encode(values, &IntPlan::Patched);
        }
        self.ints_among(values, FLAT)
    }

    fn all_tried(&self, plans: &[(IntPlan, Price)]) -> Vec<Tried> {
        plans.iter().map(|(plan, price)| self.tried(plan, price.bytes, price.time)).collect()
    }

    fn ints_among<T: Int>(&self, values: &[T], nesting: Nesting) -> Encoded {
        if let Some(some) = self.sample(values) {
            let (plan, price) = self.plan_ints(&some, nesting, None);
            if plan != IntPlan::Constant {
                return self.carry_out(values, plan.for_more_values(), price, nesting, Vec::new());
            }
        }
        let (plan, price) = self.plan_ints(values, nesting, self.force.ints);
        self.carry_out(values, plan, price, nesting, Vec::new())
    }

    /// Codes `values` as `plan` says, whose price is `price`, or with zstd if that is better; `others`
    /// were tried beside the plans that all integers have.
    fn carry_out<T: Int>(
        &self,
        values: &[T],
        plan: IntPlan,
        price: Price,
        nesting: Nesting,
        others: Vec<(IntPlan, Price)>,
    ) -> Encoded {
        let mut taken = plan.to_string();
        let mut zstd_tried = Vec::new();
        let best = self.perhaps_zstd(values, plan.clone(), price, nesting, &mut taken, &mut zstd_tried);
        self.note(&best, taken, || {
            let mut plans = self.plans_ints(values, nesting, self.force.ints);
            // The plan of ids may be one that others have not.
            if !plans.iter().any(|(other, _)| *other == plan) {
                plans.push((plan, price));
            }
            plans.extend(others);
            [self.all_tried(&plans), zstd_tried].concat()
        });
        best
    }

    fn perhaps_zstd<T: Int>(
        &self,
        values: &[T],
        plan: IntPlan,
        price: Price,
        nesting: Nesting,
        taken: &mut String,
        tried: &mut Vec<Tried>,
    ) -> Encoded {
        let mut best = ints::encode(values, &plan);
        best.time = price.time;
        let forced_zstd = self.force.ints == Some(IntEncoding::Zstd) && !values.is_empty();
        let level = match (self.force.ints, self.zstd) {
            (Some(IntEncoding::Zstd), level) => level.unwrap_or(SMALL_LEVEL),
            (None, Some(level)) => level,
            _ => return best,
        };
        let mut lowest = if forced_zstd { u64::MAX } else { self.total(price) };
        let mut plans = vec![IntPlan::Varint];
        if nesting.delta {
            plans.push(IntPlan::Delta(Box::new(IntPlan::Varint)));
        }
        let fresh = IntPlan::Fresh(Box::new(IntPlan::Varint));
        if matches!(&plan, IntPlan::Fresh(child) if **child != IntPlan::Varint) {
            plans.push(fresh);
        }
        if !plans.contains(&plan) {
            plans.push(plan);
        }
        for plan in plans {
            let inner = ints::encode(values, &plan);
            if inner.payload.len() < MIN_COMPRESSED && !forced_zstd {
                continue;
            }
            let time = time::ZSTD_FRAME
                + inner.payload.len() as u64 * time::ZSTD_BYTE
                + values.len() as u64 * time_of(&plan);
            if self.entropy && !forced_zstd {
                let quick = ints::compress(&inner, PROBE_LEVEL).payload.len() as u64;
                if 100 * quick / PROBE_GAIN * self.byte_time + time > lowest {
                    continue;
                }
            }
            let mut zstd = ints::compress(&inner, level);
            zstd.time = time;
            let total = self.total(Price { bytes: zstd.payload.len(), time });
            tried.push(self.tried(format!("zstd({plan})"), zstd.payload.len(), time));
            if total < lowest {
                (best, lowest) = (zstd, total);
                *taken = format!("zstd({plan})");
            }
        }
        best
    }

    /// The plan of the lowest price.
    fn plan_ints<T: Int>(
        &self,
        values: &[T],
        nesting: Nesting,
        force: Option<IntEncoding>,
    ) -> (IntPlan, Price) {
        let mut plans = self.plans_ints(values, nesting, force);
        if let Some(forced) = plans.iter().position(|(plan, _)| Some(plan.encoding()) == force) {
            return plans.swap_remove(forced);
        }
        plans
            .into_iter()
            .min_by_key(|(plan, price)| (self.total(*price), plan.encoding()))
            .expect("plain always fits")
    }

    /// All plans that may be the best.
    fn plans_ints<T: Int>(
        &self,
        values: &[T],
        nesting: Nesting,
        force: Option<IntEncoding>,
    ) -> Vec<(IntPlan, Price)> {
        let nesting = Nesting {
            delta: nesting.delta && (force == Some(IntEncoding::Delta) || self.uses(Technique::Deltas)),
            rle: nesting.rle && (force == Some(IntEncoding::Rle) || self.uses(Technique::Runs)),
            dictionary: nesting.dictionary && self.uses(Technique::Dictionaries),
        };
        let count = values.len();
        if count == 0 {
            return vec![(IntPlan::Constant, Price { bytes: 0, time: 0 })];
        }
        let (min, max) = ints::min_max(values);
        let mut plans = Vec::new();
        if min == max {
            plans.push((IntPlan::Constant, Price::new(varint::len(min.to_u64()), count, time::CONSTANT)));
        }
        if force.is_none() && min == max {
            return plans;
        }
        plans.push((IntPlan::Plain, Price::new(size_of_val(values), count, time::PLAIN)));
        plans.push((IntPlan::Varint, Price::new(varints::encoded_len(values), count, time::VARINT)));
        let width = bits::width(max.to_u64() - min.to_u64());
        let packed = T::packed_len(count, width);
        plans
            .push((IntPlan::Packed, Price::new(varint::len(min.to_u64()) + 1 + packed, count, time::PACKED)));
        if force == Some(IntEncoding::Patched) || self.uses(Technique::Patches) {
            plans.push((IntPlan::Patched, Price::new(T::patched_len(values), count, time::PATCHED)));
        }
        if self.entropy || force == Some(IntEncoding::Entropy) {
            let (bytes, time) = entropy::price(values);
            plans.push((IntPlan::Entropy, Price { bytes, time }));
        }
        let runs = if nesting.rle { rle::runs(values) } else { count };
        if nesting.rle && (runs <= count / 2 || force == Some(IntEncoding::Rle)) {
            let (lengths, run_values) = rle::encode(values);
            let (lengths, lengths_price) = self.plan_ints(&lengths, FLAT, None);
            let inner = Nesting { delta: nesting.delta, rle: false, dictionary: false };
            let (run_values, values_price) = self.plan_ints(&run_values, inner, None);
            let own = Price {
                bytes: varint::len(runs as u64) + 2 + varint::len(lengths_price.bytes as u64),
                time: count as u64 * time::RLE_VALUE + runs as u64 * time::RLE_RUN,
            };
            let plan = IntPlan::Rle { lengths: Box::new(lengths), values: Box::new(run_values) };
            plans.push((plan, own.and(lengths_price).and(values_price)));
        }
        if nesting.delta && count > 1 {
            let deltas = delta::encode::<1, T>(values);
            let inner = Nesting { delta: false, rle: nesting.rle, dictionary: false };
            let (child, price) = self.plan_ints(&deltas, inner, None);
            plans.push((IntPlan::Delta(Box::new(child)), Price::new(1, count, time::DELTA).and(price)));
        }
        let fresh = || self.uses(Technique::Fresh) && 4 * fresh::count(values) >= count;
        if nesting.delta
            && (force == Some(IntEncoding::Fresh) || fresh())
            && let Some(codes) = fresh::encode(values)
        {
            let inner = Nesting { delta: false, rle: nesting.rle, dictionary: false };
            let (child, price) = self.plan_ints(&codes, inner, None);
            plans.push((IntPlan::Fresh(Box::new(child)), Price::new(1, count, time::FRESH).and(price)));
        }
        let wide = || width >= 8 && !dictionary::looks_distinct(values);
        if nesting.dictionary && (force == Some(IntEncoding::Dictionary) || wide()) {
            // Only where it is sure to be smaller can a dictionary pay: half the values repeat.
            let most = if force == Some(IntEncoding::Dictionary) { count } else { count / 2 };
            if let Some((distinct, codes)) = dictionary::encode(values, most) {
                let inner = Nesting { dictionary: false, ..nesting };
                let distinct_len = varint::len(distinct.len() as u64);
                let (distinct, distinct_price) = self.plan_ints(&distinct, inner, None);
                let (codes, codes_price) = self.plan_ints(&codes, inner, None);
                let own = Price::new(
                    distinct_len + 2 + varint::len(distinct_price.bytes as u64),
                    count,
                    time::DICTIONARY,
                );
                let plan = IntPlan::Dictionary {
                    distinct: Box::new(distinct),
                    codes: Box::new(codes),
                    sorted: false,
                };
                plans.push((plan, own.and(distinct_price).and(codes_price)));
            }
        }
        if force == Some(IntEncoding::Divided) {
            plans.push(self.plan_divided(values));
        }
        plans
    }

    /// Codes `bytes` (geometry types, bitmaps) in the way of the lowest price.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Encoded {
        let mut rle = Vec::new();
        byte_rle::encode(bytes, &mut rle);
        let plans = vec![
            (ByteEncoding::Plain, Price::new(bytes.len(), bytes.len(), time::PLAIN)),
            (ByteEncoding::ByteRle, Price::new(rle.len(), bytes.len(), time::BYTE_RLE)),
        ];
        self.bytes_among(bytes, &[bytes], plans, self.zstd)
    }

    /// The tile's directory, compressed, if that is allowed and pays.
    pub(crate) fn directory(&self, directory: &[u8]) -> Option<Vec<u8>> {
        let frame = block::compress(directory, self.zstd?);
        let compressed = self.total(Price { bytes: frame.len() + 2, time: zstd_time(directory.len()) });
        (compressed < self.total(Price { bytes: directory.len(), time: 0 })).then_some(frame)
    }

    fn bytes_among(
        &self,
        bytes: &[u8],
        strings: &[&[u8]],
        mut plans: Vec<(ByteEncoding, Price)>,
        zstd: Option<i32>,
    ) -> Encoded {
        let write = |encoding| bytes::write(bytes, strings, encoding, zstd.unwrap_or(SMALL_LEVEL));
        if bytes.windows(2).all(|pair| pair[0] == pair[1]) {
            plans.insert(
                0,
                (ByteEncoding::Constant, Price::new(1.min(bytes.len()), bytes.len(), time::CONSTANT)),
            );
        }
        if let Some(force) = self.force.bytes
            && (force != ByteEncoding::Constant || plans[0].0 == force)
            && (force != ByteEncoding::Windows || std::str::from_utf8(bytes).is_ok())
        {
            return write(force);
        }
        let &(encoding, price) = plans
            .iter()
            .min_by_key(|&&(encoding, price)| (self.total(price), encoding))
            .expect("plain always fits");
        let mut best = write(encoding);
        best.time = price.time;
        let mut taken = encoding;
        let lowest = self.total(price);
        if zstd.is_some() && bytes.len() >= MIN_COMPRESSED && encoding != ByteEncoding::Constant {
            let mut compressed = write(ByteEncoding::Zstd);
            compressed.time = zstd_time(bytes.len());
            let price = Price { bytes: compressed.payload.len(), time: zstd_time(bytes.len()) };
            plans.push((ByteEncoding::Zstd, price));
            if self.total(price) < lowest {
                (best, taken) = (compressed, ByteEncoding::Zstd);
            }
        }
        self.note(&best, taken.name(), || {
            plans
                .iter()
                .map(|(encoding, price)| self.tried(encoding.name(), price.bytes, price.time))
                .collect()
        });
        best
    }
}

/// The zstd level of the profile `small`.
pub(crate) const SMALL_LEVEL: i32 = 19;

/// Of so many differences some are short and some long, and nothing lightweight holds them as well
/// as patched bit-packing does.
const MANY: usize = 4096;

/// The zstd level of a quick try, and how many percent of what a slow one leaves it leaves at most: where even then
/// the price would be too high, none follows.
const PROBE_LEVEL: i32 = 3;
const PROBE_GAIN: u64 = 115;

/// The time to decompress a frame of so many bytes.
fn zstd_time(len: usize) -> u64 {
    time::ZSTD_FRAME + len as u64 * time::ZSTD_BYTE
}

/// Payloads shorter than this are not worth a zstd frame.
const MIN_COMPRESSED: usize = 24;

fn time_of(plan: &IntPlan) -> u64 {
    match plan {
        IntPlan::Constant => time::CONSTANT,
        IntPlan::Plain => time::PLAIN,
        IntPlan::Varint => time::VARINT,
        IntPlan::Packed => time::PACKED,
        IntPlan::Patched => time::PATCHED,
        IntPlan::Entropy => time::ENTROPY,
        IntPlan::Rle { values, .. } => time::RLE_VALUE + time_of(values),
        IntPlan::Delta(child) => time::DELTA + time_of(child),
        IntPlan::Fresh(child) => time::FRESH + time_of(child),
        IntPlan::Dictionary { codes, .. } => time::DICTIONARY + time_of(codes),
        IntPlan::Divided { quotients, remainders, .. } => {
            time::DIVIDED + time_of(quotients) + time_of(remainders)
        }
    }
}
