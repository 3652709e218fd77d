//! Copies of earlier vertices, most of which are short.

/// How many vertices are copied at once, where there is room: most copies are shorter, and what
/// they write too much is overwritten.
pub(super) const STRIDE: usize = 8;

/// Copies `len` vertices from `from` on, all of them before `place`, to `place` and on.
#[inline(always)]
pub(super) fn copy_forward(out: &mut [[i32; 2]], from: usize, place: usize, len: usize) {
    if len <= STRIDE
        && let Some(&some) = out[from..].first_chunk::<STRIDE>()
        && let Some(room) = out[place..].first_chunk_mut::<STRIDE>()
    {
        *room = some;
    } else {
        out.copy_within(from..from + len, place);
    }
}

/// `vertices`, each moved by `by`.
#[inline(always)]
pub(super) fn move_by(vertices: &[[i32; 2]; STRIDE], by: [i32; 2]) -> [[i32; 2]; STRIDE] {
    // As plain coordinates, which compilers know to take four at a time.
    let coordinates: [i32; 2 * STRIDE] = bytemuck::cast(*vertices);
    let by: [i32; 2 * STRIDE] = std::array::from_fn(|place| by[place % 2]);
    let moved: [i32; 2 * STRIDE] = std::array::from_fn(|place| coordinates[place].wrapping_add(by[place]));
    bytemuck::cast(moved)
}
