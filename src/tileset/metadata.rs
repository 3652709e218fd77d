//! What a tileset says of itself: names and values in the order they were found in.
//!
//! MBTiles hold them in a table of strings, folders in `metadata.json`, an object that either
//! repeats that table (as tippecanoe and mb-util write it) or is a TileJSON, with arrays for
//! bounds and with `vector_layers` beside the rest instead of in a string named `json`.

use serde_json::{Map, Value};

use super::columns;
use super::compression::Compression;
use super::error::{Context, Error, Result};
use super::format::TileFormat;
use super::select::GeoBounds;

/// Keys of a TileJSON, and our own, that MBTiles keep in one string named `json`.
const IN_JSON: [&str; 3] = ["vector_layers", "tilestats", columns::KEY];

/// What the header of PMTiles says, so that its JSON need not.
const IN_HEADER: [&str; 5] = ["minzoom", "maxzoom", "bounds", "center", "compression"];

/// The metadata of a tileset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    entries: Map<String, Value>,
}

impl Metadata {
    /// Reads `metadata.json`.
    ///
    /// # Errors
    /// If it is not a JSON object.
    pub fn from_json(text: &[u8]) -> Result<Self> {
        match serde_json::from_slice(text).context(|| "cannot be read as JSON".into())? {
            Value::Object(entries) => Ok(Self { entries }),
            _ => Err(Error::new("is not a JSON object")),
        }
    }

    /// Writes `metadata.json`.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", Value::Object(self.entries.clone()))
    }

    /// The value of `name`, if it is a string.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.entries.get(name)?.as_str()
    }

    /// Gives `name` a value; where it had one, it keeps its place.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.entries.insert(name.into(), Value::String(value.into()));
    }

    /// The value of `name`, whatever it is.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.entries.get(name)
    }

    /// `vector_layers`, `tilestats` or `covt`, which stand by themselves or in the string `json`.
    pub fn described(&self, name: &str) -> Option<Value> {
        let own = self.entries.get(name).cloned();
        own.or_else(|| self.json().and_then(|json| json.get(name).cloned())).map(|value| match value {
            // Some writers put JSON into strings again.
            Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            value => value,
        })
    }

    /// Sets `vector_layers`, `tilestats` or `covt` where it stands, or else in the string `json`.
    pub(crate) fn describe_as(&mut self, name: &str, value: Value) {
        if self.entries.contains_key(name) || (self.json().is_none() && !self.entries.contains_key("json")) {
            self.entries.insert(name.into(), value);
        } else if let Some(mut json) = self.json() {
            json.insert(name.into(), value);
            self.set("json", Value::Object(json).to_string());
        }
    }

    /// Removes what [`Self::described`] finds.
    pub(crate) fn undescribe(&mut self, name: &str) {
        self.remove(name);
        if let Some(mut json) = self.json()
            && json.shift_remove(name).is_some()
        {
            self.set("json", Value::Object(json).to_string());
        }
    }

    /// Whether `vector_layers` are said to tell of every column of every tile.
    #[cfg(any(feature = "serve", test))]
    pub(crate) fn has_all_columns(&self) -> bool {
        self.described(columns::KEY).is_some_and(|covt| covt["complete"] == true)
    }

    /// The string `json` as what it is.
    fn json(&self) -> Option<Map<String, Value>> {
        match self.entries.get("json")? {
            Value::String(text) => serde_json::from_str(text).ok(),
            Value::Object(json) => Some(json.clone()),
            _ => None,
        }
    }

    /// The bounds, if they are told and make sense.
    pub fn bounds(&self) -> Option<GeoBounds> {
        GeoBounds::parse(&row_value(self.entries.get("bounds")?)).ok()
    }

    /// Zoom, longitude, latitude of the center, if it is told.
    pub(crate) fn center(&self) -> Option<(u8, f64, f64)> {
        let text = row_value(self.entries.get("center")?);
        let numbers: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
        match numbers[..] {
            [longitude, latitude, zoom] if (0.0..=30.0).contains(&zoom) => {
                let there = (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
                there.then_some((zoom as u8, longitude, latitude))
            }
            _ => None,
        }
    }

    /// `minzoom` or `maxzoom`, if it is told.
    pub(crate) fn zoom(&self, name: &str) -> Option<u8> {
        row_value(self.entries.get(name)?).trim().parse().ok()
    }

    /// The JSON of a PMTiles archive: an object without what stands in the header, with
    /// `vector_layers` and `tilestats` not hidden in a string. Tiles of a type that the header has no
    /// number for have their media type as `format`.
    pub(crate) fn to_pmtiles(&self, format: TileFormat) -> String {
        let mut entries = Map::new();
        for (name, value) in &self.entries {
            match (name.as_str(), self.json()) {
                (name, _) if IN_HEADER.contains(&name) => {}
                ("format", _) if format == TileFormat::Mvt => {}
                ("json", Some(json)) => entries.extend(json),
                (name, _) => {
                    entries.insert(name.into(), value.clone());
                }
            }
        }
        Value::Object(entries).to_string()
    }

    pub(crate) fn remove(&mut self, name: &str) {
        // Not `remove`, which moves the last entry into the gap.
        self.entries.shift_remove(name);
    }

    /// The rows of the table `metadata` of MBTiles.
    pub fn rows(&self) -> Vec<(String, String)> {
        let mut rows = Vec::with_capacity(self.entries.len());
        let mut json = Map::new();
        for (name, value) in &self.entries {
            if IN_JSON.contains(&name.as_str()) && !self.entries.contains_key("json") {
                json.insert(name.clone(), value.clone());
            } else {
                rows.push((name.clone(), row_value(value)));
            }
        }
        if !json.is_empty() {
            rows.push(("json".into(), Value::Object(json).to_string()));
        }
        rows
    }

    /// Corrects what a conversion changes: the format and the compression of the tiles, and the
    /// hashes of all tiles that MapLibre's mbtiles tool leaves. Everything else stays.
    pub fn describe(&mut self, format: TileFormat, compression: Compression) {
        self.set("format", format.metadata_name());
        match compression {
            Compression::None => self.remove("compression"),
            _ => self.set("compression", compression.to_string()),
        }
        self.entries.retain(|name, _| !name.starts_with("agg_tiles_hash"));
    }
}

