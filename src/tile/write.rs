//! Layers in, a tile out.

mod properties;

use std::borrow::Cow;

pub(super) use self::properties::{Properties, write_properties};

use super::layer::Layer;
use super::measures;
use super::options::{EncodeOptions, Profile};
use super::order;
use super::out::{self, OutColumn, OutLayer};
use super::statistics::Statistics;
use crate::column::forms::{self, Forms};
use crate::column::hashed::{self, Hash};
use crate::column::{Column, ColumnKind, scalar};
use crate::error::{Error, Result};
use crate::geometry;
use crate::geometry::vertices::VertexEncoding;
use crate::stream::choose::{Chooser, Force};
use crate::stream::technique::Technique;
use crate::stream::{Encoded, Role};

/// The most features of a layer, and the most bytes of its strings: what Arrow's offsets can say.
const MOST: usize = i32::MAX as usize;

/// Writes a tile of `layers`. The same layers and options give the same bytes.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] if a layer has more than 2^31 − 1 features or bytes of strings.
pub fn encode(layers: &[Layer], options: &EncodeOptions) -> Result<Vec<u8>> {
    Ok(encode_either(layers, options)?.0)
}

/// Up to so many bytes it is tried whether a tile is smaller without tokens, which cost a stream for each
/// column and pay where there are many features. Above, they nearly always do.
const FEW_BYTES: usize = 16 << 10;

/// A tile of `layers`, and the options by which it was written: `options`, but for what the tile is smaller
/// without.
pub(super) fn encode_either(layers: &[Layer], options: &EncodeOptions) -> Result<(Vec<u8>, EncodeOptions)> {
    let options = EncodeOptions { byte_time: Some(options.picoseconds_per_byte(layers)), ..options.clone() };
    let chooser = options.chooser();
    let mut best = (encode_with(layers, &options)?, options);
    let tokens = best.0.len() <= FEW_BYTES && chooser.tokens();
    // Names that repeat row by row have less to say key by key.
    let maps = chooser.uses(Technique::GroupedMaps)
        && layers.iter().flat_map(|layer| &layer.columns).any(Column::has_map);
    for (technique, try_without) in [(Technique::Tokens, tokens), (Technique::GroupedMaps, maps)] {
        if try_without {
            let mut others = best.1.clone();
            others.without.push(technique);
            let other = encode_with(layers, &others)?;
            if other.len() < best.0.len() {
                best = (other, others);
            }
        }
    }
    Ok(best)
}

fn encode_with(layers: &[Layer], options: &EncodeOptions) -> Result<Vec<u8>> {
    let chooser = options.chooser();
    #[cfg(feature = "triangles")]
    let with_triangles: Vec<Layer>;
    #[cfg(feature = "triangles")]
    let layers = if options.triangles {
        with_triangles = layers.iter().cloned().map(Layer::with_triangles).collect();
        &with_triangles
    } else {
        layers
    };
    if let Some(layer) = layers.iter().find(|layer| layer.len() > MOST) {
        return Err(Error::input("more than 2^31 - 1 features").within(format!("layer {:?}", layer.name)));
    }
    let orders: Vec<_> = layers.iter().map(|layer| order::candidates(layer, options)).collect();
    let vertices: usize = layers.iter().map(|layer| layer.geometry.vertices.len() / 2).sum();
    let compact = match options.compact {
        Some(wanted) => wanted,
        None => {
            options.profile == Profile::Small
                && vertices <= COMPACT
                && options.vertices != Some(VertexEncoding::Plain)
                && !options.without.contains(&Technique::Compact)
        }
    };
    let forms = forms_of(&orders, &chooser);
    let smallest = orders
        .iter()
        .zip(&forms)
        .map(|(orders, forms)| write_smallest(orders, forms, compact, options, &chooser))
        .collect::<Result<Vec<Written>>>()?;
    let statistics: Vec<u8> = smallest.iter().flat_map(|written| &written.statistics).copied().collect();
    let in_parts = (options.compact != Some(true)).then(|| {
        let layers: Vec<&OutLayer> = smallest.iter().map(|written| &written.layer).collect();
        out::write(&layers, None, &statistics, &chooser)
    });
    let compact = compact.then(|| write_compact(smallest, &statistics, options, &chooser));
    Ok([in_parts, compact].into_iter().flatten().min_by_key(Vec::len).expect("one of two tiles"))
}

/// The dictionaries that columns of layers share, also of different ones, for strings of one form.
pub(super) fn forms_of<'a>(orders: &'a [Vec<Cow<Layer>>], chooser: &Chooser) -> Vec<Forms<'a>> {
    if chooser.force != Force::default() || !chooser.uses(Technique::Records) {
        return vec![Forms::default(); orders.len()];
    }
    let columns: Vec<&[Column]> = orders.iter().map(|orders| &orders[0].columns[..]).collect();
    let mut out = forms::plan(&columns);
    // Dictionaries stand in front of the properties.
    let before: Vec<usize> = orders.iter().map(|orders| before_properties(&orders[0])).collect();
    for dictionary in out.iter_mut().flat_map(|forms| &mut forms.dictionaries) {
        dictionary.lender = dictionary.lender.map(|(layer, number)| (layer, before[layer] + number));
    }
    out
}

/// How many columns of a layer stand in front of its dictionaries and properties.
fn before_properties(layer: &Layer) -> usize {
    let geometry = !layer.is_empty() || layer.geometry.indices.is_some();
    usize::from(layer.ids.is_some()) + usize::from(geometry) + usize::from(layer.heights.is_some())
}

/// Tiles of up to so many vertices may be compact: about 100 KB, which no one reads in parts.
const COMPACT: usize = 1 << 16;

