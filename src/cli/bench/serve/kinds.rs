//! What is asked of tiles: each kind of request that a dataset answers.

use anyhow::{Context, Result};
use serde_json::Value as Json;

/// A kind of request.
#[derive(Clone, Debug)]
pub struct Kind {
    pub name: String,
    /// The query, without its question mark.
    pub query: String,
}

impl Kind {
    fn new(name: &str, pairs: &[(&str, &str)]) -> Self {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self { name: name.into(), query }
    }
}

/// What the metadata of a dataset tell that matters here.
pub struct Dataset {
    pub zooms: [u8; 2],
    /// Whether it is made of rows.
    pub rows: bool,
    pub kinds: Vec<Kind>,
    /// Two columns of numbers, with a comma between them.
    pub numbers: String,
    /// A query that tells how much is in a tile and is none of the kinds.
    pub probe: String,
}

/// How deep walks go into rows, of which there are tiles at every zoom.
const DEEPEST: u8 = 16;

pub fn dataset(metadata: &Json) -> Result<Dataset> {
    let zoom = |name: &str| metadata[name].as_u64().and_then(|zoom| u8::try_from(zoom).ok());
    let zooms = zoom("minzoom").zip(zoom("maxzoom")).context("the metadata tell no zooms")?;
    let zooms = [zooms.0, zooms.1.min(DEEPEST)];
    if metadata["covt"]["rows"] != true {
        let layer = metadata["vector_layers"][0]["id"].as_str().unwrap_or_default();
        let kinds = vec![Kind::new("whole", &[]), Kind::new("one layer", &[("layers", layer)])];
        let probe = Kind::new("", &[("columns", "")]).query;
        return Ok(Dataset { zooms, rows: false, kinds, numbers: String::new(), probe });
    }
    let attributes = metadata["tilestats"]["layers"][0]["attributes"].as_array().cloned().unwrap_or_default();
    let of_type = |kind: &'static str| attributes.iter().filter(move |attribute| attribute["type"] == kind);
    let name = |attribute: &Json| attribute["attribute"].as_str().unwrap_or_default().to_owned();
    // Of what varies, what has few different values is a category, and what has many is a number.
    let distinct = |attribute: &&Json| attribute["values"].as_array().map_or(0, Vec::len);
    let number = of_type("number").max_by_key(distinct);
    let category = of_type("string").filter(|attribute| distinct(attribute) > 1).min_by_key(distinct);
    let mut kinds = vec![Kind::new("plain", &[]), Kind::new("count", &[("agg", "count")])];
    if let Some(number) = number {
        let n = quoted(&name(number));
        let values = number["values"].as_array().cloned().unwrap_or_default();
        let high = values.get(values.len() * 3 / 4).cloned().unwrap_or_else(|| number["max"].clone());
        let all = format!("count,sum:{0},mean:{0},min:{0},max:{0}", name(number));
        let above = format!("{n} > {high}");
        kinds.push(Kind::new("aggregated", &[("agg", &all)]));
        if let Some(category) = category {
            kinds.push(Kind::new("aggregated by category", &[("agg", &all), ("by", &name(category))]));
        }
        kinds.push(Kind::new("filtered by a number", &[("filter", &above)]));
        kinds.push(Kind::new("aggregated, filtered by a number", &[("agg", &all), ("filter", &above)]));
        if let Some(category) = category {
            let value = category["values"][1].as_str().unwrap_or_default().replace('\'', "''");
            let is = format!("{} = '{value}'", quoted(&name(category)));
            kinds.push(Kind::new("aggregated, filtered by a category", &[("agg", &all), ("filter", &is)]));
        }
        let quantiles = format!("median:{0},p95:{0}", name(number));
        kinds.push(Kind::new("median and percentile", &[("agg", &quantiles)]));
    }
    let numbers = of_type("number").take(2).map(name).collect::<Vec<_>>().join(",");
    let probe = Kind::new("", &[("agg", "count"), ("grid", "1")]).query;
    Ok(Dataset { zooms, rows: true, kinds, numbers, probe })
}

/// A column's name as CQL2 wants it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds_follow_from_columns() {
        let attributes = json!([
            {"attribute": "passengers", "type": "number", "values": [1, 2]},
            {"attribute": "amount", "type": "number", "values": [1, 2, 3, 4]},
            {"attribute": "kind", "type": "string", "values": ["taxi", "bus"]},
        ]);
        let metadata = json!({"minzoom": 0, "maxzoom": 22, "covt": {"rows": true},
            "tilestats": {"layers": [{"attributes": attributes}]}});
        let dataset = dataset(&metadata).unwrap();
        assert_eq!((dataset.zooms, &dataset.numbers[..]), ([0, DEEPEST], "passengers,amount"));
        let queries: Vec<_> = dataset.kinds.iter().map(|kind| &kind.query[..]).collect();
        assert!(queries.contains(&"filter=%22amount%22+%3E+4"), "{queries:?}");
        assert!(queries.iter().any(|query| query.ends_with("&by=kind")), "{queries:?}");
    }
}
