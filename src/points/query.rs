//! What a request asks of a dataset's tiles. `spec/queries.md` describes the parameters.

use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::aggregates::{Aggregate, By};
use super::column::{Column, Data};
use super::filter::{self, Predicate};
use crate::cql2;

/// What a request may ask for at most, and what it gets if it does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryLimits {
    /// Rows of a tile beyond which it is aggregated, if the request does not say.
    pub default_limit: u64,
    /// The largest `limit`.
    pub max_limit: u64,
    /// Cells along an edge of a tile, if the request does not say.
    pub default_grid: u32,
    /// The largest `grid`, at most 4096.
    pub max_grid: u32,
    /// The largest `buffer`, in units of the tile, at most 4096.
    pub max_buffer: u32,
    /// The longest `filter`, in bytes.
    pub max_filter_bytes: usize,
    /// How deep parentheses, negations and arithmetic of a filter may nest.
    pub max_filter_depth: usize,
    /// The most entries of `agg`.
    pub max_aggregates: usize,
    /// How many categories of `by` have a column of their own; the others share one.
    pub max_categories: usize,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            default_limit: 10_000,
            max_limit: 2_000_000,
            default_grid: 64,
            max_grid: 512,
            max_buffer: 512,
            max_filter_bytes: 8_192,
            max_filter_depth: 64,
            max_aggregates: 32,
            max_categories: 32,
        }
    }
}

/// A parameter that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Which one.
    pub parameter: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.parameter, self.message)
    }
}

impl std::error::Error for QueryError {}

/// What stands for a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum CellGeometry {
    /// The middle of the cell.
    #[default]
    Centre,
    /// The mean of its points.
    Centroid,
    /// The cell itself.
    Polygon,
}

/// A request that was checked against a dataset. Requests for the same are equal.
#[derive(Clone, Debug)]
pub struct Query(pub(super) Arc<Parts>);

/// What a [`Query`] asks for.
#[derive(Debug)]
pub(super) struct Parts {
    canonical: String,
    pub(super) filter: Option<Predicate>,
    /// Numbers of columns.
    pub(super) properties: Vec<usize>,
    pub(super) limit: u64,
    /// What cells say; none if single rows are asked for.
    pub(super) aggregates: Option<Vec<Aggregate>>,
    /// What cells say if the tile has more rows than `limit`.
    pub(super) otherwise: Vec<Aggregate>,
    pub(super) by: Option<Arc<By>>,
    pub(super) grid: u32,
    pub(super) cells: CellGeometry,
    pub(super) buffer: u32,
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.0.canonical == other.0.canonical
    }
}

impl Eq for Query {}

impl Hash for Query {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.canonical.hash(state);
    }
}

impl Query {
    /// The request with everything said, in a fixed order: equal for requests for the same.
    pub fn canonical(&self) -> &str {
        &self.0.canonical
    }

    /// Whether cells were asked for, whatever the number of rows.
    pub fn is_aggregated(&self) -> bool {
        self.0.aggregates.is_some()
    }
}

/// Checks a request against columns, of which those of numbers `visible` are properties.
pub(super) fn parse(
    pairs: &[(String, String)],
    columns: &[Column],
    visible: &[usize],
    default_buffer: u32,
    limits: &QueryLimits,
) -> Result<Query, QueryError> {
    let wrong = |parameter: &str, message: String| QueryError { parameter: parameter.into(), message };
    let known = ["filter", "filter-lang", "properties", "limit", "agg", "by", "grid", "geometry", "buffer"];
    for (index, (name, _)) in pairs.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            return Err(wrong(name, format!("there is no such parameter; there are {}", known.join(", "))));
        }
        if pairs[..index].iter().any(|(other, _)| other == name) {
            return Err(wrong(name, "given twice".into()));
        }
    }
    let get = |name: &str| {
        pairs
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    };
    let number = |name: &str, least: u64, most: u64, default: u64| match get(name) {
        None => Ok(default.min(most)),
        Some(text) => match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(wrong(name, format!("a whole number from {least} to {most} expected"))),
        },
    };
    let mut canonical = String::new();
    if let Some(language) = get("filter-lang").filter(|language| *language != "cql2-text") {
        return Err(wrong("filter-lang", format!("only cql2-text is understood, not {language:?}")));
    }
    let filter = match get("filter") {
        None => None,
        Some(text) if text.len() > limits.max_filter_bytes => {
            let most = limits.max_filter_bytes;
            return Err(wrong("filter", format!("longer than {most} bytes")));
        }
        Some(text) => {
            let predicate = cql2::parse(text, limits.max_filter_depth)
                .and_then(|expression| filter::bind(&expression, columns))
                .map_err(|message| wrong("filter", message))?;
            let _ = write!(canonical, "filter={}:{text}&", text.len());
            Some(predicate)
        }
    };
    let (properties, named): (Vec<usize>, bool) = match get("properties") {
        None => (visible.to_vec(), false),
        Some(list) => {
            let mut properties = Vec::new();
            for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                let column = filter::find(name, columns).map_err(|message| wrong("properties", message))?;
                if !properties.contains(&column) {
                    properties.push(column);
                }
            }
            properties.sort_unstable();
            (properties, true)
        }
    };
    let limit = number("limit", 0, limits.max_limit, limits.default_limit)?;
    let aggregates = get("agg").map(|list| Aggregate::parse_all(list, columns, limits.max_aggregates));
    let mut aggregates = aggregates.transpose().map_err(|message| wrong("agg", message))?;
    let by = get("by").map(|name| By::new(name, columns, limits.max_categories));
    let by = by.transpose().map_err(|message| wrong("by", message))?.map(Arc::new);
    if by.is_some() && aggregates.is_none() {
        aggregates = Some(vec![Aggregate::Count]);
    }
    let otherwise = if named { Aggregate::means(&properties, columns) } else { vec![Aggregate::Count] };
    let grid = number("grid", 1, limits.max_grid.min(4096).into(), limits.default_grid.into())? as u32;
    let cells = match get("geometry") {
        None | Some("centre" | "center") => CellGeometry::Centre,
        Some("centroid") => CellGeometry::Centroid,
        Some("polygon") => CellGeometry::Polygon,
        Some(_) => return Err(wrong("geometry", "centre, centroid or polygon expected".into())),
    };
    let buffer = number("buffer", 0, limits.max_buffer.min(4096).into(), default_buffer.into())? as u32;
    if let Some(aggregates) = &aggregates {
        let names: Vec<String> = aggregates.iter().map(|aggregate| aggregate.name(columns)).collect();
        let _ = write!(canonical, "agg={}&", names.join(","));
    } else {
        let names: Vec<String> = properties.iter().map(usize::to_string).collect();
        let _ =
            write!(canonical, "properties={}&named={named}&limit={limit}&buffer={buffer}&", names.join(","));
    }
    if let Some(by) = &by {
        let _ = write!(canonical, "by={}&", by.column());
    }
    let _ = write!(canonical, "grid={grid}&geometry={cells:?}");
    Ok(Query(Arc::new(Parts {
        canonical,
        filter,
        properties,
        limit,
        aggregates,
        otherwise,
        by,
        grid,
        cells,
        buffer,
    })))
}

/// Whether numbers can be drawn from a column.
pub(super) fn has_numbers(column: &Column) -> bool {
    !matches!(column.data, Data::Bool(_) | Data::Text(..))
}