/// A layer ready to be written.
struct Written<'a> {
    /// The layer in the order in which it is written.
    source: &'a Layer,
    layer: OutLayer<'a>,
    /// Its texts, in the order of the streams, as a compact tile has them.
    texts: Vec<Encoded>,
    statistics: Vec<u8>,
}

/// Writes a layer in the one of its `orders` in which it takes the fewest bytes, the first of several.
fn write_smallest<'a>(
    orders: &'a [Cow<Layer>],
    forms: &Forms,
    compact: bool,
    options: &EncodeOptions,
    chooser: &Chooser,
) -> Result<Written<'a>> {
    let mut smallest: Option<(usize, Written)> = None;
    for layer in orders {
        let written = write_layer(layer, forms, compact, options, chooser)?;
        let columns = written.layer.columns.iter().enumerate();
        let size =
            written.statistics.len() + columns.map(|(number, column)| column.size(number)).sum::<usize>();
        if smallest.as_ref().is_none_or(|(least, _)| size < *least) {
            smallest = Some((size, written));
        }
    }
    Ok(smallest.expect("a layer has at least one order").1)
}

/// Writes a compact tile: text is compressed with the directory, unless there are nested properties and it
/// costs little not to, and all vertices are one sequence. All else is as in a tile of parts.
fn write_compact(
    mut layers: Vec<Written>,
    statistics: &[u8],
    options: &EncodeOptions,
    chooser: &Chooser,
) -> Vec<u8> {
    let geometries: Vec<_> = layers.iter().map(|layer| &layer.source.geometry).collect();
    let vertices = geometry::joint::write(&geometries, options.vertex_choice(), chooser);
    let write = |layers: &[Written]| {
        let layers: Vec<&OutLayer> = layers.iter().map(|written| &written.layer).collect();
        out::write(&layers, Some(&vertices), statistics, chooser)
    };
    for column in layers.iter_mut().flat_map(|written| &mut written.layer.columns) {
        column.streams.retain(|stream| !matches!(stream.role, Role::Vertices | Role::VertexOffsets));
    }
    let nested = |written: &Written| written.layer.columns.iter().any(|column| column.kind.is_nested());
    let apart = layers.iter().any(nested).then(|| write(&layers));
    for Written { layer, texts, .. } in &mut layers {
        let mut texts = texts.drain(..);
        for column in &mut layer.columns {
            column.each_text(&mut |text| *text = texts.next().expect("as many texts as there were"));
        }
    }
    let together = write(&layers);
    apart.filter(|apart| apart.len() <= together.len() + together.len() / FOR_LEAVES).unwrap_or(together)
}

/// A tile with nested properties, which people read leaf by leaf, may be longer by one part of so many if its
/// texts are compressed by themselves, so that a leaf without text needs none of them.
const FOR_LEAVES: usize = 25;

/// Writes a layer; `compact` tells whether a compact tile is to have it too.
fn write_layer<'a>(
    source: &'a Layer,
    forms: &Forms,
    compact: bool,
    options: &EncodeOptions,
    chooser: &Chooser,
) -> Result<Written<'a>> {
    let mut statistics = Vec::new();
    let zstd_text = chooser.zstd_text.filter(|_| !compact);
    let as_it_is = Chooser { zstd_text, ..chooser.clone() };
    let mut columns = write_columns(source, forms, options, &as_it_is, &mut statistics)
        .map_err(|error| error.within(format!("layer {:?}", source.name)))?;
    let mut texts = Vec::new();
    for column in columns.iter_mut().filter(|_| compact) {
        column.each_text(&mut |text| {
            let compressed = chooser.compress_text(text);
            texts.push(std::mem::replace(text, compressed));
        });
    }
    let (name, extent, version) = (&source.name, source.extent, source.version);
    let layer = OutLayer { name, extent, version, features: source.len(), columns };
    Ok(Written { source, layer, texts, statistics })
}

/// The columns of a layer.
pub(super) fn write_columns<'a>(
    layer: &'a Layer,
    forms: &Forms,
    options: &EncodeOptions,
    chooser: &Chooser,
    statistics: &mut Vec<u8>,
) -> Result<Vec<OutColumn<'a>>> {
    let unnamed = |kind, streams| OutColumn::new(kind, "", None, streams);
    let mut out = Vec::new();
    let mut hashed = None;
    if let Some(ids) = &layer.ids {
        if options.statistics {
            Statistics::of_ids(ids).write(statistics);
        }
        if chooser.force == Force::default() && chooser.uses(Technique::Ids) {
            hashed = hashed::find(ids, &layer.columns);
        }
        out.push(match hashed {
            Some((column, _)) => {
                unnamed(ColumnKind::HashedId, hashed::write(ids, &layer.columns[column], chooser))
            }
            None => unnamed(ColumnKind::Id, scalar::write_ids(ids, chooser)),
        });
    }
    if !layer.is_empty() || layer.geometry.indices.is_some() {
        let streams = geometry::column::write(&layer.geometry, Some(options.vertex_choice()), chooser);
        out.push(unnamed(ColumnKind::Geometry, streams));
    }
    if let Some(heights) = &layer.heights {
        out.push(measures::write_heights(heights, &layer.geometry, chooser));
    }
    let properties = Properties {
        columns: &layer.columns,
        measures: &layer.measures,
        geometry: &layer.geometry,
        before: out.len(),
    };
    if options.statistics {
        let columns = layer.columns.iter().filter(|column| Statistics::are_of(&column.values));
        columns.for_each(|column| Statistics::of(column).write(statistics));
    }
    out.extend(write_properties(properties, forms, chooser)?);
    if let Some((column, multiplier)) = hashed {
        // Behind dictionaries there are properties, and then measures.
        let column = out.len() - layer.measures.len() - layer.columns.len() + column;
        out[0].hash = Some(Hash { multiplier, column });
    }
    Ok(out)
}
