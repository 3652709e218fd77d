use proptest::prelude::*;

use super::*;
use crate::limits::Budget;

fn round_trip(values: &[u64]) -> Vec<u8> {
    let mut payload = Vec::new();
    encode(values, &mut payload);
    let mut out: Vec<u64> = Vec::new();
    decode(&mut Reader::new(&payload, 0), values.len(), &mut Budget::default(), &mut out).unwrap();
    assert_eq!(out, values);
    payload
}

fn skewed(below: u64) -> impl Strategy<Value = Vec<u64>> {
    let value = (0..below, 0u32..64).prop_map(|(value, shift)| value >> (shift / 4));
    prop::collection::vec(value, 1..300)
}

proptest! {
    #[test]
    fn values_survive(
        values in prop_oneof![skewed(2), skewed(16), skewed(300), skewed(u64::MAX)],
        times in prop_oneof![9 => Just(1usize), 1 => Just(40)],
    ) {
        let values = values.repeat(times);
        let payload = round_trip(&values);
        let estimate = price(&values).0;
        prop_assert!(payload.len() <= estimate + estimate / 8 + 12, "{} for {estimate}", payload.len());
        prop_assert!(estimate <= payload.len() + payload.len() / 8 + 12, "{} for {estimate}", payload.len());
    }

    #[test]
    fn symbols_survive(
        data in prop::collection::vec((0u8..16, 0u8..16, any::<bool>()), 0..300),
        times in prop_oneof![9 => Just(1usize), 1 => Just(40)],
    ) {
        let data = data.repeat(times);
        let contexts: Vec<u8> = data.iter().map(|data| data.0).collect();
        let symbols: Vec<u8> = data.iter().map(|data| if data.2 { data.0 / 2 } else { data.1 }).collect();
        let mut payload = Vec::new();
        encode_symbols(&symbols, &contexts, &mut payload);
        let read = |payload: &[u8]| {
            let mut out = Vec::new();
            decode_symbols(&mut Reader::new(payload, 0), &contexts, &mut Budget::default(), &mut out).map(|()| out)
        };
        prop_assert_eq!(read(&payload).unwrap(), symbols);
        prop_assert!(read(&[&payload[..], &[0]].concat()).is_err());
    }

    #[test]
    fn damage_is_noticed_or_harmless(
        values in skewed(5000), hits in prop::collection::vec((any::<usize>(), 1u8..), 1..3),
    ) {
        let mut payload = round_trip(&values);
        for (place, change) in hits {
            let place = place % payload.len();
            payload[place] ^= change;
        }
        for len in 0..=payload.len() {
            let mut out: Vec<u32> = Vec::new();
            let mut reader = Reader::new(&payload[..len], 0);
            let _ = decode(&mut reader, values.len(), &mut Budget::default(), &mut out);
            prop_assert!(out.len() <= values.len());
        }
    }
}

#[test]
fn long_numbers() {
    round_trip(&[0, u64::MAX, 1 << 14, (1 << 14) - 1, 1 << 32, (1 << 48) - 1, 1 << 63]);
    let mut payload = Vec::new();
    encode(&[1u64 << 32, 7], &mut payload);
    let mut out: Vec<u32> = Vec::new();
    let error = decode(&mut Reader::new(&payload, 0), 2, &mut Budget::default(), &mut out).unwrap_err();
    assert_eq!(error.what(), "a number of 33 bits, of at most 32");
}
