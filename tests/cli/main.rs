//! The command as users meet it: the real binary, on good input and on all kinds of bad.
#![cfg(feature = "cli")]

mod bad_input;
mod bad_output;
mod convert;
mod demo;
mod inspect;
mod single;
mod support;
