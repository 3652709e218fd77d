//! Work on many threads that looks from outside like a loop.
//!
//! ```text
//! produce ──items──▶ work (any thread, any order) ──┐
//!    └─────order─────────────────────────────────── ▶ consume (calling thread, in order)
//! ```
//! Every item travels with the sending half of a channel for its result. The receiving halves
//! queue up in the order of production, and as that queue is short, the producer waits when
//! the consumer falls behind: memory does not depend on the number of items.

use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;

/// How many items per thread may be under way.
const AHEAD: usize = 2;

/// Hands every item that `produce` passes to its argument to `work`, on one of `threads` threads,
/// and every result to `consume`, in the order of production.
///
/// # Errors
/// The first error in that order: that of `consume`, or, once all items before it are consumed,
/// that of `produce`. The argument of `produce` breaks when there is no use for more.
pub(crate) fn in_order<T: Send, R: Send, E: Send>(
    threads: usize,
    produce: impl FnOnce(&mut dyn FnMut(T) -> ControlFlow<()>) -> Result<(), E> + Send,
    work: impl Fn(T) -> R + Sync,
    mut consume: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    // Only the order is bounded; the items cannot be more than that.
    let (order, results) = sync_channel::<Receiver<R>>(AHEAD * threads);
    let (items, todo) = channel();
    let todo = Mutex::new(todo);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work_off(&todo, &work));
        }
        let producer = scope.spawn(move || {
            produce(&mut |item| {
                let (done, result) = channel();
                let sent = order.send(result).is_ok() && items.send((item, done)).is_ok();
                if sent { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
        });
        for result in results {
            match result.recv() {
                Ok(result) => consume(result)?,
                // The worker panicked; the scope passes that on when it ends.
                Err(_) => return Ok(()),
            }
        }
        producer.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

fn work_off<T, R>(todo: &Mutex<Receiver<(T, Sender<R>)>>, work: &impl Fn(T) -> R) {
    loop {
        // Never poisoned: nothing panics while it is held.
        let Ok((item, done)) = todo.lock().expect("no panic while waiting").recv() else { return };
        // An error means that nobody waits for the result any more.
        let _ = done.send(work(item));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn numbers(count: usize) -> impl FnOnce(&mut dyn FnMut(usize) -> ControlFlow<()>) -> Result<(), String> {
        move |send| {
            for number in 0..count {
                if send(number).is_break() {
                    break;
                }
            }
            Ok(())
        }
    }

    #[test]
    fn results_come_in_order() {
        for threads in [1, 2, 7] {
            let mut got = Vec::new();
            let uneven = |number: usize| {
                thread::sleep(Duration::from_micros((number * 37 % 11) as u64 * 20));
                number * 2
            };
            in_order(threads, numbers(200), uneven, |result| {
                got.push(result);
                Ok(())
            })
            .unwrap();
            assert_eq!(got, (0..200).map(|number| number * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_producer_waits_for_the_consumer() {
        let produced = AtomicUsize::new(0);
        let mut consumed = 0;
        let count = |number| {
            produced.fetch_add(1, Ordering::SeqCst);
            number
        };
        in_order(2, numbers(300), count, |_| {
            let ahead = produced.load(Ordering::SeqCst) - consumed;
            assert!(ahead <= 2 * AHEAD + 2, "{ahead}");
            consumed += 1;
            Ok(())
        })
        .unwrap();
    }

    #[test]
    fn the_first_error_in_order_wins_and_ends_it() {
        let worked = AtomicUsize::new(0);
        let work = |number: usize| {
            worked.fetch_add(1, Ordering::SeqCst);
            // The later error is there sooner.
            thread::sleep(Duration::from_micros(if number == 5 { 5000 } else { 0 }));
            if number >= 5 { Err(number.to_string()) } else { Ok(()) }
        };
        let result = in_order(4, numbers(1_000_000), work, |result| result);
        assert_eq!(result, Err("5".into()));
        assert!(worked.load(Ordering::SeqCst) < 100);
    }

    #[test]
    fn an_error_of_the_producer_comes_after_what_it_produced() {
        let mut got = 0;
        let produce = |send: &mut dyn FnMut(usize) -> ControlFlow<()>| {
            let _ = numbers(50)(send);
            Err("disk".to_owned())
        };
        let result = in_order(
            3,
            produce,
            |number| number,
            |_| {
                got += 1;
                Ok(())
            },
        );
        assert_eq!((result, got), (Err("disk".into()), 50));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on_and_nothing_hangs() {
        let _ = in_order(2, numbers(1000), |number| assert_ne!(number, 100), Ok);
    }
}
