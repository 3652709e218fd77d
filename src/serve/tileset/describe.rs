//! What is said of a tileset: what its metadata say, and where they are silent, what a sample of its tiles
//! shows.

use serde_json::{Map, Value as Json, json};

use crate::limits::Budget;
use crate::mvt;
use crate::tile::read::Tile;
use crate::tileset::{
    Contents, Error, GeoBounds, Reader, Selection, TileFormat, decompress_as, mlt_to_mvt, survey,
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
    pub(super) layers: Vec<KnownLayer>,
}

/// A layer that metadata or a sample of tiles tell of.
#[derive(Debug)]
pub(super) struct KnownLayer {
    pub(super) name: String,
    /// The names of all columns, if it is known for sure that there are no others.
    pub(super) columns: Option<Vec<String>>,
}

pub(super) fn describe(reader: &Reader, format: TileFormat) -> Result<Description, Error> {
    let metadata = reader.metadata();
    let told = |name: &str| metadata.described(name);
    let (mut vector_layers, mut tilestats) = (told("vector_layers"), told("tilestats"));
    let told_of_layers = vector_layers.as_ref().is_some_and(Json::is_array);
    let mut zooms = metadata.zoom("minzoom").zip(metadata.zoom("maxzoom")).map(|(min, max)| [min, max]);
    if vector_layers.as_ref().is_none_or(|layers| !layers.is_array())
        || tilestats.is_none()
        || zooms.is_none()
    {
        let survey = survey(reader, &Selection::default(), SAMPLE, 1, 0)?;
        let mut contents = Contents::default();
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
                        Tile::open(&plain, &mut budget).and_then(|tile| tile.decode(&mut budget))
                    }
                };
                // A damaged tile is told of when somebody asks for it.
                contents.add(zoom.z, &layers.unwrap_or_default());
            }
        }
        vector_layers = vector_layers.filter(Json::is_array).or_else(|| Some(contents.vector_layers()));
        tilestats = tilestats.or_else(|| Some(contents.tilestats()));
        let ends = survey.zooms.first().zip(survey.zooms.last());
        zooms = zooms.or(ends.map(|(first, last)| [first.z, last.z]));
    }
    let vector_layers = vector_layers.unwrap_or_else(|| json!([]));
    let known = |layer: &Json| {
        let fields = layer.get("fields").and_then(Json::as_object).filter(|fields| !fields.is_empty());
        // COVT has columns that metadata do not tell of: nested ones, and values per vertex.
        let fields = fields.filter(|_| told_of_layers && format == TileFormat::Mvt);
        let columns = fields.map(|fields| fields.keys().cloned().collect());
        Some(KnownLayer { name: layer.get("id")?.as_str()?.to_owned(), columns })
    };
    let layers = vector_layers.as_array().into_iter().flatten().filter_map(known).collect();
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
