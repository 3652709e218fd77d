//! How far a conversion is, kept with the unfinished output, so that one that was ended can be gone
//! on with.

use std::fs::{self, File};
use std::io::Write;

use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::contents::Contents;
use super::convert::Totals;
use super::coverage::Coverage;
use super::error::{Context, Result};
use super::output::Scratch;
use super::pmtiles::Lengths;

const FILE: &str = "checkpoint";

/// All that a conversion knows between two tiles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    /// What is converted, and how: what has to be the same to go on.
    pub(crate) job: Vec<(String, String)>,
    /// The id of the last tile that is done; none if only such without a place are.
    pub(crate) after: Option<u64>,
    pub(crate) totals: Totals,
    pub(crate) coverage: Coverage,
    pub(crate) contents: Contents,
    pub(crate) columns: Columns,
    /// The size of the list of bad tiles.
    pub(crate) bad_bytes: u64,
    /// How much of a PMTiles archive is there.
    pub(crate) lengths: Option<Lengths>,
}

impl Checkpoint {
    /// That of a conversion that has not begun.
    pub(crate) fn new(job: Vec<(String, String)>) -> Self {
        Self {
            job,
            after: None,
            totals: Totals::default(),
            coverage: Coverage::default(),
            contents: Contents::default(),
            columns: Columns::default(),
            bad_bytes: 0,
            lengths: None,
        }
    }

    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("nothing in it that JSON has no place for")
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text that stands in the scratch folder, if there is one.
    pub(crate) fn read(scratch: &Scratch) -> Option<String> {
        fs::read_to_string(scratch.file(FILE)).ok()
    }

    /// Puts it into the scratch folder, all of it or nothing.
    pub(crate) fn write(&self, scratch: &Scratch) -> Result<()> {
        let write = || {
            let new = scratch.file("checkpoint.new");
            let mut file = File::create(&new)?;
            file.write_all(self.to_text().as_bytes())?;
            file.sync_data()?;
            fs::rename(new, scratch.file(FILE))
        };
        write().context(|| format!("cannot write {}", scratch.target().display()))
    }

    /// What of the job is not as it was.
    pub(crate) fn differences(&self, job: &[(String, String)]) -> Vec<String> {
        let now = |name: &String| job.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let differs = self.job.iter().filter(|(name, value)| now(name) != Some(value));
        differs.map(|(name, value)| format!("{name} was {value}")).collect()
    }
}
