//! A bounded queue in front of threads that do nothing else.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::argon::Memory;
use crate::AppError;

/// After how long without work a thread gives its memory back.
const QUIET: Duration = Duration::from_secs(5);
/// The rank of the threads, as in nice(1): about a tenth of the share of the others where all want the core.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// The longest time a caller is asked to stay away, in seconds.
const MOST_RETRY_AFTER_S: u32 = 30;

/// What is waiting, and who works.
pub(super) struct Queue {
    state: Mutex<State>,
    arrival: Condvar,
    capacity: usize,
}

struct State {
    waiting: VecDeque<Box<dyn Task>>,
    workers: usize,
    is_closed: bool,
    /// How long a piece of work takes, as a moving average.
    pace: Duration,
}

trait Task: Send {
    fn is_wanted(&self) -> bool;
    fn run(self: Box<Self>, memory: &mut Memory);
}

struct Pending<T, F> {
    compute: F,
    reply: oneshot::Sender<Outcome<T>>,
    since: Instant,
    deadline: Duration,
}

enum Outcome<T> {
    Done(T),
    TooLate,
}

impl Queue {
    /// Starts `workers` threads with a memory of `blocks` KiB each.
    pub(super) fn start(workers: usize, capacity: usize, blocks: usize) -> Arc<Self> {
        let state = State {
            waiting: VecDeque::new(),
            workers: 0,
            is_closed: false,
            pace: Duration::from_millis(150),
        };
        let queue = Arc::new(Self { state: Mutex::new(state), arrival: Condvar::new(), capacity });
        for number in 1..=workers {
            let theirs = Arc::clone(&queue);
            let work = move || {
                give_way();
                theirs.work(Memory::new(blocks));
            };
            match thread::Builder::new().name(format!("hasher-{number}")).spawn(work) {
                Ok(_) => queue.state().workers += 1,
                Err(error) => tracing::error!(%error, "a thread for passwords could not be started"),
            }
        }
        queue
    }

    /// Waits for a turn and for the work.
    ///
    /// # Errors
    /// [`AppError::Busy`] at once when the queue is full, or when no turn came before the deadline.
    pub(super) async fn submit<T, F>(&self, deadline: Duration, compute: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> T + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.push(Box::new(Pending { compute, reply, since: Instant::now(), deadline }))?;
        match answer.await {
            Ok(Outcome::Done(answer)) => Ok(answer),
            Ok(Outcome::TooLate) => Err(self.refuse(&self.state())),
            // The thread panicked in the middle, or the process is ending.
            Err(_) => Err(AppError::Internal),
        }
    }

