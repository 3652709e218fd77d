//! A configuration file, TOML.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{Settings, is_url};

/// Reads the file at `path`; paths in it are relative to its folder.
pub(super) fn read(path: &Path) -> Result<Settings, String> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {name}: {error}"))?;
    let mut settings = parse(&text).map_err(|error| format!("{name}: {error}"))?;
    for (dataset, line) in settings.datasets.iter_mut().zip(lines(&text)) {
        dataset.said = Some(format!("{name}: line {line}"));
    }
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    for dataset in &mut settings.datasets {
        if !is_url(&dataset.path) {
            dataset.path = folder.join(&dataset.path);
        }
    }
    Ok(settings)
}

fn parse(text: &str) -> Result<Settings, String> {
    toml::from_str(text).map_err(|error| {
        let line = line_of(text, error.span().map_or(0, |span| span.start));
        // In words of the file, not of the program.
        let what = error.message().replace('\n', "; ").replace("invalid type: ", "");
        let what = what.replace("expected a sequence", "expected a list in square brackets");
        format!("line {line}: {}", what.replace("expected a boolean", "expected true or false"))
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The lines in which the datasets' paths stand.
fn lines(text: &str) -> Vec<usize> {
    #[derive(Deserialize)]
    struct File {
        #[serde(default)]
        dataset: Vec<Dataset>,
    }
    #[derive(Deserialize)]
    struct Dataset {
        path: Spanned<String>,
    }
    let file: Option<File> = toml::from_str(text).ok();
    let datasets = file.map(|file| file.dataset).unwrap_or_default();
    datasets.iter().map(|dataset| line_of(text, dataset.path.span().start)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Bytes, DatasetConfig, Delimiter, Port};
    use super::*;
    use crate::tile::options::Profile;

    const GOOD: &str = r#"
host = "::1"
port = 8080
public-url = "https://tiles.example.com/"
behind-proxy = true
cors = ["https://maps.example.com"]
cache = "1 GiB"
max-age = 600
profile = "small"
threads = 3

[limits]
connections = 10
queue = 20
query = 4096
seconds = 5
rows = 1000
grid = 64

[[dataset]]
name = "places"
path = "cities.csv"
x = "longitude"
y = "latitude"
columns = ["name", "population"]
delimiter = ";"

[[dataset]]
path = "https://example.com/a.pmtiles"
"#;

    #[test]
    fn everything_can_be_said() {
        let settings = parse(GOOD).unwrap();
        assert_eq!((settings.port, settings.cache), (Port::new(8080), Some(Bytes(1 << 30))));
        assert_eq!(settings.profile, Some(Profile::Small));
        assert_eq!(settings.limits.grid.unwrap().get(), 64);
        let DatasetConfig { columns, delimiter, .. } = &settings.datasets[0];
        assert_eq!((columns.as_ref().unwrap().len(), *delimiter), (2, Some(Delimiter(b';'))));
        // Nothing of it is left at its default.
        let said = format!("{settings:?}");
        // Nor does a text know what file it is.
        assert_eq!(said.matches("None").count(), 2 + 7 + 2, "{said}");
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("covt.toml");
        fs::write(&path, GOOD).unwrap();
        let datasets = read(&path).unwrap().datasets;
        assert_eq!(datasets[0].path, folder.path().join("cities.csv"));
        assert_eq!(datasets[1].path, Path::new("https://example.com/a.pmtiles"));
        assert!(datasets[1].said.as_ref().unwrap().ends_with("covt.toml: line 29"), "{datasets:?}");
        let error = read(&folder.path().join("other.toml")).unwrap_err();
        assert!(error.starts_with("cannot read ") && error.contains("other.toml"), "{error}");
    }

    #[test]
    fn errors_name_the_line() {
        for (text, line, what) in [
            ("port = 99999", 1, "99999 is no whole number from 0 to 65535"),
            ("\n\nprot = 1", 3, "prot"),
            ("port = 1\nport = 2", 2, "duplicate"),
            ("host = \"nowhere\"", 1, "IP address"),
            ("[limits]\nqueue = 0", 2, "0 is no whole number from 1 to"),
            ("[limits]\nseconds = 0.5", 2, "a whole number from 1 to 86400"),
            ("[[dataset]]\npath = \"a\"\ndelimiter = \"::\"", 3, "one character of ASCII"),
            ("\ncache = \"much\"", 2, "\"much\" is no whole number of bytes"),
            ("profile = \"tiny\"", 1, "fast or small"),
            ("[[dataset]]\npath = \"a\"\nname = \"tiles\"", 3, "stands for something else"),
            ("[[dataset]]\nname = \"a\"", 1, "path"),
            ("\ncors = [\n  \"*\",\n  \"nonsense\"]", 2, "no origin"),
            ("cors = \"*\"", 1, "string \"*\", expected a list in square brackets"),
            ("behind-proxy = \"yes\"", 1, "string \"yes\", expected true or false"),
            ("port = ", 1, ""),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(&format!("line {line}: ")), "{text:?}: {error}");
            assert!(error.contains(what) && !error.contains('\n'), "{text:?}: {error}");
        }
    }
}
