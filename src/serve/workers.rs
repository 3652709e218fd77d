//! Threads that do what takes the processor long, so that those that talk to clients never wait for it.
//! The queue before them is bounded: what does not fit is refused at once, rather than that everybody
//! waits ever longer. Whoever drops the future of a job takes the job out of the queue, or asks it to stop.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::fault::Fault;
use super::queue::Queue;
use crate::points::Cancel;

type Job = Box<dyn FnOnce() + Send>;

/// The threads and the queue before them.
pub(super) struct Workers {
    queue: Arc<Queue<Job>>,
    /// How many jobs are worked on.
    working: Arc<AtomicUsize>,
    /// How long a job may take once it is begun.
    limit: Duration,
}

/// Takes a job out of the queue, or asks it to stop, when nobody waits for it any more.
struct StopOnDrop {
    queue: Arc<Queue<Job>>,
    number: u64,
    cancel: Cancel,
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.queue.remove(self.number);
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Workers {
    /// Starts `threads`, before which up to `queue` jobs wait.
    ///
    /// # Errors
    /// If the system gives no threads.
    pub(super) fn start(threads: NonZeroUsize, queue: usize, limit: Duration) -> std::io::Result<Self> {
        let workers = Self { queue: Arc::new(Queue::new(queue)), working: Arc::default(), limit };
        for number in 0..threads.get() {
            let queue = Arc::clone(&workers.queue);
            let work = move || std::iter::from_fn(|| queue.pop()).for_each(|job| job());
            thread::Builder::new().name(format!("tiles-{number}")).spawn(work)?;
        }
        Ok(workers)
    }

    /// How many jobs wait, and how many are worked on.
    pub(super) fn load(&self) -> (usize, usize) {
        (self.queue.len(), self.working.load(Relaxed))
    }

    /// Has `job` done, and waits for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Cancel) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let cancel = Cancel::default();
        let stopped = cancel.clone();
        let (begun, begins) = oneshot::channel();
        let (done, result) = oneshot::channel();
        let working = Arc::clone(&self.working);
        let job = Box::new(move || {
            if cancel.check().is_err() {
                return;
            }
            working.fetch_add(1, Relaxed);
            // Nobody may listen any more.
            let _ = begun.send(());
            let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&cancel)));
            working.fetch_sub(1, Relaxed);
            let _ = done.send(made);
        });
        let number = self.queue.push(job).ok_or_else(|| Fault::busy("there are too many tiles to make"))?;
        let stop = StopOnDrop { queue: Arc::clone(&self.queue), number, cancel: stopped };
        let ended = || Fault::busy("the server is being shut down");
        begins.await.map_err(|_| ended())?;
        let made = timeout(self.limit, result).await.map_err(|_| {
            Fault::busy(format!("the tile takes longer than the limit of {} s", self.limit.as_secs_f64()))
        })?;
        drop(stop);
        match made.map_err(|_| ended())? {
            Ok(made) => made,
            Err(panic) => {
                let what = panic.downcast_ref::<String>().map(String::as_str);
                let what = what.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
                Err(Fault::broken(&std::io::Error::other(what.to_owned())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use std::sync::mpsc::channel;

    fn workers(queue: usize, limit: Duration) -> Workers {
        Workers::start(NonZeroUsize::MIN, queue, limit).unwrap()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_job_comes_back_and_a_panic_breaks_nothing() {
        let workers = workers(1, LONG);
        assert_eq!(workers.run(|_| Ok(7)).await.unwrap(), 7);
        let fault = workers.run::<()>(|_| panic!("oh")).await.unwrap_err();
        assert_eq!(fault.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(workers.run(|_| Ok(8)).await.unwrap(), 8);
        assert_eq!(workers.load(), (0, 0));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_and_what_is_dropped_is_not_done() {
        let workers = Arc::new(workers(1, LONG));
        let (go, wait) = channel::<()>();
        type Asked = Box<dyn FnOnce(&Cancel) -> Result<bool, Fault> + Send>;
        let spawn = |job: Asked| {
            let workers = Arc::clone(&workers);
            tokio::spawn(async move { workers.run(job).await })
        };
        let first = spawn(Box::new(move |cancel| {
            let _ = wait.recv();
            Ok(cancel.check().is_err())
        }));
        while workers.load() != (0, 1) {
            tokio::task::yield_now().await;
        }
        let (tell, told) = channel();
        let second = spawn(Box::new(move |_| {
            tell.send(()).unwrap();
            Ok(true)
        }));
        while workers.load() != (1, 1) {
            tokio::task::yield_now().await;
        }
        let refused = workers.run(|_| Ok(())).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        second.abort();
        assert!(second.await.unwrap_err().is_cancelled());
        assert_eq!(workers.load(), (0, 1), "there is room for others");
        drop(go);
        assert_eq!(first.await.unwrap().map_err(drop), Ok(false));
        assert_eq!(workers.run(|_| Ok(9)).await.unwrap(), 9);
        assert!(told.recv().is_err(), "the second job was never done");
    }

    #[tokio::test]
    async fn a_job_that_takes_too_long_is_told_to_stop() {
        let workers = workers(1, Duration::from_millis(20));
        let (tell, told) = channel();
        let fault = workers
            .run::<()>(move |cancel| {
                while cancel.check().is_ok() {
                    thread::yield_now();
                }
                tell.send(()).unwrap();
                Ok(())
            })
            .await
            .unwrap_err();
        assert_eq!(fault.status(), StatusCode::SERVICE_UNAVAILABLE);
        told.recv().unwrap();
    }
}
