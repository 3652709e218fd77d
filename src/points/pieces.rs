//! Values that become more, in pieces: nothing moves, and each piece goes back to the system when it is done
//! with.
//!
//! Pieces are maps of memory without a file. What allocators keep for later, in holes that what comes next
//! does not fit, would be half as much again.

use std::marker::PhantomData;
use std::ops::Deref;

use arrow_buffer::ArrowNativeType;
use bytemuck::Pod;
use memmap2::MmapMut;
use rayon::prelude::*;

use crate::array::ScalarBuffer;

/// Values in a piece. Of a piece that is not full, only pages with values take memory.
const PIECE: usize = 1 << 20;

/// Values that one thread gathers at a time.
const SHARE: usize = 1 << 16;

/// Values in pieces, all but the last of the same length.
#[derive(Debug)]
pub(super) struct Pieces<T> {
    pieces: Vec<Piece<T>>,
    len: usize,
}

/// Some values.
#[derive(Debug)]
pub(super) struct Piece<T> {
    map: MmapMut,
    len: usize,
    values: PhantomData<T>,
}

impl<T: Pod + Send + Sync> Pieces<T> {
    pub(super) fn new() -> Self {
        Self { pieces: Vec::new(), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, value: T) {
        self.extend(std::iter::once(value));
    }

    pub(super) fn extend(&mut self, values: impl IntoIterator<Item = T>) {
        let mut values = values.into_iter().peekable();
        while values.peek().is_some() {
            if self.len == self.pieces.len() * PIECE {
                self.pieces.push(Piece::new());
            }
            let piece = self.pieces.last_mut().expect("pushed before");
            let free = &mut bytemuck::cast_slice_mut(&mut piece.map)[piece.len..];
            let mut more = 0;
            // The values first: a place that was taken before there is no value would be lost.
            while let Some(place) = free.get_mut(more) {
                let Some(value) = values.next() else { break };
                *place = value;
                more += 1;
            }
            piece.len += more;
            self.len += more;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = T> {
        self.pieces.iter().flat_map(|piece| piece.iter().copied())
    }

    /// The pieces one after the other; each is given back when it is done with.
    pub(super) fn into_pieces(self) -> impl Iterator<Item = Piece<T>> {
        self.pieces.into_iter()
    }

    #[inline]
    pub(super) fn get(&self, index: u32) -> T {
        self.pieces[index as usize / PIECE][index as usize % PIECE]
    }

    /// The values of `order`, each as `to` makes it.
    pub(super) fn gather<U: ArrowNativeType>(
        self,
        order: &[u32],
        to: impl Fn(T) -> U + Sync,
    ) -> ScalarBuffer<U> {
        let pieces: Vec<&[T]> = self.pieces.iter().map(Deref::deref).collect();
        let mut out = vec![U::default(); order.len()];
        out.par_chunks_mut(SHARE).zip(order.par_chunks(SHARE)).for_each(|(out, order)| {
            out.iter_mut().zip(order).for_each(|(out, &index)| {
                *out = to(pieces[index as usize / PIECE][index as usize % PIECE]);
            });
        });
        out.into()
    }
}

impl<T: Pod> Piece<T> {
    fn new() -> Self {
        // Like an allocation, which ends the process where there is no memory.
        let map = MmapMut::map_anon(PIECE * size_of::<T>()).expect("memory for values");
        Self { map, len: 0, values: PhantomData }
    }
}

impl<T: Pod> Deref for Piece<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &bytemuck::cast_slice(&self.map)[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_their_order() {
        let mut pieces = Pieces::new();
        pieces.extend(0..PIECE as u32 - 1);
        (0..3).for_each(|value| pieces.push(value));
        pieces.extend(std::iter::empty());
        assert_eq!(pieces.len(), PIECE + 2);
        let around: Vec<u32> = (0..4).map(|at| pieces.get(PIECE as u32 - 2 + at)).collect();
        assert_eq!(around, [PIECE as u32 - 2, 0, 1, 2]);
        assert!(pieces.iter().skip(PIECE - 1).eq([0, 1, 2]));
        let last = PIECE as u32 + 1;
        assert_eq!(pieces.gather(&[last, 5, PIECE as u32], u64::from)[..], [2, 5, 1]);
    }

    #[test]
    fn pieces_of_three_numbers_come_back() {
        let mut pieces = Pieces::new();
        pieces.extend((0..100u32).map(|at| [at, at + 1, at + 2]));
        let all: Vec<[u32; 3]> = pieces.into_pieces().flat_map(|piece| piece.to_vec()).collect();
        assert_eq!((all.len(), all[99]), (100, [99, 100, 101]));
    }
}