/// A string as it is, an array of numbers as MBTiles write bounds (`1,2,3,4`), the rest as JSON.
fn row_value(value: &Value) -> String {
    match value {
        Value::String(string) => string.clone(),
        Value::Array(numbers) if numbers.iter().all(Value::is_number) => {
            numbers.iter().map(Value::to_string).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(metadata: &Metadata) -> Vec<&str> {
        metadata.entries.keys().map(String::as_str).collect()
    }

    #[test]
    fn format_and_compression_follow_the_tiles() {
        let mut metadata = Metadata::default();
        for (name, value) in
            [("name", "a"), ("format", "pbf"), ("compression", "gzip"), ("bounds", "1,2,3,4")]
        {
            metadata.set(name, value);
        }
        metadata.describe(TileFormat::Covt, Compression::None);
        assert_eq!(metadata.get("format"), Some("application/vnd.covt"));
        assert_eq!(names(&metadata), ["name", "format", "bounds"]);

        metadata.describe(TileFormat::Mvt, Compression::Gzip);
        assert_eq!(metadata.get("format"), Some("pbf"));
        assert_eq!(metadata.get("compression"), Some("gzip"));
        assert_eq!(names(&metadata), ["name", "format", "bounds", "compression"]);
    }

    #[test]
    fn hashes_of_the_old_tiles_do_not_stay() {
        let mut metadata = Metadata::default();
        metadata.set("agg_tiles_hash", "0123");
        metadata.set("agg_tiles_hash_after_apply", "0123");
        metadata.set("name", "a");
        metadata.describe(TileFormat::Covt, Compression::None);
        assert_eq!(names(&metadata), ["name", "format"]);
    }

    #[test]
    fn strings_pass_untouched_through_both_forms() {
        let json = r#"{"vector_layers": [ {"id":"b","fields":{}} ],"tilestats":{}}"#;
        let mut metadata = Metadata::default();
        metadata.set("zebra", "1");
        metadata.set("json", json);
        metadata.set("apple", "ü \"quoted\"");
        let read = Metadata::from_json(metadata.to_json().as_bytes()).unwrap();
        assert_eq!(read, metadata);
        let rows = [("zebra", "1"), ("json", json), ("apple", "ü \"quoted\"")];
        assert_eq!(read.rows(), rows.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_tilejson_becomes_rows() {
        let text = r#"{"vector_layers":[{"id":"b"}],"name":"n","minzoom":0,"bounds":[9.4,-47,9.6,47.27],"tilestats":{"layerCount":1}}"#;
        let metadata = Metadata::from_json(text.as_bytes()).unwrap();
        let rows = [
            ("name", "n"),
            ("minzoom", "0"),
            ("bounds", "9.4,-47,9.6,47.27"),
            ("json", r#"{"vector_layers":[{"id":"b"}],"tilestats":{"layerCount":1}}"#),
        ];
        assert_eq!(metadata.rows(), rows.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_layers_are_is_found_in_both_forms() {
        let mut plain =
            Metadata::from_json(br#"{"vector_layers":[1],"bounds":[1,2,3,4],"center":[1.5,2,7]}"#).unwrap();
        let mut hidden = Metadata::default();
        hidden.set("json", r#"{"vector_layers":[1]}"#);
        for metadata in [&mut plain, &mut hidden] {
            assert_eq!(metadata.described("vector_layers"), Some(serde_json::json!([1])));
            assert_eq!(metadata.described("tilestats"), None);
            metadata.describe_as("vector_layers", serde_json::json!([2]));
            assert_eq!(metadata.described("vector_layers"), Some(serde_json::json!([2])));
        }
        assert_eq!(names(&hidden), ["json"]);
        assert_eq!(plain.bounds(), Some(GeoBounds::new(1.0, 2.0, 3.0, 4.0).unwrap()));
        assert_eq!(plain.center(), Some((7, 1.5, 2.0)));
    }

    #[test]
    fn what_is_described_goes_from_both_forms() {
        let own = Metadata::from_json(br#"{"name":"a","covt":{"complete":true}}"#).unwrap();
        let mut hidden = Metadata::default();
        hidden.set("json", r#"{"vector_layers":[1],"covt":{"complete":true}}"#);
        for mut metadata in [own, hidden] {
            assert!(metadata.has_all_columns());
            metadata.undescribe(columns::KEY);
            assert!(!metadata.has_all_columns() && !metadata.to_json().contains("covt"), "{metadata:?}");
            assert!(metadata.get("name") == Some("a") || metadata.described("vector_layers").is_some());
        }
        for text in
            [r#"{"covt":{"complete":false}}"#, r#"{"covt":[true]}"#, r#"{"covt":{"complete":"true"}}"#]
        {
            assert!(!Metadata::from_json(text.as_bytes()).unwrap().has_all_columns(), "{text}");
        }
    }

    #[test]
    fn the_json_of_pmtiles_has_no_string_of_json() {
        let mut metadata = Metadata::default();
        let rows =
            [("name", "a"), ("format", "pbf"), ("bounds", "1,2,3,4"), ("json", r#"{"vector_layers":[]}"#)];
        for (name, value) in rows {
            metadata.set(name, value);
        }
        assert_eq!(metadata.to_pmtiles(TileFormat::Mvt), r#"{"name":"a","vector_layers":[]}"#);
        metadata.describe(TileFormat::Covt, Compression::None);
        let text = r#"{"name":"a","format":"application/vnd.covt","vector_layers":[]}"#;
        assert_eq!(metadata.to_pmtiles(TileFormat::Covt), text);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(Metadata::from_json(b"").is_err());
        assert!(Metadata::from_json(b"[1]").is_err());
    }
}
