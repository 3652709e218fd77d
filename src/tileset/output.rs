//! Output that is there complete or not at all: it is made in a scratch folder beside its final
//! place and moved there when it is whole.
//!
//! ```text
//! tiles.mbtiles                  where it shall be
//! .tiles.mbtiles.x3Fk9s.part/    the scratch folder
//!   lock                         locked as long as the process lives
//!   output                       what is being made, a file or a folder
//! ```
//! Failures remove the scratch folder, unless what is in it is worth to be gone on with. A process
//! that was killed or interrupted cannot remove it; its folder goes when the same output is made the
//! next time, which the free lock allows, unless that goes on with it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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

/// Refuses an output that is the input, or that lies in it, or in which the input lies.
///
/// # Errors
/// Which of these it is.
pub fn check_apart(input: &Path, output: &Path) -> Result<()> {
    let Ok(source) = fs::canonicalize(input) else { return Ok(()) };
    // What does not exist yet would lie where its folder is.
    let place = fs::canonicalize(output).or_else(|_| {
        let parent = output.parent().filter(|parent| *parent != Path::new(""));
        let parent = fs::canonicalize(parent.unwrap_or(Path::new(".")))?;
        Ok::<_, io::Error>(parent.join(output.file_name().unwrap_or_default()))
    });
    match place {
        Ok(place) if place == source => Err(Error::new("input and output are the same")),
        Ok(place) if place.starts_with(&source) => Err(Error::new("the output lies within the input")),
        Ok(place) if source.starts_with(&place) => Err(Error::new("the input lies within the output")),
        _ => Ok(()),
    }
}

/// A scratch folder; dropped, it takes an unfinished output with it unless it is to be kept.
pub(crate) struct Scratch {
    /// None only while it is dropped.
    lock: Option<File>,
    folder: PathBuf,
    target: PathBuf,
    existing: Existing,
    keep: bool,
}

impl Scratch {
    /// Starts to make `target`; what others left of it is removed.
    pub(crate) fn beside(target: &Path, existing: Existing) -> Result<Self> {
        let (target, prefix) = place(target, existing)?;
        for left in abandoned(parent_of(&target), &prefix) {
            drop(Self { lock: Some(left.1), folder: left.0, target: target.clone(), existing, keep: false });
        }
        let cannot_write = || format!("cannot write {}", target.display());
        let (folder, lock) = make_folder(parent_of(&target), &prefix).context(cannot_write)?;
        Ok(Self { lock: Some(lock), folder, target, existing, keep: false })
    }

    /// What processes that are gone left of `target`, to be gone on with; nothing of it is removed
    /// until that is dropped.
    pub(crate) fn left(target: &Path, existing: Existing) -> Result<Vec<Self>> {
        let (target, prefix) = place(target, existing)?;
        let left = abandoned(parent_of(&target), &prefix).into_iter();
        let scratch =
            |(folder, lock)| Self { lock: Some(lock), folder, target: target.clone(), existing, keep: true };
        Ok(left.map(scratch).collect())
    }

    /// What is being made.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where to make the output.
    pub(crate) fn output(&self) -> PathBuf {
        self.file("output")
    }

    /// Where to keep something of one's own beside the output.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether an unfinished output stays.
    pub(crate) fn keep(&mut self, keep: bool) {
        self.keep = keep;
    }

    /// Moves the output, which is complete and closed, to its place.
    pub(crate) fn commit(mut self) -> Result<()> {
        check(&self.target, self.existing)?;
        self.move_output().context(|| format!("cannot write {}", self.target.display()))?;
        self.keep = false;
        Ok(())
    }

    fn move_output(&self) -> io::Result<()> {
        let output = self.output();
        if output.is_dir() {
            // A folder cannot be renamed over another one, so that one moves out of the way first.
            let old = self.folder.join("old");
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

impl Drop for Scratch {
    fn drop(&mut self) {
        let lock = self.lock.take();
        if !self.keep {
            let _ = remove(&self.folder, lock);
        }
    }
}

/// Removes a scratch folder, its lock last: a process that is killed meanwhile leaves one that can still
/// be seen to be abandoned.
fn remove(folder: &Path, lock: Option<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_name() != LOCK {
            fs::remove_file(entry.path())?;
        }
    }
    // Some systems do not remove what is open.
    drop(lock);
    fs::remove_file(folder.join(LOCK))?;
    fs::remove_dir(folder)
}

/// Where the output shall be, and how the names of its scratch folders begin.
fn place(target: &Path, existing: Existing) -> Result<(PathBuf, OsString)> {
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
    Ok((target, prefix))
}

/// Whether it is a pipe or a device, which must never be replaced.
pub(crate) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Makes a scratch folder with its lock.
fn make_folder(parent: &Path, prefix: &OsString) -> io::Result<(PathBuf, File)> {
    loop {
        let folder = tempfile::Builder::new().prefix(prefix).suffix(SUFFIX).tempdir_in(parent)?.keep();
        match File::create_new(folder.join(LOCK)) {
            Ok(lock) => {
                // Where locks are not supported, they are not for the sweeper either.
                let _ = lock.try_lock();
                return Ok((folder, lock));
            }
            // Another process that makes the same output took it for abandoned.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let _ = fs::remove_dir(folder);
                return Err(error);
            }
        }
    }
}

/// Brings the new name to disk. Not every system can; the output is complete either way.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Scratch folders whose process is gone, and their locks, which are taken.
fn abandoned(parent: &Path, prefix: &OsString) -> Vec<(PathBuf, File)> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let ours = name.starts_with(prefix.as_encoded_bytes()) && name.ends_with(SUFFIX.as_bytes());
        if !ours {
            continue;
        }
        match File::open(entry.path().join(LOCK)) {
            Ok(lock) if lock.try_lock().is_ok() => found.push((entry.path(), lock)),
            // Killed before it could lock anything. What is not empty stays.
            Err(error) if error.kind() == io::ErrorKind::NotFound => drop(fs::remove_dir(entry.path())),
            _ => {}
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
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
        let stillborn = folder.path().join(".a.mvt.dead01.part");
        fs::create_dir(&stillborn).unwrap();
        let living = Scratch::beside(&folder.path().join("a.mvt"), Existing::Keep).unwrap();
        assert!(!dead.exists() && !stillborn.exists() && other.exists());
        write_file(&folder.path().join("a.mvt"), b"", Existing::Keep).unwrap();
        assert!(living.folder.exists());
    }

    #[test]
    fn what_is_kept_can_be_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mvt");
        let mut scratch = Scratch::beside(&path, Existing::Keep).unwrap();
        assert!(Scratch::left(&path, Existing::Keep).unwrap().is_empty(), "it lives");
        fs::write(scratch.output(), "half").unwrap();
        scratch.keep(true);
        drop(scratch);
        let mut left = Scratch::left(&path, Existing::Keep).unwrap();
        assert_eq!(left.len(), 1);
        let scratch = left.remove(0);
        assert_eq!(fs::read(scratch.output()).unwrap(), b"half");
        scratch.commit().unwrap();
        assert_eq!(names(folder.path()), ["a.mvt"]);
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
