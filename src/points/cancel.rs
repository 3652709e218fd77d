//! Ending work that nobody waits for any more.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Ends the making of a tile, from another thread or when its time is up. Clones end together.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    ended: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Cancel {
    /// One that ends when it is told to.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that also ends at `deadline`.
    pub fn with_deadline(deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..Self::default() }
    }

    /// Ends it.
    pub fn cancel(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Whether the work should go on.
    ///
    /// # Errors
    /// Why it should not.
    pub fn check(&self) -> Result<(), TileError> {
        if self.ended.load(Ordering::Relaxed) {
            return Err(TileError::Cancelled);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(TileError::TimedOut),
            _ => Ok(()),
        }
    }
}

/// Why there is no tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TileError {
    /// [`Cancel::cancel`] was called.
    Cancelled,
    /// The deadline was reached.
    TimedOut,
    /// The tile is past a limit of the formats.
    TooLarge(String),
}

impl fmt::Display for TileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => write!(f, "cancelled"),
            Self::TimedOut => write!(f, "the tile took too long"),
            Self::TooLarge(what) => write!(f, "the tile is too large: {what}"),
        }
    }
}

impl std::error::Error for TileError {}
