//! What GeoParquet 1.1 says of geometries, in the metadata of a file.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::arrow::{self, Crs};

/// Gathers what the metadata tell of all geometries.
#[derive(Debug, Default)]
pub(super) struct Geo {
    types: BTreeSet<String>,
    bounds: Option<[f64; 4]>,
}

impl Geo {
    /// Adds a geometry.
    pub(super) fn add(&mut self, wkb: &[u8]) {
        if let Some(name) = arrow::type_name(wkb)
            && !self.types.contains(&name)
        {
            self.types.insert(name);
        }
        if let Some([west, south, east, north]) = arrow::bounds(wkb) {
            let [w, s, e, n] = self.bounds.unwrap_or([west, south, east, north]);
            self.bounds = Some([w.min(west), s.min(south), e.max(east), n.max(north)]);
        }
    }

    /// The value of the key `geo`.
    pub(super) fn metadata(&self, crs: Crs) -> String {
        let corner = |name: &str| json!(["bbox", name]);
        let projjson: Json = serde_json::from_str(crs.projjson()).expect("PROJJSON is JSON");
        let mut column = json!({
            "encoding": "WKB",
            "geometry_types": self.types,
            "crs": projjson,
            "edges": "planar",
            "covering": {"bbox": {
                "xmin": corner("xmin"), "ymin": corner("ymin"), "xmax": corner("xmax"), "ymax": corner("ymax"),
            }},
        });
        if let Some(bounds) = self.bounds {
            column["bbox"] = json!(bounds);
        }
        json!({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}).to_string()
    }
}
