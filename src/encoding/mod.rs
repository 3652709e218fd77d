//! Encodings: pure twin functions between slices of values and bytes, one file each. None of them
//! writes how many values there are; the stream that holds the payload does.

pub(crate) mod block;
pub(crate) mod byte_rle;
pub(crate) mod decimal;
pub(crate) mod delta;
pub(crate) mod dictionary;
pub(crate) mod divided;
pub(crate) mod entropy;
pub(crate) mod fresh;
pub(crate) mod fsst;
pub(crate) mod int;
pub(crate) mod packed;
pub(crate) mod patched;
pub(crate) mod rans;
pub(crate) mod records;
pub(crate) mod rle;
pub(crate) mod varints;
pub(crate) mod windows;
