//! What a tileset says of itself: names and values in the order they were found in.
//!
//! MBTiles hold them in a table of strings, folders in `metadata.json`, an object that either
//! repeats that table (as tippecanoe and mb-util write it) or is a TileJSON, with arrays for
//! bounds and with `vector_layers` beside the rest instead of in a string named `json`.

use serde_json::{Map, Value};

use super::compression::Compression;
use super::error::{Context, Error, Result};
use super::format::TileFormat;

/// Keys of a TileJSON that MBTiles keep in one string named `json`.
const IN_JSON: [&str; 2] = ["vector_layers", "tilestats"];

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

    fn remove(&mut self, name: &str) {
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
    fn what_is_no_object_is_refused() {
        assert!(Metadata::from_json(b"").is_err());
        assert!(Metadata::from_json(b"[1]").is_err());
    }
}