    /// Lets the threads end after what they are doing.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        state.waiting.clear();
        self.arrival.notify_all();
    }

    fn push(&self, task: Box<dyn Task>) -> Result<(), AppError> {
        let mut state = self.state();
        if state.waiting.len() >= self.capacity {
            // Who has left makes room for who is there.
            state.waiting.retain(|task| task.is_wanted());
        }
        if state.waiting.len() >= self.capacity || state.workers == 0 {
            return Err(self.refuse(&state));
        }
        state.waiting.push_back(task);
        show_depth(&state);
        self.arrival.notify_one();
        Ok(())
    }

    fn refuse(&self, state: &State) -> AppError {
        metrics::counter!("gatehouse_password_refused_total").increment(1);
        let workers = u32::try_from(state.workers.max(1)).unwrap_or(u32::MAX);
        let ahead = u32::try_from(state.waiting.len().min(self.capacity)).unwrap_or(u32::MAX);
        let wait = state.pace.saturating_mul(ahead) / workers;
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(MOST_RETRY_AFTER_S).saturating_add(1);
        AppError::Busy { retry_after_s: seconds.min(MOST_RETRY_AFTER_S) }
    }

    fn work(&self, mut memory: Memory) {
        while let Some(task) = self.next(&mut memory) {
            let begun = Instant::now();
            let is_wanted = task.is_wanted();
            if catch_unwind(AssertUnwindSafe(|| task.run(&mut memory))).is_err() {
                tracing::error!("a password computation panicked");
                memory.release();
            }
            if is_wanted {
                let mut state = self.state();
                state.pace = (state.pace * 7 + begun.elapsed()) / 8;
            }
        }
    }

    /// The next task, or `None` when the queue is closed. Gives the memory back while there is nothing to do.
    fn next(&self, memory: &mut Memory) -> Option<Box<dyn Task>> {
        let mut state = self.state();
        loop {
            if let Some(task) = state.waiting.pop_front() {
                show_depth(&state);
                return Some(task);
            }
            if state.is_closed {
                return None;
            }
            if memory.is_held() {
                let (next, wait) =
                    self.arrival.wait_timeout(state, QUIET).unwrap_or_else(PoisonError::into_inner);
                state = next;
                if wait.timed_out() && state.waiting.is_empty() {
                    memory.release();
                }
            } else {
                state = self.arrival.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing can panic while the lock is held, so a poisoned state is still a good one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, F> Task for Pending<T, F>
where
    T: Send,
    F: FnOnce(&mut Memory) -> T + Send,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(self: Box<Self>, memory: &mut Memory) {
        let waited = self.since.elapsed();
        metrics::histogram!("gatehouse_password_wait_seconds").record(waited.as_secs_f64());
        if !self.is_wanted() {
            return;
        }
        let Self { compute, reply, deadline, .. } = *self;
        let outcome = if waited > deadline { Outcome::TooLate } else { Outcome::Done(compute(memory)) };
        // A caller who left meanwhile does not need the answer.
        let _ = reply.send(outcome);
    }
}

fn show_depth(state: &State) {
    let depth = u32::try_from(state.waiting.len()).unwrap_or(u32::MAX);
    metrics::gauge!("gatehouse_password_queue_depth").set(f64::from(depth));
}

/// Takes a lower rank for this thread: a hash keeps a core busy for a tenth of a second, and everybody who is in
/// already has work of a millisecond. Where nobody else wants the core it costs nothing.
fn give_way() {
    // On Linux the rank belongs to the thread; elsewhere it would be that of the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "passwords are hashed at the rank of everything else");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Occupies one worker until the sender is dropped.
    async fn occupy(queue: &Arc<Queue>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), AppError>>) {
        let (release, held) = mpsc::channel::<()>();
        let (begun, begins) = oneshot::channel();
        let theirs = Arc::clone(queue);
        let handle = tokio::spawn(async move {
            theirs
                .submit(Duration::from_mins(1), move |_| {
                    let _ = begun.send(());
                    let _ = held.recv();
                })
                .await
        });
        begins.await.expect("begins");
        (release, handle)
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let queue = Queue::start(1, 1, 8);
        let (release, working) = occupy(&queue).await;
        let mut waiting = Box::pin(queue.submit(Duration::from_mins(1), |_| 1));
        assert!(futures::poll!(&mut waiting).is_pending());
        let begun = Instant::now();
        let refused = queue.submit(Duration::from_mins(1), |_| 2).await;
        assert!(matches!(refused, Err(AppError::Busy { retry_after_s: 1.. })), "{refused:?}");
        assert!(begun.elapsed() < Duration::from_millis(100));
        drop(release);
        assert_eq!(waiting.await, Ok(1));
        assert_eq!(working.await.expect("runs"), Ok(()));
    }

    #[tokio::test]
    async fn nobody_works_for_a_caller_who_has_left() {
        let queue = Queue::start(1, 1, 8);
        let (release, working) = occupy(&queue).await;
        let (sender, receiver) = mpsc::channel();
        let mut left = Box::pin(queue.submit(Duration::from_mins(1), move |_| sender.send(())));
        assert!(futures::poll!(&mut left).is_pending());
        drop(left);
        // The place of the one who left is free again, although the queue was full.
        let mut stays = Box::pin(queue.submit(Duration::from_mins(1), |_| 3));
        assert!(futures::poll!(&mut stays).is_pending());
        drop(release);
        assert_eq!(stays.await, Ok(3));
        assert!(receiver.recv().is_err());
        assert_eq!(working.await.expect("runs"), Ok(()));
    }

    #[tokio::test]
    async fn a_turn_that_comes_too_late_is_not_taken() {
        let queue = Queue::start(1, 4, 8);
        let (release, working) = occupy(&queue).await;
        let mut late = Box::pin(queue.submit(Duration::ZERO, |_| 4));
        assert!(futures::poll!(&mut late).is_pending());
        drop(release);
        assert!(matches!(late.await, Err(AppError::Busy { .. })));
        assert_eq!(working.await.expect("runs"), Ok(()));
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer_and_no_worker() {
        let queue = Queue::start(1, 4, 8);
        let broken = queue.submit(Duration::from_mins(1), |_| panic!("on purpose")).await;
        assert_eq!(broken, Err::<(), _>(AppError::Internal));
        assert_eq!(queue.submit(Duration::from_mins(1), |_| 5).await, Ok(5));
    }
}
