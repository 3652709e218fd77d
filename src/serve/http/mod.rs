//! What HTTP has to say about representations: which one a client wants, whether it has it already, and
//! which part of it is asked for. Pure functions over headers.

mod accept;
mod coding;
mod conditional;
mod format;
mod range;

pub(super) use accept::{Wanted, wanted};
pub(super) use coding::{Coding, choose_coding, compress, takes_identity};
pub(super) use conditional::{etag, is_not_modified};
pub(super) use format::Format;
pub(super) use range::{Part, part};
