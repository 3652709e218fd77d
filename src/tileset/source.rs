//! Bytes that are read by ranges: a file, or with the feature `http` what lies behind a URL.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use super::error::{Context, Error, Result};

/// How much is read ahead where ranges follow each other.
const WINDOW: usize = 1 << 20;

/// What is read by ranges.
pub(crate) trait ReadAt: Send + Sync {
    /// The number of bytes there are.
    fn size(&self) -> u64;

    /// Whether what goes wrong is that the way to it is broken, rather than a part of it.
    fn is_remote(&self) -> bool {
        false
    }

    /// Reads `length` bytes from `offset` on, all of which are there.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// Opens what `path` names: a file, or with the feature `http` a URL.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn open(path: &Path) -> Result<Box<dyn ReadAt>> {
    if let Some(url) = url(path) {
        return open_url(url);
    }
    let file = File::open(path).context(|| "cannot open".into())?;
    let size = file.metadata().context(|| "cannot open".into())?.len();
    Ok(Box::new(FileSource { file: Mutex::new(file), size }))
}

/// The URL that a path is, if it is one.
pub(crate) fn url(path: &Path) -> Option<&str> {
    path.to_str().filter(|path| path.starts_with("http://") || path.starts_with("https://"))
}

#[cfg(feature = "http")]
fn open_url(url: &str) -> Result<Box<dyn ReadAt>> {
    Ok(Box::new(super::http::HttpSource::open(url)?))
}

#[cfg(not(feature = "http"))]
fn open_url(_: &str) -> Result<Box<dyn ReadAt>> {
    Err(Error::new("cannot be read: this program was built without the feature http"))
}

struct FileSource {
    // The place in it is common to all who read.
    file: Mutex<File>,
    size: u64,
}

impl ReadAt for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().expect("no panic while reading");
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads ahead, for ranges that mostly follow each other.
pub(crate) struct Ahead<'a> {
    source: &'a dyn ReadAt,
    /// Nothing from here on is read ahead.
    end: u64,
    start: u64,
    window: Vec<u8>,
}

impl<'a> Ahead<'a> {
    pub(crate) fn new(source: &'a dyn ReadAt, end: u64) -> Self {
        Self { source, end: end.min(source.size()), start: 0, window: Vec::new() }
    }

    /// Reads `length` bytes from `offset` on.
    pub(crate) fn read(&mut self, offset: u64, length: usize) -> Result<&[u8]> {
        let within = |start: u64, window: &[u8]| {
            let at = usize::try_from(offset.checked_sub(start)?).ok()?;
            let end = at.checked_add(length)?;
            (end <= window.len()).then_some(at..end)
        };
        if within(self.start, &self.window).is_none() {
            let left = self.end.checked_sub(offset).filter(|left| *left >= length as u64);
            let left = left
                .ok_or_else(|| Error::new(format!("{length} bytes at offset {offset} lie behind the end")))?;
            // Not ahead of a range that stands alone.
            let follows = offset == self.start + self.window.len() as u64
                || within_reach(self.start, &self.window, offset);
            let wanted = if follows {
                length.max(WINDOW.min(usize::try_from(left).unwrap_or(WINDOW)))
            } else {
                length
            };
            let cannot_read = || format!("cannot read {wanted} bytes at offset {offset}");
            self.window = self.source.read_at(offset, wanted).context(cannot_read)?;
            self.start = offset;
        }
        let range = within(self.start, &self.window).expect("just read");
        Ok(&self.window[range])
    }
}

/// Whether `offset` lies within what was read or not far behind it.
fn within_reach(start: u64, window: &[u8], offset: u64) -> bool {
    let end = start + window.len() as u64;
    (start..end + (WINDOW / 16) as u64).contains(&offset)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counted(Vec<u8>, AtomicUsize);

    impl ReadAt for Counted {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
            self.1.fetch_add(1, Ordering::SeqCst);
            Ok(self.0[offset as usize..][..length].to_vec())
        }
    }

    #[test]
    fn ranges_that_follow_each_other_are_read_together() {
        let bytes: Vec<u8> = (0..3 * WINDOW as u32).map(|i| (i % 251) as u8).collect();
        let source = Counted(bytes.clone(), AtomicUsize::new(0));
        let mut ahead = Ahead::new(&source, bytes.len() as u64);
        for offset in (0..bytes.len() - 1000).step_by(1000) {
            assert_eq!(ahead.read(offset as u64, 1000).unwrap(), &bytes[offset..offset + 1000]);
        }
        assert!(source.1.load(Ordering::SeqCst) <= 6);
        for offset in [2_500_000, 10, 2_000_000, 500_000] {
            assert_eq!(ahead.read(offset as u64, 10).unwrap(), &bytes[offset..offset + 10]);
        }
        assert_eq!(ahead.read(0, bytes.len()).unwrap(), bytes);
        assert!(ahead.read(1, bytes.len()).is_err());
        assert!(ahead.read(u64::MAX, 1).is_err());
    }

    #[test]
    fn what_is_a_url() {
        assert!(url(Path::new("https://example.org/a.pmtiles")).is_some());
        assert!(url(Path::new("https.pmtiles")).is_none());
    }
}
