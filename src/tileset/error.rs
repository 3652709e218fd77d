//! What can go wrong with files and whole tilesets, told with its causes.

use std::error::Error as StdError;
use std::fmt;

/// The result of everything in this module that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The cases that a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The output exists, and replacing it was not asked for.
    Exists,
    /// A tile of the input cannot be converted, and skipping such tiles was not asked for.
    BadTile,
    /// Everything else.
    Other,
}

/// An error that names the file or the tile it is about; [`source`](StdError::source) is the cause.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
    resumable: bool,
}

impl Error {
    /// An error without a further cause.
    pub fn new(what: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Other, what: what.into(), source: None, resumable: false }
    }

    /// An error with its cause.
    pub fn because(what: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::new(what) }
    }

    pub(crate) fn of_kind(mut self, kind: ErrorKind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn resumable(mut self) -> Self {
        self.resumable = true;
        self
    }

    /// Whether a conversion that ended with it left something to be gone on with.
    pub fn is_resumable(&self) -> bool {
        self.resumable
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The error and its causes in one line.
    pub(crate) fn line(&self) -> String {
        let mut line = self.what.clone();
        let mut cause = self.source();
        while let Some(error) = cause {
            line += ": ";
            line += &error.to_string();
            cause = error.source();
        }
        line
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Puts an error into the words of the one who asked.
pub(crate) trait Context<T> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::because(what(), source))
    }
}
