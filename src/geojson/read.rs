//! Features one by one from a text, whatever holds them.

use std::fmt;
use std::io::{self, BufReader, Read};

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::de::{Deserializer, IoRead, SliceRead};
use serde_json::{Map, Value};

use super::coordinates::Coordinates;
use super::feature::{Feature, Geometries};
use crate::error::{Error, Result};

/// Hands every feature of `input` to `each`, in order, and tells how many there were. The input is a
/// FeatureCollection, a Feature or a geometry, or several of them, one after the other: newline-delimited
/// GeoJSON, and text sequences (RFC 8142). One feature is in memory at a time.
///
/// # Errors
/// [`crate::ErrorKind::InvalidInput`] with feature, line and column if the input is no GeoJSON or not UTF-8,
/// holds a number that is none or greater than a double can be, is nested more than 128 deep, names a
/// coordinate reference system other than WGS 84, or cannot be read; and what `each` returns.
pub fn read(input: impl Read, each: impl FnMut(Feature) -> Result<()>) -> Result<u64> {
    let input = BufReader::with_capacity(1 << 16, Separated { input, start: true });
    run(Deserializer::new(IoRead::new(input)), each)
}

/// [`read`] of what is in memory, which is quicker.
///
/// # Errors
/// As [`read`].
pub fn read_slice(input: &[u8], each: impl FnMut(Feature) -> Result<()>) -> Result<u64> {
    let input = input.strip_prefix(MARK).unwrap_or(input);
    if input.first() == Some(&SEPARATOR) {
        return read(input, each);
    }
    run(Deserializer::new(SliceRead::new(input)), each)
}

/// What some programs put at the start of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What stands before each text of a sequence of them. It must not stand within a JSON text.
const SEPARATOR: u8 = 0x1e;

/// Makes blanks of separators, and of the mark at the start.
struct Separated<R> {
    input: R,
    start: bool,
}

impl<R: Read> Read for Separated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = self.input.read(buffer)?;
        if std::mem::take(&mut self.start) {
            // A mark that comes in pieces.
            while count > 0 && count < MARK.len() && MARK.starts_with(&buffer[..count]) && buffer.len() >= 3 {
                match self.input.read(&mut buffer[count..3])? {
                    0 => break,
                    more => count += more,
                }
            }
            if buffer[..count].starts_with(MARK) {
                buffer[..3].fill(b' ');
            }
        }
        buffer[..count].iter_mut().filter(|byte| **byte == SEPARATOR).for_each(|byte| *byte = b' ');
        Ok(count)
    }
}

fn run<'de, R: serde_json::de::Read<'de>>(
    mut input: Deserializer<R>,
    each: impl FnMut(Feature) -> Result<()>,
) -> Result<u64> {
    let mut sink = Sink { each, number: 0, refused: None };
    loop {
        let read = match input.end() {
            Ok(()) => return Ok(sink.number),
            Err(error) if error.is_io() => Err(error),
            Err(_) => Object { sink: &mut sink }.deserialize(&mut input),
        };
        if let Err(error) = read {
            let at = format!("feature {} (line {})", sink.number.max(1), error.line());
            return Err(match sink.refused {
                Some(refused) => refused.within(at),
                None => Error::input(error.to_string()).within(format!("feature {}", sink.number.max(1))),
            });
        }
    }
}

/// Where features go.
struct Sink<F> {
    each: F,
    /// How many objects that may be features were begun.
    number: u64,
    /// What `each` returned.
    refused: Option<Error>,
}

/// An object that is a Feature, a FeatureCollection or a geometry.
struct Object<'a, F> {
    sink: &'a mut Sink<F>,
}

/// The members of such an object but `features`, whose elements go where they belong at once.
#[derive(Default)]
struct Members {
    name: Option<String>,
    feature: Feature,
    coordinates: Option<Coordinates>,
    geometries: Option<Vec<Geometries>>,
    has_geometry: bool,
    has_features: bool,
}

impl<'de, F: FnMut(Feature) -> Result<()>> DeserializeSeed<'de> for Object<'_, F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Feature) -> Result<()>> Visitor<'de> for Object<'_, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an object that is a Feature, a FeatureCollection or a geometry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let sink = self.sink;
        sink.number += 1;
        let mut all = Members::default();
        while let Some(key) = members.next_key::<String>()? {
            match &key[..] {
                "type" => all.name = Some(members.next_value()?),
                "features" => {
                    // The object itself is no feature.
                    sink.number -= 1;
                    members.next_value_seed(Features { sink: &mut *sink })?;
                    sink.number += 1;
                    all.has_features = true;
                }
                "id" => all.feature.id = id(members.next_value()?)?,
                "geometry" => {
                    all.feature.geometries = members.next_value::<Geometries>()?.0;
                    all.has_geometry = true;
                }
                "properties" => {
                    all.feature.properties = members.next_value::<Option<Map<_, _>>>()?.unwrap_or_default();
                }
                "coordinates" => all.coordinates = Some(members.next_value()?),
                "geometries" => all.geometries = Some(members.next_value()?),
                "crs" => check_crs(&members.next_value()?)?,
                "tippecanoe" => {
                    let hints: Value = members.next_value()?;
                    all.feature.layer = hints.get("layer").and_then(Value::as_str).map(str::to_owned);
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        let name = all.name.ok_or_else(|| A::Error::missing_field("type"))?;
        let mut feature = all.feature;
        feature.number = sink.number;
        match &name[..] {
            "FeatureCollection" => {
                sink.number -= 1;
                return if all.has_features { Ok(()) } else { Err(A::Error::missing_field("features")) };
            }
            "Feature" if !all.has_geometry => return Err(A::Error::missing_field("geometry")),
            "Feature" => {}
            name => feature.geometries = Geometries::new(name, all.coordinates, all.geometries)?.0,
        }
        (sink.each)(feature).map_err(|error| {
            sink.refused = Some(error);
            A::Error::custom("refused")
        })
    }
}

/// The array `features`.
struct Features<'a, F> {
    sink: &'a mut Sink<F>,
}

impl<'de, F: FnMut(Feature) -> Result<()>> DeserializeSeed<'de> for Features<'_, F> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Feature) -> Result<()>> Visitor<'de> for Features<'_, F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut features: A) -> Result<(), A::Error> {
        while features.next_element_seed(Object { sink: &mut *self.sink })?.is_some() {}
        Ok(())
    }
}

fn id<E: serde::de::Error>(id: Value) -> Result<Option<Value>, E> {
    match id {
        Value::Null => Ok(None),
        Value::Number(_) | Value::String(_) => Ok(Some(id)),
        id => Err(E::custom(format!("an id that is no number and no string: {id}"))),
    }
}

/// That a `crs`, which GeoJSON had before RFC 7946, names WGS 84.
fn check_crs<E: serde::de::Error>(crs: &Value) -> Result<(), E> {
    let Some(name) = crs.pointer("/properties/name").and_then(Value::as_str) else { return Ok(()) };
    let code = name.rsplit(':').next().unwrap_or_default();
    match ["CRS84", "CRS84h", "4326", "4979"].contains(&code) {
        true => Ok(()),
        false => Err(E::custom(format!("coordinates in {name}; only WGS 84 can be read"))),
    }
}
