//! CSV: read twice, once for the types of columns and once for the values.

use std::io::BufRead;
use std::path::Path;

use super::check_rows;
use super::guess::Guess;
use super::source::Text;
use crate::points::draft::{Drafts, Places};
use crate::points::options::{Delimiter, LoadOptions, LoadReport, Progress, Stage};

/// Names of columns of longitudes, the surest ones first.
const X_NAMES: [&str; 5] = ["longitude", "lon", "lng", "long", "x"];
/// Names of columns of latitudes, the surest ones first.
const Y_NAMES: [&str; 3] = ["latitude", "lat", "y"];

pub(super) fn read(
    path: &Path,
    options: &LoadOptions,
    progress: &(dyn Fn(Progress) + Sync),
    report: &mut LoadReport,
) -> Result<Drafts, String> {
    if options.geometry.is_some() {
        return Err("CSV has no column of geometries: name its columns of coordinates".into());
    }
    let delimiter = match options.delimiter {
        Some(Delimiter(delimiter)) => delimiter,
        None => delimiter(path)?,
    };
    let (mut reader, _) = open(path, delimiter)?;
    let head = reader.headers().map_err(|error| error.to_string())?.clone();
    let names: Vec<String> =
        head.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
    let [x, y] = coordinates(&names, options)?;
    let kept = kept(&names, &[x, y], options)?;
    let guesses = guess(path, delimiter, names.len(), &kept, progress)?;
    let columns = kept.iter().zip(&guesses).map(|(&column, guess)| guess.draft(names[column].clone()));
    let mut drafts = Drafts { places: Places::new(), columns: columns.collect() };
    let (mut reader, text) = open(path, delimiter)?;
    let mut meter = text(Stage::Reading);
    let mut record = csv::ByteRecord::new();
    let mut row = 0;
    while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        row += 1;
        meter.row(progress);
        let added = cells(&record, names.len())
            .and_then(|()| degrees(&record, [x, y]))
            .and_then(|[x, y]| drafts.places.push_point(x, y));
        match added {
            Ok(()) => {
                for (&column, draft) in kept.iter().zip(&mut drafts.columns) {
                    let text = std::str::from_utf8(&record[column]).map_or("", str::trim);
                    draft.push_text(text).map_err(|what| format!("column {:?}: {what}", draft.name))?;
                }
            }
            Err(what) => report.bad(row, || what),
        }
    }
    check_rows(drafts.places.len())?;
    Ok(drafts)
}

type Reader = csv::Reader<Box<dyn BufRead>>;

/// A reader, and what tells how far it is.
fn open(path: &Path, delimiter: u8) -> Result<(Reader, impl Fn(Stage) -> super::source::Meter), String> {
    let mut text = Text::open(path).map_err(|error| error.to_string())?;
    let reader = std::mem::replace(&mut text.reader, Box::new(std::io::empty()));
    let reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(reader);
    Ok((reader, move |stage| text.meter(stage)))
}

/// The one of the usual delimiters that the first line has most of.
fn delimiter(path: &Path) -> Result<u8, String> {
    let text = Text::open(path).map_err(|error| error.to_string())?;
    let mut line = Vec::new();
    // A head that is longer than this is none.
    std::io::Read::take(text.reader, 1 << 20)
        .read_until(b'\n', &mut line)
        .map_err(|error| error.to_string())?;
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in line {
        quoted ^= byte == b'"';
        counts.iter_mut().filter(|(own, _)| !quoted && *own == byte).for_each(|(_, count)| *count += 1);
    }
    // Of equally frequent ones the first.
    Ok(counts.iter().rev().max_by_key(|(_, count)| *count).expect("four of them").0)
}

/// The columns of coordinates.
pub(super) fn coordinates(names: &[String], options: &LoadOptions) -> Result<[usize; 2], String> {
    let find = |given: &Option<String>, usual: &[&str], what: &str| match given {
        Some(name) => names
            .iter()
            .position(|own| own == name)
            .ok_or_else(|| format!("there is no column {name:?}; there are {}", names.join(", "))),
        None => usual
            .iter()
            .find_map(|name| names.iter().position(|own| own.eq_ignore_ascii_case(name)))
            .ok_or_else(|| {
                format!("no column of {what} found, such as {:?}; there are {}", usual[0], names.join(", "))
            }),
    };
    Ok([find(&options.x, &X_NAMES, "longitudes")?, find(&options.y, &Y_NAMES, "latitudes")?])
}

/// The columns to keep: those asked for, and that of ids, or all but those of coordinates.
pub(super) fn kept(
    names: &[String],
    coordinates: &[usize],
    options: &LoadOptions,
) -> Result<Vec<usize>, String> {
    let Some(wanted) = &options.columns else {
        let unnamed = |column: &usize| names[*column].is_empty();
        let seen = |column: &usize| names[..*column].contains(&names[*column]);
        let all = (0..names.len()).filter(|column| !coordinates.contains(column));
        return Ok(all.filter(|column| !unnamed(column) && !seen(column)).collect());
    };
    let mut out = Vec::new();
    for name in wanted.iter().chain(&options.id) {
        let column = names.iter().position(|own| own == name);
        let column =
            column.ok_or_else(|| format!("there is no column {name:?}; there are {}", names.join(", ")))?;
        if !out.contains(&column) {
            out.push(column);
        }
    }
    Ok(out)
}

/// The types of the kept columns, in rows whose coordinates are good or bad.
fn guess(
    path: &Path,
    delimiter: u8,
    cells: usize,
    kept: &[usize],
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Guess>, String> {
    let (mut reader, text) = open(path, delimiter)?;
    let mut meter = text(Stage::Inspecting);
    let mut guesses = vec![Guess::Nothing; kept.len()];
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        meter.row(progress);
        if record.len() != cells {
            continue;
        }
        for (guess, &column) in guesses.iter_mut().zip(kept) {
            if *guess != Guess::Text
                && let Ok(text) = std::str::from_utf8(&record[column])
            {
                *guess = guess.and(Guess::of(text.trim()));
            }
        }
    }
    Ok(guesses)
}

/// Whether a row has as many cells as the head, of valid text.
fn cells(record: &csv::ByteRecord, cells: usize) -> Result<(), String> {
    if record.len() != cells {
        return Err(format!("{} cells, where the head has {cells}", record.len()));
    }
    match record.iter().position(|cell| std::str::from_utf8(cell).is_err()) {
        Some(cell) => Err(format!("cell {} is not UTF-8", cell + 1)),
        None => Ok(()),
    }
}

/// Longitude and latitude; NaN where a cell is empty.
fn degrees(record: &csv::ByteRecord, [x, y]: [usize; 2]) -> Result<[f64; 2], String> {
    let degrees = |column: usize| {
        let text = std::str::from_utf8(&record[column]).unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(f64::NAN);
        }
        text.parse().map_err(|_| format!("{:?} is no number", text.chars().take(40).collect::<String>()))
    };
    Ok([degrees(x)?, degrees(y)?])
}
