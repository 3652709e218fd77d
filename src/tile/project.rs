//! A tile made smaller without decoding it: layers and columns left out, streams copied.
//!
//! A stream is copied where it means the same in the smaller tile. Columns of strings whose dictionary
//! serves others that are left out, and columns whose tokens refer to such, are decoded and encoded
//! anew; so are the vertices of a compact tile of which layers are left out, which are one sequence.

use super::directory::{ColumnEntry, LayerEntry, Layout};
use super::measures::Measure;
use super::options::EncodeOptions;
use super::out::{self, OutColumn, OutLayer};
use super::projection::Projection;
use super::read::{LayerReader, Tile};
use super::write::{Properties, write_properties};
use crate::column::forms::Forms;
use crate::column::{Column, ColumnKind, Ids, scalar};
use crate::error::Result;
use crate::geometry::builder::GeometryBuilder;
use crate::geometry::{self, Geometry};
use crate::limits::Budget;
use crate::stream::choose::Chooser;
use crate::stream::{Encoded, Links, OutStream, StreamEntry};

/// What became of something that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its streams were copied.
    Copied,
    /// It was decoded and encoded anew.
    Encoded,
}

/// A column of a smaller tile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectedColumn {
    /// The layer.
    pub layer: String,
    /// The column's name; empty for kinds that have none.
    pub name: String,
    /// The column's kind.
    pub kind: ColumnKind,
    /// The bytes of its streams, those of columns within it too.
    pub bytes: usize,
    /// How it came there.
    pub fate: Fate,
}

/// What [`project`] makes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Projected {
    /// The smaller tile.
    pub tile: Vec<u8>,
    /// Its columns, layer by layer.
    pub columns: Vec<ProjectedColumn>,
    /// The vertices of all layers, if the tile is compact and has some: their bytes, and how they came
    /// there.
    pub vertices: Option<(usize, Fate)>,
}

/// A tile of what is wanted of another one: features stay, each with its geometry and its heights, and
/// with ids and columns as far as they are wanted. Streams are copied where that is possible; `options`
/// are for what must be encoded anew, and for the directory. Statistics stay, layout and order too.
///
/// ```
/// use covt::{Budget, ColumnName, EncodeOptions, LayerBuilder, Projection, Tile, Value};
///
/// let mut places = LayerBuilder::new("places");
/// places.feature(Some(7), |geometry| Ok(geometry.point(1200, 830)))?;
/// places.property("name", Value::String("Vaduz"))?;
/// places.property("population", Value::UInt(5_696))?;
/// let tile = covt::encode(&[places.finish()?], &EncodeOptions::default())?;
///
/// let names = vec![ColumnName::parse("population").unwrap()];
/// let wanted = Projection { columns: Some(names), ..Projection::default() };
/// let mut budget = Budget::default();
/// let smaller = covt::project(&tile, &wanted, &EncodeOptions::default(), &mut budget)?.tile;
/// let layer = &Tile::open(&smaller, &mut budget)?.decode(&mut budget)?[0];
/// assert_eq!(layer.columns().len(), 1);
/// assert!(smaller.len() < tile.len());
/// # Ok::<(), covt::Error>(())
/// ```
///
/// # Errors
/// If `tile` is no COVT tile, what must be decoded is damaged, or it takes more memory than `budget`
/// has left. Streams that are copied are not looked into.
pub fn project(
    tile: &[u8],
    wanted: &Projection,
    options: &EncodeOptions,
    budget: &mut Budget,
) -> Result<Projected> {
    Tile::open(tile, budget)?.project(wanted, options, budget)
}

