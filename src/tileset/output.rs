//! Output that is there complete or not at all: it is made in a scratch folder beside its final
//! place and moved there when it is whole.
//!
//! ```text
//! tiles.mbtiles                  where it shall be
//! .tiles.mbtiles.x3Fk9s.part/    the scratch folder
//!   lock                         locked as long as the process lives
//!   output                       what is being made, a file or a folder
//! ```
//! Failures remove the scratch folder. A process that was killed or interrupted cannot; its folder
//! goes when the same output is made the next time, which the free lock allows.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::error::{Context, Error, ErrorKind, Result};

const SUFFIX: &str = ".part";
const LOCK: &str = "lock";

/// What may happen to an output that exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the operation fails before it starts.
    #[default]
    Keep,
    /// It is replaced once the new one is complete.
    Replace,
}

/// Refuses an output that exists and is to be kept.
pub(crate) fn check(path: &Path, existing: Existing) -> Result<()> {
    match (existing, path.symlink_metadata()) {
        (Existing::Keep, Ok(_)) => {
            Err(Error::new(format!("{} exists already", path.display())).of_kind(ErrorKind::Exists))
        }
        _ => Ok(()),
    }
}

/// Writes a whole file; on failure an older one stays as it was. What is no regular file, such as
/// a pipe or `/dev/null`, is written to directly.
///
/// # Errors
/// If the file exists and is to be kept, or cannot be written.
pub fn write_file(path: &Path, bytes: &[u8], existing: Existing) -> Result<()> {
    let cannot_write = || format!("cannot write {}", path.display());
    if is_special(path) {
        let file = OpenOptions::new().write(true).open(path);
        return file.and_then(|mut file| file.write_all(bytes)).context(cannot_write);
    }
    let scratch = Scratch::beside(path, existing)?;
    fs::write(scratch.output(), bytes).context(cannot_write)?;
    scratch.commit()
}

/// A scratch folder; dropped, it takes an unfinished output with it.
pub(crate) struct Scratch {
    // Declared before the folder, so that it is closed before that is removed.
    _lock: File,
    folder: TempDir,
    target: PathBuf,
    existing: Existing,
}

impl Scratch {
    /// Starts to make `target`.
    pub(crate) fn beside(target: &Path, existing: Existing) -> Result<Self> {
        check(target, existing)?;
        // A link is followed: what it points to is replaced, not the link.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        let cannot_write = || format!("cannot write {}", target.display());
        if is_special(&target) {
            return Err(Error::because(cannot_write(), "it is neither a file nor a folder"));
        }
        let name = target.file_name().ok_or_else(|| Error::new("has no name")).context(cannot_write)?;
        let mut prefix = OsString::from(".");
        prefix.push(name);
        prefix.push(".");
        let parent = parent_of(&target);
        sweep(parent, &prefix);

        let folder = tempfile::Builder::new().prefix(&prefix).suffix(SUFFIX).tempdir_in(parent);
        let folder = folder.context(cannot_write)?;
        let lock = File::create_new(folder.path().join(LOCK)).context(cannot_write)?;
        // Where locks are not supported, they are not for the sweeper either.
        let _ = lock.try_lock();
        Ok(Self { _lock: lock, folder, target, existing })
    }

    /// Where to make the output.
    pub(crate) fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// Moves the output, which is complete and closed, to its place.
    pub(crate) fn commit(self) -> Result<()> {
        check(&self.target, self.existing)?;
        self.move_output().context(|| format!("cannot write {}", self.target.display()))
    }

    fn move_output(&self) -> io::Result<()> {
        let output = self.output();
        if output.is_dir() {
            // A folder cannot be renamed over another one, so that one moves out of the way first.
            let old = self.folder.path().join("old");
            let replaces = self.target.symlink_metadata().is_ok();
            if replaces {
                fs::rename(&self.target, &old)?;
            }
            fs::rename(&output, &self.target).inspect_err(|_| {
                if replaces {
                    let _ = fs::rename(&old, &self.target);
                }
            })
        } else {
            // On disk before it gets its name, or a power cut could leave an empty file there.
            OpenOptions::new().write(true).open(&output)?.sync_all()?;
            fs::rename(&output, &self.target)?;
            sync_folder(parent_of(&self.target));
            Ok(())
        }
    }
}

/// Whether it is a pipe or a device, which must never be replaced.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Brings the new name to disk. Not every system can; the output is complete either way.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Removes scratch folders whose process is gone. What fails here is left to the next time.
fn sweep(parent: &Path, prefix: &OsString) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let ours = name.starts_with(prefix.as_encoded_bytes()) && name.ends_with(SUFFIX.as_bytes());
        if ours
            && let Ok(lock) = File::open(entry.path().join(LOCK))
            && lock.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mvt");
        let scratch = Scratch::beside(&path, Existing::Keep).unwrap();
        fs::write(scratch.output(), "half").unwrap();
        drop(scratch);
        assert!(names(folder.path()).is_empty());

        write_file(&path, b"whole", Existing::Keep).unwrap();
        assert_eq!(names(folder.path()), ["a.mvt"]);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn what_exists_is_kept_unless_told_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mvt");
        write_file(&path, b"old", Existing::Keep).unwrap();
        let error = write_file(&path, b"new", Existing::Keep).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exists);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        write_file(&path, b"new", Existing::Replace).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_folder_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiles");
        for (existing, file) in [(Existing::Keep, "one"), (Existing::Replace, "two")] {
            let scratch = Scratch::beside(&path, existing).unwrap();
            fs::create_dir(scratch.output()).unwrap();
            fs::write(scratch.output().join(file), "").unwrap();
            scratch.commit().unwrap();
            assert_eq!(names(&path), [file]);
        }
        assert_eq!(names(folder.path()), ["tiles"]);
    }

    #[test]
    fn what_the_dead_left_is_swept_and_the_living_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let dead = folder.path().join(".a.mvt.dead00.part");
        let other = folder.path().join(".b.mvt.dead00.part");
        for left in [&dead, &other] {
            fs::create_dir(left).unwrap();
            fs::write(left.join(LOCK), "").unwrap();
        }
        let living = Scratch::beside(&folder.path().join("a.mvt"), Existing::Keep).unwrap();
        assert!(!dead.exists() && other.exists());
        write_file(&folder.path().join("a.mvt"), b"", Existing::Keep).unwrap();
        assert!(living.folder.path().exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("file"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_file(&link, b"new", Existing::Replace).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(link.is_symlink());
    }
}
