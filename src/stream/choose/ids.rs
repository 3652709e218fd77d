//! How ids are coded: they are all different, or nearly so, and often a multiple of ten and a digit.

use super::{ANY, Chooser, Price, time};
use crate::encoding::int::Int;
use crate::encoding::{dictionary, divided};
use crate::stream::Encoded;
use crate::stream::ints::{self, IntPlan};
use crate::stream::technique::Technique;
use crate::wire::varint;

/// What ids are divided by: OpenMapTiles' are an OpenStreetMap id and a digit for its type.
const DIVISOR: u32 = 10;

impl Chooser {
    /// Codes ids in the way of the lowest price: as all integers, or each once, sorted, and their ranks;
    /// and in either case perhaps with their last digits apart.
    pub(crate) fn ids(&self, ids: &[u64]) -> Encoded {
        let sorted = self.entropy && self.uses(Technique::Ids);
        if !sorted || self.force.ints.is_some() || ids.is_empty() {
            return self.ints(ids);
        }
        let (mut distinct, mut ranks) = dictionary::encode(ids, usize::MAX).expect("no limit");
        dictionary::sort(&mut distinct, &mut ranks);
        let (sorted, sorted_price) = self.plan_ids(&distinct);
        let (ranks, ranks_price) = self.plan_ints(&ranks, ANY, None);
        let own = Price::new(
            varint::len(distinct.len() as u64) + 2 + varint::len(sorted_price.bytes as u64),
            ids.len(),
            time::DICTIONARY,
        );
        let sorted_price = own.and(sorted_price).and(ranks_price);
        let sorted = IntPlan::Dictionary { distinct: Box::new(sorted), codes: Box::new(ranks), sorted: true };
        let (plan, price) = self.plan_ids(ids);
        if self.total(sorted_price) >= self.total(price) {
            return self.carry_out(ids, plan, price, ANY, vec![(sorted, sorted_price)]);
        }
        let mut chosen = ints::encode(ids, &sorted);
        chosen.time = sorted_price.time;
        self.note(&chosen, &sorted, || {
            let plans = [
                self.plans_ints(ids, ANY, None),
                vec![self.plan_divided(ids), (sorted.clone(), sorted_price)],
            ];
            self.all_tried(&plans.concat())
        });
        chosen
    }

    fn plan_ids(&self, ids: &[u64]) -> (IntPlan, Price) {
        let (plan, price) = self.plan_ints(ids, ANY, None);
        let (divided, divided_price) = self.plan_divided(ids);
        match self.total(divided_price) < self.total(price) {
            true => (divided, divided_price),
            false => (plan, price),
        }
    }

    pub(super) fn plan_divided<T: Int>(&self, values: &[T]) -> (IntPlan, Price) {
        let (quotients, remainders) = divided::encode(values, DIVISOR);
        let (quotients, quotients_price) = self.plan_ints(&quotients, ANY, None);
        let (remainders, remainders_price) = self.plan_ints(&remainders, ANY, None);
        let own = Price::new(3 + varint::len(quotients_price.bytes as u64), values.len(), time::DIVIDED);
        let plan = IntPlan::Divided {
            divisor: DIVISOR,
            quotients: Box::new(quotients),
            remainders: Box::new(remainders),
        };
        (plan, own.and(quotients_price).and(remainders_price))
    }
}
