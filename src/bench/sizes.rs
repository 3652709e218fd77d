//! How large tiles are.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::contender::Wrap;
use super::parts::PartSizes;
use super::{Contender, Tile};
use crate::tileset::Error;
use crate::tileset::pipeline::in_order;

/// A form that tiles are stored in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) name: String,
    /// Which of the contenders.
    pub(super) contender: usize,
    pub(super) wrap: Wrap,
}

/// Sizes of all tiles.
pub(super) struct Sizes {
    pub(super) forms: Vec<Form>,
    /// By form, then by tile.
    pub(super) bytes: Vec<Vec<u64>>,
    /// By contender: the parts of layers, of all tiles.
    pub(super) layers: Vec<BTreeMap<String, PartSizes>>,
}

impl Sizes {
    pub(super) fn total(&self, form: usize) -> u64 {
        self.bytes[form].iter().sum()
    }

    /// The sizes of a contender's parts, over all layers.
    pub(super) fn parts(&self, contender: usize) -> PartSizes {
        let mut sums = PartSizes::default();
        for sizes in self.layers[contender].values() {
            for (sum, bytes) in sums.iter_mut().zip(sizes) {
                *sum += bytes;
            }
        }
        sums
    }
}

/// What is found out about one tile.
struct Found {
    /// By form.
    bytes: Vec<u64>,
    /// By contender.
    layers: Vec<Vec<(String, PartSizes)>>,
}

pub(super) fn measure(
    tiles: &[Tile],
    contenders: &[Box<dyn Contender>],
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<Sizes, Error> {
    let forms: Vec<Form> = contenders
        .iter()
        .enumerate()
        .flat_map(|(number, contender)| {
            let form =
                move |&wrap: &Wrap| Form { name: wrap.name(contender.name()), contender: number, wrap };
            contender.wraps().iter().map(form)
        })
        .collect();
    let mut sizes = Sizes {
        bytes: vec![Vec::with_capacity(tiles.len()); forms.len()],
        layers: vec![BTreeMap::new(); contenders.len()],
        forms: forms.clone(),
    };
    let produce = |send: &mut dyn FnMut(usize) -> ControlFlow<()>| {
        for number in 0..tiles.len() {
            if send(number).is_break() {
                break;
            }
        }
        Ok(())
    };
    let mut done = 0;
    in_order(
        threads,
        produce,
        |number| look_at(&tiles[number], contenders, &forms),
        |found| {
            let Found { bytes, layers } = found?;
            for (sizes, bytes) in sizes.bytes.iter_mut().zip(bytes) {
                sizes.push(bytes);
            }
            for (sums, layers) in sizes.layers.iter_mut().zip(layers) {
                for (name, parts) in layers {
                    let sum = sums.entry(name).or_default();
                    for (sum, bytes) in sum.iter_mut().zip(parts) {
                        *sum += bytes;
                    }
                }
            }
            done += 1;
            progress(done);
            Ok(())
        },
    )?;
    Ok(sizes)
}

fn look_at(tile: &Tile, contenders: &[Box<dyn Contender>], forms: &[Form]) -> Result<Found, Error> {
    let mut found = Found { bytes: vec![0; forms.len()], layers: Vec::new() };
    for (number, contender) in contenders.iter().enumerate() {
        let fault =
            |error: String| Error::because(format!("tile {} as {}", tile.name, contender.name()), error);
        let encoded = contender.encode(&tile.mvt).map_err(fault)?;
        found.layers.push(contender.parts(&encoded).map_err(fault)?);
        for (form, bytes) in forms.iter().zip(&mut found.bytes).filter(|(form, _)| form.contender == number) {
            *bytes = form.wrap.wrap(encoded.clone()).len() as u64;
        }
    }
    Ok(found)
}
