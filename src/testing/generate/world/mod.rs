//! A small country that does not exist, about as large as Liechtenstein and mapped about as well:
//! a river for a western border, towns along a valley road, forests on the slopes, alps above.

mod cover;
pub(crate) mod feature;
pub(crate) mod fixed;
mod labels;
pub(crate) mod land;
mod names;
pub(crate) mod network;
pub(crate) mod region;
mod shape;
pub(crate) mod simplify;
mod streets;
mod towns;
mod water;
mod ways;

use crate::testing::random::Random;
use feature::Collection;
use region::Region;
use streets::Streets;

/// Everything a map of the country shows.
pub(crate) struct World {
    pub name: String,
    pub all: Collection,
}

impl World {
    /// The country of that number.
    pub fn new(seed: u64) -> Self {
        let random = &mut Random::from_seed(seed);
        let mut all = Collection::default();
        let region = Region::new(random);
        let country = names::place(random);
        let towns = towns::towns(random, &region);
        let streets = Streets::new(random, &region, &towns);
        labels::places(random, &towns, &country, &mut all);
        labels::localities(random, &region, &mut all);
        cover::boundaries(random, &region, &towns, &mut all);
        labels::pois(random, &streets, &towns, &mut all);
        water::water(random, &region, &streets, &mut all);
        ways::ways(random, &streets, &mut all);
        towns::houses(random, &streets, &towns, &mut all);
        cover::parks(random, &region, &mut all);
        cover::quarters(random, &streets, &mut all);
        cover::cover(random, &region, &towns, &streets, &mut all);
        labels::peaks(random, &region, &mut all);
        Self { name: country.latin, all }
    }
}
