//! The bad tiles of a conversion, kept with the unfinished output, so that whoever goes on with it can
//! list them all.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

use super::error::{Context, Result};
use super::output::Scratch;
use super::tile::BadTile;

/// A file in the scratch folder: of each bad tile a line of JSON, its name and the reason.
pub(crate) struct BadList {
    file: BufWriter<File>,
}

impl BadList {
    pub(crate) fn create(scratch: &Scratch) -> Result<Self> {
        Self::open(scratch, 0)
    }

    /// Opens the list and forgets all but its first `bytes`.
    pub(crate) fn resume(scratch: &Scratch, bytes: u64) -> Result<Self> {
        Self::open(scratch, bytes)
    }

    fn open(scratch: &Scratch, bytes: u64) -> Result<Self> {
        let open = || {
            let path = scratch.file("bad");
            let mut file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
            if file.metadata()?.len() < bytes {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            file.set_len(bytes)?;
            file.seek(SeekFrom::End(0))?;
            Ok(Self { file: BufWriter::new(file) })
        };
        open().context(cannot_write)
    }

    pub(crate) fn push(&mut self, bad: &BadTile) -> Result<()> {
        let line = serde_json::to_string(&(&bad.tile, &bad.reason)).expect("two strings");
        writeln!(self.file, "{line}").context(cannot_write)
    }

    /// The size of the list, all of which is on disk afterwards.
    pub(crate) fn sync(&mut self) -> Result<u64> {
        let mut sync = || {
            self.file.flush()?;
            self.file.get_ref().sync_data()?;
            self.file.stream_position()
        };
        sync().context(cannot_write)
    }

    /// Hands over all that are listed.
    pub(crate) fn for_each(&mut self, visit: &mut dyn FnMut(&BadTile) -> Result<()>) -> Result<()> {
        self.file.flush().context(cannot_write)?;
        let file = self.file.get_mut();
        file.rewind().context(cannot_read)?;
        for line in BufReader::new(&*file).lines() {
            let line = line.context(cannot_read)?;
            let (tile, reason): (String, String) = serde_json::from_str(&line).context(cannot_read)?;
            visit(&BadTile::new(tile, reason))?;
        }
        file.seek(SeekFrom::End(0)).map(drop).context(cannot_read)
    }
}

fn cannot_write() -> String {
    "cannot write the list of bad tiles".into()
}

fn cannot_read() -> String {
    "cannot read the list of bad tiles".into()
}