impl Tile<'_> {
    /// [`project`] for a tile that is open, and of which no more need be there than
    /// [`crate::Directory::ranges`] tells.
    ///
    /// # Errors
    /// As [`project`].
    pub fn project(
        &self,
        wanted: &Projection,
        options: &EncodeOptions,
        budget: &mut Budget,
    ) -> Result<Projected> {
        let compact = self.directory().layout() == Layout::Compact;
        let wanted = Projection { geometry: true, ..wanted.clone() };
        let kept = self.layers().enumerate().filter(|(_, layer)| wanted.wants_layer(layer.entry().name()));
        let (numbers, layers): (Vec<usize>, Vec<LayerReader>) = kept.unzip();
        let mut chooser = options.chooser();
        // Vertices are copied, at no price.
        let sizes = layers.iter().map(LayerReader::entry).map(|layer| {
            let columns = layer.columns.iter();
            let properties =
                columns.filter(|column| column.kind.is_property() && wanted.wants(layer, column));
            (layer.features, properties.count())
        });
        chooser.byte_time = options.byte_time_of(sizes);
        if compact {
            chooser.zstd_text = None;
        }
        let mut lenders = Vec::new();
        let mut drafts: Vec<Draft> = Vec::with_capacity(layers.len());
        for (number, layer) in numbers.iter().zip(&layers) {
            let draft = Draft::new(*layer, &wanted, &lenders, budget)?;
            lenders.extend(draft.lends().map(|column| (*number, column)));
            drafts.push(draft);
        }
        let mut report = Vec::new();
        let mut statistics = Vec::new();
        let mut out: Vec<OutLayer> = Vec::with_capacity(drafts.len());
        // Where dictionaries that are lent stand now: pairs of old and new layers and columns.
        let mut lent = Vec::new();
        for ((draft, layer), number) in drafts.iter().zip(&layers).zip(&numbers) {
            let written = draft.write(self, (*number, out.len()), &mut lent, &chooser, budget);
            let columns = written.map_err(|error| error.within(format!("layer {:?}", layer.entry().name)))?;
            for Written { column, source, fate } in &columns {
                if let Some(told) = source.and_then(ColumnEntry::statistics) {
                    told.write(&mut statistics);
                }
                report.push(ProjectedColumn {
                    layer: layer.entry().name.to_string(),
                    name: column.name.to_owned(),
                    kind: column.kind,
                    bytes: column.payload(),
                    fate: *fate,
                });
            }
            let LayerEntry { name, extent, version, features, .. } = layer.entry();
            let columns = columns.into_iter().map(|written| written.column).collect();
            out.push(OutLayer { name, extent: *extent, version: *version, features: *features, columns });
        }
        let out: Vec<&OutLayer> = out.iter().collect();
        if !compact {
            let tile = out::write(&out, None, &statistics, &chooser);
            return Ok(Projected { tile, columns: report, vertices: None });
        }
        let (vertices, fate) = if numbers.len() == self.directory().layers().len() {
            let streams = self.directory().vertices().iter();
            (streams.map(|stream| self.copy_stream(stream, budget)).collect::<Result<_>>()?, Fate::Copied)
        } else {
            let geometries =
                layers.iter().map(|layer| geometry_of(layer, budget)).collect::<Result<Vec<_>>>()?;
            let geometries: Vec<&Geometry> = geometries.iter().collect();
            (geometry::joint::write(&geometries, options.vertex_choice(), &chooser), Fate::Encoded)
        };
        let tile = out::write(&out, Some(&vertices), &statistics, &chooser);
        let bytes = vertices.iter().map(|stream| stream.encoded.payload.len()).sum();
        let vertices = (!vertices.is_empty()).then_some((bytes, fate));
        Ok(Projected { tile, columns: report, vertices })
    }

    fn copy_stream(&self, entry: &StreamEntry, budget: &mut Budget) -> Result<OutStream> {
        let reader = self.payloads().payload(entry)?;
        let mut payload = budget.vec(reader.rest().len(), "copied stream", reader.offset())?;
        payload.extend_from_slice(reader.rest());
        Ok(OutStream {
            role: entry.role(),
            count: entry.count(),
            links: entry.links(),
            encoded: Encoded::new(entry.encoding(), payload),
        })
    }

    fn copy_column<'a>(&self, column: &'a ColumnEntry, budget: &mut Budget) -> Result<OutColumn<'a>> {
        let streams = column.streams().iter().map(|stream| self.copy_stream(stream, budget));
        let streams = streams.collect::<Result<_>>()?;
        let mut out = OutColumn::new(column.kind, &column.name, column.dictionary, streams);
        (out.grid, out.lender, out.hash) = (column.grid, column.lender, column.hash);
        let children = column.children.iter().map(|child| self.copy_column(child, budget));
        out.children = children.collect::<Result<_>>()?;
        Ok(out)
    }
}

