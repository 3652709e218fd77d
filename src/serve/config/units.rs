//! Values of settings that are more than numbers and text, each read from text in one way.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::str::FromStr;

use axum::http::HeaderValue;
use serde::{Deserialize, Deserializer, de};

use crate::points::Delimiter;
use crate::tile::options::Profile;

/// What paths of a server begin with that are not a dataset's.
const RESERVED: [&str; 7] = ["tiles", "catalog", "health", "metrics", "openapi.json", "page", "favicon.ico"];

/// How long a dataset's name may be.
const MAX_NAME: usize = 100;

/// A size: `64`, `512 MiB`, `2GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let factor: Option<u64> = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => Some(1),
            "kb" => Some(1000),
            "mb" => Some(1_000_000),
            "gb" => Some(1_000_000_000),
            "kib" | "k" => Some(1 << 10),
            "mib" | "m" => Some(1 << 20),
            "gib" | "g" => Some(1 << 30),
            _ => None,
        };
        let number = digits.parse::<u64>().ok().zip(factor);
        number
            .and_then(|(number, factor)| number.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no whole number of bytes, such as 64, 512 MiB or 2 GB"))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of bytes, such as 64 or \"512 MiB\"")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Bytes, E> {
                u64::try_from(number)
                    .map(Bytes)
                    .map_err(|_| E::custom(format!("{number} is no number of bytes")))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host(pub IpAddr);

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.trim();
        if name.eq_ignore_ascii_case("localhost") {
            return Ok(Self(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        }
        // As it stands in URLs.
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        bare.parse().map(Self).map_err(|_| {
            format!("{text:?} is no IP address: 127.0.0.1 for this machine alone, 0.0.0.0 for all who can reach it")
        })
    }
}

/// Reads `FromStr` out of a string.
macro_rules! from_string {
    ($name:ty) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

/// What a dataset is called in URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetName(pub String);

impl DatasetName {
    /// The name of a file without folders and extensions; `_` for what a name cannot hold.
    pub fn of(path: &Path) -> Self {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = file.split('.').find(|part| !part.is_empty()).unwrap_or("data");
        let name: String =
            stem.chars().take(MAX_NAME).map(|char| if fits(char) { char } else { '_' }).collect();
        let name = if name.starts_with(|char: char| char.is_ascii_alphanumeric()) {
            name
        } else {
            format!("d{name}")
        };
        Self(if RESERVED.contains(&name.as_str()) { name + "_" } else { name })
    }

    /// Whether these are characters of a name.
    pub(super) fn is_word(name: &str) -> bool {
        name.starts_with(|char: char| char.is_ascii_alphanumeric())
            && name.len() <= MAX_NAME
            && name.chars().all(fits)
    }
}

fn fits(char: char) -> bool {
    char.is_ascii_alphanumeric() || "_-".contains(char)
}

impl FromStr for DatasetName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if !Self::is_word(name) {
            return Err(format!(
                "{name:?} is no name of a dataset: letters, digits, _ and -, up to {MAX_NAME}, a letter or digit first"
            ));
        }
        if RESERVED.contains(&name) {
            return Err(format!("{name:?} stands for something else in the server's URLs"));
        }
        Ok(Self(name.into()))
    }
}

from_string!(Host);
from_string!(DatasetName);

/// What may stand before the paths of the server: scheme, host, perhaps a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = text.trim_end_matches('/');
        let uri = url.parse::<axum::http::Uri>().ok();
        let good = uri.is_some_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.authority().is_some()
                && uri.query().is_none()
        });
        if good {
            Ok(Self(url.into()))
        } else {
            Err(format!("{text:?} is no URL such as https://tiles.example.com/a"))
        }
    }
}

from_string!(PublicUrl);

/// The origin of pages, `https://maps.example.com`, or `*` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl Origin {
    /// All origins.
    pub fn any() -> Self {
        Self(HeaderValue::from_static("*"))
    }

    /// Whether it stands for all.
    pub fn is_any(&self) -> bool {
        self.0 == "*"
    }

    pub(in crate::serve) fn header(&self) -> &HeaderValue {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let uri = text.parse::<axum::http::Uri>().ok();
        let good = text == "*"
            || uri.is_some_and(|uri| {
                uri.scheme().is_some()
                    && uri.authority().is_some()
                    && uri.path() == "/"
                    && !text.ends_with('/')
            });
        let header = HeaderValue::from_str(text).ok().filter(|_| good);
        header
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no origin such as https://maps.example.com, nor *"))
    }
}

from_string!(Origin);

pub(super) fn delimiter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Delimiter>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

/// Whether something is so.
pub(super) fn parse_bool(text: &str) -> Result<bool, String> {
    match text.trim() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

/// The name of a profile.
pub(super) fn parse_profile(name: &str) -> Result<Profile, String> {
    let found = Profile::ALL.into_iter().find(|profile| profile.name() == name);
    found.ok_or_else(|| format!("{name:?} is no profile: fast or small"))
}

pub(super) fn profile<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Profile>, D::Error> {
    parse_profile(&String::deserialize(deserializer)?).map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in
            [("64", 64), ("512 MiB", 512 << 20), ("2GB", 2_000_000_000), ("1k", 1024), (" 7 b ", 7)]
        {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "MiB", "1 mile", "-1", "99999999999 GiB", "1.5 GB"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn hosts() {
        for (text, host) in
            [("localhost", "127.0.0.1"), (" ::1 ", "::1"), ("[::1]", "::1"), ("0.0.0.0", "0.0.0.0")]
        {
            assert_eq!(text.parse::<Host>().unwrap().0.to_string(), host);
        }
        for text in ["", "localhost:80", "127.0.0.1:80", "example.com", "1.2.3", "[127.0.0.1", "*"] {
            let error = text.parse::<Host>().unwrap_err();
            assert!(error.contains("is no IP address") && error.contains("0.0.0.0"), "{error}");
        }
    }

    #[test]
    fn names_of_datasets() {
        for name in ["a", "Trips_2024-01", "0"] {
            assert!(name.parse::<DatasetName>().is_ok());
        }
        let long = "a".repeat(MAX_NAME + 1);
        for name in ["", "_a", "a/b", "..", "a b", "ü", "tiles", "health", "a.b", &long] {
            assert!(name.parse::<DatasetName>().is_err(), "{name}");
        }
        for path in ["", "/", ".hidden", "Über.csv", "catalog.parquet", "..", &long] {
            let name = DatasetName::of(Path::new(path));
            assert!(name.0.parse::<DatasetName>().is_ok(), "{path}: {name:?}");
        }
    }

    #[test]
    fn urls_and_origins() {
        assert_eq!("https://a.b/c/".parse::<PublicUrl>().unwrap().as_str(), "https://a.b/c");
        for text in ["", "a.b", "ftp://a.b", "https://", "https://a.b/?c"] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
        assert!("*".parse::<Origin>().unwrap().is_any());
        assert!(!"http://localhost:8080".parse::<Origin>().unwrap().is_any());
        for text in ["", "a.b", "https://a.b/", "https://a.b/c", "https://a b"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
