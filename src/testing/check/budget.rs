//! The memory a decoder takes.

use crate::error::{Error, ErrorKind, Result};
use crate::limits::Budget;

/// That `decode`, which left `left` of a budget of `granted` bytes, needs all that it took of it.
pub(super) fn exact<T>(granted: usize, left: &Budget, decode: impl Fn(&mut Budget) -> Result<T>) {
    let used = granted - left.left();
    if let Err(error) = decode(&mut Budget::new(used)) {
        panic!("decoded with {used} bytes before: {error}");
    }
    if used > 0 {
        match decode(&mut Budget::new(used - 1)) {
            Ok(_) => panic!("decoded with less than the {used} bytes it takes"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}"),
        }
    }
}

/// That an error says where it is in `bytes`.
pub(super) fn located(error: &Error, bytes: &[u8]) {
    let offset = error.offset().unwrap_or_else(|| panic!("an error without an offset: {error}"));
    assert!(offset <= bytes.len(), "behind the {} bytes there are: {error}", bytes.len());
}
