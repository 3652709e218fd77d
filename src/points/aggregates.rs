//! What can be said of the rows of a cell.

use super::column::{Column, Data};
use super::field::{frequencies, most_frequent};
use super::filter;
use super::query::has_numbers;

/// One thing that cells say. Columns are given by their numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aggregate {
    Count,
    Sum(usize),
    Mean(usize),
    Min(usize),
    Max(usize),
    /// The last is in thousandths.
    Quantile(usize, u32),
}

impl Aggregate {
    /// A list as `count,sum:population,p95:speed`.
    pub(super) fn parse_all(list: &str, columns: &[Column], most: usize) -> Result<Vec<Self>, String> {
        let mut out = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let aggregate = Self::parse(entry, columns)?;
            if !out.contains(&aggregate) {
                out.push(aggregate);
            }
        }
        match out.len() {
            0 => Err("nothing to aggregate".into()),
            count if count > most => Err(format!("more than {most} entries")),
            _ => Ok(out),
        }
    }

    fn parse(entry: &str, columns: &[Column]) -> Result<Self, String> {
        let Some((function, name)) = entry.split_once(':') else {
            return match entry {
                "count" => Ok(Self::Count),
                "sum" | "mean" | "min" | "max" | "median" => {
                    Err(format!("{entry} of which column? {entry}:column says it"))
                }
                _ => Err(format!("{entry:?} is no aggregate: count, or one of {FUNCTIONS} with a column")),
            };
        };
        let column = filter::find(name.trim(), columns)?;
        if !has_numbers(&columns[column]) {
            return Err(format!("{name:?} has no numbers to take the {function} of"));
        }
        match function.trim() {
            "sum" if matches!(columns[column].data, Data::Time(_)) => {
                Err(format!("{name:?} has moments, which have no sum"))
            }
            "sum" => Ok(Self::Sum(column)),
            "mean" => Ok(Self::Mean(column)),
            "min" => Ok(Self::Min(column)),
            "max" => Ok(Self::Max(column)),
            "median" => Ok(Self::Quantile(column, 500)),
            function => {
                let thousandths = function.strip_prefix('p').and_then(thousandths);
                let thousandths = thousandths.ok_or_else(|| {
                    format!("{function:?} is no aggregate: count, or one of {FUNCTIONS} with a column")
                })?;
                Ok(Self::Quantile(column, thousandths))
            }
        }
    }

    /// The number of rows, and the means of those of `properties` that are numbers.
    pub(super) fn means(properties: &[usize], columns: &[Column]) -> Vec<Self> {
        let numbers = properties.iter().filter(|&&column| columns[column].is_number());
        std::iter::once(Self::Count).chain(numbers.map(|&column| Self::Mean(column))).collect()
    }

    /// As it is written in a request, which is also the name of the property.
    pub(super) fn name(self, columns: &[Column]) -> String {
        let (function, column) = match self {
            Self::Count => return "count".into(),
            Self::Sum(column) => ("sum".into(), column),
            Self::Mean(column) => ("mean".into(), column),
            Self::Min(column) => ("min".into(), column),
            Self::Max(column) => ("max".into(), column),
            Self::Quantile(column, 500) => ("median".into(), column),
            Self::Quantile(column, thousandths) if thousandths % 10 == 0 => {
                (format!("p{}", thousandths / 10), column)
            }
            Self::Quantile(column, thousandths) => {
                (format!("p{}.{}", thousandths / 10, thousandths % 10), column)
            }
        };
        format!("{function}:{}", columns[column].name)
    }

    /// The column it is of.
    pub(super) fn column(self) -> Option<usize> {
        match self {
            Self::Count => None,
            Self::Sum(column) | Self::Mean(column) | Self::Min(column) | Self::Max(column) => Some(column),
            Self::Quantile(column, _) => Some(column),
        }
    }
}

const FUNCTIONS: &str = "sum, mean, min, max, median, p1 … p99.9";

/// Per cent with at most one decimal, above 0 and below 100.
fn thousandths(percent: &str) -> Option<u32> {
    let (whole, tenths) = percent.split_once('.').unwrap_or((percent, "0"));
    let digits = |text: &str, most| {
        let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let thousandths = 10 * digits(whole, 2)? + digits(tenths, 1)?;
    (thousandths > 0).then_some(thousandths)
}

/// The categories that rows are counted by.
#[derive(Debug)]
pub(super) struct By {
    column: usize,
    /// The name of each property.
    pub(super) names: Vec<String>,
    /// For each number of a string the number of a property; of truth values, false and true.
    properties: Vec<u32>,
    /// The property of rows without a value.
    pub(super) null: u32,
}

impl By {
    fn empty(column: usize) -> Self {
        Self { column, names: Vec::new(), properties: Vec::new(), null: 0 }
    }

    /// The `most` most frequent categories of a column; all others are one.
    pub(super) fn new(name: &str, columns: &[Column], most: usize) -> Result<Self, String> {
        let column = filter::find(name, columns)?;
        let mut by = Self::empty(column);
        match &columns[column].data {
            Data::Bool(_) => {
                by.names = vec![format!("{name}:false"), format!("{name}:true")];
                by.properties = vec![0, 1];
            }
            Data::Text(_, strings) => {
                let counts = frequencies(&columns[column]);
                let keys = most_frequent(counts, most);
                let all = counts.iter().filter(|&&count| count > 0).count() == keys.len();
                by.names = keys.iter().map(|&key| format!("{name}:{}", strings.get(key as usize))).collect();
                by.properties = vec![keys.len() as u32; strings.len()];
                keys.iter().zip(0..).for_each(|(&key, index)| by.properties[key as usize] = index);
                if !all {
                    by.names.push(format!("{name}:(other)"));
                }
            }
            _ => return Err(format!("{name:?} has neither strings nor truth values")),
        }
        by.null = by.names.len() as u32;
        by.names.push(format!("{name}:(none)"));
        Ok(by)
    }

    pub(super) fn column(&self) -> usize {
        self.column
    }

    /// The property of the string of a number.
    #[inline]
    pub(super) fn property(&self, key: u32) -> usize {
        self.properties.get(key as usize).map_or(self.null as usize, |&property| property as usize)
    }
}
