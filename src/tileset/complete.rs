//! What a tileset says of itself after a conversion: what the source said, as far as it still holds,
//! and what it should have said.

use serde_json::json;

use super::columns::{self, Columns};
use super::compression::Compression;
use super::contents::Contents;
use super::coverage::Coverage;
use super::edit::Edit;
use super::format::TileFormat;
use super::metadata::Metadata;
use super::select::Selection;

/// What a conversion does to a tileset.
pub(crate) struct Changes<'a> {
    pub(crate) format: TileFormat,
    pub(crate) compression: Compression,
    pub(crate) select: &'a Selection,
    pub(crate) edit: &'a Edit,
}

impl Changes<'_> {
    /// Whether all tiles stay, with all that is in them.
    fn keep_all(&self) -> bool {
        self.select.is_all() && self.edit.is_none()
    }

    /// Whether the metadata lack something that only the tiles can tell, or that no longer holds.
    pub(crate) fn must_gather(&self, metadata: &Metadata) -> bool {
        let has = |name| metadata.described(name).is_some();
        !self.keep_all() || !has("vector_layers") || !has("tilestats") || self.must_flatten(metadata)
    }

    /// Whether the metadata tell of columns of COVT that become others in MVT.
    fn must_flatten(&self, metadata: &Metadata) -> bool {
        let layers = metadata.described("vector_layers");
        self.format != TileFormat::Covt
            && layers.is_some_and(|mut layers| columns::remove_beyond_mvt(&mut layers))
    }

    /// Completes the metadata by what was found in the tiles.
    pub(crate) fn complete(
        &self,
        metadata: &mut Metadata,
        name: &str,
        coverage: &Coverage,
        contents: &Contents,
        columns: &Columns,
    ) {
        let gathered = self.must_gather(metadata);
        metadata.describe(self.format, self.compression);
        if metadata.value("name").is_none() {
            metadata.set("name", name);
        }
        self.complete_bounds(metadata, coverage);
        let zooms = self.complete_zooms(metadata, coverage);
        if !self.keep_all() {
            self.edit.apply_to(metadata, zooms);
        }
        let flatten = self.must_flatten(metadata);
        if self.format != TileFormat::Covt || !columns.are_all() {
            metadata.undescribe(columns::KEY);
        }
        let mut told = metadata.described("vector_layers");
        if self.format == TileFormat::Covt {
            let all = columns::complete(told, columns.vector_layers());
            metadata.describe_as("vector_layers", all);
        } else if flatten || told.is_none() {
            told.as_mut().map(columns::remove_beyond_mvt);
            metadata.describe_as("vector_layers", columns::complete(told, contents.vector_layers()));
        }
        if gathered {
            metadata.describe_as("tilestats", contents.tilestats());
        }
        if self.format == TileFormat::Covt && columns.are_all() {
            metadata.describe_as(columns::KEY, json!({"complete": true}));
        }
    }

    fn complete_bounds(&self, metadata: &mut Metadata, coverage: &Coverage) {
        let told = metadata.bounds();
        let wanted = self.select.bounds;
        let bounds = match told.or_else(|| coverage.bounds()) {
            // What is told stays in its own words as long as it holds.
            Some(_) if told.is_some() && wanted.is_none() => return,
            Some(bounds) => {
                wanted.and_then(|wanted| bounds.intersection(wanted)).or(wanted).unwrap_or(bounds)
            }
            None => return,
        };
        metadata.set("bounds", bounds.to_text());
        let lies_within = |longitude: f64, latitude: f64| {
            (bounds.west..=bounds.east).contains(&longitude)
                && (bounds.south..=bounds.north).contains(&latitude)
        };
        if metadata.center().is_some_and(|(_, longitude, latitude)| !lies_within(longitude, latitude)) {
            metadata.remove("center");
        }
    }

    /// Returns the first and the last zoom.
    fn complete_zooms(&self, metadata: &mut Metadata, coverage: &Coverage) -> [u8; 2] {
        let found = coverage.zooms().unwrap_or([*self.select.zooms.start(), *self.select.zooms.end()]);
        let mut zooms = found;
        for (number, name) in ["minzoom", "maxzoom"].into_iter().enumerate() {
            match metadata.zoom(name) {
                Some(told) if self.select.zooms.contains(&told) => zooms[number] = told,
                _ if coverage.zooms().is_some() => metadata.set(name, found[number].to_string()),
                _ => {}
            }
        }
        if let Some((zoom, longitude, latitude)) = metadata.center()
            && !(zooms[0]..=zooms[1]).contains(&zoom)
            && !self.select.is_all()
        {
            let zoom = zoom.clamp(zooms[0], zooms[1].max(zooms[0]));
            metadata.set("center", format!("{longitude},{latitude},{zoom}"));
        }
        zooms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coord::TileCoord;
    use crate::tileset::select::GeoBounds;

    fn complete(text: &[u8], select: &Selection) -> Metadata {
        let mut metadata = Metadata::from_json(text).unwrap();
        let mut coverage = Coverage::default();
        for (z, x, y) in [(3, 4, 2), (4, 8, 5), (4, 9, 5)] {
            coverage.add(TileCoord::new(z, x, y).unwrap());
        }
        let edit = Edit::default();
        let changes =
            Changes { format: TileFormat::Covt, compression: Compression::None, select, edit: &edit };
        changes.complete(&mut metadata, "stem", &coverage, &Contents::default(), &Columns::default());
        metadata
    }

    #[test]
    fn what_is_missing_is_added() {
        let metadata = complete(b"{}", &Selection::default());
        let get = |name| metadata.get(name).unwrap_or_default();
        assert_eq!((get("name"), get("minzoom"), get("maxzoom")), ("stem", "3", "4"));
        assert_eq!(get("bounds"), "0,40.979898,45,55.776573");
        assert!(metadata.described("vector_layers").is_some() && metadata.described("tilestats").is_some());
    }

    #[test]
    fn what_is_told_stays_as_long_as_it_holds() {
        let text =
            br#"{"name":"n","bounds":[9.40,47,9.7,47.3],"minzoom":0,"maxzoom":14,"center":[9.5,47.1,12]}"#;
        let metadata = complete(text, &Selection::default());
        assert_eq!(metadata.get("name"), Some("n"));
        assert_eq!((metadata.zoom("minzoom"), metadata.zoom("maxzoom")), (Some(0), Some(14)));
        assert_eq!(metadata.center(), Some((12, 9.5, 47.1)));

        let select = Selection { zooms: 3..=4, bounds: Some(GeoBounds::parse("9.6,0,20,60").unwrap()) };
        let metadata = complete(text, &select);
        assert_eq!(metadata.get("bounds"), Some("9.6,47,9.7,47.3"));
        assert_eq!((metadata.get("minzoom"), metadata.get("maxzoom")), (Some("3"), Some("4")));
        assert_eq!(metadata.center(), None);
    }
}
