//! The memory a reader may use. `spec/limits.md` says what must be refused.

use smallvec::SmallVec;

use crate::error::{Error, ErrorKind, Result};

/// How deep an encoding may hold another one (a delta of a run-length of a packed stream …).
pub(crate) const MAX_NESTING: u32 = 6;

/// What a decoder may still allocate, in bytes.
///
/// A few bytes can announce billions of values (a constant stream), so the length of a tile says
/// nothing about the memory it needs. Every allocation of the decode path is charged here before
/// it is made; once the budget is spent, decoding ends with
/// [`ErrorKind::LimitExceeded`].
#[derive(Clone, Debug)]
pub struct Budget {
    left: usize,
    total: usize,
    scratch: (Pool<u32>, Pool<u64>),
}

/// Vectors that were given back.
type Pool<T> = SmallVec<[Vec<T>; 2]>;

/// Integers of which a [`Budget`] keeps vectors that were given back: what a decoder needs for a moment only is
/// allocated once for many streams.
pub(crate) trait Scratch: Sized {
    fn pool(budget: &mut Budget) -> &mut Pool<Self>;
}

impl Scratch for u32 {
    fn pool(budget: &mut Budget) -> &mut Pool<Self> {
        &mut budget.scratch.0
    }
}

impl Scratch for u64 {
    fn pool(budget: &mut Budget) -> &mut Pool<Self> {
        &mut budget.scratch.1
    }
}

impl Budget {
    /// What [`Budget::default`] grants: 512 MiB.
    pub const DEFAULT_BYTES: usize = 512 << 20;

    /// A budget of `bytes`.
    pub fn new(bytes: usize) -> Self {
        Self { left: bytes, total: bytes, scratch: Default::default() }
    }

    /// A budget that allows nothing; every decoder must fail with it, or need no memory.
    pub fn none() -> Self {
        Self::new(0)
    }

    /// What is left, in bytes.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Takes `bytes` off the budget.
    ///
    /// # Errors
    /// [`ErrorKind::LimitExceeded`], naming `what` and `offset`, if less is left.
    pub fn charge(&mut self, bytes: usize, what: &'static str, offset: usize) -> Result<()> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(self.exceeded(bytes, what, offset)),
        }
    }

    /// An empty vector with room for `count` values, charged to the budget.
    pub(crate) fn vec<T>(&mut self, count: usize, what: &'static str, offset: usize) -> Result<Vec<T>> {
        let bytes =
            count.checked_mul(size_of::<T>()).ok_or_else(|| self.exceeded(usize::MAX, what, offset))?;
        self.charge(bytes, what, offset)?;
        Ok(Vec::with_capacity(count))
    }

    /// A vector of `count` zeros (or whatever the type's default is), charged to the budget.
    pub(crate) fn zeroed<T: Default + Clone>(
        &mut self,
        count: usize,
        what: &'static str,
        offset: usize,
    ) -> Result<Vec<T>> {
        let mut vec = self.vec(count, what, offset)?;
        vec.resize(count, T::default());
        Ok(vec)
    }

    /// An empty vector, which may have room.
    pub(crate) fn scratch<T: Scratch>(&mut self) -> Vec<T> {
        T::pool(self).pop().unwrap_or_default()
    }

    /// Takes back what [`Self::scratch`] gave.
    pub(crate) fn give_back<T: Scratch>(&mut self, mut vec: Vec<T>) {
        vec.clear();
        T::pool(self).push(vec);
    }

    #[cold]
    fn exceeded(&self, bytes: usize, what: &'static str, offset: usize) -> Error {
        let Self { left, total, .. } = self;
        Error::new(
            ErrorKind::LimitExceeded,
            offset,
            format!("{what}: needs {bytes} bytes, {left} left of the memory budget of {total}"),
        )
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::DEFAULT_BYTES)
    }
}