/// The geometries of a layer; without features nothing needs to be there.
fn geometry_of(layer: &LayerReader, budget: &mut Budget) -> Result<Geometry> {
    match layer.entry().features {
        0 => GeometryBuilder::default().finish(),
        _ => layer.geometry(budget),
    }
}

/// What stays of a layer: which columns are copied, and the values of the others.
struct Draft<'a> {
    layer: LayerReader<'a>,
    /// For each column of the layer; none if it is left out.
    fates: Vec<Option<Fate>>,
    ids: Option<Ids>,
    columns: Vec<Column>,
    measures: Vec<Measure>,
    /// If there are measures among them, that of the layer.
    geometry: Geometry,
}

impl<'a> Draft<'a> {
    /// `lenders` are the dictionaries of the layers before that are copied.
    fn new(
        layer: LayerReader<'a>,
        wanted: &Projection,
        lenders: &[(usize, usize)],
        budget: &mut Budget,
    ) -> Result<Self> {
        let fates = fates(layer.entry(), wanted, lenders);
        let (mut ids, mut columns, mut measures) = (None, Vec::new(), Vec::new());
        let mut geometry = GeometryBuilder::default().finish()?;
        let anew = fates.iter().enumerate().filter(|(_, fate)| **fate == Some(Fate::Encoded));
        for (number, _) in anew {
            match layer.entry().columns[number].kind {
                ColumnKind::MValues => {
                    if measures.is_empty() {
                        geometry = geometry_of(&layer, budget)?;
                    }
                    measures.push(layer.measure_at(number, &geometry, budget)?);
                }
                kind if kind.is_id() => ids = layer.ids(budget)?,
                _ => columns.push(layer.column_at(number, budget)?),
            }
        }
        Ok(Self { layer, fates, ids, columns, measures, geometry })
    }

    /// The dictionaries that are copied, which later layers may borrow.
    fn lends(&self) -> impl Iterator<Item = usize> {
        let columns = self.layer.entry().columns.iter().zip(&self.fates).enumerate();
        columns.filter_map(|(number, (column, fate))| {
            let lends = column.kind == ColumnKind::SharedDictionary && *fate == Some(Fate::Copied);
            lends.then_some(number)
        })
    }

    /// The columns of the smaller layer, which refer to each other by their new numbers. `layers` are the
    /// layer's numbers, old and new.
    fn write(
        &self,
        tile: &Tile,
        layers: (usize, usize),
        lent: &mut Vec<Moved>,
        chooser: &Chooser,
        budget: &mut Budget,
    ) -> Result<Vec<Written<'_>>> {
        let Self { columns, measures, geometry, .. } = self;
        let properties = Properties { columns, measures, geometry, before: 0 };
        let mut anew = write_properties(properties, &Forms::default(), chooser)?;
        // Behind dictionaries, properties and then measures.
        let last = anew.split_off(anew.len() - measures.len());
        let first = anew.split_off(anew.len() - columns.len());
        let (mut dictionaries, mut first, mut last) = (anew, first.into_iter(), last.into_iter());
        let (mut out, mut copied, mut made) = (Vec::new(), Vec::new(), Vec::new());
        let mut made_numbers = [dictionaries.len(), dictionaries.len() + columns.len()];
        for (number, column) in self.layer.entry().columns.iter().enumerate() {
            match self.fates[number] {
                None => {}
                Some(Fate::Copied) => {
                    copied.push((number, out.len()));
                    lent.push(((layers.0, number), (layers.1, out.len())));
                    let mut written = tile.copy_column(column, budget)?;
                    if let Some(lender) = &mut written.lender {
                        let moved = lent.iter().find(|(old, _)| old == lender);
                        *lender = moved.expect("a lender that stays").1;
                    }
                    out.push(Written { column: written, source: Some(column), fate: Fate::Copied });
                }
                Some(Fate::Encoded) if column.kind.is_id() => {
                    let streams = self.ids.as_ref().map_or(Vec::new(), |ids| scalar::write_ids(ids, chooser));
                    let written = OutColumn::new(ColumnKind::Id, "", None, streams);
                    out.push(Written { column: written, source: Some(column), fate: Fate::Encoded });
                }
                Some(Fate::Encoded) => {
                    for (number, dictionary) in dictionaries.drain(..).enumerate() {
                        made.push((number, out.len()));
                        out.push(Written { column: dictionary, source: None, fate: Fate::Encoded });
                    }
                    let is_measure = column.kind == ColumnKind::MValues;
                    let next = if is_measure { &mut last } else { &mut first }.next();
                    made.push((made_numbers[usize::from(is_measure)], out.len()));
                    made_numbers[usize::from(is_measure)] += 1;
                    let written = next.expect("one for each that is encoded anew");
                    out.push(Written { column: written, source: Some(column), fate: Fate::Encoded });
                }
            }
        }
        for written in &mut out {
            let numbers = if written.fate == Fate::Copied { &copied } else { &made };
            renumber(&mut written.column, numbers);
        }
        Ok(out)
    }
}

