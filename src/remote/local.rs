//! Ranges of files.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::{Cost, Ranges};
use crate::tileset::{Error, Result};

/// A file.
#[derive(Debug)]
pub struct Local {
    file: File,
    cost: Cost,
}

impl Local {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path);
        let file = file.map_err(|error| Error::because(format!("cannot open {}", path.display()), error))?;
        Ok(Self { file, cost: Cost::default() })
    }
}

impl Ranges for Local {
    fn read(&mut self, ranges: &[Range<u64>]) -> Result<Vec<(u64, Vec<u8>)>> {
        let mut out = Vec::with_capacity(ranges.len());
        for range in ranges {
            let mut bytes = Vec::new();
            let read = self.file.seek(SeekFrom::Start(range.start));
            let read = read.and_then(|_| (&self.file).take(range.end - range.start).read_to_end(&mut bytes));
            read.map_err(|error| Error::because(format!("cannot read at offset {}", range.start), error))?;
            self.cost.requests += 1;
            self.cost.bytes += bytes.len() as u64;
            out.push((range.start, bytes));
        }
        Ok(out)
    }

    fn cost(&self) -> Cost {
        self.cost
    }
}
