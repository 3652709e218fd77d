//! What to load and how, and what came of it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// How to read an input. What is none is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// The dataset's name, which is also that of its layer; the file's name without.
    pub name: Option<String>,
    /// The column of longitudes; `longitude`, `lon`, `lng`, `long` or `x` without, in any case.
    pub x: Option<String>,
    /// The column of latitudes; `latitude`, `lat` or `y` without, in any case.
    pub y: Option<String>,
    /// The column of geometries, in place of two columns of coordinates.
    pub geometry: Option<String>,
    /// A column of integers that are the features' ids. Without, they are the numbers of the rows from
    /// 0 on, bad ones not counted.
    pub id: Option<String>,
    /// Which other columns to keep, none for all.
    pub columns: Option<Vec<String>>,
    /// What stands between the cells of CSV; a comma, a semicolon, a tab or `|`, whichever the first
    /// line has most of, without.
    pub delimiter: Option<Delimiter>,
}

/// What stands between cells: a character of ASCII. Of text, `tab` and `\t` are the one that nobody can type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(pub u8);

impl FromStr for Delimiter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            b"\\t" | b"tab" => Ok(Self(b'\t')),
            // Quotes and ends of lines stand for other things in CSV.
            [byte] if byte.is_ascii() && !b"\"\r\n\0".contains(byte) => Ok(Self(*byte)),
            _ => Err(format!("{text:?} is not one character of ASCII, nor tab")),
        }
    }
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Finding out the types of columns, in bytes of the input.
    Inspecting,
    /// Reading, in bytes or rows of the input.
    Reading,
    /// Bringing columns in order, in columns.
    Sorting,
    /// Writing an index, in columns.
    Writing,
}

impl Stage {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inspecting => "inspecting",
            Self::Reading => "reading",
            Self::Sorting => "sorting",
            Self::Writing => "writing",
        }
    }
}

/// How far loading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do; 0 if that is not known.
    pub total: u64,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// The rows of the dataset.
    pub rows: u64,
    /// The rows left out.
    pub bad: u64,
    /// Why, of the first few of them.
    pub examples: Vec<BadRow>,
    /// What a reader may want to know: columns left out, types widened.
    pub notes: Vec<String>,
}

/// A row left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its number in the input, from 1 on; the head of a CSV file is not counted.
    pub row: u64,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.row, self.what)
    }
}

/// How many bad rows are told one by one.
const EXAMPLES: usize = 5;

impl LoadReport {
    pub(super) fn bad(&mut self, row: u64, what: impl FnOnce() -> String) {
        self.bad += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(BadRow { row, what: what() });
        }
    }
}

/// Why an input cannot be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The input.
    pub path: PathBuf,
    /// What is wrong with it, and where.
    pub what: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.what)
    }
}

impl std::error::Error for LoadError {}
