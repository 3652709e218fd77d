//! What a file is, and its bytes as they are read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::points::options::{Progress, Stage};

/// The format of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    GeoJson,
    Parquet,
    Arrow,
}

/// What a file is, by its first bytes.
pub(super) fn format(path: &Path) -> io::Result<Format> {
    let mut start = [0; 512];
    let mut reader = Text::open(path)?.reader;
    let mut len = 0;
    while len < start.len() {
        match reader.read(&mut start[len..])? {
            0 => break,
            more => len += more,
        }
    }
    let start = &start[..len];
    if start.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    // A file, or a stream: the mark of a message.
    if start.starts_with(b"ARROW1") || start.starts_with(&[0xff; 4]) {
        return Ok(Format::Arrow);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace() && **byte != 0x1e);
    Ok(if first == Some(&b'{') { Format::GeoJson } else { Format::Csv })
}

/// A file of text, decompressed where gzip is around it.
pub(super) struct Text {
    pub(super) reader: Box<dyn BufRead>,
    read: Arc<AtomicU64>,
    total: u64,
}

/// Counts what is read of a file.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

const BUFFER: usize = 1 << 18;

impl Text {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let total = file.metadata()?.len();
        let read = Arc::new(AtomicU64::new(0));
        let counted = Counted { file, read: Arc::clone(&read) };
        let mut plain = BufReader::with_capacity(BUFFER, counted);
        let gzip = plain.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead> = if gzip {
            Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(plain)))
        } else {
            Box::new(plain)
        };
        Ok(Self { reader, read, total })
    }

    /// Tells how far it is, which costs little.
    pub(super) fn meter(&self, stage: Stage) -> Meter {
        Meter { read: Arc::clone(&self.read), total: self.total, stage, rows: 0 }
    }
}

/// Tells progress every so many rows.
pub(super) struct Meter {
    read: Arc<AtomicU64>,
    total: u64,
    stage: Stage,
    rows: u64,
}

impl Meter {
    pub(super) fn row(&mut self, progress: &(dyn Fn(Progress) + Sync)) {
        self.rows += 1;
        if self.rows.is_multiple_of(1 << 14) {
            let done = self.read.load(Ordering::Relaxed);
            progress(Progress { stage: self.stage, done, total: self.total });
        }
    }
}