/// Layer and column of something copied, before and after.
type Moved = ((usize, usize), (usize, usize));

/// A column of the smaller tile.
struct Written<'a> {
    column: OutColumn<'a>,
    /// What it was; none for dictionaries that are new.
    source: Option<&'a ColumnEntry>,
    fate: Fate,
}

/// What becomes of each column: a fixed point, for one that is encoded anew takes others with it.
fn fates(layer: &LayerEntry, wanted: &Projection, lenders: &[(usize, usize)]) -> Vec<Option<Fate>> {
    let columns = &layer.columns;
    let mut fates: Vec<Option<Fate>> =
        columns.iter().map(|column| wanted.wants(layer, column).then_some(Fate::Copied)).collect();
    let users: Vec<Vec<usize>> = columns.iter().map(ColumnEntry::dictionaries).collect();
    // Whether all who use a dictionary are copied, and who lends it is.
    let whole = |fates: &[Option<Fate>], dictionary: usize| {
        let mut users = users.iter().zip(fates).filter(|(used, _)| used.contains(&dictionary));
        users.all(|(_, fate)| *fate == Some(Fate::Copied))
            && columns[dictionary].lender.is_none_or(|lender| lenders.contains(&lender))
    };
    loop {
        let depends = |number: &usize| {
            let column = &columns[*number];
            let tokens = column.tokens().into_iter();
            let mut linked = tokens.flat_map(|tokens| tokens.references().chain(tokens.context()));
            linked.any(|other| fates[other] != Some(Fate::Copied))
                || column.hash.is_some_and(|hash| fates[hash.column] != Some(Fate::Copied))
                || users[*number].iter().any(|&dictionary| !whole(&fates, dictionary))
        };
        let copied = (0..columns.len()).filter(|&number| fates[number] == Some(Fate::Copied));
        let dependent: Vec<usize> = copied.filter(depends).collect();
        if dependent.is_empty() {
            break;
        }
        dependent.into_iter().for_each(|number| fates[number] = Some(Fate::Encoded));
    }
    for number in 0..columns.len() {
        let used = users.iter().any(|used| used.contains(&number));
        if used && whole(&fates, number) {
            fates[number] = Some(Fate::Copied);
        }
    }
    fates
}

impl ColumnEntry {
    /// The numbers of the dictionaries that the column and those within it name.
    fn dictionaries(&self) -> Vec<usize> {
        let within = self.children.iter().flat_map(Self::dictionaries);
        self.dictionary.into_iter().chain(within).collect()
    }
}

/// Replaces the numbers of the columns that a column refers to, by pairs of old and new ones in order.
fn renumber(column: &mut OutColumn, numbers: &[(usize, usize)]) {
    let new = |old: usize| {
        let place = numbers.binary_search_by_key(&old, |pair| pair.0).expect("what is referred to stays");
        numbers[place].1
    };
    column.dictionary = column.dictionary.map(new);
    column.hash.iter_mut().for_each(|hash| hash.column = new(hash.column));
    for OutStream { links, .. } in &mut column.streams {
        *links = Links::new(links.references().map(new), links.context().map(new));
    }
    column.children.iter_mut().for_each(|child| renumber(child, numbers));
}

#[cfg(test)]
mod tests;
