//! Features into a tile.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde_json::{Map, Value};

use super::feature::{Feature, Geometry};
use super::measures::{self, PerPosition};
use super::place::{Placed, Placer};
use super::schema::{Decisions, Forms, NumberForm, Place};
use crate::column::Value as Cell;
use crate::coord::TileCoord;
use crate::error::{Error, Result};
use crate::tile::builder::LayerBuilder;
use crate::tile::grid::Grid;
use crate::tile::layer::{DEFAULT_EXTENT, Layer};

/// How many values the columns of a tile may have, those that are null counted: half a gigabyte of numbers.
/// A few features of which each has properties of its own come to more than that, and to nothing useful.
const MOST_CELLS: u64 = 1 << 26;

/// How features become a tile.
#[derive(Clone, Debug)]
pub struct Options {
    /// The layer of features that name none.
    pub layer: String,
    /// The number of units along a side of the tile, 1 to 2^24.
    pub extent: u32,
    /// How many units beyond the tile's sides geometries are cut, at most the extent.
    pub buffer: u32,
    /// How far vertices may be from what is drawn, in units, to be left out; none keeps them all, also those
    /// that fall on the same place.
    pub simplify: Option<f64>,
    /// The grid of heights.
    pub heights: Grid,
    /// Paths of properties that are maps, not structs: `names`, `names.common`, `lanes[].tags`.
    pub maps: Vec<String>,
}

impl Default for Options {
    /// A layer `features` of extent 4096 with a buffer of 64 units, heights in centimetres.
    fn default() -> Self {
        Self {
            layer: "features".into(),
            extent: DEFAULT_EXTENT,
            buffer: 64,
            simplify: None,
            heights: Grid { scale: 0.01, offset: 0.0 },
            maps: Vec::new(),
        }
    }
}

impl Options {
    /// That each of them is within its bounds.
    pub(crate) fn check(&self) -> Result<()> {
        if self.extent == 0 || self.extent > 1 << 24 || self.buffer > self.extent {
            return Err(Error::input("an extent of 0 or above 2^24, or a buffer wider than the tile"));
        }
        if self.simplify.is_some_and(|tolerance| !(tolerance > 0.0 && tolerance.is_finite())) {
            return Err(Error::input("a tolerance that is not above 0"));
        }
        self.heights.check().map_err(Error::input)
    }
}

/// What [`TileBuilder`] found, and what it had to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Features that were added.
    pub features: u64,
    /// Those of them that lie in the tile, at least in part.
    pub within: u64,
    /// Features of several geometries, which became one feature each.
    pub collections: u64,
    /// Ids that are no integers of 0 to 2^64 − 1: they became the property `id`, unless there is one.
    pub other_ids: u64,
    /// Numbers of positions behind the third one, which are left out.
    pub further_numbers: u64,
    /// Rings whose last position, which is the first one again, has another height or other values, which
    /// are left out.
    pub closing_values: u64,
    /// Paths of values within properties that have no type in common, and became JSON text.
    pub as_text: Vec<String>,
}

/// Makes a tile of features. Those that lie in the tile are kept in memory until it is finished.
#[derive(Debug)]
pub struct TileBuilder {
    options: Options,
    placer: Placer,
    layers: Vec<Draft>,
    report: Report,
}

#[derive(Debug)]
struct Draft {
    name: String,
    features: Vec<Kept>,
}

/// A feature in the tile.
#[derive(Debug)]
struct Kept {
    number: u64,
    id: Option<u64>,
    placed: Placed,
    heights: Option<Vec<f64>>,
    measures: Vec<PerPosition>,
    properties: Map<String, Value>,
}

impl TileBuilder {
    /// A builder of the tile at `tile`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if an option is beyond its bounds.
    pub fn new(tile: TileCoord, options: Options) -> Result<Self> {
        options.check()?;
        let placer = Placer::new(tile, &options);
        Ok(Self { options, placer, layers: Vec::new(), report: Report::default() })
    }

    /// Adds what of a feature lies in the tile.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if its positions are no degrees, or its values per vertex do not
    /// have the form they must have.
    pub fn add(&mut self, mut feature: Feature) -> Result<()> {
        self.report.features += 1;
        self.report.collections += u64::from(feature.geometries.len() > 1);
        let measures = measures::take(&mut feature)?;
        let Feature { number, id, geometries, properties, layer } = feature;
        geometries.iter().try_for_each(Geometry::check)?;
        let placed: Vec<(Geometry, Placed)> = geometries
            .into_iter()
            .filter_map(|geometry| self.placer.place(&geometry).map(|placed| (geometry, placed)))
            .collect();
        if placed.is_empty() {
            return Ok(());
        }
        self.report.within += 1;
        let (id, properties) = self.identify(id, properties);
        let name = layer.unwrap_or_else(|| self.options.layer.clone());
        let index = self.layers.iter().position(|layer| layer.name == name).unwrap_or_else(|| {
            self.layers.push(Draft { name, features: Vec::new() });
            self.layers.len() - 1
        });
        for (geometry, placed) in placed {
            self.report.further_numbers += geometry.further;
            self.report.closing_values += closing_values(&geometry, &measures);
            let heights = geometry.heights.as_ref().map(|heights| placed.numbers(heights));
            let measures = measures.iter().map(|measure| PerPosition {
                name: measure.name.clone(),
                values: placed.sources.iter().map(|&at| measures::at(&measure.values, at)).collect(),
            });
            let measures = measures.collect();
            let properties = properties.clone();
            self.layers[index].features.push(Kept { number, id, placed, heights, measures, properties });
        }
        Ok(())
    }

