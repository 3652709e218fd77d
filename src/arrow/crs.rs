//! The systems of coordinates, as GeoArrow and GeoParquet name them.

use std::sync::OnceLock;

use serde_json::Value as Json;

use super::options::Coordinates;
use crate::coord::TileCoord;
use crate::error::{Error, Result};

/// A system of coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crs {
    /// Degrees, longitude first: OGC:CRS84.
    LonLat,
    /// Metres of Web Mercator: EPSG:3857.
    Mercator,
}

impl Crs {
    /// The system's definition, as PROJJSON.
    pub fn projjson(self) -> &'static str {
        match self {
            Self::LonLat => LON_LAT,
            Self::Mercator => MERCATOR,
        }
    }

    /// The metadata of a GeoArrow extension type that say so.
    pub(super) fn extension_metadata(self) -> &'static str {
        static TEXTS: [OnceLock<String>; 2] = [const { OnceLock::new() }; 2];
        let text = || format!(r#"{{"crs":{},"crs_type":"projjson"}}"#, self.projjson());
        TEXTS[self as usize].get_or_init(text)
    }

    /// The coordinates of the tile at `tile` in this system.
    pub fn at(self, tile: TileCoord) -> Coordinates {
        match self {
            Self::LonLat => Coordinates::LonLat(tile),
            Self::Mercator => Coordinates::Mercator(tile),
        }
    }

    /// The system of coordinates in the metadata of a GeoArrow extension type. Without any it is degrees,
    /// as in GeoParquet.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] if they name another one, or are no JSON.
    pub fn of_metadata(metadata: &str) -> Result<Self> {
        let metadata = match metadata.trim() {
            "" => Json::Null,
            text => serde_json::from_str(text)
                .map_err(|error| Error::input(format!("extension metadata that are no JSON: {error}")))?,
        };
        let crs = metadata.get("crs").unwrap_or(&Json::Null);
        let code = match crs {
            Json::Null => return Ok(Self::LonLat),
            Json::String(code) => code.to_uppercase(),
            other => {
                let id = |key| other.pointer(&format!("/id/{key}")).cloned().unwrap_or(Json::Null);
                let text = |value: Json| value.as_str().map_or(value.to_string(), str::to_uppercase);
                format!("{}:{}", text(id("authority")), text(id("code")))
            }
        };
        match code.as_str() {
            "OGC:CRS84" | "EPSG:4326" | "EPSG:4979" | "OGC:CRS84H" => Ok(Self::LonLat),
            "EPSG:3857" | "EPSG:900913" => Ok(Self::Mercator),
            _ => {
                let what = format!("coordinates in {code}, neither degrees (OGC:CRS84) nor EPSG:3857");
                Err(Error::input(what))
            }
        }
    }
}

impl Coordinates {
    /// The system; none for units of a tile.
    pub fn crs(self) -> Option<Crs> {
        match self {
            Self::Tile => None,
            Self::LonLat(_) => Some(Crs::LonLat),
            Self::Mercator(_) => Some(Crs::Mercator),
        }
    }
}

const LON_LAT: &str = r#"{"$schema":"https://proj.org/schemas/v0.7/projjson.schema.json","type":"GeographicCRS","name":"WGS 84 (CRS84)","datum_ensemble":{"name":"World Geodetic System 1984 ensemble","members":[{"name":"World Geodetic System 1984 (Transit)"},{"name":"World Geodetic System 1984 (G730)"},{"name":"World Geodetic System 1984 (G873)"},{"name":"World Geodetic System 1984 (G1150)"},{"name":"World Geodetic System 1984 (G1674)"},{"name":"World Geodetic System 1984 (G1762)"},{"name":"World Geodetic System 1984 (G2139)"}],"ellipsoid":{"name":"WGS 84","semi_major_axis":6378137,"inverse_flattening":298.257223563},"accuracy":"2.0","id":{"authority":"EPSG","code":6326}},"coordinate_system":{"subtype":"ellipsoidal","axis":[{"name":"Geodetic longitude","abbreviation":"Lon","direction":"east","unit":"degree"},{"name":"Geodetic latitude","abbreviation":"Lat","direction":"north","unit":"degree"}]},"scope":"Not known.","area":"World.","bbox":{"south_latitude":-90,"west_longitude":-180,"north_latitude":90,"east_longitude":180},"id":{"authority":"OGC","code":"CRS84"}}"#;

const MERCATOR: &str = r#"{"$schema":"https://proj.org/schemas/v0.7/projjson.schema.json","type":"ProjectedCRS","name":"WGS 84 / Pseudo-Mercator","base_crs":{"type":"GeographicCRS","name":"WGS 84","datum_ensemble":{"name":"World Geodetic System 1984 ensemble","members":[{"name":"World Geodetic System 1984 (Transit)"},{"name":"World Geodetic System 1984 (G730)"},{"name":"World Geodetic System 1984 (G873)"},{"name":"World Geodetic System 1984 (G1150)"},{"name":"World Geodetic System 1984 (G1674)"},{"name":"World Geodetic System 1984 (G1762)"},{"name":"World Geodetic System 1984 (G2139)"}],"ellipsoid":{"name":"WGS 84","semi_major_axis":6378137,"inverse_flattening":298.257223563},"accuracy":"2.0","id":{"authority":"EPSG","code":6326}},"coordinate_system":{"subtype":"ellipsoidal","axis":[{"name":"Geodetic latitude","abbreviation":"Lat","direction":"north","unit":"degree"},{"name":"Geodetic longitude","abbreviation":"Lon","direction":"east","unit":"degree"}]},"id":{"authority":"EPSG","code":4326}},"conversion":{"name":"Popular Visualisation Pseudo-Mercator","method":{"name":"Popular Visualisation Pseudo Mercator","id":{"authority":"EPSG","code":1024}},"parameters":[{"name":"Latitude of natural origin","value":0,"unit":"degree","id":{"authority":"EPSG","code":8801}},{"name":"Longitude of natural origin","value":0,"unit":"degree","id":{"authority":"EPSG","code":8802}},{"name":"False easting","value":0,"unit":"metre","id":{"authority":"EPSG","code":8806}},{"name":"False northing","value":0,"unit":"metre","id":{"authority":"EPSG","code":8807}}]},"coordinate_system":{"subtype":"Cartesian","axis":[{"name":"Easting","abbreviation":"X","direction":"east","unit":"metre"},{"name":"Northing","abbreviation":"Y","direction":"north","unit":"metre"}]},"id":{"authority":"EPSG","code":3857}}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_recognised() {
        for crs in [Crs::LonLat, Crs::Mercator] {
            let metadata = format!(r#"{{"crs":{},"crs_type":"projjson"}}"#, crs.projjson());
            assert_eq!(Crs::of_metadata(&metadata).unwrap(), crs);
        }
        assert_eq!(Crs::of_metadata("").unwrap(), Crs::LonLat);
        assert_eq!(Crs::of_metadata(r#"{"crs":"EPSG:3857"}"#).unwrap(), Crs::Mercator);
        for other in [r#"{"crs":"EPSG:2056"}"#, r#"{"crs":{}}"#, r#"{"crs":7}"#, "{"] {
            assert!(Crs::of_metadata(other).is_err(), "{other}");
        }
    }
}
