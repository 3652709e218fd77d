//! A file as memory.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_buffer::Buffer;
use memmap2::Mmap;

/// The bytes of a file, read when they are first looked at.
///
/// Whoever changes or cuts off the file while the buffer is there ends the process, or changes what
/// others see; `covt index` never does, since it writes a new file and then puts it in place of an old
/// one, whose bytes stay as they are for those who have it open.
pub(super) fn map(file: &File) -> io::Result<Buffer> {
    // SAFETY: the map is only read, and only as long as `Mmap` keeps it. That no one else writes to the
    // file meanwhile is what the caller's documentation asks for; no map of a file can do without.
    let map = unsafe { Mmap::map(file)? };
    let len = map.len();
    let Some(start) = NonNull::new(map.as_ptr().cast_mut()) else {
        return Ok(Buffer::from_vec(Vec::<u8>::new()));
    };
    // SAFETY: `start` points to `len` bytes that stay where they are until the map is dropped, which its
    // owner, the buffer, does last. The buffer hands out shared slices only.
    Ok(unsafe { Buffer::from_custom_allocation(start, len, Arc::new(map)) })
}