    fn identify(
        &mut self,
        id: Option<Value>,
        mut properties: Map<String, Value>,
    ) -> (Option<u64>, Map<String, Value>) {
        let Some(id) = id else { return (None, properties) };
        if let Some(id) = id.as_u64() {
            return (Some(id), properties);
        }
        self.report.other_ids += 1;
        if !properties.contains_key("id") {
            properties.insert("id".into(), id);
        }
        (None, properties)
    }

    /// The layers, in the order of their first features, and what had to be changed.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if values are nested more than 16 deep, if there are so many
    /// properties for so many features that their columns take more than 2^26 values, or heights that the
    /// grid does not hold.
    pub fn finish(self) -> Result<(Vec<Layer>, Report)> {
        let Self { options, layers, mut report, .. } = self;
        let mut out = Vec::with_capacity(layers.len());
        for layer in layers {
            let name = layer.name.clone();
            let built = build(layer, &options, &mut report);
            out.push(built.map_err(|error| error.within(format!("layer {name:?}")))?);
        }
        report.as_text.sort();
        report.as_text.dedup();
        Ok((out, report))
    }
}

/// How many rings of a polygon end with other values than they start with.
fn closing_values(geometry: &Geometry, measures: &[PerPosition]) -> u64 {
    let rings = geometry.rings().filter(|ring| geometry.is_closed(ring));
    let differs = |ring: &std::ops::Range<usize>| {
        let (first, last) = (ring.start, ring.end - 1);
        let heights = geometry.heights.as_ref();
        heights.is_some_and(|heights| heights[first].to_bits() != heights[last].to_bits())
            || measures.iter().any(|measure| measure.values[first] != measure.values[last])
    };
    rings.filter(differs).count() as u64
}

/// The forms of properties, or of values per vertex, by their names.
type FormsByName = HashMap<String, Forms, FixedState>;

fn build(layer: Draft, options: &Options, report: &mut Report) -> Result<Layer> {
    let (properties, measures) = decide(&layer, options, report)?;
    let mut builder = LayerBuilder::new(layer.name).with_extent(options.extent);
    if layer.features.iter().any(|feature| feature.heights.is_some()) {
        builder.height_grid(options.heights.scale, options.heights.offset)?;
    }
    for mut feature in layer.features {
        let number = feature.number;
        add(&mut builder, &mut feature, &properties, &measures)
            .map_err(|error| error.within(format!("feature {number}")))?;
    }
    builder.finish()
}

/// What types the columns of a layer have.
fn decide(layer: &Draft, options: &Options, report: &mut Report) -> Result<(FormsByName, FormsByName)> {
    let mut places = [Vec::<(&str, Place)>::new(), Vec::new()];
    let mut by_name: [HashMap<&str, usize, FixedState>; 2] = Default::default();
    for feature in &layer.features {
        for (name, value) in &feature.properties {
            see(&mut places[0], &mut by_name[0], name).add(value);
        }
        for measure in &feature.measures {
            let place = see(&mut places[1], &mut by_name[1], &measure.name);
            measure.values.iter().for_each(|value| place.add(value));
        }
    }
    let rows = layer.features.len() as u64;
    let vertices = layer.features.iter().map(|feature| feature.placed.vertices.len() as u64).sum();
    let mut decisions = Decisions { maps: &options.maps, as_text: Vec::new(), cells: 0 };
    let [properties, measures] = [(&places[0], rows), (&places[1], vertices)].map(|(places, count)| {
        places.iter().map(|(name, place)| ((*name).to_owned(), decisions.forms(name, place, count))).collect()
    });
    if decisions.cells > MOST_CELLS {
        return Err(Error::input(format!(
            "{} values in all columns, those without a value counted; the limit is {MOST_CELLS}",
            decisions.cells
        )));
    }
    report.as_text.append(&mut decisions.as_text);
    Ok((properties, measures))
}

fn see<'a, 'b>(
    places: &'b mut Vec<(&'a str, Place)>,
    by_name: &mut HashMap<&'a str, usize, FixedState>,
    name: &'a str,
) -> &'b mut Place {
    let index = *by_name.entry(name).or_insert_with(|| {
        places.push((name, Place::default()));
        places.len() - 1
    });
    &mut places[index].1
}

fn add(
    builder: &mut LayerBuilder,
    feature: &mut Kept,
    properties: &FormsByName,
    measures: &FormsByName,
) -> Result<()> {
    let placed = &feature.placed;
    builder.feature(feature.id, |geometry| Ok(placed.write(geometry)))?;
    if let Some(heights) = &feature.heights {
        builder.heights(heights)?;
    }
    for PerPosition { name, values } in &feature.measures {
        let form = measures[&name[..]].number();
        builder.measure(name, &cells(values, form))?;
    }
    for (name, value) in &mut feature.properties {
        let forms = &properties[&name[..]];
        forms.prepare(value);
        builder.nested(name, &forms.item(value))?;
    }
    Ok(())
}

/// The values of a feature's vertices, which are of one type; numbers in the form of all of that name, or
/// in one that holds all of the feature's, else as doubles.
fn cells(values: &[Value], form: Option<NumberForm>) -> Vec<Cell<'_>> {
    let has_null = values.iter().any(Value::is_null);
    let form = form.filter(|form| !has_null || *form == NumberForm::Double).unwrap_or(NumberForm::Double);
    let cell = |value| match value {
        &Value::Bool(value) => Cell::Bool(value),
        Value::String(text) => Cell::String(text),
        Value::Number(number) => form.cell(number).unwrap_or(Cell::Double(f64::NAN)),
        _ => Cell::Double(f64::NAN),
    };
    values.iter().map(cell).collect()
}
