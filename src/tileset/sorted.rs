//! Numbers sorted in bounded memory: what does not fit goes to a temporary file in sorted runs,
//! which are merged when they are read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// How many numbers are held in memory: 16 MiB of them.
const HELD: usize = 2 << 20;

/// Takes numbers in any order.
pub(crate) struct Sorter {
    held: Vec<u64>,
    limit: usize,
    runs: Vec<File>,
    count: u64,
}

impl Sorter {
    pub(crate) fn new() -> Self {
        Self::holding(HELD)
    }

    fn holding(limit: usize) -> Self {
        Self { held: Vec::new(), limit, runs: Vec::new(), count: 0 }
    }

    pub(crate) fn push(&mut self, number: u64) -> io::Result<()> {
        if self.held.len() == self.limit {
            self.write_run()?;
        }
        self.held.push(number);
        self.count += 1;
        Ok(())
    }

    /// How many numbers there are.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let mut out = BufWriter::new(tempfile::tempfile()?);
        for number in self.held.drain(..) {
            out.write_all(&number.to_le_bytes())?;
        }
        let mut file = out.into_inner()?;
        file.rewind()?;
        self.runs.push(file);
        Ok(())
    }

    /// The numbers in ascending order; what was pushed twice comes twice.
    pub(crate) fn finish(mut self) -> io::Result<Sorted> {
        self.held.sort_unstable();
        let mut sorted = Sorted { held: self.held.into_iter(), runs: Vec::new(), heads: BinaryHeap::new() };
        for file in self.runs {
            sorted.runs.push(BufReader::new(file));
            sorted.refill(sorted.runs.len() - 1)?;
        }
        if let Some(number) = sorted.held.next() {
            sorted.heads.push(Reverse((number, sorted.runs.len())));
        }
        Ok(sorted)
    }
}

/// Numbers in ascending order.
pub(crate) struct Sorted {
    /// The last run, which did not have to leave memory.
    held: std::vec::IntoIter<u64>,
    runs: Vec<BufReader<File>>,
    /// The least number of each run that is not at its end, and which run that is.
    heads: BinaryHeap<Reverse<(u64, usize)>>,
}

impl Sorted {
    fn refill(&mut self, run: usize) -> io::Result<()> {
        let next = match self.runs.get_mut(run) {
            None => self.held.next(),
            Some(file) => {
                let mut bytes = [0; 8];
                match file.read_exact(&mut bytes) {
                    Ok(()) => Some(u64::from_le_bytes(bytes)),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
                    Err(error) => return Err(error),
                }
            }
        };
        self.heads.extend(next.map(|number| Reverse((number, run))));
        Ok(())
    }
}

impl Iterator for Sorted {
    type Item = io::Result<u64>;

    fn next(&mut self) -> Option<io::Result<u64>> {
        let Reverse((number, run)) = self.heads.pop()?;
        Some(self.refill(run).map(|()| number))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_if_sorted_in_memory(numbers in prop::collection::vec(0..1000u64, 0..200), limit in 1..50usize) {
            let mut sorter = Sorter::holding(limit);
            for &number in &numbers {
                sorter.push(number).unwrap();
            }
            prop_assert_eq!(sorter.count(), numbers.len() as u64);
            let sorted: Vec<u64> = sorter.finish().unwrap().map(Result::unwrap).collect();
            let mut expected = numbers;
            expected.sort_unstable();
            prop_assert_eq!(sorted, expected);
        }
    }
}
