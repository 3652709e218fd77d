//! The one error type: what was being read, where, and what is wrong with it.

use std::borrow::Cow;
use std::fmt;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The few ways in which bytes or values can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes end before the value does.
    Truncated,
    /// A varint is longer than its type allows, or bytes are left over after the last value.
    Overlong,
    /// An id that this version of the format does not define.
    UnknownId,
    /// An id that the format keeps for a feature this version does not have.
    Reserved,
    /// A count or size exceeds a limit or the memory budget.
    LimitExceeded,
    /// Two parts of the input contradict each other, or a value is outside its domain.
    Inconsistent,
    /// What the caller asked for or handed in cannot be done.
    InvalidInput,
}

/// An error with its kind, the byte offset it was found at, and what was being read there.
///
/// Offsets count from the first byte of the tile. Where a stream was decompressed first, the
/// offset is that of the compressed stream.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    offset: Option<usize>,
    what: Cow<'static, str>,
    context: Vec<String>,
}

impl Error {
    /// An error found at byte `offset` while reading or checking `what`.
    #[cold]
    pub fn new(kind: ErrorKind, offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, offset: Some(offset), what: what.into(), context: Vec::new() }))
    }

    /// An error in what the caller handed in, which has no byte offset.
    #[cold]
    pub fn input(what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind: ErrorKind::InvalidInput,
            offset: None,
            what: what.into(),
            context: Vec::new(),
        }))
    }

    #[cold]
    pub(crate) fn inconsistent(offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Inconsistent, offset, what)
    }

    #[cold]
    pub(crate) fn truncated(offset: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Truncated, offset, what)
    }

    #[cold]
    pub(crate) fn unknown_id(offset: usize, what: &str, id: u64) -> Self {
        Self::new(ErrorKind::UnknownId, offset, format!("{what}: unknown id {id}"))
    }

    /// Names the part of the tile the error lies in; the outermost name is added last.
    #[must_use]
    #[cold]
    pub fn within(mut self, context: impl Into<String>) -> Self {
        self.0.context.push(context.into());
        self
    }

    /// What kind of fault it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where it is, in bytes from the start of the tile; none if the fault lies in the caller's
    /// own values.
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// What was being read or checked.
    pub fn what(&self) -> &str {
        &self.0.what
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for context in self.0.context.iter().rev() {
            write!(f, "{context}: ")?;
        }
        write!(f, "{}", self.0.what)?;
        match self.0.offset {
            Some(offset) => write!(f, " (at offset {offset})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}
