//! What waits for workers, in order, and can be taken back.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A bounded queue of jobs.
pub(super) struct Queue<T> {
    /// How many may wait.
    room: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    /// By number, in the order in which they came.
    waiting: BTreeMap<u64, T>,
    next: u64,
    is_closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new(room: usize) -> Self {
        let state = State { waiting: BTreeMap::new(), next: 0, is_closed: false };
        Self { room, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    /// Adds a job at the end, and gives its number; none if there is no room.
    pub(super) fn push(&self, job: T) -> Option<u64> {
        let mut state = self.state();
        if state.waiting.len() >= self.room {
            return None;
        }
        let number = state.next;
        state.next += 1;
        state.waiting.insert(number, job);
        self.changed.notify_one();
        Some(number)
    }

    /// Takes job `number` back, if it still waits.
    pub(super) fn remove(&self, number: u64) -> Option<T> {
        self.state().waiting.remove(&number)
    }

    /// The job that has waited longest, once there is one; none if there will be no more.
    pub(super) fn pop(&self) -> Option<T> {
        let none = |state: &mut State<T>| state.waiting.is_empty() && !state.is_closed;
        let mut state = self.changed.wait_while(self.state(), none).unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_first().map(|(_, job)| job)
    }

    /// No more jobs will come.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_wait_in_order_and_can_be_taken_back() {
        let queue = Queue::new(3);
        assert_eq!(["a", "b", "c", "d"].map(|job| queue.push(job)), [Some(0), Some(1), Some(2), None]);
        assert_eq!((queue.remove(1), queue.remove(1), queue.len()), (Some("b"), None, 2));
        assert_eq!(queue.push("e"), Some(3));
        assert_eq!([queue.pop(), queue.pop()], [Some("a"), Some("c")]);
        queue.close();
        assert_eq!([queue.pop(), queue.pop(), queue.remove(0)], [Some("e"), None, None]);
    }

    #[test]
    fn who_pops_waits() {
        let queue = Queue::new(1);
        std::thread::scope(|scope| {
            let popped = scope.spawn(|| [queue.pop(), queue.pop()]);
            while queue.push(7).is_none() {}
            queue.close();
            assert_eq!(popped.join().unwrap(), [Some(7), None]);
        });
    }
}
