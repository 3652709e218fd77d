//! Where the demo puts its tilesets.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use covt::tileset::Reader;
use indicatif::HumanCount;

use super::source::GENERATOR;

/// The tilesets in the demo's folder.
pub struct Files {
    folder: PathBuf,
    /// The generated tiles.
    pub mvt: PathBuf,
    pub fast: PathBuf,
    pub small: PathBuf,
    /// MVT made of `small`.
    pub again: PathBuf,
}

impl Files {
    /// Makes the folder; one that exists is used if it is empty, holds a demo, or `force` says so.
    pub fn prepare(folder: &Path, force: bool) -> Result<Self> {
        let files = Self {
            folder: folder.to_owned(),
            mvt: folder.join("mvt.mbtiles"),
            fast: folder.join("covt-fast.mbtiles"),
            small: folder.join("covt-small.mbtiles"),
            again: folder.join("mvt-again.mbtiles"),
        };
        let name = folder.display();
        match fs::read_dir(folder) {
            Ok(entries) if force || files.are_demo() => drop(entries),
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.with_context(|| format!("cannot read {name}"))?.file_name();
                    // What an interrupted demo leaves goes with the next one.
                    let scratch = entry.as_encoded_bytes();
                    if !(scratch.starts_with(b".mvt.mbtiles.") && scratch.ends_with(b".part")) {
                        bail!(
                            "{name} is there already and holds no demo but {}: --out DIR names another \
                             folder, --force uses this one all the same",
                            entry.display()
                        );
                    }
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {name}"))?;
            }
            Err(error) => return Err(error).with_context(|| format!("cannot use {name} as a folder")),
        }
        Ok(files)
    }

    /// Whether the first file that a demo writes is there and was written by one.
    fn are_demo(&self) -> bool {
        Reader::open(&self.mvt).is_ok_and(|reader| reader.metadata().get("generator") == Some(GENERATOR))
    }

    /// A line for each file: its size, its path and what it is.
    pub fn list(&self) -> Result<String> {
        let files = [
            (&self.mvt, "MVT with gzip, as generated"),
            (&self.fast, "COVT, profile fast, made of that"),
            (&self.small, "COVT, profile small, made of that"),
            (&self.again, "MVT with gzip, made of covt-small"),
        ];
        let mut list = format!("Files in {}\n", self.folder.display());
        for (path, what) in files {
            let size = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
            let name = path.file_name().unwrap_or_default().display().to_string();
            list += &format!("  {:>10} bytes  {name:20}{what}\n", HumanCount(size).to_string());
        }
        Ok(list)
    }
}

/// A path as it is typed on a command line.
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |char: char| char.is_alphanumeric() || "/._-+,:=@%~\\".contains(char);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted(Path::new("target/release/covt")), "target/release/covt");
        assert_eq!(quoted(Path::new("über/my maps")), "'über/my maps'");
        assert_eq!(quoted(Path::new("Bob's")), r"'Bob'\''s'");
    }
}
