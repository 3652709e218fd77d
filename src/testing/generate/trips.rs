//! Points as people have them: crowded in cities, with numbers, categories and moments.

use crate::testing::Random;

/// Where and how a trip began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    /// In degrees.
    pub longitude: f64,
    /// In degrees.
    pub latitude: f64,
    /// A category of few.
    pub kind: &'static str,
    /// The number of an operator, below 300; small ones are frequent.
    pub operator: u32,
    /// Above 0, with two decimals, and many small ones.
    pub amount: f64,
    /// 1 to 6.
    pub passengers: i32,
    /// Milliseconds since 1970 began, in the year 2024.
    pub time: i64,
    /// Kilometres an hour.
    pub speed: f32,
}

/// Kinds of trips, the frequent ones first.
pub const KINDS: [&str; 8] = ["taxi", "bus", "tram", "bicycle", "walk", "ferry", "train", "other"];

const CITIES: usize = 1500;

/// Trips without end, the same ones for a seed.
pub fn trips(seed: u64) -> impl Iterator<Item = Trip> {
    let mut random = Random::from_seed(seed);
    // Of which city k has a share of about 1 / k.
    let cities: Vec<[f64; 3]> = (0..CITIES)
        .map(|_| {
            let [x, y, size] = [(); 3].map(|()| unit(&mut random));
            [360.0 * x - 180.0, 125.0 * y - 55.0, 0.02 + 0.2 * size * size]
        })
        .collect();
    std::iter::repeat_with(move || {
        let (longitude, latitude) = if random.chance(1, 20) {
            (360.0 * unit(&mut random) - 180.0, 170.0 * unit(&mut random) - 85.0)
        } else {
            let rank = (CITIES as f64).powf(unit(&mut random)) - 1.0;
            let [x, y, size] = cities[(rank as usize).min(CITIES - 1)];
            let spread = |random: &mut Random| size * (0..4).map(|_| unit(random) - 0.5).sum::<f64>();
            let (x, y) = (x + spread(&mut random), y + spread(&mut random));
            ((x + 180.0).rem_euclid(360.0) - 180.0, y)
        };
        let few = |random: &mut Random, end: f64| (end.powf(unit(random)) - 1.0) as u32;
        Trip {
            longitude,
            latitude,
            kind: KINDS[few(&mut random, 9.0).min(7) as usize],
            operator: few(&mut random, 301.0).min(299),
            amount: (200.0 * unit(&mut random) * unit(&mut random) * 100.0).round() / 100.0 + 0.01,
            passengers: 1 + few(&mut random, 7.0).min(5) as i32,
            time: 1_704_067_200_000 + (unit(&mut random) * 31_622_400_000.0) as i64,
            speed: (120.0 * unit(&mut random)) as f32,
        }
    })
}

/// From 0 to below 1.
fn unit(random: &mut Random) -> f64 {
    (random.any() >> 11) as f64 / (1u64 << 53) as f64
}
