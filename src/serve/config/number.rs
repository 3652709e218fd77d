//! Whole numbers with a least and a greatest one, and what is said of others.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// A whole number from `LEAST` to `GREATEST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<const LEAST: u64, const GREATEST: u64>(u64);

/// A port; 0 for any that is free.
pub type Port = Number<0, 0xFFFF>;

/// How many of something there are, of which there is one at least.
pub type Count = Number<1, 0xFFFF_FFFF>;

/// Threads. More of them than this only take memory.
pub type Threads = Number<1, 1024>;

/// How long something may take, in seconds: no more than a day.
pub type Patience = Number<1, 86_400>;

/// For how long something may be kept, in seconds: no more than a year.
pub type Age = Number<0, 31_536_000>;

/// Cells along an edge of a tile, which has as many units.
pub type GridLimit = Number<1, { crate::tile::layer::DEFAULT_EXTENT as u64 }>;

impl<const LEAST: u64, const GREATEST: u64> Number<LEAST, GREATEST> {
    /// The number `value`, if it is one of these.
    pub fn new(value: u64) -> Option<Self> {
        (LEAST..=GREATEST).contains(&value).then_some(Self(value))
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The number as another type; the greatest one of that type if it has no place for it.
    pub(super) fn to<T: TryFrom<u64> + Bounded>(self) -> T {
        T::try_from(self.0).unwrap_or(T::GREATEST)
    }

    fn wrong(what: impl fmt::Display) -> String {
        format!("{what} is no whole number from {LEAST} to {GREATEST}")
    }
}

/// A type that has a greatest number.
pub(super) trait Bounded {
    const GREATEST: Self;
}

impl Bounded for u16 {
    const GREATEST: Self = Self::MAX;
}

impl Bounded for u32 {
    const GREATEST: Self = Self::MAX;
}

impl Bounded for usize {
    const GREATEST: Self = Self::MAX;
}

impl<const LEAST: u64, const GREATEST: u64> FromStr for Number<LEAST, GREATEST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A plus sign, which Rust reads, is nothing that people write before a port.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let value = text.parse().ok().filter(|_| digits);
        value.and_then(Self::new).ok_or_else(|| Self::wrong(format!("{text:?}")))
    }
}

impl<'de, const LEAST: u64, const GREATEST: u64> Deserialize<'de> for Number<LEAST, GREATEST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<const LEAST: u64, const GREATEST: u64>;
        impl<const LEAST: u64, const GREATEST: u64> de::Visitor<'_> for Visitor<LEAST, GREATEST> {
            type Value = Number<LEAST, GREATEST>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from {LEAST} to {GREATEST}")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                let number = u64::try_from(value).ok().and_then(Number::new);
                number.ok_or_else(|| E::custom(Self::Value::wrong(value)))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                Number::new(value).ok_or_else(|| E::custom(Self::Value::wrong(value)))
            }

            // As it may stand in a template that knows only text.
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_numbers_too() {
        for (text, port) in [("0", 0), ("65535", 0xFFFF), ("00080", 80)] {
            assert_eq!(text.parse::<Port>().unwrap().get(), port);
        }
        assert_eq!((Threads::new(0), GridLimit::new(4097)), (None, None));
        assert_eq!((Count::new(1).unwrap().to::<u16>(), GridLimit::new(4096).unwrap().to()), (1, 4096u32));
    }

    #[test]
    fn what_is_none_is_told_what_is() {
        for text in ["", "many", "65536", "-1", "+1", "1.5", "80 ", "8_0", "99999999999999999999", "1e3", "٣"]
        {
            let error = text.parse::<Port>().unwrap_err();
            assert_eq!(error, format!("{text:?} is no whole number from 0 to 65535"));
        }
        for (text, what) in [
            ("a = 70000", "70000 is no whole number from 0 to 65535"),
            ("a = -1", "-1 is no whole number from 0 to 65535"),
            ("a = \"x\"", "\"x\" is no whole number from 0 to 65535"),
            ("a = 1.5", "expected a whole number from 0 to 65535"),
            ("a = true", "expected a whole number from 0 to 65535"),
        ] {
            #[derive(Debug, Deserialize)]
            struct File {
                a: Port,
            }
            let error = toml::from_str::<File>(text).map(|file| file.a).unwrap_err();
            assert!(error.message().contains(what), "{error}");
        }
    }
}
