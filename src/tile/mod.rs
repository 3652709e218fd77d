//! Tiles: what a tile holds in memory, how it is read and how it is written, and what its bytes mean.

pub(crate) mod builder;
mod column_entry;
pub(crate) mod describe;
pub(crate) mod directory;
mod drafts;
pub(crate) mod flat;
pub(crate) mod grid;
pub(crate) mod layer;
mod layout;
pub(crate) mod links;
pub(crate) mod measures;
pub(crate) mod options;
pub(crate) mod order;
mod out;
mod paths;
pub(crate) mod plan;
pub(crate) mod project;
pub(crate) mod projection;
pub(crate) mod read;
pub(crate) mod statistics;
pub(crate) mod why;
pub(crate) mod write;
