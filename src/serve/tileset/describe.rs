//! What is said of a tileset: what its metadata say, and where they are silent, what a sample of its tiles
//! shows.

use serde_json::{Map, Value as Json, json};

use crate::limits::Budget;
use crate::mvt::{self, Beyond};
use crate::tile::read::Tile;
use crate::tileset::{
    Columns, Contents, Error, GeoBounds, Reader, Selection, TileFormat, complete_layers, decompress_as,
    mlt_to_mvt, survey,
};

/// How many tiles are looked into where metadata say nothing of layers.
const SAMPLE: usize = 64;

/// What TileJSON has a name for and takes over as it is.
const TAKEN: [&str; 6] = ["name", "description", "attribution", "version", "legend", "template"];

pub(super) struct Description {
    pub(super) zooms: [u8; 2],
    pub(super) bounds: Option<[f64; 4]>,
    pub(super) tilejson: Map<String, Json>,
    pub(super) tilestats: Json,
    pub(super) layers: KnownLayers,
}

/// What metadata and a sample of tiles tell of layers.
#[derive(Debug, Default)]
pub(super) struct KnownLayers {
    pub(super) layers: Vec<KnownLayer>,
    /// Whether there are no others, nor other columns. Metadata alone are not enough to know that: those of
    /// MVT that people have are not complete.
    pub(super) are_all: bool,
}

#[derive(Debug)]
pub(super) struct KnownLayer {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
}

impl KnownLayers {
    fn of(vector_layers: &Json, are_all: bool) -> Self {
        let known = |layer: &Json| {
            let fields = layer.get("fields").and_then(Json::as_object);
            let columns = fields.map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
            Some(KnownLayer { name: layer.get("id")?.as_str()?.to_owned(), columns })
        };
        Self { layers: vector_layers.as_array().into_iter().flatten().filter_map(known).collect(), are_all }
    }
}

/// What a sample of tiles shows.
struct Sample {
    vector_layers: Json,
    tilestats: Json,
    zooms: Option<[u8; 2]>,
    /// Whether it is all tiles, and all of them could be read.
    is_all: bool,
}

fn sample(reader: &Reader, format: TileFormat) -> Result<Sample, Error> {
    let survey = survey(reader, &Selection::default(), SAMPLE, 1, 0)?;
    let (mut contents, mut columns) = (Contents::default(), Columns::default());
    let (mut looked_at, mut damaged) = (0, false);
    for zoom in &survey.zooms {
        for (coord, _) in &zoom.sample {
            let Some(stored) = reader.tile(*coord)? else { continue };
            let plain = decompress_as(&stored, reader.compression())?;
            let mut budget = Budget::default();
            let layers = match format {
                TileFormat::Mvt => mvt::read_within(&plain, &mut budget).map(|(layers, _)| layers),
                TileFormat::Mlt => {
                    mvt::read_within(&mlt_to_mvt(&plain)?, &mut budget).map(|(layers, _)| layers)
                }
                TileFormat::Covt => {
                    columns.add(zoom.z, &plain);
                    Tile::open(&plain, &mut budget).and_then(|tile| tile.decode(&mut budget))
                }
            };
            // A damaged tile is told of when somebody asks for it.
            damaged |= layers.is_err();
            looked_at += 1;
            contents.add(zoom.z, &mvt::reduce(&layers.unwrap_or_default(), Beyond::Flatten).0);
        }
    }
    let vector_layers = match format {
        TileFormat::Covt => columns.vector_layers(),
        TileFormat::Mvt | TileFormat::Mlt => contents.vector_layers(),
    };
    Ok(Sample {
        vector_layers,
        tilestats: contents.tilestats(),
        zooms: survey.zooms.first().zip(survey.zooms.last()).map(|(first, last)| [first.z, last.z]),
        is_all: looked_at == survey.tiles() && !damaged,
    })
}

pub(super) fn describe(reader: &Reader, format: TileFormat) -> Result<Description, Error> {
    let metadata = reader.metadata();
    let mut vector_layers = metadata.described("vector_layers").filter(Json::is_array);
    let mut tilestats = metadata.described("tilestats");
    let mut zooms = metadata.zoom("minzoom").zip(metadata.zoom("maxzoom")).map(|(min, max)| [min, max]);
    let mut are_all = vector_layers.is_some() && format == TileFormat::Covt && metadata.has_all_columns();
    if vector_layers.is_none() || tilestats.is_none() || zooms.is_none() {
        let sample = sample(reader, format)?;
        vector_layers = Some(complete_layers(vector_layers, sample.vector_layers));
        tilestats = tilestats.or(Some(sample.tilestats));
        zooms = zooms.or(sample.zooms);
        are_all |= sample.is_all;
    }
    let vector_layers = vector_layers.unwrap_or_else(|| json!([]));
    let layers = KnownLayers::of(&vector_layers, are_all);
    let mut tilejson = Map::new();
    for name in TAKEN {
        if let Some(text) = metadata.get(name) {
            tilejson.insert(name.into(), text.into());
        }
    }
    tilejson.insert("vector_layers".into(), vector_layers);
    if let Some((zoom, longitude, latitude)) = metadata.center() {
        tilejson.insert("center".into(), json!([longitude, latitude, zoom]));
    }
    let corners = |GeoBounds { west, south, east, north }| [west, south, east, north];
    Ok(Description {
        zooms: zooms.unwrap_or([0, 0]),
        bounds: metadata.bounds().map(corners),
        tilejson,
        tilestats: tilestats.unwrap_or_else(|| json!({"layerCount": 0, "layers": []})),
        layers,
    })
}
