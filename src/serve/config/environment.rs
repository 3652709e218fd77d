//! Settings in environment variables: the names of the file in capitals behind `COVT_`, `COVT_PORT`.

use std::fmt::Display;
use std::str::FromStr;

use super::units::{parse_bool, parse_profile};
use super::{DatasetConfig, DatasetName, Settings};

/// What all of them begin with.
const PREFIX: &str = "COVT_";

/// Variables of that prefix that are somebody else's.
const OTHERS: [&str; 2] = ["CORPUS", "LOG"];

fn parse<T: FromStr<Err: Display>>(value: &str) -> Result<Option<T>, String> {
    value.trim().parse().map(Some).map_err(|error: T::Err| error.to_string())
}

/// Elements of a list with commas.
fn list<T: FromStr<Err: Display>>(value: &str) -> Result<Vec<T>, String> {
    let elements = value.split(',').map(str::trim).filter(|element| !element.is_empty());
    elements.map(|element| element.parse().map_err(|error: T::Err| error.to_string())).collect()
}

pub(super) fn read(variables: impl Iterator<Item = (String, String)>) -> Result<Settings, String> {
    let mut settings = Settings::default();
    let mut columns = DatasetConfig::default();
    for (variable, value) in variables {
        let Some(name) = variable.strip_prefix(PREFIX).filter(|name| !OTHERS.contains(name)) else {
            continue;
        };
        let said = set(&mut settings, &mut columns, name, &value);
        said.map_err(|error| format!("environment variable {variable}: {error}"))?;
    }
    // Columns are said once for all datasets, whichever variable came first.
    for dataset in &mut settings.datasets {
        let DatasetConfig { name, path, .. } = dataset.clone();
        *dataset = DatasetConfig { name, path, ..columns.clone() };
    }
    Ok(settings)
}

fn set(settings: &mut Settings, of_all: &mut DatasetConfig, name: &str, value: &str) -> Result<(), String> {
    let limits = &mut settings.limits;
    let text = || Ok::<_, String>(Some(value.to_owned()));
    match name {
        "HOST" => settings.host = parse(value)?,
        "PORT" => settings.port = parse(value)?,
        "PUBLIC_URL" => settings.public_url = parse(value)?,
        "BEHIND_PROXY" => settings.behind_proxy = Some(parse_bool(value)?),
        "CORS" => settings.cors = Some(list(value)?),
        "CACHE" => settings.cache = parse(value)?,
        "MAX_AGE" => settings.max_age = parse(value)?,
        "PROFILE" => settings.profile = Some(parse_profile(value)?),
        "THREADS" => settings.threads = parse(value)?,
        "LIMITS_CONNECTIONS" => limits.connections = parse(value)?,
        "LIMITS_QUEUE" => limits.queue = parse(value)?,
        "LIMITS_QUERY" => limits.query = parse(value)?,
        "LIMITS_SECONDS" => limits.seconds = parse(value)?,
        "LIMITS_ROWS" => limits.rows = parse(value)?,
        "LIMITS_GRID" => limits.grid = parse(value)?,
        "DATASETS" => settings.datasets = list(value)?,
        "X" => of_all.x = text()?,
        "Y" => of_all.y = text()?,
        "GEOMETRY" => of_all.geometry = text()?,
        "ID" => of_all.id = text()?,
        "COLUMNS" => of_all.columns = Some(list(value)?),
        "DELIMITER" => of_all.delimiter = Some(value.parse()?),
        _ => return Err("there is no such setting".into()),
    }
    Ok(())
}

/// `PATH`, or `NAME=PATH`.
impl FromStr for DatasetConfig {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A path may hold an equals sign; what cannot be a name is a part of it.
        let (name, path) = match text.split_once('=') {
            Some((name, path)) if DatasetName::is_word(name) => (Some(name.parse()?), path),
            _ => (None, text),
        };
        if path.is_empty() {
            return Err(format!("{text:?} names no file"));
        }
        Ok(Self { name, path: path.into(), ..Self::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Count, Port};
    use super::*;

    fn ask(variables: &[(&str, &str)]) -> Result<Settings, String> {
        read(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn named_as_in_the_file() {
        let settings = ask(&[
            ("COVT_X", "lon"),
            ("COVT_DATASETS", "trips=data/a=b.csv, basemap.pmtiles,"),
            ("COVT_COLUMNS", "a,b"),
            ("COVT_PORT", "8080"),
            ("COVT_LIMITS_QUEUE", "5"),
            ("COVT_CORPUS", "elsewhere"),
            ("PATH", "bin"),
        ])
        .unwrap();
        assert_eq!((settings.port, settings.limits.queue), (Port::new(8080), Count::new(5)));
        let [trips, basemap] = &settings.datasets[..] else { panic!("{settings:?}") };
        assert_eq!(trips.name, Some(DatasetName("trips".into())));
        assert_eq!(
            (trips.path.to_str(), basemap.path.to_str()),
            (Some("data/a=b.csv"), Some("basemap.pmtiles"))
        );
        assert_eq!(trips.x.as_deref(), Some("lon"));
    }

    #[test]
    fn errors_name_the_variable() {
        for (name, value, what) in [
            ("COVT_PORT", "many", "\"many\" is no whole number from 0 to 65535"),
            ("COVT_PORT", "", "\"\" is no whole number"),
            ("COVT_PROT", "1", "no such setting"),
            ("COVT_CORS", "nonsense", "no origin"),
            ("COVT_DATASETS", "a=", "names no file"),
            ("COVT_BEHIND_PROXY", "maybe", "neither true nor false"),
            ("COVT_DELIMITER", "::", "one character of ASCII"),
            ("COVT_HOST", "example.com", "no IP address"),
            ("COVT_LIMITS_SECONDS", "0", "from 1 to 86400"),
            ("COVT_THREADS", "1.5", "from 1 to 1024"),
        ] {
            let error = ask(&[(name, value)]).unwrap_err();
            assert!(error.contains(name) && error.contains(what), "{error}");
        }
    }
}
